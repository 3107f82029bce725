import { disruptive } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { inForce, isOn, isPrimaryNow, noStandby, whyUnseen } from './in-force.ts';

export const hotStandbyOff = defineRule({
  id: 'recovery/hot-standby-off',
  title: 'hot_standby is off: the standby lets no session in',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now'],
  wants: ['standbyConfiguration', 'runningStandby', 'standbyControl', 'dataDirectory'],
  says: ['Hot standby mode is disabled'],
  docs: {
    what: 'Warns when `hot_standby` is off.',
    why: 'The standby replays, and nobody can read on it, or look whether it streams: neither monitoring nor this tool. A cascade below it works.',
    references: ['https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-HOT-STANDBY'],
  },
  judge(facts) {
    if (isPrimaryNow(facts.runningStandby)) return notApplicable(noStandby);
    const set = inForce('hot_standby', facts);
    if (set === undefined) return unexamined(whyUnseen(facts));
    if (isOn(set.value)) return pass(`hot_standby is ${set.value} (${set.source})`);
    return fail({
      message:
        'hot_standby is off. The server replays WAL, and refuses every session: nobody can read on it or watch it.',
      where: set.where,
      evidence: [evidence('hot_standby', set.value, set.source)],
      remedy: disruptive(
        'Let sessions in, and restart the standby.',
        ...changeOnStandby(facts, { hot_standby: 'on' }, 'restart'),
      ),
    });
  },
});
