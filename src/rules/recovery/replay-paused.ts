import { formatLsn, bytesBetween } from '../../postgres/lsn.ts';
import { disruptive, safe, sql } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { inServer } from '../../derived/in-force.ts';
import { noStandby } from '../../derived/role-now.ts';
import { recoveryTargets } from '../../postgres/settings.ts';
import { requirements, tooLow } from '../../derived/required-settings.ts';

export const replayPaused = defineRule({
  id: 'recovery/replay-paused',
  title: 'Replay is paused',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now', 'runningStandby'],
  wants: ['controlFile', 'primarySettings', 'primary', 'standbyConfiguration', 'standbyControl', 'dataDirectory'],
  explains: ['streaming/lag', 'streaming/replay-stuck'],
  messages: ['recovery-has-paused'],
  docs: {
    what: "Warns when replay is paused by `pg_wal_replay_pause()`. Fails when the server paused itself because its settings are lower than the primary's or because a recovery target was reached.",
    why: 'The standby keeps receiving WAL, but shows an increasingly old state, and its pg_wal grows.',
    notes:
      'The fix depends on the cause. A manual pause can be resumed. If the server paused itself because of its settings, resuming shuts it down; at a recovery target, resuming promotes it.',
    references: [
      'Recovery Control Functions: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL',
      'src/backend/access/transam/xlogrecovery.c: recoveryPausesHere()',
    ],
  },
  judge(facts) {
    const { runningStandby: server } = facts;
    const { replay } = server;
    if (!server.inRecovery) return notApplicable(noStandby);
    if (replay.pauseState === undefined || replay.pauseState === 'not paused')
      return pass('replay is not paused (pg_is_wal_replay_paused)');
    const seen = { ...facts, runningStandby: { status: 'seen', value: server, source: '' } as const };
    const target = recoveryTargets.find((name) => (inServer(name, seen)?.value ?? '') !== '');
    const required = requirements(facts);
    const low = tooLow(required, (name) => inServer(name, seen)?.value);
    const behind =
      replay.receivedLsn === undefined || replay.replayedLsn === undefined
        ? undefined
        : bytesBetween(replay.replayedLsn, replay.receivedLsn);
    const waits =
      behind === undefined || behind <= 0n ? '' : ` ${formatBytes(behind)} of WAL were received but not replayed.`;
    const shown = [
      evidence('replay', replay.pauseState, 'pg_get_wal_replay_pause_state()'),
      ...(replay.replayedLsn === undefined
        ? []
        : [evidence('replayed up to', formatLsn(replay.replayedLsn), 'pg_last_wal_replay_lsn()')]),
    ];
    if (low.length > 0)
      return fail({
        title: `The server paused replay: ${low.join(', ')} ${low.length === 1 ? 'is' : 'are'} lower than on the primary`,
        severity: 'error',
        message: `The server paused replay because ${low.join(', ')} ${low.length === 1 ? 'is' : 'are'} lower than on the primary.${waits} Resuming would shut it down.`,
        where: at('standby'),
        evidence: shown,
        remedy: disruptive(
          'Raise the settings, and restart the standby, which ends the pause.',
          ...changeOnStandby(
            seen,
            Object.fromEntries(low.map((name) => [name, String(required.get(name)?.value ?? '')])),
            'restart',
          ),
        ),
      });
    if (target !== undefined)
      return fail({
        title: `Replay is paused at the recovery target (${target})`,
        severity: 'error',
        message: `${target} is set, and replay is paused.${waits} Resuming would end recovery and promote this server.`,
        where: at('standby'),
        evidence: [...shown, evidence(target, inServer(target, seen)?.value ?? '', 'pg_settings')],
        remedy: disruptive(
          'Remove the target, and restart the standby, which ends the pause.',
          ...changeOnStandby(seen, { [target]: '' }, 'restart'),
        ),
      });
    return fail({
      title: 'Replay is paused by pg_wal_replay_pause()',
      severity: 'warning',
      message: `Replay is paused, and neither a recovery target nor a setting explains it: pg_wal_replay_pause() was called.${waits}`,
      where: at('standby'),
      evidence: shown,
      remedy: safe('Resume replay.', {
        ...sql('standby', 'SELECT pg_wal_replay_resume();', 'control-replay'),
        undo: sql('standby', 'SELECT pg_wal_replay_pause();', 'control-replay'),
      }),
    });
  },
});
