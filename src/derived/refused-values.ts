import type { BaseBackupCommand, CommandLineChange } from '../facts/base-backup.ts';

/** Options that one pg_basebackup refuses, together or each for its value. */
export interface Conflict {
  /** As they were written. */
  readonly options: readonly string[];
  /** Its own words, or the server's. */
  readonly says: string;
  /** Server-side compression is checked by the server, everything else before pg_basebackup connects. */
  readonly refusedBy?: 'server';
  /** Why it refuses, in one sentence. */
  readonly because: string;
  /** What to write, in one sentence. */
  readonly instead: string;
  /** The same as a change of the command line; undefined where only the user knows what was meant. */
  readonly change: CommandLineChange | undefined;
}

/**
 * Options whose value pg_basebackup of the release `major`, or the server for it, does not accept. Up to 14 an option that
 * this release does not know is another rule's matter.
 */
export function refusedValues(command: BaseBackupCommand, major: number): readonly Conflict[] {
  return [
    ...(major >= 17 ? syncMethod(command) : []),
    ...(major >= 15 ? target(command) : []),
    ...manifestChecksums(command),
    // before, pg_basebackup cut it off itself
    ...(major >= 15 ? label(command) : []),
  ];
}

/** basebackup.c, parse_manifest_checksum_algorithm: in any case. */
const checksums: ReadonlySet<string> = new Set(['none', 'crc32c', 'sha224', 'sha256', 'sha384', 'sha512']);

function manifestChecksums(command: BaseBackupCommand): readonly Conflict[] {
  const option = last(command, 'manifest-checksums');
  // without a manifest the server is not told of it
  if (option === undefined || command.noManifest || checksums.has(option.value.toLowerCase())) return [];
  return [
    {
      options: [option.written],
      says: `unrecognized checksum algorithm: "${option.value}"`,
      refusedBy: 'server',
      because: 'The algorithms are SHA224, SHA256, SHA384, SHA512, CRC32C and NONE.',
      instead: `Remove ${option.written}: the default is CRC32C.`,
      change: { without: ['manifest-checksums'] },
    },
  ];
}

/** fe_utils/option_utils.c, parse_sync_method: as it is written; syncfs on Linux. */
function syncMethod(command: BaseBackupCommand): readonly Conflict[] {
  return all(command, 'sync-method')
    .filter(({ value }) => value !== 'fsync' && value !== 'syncfs')
    .slice(0, 1)
    .map(({ written, value }) => ({
      options: [written],
      says: `unrecognized sync method: ${value}`,
      because: 'The methods are fsync, the default, and syncfs.',
      instead: `Remove ${written}.`,
      change: { without: ['sync-method'] },
    }));
}

/** basebackup_target.c, BaseBackupGetTargetHandle; a module of the server can bring more (basebackup_to_shell). */
function target(command: BaseBackupCommand): readonly Conflict[] {
  const option = last(command, 'target');
  if (option === undefined || command.target === undefined || command.directory !== undefined) return [];
  const [, name = '', detail] = /^([^:]*)(?::(.*))?$/su.exec(command.target) ?? [];
  const says =
    name === 'blackhole'
      ? detail === undefined
        ? undefined
        : 'target "blackhole" does not accept a target detail'
      : name === 'server'
        ? detail === undefined
          ? 'target "server" requires a target detail'
          : detail.startsWith('/')
            ? undefined
            : 'relative path not allowed for backup stored on server'
        : name === 'shell'
          ? undefined
          : `unrecognized target: "${name}"`;
  if (says === undefined) return [];
  return [
    {
      options: [option.written],
      says,
      refusedBy: 'server',
      because: 'A target is server:DIRECTORY, with an absolute path on the server, or blackhole.',
      instead: `For a standby on this machine use -D DIRECTORY instead of ${option.written}.`,
      change: undefined,
    },
  ];
}

/** xlogbackup.c and basebackup.c: MAXPGPATH. */
const longestLabel = 1024;

function label(command: BaseBackupCommand): readonly Conflict[] {
  const option = last(command, 'label');
  if (option === undefined || Buffer.byteLength(option.value) <= longestLabel) return [];
  return [
    {
      options: [`--label (${Buffer.byteLength(option.value)} bytes)`],
      says: `backup label too long (max ${longestLabel} bytes)`,
      refusedBy: 'server',
      because: `A label has at most ${longestLabel} bytes.`,
      instead: 'Use a shorter label.',
      change: { without: ['label'] },
    },
  ];
}

interface OptionWithValue {
  readonly written: string;
  readonly value: string;
}

const all = ({ options }: BaseBackupCommand, name: string): readonly OptionWithValue[] =>
  options.filter((option) => option.name === name).map(({ written, words }) => ({ written, value: valueOf(words) }));

const last = (command: BaseBackupCommand, name: string): OptionWithValue | undefined => all(command, name).at(-1);

/** `-l label`, `-llabel`, `--label label`, `--lab=label`. */
function valueOf([first = '', second]: readonly string[]): string {
  if (second !== undefined) return second;
  return first.startsWith('--') ? first.slice(first.indexOf('=') + 1) : first.slice(2);
}
