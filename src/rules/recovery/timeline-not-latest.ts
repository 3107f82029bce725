import { disruptive } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { inForce, isPrimaryNow, noStandby, whyUnseen } from './in-force.ts';

export const timelineNotLatest = defineRule({
  id: 'recovery/timeline-not-latest',
  title: 'recovery_target_timeline is not latest: standby cannot follow a failover',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now'],
  wants: ['standbyConfiguration', 'runningStandby', 'standbyControl', 'dataDirectory'],
  docs: {
    what: 'Warns when `recovery_target_timeline` is `current` or a number.',
    why: 'With `latest`, the default since 12, a standby follows its primary to a new timeline after a promotion. With any other value, it stays on the old timeline and receives nothing more.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-RECOVERY-TARGET-TIMELINE'],
  },
  judge(facts) {
    if (isPrimaryNow(facts.runningStandby)) return notApplicable(noStandby);
    const set = inForce('recovery_target_timeline', facts);
    if (set === undefined) return unexamined(whyUnseen(facts));
    if (set.value === 'latest') return pass(`recovery_target_timeline is latest (${set.source})`);
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
