import type { Policy } from '../../findings/policy.ts';
import type { AnyRule } from '../../rules/rule.ts';
import { fixOptions } from './fix-options.ts';
import { lastOf, logBytes, readCommonOptions, recording, reporting, rulesOption, targetOption } from './own-options.ts';
import type { CommonOptions, OwnOption, RecordingCommand } from './own-options.ts';
import { outputOption, readOutputs } from './outputs.ts';
import { ownWords } from './own-words.ts';
import { expectNoOperand, shownWord } from './shown-word.ts';
import { UsageError } from '../usage-error.ts';

export interface PostmortemOptions extends CommonOptions {
  /** -D; undefined: PGDATA, as for pg_ctl. */
  readonly pgdata: string | undefined;
  /** A connection string, which may hold a password: for `resolveConnection` alone, never for a message. */
  readonly standby: string | undefined;
  readonly log: readonly string[];
  readonly logBytes: number | 'all';
  /** --watch: from the beginning of a look to that of the next one. */
  readonly watchMs?: number | undefined;
  /** What the configuration says of judging. */
  readonly policy?: Policy | undefined;
  /** Rules of one's own. */
  readonly ownRules?: readonly AnyRule[];
}

const lookingAtStandby: readonly OwnOption[] = [
  {
    long: 'pgdata',
    short: 'D',
    value: 'DIRECTORY',
    help: "the standby's data directory, or that of its configuration (default PGDATA); also docker:NAME[:DIR], compose:SERVICE[:DIR], ssh:[USER@]HOST[:DIR], ssh+sudo:…, kubectl:NAMESPACE/POD[:DIR]",
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
    help: 'logs of the standby; .gz too, - for standard input (default: found automatically)',
  },
  { long: 'log-bytes', value: 'BYTES', help: 'how much to read from the end of its logs, or all (default 64MB)' },
];

export const postmortemOptions: readonly OwnOption[] = [
  ...lookingAtStandby,
  { long: 'watch', value: 'SECONDS', help: 'look again at this interval, and report what changed, until Ctrl-C' },
  outputOption,
  targetOption,
  rulesOption,
  ...fixOptions,
  ...reporting,
];

/** Of `collect postmortem` and `bundle postmortem`. */
export const recordedPostmortemOptions = (command: RecordingCommand): readonly OwnOption[] => [
  ...lookingAtStandby,
  targetOption,
  ...recording[command],
];

/** Reads what stands behind `standbylint postmortem`. Throws a {@link UsageError}. */
export function readPostmortemOptions(words: readonly string[], specs = postmortemOptions): PostmortemOptions {
  const { options, operands } = ownWords(words, specs);
  expectNoOperand('postmortem', operands, 'Give the data directory as -D DIRECTORY and logs as --log GLOB.');
  return {
    ...readCommonOptions(
      options,
      readOutputs(options.flatMap(({ spec, value }) => (spec.long === 'format' && value !== undefined ? [value] : []))),
    ),
    pgdata: lastOf(options, 'pgdata'),
    standby: lastOf(options, 'standby'),
    log: options.flatMap(({ spec, value }) => (spec.long === 'log' && value !== undefined ? [value] : [])),
    watchMs: watchMs(lastOf(options, 'watch')),
    logBytes: logBytes(lastOf(options, 'log-bytes') ?? '64MB'),
  };
}

const longestInterval = 86_400;

/** An interval between looks, from 1 second to a day. Throws a {@link UsageError}. */
export function intervalMs(text: string, option: string): number {
  const seconds = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= longestInterval) return Math.ceil(seconds * 1000);
  throw new UsageError(
    `--${option} takes seconds, from 1 to ${longestInterval}, not "${shownWord(text)}".`,
    `For example: --${option} 10`,
  );
}

const watchMs = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : intervalMs(text, 'watch');
