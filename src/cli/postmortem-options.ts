import { fixOptions } from './fix-options.ts';
import { parseWords } from './getopt.ts';
import { formatChoice, lastOf, logBytes, readCommonOptions, reporting } from './own-options.ts';
import type { CommonOptions, OwnOption } from './own-options.ts';
import { shownWord } from './shown-word.ts';
import { UsageError } from './usage-error.ts';

export interface PostmortemOptions extends CommonOptions {
  /** -D; undefined: PGDATA, as for pg_ctl. */
  readonly pgdata: string | undefined;
  /** A connection string, which may hold a password: for `resolveConnection` alone, never for a message. */
  readonly standby: string | undefined;
  readonly log: readonly string[];
  readonly logBytes: number | 'all';
}

export const postmortemOptions: readonly OwnOption[] = [
  {
    long: 'pgdata',
    short: 'D',
    value: 'DIRECTORY',
    help: "the standby's data directory, or that of its configuration (default PGDATA); also docker:NAME[:DIR], compose:SERVICE[:DIR], ssh:[USER@]HOST[:DIR]",
  },
  {
    long: 'standby',
    value: 'CONNINFO',
    help: 'a connection to its server while it runs (default: over its own socket)',
  },
  {
    long: 'log',
    value: 'GLOB...',
    takesMore: true,
    help: 'logs of the standby; .gz too, - for standard input (default: found by itself)',
  },
  { long: 'log-bytes', value: 'BYTES', help: 'how much of its logs is read, from their end; or all (default 64MB)' },
  { long: 'format', value: 'stylish|json', help: 'the report for people (default), or one JSON object' },
  ...fixOptions,
  ...reporting,
];

/** Reads what stands behind `standbylint postmortem`. Throws a {@link UsageError}. */
export function readPostmortemOptions(words: readonly string[]): PostmortemOptions {
  const { options, operands } = parseWords(words, postmortemOptions);
  const [operand] = operands;
  if (operand !== undefined)
    throw new UsageError(
      `postmortem takes options only, and "${shownWord(operand)}" is none.`,
      'The data directory is given as -D DIRECTORY, logs as --log GLOB.',
    );
  return {
    ...readCommonOptions(options, formatChoice(lastOf(options, 'format') ?? 'stylish')),
    pgdata: lastOf(options, 'pgdata'),
    standby: lastOf(options, 'standby'),
    log: options.flatMap(({ spec, value }) => (spec.long === 'log' && value !== undefined ? [value] : [])),
    logBytes: logBytes(lastOf(options, 'log-bytes') ?? '64MB'),
  };
}
