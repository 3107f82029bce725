import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { wholeTlsPaths } from '../../remedies/whole-passfile-path.ts';
import { turnOnTls } from '../../remedies/turn-on-tls.ts';
import { byHand, connectingSide, connectionFacts } from '../../remedies/connecting.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { at, defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const notOffered = defineRule({
  id: 'tls/not-offered',
  title: 'The connection requires TLS, but the server does not offer it',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['primarySettings', 'fileSettings', 'primaryControl', 'primaryPaths', 'standbyServerUser', ...connectionFacts],
  explains: [...notStreaming],
  messages: ['libpq-server-no-ssl'],
  docs: {
    what: 'Asks the server for TLS (SSLRequest), and fails if the server declines and sslmode is require, verify-ca or verify-full.',
    why: 'libpq then ends the connection, because it must not continue without TLS.',
    notes: 'With allow and prefer libpq continues without TLS, which tls/plaintext-replication covers.',
    references: [
      'Secure TCP/IP Connections with SSL: https://www.postgresql.org/docs/current/ssl-tcp.html',
      'Protection Provided in Different Modes: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION',
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
        client: `Or, if the network is trusted, connect without TLS: sslmode=prefer instead of sslmode=${plan.sslmode}, which comes from ${source}.`,
        standby: `or, if the network is trusted without TLS, set sslmode=prefer instead of sslmode=${plan.sslmode}, and reload: SELECT pg_reload_conf();`,
      });
      const home = plan.home ?? ifSeen(seen.standbyServerUser)?.home ?? '~';
      const trust = manual(
        connectingSide(seen),
        `Put the root certificate of the server's certificate into ${plan.sslrootcert ?? `${home}/.postgresql/root.crt`}: sslmode=${plan.sslmode} verifies it.`,
      );
      return fail({
        title: `sslmode=${plan.sslmode}, but ${placeOf(attempt)} does not offer TLS`,
        message: `The server at ${placeOf(attempt)} does not support TLS${ssl === 'off' ? ' (ssl = off)' : ''}, but sslmode=${plan.sslmode} does not allow a connection without it.`,
        where: at('primary', attempt.host),
        evidence: [
          evidence('sslmode', plan.sslmode, source),
          ...(ssl === undefined ? [] : [evidence('ssl', ssl, 'pg_settings')]),
          ...triesOf(replicationLogin),
        ],
        remedy: safe(
          'Turn TLS on in the server, and reload.',
          ...turnOnTls(seen, attempt.host),
          ...(verifies
            ? (wholeTlsPaths(seen, plan, 'sslrootcert')?.steps ?? [trust])
            : settings === undefined
              ? [lax]
              : []),
        ),
      });
    });
  },
});
