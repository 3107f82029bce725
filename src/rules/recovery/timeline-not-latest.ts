import { ifSeen } from '../../facts/observed.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import { recoveryTargetTimeline } from '../../postgres/recovery-target-timeline.ts';
import { notStreaming } from '../consequences.ts';
import { inForce, whyUnseen } from '../../derived/in-force.ts';
import { isPrimaryNow, noStandby } from '../../derived/role-now.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

export const timelineNotLatest = defineRule({
  id: 'recovery/timeline-not-latest',
  title: 'recovery_target_timeline is not latest: standby cannot follow a failover',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now'],
  wants: ['standbyConfiguration', 'runningStandby', 'standbyControl', 'dataDirectory', 'localWal', 'serverLog'],
  explains: [...notStreaming, 'standby/not-running'],
  messages: ['recovery-target-timeline-missing'],
  docs: {
    what: 'Warns when `recovery_target_timeline` is `current` or a number. Fails when that number is a timeline whose history file does not exist, and when it is neither a number nor, in lower case, `latest` or `current`.',
    why: 'A server does not start on a timeline without a history file. The server reads any other word as timeline 0, for which there is none. With `latest`, the default since 12, a standby follows its primary to a new timeline after a promotion. With any other value, it stays on the old timeline and receives nothing more.',
    references: [
      'recovery_target_timeline: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-RECOVERY-TARGET-TIMELINE',
    ],
  },
  judge(facts) {
    if (isPrimaryNow(facts.runningStandby)) return notApplicable(noStandby);
    const set = inForce('recovery_target_timeline', facts);
    if (set === undefined) return unexamined(whyUnseen(facts));
    if (set.value === 'latest') return pass(`recovery_target_timeline is latest (${set.source})`);
    const wanted = recoveryTargetTimeline(set.value);
    if (typeof wanted === 'number' && hasNoHistory(wanted, facts)) {
      const written = JSON.stringify(set.value);
      return fail({
        severity: 'error',
        title:
          wanted === 0
            ? `recovery_target_timeline is ${written}: neither latest nor current nor a timeline`
            : `recovery_target_timeline is ${set.value}, a timeline that does not exist`,
        message:
          wanted === 0
            ? `recovery_target_timeline is ${written}, which the server reads as timeline 0: it does not start.`
            : `recovery_target_timeline is ${set.value}, and pg_wal has no history file of ${String(wanted) === set.value ? 'that timeline' : `timeline ${wanted}`}: the server does not start.`,
        where: set.where,
        evidence: [evidence('recovery_target_timeline', set.value, set.source)],
        remedy: disruptive(
          'Follow the latest timeline.',
          ...changeOnStandby(facts, { recovery_target_timeline: 'latest' }, 'restart'),
        ),
      });
    }
    return fail({
      title: `recovery_target_timeline is ${set.value}: the standby will not follow a new primary`,
      message: `recovery_target_timeline is ${set.value}. When a new primary is promoted, this standby stays on the old timeline and receives nothing more.`,
      where: set.where,
      evidence: [evidence('recovery_target_timeline', set.value, set.source)],
      remedy: disruptive(
        'Follow the latest timeline, and restart the standby.',
        ...changeOnStandby(facts, { recovery_target_timeline: 'latest' }, 'restart'),
      ),
    });
  },
});

/**
 * timeline.c, existsTimeLineHistory(): the file is looked for in the archive and in pg_wal, and timeline 1 needs none. Of the
 * archive the log of the last start tells.
 */
function hasNoHistory(wanted: number, facts: Looked): boolean {
  if (wanted === 1 || ifSeen(facts.dataDirectory)?.postmaster?.process === 'running') return false;
  if (wanted === 0) return true;
  const log = ifSeen(facts.serverLog);
  const failure = log === undefined ? undefined : startFailureIn(log.summary);
  if (failure?.record.message === `recovery target timeline ${wanted} does not exist`) return true;
  const wal = ifSeen(facts.localWal);
  if (wal?.state !== 'directory' || inForce('restore_command', facts)?.value !== '') return false;
  return wal.histories.every(({ timeline }) => timeline !== wanted);
}

type Looked = JudgedFacts<
  never,
  'standbyConfiguration' | 'runningStandby' | 'dataDirectory' | 'localWal' | 'serverLog'
>;
