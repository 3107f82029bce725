import { isPrimaryNow } from './role-now.ts';
import { ifSeen, seen as seenFact } from '../facts/observed.ts';
import type { Evidence } from '../findings/report.ts';
import type { Timelines } from '../facts/standby-wal.ts';
import { isOfRecovery } from '../postgres/control-file.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { formatLsn } from '../postgres/lsn.ts';
import type { Lsn } from '../postgres/lsn.ts';
import { compareTimelines } from './timeline-comparison.ts';
import type { Diverged } from './timeline-comparison.ts';
import { evidence } from '../findings/judgement.ts';
import { derived } from './derived.ts';
import { perhapsThePrimary, whyPerhapsThePrimary } from './perhaps-the-primary.ts';
import type { SeenBy } from './derived.ts';

/** What has become of a data directory since it was a copy of its primary: whether it is a standby still. */
export type HistorySinceCopy =
  /** backup_label is still there: no server has run on it since the backup. */
  | { readonly kind: 'never-started' }
  /** It only ever replayed the primary's WAL. */
  | { readonly kind: 'in-recovery' }
  /** It ran as a server of its own, and all of its WAL is part of the primary's. */
  | { readonly kind: 'shared'; readonly because: string }
  /** It wrote WAL that the primary does not have. `fork`: where another timeline begins; undefined: on the same one. */
  | {
      readonly kind: 'diverged';
      readonly fork: Lsn | undefined;
      readonly own: bigint | undefined;
      readonly because: string;
    }
  /** It was promoted: it has a timeline of its own. */
  | { readonly kind: 'promoted'; readonly because: string }
  /** It may be what its upstream follows: its data must not be taken for those of a standby. */
  | { readonly kind: 'perhaps-the-primary'; readonly because: string }
  | { readonly kind: 'unknown'; readonly missing: string };

const goesBy = {
  needs: ['dataDirectory', 'controlFile'],
  wants: ['timelines', 'runningStandby', 'localWal'],
} as const;
export type HistorySeen = SeenBy<typeof goesBy>;

/** By its files, and beyond that by the primary's history where that was seen. */
export const historySinceCopy = derived(goesBy, (seen): HistorySinceCopy => {
  const { dataDirectory, controlFile } = seen;
  if (!controlFile.ok) return { kind: 'unknown', missing: 'its control file cannot be read' };
  const control = controlFile.value;
  const runsAsPrimary = isPrimaryNow(seen.runningStandby);
  // xlog.c, StartupXLOG: the label is put aside as soon as recovery from it has begun
  if (dataDirectory.backupLabel !== undefined && !runsAsPrimary) return { kind: 'never-started' };
  if (isOfRecovery(control) && !runsAsPrimary) return { kind: 'in-recovery' };
  const timelines = ifSeen(seen.timelines);
  return timelines === undefined ? byItsFiles(seen, control) : byHistories(seen, control, timelines);
});

function byHistories(seen: HistorySeen, control: ControlFile, timelines: Timelines): HistorySinceCopy {
  const { local, upstream } = timelines;
  if (perhapsThePrimary(timelines)) return { kind: 'perhaps-the-primary', because: whyPerhapsThePrimary };
  const dataDirectory = seenFact(seen.dataDirectory, seen.dataDirectory.path);
  const comparison = compareTimelines({ ...seen, dataDirectory, timelines });
  const here = `${formatLsn(local.position)} on timeline ${local.timeline}`;
  switch (comparison.kind) {
    case 'other-system':
      return { kind: 'unknown', missing: 'it is not a copy of this primary' };
    case 'unknown':
      return { kind: 'unknown', missing: comparison.why.because };
    case 'upstream-behind':
      return { kind: 'unknown', missing: 'its upstream is also a standby, and has not reached that position yet' };
    case 'before-switch':
      return {
        kind: 'shared',
        because: `its WAL ends at ${here}, before the primary left that timeline at ${formatLsn(comparison.switchedAt)}`,
      };
    case 'following':
      return following(seen, control, timelines);
    case 'diverged':
      return comparison.why === 'promoted' || comparison.why === 'no-common-timeline'
        ? {
            kind: 'promoted',
            because: `it is on timeline ${local.timeline}, which its primary (on timeline ${upstream.timeline}) was never on`,
          }
        : {
            kind: 'diverged',
            fork: comparison.fork?.lsn,
            own: comparison.fork === undefined ? undefined : comparison.lost?.bytes,
            because: divergedBecause(comparison, timelines),
          };
  }
}

function divergedBecause({ why, fork }: Diverged, { local, upstream }: Timelines): string {
  const position = formatLsn(local.position);
  const at = formatLsn(local.checkpoint.location);
  if (fork !== undefined)
    return `it wrote up to ${position} on timeline ${local.timeline}, and its primary left that timeline at ${formatLsn(fork.lsn)}`;
  if (why === 'ahead')
    return `it wrote up to ${position}, and its primary, on the same timeline ${local.timeline}, is at ${formatLsn(upstream.position)}`;
  if (why === 'ran-as-primary')
    return `a server was started on it without a signal file: it ended recovery on timeline ${local.timeline} and wrote its own checkpoint at ${at}, where its primary has different WAL`;
  return `its last checkpoint, at ${at}, is not in the WAL of its primary, which is on the same timeline ${local.timeline}`;
}

/** Nothing shows that it wrote anything; whether it did is certain only where its checkpoint was found in the primary's WAL. */
function following(
  { dataDirectory, runningStandby }: HistorySeen,
  { state }: ControlFile,
  { local }: Timelines,
): HistorySinceCopy {
  const at = formatLsn(local.checkpoint.location);
  // a primary writes WAL as long as it runs, also when nobody asks it to
  if (ifSeen(runningStandby)?.inRecovery === false)
    return {
      kind: 'diverged',
      fork: undefined,
      own: undefined,
      because: `it runs as a primary on timeline ${local.timeline}, the timeline of its primary`,
    };
  if (local.checkpoint.inUpstreamWal === true)
    return { kind: 'shared', because: `its last checkpoint, at ${at}, is in the primary's WAL` };
  if (state === 'shut down' && dataDirectory.lastStart?.here !== true)
    return {
      kind: 'shared',
      because: 'it was copied from a server that was shut down, and no server was started on it since',
    };
  return {
    kind: 'unknown',
    missing: `both are on timeline ${local.timeline}, and only the primary's WAL can show whether it contains the checkpoint at ${at}`,
  };
}

/** Without the primary: a timeline that is younger than the backup it began with is its own, most likely. */
function byItsFiles(seen: HistorySeen, control: ControlFile): HistorySinceCopy {
  const { timeline } = control.checkpoint;
  const began = seen.dataDirectory.backupLabelOld?.label?.timeline;
  const histories = ifSeen(seen.localWal)?.histories ?? [];
  if (began !== undefined && timeline > began && histories.some((one) => one.timeline === timeline))
    return {
      kind: 'promoted',
      because: `it was copied on timeline ${began} and is on timeline ${timeline}, whose history file is in its pg_wal`,
    };
  return { kind: 'unknown', missing: 'the timeline and the WAL of its primary could not be read' };
}

/** What the control file and the backup's label show, for a finding. */
export function historyEvidence({ dataDirectory, controlFile, timelines }: HistorySeen): readonly Evidence[] {
  const control = controlFile.ok ? controlFile.value : undefined;
  const seen = ifSeen(timelines);
  const file = `${dataDirectory.path}/global/pg_control`;
  const label =
    dataDirectory.backupLabel !== undefined
      ? 'backup_label'
      : dataDirectory.backupLabelOld !== undefined
        ? 'backup_label.old'
        : 'neither backup_label nor backup_label.old';
  return [
    ...(control === undefined
      ? []
      : [
          evidence('state', control.state, file),
          evidence(
            'last checkpoint',
            `${formatLsn(control.checkpoint.location)} on timeline ${control.checkpoint.timeline}`,
            file,
          ),
          evidence(
            'minimum recovery point',
            control.minimumRecoveryPoint === null ? '0/0' : formatLsn(control.minimumRecoveryPoint.lsn),
            file,
          ),
        ]),
    evidence('backup', label, dataDirectory.path),
    ...(seen === undefined
      ? []
      : [
          evidence(
            'WAL of the standby',
            `${formatLsn(seen.local.position)} on timeline ${seen.local.timeline}`,
            seen.local.positionFrom,
          ),
          evidence(
            'WAL of the primary',
            `${formatLsn(seen.upstream.position)} on timeline ${seen.upstream.timeline}`,
            'IDENTIFY_SYSTEM',
          ),
        ]),
  ];
}
