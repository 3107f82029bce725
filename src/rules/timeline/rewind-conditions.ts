import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import { booleanOf } from '../../facts/settings.ts';
import type { Primary, Settings } from '../../facts/primary.ts';
import type {
  ControlFileRead,
  DataDirectory,
  StandbyConfiguration,
  StandbyControl,
  Timelines,
} from '../../facts/standby.ts';
import { formatLsn, walFileName } from '../../postgres/lsn.ts';
import type { Diverged } from './standing.ts';

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
        ? 'both are on the same one: pg_rewind would say that nothing needs to be done, which is wrong here'
        : 'they are',
    },
    {
      what: 'the histories have a timeline in common',
      holds: diverged.sameTimeline || diverged.fork !== undefined,
      says:
        diverged.fork === undefined
          ? diverged.sameTimeline
            ? 'they have'
            : 'none was found'
          : `timeline ${diverged.fork.timeline}, up to ${formatLsn(diverged.fork.lsn)}`,
    },
    ...(controlFile.ok
      ? [
          {
            what: 'data checksums or wal_log_hints are on here',
            holds: controlFile.value.dataChecksumVersion > 0 || controlFile.value.walLogHints,
            says: `data checksums ${onOff(controlFile.value.dataChecksumVersion > 0)}, wal_log_hints ${onOff(controlFile.value.walLogHints)} (pg_control)`,
          },
          {
            what: 'full_page_writes is on here',
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
  const what = 'the server here is shut down cleanly';
  if (state === 'shut down' || state === 'shut down in recovery')
    return { what, holds: true, says: `"${state}" (pg_control)` };
  if (ifSeen(seen.standbyControl)?.running === true)
    return { what, holds: true, says: 'it runs, and is stopped first' };
  const ended = `"${state}" (pg_control), and no server runs: it ended without a shutdown`;
  if (endedAsStandby(seen))
    return seen.timelines.local.positionFrom === 'the WAL files'
      ? { what, holds: true, says: `${ended}. It is started and stopped first: pg_rewind lets no standby recover` }
      : {
          what,
          holds: false,
          says: `${ended}. pg_rewind lets no standby recover, and started it does not either: its WAL ends before the point where its files are consistent`,
        };
  return ifSeen(seen.dataDirectory)?.signals.recovery === true
    ? { what, holds: false, says: `${ended}, and with recovery.signal recovery ends in a promotion` }
    : { what, holds: true, says: `${ended}. pg_rewind lets it recover first` };
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
  const what = 'its own WAL goes back to the last checkpoint before the histories part';
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
    ? { what, holds: undefined, says: `${name} is not in pg_wal; restore_command may bring it (--restore-target-wal)` }
    : { what, holds: false, says: `${name} is not in pg_wal any more, and there is no restore_command to bring it` };
}

function fullPageWritesThere({ primarySettings }: RewindConditionsSeen): RewindCondition {
  const settings = ifSeen(primarySettings);
  const value = settings === undefined ? undefined : booleanOf(settings, 'full_page_writes');
  return {
    what: 'full_page_writes is on at the primary',
    holds: value,
    says: value === undefined ? 'not seen' : `full_page_writes ${onOff(value)}`,
  };
}

function notAStandby({ primary }: RewindConditionsSeen): RewindCondition {
  const source = ifSeen(primary);
  const what = 'the server to rewind to can be a source';
  if (source === undefined) return { what, holds: undefined, says: 'not seen' };
  if (source.inRecovery === undefined && source.major < 14)
    return { what, holds: undefined, says: 'whether it is a standby was not seen' };
  // libpq_source.c of 13 refuses a source in recovery
  return source.inRecovery === true && source.major < 14
    ? { what, holds: false, says: `it is a standby of PostgreSQL ${source.major}: only 14 and later can be rewound to` }
    : { what, holds: true, says: source.inRecovery === true ? 'a standby, of 14 or later' : 'a primary' };
}

/** None of them is known to fail. */
export const canServe = (conditions: readonly RewindCondition[]): boolean =>
  conditions.every(({ holds }) => holds !== false);
