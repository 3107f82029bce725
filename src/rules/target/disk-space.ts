import type { Place } from '../../facts/machine.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed, Unseen } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import type { CopySize, Settings } from '../../facts/primary.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import type { Fault } from '../rule.ts';
import { bytes } from './bytes.ts';

export const diskSpace = defineRule({
  id: 'target/disk-space',
  title: 'There is not enough space for the copy',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory', 'copySize', 'baseBackup'],
  wants: ['walDirectory', 'tablespaceTargets', 'primarySettings', 'databases'],
  says: [
    'could not write to file "%s": No space left on device',
    'could not extend file "%s": No space left on device',
  ],
  docs: {
    what: "Adds up what each file system will receive (the data directory, each tablespace, the WAL that is written during the copy) and compares it with what this user may still use there. It warns when little more than that is free: what the standby's own WAL can grow to (`max_wal_size`), or a twentieth of the copy.",
    why: 'A copy that fills its file system fails after hours, and may take other services on it along.',
    notes:
      'The WAL of the duration of the copy counts where the rate is known, at 100 MB a second or at what `-r` allows; one that is not known counts as two segments. A quota does not show in these figures. A compressed archive needs less than is said here, and is warned of only.',
    references: ['statfs(2)', 'PostgreSQL manual, pg_basebackup, `-X`'],
  },
  judge({ targetDirectory, copySize, baseBackup, walDirectory, tablespaceTargets, primarySettings, databases }) {
    const demands = demandsOf(targetDirectory, copySize, baseBackup, walDirectory, tablespaceTargets, primarySettings);
    if ('because' in demands) return unexamined(demands);
    const files = 300 * Math.max(3, (ifSeen(databases)?.length ?? 0) + 2);
    const judged = groups(demands.all).map((group) => judgeOne(group, files, maxWalSize(primarySettings), baseBackup));
    const faults = judged.flatMap((one) => ('fault' in one ? [one.fault] : []));
    const [first, ...others] = faults.toSorted((a, b) => rank(a) - rank(b));
    if (first !== undefined) return fail(first, ...others);
    const unknown = judged.find((one) => 'unknown' in one);
    if (unknown !== undefined && 'unknown' in unknown)
      return unexamined({ kind: 'unreadable', because: unknown.unknown });
    return pass(judged.map((one) => ('fits' in one ? one.fits : '')).join('; '));
  },
});

const rank = (fault: Fault): number => (fault.severity === 'warning' ? 1 : 0);

interface Demand {
  readonly what: string;
  /** Undefined where the role may not know. */
  readonly bytes: bigint | undefined;
  readonly place: Place;
}

function demandsOf(
  data: Place,
  size: CopySize,
  command: BaseBackupCommand,
  walDirectory: Observed<Place>,
  tablespaceTargets: Observed<readonly { readonly tablespace: { readonly oid: number }; readonly place: Place }[]>,
  settings: Observed<Settings>,
): { readonly all: readonly Demand[] } | Unseen {
  const targets = ifSeen(tablespaceTargets);
  const outside = size.tablespaces.filter(({ location }) => location !== '');
  if (targets === undefined && tablespaceTargets.status === 'unseen' && outside.length > 0)
    return tablespaceTargets.why;
  const placeOf = (oid: number): Place => targets?.find((target) => target.tablespace.oid === oid)?.place ?? data;
  const total = outside.reduce((sum, { bytes: count }) => sum + (count ?? 0n), size.dataBytes);
  return {
    all: [
      { what: 'the data directory', bytes: size.dataBytes, place: data },
      ...outside.map(({ name, oid, bytes: count }) => ({
        what: `tablespace ${name}`,
        bytes: count,
        place: placeOf(oid),
      })),
      ...(command.walMethod === 'none'
        ? []
        : [
            {
              what: 'WAL written meanwhile',
              bytes: walOf(size, total, command, settings),
              place: ifSeen(walDirectory) ?? data,
            },
          ]),
    ],
  };
}

/** Bytes a second that a copy is reckoned with: a gigabit network, or a disk of middling speed. */
const copyRate = 100e6;

function walOf(size: CopySize, total: bigint, command: BaseBackupCommand, settings: Observed<Settings>): bigint {
  const shown = ifSeen(settings);
  const segment = (shown && integerOf(shown, 'wal_segment_size')) ?? 16 * 1024 * 1024;
  const seconds = Number(total) / Math.min(copyRate, command.maxRate ?? copyRate);
  const written = (size.walBytesPerSecond ?? 0) * seconds;
  return BigInt(Math.ceil(Math.max(written, 2 * segment)));
}

function maxWalSize(settings: Observed<Settings>): bigint {
  const shown = ifSeen(settings);
  return BigInt((shown && integerOf(shown, 'max_wal_size')) ?? 1_024) * 1024n * 1024n;
}

/** What goes to one file system, together: two mounts of one file system share its space. */
function groups(demands: readonly Demand[]): readonly (readonly Demand[])[] {
  const byDevice = new Map<string, Demand[]>();
  for (const demand of demands) {
    const key = String(demand.place.fileSystem?.device ?? demand.place.path);
    byDevice.set(key, [...(byDevice.get(key) ?? []), demand]);
  }
  return [...byDevice.values()];
}

function judgeOne(
  group: readonly Demand[],
  files: number,
  reserve: bigint,
  command: BaseBackupCommand,
): { readonly fits: string } | { readonly fault: Fault } | { readonly unknown: string } {
  const [first] = group;
  if (first === undefined) return { fits: 'nothing is written' };
  const { fileSystem, path } = first.place;
  if (fileSystem === undefined) return { unknown: `the free space at ${path} could not be seen` };
  const { mountPoint, freeBytes, freeInodes, totalInodes } = fileSystem;
  const needed = group.reduce((sum, demand) => sum + (demand.bytes ?? 0n), 0n);
  const free = BigInt(Math.floor(freeBytes));
  const parts = group.map(
    ({ what, bytes: count }) => `${what} ${count === undefined ? 'of unknown size' : bytes(count)}`,
  );
  const details = [
    evidence('free', `${bytes(free)} of ${bytes(fileSystem.totalBytes)}`, `statfs ${mountPoint}`),
    evidence('needed', `${bytes(needed)}: ${parts.join(', ')}`, 'the primary'),
  ];
  const fault = (severity: 'error' | 'warning', title: string, message: string): { readonly fault: Fault } => ({
    fault: {
      severity,
      title,
      message,
      where: at('client', undefined, path),
      evidence: details,
      remedy: safe(
        'Make room, or choose a place with more.',
        manual(
          'client',
          `Make at least ${bytes(needed + margin(needed, reserve) - free)} free on the file system at ${mountPoint}, or give a directory on another one.`,
        ),
      ),
    },
  });
  const uncertain = command.format === 'tar' && command.compression !== undefined;
  if (needed > free)
    return fault(
      uncertain ? 'warning' : 'error',
      'There is not enough space for the copy',
      `The copy needs ${bytes(needed)} on the file system at ${mountPoint}, and ${bytes(free)} are free there: ${bytes(needed - free)} are missing${uncertain ? ' unless compression saves them' : ''}.`,
    );
  if (totalInodes > 0 && freeInodes < files)
    return fault(
      'error',
      'There are not enough inodes for the copy',
      `The copy makes ${files} files at the least, and the file system at ${mountPoint} has inodes for ${freeInodes} more.`,
    );
  const unknown = group.find((demand) => demand.bytes === undefined);
  if (unknown !== undefined) return { unknown: `the size of ${unknown.what} could not be seen` };
  if (needed + margin(needed, reserve) > free)
    return fault(
      'warning',
      'The copy leaves little free space',
      `The copy needs ${bytes(needed)} on the file system at ${mountPoint}, and ${bytes(free)} are free there. The ${bytes(free - needed)} that remain are less than the standby's own WAL can take (max_wal_size ${bytes(reserve)}) and a twentieth of the copy.`,
    );
  return { fits: `${bytes(needed)} go to the file system at ${mountPoint}, which has ${bytes(free)} free` };
}

const margin = (needed: bigint, reserve: bigint): bigint => (needed / 20n > reserve ? needed / 20n : reserve);
