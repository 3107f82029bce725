import { disruptive } from '../../remedies/remedy.ts';
import { isOn } from '../../postgres/settings.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { fromOutside, outsideFacts } from '../../derived/stream-from-outside.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { inForce, whyUnseen } from '../../derived/in-force.ts';
import { isPrimaryNow, noStandby } from '../../derived/role-now.ts';

export const hotStandbyOff = defineRule({
  id: 'recovery/hot-standby-off',
  title: 'hot_standby is off: the standby accepts no connections',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now'],
  wants: ['standbyControl', ...outsideFacts],
  says: ['Hot standby mode is disabled'],
  docs: {
    what: 'Warns when `hot_standby` is off. If it can be seen from outside that the standby streams, this is only a note.',
    why: 'The standby replays WAL, but no one can run queries on it or check whether it streams, including monitoring and standbylint. Cascading standbys below it work.',
    references: [
      'hot_standby: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-HOT-STANDBY',
    ],
  },
  judge(facts) {
    if (isPrimaryNow(facts.runningStandby)) return notApplicable(noStandby);
    const set = inForce('hot_standby', facts);
    if (set === undefined) return unexamined(whyUnseen(facts));
    if (isOn(set.value)) return pass(`hot_standby is ${set.value} (${set.source})`);
    const { stream } = fromOutside(facts);
    // whoever wants no queries has what was wanted, as long as it can be seen that it streams
    const streams = facts.runningStandby.status === 'unseen' && stream.kind === 'streams';
    return fail({
      severity: streams ? 'info' : 'warning',
      message:
        'hot_standby is off. The server replays WAL but refuses every connection, so no one can query or monitor it.',
      where: set.where,
      evidence: [
        evidence('hot_standby', set.value, set.source),
        ...(streams ? [evidence('it streams', stream.by, 'seen from outside')] : []),
      ],
      remedy: disruptive(
        'Turn hot_standby on, and restart the standby.',
        ...changeOnStandby(facts, { hot_standby: 'on' }, 'restart'),
      ),
    });
  },
});
