import { capitalized } from '../../findings/sentence.ts';
import type { ConnectionAttempt } from '../../facts/connection.ts';
import { certificateLoaded } from '../../remedies/certificate-loaded.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { byHand, connectWith, connectionFacts, whereWritten } from '../../remedies/connecting.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { at, defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const hostnameMismatch = defineRule({
  id: 'tls/hostname-mismatch',
  title: "The server's certificate is for another host name",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: [...connectionFacts, 'primary'],
  explains: [...notStreaming],
  messages: ['libpq-cert-host-mismatch'],
  docs: {
    what: 'With sslmode=verify-full, compares the given host with the names and addresses in the certificate, as libpq 15 and later do.',
    why: 'libpq ends the connection, because another server might be impersonating the primary.',
    notes:
      'The name in the certificate must match the given host (-h), not its address. A wildcard matches one label. libpq before 15 ignores IP addresses in a certificate.',
    references: [
      'Client Verification of Server Certificates: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBQ-SSL-CERTIFICATES',
      'src/interfaces/libpq/fe-secure-common.c: pq_verify_peer_name_matches_certificate_name()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...seen }) {
    return judgeStage(replicationLogin, 'tls', (attempt, outcome) => {
      if (outcome.kind !== 'tls-refused-certificate' || outcome.why !== 'hostname-mismatch') return undefined;
      const loaded = certificateLoaded(seen.primary);
      const names = attempt.certificate?.names ?? [];
      const usable = names.filter((name) => !name.includes('*'));
      const [name] = usable;
      const hostaddr = attempt.address === undefined ? {} : { hostaddr: attempt.address };
      const steps =
        name === undefined
          ? [
              manual(
                'primary',
                `Install a server certificate for the name ${attempt.host}, and reload: SELECT pg_reload_conf();`,
              ),
            ]
          : plan.hosts.length === 1
            ? connectWith(
                seen,
                { host: name, ...hostaddr },
                {
                  without: ['host'],
                  with: ['-h', name],
                  ...(attempt.address === undefined ? {} : { conninfo: hostaddr }),
                },
              )
            : [
                byHand(seen, {
                  client: `Use ${byName(usable, attempt)} in the connection string, or install a server certificate for the name ${attempt.host}.`,
                  standby: `use ${byName(usable, attempt)} instead of ${attempt.host}, and reload: SELECT pg_reload_conf(); or install a server certificate for the name ${attempt.host}.`,
                }),
              ];
      return fail({
        title: `The certificate of ${placeOf(attempt)} is not for ${attempt.host}`,
        message: `${capitalized(outcome.message)}.${loaded?.because ?? ''}`,
        where: name === undefined ? at('primary', attempt.host) : whereWritten(seen),
        evidence: [
          evidence('sslmode', plan.sslmode, plan.sources['sslmode'] ?? 'the connection'),
          evidence(
            'names in the certificate',
            names.length === 0 ? 'none' : names.join(', '),
            "the server's certificate",
          ),
          ...triesOf(replicationLogin),
        ],
        remedy:
          loaded?.remedy ??
          safe(
            name === undefined
              ? 'Install a server certificate for the host name that the client uses.'
              : `Connect with a name that the certificate has: ${usable.join(' or ')}. The address goes into hostaddr, so the name does not need to resolve.`,
            ...steps,
          ),
      });
    });
  },
});

const byName = (names: readonly string[], { address }: ConnectionAttempt): string =>
  `host=${names.join(' or host=')} (and hostaddr=${address ?? 'ADDRESS'} if that name does not resolve)`;
