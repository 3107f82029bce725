import type { Answer } from '../answer.ts';

const noVersionInCommon = {
  matters: 5,
  means:
    'The two sides have no TLS version in common: one is old (TLS 1.0 or 1.1 only), and the other refuses these (ssl_min_protocol_version is TLSv1.2 since 13; the policy of a newer operating system does so, too).',
  causes: [
    {
      cause: 'An old client or driver, or an old server: compare what each was built with.',
      on: 'primary',
      check: 'psql -c "SHOW server_version" -c "SHOW ssl_min_protocol_version"; openssl version',
    },
    {
      cause:
        'The operating system forbids old versions for all programs (MinProtocol in openssl.cnf, update-crypto-policies).',
      on: 'client',
      check:
        'grep -n MinProtocol /etc/ssl/openssl.cnf /etc/pki/tls/openssl.cnf 2>/dev/null; update-crypto-policies --show',
    },
  ],
  todo: 'Update the older side. "no encryption" or "SSL off" in a message beside it is the second attempt of the same client, which sslmode=prefer makes in the clear.',
} as const;

/** What OpenSSL gives as the reason of a broken TLS connection; the server and libpq print it behind a colon. */
export const answersAboutOpenSslReasons: readonly Answer[] = [
  {
    id: 'openssl-protocol',
    of: ['ssl-unsupported-protocol'],
    says: ['alert protocol version', 'version too low', 'no protocols available', 'wrong ssl version'],
    among: /ssl|tls/iu,
    source: 'OpenSSL, include/openssl/sslerr.h',
    ...noVersionInCommon,
  },
  {
    of: ['tls-accept-error'],
    when: /unsupported protocol|protocol version|version too low/iu,
    ...noVersionInCommon,
  },
  {
    id: 'openssl-record',
    says: [
      'decryption failed or bad record mac',
      'sslv3 alert bad record mac',
      'ssl/tls alert bad record mac',
      'alert bad record mac',
    ],
    among: /ssl|tls/iu,
    source: 'OpenSSL, include/openssl/sslerr.h',
    matters: 4,
    means:
      'A TLS connection that was made already got bytes that it cannot decrypt. Certificates and versions have nothing to do with it.',
    causes: [
      {
        cause:
          'Two processes of the client use one connection: it was opened before a fork (a worker pool, a daemon, a backup tool).',
        on: 'primary',
        check:
          'psql -c "SELECT pid, usename, application_name, client_addr, backend_start FROM pg_stat_activity WHERE backend_type = \'client backend\'"',
      },
      { cause: 'Something between the two changes the data: a proxy, a VPN, a faulty network card or its offloading.' },
    ],
  },
  {
    id: 'openssl-eof',
    says: ['unexpected eof while reading'],
    among: /ssl|tls/iu,
    source: 'OpenSSL 3, include/openssl/sslerr.h',
    kind: 'consequence',
    matters: 3,
    means:
      'The other side closed the TLS connection without saying so first. It is a lost connection like any other; the reason is on the other side, or between the two.',
    causes: [
      { cause: 'The other program ended, was killed or restarted: its log at this time.' },
      {
        cause:
          'A load balancer, proxy or firewall closed a connection that was quiet for too long, or checks the port.',
      },
    ],
  },
  {
    id: 'openssl-handshake',
    says: [
      'sslv3 alert handshake failure',
      'ssl/tls alert handshake failure',
      'alert handshake failure',
      'sslv3 alert unsupported certificate',
      'ssl/tls alert unsupported certificate',
    ],
    among: /ssl|tls/iu,
    source: 'OpenSSL, include/openssl/sslerr.h',
    matters: 4,
    means:
      'The other side ended the TLS handshake: what this side offered or showed does not suit it. Its log may say more.',
    causes: [
      {
        cause:
          '"unsupported certificate": the certificate is not made for this use (extendedKeyUsage without clientAuth or serverAuth, or a key usage that forbids signatures).',
        on: 'client',
        check: 'openssl x509 -in <certificate> -noout -text | grep -A1 -E "Key Usage"',
      },
      {
        cause: '"handshake failure": no cipher in common, or it demands a client certificate and got none.',
        on: 'client',
        check: 'openssl s_client -starttls postgres -connect {server}:{port} </dev/null | head -20',
      },
    ],
  },
];
