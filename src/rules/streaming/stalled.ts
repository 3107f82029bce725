import type { HeldProcess, ServerProcesses } from '../../facts/machine.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import { bytesBetween } from '../../postgres/lsn.ts';
import { disruptive, shell } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { noStandby } from '../../derived/role-now.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { whyReceiverHidden } from '../../derived/without-stream.ts';
import { goOn, inWords } from '../../remedies/continue-processes.ts';
import { ourSender, streamsFrom } from '../../derived/our-sender.ts';
import { lagSeconds } from '../../facts/thresholds.ts';
import { silenceSeconds } from '../../derived/silence.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const stalled = defineRule({
  id: 'streaming/stalled',
  title: 'Connected, but the primary sends nothing',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby', 'now'],
  wants: [
    'dataDirectory',
    'standbyConfiguration',
    'standbyControl',
    'walSenders',
    'slots',
    'standbyConninfo',
    'ownProcesses',
    'upstreamProcesses',
    'primary',
  ],
  explains: ['streaming/lag', 'streaming/not-seen-by-primary'],
  messages: ['walreceiver-timeout', 'walsender-timeout'],
  docs: {
    what: 'Warns when the WAL receiver streams but the primary has sent nothing for more than half of `wal_receiver_timeout` plus a margin. If the primary has no WAL sender for it any more, the connection is dead, which is an error.',
    why: 'Something between the two servers drops packets, or the WAL sender hangs. The standby notices only after `wal_receiver_timeout`, and never if it is 0.',
    notes:
      'An idle primary sends nothing by itself, but answers keepalive requests: silence for longer than half of the timeout means that no answer came.',
    references: ['src/backend/replication/walreceiver.c: WalReceiverMain()'],
  },
  judge(facts) {
    const { runningStandby: server } = facts;
    const { receiver } = server;
    if (!server.inRecovery) return notApplicable(noStandby);
    if (server.receiverHidden) return unexamined(whyReceiverHidden(server));
    if (receiver?.status !== 'streaming')
      return notApplicable('the standby does not stream, see streaming/not-connected');
    if (
      ifSeen(facts.ownProcesses)?.held.some(({ pid, kind }) => pid === receiver.pid || kind === 'walreceiver') === true
    )
      return notApplicable('the WAL receiver itself is stopped, see standby/process-stopped');
    const silent = receiver.secondsSinceMessage;
    if (silent === undefined) return pass('the WAL receiver has just connected (pg_stat_wal_receiver)');
    const timeout = Number(server.settings.get('wal_receiver_timeout')?.value ?? 60_000);
    const limit = silenceSeconds(timeout);
    const sender = ourSender(server, facts);
    // without keepalives silence tells nothing, unless the primary has more than it sent
    const more = sender.kind === 'found' ? unsent(sender.sender) : undefined;
    const patience = limit ?? lagSeconds;
    const dead = sender.kind === 'absent' ? streamsFrom(receiver, facts.primary) : undefined;
    const waits = limit !== undefined || (more ?? 0n) > 0n || dead !== undefined;
    if (silent < patience || !waits)
      return pass(
        limit === undefined && silent >= patience
          ? 'wal_receiver_timeout is 0, and the primary has nothing more to send, so silence means nothing'
          : `the primary's last message came ${formatDuration(silent)} ago (pg_stat_wal_receiver)`,
      );
    const stopped = stoppedSenders(facts.upstreamProcesses);
    return fail({
      ...(dead ? { severity: 'error' as const } : {}),
      title: dead
        ? `The connection to ${dead.name} is dead, and the standby has not noticed`
        : `The primary has been silent for ${formatDuration(silent)}`,
      message: `The WAL receiver is connected but has received nothing for ${formatDuration(silent)}${
        dead
          ? `, and ${dead.name} has no WAL sender for it any more: the connection was lost on the network, and the standby was not notified.`
          : limit === undefined
            ? ', while the primary has more to send.'
            : ', not even an answer to its keepalive request.'
      } ${
        limit === undefined
          ? 'wal_receiver_timeout is 0, so it waits forever.'
          : `It gives up after wal_receiver_timeout, ${formatDuration(timeout / 1000)}, and connects again.`
      }${stopped.length === 0 ? '' : ` On the primary, ${stopped.map(inWords).join(', ')} is stopped.`}`,
      where: at('standby'),
      evidence: [
        evidence('last message', `${formatDuration(silent)} ago`, 'pg_stat_wal_receiver.last_msg_receipt_time'),
        evidence('wal_receiver_timeout', formatDuration(timeout / 1000), 'pg_settings'),
      ],
      remedy:
        stopped.length > 0
          ? goOn('primary', stopped)
          : dead && limit === undefined
            ? disruptive(
                'Set wal_receiver_timeout to its default of 60s, and end the WAL receiver: the standby starts a new one.',
                ...changeOnStandby(
                  { ...facts, runningStandby: seen(server, 'pg_settings') },
                  { wal_receiver_timeout: '60s' },
                  'reload',
                ),
                // up to 15 it ends by itself as soon as it reads the setting; from 16 on that long after it has
                shell('standby', `! kill -0 ${receiver.pid} 2>/dev/null || kill ${receiver.pid}`, 'end-process'),
              )
            : disruptive(
                'End the WAL receiver: the standby starts a new one within wal_retrieve_retry_interval.',
                // no backend: pg_terminate_backend() answers false. One that is stopped takes the signal when it goes on
                shell('standby', `kill ${receiver.pid} && kill -CONT ${receiver.pid}`, 'end-process'),
              ),
    });
  },
});

/** WAL senders of the primary that do not run on, where it is on this machine. */
const stoppedSenders = (upstream: Observed<ServerProcesses>): readonly HeldProcess[] =>
  (ifSeen(upstream)?.held ?? []).filter(({ kind, held }) => kind === 'walsender' && held !== 'waiting');

const unsent = ({
  currentLsn,
  sentLsn,
}: {
  readonly currentLsn?: Parameters<typeof bytesBetween>[0] | undefined;
  readonly sentLsn: Parameters<typeof bytesBetween>[0] | undefined;
}): bigint | undefined =>
  currentLsn === undefined || sentLsn === undefined ? undefined : bytesBetween(sentLsn, currentLsn);
