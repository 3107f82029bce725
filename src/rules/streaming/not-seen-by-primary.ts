import { ifSeen } from '../../facts/observed.ts';
import type { Unseen } from '../../facts/observed.ts';
import type { RunningStandby } from '../../facts/running-standby.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { noUpstream } from '../../derived/no-upstream.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { tooEarly } from '../../derived/too-early.ts';
import { catchingUp } from '../../derived/catching-up.ts';
import { fromOutside, outsideFacts } from '../../derived/stream-from-outside.ts';
import type { FromOutside, OutsideFacts } from '../../derived/stream-from-outside.ts';
import { isCopy, ourSender, streamsFrom } from '../../derived/our-sender.ts';
import { unexplainedStream } from '../../derived/unexplained-stream.ts';
import type { OurSender } from '../../derived/our-sender.ts';

export const notSeenByPrimary = defineRule({
  id: 'streaming/not-seen-by-primary',
  title: 'The primary does not list this standby',
  severity: 'error',
  commands: ['postmortem'],
  needs: [],
  wants: [...outsideFacts, 'primary'],
  effect: 'of-named',
  docs: {
    what: "Fails when the primary's pg_stat_replication has no row for this standby: neither one that uses its slot nor one with its application_name.",
    why: "The standby's own view of its connection is only one side. A primary that does not list the standby sends it nothing and does not treat it as synchronous.",
    notes:
      'In a cascade, its direct upstream lists it, not the primary at the top. If the upstream was not queried, a streaming WAL receiver is proof enough.',
    references: [
      'pg_stat_replication: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW',
    ],
  },
  judge(facts) {
    const { primary } = facts;
    const none = noUpstream(facts);
    if (none !== undefined) return notApplicable(none);
    const server = ifSeen(facts.runningStandby);
    if (server?.receiver?.status !== 'streaming' && server?.receiverHidden === false && server.replay.moves === true)
      return notApplicable('it replays WAL from pg_wal or its archive, and connects after that');
    const { found, streams, hasNone, unknown } =
      server === undefined
        ? outsideView(fromOutside(facts))
        : insideView(server, ourSender(server, facts), facts.serverLog);
    const receiver = server?.receiver;
    if ((found.kind === 'found' || found.kind === 'several') && hasNone)
      return notApplicable(
        'the primary lists a standby with this name, but this one has no WAL receiver: it is another standby, or a connection that has just ended',
      );
    if (found.kind === 'found')
      return pass(
        `the primary lists this standby as ${found.sender.state ?? 'connected'} (${found.by}, pg_stat_replication)`,
      );
    if (found.kind === 'several')
      return pass(
        `the primary lists ${found.senders.length} standbys with the name ${found.name} (pg_stat_replication)`,
      );
    if (found.kind === 'unseen')
      return streams
        ? pass(
            `the WAL receiver streams, so its upstream has a WAL sender for it (${server === undefined ? 'seen from outside' : 'pg_stat_wal_receiver'})`,
          )
        : unexamined(found.why);
    if (unknown !== undefined) return unexamined(unknown);
    const progress = streams || server === undefined ? undefined : catchingUp(server, facts.serverLog);
    if (progress !== undefined) return notApplicable(`the standby does not connect yet: ${progress}`);
    const above = ifSeen(primary);
    if (streams && streamsFrom(receiver, primary) === undefined)
      return notApplicable(
        receiver === undefined
          ? 'the standby streams, but the queried server does not list it: it follows another server'
          : `the standby streams from ${receiver.senderHost ?? 'another server'}:${receiver.senderPort ?? ''}, which is not the server that was queried`,
      );
    const others = found.all.filter((sender) => !isCopy(sender));
    const name = above?.name ?? 'The primary';
    return fail({
      title: `${above?.name ?? 'The primary'} does not list this standby`,
      message: `pg_stat_replication of ${above?.name ?? 'the primary'} has ${
        others.length === 0 ? 'no row' : `${others.length} ${others.length === 1 ? 'row' : 'rows'}, none`
      } for this standby${found.name === undefined ? '' : `, which reports itself as ${found.name === '' ? 'nothing (an empty name)' : found.name}`}.`,
      where: at('primary', above?.name),
      evidence: [
        evidence(
          'standbys on the primary',
          others.length === 0
            ? 'none'
            : others
                .slice(0, 10)
                .map(
                  ({ applicationName, address }) => `${applicationName ?? 'unnamed'} from ${address ?? 'its socket'}`,
                )
                .join(', '),
          'pg_stat_replication',
        ),
      ],
      remedy: safe(
        'Fix the cause.',
        manual(
          'standby',
          `Find out why the standby does not reach ${name === 'The primary' ? 'the primary' : name}: see streaming/not-connected.`,
        ),
      ),
      unexplained: unexplainedStream('The primary does not list this standby', server, facts.serverLog),
    });
  },
});

interface View {
  readonly found: OurSender;
  readonly streams: boolean;
  /** It has no receiver that could be in the primary's list. */
  readonly hasNone: boolean;
  /** Why nothing can be said yet. */
  readonly unknown: Unseen | undefined;
}

function insideView(server: RunningStandby, found: OurSender, serverLog: OutsideFacts['serverLog']): View {
  const streams = server.receiver?.status === 'streaming';
  return {
    found,
    streams,
    hasNone: !streams && !server.receiverHidden,
    unknown: streams ? undefined : tooEarly(server, serverLog),
  };
}

const outsideView = ({ stream, sender }: FromOutside): View => ({
  found: sender,
  streams: stream.kind === 'streams',
  hasNone: stream.kind === 'none',
  unknown: stream.kind === 'unknown' ? stream.why : undefined,
});
