import type { ServerCertificate } from '../../facts/connection.ts';
import { certificateLoaded } from '../../remedies/certificate-loaded.ts';
import { manual, safe, reload } from '../../remedies/remedy.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const certificateExpired = defineRule({
  id: 'tls/certificate-expired',
  title: "The server's certificate has expired or expires soon",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: ['primary'],
  explains: [...notStreaming],
  says: ['certificate has expired'],
  docs: {
    what: "Checks the end of validity of the server's certificate. It is an error if this client refuses an expired certificate. It is a warning if the certificate has expired but the client does not verify it, or if the client verifies it and less than a quarter of its lifetime and less than 30 days are left.",
    why: 'After that time, every client that verifies the certificate refuses to connect, including the standby.',
    notes: 'A client without a root certificate does not check the date, so an expired certificate still works for it.',
    references: [
      'Creating Certificates: https://www.postgresql.org/docs/current/ssl-tcp.html#SSL-CERTIFICATE-CREATION',
    ],
  },
  judge({ replicationLogin, now, primary }) {
    const loaded = certificateLoaded(primary);
    const { outcome } = replicationLogin;
    if (outcome.accepted) {
      const { attempt } = outcome.session;
      if (attempt.certificate === undefined) return notApplicable('the connection is made without TLS');
      return judgeDate(attempt.certificate, now, attempt.host, loaded);
    }
    return judgeStage(replicationLogin, 'tls', (attempt, ended) => {
      if (ended.kind !== 'tls-refused-certificate' || ended.why !== 'expired') return undefined;
      const until = attempt.certificate === undefined ? 'a date in the past' : day(attempt.certificate.validTo);
      return fail({
        title: `The certificate of ${placeOf(attempt)} has expired`,
        message: `The server's certificate was valid until ${until}. This client verifies it, so it refuses to connect.${loaded?.because ?? ''}`,
        where: at('primary', attempt.host),
        evidence: [evidence('valid until', until, "the server's certificate"), ...triesOf(replicationLogin)],
        remedy: loaded?.remedy ?? renewal,
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

function judgeDate(
  certificate: ServerCertificate,
  now: Date,
  host: string,
  loaded: ReturnType<typeof certificateLoaded>,
) {
  const left = certificate.validTo.getTime() - now.getTime();
  const until = day(certificate.validTo);
  if (left >= warnAt(certificate)) return pass(`the server's certificate is valid until ${until}`);
  const expired = left <= 0;
  if (!expired && certificate.verified === false)
    return pass(`the server's certificate is valid until ${until}, but this client does not verify it`);
  return fail({
    title: expired
      ? "The server's certificate has expired"
      : `The server's certificate expires in ${formatDuration(left / 1_000)}`,
    severity: 'warning',
    message: `${
      expired
        ? `The server's certificate was valid until ${until}. This client does not verify it, so the login works. A client that verifies it refuses to connect.`
        : `The server's certificate is valid until ${until}. After that date, clients that verify it refuse to connect, including the standby.`
    }${loaded?.because ?? ''}`,
    where: at('primary', host),
    evidence: [evidence('valid until', until, "the server's certificate")],
    remedy: loaded?.remedy ?? renewal,
  });
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

const renewal = safe(
  'Renew the certificate, and reload the server.',
  manual(
    'primary',
    'Replace the files shown by SHOW ssl_cert_file; and SHOW ssl_key_file; with a new certificate and its key.',
  ),
  reload('primary'),
);
