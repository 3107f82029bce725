import { manual, safe } from '../../remedies/remedy.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { delaySeconds } from '../../derived/replay-delay.ts';
import { noStandby } from '../../derived/role-now.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { whyReceiverHidden } from '../../derived/without-stream.ts';
import { lagParts, replaySeconds } from '../../derived/lag-parts.ts';
import type { LagPart } from '../../derived/lag-parts.ts';
import { ourSender } from '../../derived/our-sender.ts';
import { thresholdsIn } from '../../facts/thresholds.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const lag = defineRule({
  id: 'streaming/lag',
  title: 'The standby is behind its primary',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby'],
  wants: ['walSenders', 'slots', 'standbyConninfo', 'standbyConfiguration', 'dataDirectory', 'thresholds'],
  docs: {
    what: "Warns when the standby is a minute or 1 GB of WAL behind (thresholds `lagSeconds` and `lagBytes` of the configuration), and says where the delay is: in sending, on the standby's disk (write, flush), or in replay.",
    why: 'Queries on the standby see data of that age, and WAL that was not received is lost if the primary is lost.',
    notes:
      'While both servers are at the same position, there is no lag: on an idle primary, the time since the last replayed commit grows all the same. A delay set by recovery_min_apply_delay is not lag either.',
    references: [
      'pg_stat_replication: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW',
    ],
  },
  judge(facts) {
    const { runningStandby: server } = facts;
    if (!server.inRecovery) return notApplicable(noStandby);
    const found = ourSender(server, facts);
    const sender = found.kind === 'found' ? found.sender : undefined;
    if (server.receiverHidden && sender === undefined) return unexamined(whyReceiverHidden(server));
    if (!server.receiverHidden && server.receiver?.status !== 'streaming')
      return notApplicable('the standby does not stream, see streaming/not-connected');
    const seen = { ...facts, runningStandby: { status: 'seen', value: server, source: '' } as const };
    const isDelayed = (delaySeconds(seen) ?? 0) > 0;
    const source = sender === undefined ? 'pg_stat_wal_receiver' : 'pg_stat_replication';
    const parts = lagParts(server, sender).filter(({ part }) => part !== 'replay' || !isDelayed);
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0n);
    const { lagBytes, lagSeconds } = thresholdsIn(facts.thresholds);
    const seconds = isDelayed ? undefined : replaySeconds(server, sender);
    const age = seconds === undefined ? '' : `, ${formatDuration(seconds)}`;
    if (bytes < lagBytes && (bytes === 0n || (seconds ?? 0) < lagSeconds))
      return pass(
        bytes === 0n
          ? `the standby ${isDelayed ? 'has received' : 'has replayed'} everything that the primary has written (${source})`
          : `the standby is ${formatBytes(bytes)}${age} behind (${source})`,
      );
    const [most] = parts.toSorted((a, b) => (a.bytes < b.bytes ? 1 : -1));
    const where = most?.part ?? 'replay';
    return fail({
      title: `The standby is ${formatBytes(bytes)}${age} behind its primary, most of it in ${where}`,
      message: `The standby is ${formatBytes(bytes)} of WAL${age} behind. Where it waits: ${parts.map(({ part, bytes: size }) => `${part} ${formatBytes(size)}`).join(', ')}. ${reasons[where]}`,
      where: at('standby'),
      evidence: [
        ...parts.map(({ part, bytes: size }) => evidence(`${part} lag`, formatBytes(size), source)),
        ...(seconds === undefined
          ? []
          : [
              evidence(
                'age',
                formatDuration(seconds),
                sender === undefined ? 'pg_last_xact_replay_timestamp()' : 'pg_stat_replication.replay_lag',
              ),
            ]),
      ],
      remedy: safe(advice[where].summary, manual(advice[where].on, advice[where].text)),
    });
  },
});

type Part = LagPart['part'];

const reasons: Readonly<Record<Part, string>> = {
  send: 'The primary has not sent it: the connection or the WAL sender does not keep up.',
  receive: 'It has not arrived: the connection or the WAL sender does not keep up.',
  write: 'It was sent but not written on the standby: the connection or the WAL receiver does not keep up.',
  flush: 'It was written but not flushed on the standby: the disk of its pg_wal does not keep up.',
  replay: 'It was received but not replayed: replay, which is a single process, does not keep up.',
};

const network = {
  summary: 'Check the throughput of the connection.',
  on: 'primary',
  text: 'Compare the WAL that the primary writes per second with the throughput of the connection. Look for a WAL sender at 100 % of a CPU (TLS) and for packet loss.',
} as const;

const advice: Readonly<
  Record<Part, { readonly summary: string; readonly on: 'primary' | 'standby'; readonly text: string }>
> = {
  send: network,
  receive: network,
  write: network,
  flush: {
    summary: 'Check the disk of pg_wal.',
    on: 'standby',
    text: "Check the write latency of the file system of the standby's pg_wal, and what else writes to it.",
  },
  replay: {
    summary: 'Check what the startup process is doing.',
    on: 'standby',
    text: 'Check the startup process (pg_stat_activity, backend_type startup). At 100 % of a CPU, it is overloaded. If it waits for reads, recovery_prefetch (15 and later) and larger shared_buffers help.',
  },
};
