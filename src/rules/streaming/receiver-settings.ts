import { ifSeen } from '../../facts/observed.ts';
import type { FactName, JudgedFacts } from '../../facts/facts.ts';
import type { Fault } from '../../findings/judgement.ts';
import type { Severity } from '../../findings/report.ts';
import { inServer } from '../../derived/in-force.ts';
import { isPrimaryNow, noStandby } from '../../derived/role-now.ts';
import type { InForce } from '../../derived/in-force.ts';
import { lastFailure } from '../../facts/server-log.ts';
import { longestWaitSeconds } from '../../derived/retry-interval.ts';
import { millisecondsIn } from '../../postgres/settings.ts';
import { isWithoutStream } from '../../derived/without-stream.ts';
import { isSynchronousState, ourSender } from '../../derived/our-sender.ts';
import { formatDuration } from '../../postgres/durations.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

const wants = [
  'runningStandby',
  'standbyConfiguration',
  'dataDirectory',
  'standbyControl',
  'serverLog',
  'walSenders',
  'slots',
  'standbyConninfo',
] as const satisfies readonly FactName[];
type Seen = JudgedFacts<'now', (typeof wants)[number]>;

/** A setting of time by which the standby itself gives up, waits, or is silent. */
interface Timing {
  readonly name: string;
  readonly default: string;
  /** What it does with this value, where that does harm. */
  readonly harm: (ms: number, seen: Seen) => Harm | undefined;
}

interface Harm {
  readonly severity: Severity;
  readonly title: string;
  readonly message: string;
}

const timings: readonly Timing[] = [
  {
    name: 'wal_receiver_timeout',
    default: '60s',
    harm: (ms, seen) => {
      const gaveUp =
        isWithoutStream(ifSeen(seen.runningStandby), seen.serverLog) &&
        /due to timeout/u.test(lastFailure(seen.serverLog)?.record.message ?? '');
      if (ms === 0 || ms >= (gaveUp ? shortestTimeoutMs : shortestThatHoldsMs)) return undefined;
      const time = formatDuration(ms / 1000);
      return {
        severity: gaveUp ? 'error' : 'warning',
        title: `wal_receiver_timeout is only ${time}`,
        message: gaveUp
          ? `The standby ends each connection on which the primary is silent for ${time}, and connects again. It does not get any further.`
          : `The standby ends the connection when the primary is silent for ${time}. A busy primary or a short network outage is enough.`,
      };
    },
  },
  {
    name: 'wal_retrieve_retry_interval',
    default: '5s',
    harm: (ms, seen) => {
      if (ms <= longestWaitSeconds * 1000) return undefined;
      const waits = isWithoutStream(ifSeen(seen.runningStandby), seen.serverLog);
      const time = formatDuration(ms / 1000);
      return {
        severity: waits ? 'error' : 'warning',
        title: waits
          ? `The standby waits up to ${time} before it connects again`
          : `After a lost connection the standby waits up to ${time}`,
        message: `wal_retrieve_retry_interval is ${time}: after a failed or lost connection the standby tries again only that long after the last attempt, even if the primary is available earlier.`,
      };
    },
  },
  {
    name: 'wal_receiver_status_interval',
    default: '10s',
    harm: (ms, seen) => {
      if (ms !== 0) return undefined;
      const isSynchronous = isSynchronousState(syncStateOf(seen));
      return {
        severity: isSynchronous ? 'error' : 'info',
        title: isSynchronous
          ? 'Commits on the primary wait: the standby does not report what it has received'
          : 'The standby does not report how far it is',
        message: `wal_receiver_status_interval is 0: the standby answers only when the primary asks, which it does after half of wal_sender_timeout. ${
          isSynchronous
            ? 'The standby is synchronous, so each commit waits that long, or forever if wal_sender_timeout is 0.'
            : 'Until then the primary sees an old position, and a slot keeps WAL that the standby already has.'
        }`,
      };
    },
  },
];

/** As in primary/sender-timeout: a slow disk or a lost packet takes seconds. */
const shortestTimeoutMs = 10_000;
/** The receiver asks for an answer after half of its timeout, so that it holds with a few seconds where the primary answers at once. */
const shortestThatHoldsMs = 1_000;

export const receiverSettings = defineRule({
  id: 'streaming/receiver-settings',
  title: 'A setting of the WAL receiver keeps the standby from following',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants,
  explains: ['streaming/not-connected', 'streaming/not-seen-by-primary', 'streaming/lag'],
  docs: {
    what: 'Looks at the settings by which the running standby gives up, waits, or reports: `wal_receiver_timeout` below one second (below 10 seconds, if connections end by it), `wal_retrieve_retry_interval` above one minute, and `wal_receiver_status_interval` = 0. Each is an error if it has its effect now, otherwise a warning or a note.',
    why: 'A timeout that is too short ends every connection before it is of use. A long retry interval looks like a standby that hangs. A synchronous standby that never reports makes commits on the primary wait.',
    notes: '`wal_receiver_timeout` = 0 turns the timeout off, which is allowed.',
    references: [
      'Standby settings: https://www.postgresql.org/docs/current/runtime-config-replication.html#RUNTIME-CONFIG-REPLICATION-STANDBY',
      'src/backend/replication/walreceiver.c: WalReceiverMain(), XLogWalRcvSendReply()',
      'src/backend/access/transam/xlogrecovery.c: WaitForWALToBecomeAvailable()',
    ],
  },
  judge(facts) {
    const { runningStandby } = facts;
    if (isPrimaryNow(runningStandby)) return notApplicable(noStandby);
    if (runningStandby.status === 'not-applicable') return notApplicable(runningStandby.why);
    if (runningStandby.status === 'unseen') return unexamined(runningStandby.why, 'warning');
    const seen = timings.flatMap((timing) => {
      const set = inServer(timing.name, facts);
      const ms = millisecondsIn(timing.name, set?.value);
      return set === undefined || ms === undefined ? [] : [{ timing, set, ms }];
    });
    const [first, ...others] = seen.flatMap(({ timing, set, ms }) => {
      const harm = timing.harm(ms, facts);
      return harm === undefined ? [] : [faultOf(timing, set, ms, harm, facts)];
    });
    if (first !== undefined) return fail(first, ...others);
    return pass(
      seen.map(({ timing, ms }) => `${timing.name} is ${formatDuration(ms / 1000)}`).join(', ') || 'none is set',
    );
  },
});

const faultOf = (timing: Timing, set: InForce, ms: number, harm: Harm, facts: Seen): Fault => ({
  ...harm,
  where: set.where,
  evidence: [evidence(timing.name, formatDuration(ms / 1000), set.source)],
  remedy: safe(
    `Set ${timing.name} to its default of ${timing.default}, and reload.`,
    ...changeOnStandby(facts, { [timing.name]: timing.default }, 'reload'),
  ),
});

function syncStateOf(facts: Seen): string | undefined {
  const server = ifSeen(facts.runningStandby);
  const sender = server === undefined ? undefined : ourSender(server, facts);
  return sender?.kind === 'found' ? sender.sender.syncState : undefined;
}
