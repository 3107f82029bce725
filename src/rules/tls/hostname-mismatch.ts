import { at, manual, safe } from '../../remedies/remedy.ts';
import { judgeStage, placeOf, triesOf } from '../network/reach.ts';
import { defineRule, evidence, fail } from '../rule.ts';

export const hostnameMismatch = defineRule({
  id: 'tls/hostname-mismatch',
  title: "The server's certificate is for another host name",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  says: ['server certificate for', 'does not match host name'],
  docs: {
    what: 'With sslmode=verify-full, compares the host that is connected to with the names and addresses in the certificate, as libpq 15 and later do.',
    why: 'libpq breaks the connection off: the certificate might be that of somebody in between.',
    notes:
      'What counts is the host as given (-h), not the address behind it. A wildcard stands for one label. libpq before 15 does not look at IP addresses in a certificate.',
    references: [
      'https://www.postgresql.org/docs/current/libpq-ssl.html#LIBQ-SSL-CERTIFICATES',
      'src/interfaces/libpq/fe-secure-common.c',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan }) {
    return judgeStage(replicationLogin, 'tls', (attempt, outcome) => {
      if (outcome.kind !== 'tls-refused-certificate' || outcome.why !== 'hostname-mismatch') return undefined;
      const names = attempt.certificate?.names ?? [];
      const usable = names.filter((name) => !name.includes('*'));
      const step =
        usable.length === 0
          ? manual(
              'primary',
              `Give the server a certificate with the name ${attempt.host}, and reload: SELECT pg_reload_conf();`,
            )
          : manual(
              'client',
              `Connect with -h ${usable.join(' or -h ')} (and hostaddr=${attempt.address ?? 'ADDRESS'} in -d where that name does not resolve), or give the server a certificate with the name ${attempt.host}.`,
            );
      return fail({
        title: `The certificate of ${placeOf(attempt)} is not for ${attempt.host}`,
        message: `${outcome.message.charAt(0).toUpperCase()}${outcome.message.slice(1)}.`,
        where: at(step.on, step.on === 'primary' ? attempt.host : undefined),
        evidence: [
          evidence('sslmode', plan.sslmode, plan.sources['sslmode'] ?? 'the connection'),
          evidence(
            'names in the certificate',
            names.length === 0 ? 'none' : names.join(', '),
            "the server's certificate",
          ),
          ...triesOf(replicationLogin),
        ],
        remedy: safe('Connect by a name that the certificate has.', step),
      });
    });
  },
});
