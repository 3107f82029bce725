import { ifSeen } from '../facts/observed.ts';
import type { Observed, Unseen } from '../facts/observed.ts';
import type { Slot } from '../facts/primary.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { StandbyConfiguration } from '../facts/standby-configuration.ts';
import type { Archive, LocalTimeline, PrimaryWal, Timelines } from '../facts/standby-wal.ts';
import { advance, bytesBetween, segmentStart, walFileName } from '../postgres/lsn.ts';
import type { Lsn, WalSegmentSize } from '../postgres/lsn.ts';
import { isAncestor } from '../postgres/timeline-history.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import { derived } from './derived.ts';
import type { SeenBy } from './derived.ts';

const goesBy = { needs: ['timelines', 'controlFile'], wants: ['dataDirectory', 'localWal'] } as const;
export type NeededSeen = SeenBy<typeof goesBy>;

/** What the standby must be given before it stands where its upstream does. */
export interface NeededWal {
  /** Where its own WAL ends. */
  readonly position: Lsn;
  /** The segment that it will ask for first, and its name on the upstream. */
  readonly from: Lsn;
  readonly name: string;
  readonly segmentSize: WalSegmentSize;
  /** From the end of its own WAL to where the upstream is. */
  readonly bytes: bigint;
}

/**
 * The first segment that the standby has to be sent: the one that its own WAL ends in, from its beginning
 * (xlogrecovery.c, WaitForWALToBecomeAvailable; walreceiverfuncs.c, RequestXLogStreaming), or the first that is missing
 * between where recovery begins and that end. Undefined where the control file was not read.
 */
export const neededWal = derived(goesBy, (seen): NeededWal | undefined => {
  const { local, upstream } = seen.timelines;
  if (!seen.controlFile.ok) return undefined;
  const segmentSize = seen.controlFile.value.walSegmentSize;
  const missing = firstMissing(seen);
  const position = missing !== undefined && missing < local.position ? missing : local.position;
  const bytes = bytesBetween(position, upstream.position);
  return {
    position,
    from: segmentStart(position, segmentSize),
    name: nameOnUpstream(upstream, position, segmentSize),
    segmentSize,
    bytes: bytes < 0n ? 0n : bytes,
  };
});

/**
 * The file that has this position on the upstream, and in an archive: of the newest timeline that begins in that segment or
 * before it (walsender.c, WalSndSegmentOpen; xlogrecovery.c, XLogFileReadAnyTLI).
 */
export function nameOnUpstream(
  { history, timeline }: Timelines['upstream'],
  position: Lsn,
  segmentSize: WalSegmentSize,
): string {
  const next = advance(segmentStart(position, segmentSize), BigInt(segmentSize));
  const newest = history.findLast(({ begin }) => begin === null || next === undefined || begin < next);
  return walFileName(newest?.timeline ?? timeline, position, segmentSize);
}

/**
 * The start of a backup_label that was put back: a server renames it before it replays anything, so one that was shut down
 * in recovery, with a restart point behind that start, had none any more. Recovery would begin at the backup again.
 */
export function labelPutBack({
  controlFile,
  dataDirectory,
}: Pick<NeededSeen, 'controlFile' | 'dataDirectory'>): Lsn | undefined {
  const label = ifSeen(dataDirectory)?.backupLabel?.label?.start;
  if (label === undefined || !controlFile.ok) return undefined;
  const { state, checkpoint, backupStart } = controlFile.value;
  return state === 'shut down in recovery' && backupStart === null && label < checkpoint.redo ? label : undefined;
}

/**
 * Where recovery begins: the backup's start while its backup_label is there, else the last restart point (xlogrecovery.c,
 * InitWalRecovery).
 */
export function recoveryStart({
  controlFile,
  dataDirectory,
}: Pick<NeededSeen, 'controlFile' | 'dataDirectory'>): Lsn | undefined {
  const label =
    labelPutBack({ controlFile, dataDirectory }) === undefined
      ? ifSeen(dataDirectory)?.backupLabel?.label?.start
      : undefined;
  return label ?? (controlFile.ok ? controlFile.value.checkpoint.redo : undefined);
}

/** The first segment between the beginning of recovery and the end of the WAL that is not in pg_wal. */
export const firstMissing = derived(goesBy, (seen): Lsn | undefined => {
  const wal = ifSeen(seen.localWal);
  const start = recoveryStart(seen);
  if (wal === undefined || wal.more || wal.segmentSize === undefined || start === undefined) return undefined;
  const { history, position } = seen.timelines.local;
  return firstNotIn(wal.timelines, history, { from: segmentStart(start, wal.segmentSize), to: position });
});

/** The start of the first segment of the stretch that lies there on no timeline of the history; undefined: all are there. */
export function firstNotIn(
  there: readonly LocalTimeline[],
  history: TimelineHistory,
  { from, to }: { readonly from: Lsn; readonly to: Lsn },
): Lsn | undefined {
  const own = there.filter(({ timeline }) => isAncestor(history, timeline));
  let at = from;
  // each round goes on behind a stretch without gaps: as many rounds as there are stretches
  while (at < to) {
    const reach = own
      .map((one) => reachFrom(one, at))
      .reduce<Lsn | undefined>(
        (far, end) => (end !== undefined && (far === undefined || end > far) ? end : far),
        undefined,
      );
    if (reach === undefined) return at;
    at = reach;
  }
  return undefined;
}

/** How far the segments go on without a gap from this one; undefined: it is not there. */
function reachFrom({ first, end, last = end, gaps }: LocalTimeline, at: Lsn): Lsn | undefined {
  if (at < first || at >= last) return undefined;
  if (gaps.some(({ from, to }) => from <= at && at < to)) return undefined;
  return gaps.find(({ from }) => from > at)?.from ?? last;
}

/** Where the needed WAL is to be had. */
export type Supply =
  | { readonly from: 'primary'; readonly because: string }
  | {
      readonly from: 'archive';
      readonly archive: Archive;
      readonly first: string;
      readonly last: string;
      readonly segments: bigint;
      /** restore_command is not set: this would read the directory that the primary archives to. */
      readonly proposed: boolean;
    }
  /** restore_command may have it: what it reads from cannot be looked into. */
  | { readonly from: 'perhaps-the-archive'; readonly archive: Archive }
  | { readonly from: 'nowhere'; readonly oldest: Lsn }
  | { readonly from: 'unknown'; readonly why: Unseen };

export interface SupplySeen {
  readonly timelines: Timelines;
  readonly primaryWal: Observed<PrimaryWal>;
  readonly slots: Observed<readonly Slot[]>;
  readonly archive: Observed<Archive>;
  readonly primaryArchive: Observed<Archive>;
  readonly standbyConfiguration: Observed<StandbyConfiguration>;
  readonly runningStandby: Observed<RunningStandby>;
}

/** On the primary, in the archive that restore_command reads from, or nowhere. */
export function supplyOf(needed: NeededWal, seen: SupplySeen): Supply {
  if (ifSeen(seen.runningStandby)?.receiver?.status === 'streaming')
    return { from: 'primary', because: 'the WAL receiver streams (pg_stat_wal_receiver)' };
  const kept = ifSeen(seen.primaryWal);
  if (kept?.oldest !== undefined) {
    if (needed.from >= kept.oldest)
      return {
        from: 'primary',
        because: `the oldest segment of the primary is ${nameOnUpstream(seen.timelines.upstream, kept.oldest, needed.segmentSize)} (pg_ls_waldir)`,
      };
    return inArchive(needed, kept.oldest, seen);
  }
  // the segment that a server writes is there, whatever it has removed
  if (needed.from >= segmentStart(seen.timelines.upstream.position, needed.segmentSize))
    return { from: 'primary', because: `${needed.name} is the segment that the primary is writing` };
  if (kept === undefined) return { from: 'unknown', why: whyOf(seen.primaryWal) };
  const slot = slotOf(seen);
  if (slot?.restartLsn !== undefined && slot.walStatus !== 'lost' && slot.restartLsn <= needed.position)
    return { from: 'primary', because: `slot ${slot.name} keeps it (pg_replication_slots)` };
  if (kept.keepBytes !== undefined && bytesBetween(needed.from, kept.position) <= kept.keepBytes)
    return { from: 'primary', because: 'wal_keep_size keeps enough WAL' };
  return {
    from: 'unknown',
    why: {
      kind: 'permission',
      because: 'this connection cannot read which WAL the primary still has (pg_ls_waldir)',
      ...(kept.remedy === undefined ? {} : { remedy: kept.remedy }),
    },
  };
}

const whyOf = (fact: Observed<unknown>): Unseen =>
  fact.status === 'unseen'
    ? fact.why
    : {
        kind: 'not-asked',
        because: fact.status === 'not-applicable' ? fact.why : 'the WAL of the primary was not read',
      };

function slotOf({ slots, standbyConfiguration }: SupplySeen): Slot | undefined {
  const name = ifSeen(standbyConfiguration)?.files.settings.get('primary_slot_name')?.value ?? '';
  return name === '' ? undefined : ifSeen(slots)?.find((slot) => slot.name === name);
}

function inArchive(needed: NeededWal, oldest: Lsn, seen: SupplySeen): Supply {
  const own = ifSeen(seen.archive);
  // a fault of its own, see recovery/restore-command-fails
  if (own?.program.executable === false)
    return notKnown(
      `restore_command cannot run ${own.program.name}, and may have an archive with the WAL that is missing`,
    );
  const archive = own ?? ifSeen(seen.primaryArchive);
  if (archive === undefined) return { from: 'nowhere', oldest };
  // restore_command can be tried; a directory that the primary alone writes to is all read, or says nothing
  if (archive.directory === undefined || !archive.listed || archive.more)
    return own === undefined
      ? notKnown(
          `${archive.directory ?? archive.program.name}, where the primary archives to, could not be listed completely`,
        )
      : { from: 'perhaps-the-archive', archive };
  if (archive.otherCluster?.all === true)
    return own === undefined
      ? { from: 'nowhere', oldest }
      : notKnown(
          `restore_command reads ${archive.directory}, which is the archive of another cluster`,
          'set restore_command to the archive of this cluster, and run this again',
        );
  const { segmentSize, from } = needed;
  const { upstream } = seen.timelines;
  if (firstNotIn(archive.segments, upstream.history, { from, to: oldest }) !== undefined)
    return { from: 'nowhere', oldest };
  const last = advance(oldest, -BigInt(segmentSize)) ?? from;
  return {
    from: 'archive',
    archive,
    first: nameOnUpstream(upstream, from, segmentSize),
    last: nameOnUpstream(upstream, last, segmentSize),
    segments: bytesBetween(from, oldest) / BigInt(segmentSize),
    proposed: own === undefined,
  };
}

const notKnown = (because: string, remedy?: string): Supply => ({
  from: 'unknown',
  why: { kind: 'not-asked', because, ...(remedy === undefined ? {} : { remedy }) },
});
