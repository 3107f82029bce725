import type { Severity } from '../../findings/report.ts';
import type { KeptLogins } from '../../hosts/kept-logins.ts';
import { fixOptions } from './fix-options.ts';
import type { FixOptions } from './fix-options.ts';
import type { OptionSpec, ParsedOption } from './getopt.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Output } from './outputs.ts';
import { shownWord } from './shown-word.ts';
import { UsageError } from '../usage-error.ts';

/** Of what is not a report. */
export type Format = 'stylish' | 'json';
export type ColorChoice = 'auto' | 'always' | 'never';

/** What every examination takes. */
export interface ReportingOptions {
  /** A connection string, which may hold a password: for `resolveConnection` alone, never for a message. */
  readonly admin: string | undefined;
  readonly outputs: readonly Output[];
  readonly failOn: Severity;
  readonly acceptUnexamined: readonly string[];
  readonly timeoutMs: number;
  readonly color: ColorChoice;
  /** The report for people shows everything. */
  readonly full: boolean;
}

/** What every command with words of its own takes. */
export interface CommonOptions extends ReportingOptions, FixOptions {
  readonly help: boolean;
  readonly version: boolean;
  /** collect and bundle: the file that is written. */
  readonly factsFile: string | undefined;
  readonly redact: boolean;
  readonly redactMap: string | undefined;
  /** Files of --rules. */
  readonly rules: readonly string[];
  /** Logins over ssh that outlive this look, where there are further ones. */
  readonly logins?: KeptLogins | undefined;
  /** How long before it began this look takes over what others saw of this machine. */
  readonly sharedMs?: number | undefined;
}

/** Of a session that an option names. */
export interface SessionLimits extends Pick<CommonOptions, 'timeoutMs' | 'logins'> {
  readonly signal: AbortSignal;
}

/** The options of standbylint itself, beside those of the program whose command line is linted. */
export interface OwnOptions extends CommonOptions {
  /** clone: start the server afterwards. */
  readonly start: boolean;
  /** clone --start: what pg_ctl passes on to the server (`pg_ctl -o`). */
  readonly serverOptions: string | undefined;
  /** preflight: the primary reads all that would be copied, and throws it away. */
  readonly rehearse: boolean;
}

export interface OwnOption extends OptionSpec {
  readonly help: string;
}

/** In a table of its own: pg_basebackup has an option of that name, and the value tells which one is meant. */
export const targetOption: OwnOption = {
  long: 'target',
  value: 'NAME',
  help: 'a target of the configuration: its options are added to these',
};

/** Typed, and never found: such a file is run. */
export const rulesOption: OwnOption = {
  long: 'rules',
  value: 'FILE',
  help: 'also check the rules of your own in this file, which is run as code; may be repeated',
};

const looking = {
  admin: {
    long: 'admin',
    value: 'CONNINFO',
    help: 'a connection to inspect the primary (superuser, or pg_monitor); also docker:NAME, ssh:HOST, kubectl:NAMESPACE/POD',
  },
  timeout: { long: 'timeout', value: 'SECONDS', help: 'the longest wait for each external check (default 5)' },
} as const;

const asking: readonly OwnOption[] = [
  { long: 'help', short: '?', help: 'show this help, then exit' },
  { long: 'version', short: 'V', help: 'show the version of standbylint, then exit' },
];

const configOption: OwnOption = {
  long: 'config',
  value: 'FILE',
  help: 'the configuration (default: standbylint.config.json here or in a parent directory)',
};

/** Of `collect` and `bundle`, which look and do not judge. */
const recordingOptions: readonly OwnOption[] = [
  { long: 'redact', help: 'replace names of hosts, roles, databases and slots, addresses and paths by tokens' },
  { long: 'redact-map', value: 'FILE', help: 'with --redact: the file that says what each token stands for' },
  configOption,
  looking.admin,
  looking.timeout,
  ...asking,
];

/** The commands that write what they see instead of judging it. */
export type RecordingCommand = 'collect' | 'bundle';

export const recording: Readonly<Record<RecordingCommand, readonly OwnOption[]>> = {
  collect: [
    {
      long: 'output',
      short: 'o',
      value: 'FACTS',
      help: 'the file that the facts are written to, or - for standard output (required)',
    },
    ...recordingOptions,
  ],
  bundle: [
    { long: 'output', short: 'o', value: 'BUNDLE', help: 'the file that is written: .tar.gz (required)' },
    { long: 'yes', help: 'write it without asking' },
    ...recordingOptions,
  ],
};

export const reporting: readonly OwnOption[] = [
  configOption,
  looking.admin,
  {
    long: 'fail-on',
    value: 'error|warning|info',
    help: 'the lowest severity that gives exit status 1 (default error)',
  },
  {
    long: 'accept-unexamined',
    value: 'RULE,...',
    help: 'rules that may remain unchecked without exit status 3; needs-admin: all that only --admin can show',
  },
  { long: 'full', help: 'show every finding, all evidence and all passed checks' },
  looking.timeout,
  { long: 'color', value: 'auto|always|never', help: 'use color (default auto)' },
  ...asking,
];

const cloning: readonly OwnOption[] = [
  { long: 'start', help: 'then start the server and wait until it streams' },
  { long: 'server-options', value: 'OPTIONS', help: 'with --start: options for the server, as for pg_ctl -o' },
  { long: 'dry-run', help: 'print the commands that would run, and run none' },
];

const rehearsing: OwnOption = {
  long: 'rehearse',
  help: 'let the primary read all its files once and discard them (15 and later)',
};

/** `--format` is missing here: pg_basebackup has an option of that name, and the value tells which one is meant. */
export const ownOptions = (command: BaseBackupCallOf): readonly OwnOption[] =>
  command === 'collect' || command === 'bundle'
    ? recording[command]
    : [...(command === 'clone' ? cloning : [rulesOption, ...fixOptions, rehearsing]), ...reporting];

/** The commands that take a pg_basebackup command line. */
export type BaseBackupCallOf = 'preflight' | 'clone' | RecordingCommand;

/** Reads our own options; `outputs` are those of each `--format` that was found to be ours. Throws a {@link UsageError}. */
export function readOwnOptions(options: readonly ParsedOption<OptionSpec>[], outputs: readonly Output[]): OwnOptions {
  return {
    ...readCommonOptions(options, outputs),
    start: options.some(({ spec }) => spec.long === 'start'),
    serverOptions: lastOf(options, 'server-options'),
    rehearse: options.some(({ spec }) => spec.long === 'rehearse'),
  };
}

/** The options that all of these commands share. Throws a {@link UsageError}. */
export function readCommonOptions(
  options: readonly ParsedOption<OptionSpec>[],
  outputs: readonly Output[],
): CommonOptions {
  const last = (long: string): string | undefined => lastOf(options, long);
  const given = (long: string): boolean => options.some(({ spec }) => spec.long === long);
  return {
    help: given('help'),
    version: given('version'),
    factsFile: last('output'),
    redact: given('redact'),
    redactMap: last('redact-map'),
    rules: options.flatMap(({ spec, value }) => (spec.long === 'rules' && value !== undefined ? [value] : [])),
    admin: last('admin'),
    outputs,
    failOn: failOnChoice(last('fail-on') ?? 'error'),
    acceptUnexamined: options
      .filter(({ spec }) => spec.long === 'accept-unexamined')
      .flatMap(({ value }) => ruleIds(value ?? '')),
    timeoutMs: milliseconds(last('timeout') ?? '5'),
    color: colorChoice(last('color') ?? 'auto'),
    full: given('full'),
    dryRun: given('dry-run'),
    fix: given('fix'),
    yes: given('yes'),
    disruptive: given('disruptive'),
    fixJournal: last('fix-journal'),
  };
}

/** The value of an option, the last one where it is given several times. */
export const lastOf = (options: readonly ParsedOption<OptionSpec>[], long: string): string | undefined =>
  options.findLast(({ spec }) => spec.long === long)?.value;

/** What a value stands for; throws a {@link UsageError} for one that says nothing. */
export const failOnChoice = (text: string): Severity => oneOf('fail-on', text, ['error', 'warning', 'info']);
export const formatChoice = (text: string): Format => oneOf('format', text, ['stylish', 'json']);
export const colorChoice = (text: string): ColorChoice => oneOf('color', text, ['auto', 'always', 'never']);

/** One of the words that an option takes; anything else is a {@link UsageError} that names them. */
function oneOf<const Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  throw new UsageError(
    `--${option} takes ${listed(words)}, not "${shownWord(value)}".`,
    didYouMean(value, words) ?? `For example: --${option} ${words[0] ?? ''}`,
  );
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;

const longestWaitSeconds = 3600;

export const ruleIds = (text: string): readonly string[] =>
  text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');

/** --timeout */
export function milliseconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (seconds > 0 && seconds <= longestWaitSeconds) return Math.ceil(seconds * 1000);
  throw new UsageError(
    `--timeout takes seconds, more than 0 and at most ${longestWaitSeconds}, not "${shownWord(text)}".`,
    'For example: --timeout 10',
  );
}

/** --log-bytes: a number, with a unit of PostgreSQL's if there is one (`64MB`), or `all`. */
export function logBytes(text: string): number | 'all' {
  if (text === 'all') return 'all';
  const [, number, unit = 'B'] = /^(\d{1,12})\s*(B|kB|MB|GB)?$/u.exec(text) ?? [];
  const bytes = Number(number) * 1024 ** ['B', 'kB', 'MB', 'GB'].indexOf(unit);
  if (bytes > 0) return bytes;
  throw new UsageError(
    `--log-bytes takes a number of bytes, with the unit kB, MB or GB, or all, not "${text}".`,
    'For example: --log-bytes 64MB',
  );
}
