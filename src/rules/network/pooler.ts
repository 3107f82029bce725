import { safe } from '../../remedies/remedy.ts';
import { byHand } from '../../remedies/connecting.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';

export const pooler = defineRule({
  id: 'network/pooler',
  title: 'A connection pooler refuses the replication connection',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: primaryPlaceFacts,
  explains: [...notStreaming],
  says: ['unsupported startup parameter: replication', 'no such database: replication'],
  docs: {
    what: 'Recognizes PgBouncer, Pgpool-II, Odyssey and the proxies of cloud providers by their answer to a replication login.',
    why: 'A pooler shares server connections between clients. A replication connection cannot be shared, and most poolers refuse it.',
    notes:
      'PgBouncer 1.23 and later can pass replication connections through. If the login succeeds, nothing is reported.',
    references: [
      'PgBouncer, Features: https://www.pgbouncer.org/features.html',
      'Streaming Replication Protocol: https://www.postgresql.org/docs/current/protocol-replication.html',
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
        message: `${placeOf(attempt)} is a connection pooler, not the server. It refuses the replication connection: "${outcome.error.message}".`,
        where: at('primary', attempt.host),
        evidence: [
          evidence('its error message', outcome.error.message, 'the replication login'),
          ...triesOf(replicationLogin),
          ...(there?.seen ?? []),
        ],
        remedy:
          there?.remedy ??
          safe(
            'Connect directly to the PostgreSQL server, not to the pooler.',
            byHand(facts, {
              client:
                'Give -h and -p the host and port of the PostgreSQL server behind the pooler. They are in the configuration of the pooler, and SHOW port; on the server shows the port.',
              standby:
                "set the host and port of the PostgreSQL server behind the pooler (they are in the pooler's configuration, and SHOW port; on the server shows the port), and reload: SELECT pg_reload_conf();",
            }),
          ),
      });
    });
  },
});
