import type { JudgedFacts } from '../../facts/facts.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import { integerOf, textOf } from '../../facts/settings.ts';
import type { ControlFileRead } from '../../facts/data-directory.ts';
import { changeAndRestart, valueAtRestart } from '../../remedies/change-setting.ts';
import { newCopy, newCopyFacts, newCopySteps } from '../../remedies/new-copy.ts';
import { destructive, disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { looksReset } from '../../derived/reset-wal.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';
import { connectionsNeeded } from '../../derived/connections-needed.ts';

export const walLevelMinimal = defineRule({
  id: 'primary/wal-level-minimal',
  title: 'wal_level is minimal, which does not allow a standby',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now', 'primarySettings'],
  wants: [
    ...newCopyFacts,
    'controlFile',
    'timelines',
    'runningStandby',
    'primary',
    'baseBackup',
    'fileSettings',
    'primaryControl',
  ],
  explains: [
    // a standby that comes to WAL of that level ends, and does not start again
    'standby/not-running',
    'primary/no-wal-senders',
    'primary/wal-senders-exhausted',
    'wal/segment-removed',
    'slot/missing',
    ...notStreaming,
  ],
  messages: [
    'wal-level-not-sufficient-backup',
    'wal-level-minimal-cannot-continue',
    'hot-standby-wal-level-13',
    'wal-streaming-requires-replica',
  ],
  docs: {
    what: 'Fails if the primary runs with `wal_level = minimal`. The postmortem command also fails if the standby has reached WAL that was written with this level (according to its pg_control), even if the primary uses another level now.',
    why: 'With `minimal` the WAL contains only what the server needs for its own crash recovery. A standby that replays it would lose data, so the server refuses base backups and replication, and recovery stops at such WAL.',
    notes:
      'A server with `wal_level = minimal` starts only with `max_wal_senders = 0`, so both must be changed together. An existing standby then needs a new base backup: the WAL contains the change of the level, and recovery stops at it.',
    references: [
      'src/backend/access/transam/xlog.c: CheckRequiredParameterValues()',
      'wal_level: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-WAL-LEVEL',
    ],
  },
  judge(facts) {
    const { primarySettings: settings, primary, baseBackup, fileSettings, primaryControl } = facts;
    const level = textOf(settings, 'wal_level');
    if (level === undefined)
      return unexamined({ kind: 'permission', because: 'wal_level: the server does not show it' });
    const standby = ifSeen(facts.dataDirectory);
    if (level !== 'minimal' && wasReset(facts))
      return notApplicable('pg_resetwal set the level in pg_control to minimal (timeline/diverged)');
    if (level !== 'minimal')
      return standby !== undefined && cameToMinimal(facts.controlFile)
        ? fail({
            title: 'The standby has reached WAL written with wal_level = minimal',
            message: `The primary ran with wal_level = minimal for some time, and now uses ${level} again. The WAL of that time lacks data that a standby needs, so recovery cannot continue past it.`,
            where: at('standby'),
            evidence: [
              evidence('wal_level of the last WAL of the standby', 'minimal', `${standby.path}/global/pg_control`),
            ],
            remedy: newCopy(facts),
          })
        : pass(`wal_level is ${level}`);
    const seen = {
      primarySettings: { status: 'seen', value: settings, source: '' } as const,
      fileSettings,
      primaryControl,
    };
    // a restart with wal_level alone would leave max_wal_senders = 0 behind
    const senders = Number(
      valueAtRestart(fileSettings, settings, 'max_wal_senders') ?? integerOf(settings, 'max_wal_senders') ?? 0,
    );
    const enough = senders >= connectionsNeeded(baseBackup);
    const inFile = valueAtRestart(fileSettings, settings, 'wal_level');
    const waits = inFile === 'replica' || inFile === 'logical';
    const raise = changeAndRestart(seen, {
      wal_level: waits ? inFile : 'replica',
      ...(enough ? {} : { max_wal_senders: '10' }),
    });
    const summary = waits ? 'Restart the server' : 'Raise wal_level and restart the server';
    const now = waits
      ? `The primary still runs with wal_level = minimal. Its configuration files already say ${inFile}, which takes effect at a restart.`
      : 'The primary runs with wal_level = minimal, so its WAL lacks data that a standby needs. It allows neither base backups nor replication.';
    return fail({
      message:
        standby === undefined
          ? now
          : `${now} The standby cannot continue even after the level is raised: recovery stops where WAL of this level begins.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('wal_level', 'minimal', 'pg_settings')],
      remedy:
        standby === undefined
          ? disruptive(`${summary}.`, ...raise)
          : destructive(
              `${summary}, then take a new base backup; the old directory is moved aside.`,
              ...raise,
              ...newCopySteps(facts),
            ),
    });
  },
});

function wasReset(
  facts: JudgedFacts<never, 'controlFile' | 'timelines' | 'dataDirectory' | 'runningStandby'>,
): boolean {
  const [read, timelines] = [ifSeen(facts.controlFile), ifSeen(facts.timelines)];
  if (read?.ok !== true || timelines === undefined || !looksReset(read.value)) return false;
  return compareTimelines({ ...facts, controlFile: read, timelines }).kind === 'diverged';
}

/** xlog.c, xlog_redo: the control file has the level of the WAL that was replayed last, before recovery refuses to go on. */
function cameToMinimal(fact: Observed<ControlFileRead>): boolean {
  const read = ifSeen(fact);
  if (read?.ok !== true) return false;
  const { state, walLevel } = read.value;
  return walLevel === 'minimal' && (state === 'in archive recovery' || state === 'shut down in recovery');
}
