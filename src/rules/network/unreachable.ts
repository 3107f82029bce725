import { ifSeen } from '../../facts/observed.ts';
import { safe } from '../../remedies/remedy.ts';
import { byHand, whereWritten } from '../conninfo/connecting.ts';
import { defineRule, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from './primary-place.ts';
import { isSocket, judgeStage, placeOf, triesOf } from './reach.ts';

export const unreachable = defineRule({
  id: 'network/unreachable',
  title: 'There is no way to the primary from this host',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: [...primaryPlaceFacts, 'standbyServerUser'],
  explains: [...notStreaming],
  says: ['No route to host', 'Network is unreachable'],
  docs: {
    what: 'Fails when the system itself says that the address cannot be reached: no route, another address family, or a socket that this user may not use.',
    why: 'No packet of ours arrives at the primary.',
    references: ['https://www.postgresql.org/docs/current/libpq-connect.html'],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    return judgeStage(replicationLogin, 'connection', (attempt, outcome) => {
      if (outcome.kind !== 'unreachable') return undefined;
      const place = attempt.address ?? attempt.host;
      const user = ifSeen(facts.standbyServerUser)?.name ?? 'the user of the server';
      const step = isSocket(attempt)
        ? byHand(facts, {
            client: `Let this user reach ${place} (it needs x on every directory above it and w on the socket), or connect over TCP.`,
            standby: `write the primary's address as host, and reload: SELECT pg_reload_conf(); or let ${user} reach ${place} (it needs x on every directory above it and w on the socket).`,
          })
        : byHand(facts, {
            client: `Set up the route to ${place}, or give an address of the primary that this host can reach.`,
            standby: `write an address of the primary that this host can reach, and reload: SELECT pg_reload_conf(); or set up the route to ${place}.`,
          });
      const there = leadingToPrimary(facts, attempt);
      return fail({
        title: `${placeOf(attempt)} cannot be reached from here`,
        message: `The system gives no way to ${placeOf(attempt)}: ${outcome.message}.`,
        where: whereWritten(facts),
        evidence: [...triesOf(replicationLogin), ...(there?.seen ?? [])],
        remedy: there?.remedy ?? safe('Make the primary reachable.', step),
      });
    });
  },
});
