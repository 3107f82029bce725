import { ifSeen } from '../../facts/observed.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { inForce, noStandby } from '../recovery/in-force.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { Judgement } from '../rule.ts';
import { fromOutside, outsideFacts } from './from-outside.ts';
import type { OutsideFacts } from './from-outside.ts';
import { ourSender } from './our-sender.ts';
import { tooEarly } from './just-started.ts';
import { unexplainedStream } from './unexplained-stream.ts';

export const notConnected = defineRule({
  id: 'streaming/not-connected',
  title: 'The standby does not receive WAL from its primary',
  severity: 'error',
  commands: ['postmortem'],
  needs: [],
  wants: outsideFacts,
  effect: 'of-named',
  // a primary that waits for this standby waits because of it
  explains: ['streaming/not-seen-by-primary', 'primary/synchronous-commit-blocked'],
  says: [
    'terminating walreceiver process due to administrator command',
    'replication terminated by primary server',
    'replication stream was terminated before',
  ],
  docs: {
    what: 'Fails when `primary_conninfo` is set, the server is in recovery, and no WAL receiver streams (pg_stat_wal_receiver), at two looks a moment apart. A receiver that comes and is ended again at once does not stream. Where the server lets no session in (hot_standby off), the primary’s pg_stat_replication, the process titles and the log say it.',
    why: 'The standby falls behind from now on, and the primary keeps its WAL for it or removes what it needs. Usually another finding says why, and this one stands under it.',
    notes:
      'pg_stat_wal_receiver says `streaming` as soon as the login is done, and so for a moment at each attempt that the primary refuses: a young receiver is looked at again. While a standby replays from its archive or from its own pg_wal it has no receiver: as long as replay moves, that is no fault. A standby without primary_conninfo lives from its archive alone.',
    references: ['https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW'],
  },
  judge(facts) {
    const { runningStandby, standbyConninfo } = facts;
    if (runningStandby.status === 'not-applicable') return notApplicable(runningStandby.why);
    const server = ifSeen(runningStandby);
    if (server?.inRecovery === false) return notApplicable(noStandby);
    const conninfo = inForce('primary_conninfo', facts)?.value ?? ifSeen(standbyConninfo)?.text;
    if (conninfo === '' || (conninfo === undefined && standbyConninfo.status === 'seen'))
      return notApplicable('primary_conninfo is not set: the standby lives from its archive');
    if (server === undefined) return unasked(facts);
    const { receiver, replay } = server;
    if (receiver?.status === 'streaming') {
      const from = receiver.senderHost === undefined ? '' : ` from ${receiver.senderHost}:${receiver.senderPort ?? ''}`;
      return pass(`the WAL receiver streams${from} (pg_stat_wal_receiver)`);
    }
    if (server.receiverHidden) {
      const sender = ourSender(server, facts);
      if (sender.kind === 'found' && sender.sender.state === 'streaming')
        return pass(`the primary streams to this standby (${sender.by}, pg_stat_replication)`);
      return unexamined({
        kind: 'permission',
        because: 'pg_stat_wal_receiver: the login on the standby sees only the process id',
        ...(server.grant === undefined ? {} : { remedy: `on the primary: ${server.grant}` }),
      });
    }
    if (replay.again?.receiverStatus === 'streaming') return pass('the WAL receiver streams (pg_stat_wal_receiver)');
    if (replay.again?.fleeting === 'unanswered')
      return unexamined({
        kind: 'timed-out',
        because: `the WAL receiver has just connected, and ${replay.again.afterMs} ms later its primary had not answered its request for WAL`,
        remedy: 'run this again in a moment',
      });
    const isEnded = replay.again?.fleeting === 'ended';
    const status = replay.again?.receiverStatus ?? receiver?.status;
    const state = isEnded
      ? 'A WAL receiver connects and is ended again at once'
      : status === undefined
        ? 'No WAL receiver runs'
        : `The WAL receiver is ${status}, and does not stream`;
    const shown = [
      evidence(
        'WAL receiver',
        isEnded ? 'gone a moment after it came' : (status ?? 'none'),
        'pg_stat_wal_receiver, two looks',
      ),
      ...(replay.replayedLsn === undefined
        ? []
        : [evidence('replayed up to', formatLsn(replay.replayedLsn), 'pg_last_wal_replay_lsn()')]),
      ...(replay.lastReplayedCommitAt === undefined
        ? []
        : [
            evidence(
              'last replayed commit',
              replay.lastReplayedCommitAt.toISOString(),
              'pg_last_xact_replay_timestamp()',
            ),
          ]),
    ];
    if (replay.moves === true)
      return fail({
        title: 'The standby does not stream yet: it replays WAL that it has, or that its archive has',
        severity: 'info',
        message: `${state}, and replay moves: the server replays from its own pg_wal or from its archive, and will connect at the end of that.`,
        where: at('standby'),
        evidence: shown,
      });
    const early = tooEarly(server, facts.serverLog);
    if (early !== undefined && !isEnded) return unexamined(early);
    return fail({
      message: `${state}. What the primary writes does not arrive here.`,
      where: at('standby'),
      evidence: shown,
      remedy: readLog,
      unexplained: unexplainedStream(causeNotFound, server, facts.serverLog),
    });
  },
});

const causeNotFound = 'The standby receives no WAL, and the cause was not found';

/** A server that lets no session in. */
function unasked(facts: OutsideFacts): Judgement {
  const { stream } = fromOutside(facts);
  switch (stream.kind) {
    case 'streams':
      return pass(stream.by);
    case 'unknown':
      return unexamined(stream.why);
    case 'none':
      return fail({
        message: 'The server runs and has no WAL receiver. What the primary writes does not arrive here.',
        where: at('standby'),
        evidence: [
          evidence('WAL receiver', 'none', 'the process titles (ps), two looks'),
          evidence('startup process', String(stream.startup), 'the process titles (ps)'),
        ],
        remedy: readLog,
        unexplained: unexplainedStream(causeNotFound, undefined, facts.serverLog),
      });
  }
}

const readLog = safe(
  'Repair the cause.',
  manual(
    'standby',
    "Look at the last messages of the WAL receiver in the standby's log, and give them to standbylint explain - on its standard input.",
  ),
);
