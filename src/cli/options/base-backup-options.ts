import { posix } from 'node:path';

import type { BaseBackupCommand, Compression, TablespaceMapping } from '../../facts/base-backup.ts';
import type { Policy } from '../../findings/policy.ts';
import { baseBackupOptions } from '../../postgres/basebackup-options.ts';
import type { BaseBackupOptionName } from '../../postgres/basebackup-options.ts';
import { formatConninfo } from '../../postgres/conninfo-format.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { secret } from '../../postgres/secret.ts';
import type { Secret } from '../../postgres/secret.ts';
import { parseTablespaceMapping } from '../../postgres/tablespace-mapping.ts';
import { shellWord } from '../../remedies/quoting.ts';
import type { AnyRule } from '../../rules/rule.ts';
import { didYouMean, nearest } from './did-you-mean.ts';
import { parseWords } from './getopt.ts';
import type { OptionSpec, ParsedOption } from './getopt.ts';
import { formatNames } from '../../report/formats.ts';
import { outputOf, readOutputs } from './outputs.ts';
import { ownOptions, readOwnOptions } from './own-options.ts';
import type { BaseBackupCallOf, OwnOptions } from './own-options.ts';
import { longDash, shownWord } from './shown-word.ts';
import { parseMaxRate } from './base-backup-values.ts';
import { UsageError } from '../usage-error.ts';
import { refuseWordsBefore } from './words-before.ts';

/** What stands after `standbylint preflight` or `standbylint clone`. */
export interface BaseBackupCall {
  readonly command: BaseBackupCommand;
  /** The text of `-d` with what is secret in it: for the login alone. */
  readonly connectionString: Secret | undefined;
  readonly own: OwnOptions;
  /** What the configuration says of judging. */
  readonly policy?: Policy | undefined;
  /** Rules of one's own. */
  readonly ownRules?: readonly AnyRule[];
}

/**
 * Reads the options of pg_basebackup 13 to 18 and our own between them. A `pg_basebackup`, with or without its path,
 * is stepped over where it is the first operand, so that a whole command line can be linted as it stands, behind our own
 * options too. What pg_basebackup refuses because
 * options contradict each other is left for the rules to report; a word that it would not understand at all throws a
 * {@link UsageError}. Undefined when only help or the version is asked for.
 */
export function readBaseBackupCall(
  command: BaseBackupCallOf,
  words: readonly string[],
  policy?: Policy,
): BaseBackupCall | { readonly own: OwnOptions; readonly command: undefined } {
  refuseWordsBefore(command === 'collect' || command === 'bundle' ? `${command} preflight` : command, words);
  const { options, operands } = parseWords<OptionSpec>(words, baseBackupOptions, ownOptions(command));
  const [first] = operands;
  const named = first !== undefined && /^pg_basebackup(\.exe)?$/u.test(posix.basename(first)) ? first : undefined;
  const theirs = options.filter((option) => isTheirs(option));
  checkEqualsSigns(theirs);
  const own = readOwnOptions(options, readOutputs(options.flatMap(ourFormat)));
  if (own.help || own.version) return { own, command: undefined };
  const [operand] = named === undefined ? operands : operands.slice(1);
  if (operand !== undefined) {
    // psql's -W takes no value either, and people give it one
    if (options.some(({ spec }) => spec.long === 'password'))
      throw new UsageError(
        'pg_basebackup takes only options, but "***" is not an option. -W takes no value: it asks for the password.',
        'Leave the word behind -W out. The password file, or PGPASSWORD, answers without a question.',
      );
    throw new UsageError(
      `pg_basebackup takes only options, but "${shownWord(operand)}" is not an option.`,
      operandHint(operand, theirs, named === undefined && operand === words[0]),
    );
  }
  const kept = options.filter((option) => !isTheirs(option)).flatMap(keptWords);
  return { ...readBaseBackup(theirs, named?.includes('/') === true ? named : undefined, kept), own, policy };
}

/** What was probably meant by a word that stands where pg_basebackup takes none. */
function operandHint(operand: string, options: readonly ParsedOption<OptionSpec>[], isFirst: boolean): string {
  const dash = longDash(operand);
  if (dash !== undefined) return dash;
  if (isFirst && nearest(operand, ['pg_basebackup']) !== undefined) return 'Did you mean pg_basebackup?';
  // clients of MySQL take the port as -P
  if (/^\d+$/u.test(operand) && options.some(({ written }) => written[0] === '-P'))
    return `-P is --progress, which takes no value. The port is -p ${operand}.`;
  return 'Give the target directory as -D DIRECTORY and the server as -h HOST.';
}

/** The words of an option of ours that a printed command line keeps; a connection string with its secrets masked. */
function keptWords({ spec, value, written }: ParsedOption<OptionSpec>): readonly string[] {
  if (spec.long !== 'admin') return kept.has(spec.long) ? written : [];
  const parsed = parseConninfo(value ?? '');
  if (!parsed.ok) return [];
  const masked = formatConninfo(parsed.value.values);
  const plain = formatConninfo(parsed.value.values, { secrets: 'left-out' });
  return ['--admin', masked === plain ? (value ?? '') : masked];
}

const kept: ReadonlySet<string> = new Set(['config', 'rules', 'fail-on', 'accept-unexamined', 'timeout']);

const theirNames: ReadonlySet<string> = new Set(baseBackupOptions.map(({ long }) => long));
const isTheirs = (option: ParsedOption<OptionSpec>): boolean =>
  theirNames.has(option.spec.long) && ourFormat(option).length === 0;

/** pg_basebackup's --format takes p, plain, t and tar: any of our own formats is ours. */
const ourFormat = ({ spec, value = '', written }: ParsedOption<OptionSpec>): readonly string[] =>
  spec.long === 'format' && written[0]?.startsWith('--') === true && outputOf(value) !== undefined ? [value] : [];

function readBaseBackup(
  options: readonly ParsedOption<OptionSpec>[],
  program: string | undefined,
  own: readonly string[],
): Omit<BaseBackupCall, 'own' | 'policy'> {
  const all = (long: BaseBackupOptionName): readonly ParsedOption<OptionSpec>[] =>
    options.filter(({ spec }) => spec.long === long);
  const last = (long: BaseBackupOptionName): string | undefined => all(long).at(-1)?.value;
  const given = (long: BaseBackupOptionName): boolean => all(long).length > 0;

  const directory = last('pgdata');
  const target = last('target') === 'client' ? undefined : last('target');
  if (directory === undefined && target === undefined)
    throw new UsageError('missing option -D: no target directory is given.', 'Add -D DIRECTORY.');
  checkNumber(last('status-interval'));
  checkServer(last('host'), last('port'));

  const connectionString = last('dbname');
  const shown = options.map((option) => withoutSecrets(option, 'masked'));
  const conninfo = connectionString === undefined ? undefined : cleaned(connectionString, 'masked');
  return {
    connectionString: connectionString === undefined ? undefined : secret(connectionString),
    command: {
      program,
      printable: [program ?? 'pg_basebackup', ...shown.flat()].map(shellWord).join(' '),
      // -W is ours: a child without a terminal could not ask
      args: options
        .filter(({ spec }) => spec.long !== 'password')
        .flatMap((option) => withoutSecrets(option, 'left-out')),
      directory,
      format: chosen('F/--format', last('format') ?? 'plain', { plain: ['p', 'plain'], tar: ['t', 'tar'] }),
      walMethod: chosen('X/--wal-method', last('wal-method') ?? 'stream', {
        none: ['n', 'none'],
        fetch: ['f', 'fetch'],
        stream: ['s', 'stream'],
      }),
      writesRecoveryConf: given('write-recovery-conf'),
      // pg_basebackup compares this word, and only this one, without regard to case (pg_strcasecmp)
      checkpoint: chosen('c/--checkpoint', (last('checkpoint') ?? 'spread').toLowerCase(), {
        fast: ['fast'],
        spread: ['spread'],
      }),
      slot: last('slot'),
      createsSlot: given('create-slot'),
      noSlot: given('no-slot'),
      compression: compressionOf(options.findLast(({ spec }) => spec.long === 'compress' || spec.long === 'gzip')),
      tablespaceMappings: all('tablespace-mapping').map((option) => mappingOf(option.value ?? '')),
      walDirectory: last('waldir'),
      maxRate: last('max-rate') === undefined ? undefined : parseMaxRate(last('max-rate') ?? ''),
      target,
      incremental: last('incremental'),
      noSync: given('no-sync'),
      noManifest: given('no-manifest'),
      noClean: given('no-clean'),
      progress: given('progress'),
      // -w and -W set one variable: the last one counts
      noPassword: lastOf(options, ['no-password', 'password']) === 'no-password',
      forcePassword: lastOf(options, ['no-password', 'password']) === 'password',
      passwordInConnectionString: conninfo?.hasSecret ?? false,
      own,
      options: options.map(({ spec }, index) => {
        const words = shown[index] ?? [];
        return { name: spec.long, written: words.join(' '), words };
      }),
      connection: { conninfo: conninfo?.text, host: last('host'), port: last('port'), user: last('username') },
    },
  };
}

const lastOf = (
  options: readonly ParsedOption<OptionSpec>[],
  names: readonly BaseBackupOptionName[],
): string | undefined => options.findLast(({ spec }) => names.some((name) => name === spec.long))?.spec.long;

/** The words of an option, with the secrets of a connection string masked (to be shown) or left out (to be run). */
function withoutSecrets(option: ParsedOption<OptionSpec>, secrets: 'masked' | 'left-out'): readonly string[] {
  if (option.spec.long !== 'dbname' || option.value === undefined) return option.written;
  const { text, hasSecret } = cleaned(option.value, secrets);
  if (!hasSecret) return option.written;
  return option.written[0]?.startsWith('--') === true ? [`--dbname=${text}`] : ['-d', text];
}

function cleaned(
  connectionString: string,
  secrets: 'masked' | 'left-out',
): { readonly text: string; readonly hasSecret: boolean } {
  const parsed = parseConninfo(connectionString);
  if (!parsed.ok)
    throw new UsageError(`The connection string in -d is not valid: ${parsed.problem.message}`, conninfoExample);
  const masked = formatConninfo(parsed.value.values);
  const hasSecret = masked !== formatConninfo(parsed.value.values, { secrets: 'left-out' });
  return { hasSecret, text: hasSecret ? formatConninfo(parsed.value.values, { secrets }) : connectionString };
}

const conninfoExample = "For example: -d 'host=db1 user=replicator' or -d postgresql://replicator@db1/";

function chosen<const Name extends string>(
  option: string,
  value: string,
  words: Readonly<Record<Name, readonly string[]>>,
): Name {
  for (const name in words) if (words[name].includes(value)) return name;
  const names = Object.keys(words);
  const isOurs = option.startsWith('F/') && formatNames.some((format) => format === value);
  throw new UsageError(
    `-${option} takes ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}, not "${shownWord(value)}".`,
    isOurs
      ? `For the format of the report, use --format ${value}.`
      : option.startsWith('F/')
        ? (didYouMean(value.split('=')[0] ?? '', formatNames) ??
          `The formats of the report are ${formatNames.join(', ')}: --format json.`)
        : (didYouMean(value, names) ?? `For example: -${option.charAt(0)} ${names.at(-1) ?? ''}`),
  );
}

/** `-U=rep`: getopt_long() takes the sign for the first character of the value, a role "=rep" or a directory "=/srv/copy". */
function checkEqualsSigns(options: readonly ParsedOption<OptionSpec>[]): void {
  for (const { spec, value, written } of options)
    if (value?.startsWith('=') === true && written.length === 1 && written[0]?.startsWith('--') === false)
      throw new UsageError(
        `-${spec.short ?? ''} takes its value without an equals sign: the sign would be part of the value.`,
        `Use -${spec.short ?? ''} ${spec.value ?? 'VALUE'} or --${spec.long}=${spec.value ?? 'VALUE'}.`,
      );
}

/** Habits of MySQL and of URIs put a password where the host or the port belongs: neither value is shown. */
function checkServer(host: string | undefined, port: string | undefined): void {
  if (host !== undefined && /:\/\/|(?:^|\s)[A-Za-z_]+\s*=/u.test(host))
    throw new UsageError(
      '-h takes a host name or a socket directory, not a connection string.',
      'Give a connection string as -d CONNSTR.',
    );
  if (port !== undefined && !/^[\s\d,+-]*$/u.test(port))
    throw new UsageError(
      '-p takes a port number, but its value is not one.',
      '-p is the port, as in -p 5432. pg_basebackup takes a password from the password file or PGPASSWORD, or asks for it (-W).',
    );
}

/** In seconds; in milliseconds it is still an int (pg_basebackup.c). */
const longestInterval = 2_147_483;

function checkNumber(statusInterval: string | undefined): void {
  if (
    statusInterval === undefined ||
    (/^\s*\+?\d+$/u.test(statusInterval) && Number(statusInterval) <= longestInterval)
  )
    return;
  throw new UsageError(
    `-s/--status-interval takes whole seconds up to ${longestInterval}, not "${shownWord(statusInterval)}".`,
    'For example: -s 10',
  );
}

const compressionOf = (option: ParsedOption<OptionSpec> | undefined): Compression | undefined =>
  option && { value: option.value, written: option.written.join(' ') };

function mappingOf(written: string): TablespaceMapping {
  const parsed = parseTablespaceMapping(written);
  return { written, mapping: typeof parsed === 'string' ? undefined : parsed };
}
