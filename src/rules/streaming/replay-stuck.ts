import type { StandbySession } from '../../facts/running-standby.ts';
import { bytesBetween } from '../../postgres/lsn.ts';
import { disruptive, manual, safe, sql } from '../../remedies/remedy.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { delaySeconds } from '../../derived/replay-delay.ts';
import { noStandby } from '../../derived/role-now.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { replaySeconds } from '../../derived/lag-parts.ts';
import { ourSender } from '../../derived/our-sender.ts';
import { conflictEndsSoonSeconds, lagSeconds } from '../../facts/thresholds.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const replayStuck = defineRule({
  id: 'streaming/replay-stuck',
  title: 'WAL is received but not replayed',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby'],
  wants: ['walSenders', 'slots', 'standbyConninfo', 'standbyConfiguration', 'dataDirectory'],
  explains: ['streaming/lag'],
  docs: {
    what: 'Warns when received WAL is not replayed between two samples, replay is neither paused nor delayed, and the startup process waits for a query (a lock, a snapshot, a buffer pin), or has waited for a minute for anything else. Names the blocking session.',
    why: 'Replay is a single process: while it waits, the standby shows an increasingly old state.',
    notes:
      'A conflict that max_standby_streaming_delay ends within five minutes is only a note, because the server resolves it.',
    references: [
      'Handling Query Conflicts: https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT',
    ],
  },
  judge(facts) {
    const { runningStandby: server } = facts;
    const { replay, startupWaits: waits } = server;
    if (!server.inRecovery) return notApplicable(noStandby);
    if (replay.pauseState !== undefined && replay.pauseState !== 'not paused')
      return notApplicable('replay is paused, see recovery/replay-paused');
    const seen = { ...facts, runningStandby: { status: 'seen', value: server, source: '' } as const };
    if ((delaySeconds(seen) ?? 0) > 0) return notApplicable('replay is delayed on purpose, see recovery/delayed');
    const { receivedLsn, replayedLsn } = replay;
    if (receivedLsn === undefined || replayedLsn === undefined || receivedLsn <= replayedLsn)
      return pass('all received WAL is replayed');
    if (replay.moves !== false) return pass('replay progresses (two samples of pg_last_wal_replay_lsn())');
    const behind = bytesBetween(replayedLsn, receivedLsn);
    const isConflict = waits !== undefined && /^(?:Lock|Buffer|BufferPin)\/|RecoveryConflict/u.test(waits);
    const found = ourSender(server, facts);
    const seconds = replaySeconds(server, found.kind === 'found' ? found.sender : undefined);
    if (!isConflict && (seconds ?? 0) < lagSeconds)
      return pass(`replay was at the same record in two samples, with ${formatBytes(behind)} left; it is working`);
    const shown = [
      evidence('received but not replayed', formatBytes(behind), 'pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()'),
      evidence(
        'the startup process waits for',
        waits === '' || waits === undefined ? 'nothing that is visible' : waits,
        'pg_stat_activity',
      ),
    ];
    if (!isConflict)
      return fail({
        title: 'Replay does not progress past one record',
        message: `${formatBytes(behind)} of WAL were received but not replayed, and replay has not progressed for ${formatDuration(seconds ?? 0)}: it is working on one record or waiting for the disk.`,
        where: at('standby'),
        evidence: shown,
        remedy: safe(
          'Check what the startup process is doing.',
          manual(
            'standby',
            'Check the startup process of the standby (pg_stat_activity, backend_type startup): what it waits for, and whether it uses CPU time or reads.',
          ),
        ),
      });
    const limitMs = Number(server.settings.get('max_standby_streaming_delay')?.value ?? 30_000);
    const endsSoon = limitMs >= 0 && limitMs <= conflictEndsSoonSeconds * 1000;
    const [session] = server.sessions.filter((one) => one.blocksReplay).concat(server.sessions);
    const limit =
      limitMs < 0
        ? 'max_standby_streaming_delay is -1: it waits forever.'
        : `max_standby_streaming_delay, ${formatDuration(limitMs / 1000)}, ends that.`;
    return fail({
      title:
        session === undefined ? 'Replay waits for a query' : `Replay waits for process ${session.pid} on this standby`,
      severity: endsSoon ? 'info' : 'warning',
      message: `${formatBytes(behind)} of WAL were received but not replayed: the startup process waits (${waits}) for ${session === undefined ? 'a session' : described(session)}. ${limit}`,
      where: at('standby'),
      evidence: shown,
      ...(endsSoon
        ? {}
        : {
            remedy:
              session === undefined
                ? safe(
                    'Find the session.',
                    manual('standby', 'Find the oldest transaction in pg_stat_activity, and end it.'),
                  )
                : disruptive(
                    'End the session.',
                    sql('standby', `SELECT pg_terminate_backend(${session.pid});`, 'end-session'),
                  ),
          }),
    });
  },
});

function described({ pid, user, database, applicationName, state, seconds }: StandbySession): string {
  const who = [
    user === undefined ? undefined : `user ${user}`,
    database === undefined ? undefined : `database ${database}`,
    applicationName === undefined || applicationName === '' ? undefined : applicationName,
  ].filter((part) => part !== undefined);
  return `process ${pid} (${[...who, state ?? 'active', `its transaction is open for ${formatDuration(seconds)}`].join(', ')})`;
}
