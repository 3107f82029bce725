import type { ServerCertificate } from '../../facts/connection.ts';
import { at, manual, safe, reload } from '../../remedies/remedy.ts';
import { judgeStage, placeOf, triesOf } from '../network/reach.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const certificateExpired = defineRule({
  id: 'tls/certificate-expired',
  title: "The server's certificate has expired, or soon will",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  explains: [...notStreaming],
  says: ['certificate has expired'],
  docs: {
    what: "Looks at the end of the server's certificate: an error when this client refuses it for that, a warning when it has passed unnoticed, and for a client that verifies it when less than a quarter of its lifetime, and less than 30 days, are left.",
    why: 'From that moment on every client that verifies the certificate is refused, the standby among them.',
    notes: 'A client without a root certificate does not look at the date: for it an expired certificate works.',
    references: ['https://www.postgresql.org/docs/current/ssl-tcp.html#SSL-CERTIFICATE-CREATION'],
  },
  judge({ replicationLogin, now }) {
    const { outcome } = replicationLogin;
    if (outcome.accepted) {
      const { attempt } = outcome.session;
      if (attempt.certificate === undefined) return notApplicable('the connection is made without TLS');
      return judgeDate(attempt.certificate, now, attempt.host);
    }
    return judgeStage(replicationLogin, 'tls', (attempt, ended) => {
      if (ended.kind !== 'tls-refused-certificate' || ended.why !== 'expired') return undefined;
      const until = attempt.certificate === undefined ? 'some day in the past' : day(attempt.certificate.validTo);
      return fail({
        title: `The certificate of ${placeOf(attempt)} has expired`,
        message: `The server's certificate was valid until ${until}, and this client verifies it.`,
        where: at('primary', attempt.host),
        evidence: [evidence('valid until', until, "the server's certificate"), ...triesOf(replicationLogin)],
        remedy: renewal,
      });
    });
  },
});

const msPerDay = 86_400_000;

/**
 * Certificates that are renewed by a program (ACME) live 90 days or fewer, and are renewed when a third of that is left:
 * one is late when a quarter is left, and at most 30 days.
 */
const warnAt = ({ validFrom, validTo }: ServerCertificate): number =>
  Math.min(30 * msPerDay, validFrom === undefined ? Infinity : (validTo.getTime() - validFrom.getTime()) / 4);

function judgeDate(certificate: ServerCertificate, now: Date, host: string) {
  const left = certificate.validTo.getTime() - now.getTime();
  const until = day(certificate.validTo);
  if (left >= warnAt(certificate)) return pass(`the server's certificate is valid until ${until}`);
  const expired = left <= 0;
  if (!expired && certificate.verified === false)
    return pass(`the server's certificate is valid until ${until}, and this client does not verify it`);
  return fail({
    title: expired ? "The server's certificate has expired" : `The server's certificate expires in ${inWords(left)}`,
    severity: 'warning',
    message: expired
      ? `The server's certificate was valid until ${until}. This client does not verify it, so the login works; a client that does is refused.`
      : `The server's certificate is valid until ${until}. From then on clients that verify it are refused, the standby among them.`,
    where: at('primary', host),
    evidence: [evidence('valid until', until, "the server's certificate")],
    remedy: renewal,
  });
}

const inWords = (ms: number): string =>
  ms < 2 * msPerDay ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / msPerDay)} days`;

const day = (date: Date): string => date.toISOString().slice(0, 10);

const renewal = safe(
  'Renew the certificate, and reload.',
  manual(
    'primary',
    'Replace the files that SHOW ssl_cert_file; and SHOW ssl_key_file; name with a new certificate and its key.',
  ),
  reload('primary'),
);
