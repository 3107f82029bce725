import type { Place } from '../../facts/machine.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed, Unseen } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import type { CopySize, Settings } from '../../facts/primary.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { thresholdsIn } from '../../facts/thresholds.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import type { Fault } from '../../findings/judgement.ts';

export const diskSpace = defineRule({
  id: 'target/disk-space',
  title: 'Not enough disk space for the base backup',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory', 'copySize', 'baseBackup'],
  wants: ['walDirectory', 'tablespaceTargets', 'primarySettings', 'databases', 'thresholds'],
  says: [
    'could not write to file "%s": No space left on device',
    'could not extend file "%s": No space left on device',
  ],
  docs: {
    what: "Adds up what each file system will receive (the data directory, each tablespace, the WAL written during the base backup) and compares it with the space that this user can still use. Warns if less than a small reserve would remain: the size that the standby's own WAL can reach (`max_wal_size`), or 5 % of the base backup; the threshold `spaceReserve` of the configuration replaces both.",
    why: 'A base backup that fills its file system may fail after hours, and may stop other services that use the same file system.',
    notes:
      'The WAL written during the base backup is included if its rate is known, with a copy speed of 100 MB/s or the limit of `-r`; otherwise two segments are assumed. Disk quotas are not included. A compressed archive needs less space, so it only gets a warning.',
    references: ['statfs(2)', 'pg_basebackup, -X: https://www.postgresql.org/docs/current/app-pgbasebackup.html'],
  },
  judge(facts) {
    const { targetDirectory, copySize, baseBackup, walDirectory, tablespaceTargets, primarySettings, databases } =
      facts;
    const { spaceReserve } = thresholdsIn(facts.thresholds);
    const demands = demandsOf(targetDirectory, copySize, baseBackup, walDirectory, tablespaceTargets, primarySettings);
    if ('because' in demands) return unexamined(demands);
    const files = 300 * Math.max(3, (ifSeen(databases)?.length ?? 0) + 2);
    const judged = groups(demands.all).map((group) =>
      judgeOne(group, files, { walBytes: maxWalSize(primarySettings), configured: spaceReserve }, baseBackup),
    );
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
              what: 'WAL written during the base backup',
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
  reserve: Reserve,
  command: BaseBackupCommand,
): { readonly fits: string } | { readonly fault: Fault } | { readonly unknown: string } {
  const [first] = group;
  if (first === undefined) return { fits: 'nothing is written' };
  const { fileSystem, path } = first.place;
  if (fileSystem === undefined) return { unknown: `the free space at ${path} is not known` };
  const { mountPoint, freeBytes, freeInodes, totalInodes } = fileSystem;
  const needed = group.reduce((sum, demand) => sum + (demand.bytes ?? 0n), 0n);
  const free = BigInt(Math.floor(freeBytes));
  const parts = group.map(
    ({ what, bytes: count }) => `${what} ${count === undefined ? 'of unknown size' : formatBytes(count)}`,
  );
  const details = [
    evidence('free', `${formatBytes(free)} of ${formatBytes(fileSystem.totalBytes)}`, `statfs ${mountPoint}`),
    evidence('needed', `${formatBytes(needed)}: ${parts.join(', ')}`, 'the primary'),
  ];
  const fault = (severity: 'error' | 'warning', title: string, message: string): { readonly fault: Fault } => ({
    fault: {
      severity,
      title,
      message,
      where: at('client', undefined, path),
      evidence: details,
      remedy: safe(
        'Free some space, or choose a larger file system.',
        manual(
          'client',
          `Free at least ${formatBytes(needed + margin(needed, reserve) - free)} on the file system at ${mountPoint}, or give a directory on another file system.`,
        ),
      ),
    },
  });
  const uncertain = command.format === 'tar' && command.compression !== undefined;
  if (needed > free)
    return fault(
      uncertain ? 'warning' : 'error',
      'Not enough disk space for the base backup',
      `The base backup needs ${formatBytes(needed)} on the file system at ${mountPoint}, but only ${formatBytes(free)} are free: ${formatBytes(needed - free)} are missing${uncertain ? ', unless compression saves them' : ''}.`,
    );
  if (totalInodes > 0 && freeInodes < files)
    return fault(
      'error',
      'Not enough inodes for the base backup',
      `The base backup creates at least ${files} files, but the file system at ${mountPoint} has only ${freeInodes} free inodes.`,
    );
  const unknown = group.find((demand) => demand.bytes === undefined);
  if (unknown !== undefined) return { unknown: `the size of ${unknown.what} is not known` };
  if (needed + margin(needed, reserve) > free)
    return fault(
      'warning',
      'The base backup leaves little free disk space',
      `The base backup needs ${formatBytes(needed)} on the file system at ${mountPoint}, and ${formatBytes(free)} are free. The remaining ${formatBytes(free - needed)} ${reserve.configured === undefined ? `may not be enough for the standby's own WAL (max_wal_size ${formatBytes(reserve.walBytes)}) and 5 % of the base backup` : `are less than the spaceReserve of the configuration, ${formatBytes(reserve.configured)}`}.`,
    );
  return {
    fits: `${formatBytes(needed)} needed on the file system at ${mountPoint}, which has ${formatBytes(free)} free`,
  };
}

/** What must stay free: as configured, or the larger of the two others. */
interface Reserve {
  readonly walBytes: bigint;
  readonly configured: bigint | undefined;
}

const margin = (needed: bigint, { walBytes, configured }: Reserve): bigint =>
  configured ?? (needed / 20n > walBytes ? needed / 20n : walBytes);
