import type { ClientCertificate, ConnectionAttempt, ConnectionPlan } from '../../facts/connection.ts';
import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import type { Remedy, Side } from '../../findings/report.ts';
import { giveCertificate } from '../../remedies/client-certificate.ts';
import { setParameter } from '../../remedies/command-line.ts';
import { onlyWithFiles } from '../../remedies/only-with-files.ts';
import { manual, reload, safe } from '../../remedies/remedy.ts';
import { systemAltered } from '../../remedies/reversible.ts';
import { connectWith, connectingSide, connectionFacts } from '../../remedies/connecting.ts';
import type { ConnectionFacts } from '../../remedies/connecting.ts';
import { wholeTlsPaths } from '../../remedies/whole-passfile-path.ts';
import { placeOf, triesOf } from '../../derived/login-stages.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const clientCertificateRefused = defineRule({
  id: 'tls/client-certificate',
  title: 'The primary receives no acceptable client certificate',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['primary', 'primarySettings', ...connectionFacts],
  explains: ['hba/shadowed', 'hba/no-replication-entry', 'network/login-not-possible', ...notStreaming],
  messages: ['auth-cert-required', 'auth-cert-no-root-store', 'ssl-alert-unknown-ca', 'ssl-alert-expired'],
  says: ['tlsv13 alert certificate required'],
  docs: {
    what: 'Fails if the matching line of pg_hba.conf requires a client certificate (`cert`, `clientcert`) and the client sends none, if the primary refuses the certificate (another authority, expired, revoked), or if the primary has no `ssl_ca_file` to verify it.',
    why: 'A password does not help: the certificate is checked before it or in addition to it.',
    notes:
      'libpq sends `~/.postgresql/postgresql.crt` of the connecting user (for a standby, the user of the server), unless `sslcert` gives another file. With `sslcertmode=disable` (libpq 16 and later) it sends none. A primary with `ssl_ca_file` refuses a certificate of another authority even if no line requires one. hba/no-user-map covers a name in the certificate that does not match the role; tls/client-key-permissions covers a key that libpq does not use.',
    references: [
      'Client Certificates: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-CLIENTCERT',
      'Using Client Certificates: https://www.postgresql.org/docs/current/ssl-tcp.html#SSL-CLIENT-CERTIFICATES',
      'src/backend/libpq/auth.c: ClientAuthentication()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted')
      return pass(`${placeOf(stage.attempt)} let ${plan.user} in with the certificate setup of the client`);
    const { attempt } = stage;
    const { outcome, identity } = attempt;
    const side = connectingSide({ ...wanted, now });
    const common = {
      evidence: [
        ...(identity?.kind === 'certificate' ? shown(identity) : []),
        ...(identity?.kind === 'none' ? [evidence('client certificate', notSent(identity), 'libpq')] : []),
        ...triesOf(replicationLogin),
      ],
    };
    if (outcome.kind === 'tls-other') {
      const reason = outcome.alert === undefined ? undefined : reasons.get(outcome.alert);
      if (reason === undefined) return notApplicable(`TLS ended for another reason: ${outcome.message}`);
      if (identity?.kind === 'none')
        return fail({
          title: `${placeOf(attempt)} requires a client certificate`,
          message: `${placeOf(attempt)} ends the TLS handshake ("${outcome.message}"): the client sends no certificate (${notSent(identity)}).`,
          where: at(side, undefined, identity.file),
          ...common,
          remedy: sendOne(side, attempt, plan, { ...wanted, now }),
        });
      if (identity === undefined)
        return notApplicable(`the certificate that the client sends is not known: ${outcome.message}`);
      const isOver = identity.validTo < now;
      const isEarly = identity.validFrom > now;
      const why = isOver
        ? `it expired on ${day(identity.validTo)}`
        : isEarly
          ? `it is not valid before ${day(identity.validFrom)}: compare the clocks of both machines`
          : reason;
      const settings = ifSeen(wanted.primarySettings);
      const authorities = settings && textOf(settings, 'ssl_ca_file');
      return fail({
        title: `${placeOf(attempt)} refuses the client certificate`,
        message: `${placeOf(attempt)} ends the TLS handshake ("${outcome.message}"): it does not accept the certificate ${identity.file}: ${why}.`,
        where: at(side, undefined, identity.file),
        evidence: [
          ...common.evidence,
          ...(authorities === undefined || authorities === ''
            ? []
            : [evidence('ssl_ca_file', authorities, 'pg_settings')]),
        ],
        remedy: safe(
          'Use a certificate that the primary accepts.',
          giveCertificate(side, identity, plan.user),
          ...(isOver || isEarly || outcome.alert !== 'unknown ca'
            ? []
            : [
                manual(
                  'primary',
                  `If the server should trust ${identity.issuer} for clients: append its certificate to ${authorities === undefined || authorities === '' ? 'the file shown by SHOW ssl_ca_file;' : authorities}, and reload: SELECT pg_reload_conf();`,
                ),
              ]),
        ),
      });
    }
    if (stage.stage === 'not-reached') return unexamined(notThatFar(attempt));
    if (stage.stage === 'client-stopped') return pass('the primary does not ask for a certificate');
    if (/client certificates can only be checked/u.test(stage.error.message))
      return fail({
        title: 'pg_hba.conf requires client certificates, but ssl_ca_file is not set',
        message: `Without ssl_ca_file the primary cannot verify client certificates, so it refuses every connection that matches a cert or clientcert line of pg_hba.conf: ${stage.error.message}.`,
        where: at('primary', ifSeen(wanted.primary)?.name ?? attempt.host),
        evidence: [evidence('the server says', stage.error.message, 'the replication login'), ...common.evidence],
        remedy: safe(
          'Set ssl_ca_file to the authority of the client certificates, and reload.',
          manual(
            'primary',
            `Put the certificate of the authority that issues the client certificates${identity?.kind === 'certificate' ? ` (${identity.issuer})` : ''} into root.crt in the data directory, readable by the server.`,
          ),
          // in the data directory, where the server reads it
          onlyWithFiles(systemAltered('primary', 'ssl_ca_file', 'root.crt', undefined), ['root.crt']),
          reload('primary'),
        ),
      });
    if (!/client certificate/u.test(stage.error.message)) return pass(`the primary answered "${stage.error.message}"`);
    return fail({
      title: `The client sends no certificate for role ${plan.user}`,
      message: `The matching line of pg_hba.conf requires a client certificate, but the client sends none${identity?.kind === 'none' ? `: ${notSent(identity)}` : ''}.`,
      where: at(side, undefined, identity?.file),
      evidence: [evidence('the server says', stage.error.message, 'the replication login'), ...common.evidence],
      remedy: sendOne(side, attempt, plan, { ...wanted, now }),
    });
  },
});

/** RFC 8446, section 6.2: the alerts that are about the certificate of the other side. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['unknown ca', 'its issuer is not an authority that the primary trusts (ssl_ca_file)'],
  ['certificate expired', 'it has expired according to the clock of the primary'],
  ['certificate revoked', 'its authority has revoked it (ssl_crl_file of the primary)'],
  ['certificate unknown', 'the primary cannot verify it'],
  ['bad certificate', 'the primary cannot verify it'],
  ['unsupported certificate', 'it is not issued for TLS clients (extendedKeyUsage)'],
  ['certificate required', 'the primary requires one'],
]);

const shown = ({ file, distinguishedName, issuer, validTo }: ClientCertificate) => [
  evidence('client certificate', distinguishedName, file),
  evidence('issued by', issuer, file),
  evidence('valid until', day(validTo), file),
];

const notSent = ({ because, file }: { readonly because: 'absent' | 'disabled'; readonly file: string }): string =>
  because === 'disabled' ? 'sslcertmode=disable' : `${file} does not exist`;

function sendOne(
  side: Side,
  { identity }: ConnectionAttempt,
  plan: Pick<ConnectionPlan, 'user' | 'sources' | 'meantFiles'>,
  facts: ConnectionFacts,
): Remedy {
  if (identity?.kind === 'none' && identity.because === 'disabled')
    return safe(
      `Let libpq send its certificate: sslcertmode=allow instead of sslcertmode=disable, which comes from ${plan.sources['sslcertmode'] ?? 'the connection'}.`,
      ...connectWith(
        facts,
        { sslcertmode: 'allow' },
        setParameter('sslcertmode', 'allow', plan.sources['sslcertmode'] ?? ''),
      ),
    );
  const whole = identity?.kind === 'none' ? wholeTlsPaths(facts, plan, 'sslcert') : undefined;
  return whole ?? safe('Give the client a certificate.', giveCertificate(side, identity, plan.user));
}

const day = (date: Date): string => date.toISOString().slice(0, 10);
