import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { turnOnTls } from '../../remedies/turn-on-tls.ts';
import { byHand, connectingSide, connectionFacts } from '../conninfo/connecting.ts';
import { judgeStage, placeOf, triesOf } from '../network/reach.ts';
import { defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const notOffered = defineRule({
  id: 'tls/not-offered',
  title: 'The connection demands TLS, and the server does not offer it',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['primarySettings', 'fileSettings', 'primaryControl', 'primaryPaths', 'standbyServerUser', ...connectionFacts],
  explains: [...notStreaming],
  says: ['server does not support SSL, but SSL was required'],
  docs: {
    what: 'Asks the server for TLS (SSLRequest) and fails when it says no and sslmode is require, verify-ca or verify-full.',
    why: 'libpq then gives up, for it may not go on without TLS.',
    notes: 'With allow and prefer libpq goes on without TLS: no finding here (see tls/plaintext-replication).',
    references: [
      'https://www.postgresql.org/docs/current/ssl-tcp.html',
      'https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...seen }) {
    return judgeStage(replicationLogin, 'tls', (attempt, outcome) => {
      if (outcome.kind !== 'tls-not-offered') return undefined;
      const settings = ifSeen(seen.primarySettings);
      const ssl = settings && textOf(settings, 'ssl');
      const source = plan.sources['sslmode'] ?? 'the connection';
      const verifies = plan.sslmode.startsWith('verify');
      const lax = byHand(seen, {
        client: `Or go without TLS where the network may be trusted: sslmode=prefer in place of sslmode=${plan.sslmode}, which comes from ${source}.`,
        standby: `or write sslmode=prefer in place of sslmode=${plan.sslmode}, where the network may be trusted without TLS, and reload: SELECT pg_reload_conf();`,
      });
      const home = ifSeen(seen.standbyServerUser)?.home ?? '~';
      const trust = manual(
        connectingSide(seen),
        `Put the root certificate of the server's certificate into ${plan.sslrootcert ?? `${home}/.postgresql/root.crt`}: sslmode=${plan.sslmode} verifies it.`,
      );
      return fail({
        title: `sslmode=${plan.sslmode}, and ${placeOf(attempt)} does not offer TLS`,
        message: `The server at ${placeOf(attempt)} answers that it has no TLS${ssl === 'off' ? ' (ssl = off)' : ''}, and sslmode=${plan.sslmode} allows no connection without.`,
        where: at('primary', attempt.host),
        evidence: [
          evidence('sslmode', plan.sslmode, source),
          ...(ssl === undefined ? [] : [evidence('ssl', ssl, 'pg_settings')]),
          ...triesOf(replicationLogin),
        ],
        remedy: safe(
          'Turn TLS on in the server, and reload (nobody is disturbed).',
          ...turnOnTls(seen, attempt.host),
          ...(verifies ? [trust] : settings === undefined ? [lax] : []),
        ),
      });
    });
  },
});
