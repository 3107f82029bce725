import { ifSeen } from '../../facts/observed.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { inFiles, inForce, inServer, whyUnseen } from '../../derived/in-force.ts';
import { isPrimaryNow, noStandby } from '../../derived/role-now.ts';
import { recoveryTargets } from '../../postgres/settings.ts';

export const targetSet = defineRule({
  id: 'recovery/target-set',
  title: 'A recovery target is set on a standby',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants: ['standbyConfiguration', 'runningStandby', 'standbyControl', 'dataDirectory'],
  explains: [...notStreaming, ...replayStands, 'standby/already-primary'],
  messages: ['recovery-ended-before-target', 'multiple-recovery-targets', 'shutdown-at-target', 'pausing-at-end'],
  docs: {
    what: 'Fails when one of `recovery_target`, `recovery_target_lsn`, `recovery_target_name`, `recovery_target_time` and `recovery_target_xid` is set on a standby.',
    why: 'A recovery target ends recovery: at that point the server pauses, shuts down or promotes itself, depending on recovery_target_action. A standby must recover without end. Such settings are left over from a restore, or were copied in postgresql.auto.conf.',
    notes:
      'Do not resume replay that is paused at its target: `pg_wal_replay_resume()` then ends recovery and promotes the server. `recovery_target_action` without a target has no effect.',
    references: [
      'Recovery Target: https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET',
    ],
  },
  judge(facts) {
    if (isPrimaryNow(facts.runningStandby)) return notApplicable(noStandby);
    const found = recoveryTargets.flatMap((name) => {
      const set = [inServer(name, facts), inFiles(name, facts)].find((one) => one !== undefined && one.value !== '');
      return set === undefined ? [] : [{ name, ...set }];
    });
    const [first] = found;
    if (first === undefined) {
      const seen = recoveryTargets.map((name) => inForce(name, facts));
      if (seen.includes(undefined)) return unexamined(whyUnseen(facts));
      return pass(
        `no recovery target is set (${seen[0]?.source === 'pg_settings' ? 'pg_settings' : 'the configuration files'})`,
      );
    }
    const action = inForce('recovery_target_action', facts)?.value ?? 'pause';
    const server = ifSeen(facts.runningStandby);
    const there = server?.replay.pauseState === 'paused';
    // it follows until then, and a pause loses nothing
    const isAhead = server?.receiver?.status === 'streaming' && !there && action === 'pause';
    const set = found.map(({ name, value }) => `${name} = '${value}'`).join(' and ');
    return fail({
      ...(isAhead ? { severity: 'warning' as const } : {}),
      title: `${found.map(({ name }) => name).join(' and ')} ${found.length === 1 ? 'is' : 'are'} set on this standby`,
      message: `${set} with recovery_target_action = ${action}. ${
        found.length > 1
          ? 'With more than one target, the server does not start.'
          : there && action === 'pause'
            ? 'The target was reached and replay is paused. Do not resume replay: that would promote the server.'
            : (actions[action] ?? '')
      }`,
      where: first.where,
      evidence: [
        ...found.map(({ name, value, source }) => evidence(name, value, source)),
        evidence('recovery_target_action', action, inForce('recovery_target_action', facts)?.source ?? 'the default'),
      ],
      remedy: disruptive(
        'Remove the target, and restart the standby.',
        ...changeOnStandby(facts, Object.fromEntries(found.map(({ name }) => [name, ''])), 'restart'),
      ),
    });
  },
});

const actions: Readonly<Record<string, string>> = {
  pause: 'Replay pauses when it reaches the target.',
  shutdown: 'When replay reaches the target, the server shuts down, and again after each start.',
  promote: 'When replay reaches the target, the server becomes a primary.',
};
