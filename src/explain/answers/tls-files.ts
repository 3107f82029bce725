import type { Answer } from '../answer.ts';

/** Files of keys and certificates that a server cannot use (be-secure-common.c, be-secure-openssl.c). */
export const answersAboutTlsFiles: readonly Answer[] = [
  {
    of: ['tls-key-owner'],
    matters: 4,
    means:
      'The private key {file|file} belongs to neither root nor the user that the server runs as, so the server refuses it. The file itself is there.',
    causes: [
      {
        cause:
          'It was made or copied as another user. In a container, a mounted file keeps the user id that it has on the host.',
        on: 'server',
        check: 'ls -lnL {file|<private key>}; id postgres',
      },
    ],
    todo: 'On the server: chown postgres {file|<private key>} and chmod 0600 {file|<private key>}; or leave it to root, with mode 0640 and the group of the server. Where it is mounted, copy it to a file of the postgres user first.',
  },
  {
    of: ['tls-root-cert'],
    matters: 4,
    means:
      'The server cannot read the certificates of authorities that ssl_ca_file names. A starting server with ssl = on does not start; a running one keeps the old files.',
    causes: [
      {
        cause: 'The file is not on this machine: the setting came with the configuration of another one.',
        on: 'server',
        check: 'grep -hn "^ssl" <data directory>/postgresql*.conf; ls -lL {file|<file of the message>}',
      },
      {
        cause: 'It holds no certificate in PEM, or is empty.',
        on: 'server',
        check: 'openssl x509 -in {file|<file of the message>} -noout -subject -enddate',
      },
    ],
  },
  {
    of: ['tls-load-cert', 'tls-load-key', 'tls-access-key'],
    matters: 4,
    means:
      'The server cannot use one of its TLS files. A starting server with ssl = on does not start; a running one keeps the old files.',
    causes: [
      {
        cause:
          'A copy brought ssl = on and the paths of the primary, and the files are not on this machine (Debian: /etc/ssl).',
        on: 'standby',
        check: `psql -c "SHOW ssl_cert_file" -c "SHOW ssl_key_file"; ls -lL {file|<file of the message>}`,
      },
      {
        cause:
          'The key must belong to the user of the server (mode 0600) or to root (0640, with the group of the server).',
        on: 'standby',
        check: 'namei -l {file|<file of the message>}; id postgres',
      },
      {
        cause: 'It is not PEM, has a passphrase, or the key is of another certificate.',
        on: 'standby',
        check: 'openssl x509 -in <certificate> -noout -pubkey | md5sum; openssl pkey -in <key> -pubout | md5sum',
      },
    ],
  },
];
