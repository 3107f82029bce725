import type { ConnectionPlan, ServerCertificate } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { connectingSide, connectionFacts } from '../conninfo/connecting.ts';
import { judgeStage, placeOf, triesOf } from '../network/reach.ts';
import { defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const certificateUntrusted = defineRule({
  id: 'tls/certificate-untrusted',
  title: "The server's certificate is not one that this client trusts",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['operatingSystemUser', 'standbyServerUser', ...connectionFacts],
  explains: [...notStreaming],
  says: [
    'certificate verify failed',
    'root certificate file',
    'self-signed certificate',
    'unable to get local issuer certificate',
  ],
  docs: {
    what: "Verifies the server's certificate against the root certificates as libpq does, and fails when it does not verify, or when sslmode=verify-ca or verify-full finds no root certificate at all.",
    why: 'libpq breaks the connection off. With sslmode=prefer it goes on without TLS; then this is a finding only where the server does not let it in that way.',
    notes:
      'A root certificate that is there (~/.postgresql/root.crt) counts for every sslmode: require then verifies like verify-ca.',
    references: ['https://www.postgresql.org/docs/current/libpq-ssl.html', 'src/interfaces/libpq/fe-secure-openssl.c'],
  },
  judge({ replicationLogin, connectionPlan: plan, operatingSystemUser, standbyServerUser, ...seen }) {
    return judgeStage(replicationLogin, 'tls', (attempt, outcome) => {
      if (outcome.kind !== 'tls-refused-certificate') return undefined;
      if (outcome.why === 'expired' || outcome.why === 'hostname-mismatch') return undefined;
      const { certificate } = attempt;
      const side = connectingSide(seen);
      const home = (side === 'standby' ? ifSeen(standbyServerUser) : ifSeen(operatingSystemUser))?.home ?? '~';
      return fail({
        title: `The certificate of ${placeOf(attempt)} is not trusted here`,
        message: `${outcome.message.charAt(0).toUpperCase()}${outcome.message.slice(1)}.`,
        where: at(side, undefined, plan.sslrootcert === 'system' ? undefined : rootFile(plan, home)),
        evidence: [
          evidence('sslmode', plan.sslmode, plan.sources['sslmode'] ?? 'the connection'),
          ...describe(certificate),
          ...triesOf(replicationLogin),
        ],
        remedy: safe(
          'Trust the authority that issued the certificate.',
          manual(side, whatToDo(outcome.why, plan, certificate, home)),
        ),
      });
    });
  },
});

const rootFile = (plan: ConnectionPlan, home: string): string => plan.sslrootcert ?? `${home}/.postgresql/root.crt`;

const describe = (certificate: ServerCertificate | undefined) =>
  certificate === undefined
    ? []
    : [
        evidence('the certificate is for', certificate.subject, "the server's certificate"),
        evidence('issued by', certificate.issuer, "the server's certificate"),
      ];

function whatToDo(why: string, plan: ConnectionPlan, certificate: ServerCertificate | undefined, home: string): string {
  if (why === 'revoked') return 'Give the server a new certificate: its authority has revoked this one.';
  if (why === 'not-yet-valid') return 'Compare the clocks of both machines: the certificate is not valid yet.';
  const selfSigned = certificate !== undefined && certificate.subject === certificate.issuer;
  const root = selfSigned
    ? "the server's own certificate, which signs itself (the file that SHOW ssl_cert_file; names on the server)"
    : `the root certificate of ${certificate?.issuer ?? "the authority that issued the server's certificate"}`;
  if (plan.sslrootcert === 'system')
    return `Name the file with ${root} in sslrootcert: the system's own store does not have it.`;
  return `Put ${root} into ${rootFile(plan, home)}, beside what stands there already.`;
}
