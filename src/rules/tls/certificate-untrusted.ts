import { capitalized } from '../../findings/sentence.ts';
import type { ConnectionAttempt, ConnectionPlan, ServerCertificate } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import { certificateLoaded } from '../../remedies/certificate-loaded.ts';
import { manual, reload, safe } from '../../remedies/remedy.ts';
import { connectingSide, connectionFacts } from '../../remedies/connecting.ts';
import { wholeTlsPaths } from '../../remedies/whole-passfile-path.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { at, defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const certificateUntrusted = defineRule({
  id: 'tls/certificate-untrusted',
  title: "The client does not trust the server's certificate",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['operatingSystemUser', 'standbyServerUser', 'primary', ...connectionFacts],
  explains: [...notStreaming],
  messages: [
    'ssl-verify-failed',
    'libpq-ssl-verify-failed',
    'libpq-root-cert-missing',
    'libpq-root-cert-home',
    'libpq-root-cert-read',
  ],
  says: ['self-signed certificate', 'unable to get local issuer certificate'],
  docs: {
    what: "Verifies the server's certificate against the root certificates as libpq does. Fails if the verification fails, or if sslmode=verify-ca or verify-full finds no root certificate.",
    why: 'libpq ends the connection. With sslmode=prefer it continues without TLS; this is then reported only if the server refuses the unencrypted connection.',
    notes:
      'If a root certificate exists (~/.postgresql/root.crt), it applies to every sslmode: require then verifies like verify-ca.',
    references: [
      'SSL Support: https://www.postgresql.org/docs/current/libpq-ssl.html',
      'src/interfaces/libpq/fe-secure-openssl.c: initialize_SSL()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, operatingSystemUser, standbyServerUser, ...seen }) {
    return judgeStage(replicationLogin, 'tls', (attempt, outcome) => {
      if (outcome.kind !== 'tls-refused-certificate') return undefined;
      if (outcome.why === 'expired' || outcome.why === 'hostname-mismatch') return undefined;
      const { certificate } = attempt;
      const side = connectingSide(seen);
      const user = side === 'standby' ? ifSeen(standbyServerUser) : ifSeen(operatingSystemUser);
      const roots = outcome.roots ?? plan.sslrootcert ?? `${plan.home ?? user?.home ?? '~'}/.postgresql/root.crt`;
      const fault = faultOf(outcome, roots, plan, certificate);
      const loaded = outcome.why === 'no-root-certificate' ? undefined : certificateLoaded(seen.primary);
      return fail({
        title: fault.title(placeOf(attempt)),
        message: `${capitalized(outcome.message)}.${loaded?.because ?? ''}`,
        where:
          fault.on === 'primary' || loaded !== undefined
            ? at('primary', attempt.host)
            : at(side, undefined, plan.sslrootcert === 'system' ? undefined : (fault.file ?? roots)),
        evidence: [
          evidence('sslmode', plan.sslmode, plan.sources['sslmode'] ?? 'the connection'),
          ...describe(certificate),
          ...triesOf(replicationLogin),
        ],
        remedy:
          loaded?.remedy ??
          (outcome.why === 'no-root-certificate' ? wholeTlsPaths(seen, plan, 'sslrootcert') : undefined) ??
          safe(
            fault.summary,
            ...(fault.on === 'primary'
              ? [manual('primary', fault.step), reload('primary')]
              : [manual(side, fault.step)]),
            ...(fault.orPrimary === undefined ? [] : [manual('primary', fault.orPrimary)]),
          ),
      });
    });
  },
});

const describe = (certificate: ServerCertificate | undefined) =>
  certificate === undefined
    ? []
    : [
        evidence('certificate subject', certificate.subject, "the server's certificate"),
        evidence('issued by', certificate.issuer, "the server's certificate"),
      ];

interface TrustFault {
  readonly title: (place: string) => string;
  readonly summary: string;
  /** Who has to act. */
  readonly on: 'primary' | 'client';
  readonly step: string;
  /** On the client. */
  readonly file?: string | undefined;
  /** What the primary could lack instead. */
  readonly orPrimary?: string;
}

type Refused = Extract<ConnectionAttempt['outcome'], { readonly kind: 'tls-refused-certificate' }>;

function faultOf(
  { why, revocations }: Refused,
  roots: string,
  plan: ConnectionPlan,
  certificate: ServerCertificate | undefined,
): TrustFault {
  const issuer = certificate?.issuer ?? "the authority that issued the server's certificate";
  const list = revocations ?? 'the file given by sslcrl';
  const newCertificate =
    'Replace the files shown by SHOW ssl_cert_file; and SHOW ssl_key_file; with a new certificate and its key.';
  switch (why) {
    case 'revoked':
      return {
        title: (place) => `The certificate of ${place} is revoked`,
        summary: 'Install a new certificate on the server, because its authority has revoked this one, and reload.',
        on: 'primary',
        step: newCertificate,
      };
    case 'weak-key':
      return {
        title: (place) => `The key of ${place}'s certificate is too weak`,
        summary: 'Install a server certificate with a longer key (RSA with 2048 bits or more), and reload.',
        on: 'primary',
        step: newCertificate,
      };
    case 'crl-expired':
      return {
        title: () => `The certificate revocation list has expired`,
        summary: 'Get the current revocation list. The certificates themselves are valid.',
        on: 'client',
        file: revocations,
        step: `Replace ${list} with the current revocation list of ${issuer}. Its next update (openssl crl -noout -nextupdate) must be in the future.`,
      };
    case 'crl-not-yet-valid':
      return {
        title: () => 'The certificate revocation list is not valid yet',
        summary: 'Correct the clocks.',
        on: 'client',
        file: revocations,
        step: `Compare the clock of this machine with the last update of ${list} (openssl crl -noout -lastupdate).`,
      };
    case 'crl-of-another':
      return {
        title: () => 'The revocation list is from another certificate authority',
        summary: 'Add the missing revocation lists: libpq needs one for every authority in the chain.',
        on: 'client',
        file: revocations,
        step: `Put the current revocation list of ${issuer} into ${list}, and those of all authorities above it.`,
      };
    case 'not-yet-valid':
      return {
        title: (place) => `The certificate of ${place} is not valid yet`,
        summary: 'Correct the clocks.',
        on: 'client',
        step: `Compare the clocks of both machines: the certificate is valid from ${certificate?.validFrom?.toISOString() ?? 'a later time'}.`,
      };
    case 'untrusted':
    case 'no-root-certificate':
    case 'expired':
    case 'hostname-mismatch':
      return untrusted(why === 'no-root-certificate', roots, plan, certificate, issuer);
  }
}

function untrusted(
  noFile: boolean,
  roots: string,
  plan: ConnectionPlan,
  certificate: ServerCertificate | undefined,
  issuer: string,
): TrustFault {
  const selfSigned = certificate !== undefined && certificate.subject === certificate.issuer;
  const root = selfSigned
    ? "the server's own certificate, which is self-signed (the file shown by SHOW ssl_cert_file; on the server)"
    : `the root certificate of ${issuer}`;
  return {
    title: (place) => `The client does not trust the certificate of ${place}`,
    summary: 'Trust the authority that issued the certificate.',
    on: 'client',
    step:
      plan.sslrootcert === 'system'
        ? `Set sslrootcert to a file with ${root}: the operating system's certificate store does not have it.`
        : `Add ${root} to ${roots}; keep the certificates that are already in it.`,
    ...(selfSigned || noFile || certificate === undefined
      ? {}
      : {
          orPrimary: `If ${issuer} is an intermediate authority below one that the client trusts: append its certificate to the file shown by SHOW ssl_cert_file; on the server, and reload: SELECT pg_reload_conf();`,
        }),
  };
}
