import { at, safe } from '../../remedies/remedy.ts';
import { byHand } from '../conninfo/connecting.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from './primary-place.ts';
import { judgeStage, placeOf, triesOf } from './reach.ts';

export const pooler = defineRule({
  id: 'network/pooler',
  title: 'A connection pooler answers, and it does not pass replication connections',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: primaryPlaceFacts,
  explains: [...notStreaming],
  says: ['unsupported startup parameter: replication', 'no such database: replication'],
  docs: {
    what: 'Recognises PgBouncer, Pgpool-II, Odyssey and the proxies of cloud providers by what they answer to a replication login.',
    why: 'A pooler shares server connections among clients; a replication connection cannot be shared, and most poolers refuse it.',
    notes:
      'PgBouncer 1.23 and later pass replication connections when they are set up for it: such a login succeeds, and is no finding.',
    references: [
      'https://www.pgbouncer.org/features.html',
      'https://www.postgresql.org/docs/current/protocol-replication.html',
    ],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    return judgeStage(replicationLogin, 'login', (attempt, outcome) => {
      if (outcome.kind !== 'server-refused') return undefined;
      if (outcome.refusal !== 'pooler') {
        return outcome.error.routine === undefined
          ? undefined
          : pass(`PostgreSQL itself answered at ${placeOf(attempt)} (${outcome.error.routine})`);
      }
      const there = leadingToPrimary(facts, attempt);
      return fail({
        title: `A connection pooler answers at ${placeOf(attempt)}`,
        message: `${placeOf(attempt)} is a connection pooler, not the server: it refuses a replication connection with "${outcome.error.message}".`,
        where: at('primary', attempt.host),
        evidence: [
          evidence('it says', outcome.error.message, 'the replication login'),
          ...triesOf(replicationLogin),
          ...(there?.seen ?? []),
        ],
        remedy:
          there?.remedy ??
          safe(
            'Connect to the PostgreSQL server itself, past the pooler.',
            byHand(facts, {
              client:
                'Give -h and -p the host and port of the PostgreSQL server behind the pooler: its configuration names them, and SHOW port; on the server tells the port.',
              standby:
                "write the host and port of the PostgreSQL server behind the pooler (the pooler's configuration names them, and SHOW port; on the server tells the port), and reload: SELECT pg_reload_conf();",
            }),
          ),
      });
    });
  },
});
