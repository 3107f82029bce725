import { timeText } from '../../derived/sighting-evidence.ts';
import { ifSeen } from '../../facts/observed.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { noUpstream } from '../../derived/no-upstream.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { whyReceiverHidden } from '../../derived/without-stream.ts';
import { catchingUp } from '../../derived/catching-up.ts';
import { fromOutside, outsideFacts } from '../../derived/stream-from-outside.ts';
import type { OutsideFacts } from '../../derived/stream-from-outside.ts';
import { ourSender } from '../../derived/our-sender.ts';
import { tooEarly } from '../../derived/too-early.ts';
import { unexplainedStream } from '../../derived/unexplained-stream.ts';
import type { Judgement } from '../../findings/judgement.ts';

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
  messages: ['walreceiver-terminated-by-admin', 'replication-terminated-by-primary', 'pgbb-stream-ended-early'],
  docs: {
    what: "Fails when `primary_conninfo` is set, the server is in recovery, and no WAL receiver streams (pg_stat_wal_receiver) in two samples a moment apart. A receiver that starts and ends again at once does not stream. If the server accepts no connections (hot_standby off), the primary's pg_stat_replication, the process titles and the log are used.",
    why: 'The standby falls behind, and the primary either keeps WAL for it or removes WAL that it needs. Usually another finding is the cause, and this one is listed as its consequence.',
    notes:
      'pg_stat_wal_receiver shows `streaming` as soon as the receiver has logged in, even if the primary then refuses the request: a new receiver is checked a second time. While a standby replays from its archive or from its own pg_wal, it has no receiver: as long as replay progresses, that is not a fault. A standby without primary_conninfo uses only its archive.',
    references: [
      'pg_stat_wal_receiver: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW',
    ],
  },
  judge(facts) {
    const none = noUpstream(facts);
    if (none !== undefined) return notApplicable(none);
    const server = ifSeen(facts.runningStandby);
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
      return unexamined(whyReceiverHidden(server));
    }
    if (replay.again?.receiverStatus === 'streaming') return pass('the WAL receiver streams (pg_stat_wal_receiver)');
    if (replay.again?.fleeting === 'unanswered')
      return unexamined({
        kind: 'timed-out',
        because: `the WAL receiver has just connected, and the primary had not answered its request for WAL ${replay.again.afterMs} ms later`,
        remedy: 'run this again in a moment',
      });
    const isEnded = replay.again?.fleeting === 'ended';
    const status = replay.again?.receiverStatus ?? receiver?.status;
    const state = isEnded
      ? 'The WAL receiver connects and ends again at once'
      : status === undefined
        ? 'No WAL receiver is running'
        : `The WAL receiver is ${status} and does not stream`;
    const shown = [
      evidence(
        'WAL receiver',
        isEnded ? 'ended a moment after it started' : (status ?? 'none'),
        'pg_stat_wal_receiver, two samples',
      ),
      ...(replay.replayedLsn === undefined
        ? []
        : [evidence('replayed up to', formatLsn(replay.replayedLsn), 'pg_last_wal_replay_lsn()')]),
      ...(replay.lastReplayedCommitAt === undefined
        ? []
        : [evidence('last replayed commit', timeText(replay.lastReplayedCommitAt), 'pg_last_xact_replay_timestamp()')]),
    ];
    const progress = catchingUp(server, facts.serverLog);
    if (progress !== undefined)
      return fail({
        title: 'The standby does not stream yet: it replays WAL from pg_wal or its archive',
        severity: 'info',
        message: `${state}, but it catches up (${progress}): the server replays from its own pg_wal or from its archive, and connects after that.`,
        where: at('standby'),
        evidence: shown,
      });
    const early = tooEarly(server, facts.serverLog);
    if (early !== undefined && !isEnded) return unexamined(early);
    return fail({
      message: `${state}. The standby does not receive what the primary writes.`,
      where: at('standby'),
      evidence: shown,
      remedy: readLog,
      unexplained: unexplainedStream(receivesNothing, server, facts.serverLog),
    });
  },
});

const receivesNothing = 'The standby receives no WAL';

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
        message: 'The server is running but has no WAL receiver. The standby does not receive what the primary writes.',
        where: at('standby'),
        evidence: [
          evidence('WAL receiver', 'none', 'the process titles (ps), two samples'),
          evidence('startup process', String(stream.startup), 'the process titles (ps)'),
        ],
        remedy: readLog,
        unexplained: unexplainedStream(receivesNothing, undefined, facts.serverLog),
      });
  }
}

const readLog = safe(
  'Fix the cause.',
  manual(
    'standby',
    "Find the last messages of the WAL receiver in the standby's log, and pass them to standbylint explain - on standard input.",
  ),
);
