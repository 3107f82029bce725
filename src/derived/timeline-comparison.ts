import { ifSeen } from '../facts/observed.ts';
import type { Unseen } from '../facts/observed.ts';
import { bytesBetween, formatLsn } from '../postgres/lsn.ts';
import type { Lsn, TimelineId } from '../postgres/lsn.ts';
import { findForkPoint, isAncestor, switchPoint } from '../postgres/timeline-history.ts';
import { derived } from './derived.ts';
import { perhapsThePrimary, whyPerhapsThePrimary } from './perhaps-the-primary.ts';
import type { SeenBy } from './derived.ts';

/** How the standby's history stands to its upstream's. */
export type TimelineComparison =
  | { readonly kind: 'other-system' }
  /** On the upstream's timeline, and not ahead of it. */
  | { readonly kind: 'following'; readonly behindBytes: bigint }
  /** On a timeline that the upstream has left, and not past the point where it did. */
  | { readonly kind: 'before-switch'; readonly switchedAt: Lsn; readonly behindBytes: bigint }
  /** The upstream is a standby itself and has not come so far. */
  | { readonly kind: 'upstream-behind' }
  | Diverged
  | { readonly kind: 'unknown'; readonly why: Unseen };

export interface Diverged {
  readonly kind: 'diverged';
  readonly why: Divergence;
  /** Where the histories part; undefined where that cannot be told. */
  readonly fork: { readonly timeline: TimelineId; readonly lsn: Lsn } | undefined;
  /** pg_rewind sees one timeline on both sides and says that nothing needs to be done. */
  readonly sameTimeline: boolean;
  /** WAL that exists only here. */
  readonly lost: { readonly bytes: bigint; readonly bound: 'exact' | 'at-least' | 'at-most' } | undefined;
}

export type Divergence =
  /** Its own timeline, which the upstream knows nothing of. */
  | 'promoted'
  /** The upstream was promoted before what this one has. */
  | 'past-the-switch'
  /** The same timeline, and more WAL than the upstream. */
  | 'ahead'
  /** It ran as a primary on the upstream's timeline. */
  | 'ran-as-primary'
  /** The same positions hold other records. */
  | 'other-records'
  /** Two servers were promoted to timelines of the same number. */
  | 'same-number'
  | 'no-common-timeline';

const goesBy = { needs: ['timelines', 'controlFile'], wants: ['dataDirectory', 'runningStandby'] } as const;
export type ComparedHistories = SeenBy<typeof goesBy>;

/**
 * Both histories and both positions side by side, as a WAL receiver and the server behind it would compare them
 * (walreceiver.c; walsender.c, StartReplication; xlogrecovery.c, rescanLatestTimeLine), and beyond that what neither
 * notices: two histories on one timeline.
 */
export const compareTimelines = derived(goesBy, (seen): TimelineComparison => {
  const { local, upstream, sameSystem, upstreamInRecovery } = seen.timelines;
  if (!sameSystem) return { kind: 'other-system' };
  if (local.timeline === upstream.timeline) return onOneTimeline(seen);
  if (upstream.historyMissing && upstream.timeline > 1 && local.timeline < upstream.timeline)
    return withoutHistory(upstream.timeline);
  if (isAncestor(upstream.history, local.timeline)) {
    const switchedAt = switchPoint(upstream.history, local.timeline) ?? undefined;
    const fork = findForkPoint(local.history, upstream.history);
    const parted = fork?.lsn ?? switchedAt;
    if (parted !== undefined && local.position <= parted)
      return {
        kind: 'before-switch',
        switchedAt: parted,
        behindBytes: positive(bytesBetween(local.position, upstream.position)),
      };
    return parted === undefined
      ? diverged('no-common-timeline', undefined, undefined)
      : diverged(
          'past-the-switch',
          { timeline: fork?.timeline ?? local.timeline, lsn: parted },
          exactly(parted, local.position),
        );
  }
  // a cascade: the server above will follow to the newer timeline, or has not replayed so far
  if (upstreamInRecovery === true && isAncestor(local.history, upstream.timeline)) return { kind: 'upstream-behind' };
  const fork = findForkPoint(local.history, upstream.history);
  if (fork === null && upstream.historyMissing && upstream.timeline > 1) return withoutHistory(upstream.timeline);
  return fork?.lsn === undefined || fork.lsn === null
    ? diverged('no-common-timeline', undefined, undefined)
    : diverged('promoted', { timeline: fork.timeline, lsn: fork.lsn }, exactly(fork.lsn, local.position));
});

const withoutHistory = (timeline: TimelineId): TimelineComparison => ({
  kind: 'unknown',
  why: {
    kind: 'unreadable',
    because: `the history of timeline ${timeline} could not be read from the primary (TIMELINE_HISTORY)`,
    remedy: 'fix the replication connection first: the history is read over it',
  },
});

function onOneTimeline(seen: ComparedHistories): TimelineComparison {
  const { local, upstream, upstreamInRecovery } = seen.timelines;
  const { checkpoint, position } = local;
  const ahead = bytesBetween(upstream.position, position);
  const begun = [local, upstream].map(({ history }) => history.at(-1)?.begin ?? undefined);
  const fork = findForkPoint(local.history, upstream.history);
  // a history without its file has no beginning
  if (begun.every((one) => one !== undefined) && begun[0] !== begun[1] && fork !== null && fork.lsn !== null)
    return {
      ...onSameTimeline('same-number', exactly(fork.lsn, position)),
      fork: { timeline: fork.timeline, lsn: fork.lsn },
    };
  const ran = ranAsPrimary(seen);
  if (ran === 'yes' && perhapsThePrimary(seen.timelines))
    return { kind: 'unknown', why: { kind: 'not-asked', because: whyPerhapsThePrimary } };
  if (checkpoint.inUpstreamWal === false || checkpoint.inLocalWal === false)
    return onSameTimeline('other-records', ownBytes(seen));
  if (ran === 'yes' && checkpoint.inUpstreamWal !== true) return onSameTimeline('ran-as-primary', ownBytes(seen));
  if (ahead > 0n) {
    if (upstreamInRecovery === true) return { kind: 'upstream-behind' };
    if (upstream.isOld === true) return { kind: 'unknown', why: askedBefore };
    return onSameTimeline('ahead', { bytes: ahead, bound: 'at-least' });
  }
  if (ran === 'perhaps' && checkpoint.inUpstreamWal === undefined)
    return {
      kind: 'unknown',
      why: {
        kind: 'not-asked',
        because: `its control file has the state of a primary: it ran as one, or was copied from the files of one; which of both, the WAL of its primary at ${formatLsn(checkpoint.location)} shows`,
        remedy: 'add --admin CONNINFO, a superuser connection to the primary',
      },
    };
  return { kind: 'following', behindBytes: positive(-ahead) };
}

/** As it shuts down, a primary sends what it has written last, and answers no more. */
const askedBefore: Unseen = {
  kind: 'connection',
  because:
    'the position of the primary was read before that of the standby, and the primary did not answer when it was asked again',
  remedy: 'run this again when the primary answers',
};

/**
 * It wrote WAL of its own: its control file has a primary's state, and it is neither a copy that was never started
 * (backup_label is there) nor one that was taken from files at rest (there never was a backup_label). Perhaps, where
 * backup_label.old is of an older timeline: files at rest of a primary that was a standby itself have one too.
 */
function ranAsPrimary({
  controlFile,
  dataDirectory,
  runningStandby,
  timelines: { local },
}: ComparedHistories): 'yes' | 'no' | 'perhaps' {
  if (ifSeen(runningStandby)?.inRecovery === false) return 'yes';
  const directory = ifSeen(dataDirectory);
  if (!controlFile.ok || directory === undefined || directory.backupLabel !== undefined) return 'no';
  const { state } = controlFile.value;
  const isPrimaryState = state === 'in production' || state === 'shut down' || state === 'shutting down';
  if (!isPrimaryState || directory.backupLabelOld === undefined || directory.backupLabelOld.isUnread) return 'no';
  const { label } = directory.backupLabelOld;
  return label !== undefined && label.timeline < local.timeline ? 'perhaps' : 'yes';
}

/** It left the primary's history after its base backup began. */
function ownBytes({ dataDirectory, timelines: { local } }: ComparedHistories): Diverged['lost'] {
  const start = ifSeen(dataDirectory)?.backupLabelOld?.label?.start;
  return start === undefined || start > local.position
    ? undefined
    : { bytes: bytesBetween(start, local.position), bound: 'at-most' };
}

const diverged = (why: Divergence, fork: Diverged['fork'], lost: Diverged['lost']): Diverged => ({
  kind: 'diverged',
  why,
  fork,
  sameTimeline: false,
  lost,
});

const onSameTimeline = (why: Divergence, lost: Diverged['lost']): Diverged => ({
  kind: 'diverged',
  why,
  fork: undefined,
  sameTimeline: true,
  lost,
});

const exactly = (fork: Lsn, position: Lsn): Diverged['lost'] => ({
  bytes: positive(bytesBetween(fork, position)),
  bound: 'exact',
});

const positive = (bytes: bigint): bigint => (bytes < 0n ? 0n : bytes);
