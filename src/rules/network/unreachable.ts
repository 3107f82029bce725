import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { isSocket, judgeStage, placeOf, triesOf } from './reach.ts';

export const unreachable = defineRule({
  id: 'network/unreachable',
  title: 'There is no way to the primary from this host',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin'],
  explains: [...notStreaming],
  says: ['No route to host', 'Network is unreachable'],
  docs: {
    what: 'Fails when the system itself says that the address cannot be reached: no route, another address family, or a socket that this user may not use.',
    why: 'No packet of ours arrives at the primary.',
    references: ['https://www.postgresql.org/docs/current/libpq-connect.html'],
  },
  judge({ replicationLogin }) {
    return judgeStage(replicationLogin, 'connection', (attempt, outcome) => {
      if (outcome.kind !== 'unreachable') return undefined;
      const step = isSocket(attempt)
        ? manual(
            'client',
            `Let this user reach ${attempt.address ?? attempt.host} (it needs x on every directory above it and w on the socket), or connect over TCP.`,
          )
        : manual(
            'client',
            `Set up the route to ${attempt.address ?? attempt.host}, or give an address of the primary that this host can reach.`,
          );
      return fail({
        title: `${placeOf(attempt)} cannot be reached from here`,
        message: `The system gives no way to ${placeOf(attempt)}: ${outcome.message}.`,
        where: at('client'),
        evidence: triesOf(replicationLogin),
        remedy: safe('Make the primary reachable.', step),
      });
    });
  },
});
