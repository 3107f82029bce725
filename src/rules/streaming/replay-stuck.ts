import type { StandbySession } from '../../facts/standby.ts';
import { bytesBetween } from '../../postgres/lsn.ts';
import { at, disruptive, manual, safe, sql } from '../../remedies/remedy.ts';
import { formatBytes, formatSeconds } from '../primary/retention.ts';
import { delaySeconds } from '../recovery/delayed.ts';
import { noStandby } from '../recovery/in-force.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { replaySeconds } from './lag-parts.ts';
import { ourSender } from './our-sender.ts';
import { conflictEndsSoonSeconds, lagSeconds } from './thresholds.ts';

export const replayStuck = defineRule({
  id: 'streaming/replay-stuck',
  title: 'WAL is received and not replayed',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby'],
  wants: ['walSenders', 'slots', 'standbyConninfo', 'standbyConfiguration', 'dataDirectory'],
  explains: ['streaming/lag'],
  docs: {
    what: 'Warns when WAL waits to be replayed, replay does not move between two looks, nothing pauses or delays it, and the startup process waits for a query (a lock, a snapshot, a buffer pin), or for a minute for anything else. Says which session holds it up.',
    why: 'Replay is one process: while it waits, the standby shows an ever older state.',
    notes:
      'A conflict that max_standby_streaming_delay ends within five minutes is told as information: the server resolves it.',
    references: ['https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT'],
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
      return pass('all that was received is replayed');
    if (replay.moves !== false) return pass('replay moves (two looks at pg_last_wal_replay_lsn)');
    const behind = bytesBetween(replayedLsn, receivedLsn);
    const isConflict = waits !== undefined && /^(?:Lock|Buffer|BufferPin)\/|RecoveryConflict/u.test(waits);
    const found = ourSender(server, facts);
    const seconds = replaySeconds(server, found.kind === 'found' ? found.sender : undefined);
    if (!isConflict && (seconds ?? 0) < lagSeconds)
      return pass(`replay was at the same record at two looks, with ${formatBytes(behind)} to go; it is at work`);
    const shown = [
      evidence('received and not replayed', formatBytes(behind), 'pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()'),
      evidence(
        'the startup process waits for',
        waits === '' || waits === undefined ? 'nothing that is shown' : waits,
        'pg_stat_activity',
      ),
    ];
    if (!isConflict)
      return fail({
        title: 'Replay stands at one record',
        message: `${formatBytes(behind)} of WAL have been received and wait, and replay has not moved for ${formatSeconds(seconds ?? 0)}: it works on one record, or waits for the disk.`,
        where: at('standby'),
        evidence: shown,
        remedy: safe(
          'See what the startup process does.',
          manual(
            'standby',
            'Look at the startup process of the standby (pg_stat_activity, backend_type startup): what it waits for, and whether it uses a processor or reads.',
          ),
        ),
      });
    const limitMs = Number(server.settings.get('max_standby_streaming_delay')?.value ?? 30_000);
    const endsSoon = limitMs >= 0 && limitMs <= conflictEndsSoonSeconds * 1000;
    const [session] = server.sessions.filter((one) => one.blocksReplay).concat(server.sessions);
    const limit =
      limitMs < 0
        ? 'max_standby_streaming_delay is -1: it waits for ever.'
        : `max_standby_streaming_delay, ${formatSeconds(limitMs / 1000)}, ends that.`;
    return fail({
      title:
        session === undefined ? 'Replay waits for a query' : `Replay waits for process ${session.pid} on this standby`,
      severity: endsSoon ? 'info' : 'warning',
      message: `${formatBytes(behind)} of WAL have been received and wait: the startup process waits (${waits}) for ${session === undefined ? 'a session' : described(session)}. ${limit}`,
      where: at('standby'),
      evidence: shown,
      ...(endsSoon
        ? {}
        : {
            remedy:
              session === undefined
                ? safe(
                    'Find the session.',
                    manual('standby', 'Look for the oldest transaction in pg_stat_activity, and end it.'),
                  )
                : disruptive(
                    'End that session.',
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
  return `process ${pid} (${[...who, state ?? 'active', `its transaction is open for ${formatSeconds(seconds)}`].join(', ')})`;
}
