import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import { booleanOf } from '../facts/settings.ts';
import type { Primary, Settings } from '../facts/primary.ts';
import type { ControlFileRead, DataDirectory } from '../facts/data-directory.ts';
import type { StandbyConfiguration, StandbyControl } from '../facts/standby-configuration.ts';
import type { Timelines } from '../facts/standby-wal.ts';
import { formatLsn, walFileName } from '../postgres/lsn.ts';
import type { Diverged } from './timeline-comparison.ts';

/** One of pg_rewind's conditions. `holds` is undefined where it was not seen. */
export interface RewindCondition {
  readonly what: string;
  readonly holds: boolean | undefined;
  /** What was seen. */
  readonly says: string;
}

export interface RewindConditionsSeen {
  readonly controlFile: ControlFileRead;
  readonly dataDirectory: Observed<DataDirectory>;
  readonly standbyControl: Observed<StandbyControl>;
  readonly timelines: Timelines;
  readonly primary: Observed<Primary>;
  readonly primarySettings: Observed<Settings>;
  readonly standbyConfiguration: Observed<StandbyConfiguration>;
}

/**
 * What pg_rewind asks of both sides before it does anything (bin/pg_rewind/pg_rewind.c, sanityChecks and main;
 * libpq_source.c, init_libpq_source), one by one.
 */
export function rewindConditions(diverged: Diverged, seen: RewindConditionsSeen): readonly RewindCondition[] {
  const { controlFile } = seen;
  return [
    {
      what: 'the two sides are on different timelines',
      holds: !diverged.sameTimeline,
      says: diverged.sameTimeline
        ? `both are on timeline ${seen.timelines.local.timeline}, where it would report that no rewind is required`
        : 'yes',
    },
    {
      what: 'the histories have a common timeline',
      holds: diverged.sameTimeline || diverged.fork !== undefined,
      says:
        diverged.fork === undefined
          ? diverged.sameTimeline
            ? 'yes'
            : 'not found'
          : `timeline ${diverged.fork.timeline}, up to ${formatLsn(diverged.fork.lsn)}`,
    },
    ...(controlFile.ok
      ? [
          {
            what: 'data checksums or wal_log_hints are on',
            holds: controlFile.value.dataChecksumVersion > 0 || controlFile.value.walLogHints,
            says: `data checksums ${onOff(controlFile.value.dataChecksumVersion > 0)}, wal_log_hints ${onOff(controlFile.value.walLogHints)} (pg_control)`,
          },
          {
            what: 'full_page_writes is on',
            holds: controlFile.value.checkpoint.fullPageWrites,
            says: `full_page_writes ${onOff(controlFile.value.checkpoint.fullPageWrites)} (pg_control)`,
          },
          shutDown(controlFile.value.state, seen),
          keptWal(diverged, seen),
        ]
      : []),
    fullPageWritesThere(seen),
    notAStandby(seen),
  ];
}

const onOff = (value: boolean): string => (value ? 'on' : 'off');

/**
 * pg_rewind.c, ensureCleanShutdown: it has a single-user server recover first, which no standby can be
 * (xlogrecovery.c, readRecoverySignalFile: "standby mode is not supported by single-user servers").
 */
function shutDown(state: string, seen: RewindConditionsSeen): RewindCondition {
  const what = 'the standby is shut down cleanly';
  if (state === 'shut down' || state === 'shut down in recovery')
    return { what, holds: true, says: `"${state}" (pg_control)` };
  if (ifSeen(seen.standbyControl)?.running === true)
    return { what, holds: true, says: 'it is running, and is stopped first' };
  const ended = `"${state}" (pg_control), and no server is running: it ended without a shutdown`;
  if (endedAsStandby(seen))
    return seen.timelines.local.positionFrom === 'the WAL files'
      ? {
          what,
          holds: true,
          says: `${ended}. It is started and stopped first, because pg_rewind does not run recovery on a standby`,
        }
      : {
          what,
          holds: false,
          says: `${ended}. pg_rewind does not run recovery on a standby, and a start cannot complete recovery: its WAL ends before the point where its files are consistent`,
        };
  return ifSeen(seen.dataDirectory)?.signals.recovery === true
    ? { what, holds: false, says: `${ended}, and with recovery.signal, recovery ends with a promotion` }
    : { what, holds: true, says: `${ended}. pg_rewind runs its recovery first` };
}

/** It ended without a shutdown, and standby.signal keeps pg_rewind from letting it recover by itself. */
export function endedAsStandby({
  controlFile,
  dataDirectory,
  standbyControl,
}: Pick<RewindConditionsSeen, 'controlFile' | 'dataDirectory' | 'standbyControl'>): boolean {
  const state = controlFile.ok ? controlFile.value.state : undefined;
  const ended = state !== undefined && state !== 'shut down' && state !== 'shut down in recovery';
  return ended && ifSeen(standbyControl)?.running !== true && ifSeen(dataDirectory)?.signals.standby === true;
}

/** pg_rewind.c goes back from where the histories part to the checkpoint before that: promotion removes older WAL at once. */
function keptWal(
  diverged: Diverged,
  { timelines, controlFile, standbyConfiguration }: RewindConditionsSeen,
): RewindCondition {
  const what = 'its WAL goes back to the last checkpoint before the histories diverge';
  const before = timelines.local.checkpointBeforeFork;
  if (diverged.fork === undefined || before === undefined || before.kind === 'unknown' || !controlFile.ok)
    return { what, holds: undefined, says: 'not seen' };
  if (before.kind === 'found')
    return { what, holds: true, says: `the checkpoint at ${formatLsn(before.location)} is in pg_wal` };
  const { timeline } = diverged.fork;
  // -c asks it for WAL that this server has removed
  const hasRestoreCommand = (ifSeen(standbyConfiguration)?.files.settings.get('restore_command')?.value ?? '') !== '';
  const name = walFileName(timeline, before.segment, controlFile.value.walSegmentSize);
  return hasRestoreCommand
    ? { what, holds: undefined, says: `${name} is not in pg_wal; restore_command may fetch it (--restore-target-wal)` }
    : { what, holds: false, says: `${name} is no longer in pg_wal, and restore_command is not set` };
}

function fullPageWritesThere({ primarySettings }: RewindConditionsSeen): RewindCondition {
  const settings = ifSeen(primarySettings);
  const value = settings === undefined ? undefined : booleanOf(settings, 'full_page_writes');
  return {
    what: 'full_page_writes is on on the primary',
    holds: value,
    says: value === undefined ? 'not seen' : `full_page_writes ${onOff(value)}`,
  };
}

function notAStandby({ primary }: RewindConditionsSeen): RewindCondition {
  const source = ifSeen(primary);
  const what = 'the primary can be the source server';
  if (source === undefined) return { what, holds: undefined, says: 'not seen' };
  if (source.inRecovery === undefined && source.major < 14)
    return { what, holds: undefined, says: 'it is not known whether it is a standby' };
  // libpq_source.c of 13 refuses a source in recovery
  return source.inRecovery === true && source.major < 14
    ? {
        what,
        holds: false,
        says: `it is a standby of PostgreSQL ${source.major}: pg_rewind accepts a standby as source only in 14 and later`,
      }
    : {
        what,
        holds: true,
        says: source.inRecovery === false ? 'a primary' : 'PostgreSQL 14 or later, where a standby can be one too',
      };
}

/** None of them is known to fail. */
export const canServe = (conditions: readonly RewindCondition[]): boolean =>
  conditions.every(({ holds }) => holds !== false);
