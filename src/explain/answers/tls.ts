import type { Answer } from '../answer.ts';

/** Certificates, keys, and what OpenSSL says. */
export const answersAboutTls: readonly Answer[] = [
  {
    of: ['tls-load-key'],
    when: /key values mismatch/u,
    matters: 5,
    means:
      'The private key and the certificate do not belong together: one of the two files was replaced, or is of another server.',
    causes: [
      {
        cause:
          'A renewal wrote one of them only, or the standby has the key of the primary and a certificate of its own.',
        on: 'server',
        check:
          'for f in "$(postgres -C ssl_cert_file -D <data directory>)" "$(postgres -C ssl_key_file -D <data directory>)"; do ls -l "$f"; done; openssl x509 -in <certificate> -noout -pubkey | sha256sum; openssl pkey -in <key> -pubout | sha256sum',
      },
      { cause: 'The file of the certificate begins with that of the authority: that of the server must be first.' },
    ],
    todo: 'Put the key and the certificate that were made together into ssl_key_file and ssl_cert_file, and start again (a running server: SELECT pg_reload_conf();).',
  },
  {
    of: ['tls-access-key', 'tls-load-cert', 'tls-load-key', 'tls-key-owner', 'tls-root-cert'],
    when: /Permission denied/iu,
    matters: 5,
    means: 'ssl is on, and the server may not read the certificate or key file {file}.',
    causes: [
      {
        cause:
          'On Debian, the key in /etc/ssl/private belongs to root and the group ssl-cert: the user of the server must be in that group. After a change of groups the server must be restarted by the service manager.',
        on: 'standby',
        check: 'ls -lL {file}; id postgres; namei -l {file}',
      },
      { cause: 'The file was copied as root, or a mounted secret belongs to another user id.' },
    ],
    todo: 'usermod -aG ssl-cert postgres (Debian), or give the file to the user of the server with mode 0600. Only the file, not its directory.',
  },
  {
    of: ['tls-access-key', 'tls-load-cert', 'tls-load-key', 'tls-root-cert', 'tls-crl-file'],
    when: /No such file or directory/iu,
    matters: 5,
    means:
      'ssl is on, and the file {file} does not exist on this machine. A relative name is looked for in the data directory.',
    causes: [
      {
        cause:
          'The configuration came from another machine, or the base backup was taken from a server whose certificate is outside its data directory.',
        on: 'standby',
        check: 'grep -hn "^ssl" <data directory>/postgresql*.conf; ls -l {file}',
      },
    ],
    todo: 'Put a certificate and key for this machine there (owner postgres, key mode 0600), correct the path, or set ssl = off on this server.',
  },
  {
    of: ['libpq-cert-open', 'libpq-cert-read', 'libpq-root-cert-read'],
    matters: 4,
    means:
      'The client cannot read the certificate or key file {file}, although it exists or is named in the connection string.',
    causes: [
      {
        cause:
          'The program runs as another user than the owner of the file: HOME is /root or not set (cron, containers, sudo without -H).',
        on: 'client',
        check: 'id; echo "$HOME"; ls -l {file}',
      },
    ],
    todo: 'Set HOME, or sslcert= and sslkey=, to files that this user can read (the key with mode 0600). If no client certificate is needed: sslcert=/nonexistent.',
  },
  {
    of: ['libpq-server-no-ssl'],
    says: [
      'server does not support SSL, but SSL was required',
      'The server does not support SSL connections',
      'The server does not support SSL.',
      'pq: SSL is not enabled on the server',
      'server refused TLS connection',
      'SSL connection requested. No SSL enabled connection from this host is configured.',
    ],
    means: 'The client demands TLS (sslmode), and the server does not offer it.',
    causes: [
      { cause: 'ssl is off on the server.', on: 'primary', check: 'psql -c "SHOW ssl"', rule: 'tls/not-offered' },
      { cause: 'A pooler or proxy in between does not offer TLS.' },
    ],
    todo: 'Set ssl = on with a certificate on the server, or use sslmode=prefer if the network is trusted.',
  },
  {
    of: ['libpq-ssl-verify-failed', 'ssl-verify-failed'],
    means: "The client does not accept the server's certificate.",
    causes: [
      {
        cause:
          'The certificate was not issued by an authority in the root file of the client (sslrootcert, ~/.postgresql/root.crt).',
        on: 'client',
        check: 'openssl s_client -starttls postgres -connect {server}:{port} -showcerts </dev/null',
        rule: 'tls/certificate-untrusted',
      },
      {
        cause: 'It has expired, or is not valid yet.',
        on: 'client',
        check: 'openssl s_client -starttls postgres -connect {server}:{port} </dev/null | openssl x509 -noout -dates',
        rule: 'tls/certificate-expired',
      },
      { cause: 'The server sends its own certificate without the intermediate ones.' },
    ],
  },
  {
    of: ['ssl-alert-unknown-ca'],
    says: ['alert unknown ca'],
    means: 'The other side does not know the authority that issued the certificate it was shown.',
    causes: [
      {
        cause: 'ssl_ca_file of the server (or sslrootcert of the client) lacks the issuing authority.',
        on: 'primary',
        check: 'psql -c "SHOW ssl_ca_file"',
      },
    ],
  },
  {
    of: ['libpq-root-cert-missing'],
    means:
      'sslmode=verify-ca or verify-full needs a root certificate, and the file {file} does not exist for the user that runs the program.',
    causes: [
      {
        cause:
          'The file belongs in the home directory of that user (for a standby: postgres), or sslrootcert names another path.',
        on: 'standby',
        check: 'sudo -u postgres ls -l {file}',
      },
    ],
    todo: "Put the authority's certificate there, set sslrootcert, or use sslrootcert=system (libpq 16 and later).",
  },
  {
    of: ['libpq-cert-host-mismatch'],
    means: "The server's certificate is valid, but for another name than the one in the connection string.",
    causes: [
      {
        cause: 'The connection string uses an address or an alias that is not in the certificate.',
        on: 'client',
        check:
          'openssl s_client -starttls postgres -connect {server}:{port} </dev/null | openssl x509 -noout -ext subjectAltName',
        rule: 'tls/hostname-mismatch',
      },
    ],
    todo: 'Connect with the name in the certificate, issue a certificate with this name, or use sslmode=verify-ca.',
  },
  {
    of: ['libpq-key-perms', 'libpq-key-perms-13', 'tls-key-perms'],
    means: 'The private key file {file} is accessible to group or others, so it is refused. The file itself is there.',
    causes: [
      {
        cause:
          'The mode is wider than 0600 (0640 is allowed for a key that root owns). A mounted secret often has 0644 or 0777.',
        on: 'client',
        check: 'ls -lL {file}',
      },
    ],
    todo: 'As its owner: chmod 0600 {file} . In a container, copy the mounted secret to a file of the postgres user first, or set defaultMode: 0600.',
  },
  {
    // libpq and the server say it in the same words (fe-secure-openssl.c, be-secure-common.c)
    of: ['tls-key-not-regular'],
    means:
      'The path of the private key, {file}, leads to a directory or to something else that is not an ordinary file. Of a client it is sslkey in the connection string (or PGSSLKEY, ~/.postgresql/postgresql.key); of a server, in its own log, ssl_key_file.',
    causes: [
      {
        cause:
          'A container mounts a host path or a secret that did not exist when the container started: the engine makes an empty directory of that name.',
        on: 'client',
        check: 'ls -ldL {file}; stat -L {file}',
      },
      { cause: 'The directory was named instead of the file in it.' },
    ],
    todo: 'Name the file itself: sslkey=<file> in the connection string (primary_conninfo of a standby), or ssl_key_file of the server.',
  },
  {
    of: ['tls-key-not-regular'],
    beside:
      /(?:\b(?:psql|pg_\w+|createdb|vacuumdb|reindexdb)(?:\.exe)?: (?:error: )?|\bfailed: |could not connect[^\n"]*: )(?:connection to server [^\n]*failed: )?private key file "[^"\n]*" is not a regular|private key file "[^"\n]*\/\.postgresql\//iu,
    means:
      'The path of the private key that this client is to show, {file}, leads to a directory or to something else that is not an ordinary file. It is sslkey in the connection string, PGSSLKEY, or else ~/.postgresql/postgresql.key; ssl_key_file is the server’s.',
    causes: [
      {
        cause:
          'A container mounts a host path or a secret that did not exist when the container started: the engine makes an empty directory of that name.',
        on: 'client',
        check: 'ls -ldL {file}; env | grep -E "^PGSSL(KEY|CERT|MODE)"',
      },
      { cause: 'The directory was named instead of the file in it.' },
    ],
    todo: 'Set sslkey to the file itself. If the server asks for no client certificate, take sslcert and sslkey out of the connection string and move ~/.postgresql/postgresql.crt aside.',
  },
  {
    id: 'key-too-small',
    says: ['ee key too small', 'ca key too small', 'ca md too weak', 'dh key too small'],
    source: 'OpenSSL, include/openssl/sslerr.h',
    matters: 5,
    means:
      "OpenSSL on this host refuses the certificate: its key is too short or its signature too weak for the host's security level (DEFAULT@SECLEVEL=2 wants RSA of 2048 bits and SHA-256).",
    causes: [
      {
        cause: 'An old certificate (RSA 1024, SHA-1, MD5) met a newer OpenSSL.',
        on: 'client',
        check: 'openssl x509 -in <certificate file> -noout -text | grep -E "Public-Key|Signature Algorithm"',
      },
    ],
    todo: 'Create a new key and certificate (RSA 2048 or more, SHA-256). Lowering the security level is a stopgap.',
  },
  {
    of: ['ssl-wrong-version'],
    means: 'The TLS handshake failed at its first bytes: one side speaks something else than TLS at this place.',
    causes: [
      {
        cause: 'A proxy or load balancer in between expects TLS from the first byte, or speaks plain text.',
        on: 'client',
        check: 'openssl s_client -starttls postgres -connect {server}:{port} </dev/null',
      },
    ],
  },
  {
    of: ['tls-accept-eof', 'tls-accept-errno', 'tls-accept-error'],
    kind: 'consequence',
    means:
      'A client began a TLS connection to this server and did not finish it: it refused the certificate, or it was only a port check. The reason is on the client.',
    causes: [
      { cause: "The client's own error names the reason." },
      { cause: 'A load balancer or monitoring checks the port: harmless.' },
    ],
  },
  {
    id: 'tls-alert-certificate',
    of: ['ssl-alert-expired'],
    says: [
      'sslv3 alert bad certificate',
      'ssl/tls alert bad certificate',
      'ssl/tls alert certificate expired',
      'sslv3 alert certificate revoked',
      'sslv3 alert certificate unknown',
      'ssl/tls alert certificate unknown',
      'tlsv13 alert certificate required',
    ],
    among: /ssl|tls/iu,
    source: 'OpenSSL, ssl/ssl_stat.c',
    matters: 5,
    means: 'The other side refused the certificate that this side sent. Its own log says why.',
    causes: [
      {
        cause:
          "A client certificate was sent (~/.postgresql/postgresql.crt, sslcert) that is expired, was not issued by an authority in the server's ssl_ca_file, or does not belong to its key.",
        on: 'client',
        check: 'openssl x509 -in ~/.postgresql/postgresql.crt -noout -subject -issuer -dates',
        rule: 'tls/client-certificate',
      },
      {
        cause: 'The authority of the server has changed.',
        on: 'primary',
        check: 'psql -c "SHOW ssl_ca_file"',
      },
    ],
    todo: 'Issue a new client certificate from the authority that the server knows. If none is needed, move the file aside or set sslcert=/nonexistent.',
  },
  {
    of: ['driver-certificate'],
    tool: 'cloudnative-pg',
    beside: /certificate has expired or is not yet valid/u,
    matters: 5,
    means:
      'A certificate of this cluster has run out. The operator renews those that it made a week before, and writes them into the secrets; a process that read the old one goes on with it.',
    causes: [
      {
        cause:
          'The secret is renewed already, and the instance manager of this pod keeps the old certificate: delete the pod (a standby first), or update the operator.',
        on: 'client',
        check: 'kubectl cnpg status <cluster> | grep -A8 -i certificate; kubectl cnpg restart <cluster> <instance>',
      },
      {
        cause:
          'It is not renewed: the certificates are your own (certificates in the spec), or the operator does not run.',
        on: 'client',
        check:
          'kubectl get deployment -A | grep cnpg; kubectl get secret <cluster>-replication -o jsonpath="{.data.tls\\.crt}" | base64 -d | openssl x509 -noout -dates',
      },
      { cause: 'The clock of the node is wrong.', on: 'host', check: 'timedatectl' },
    ],
  },
  {
    id: 'driver-certificate',
    of: ['driver-certificate'],
    says: [
      'x509: certificate signed by unknown authority',
      'tls: failed to verify certificate: %s',
      'x509: certificate has expired or is not yet valid: %s',
      'x509: certificate is valid for %s, not %s',
      "x509: cannot validate certificate for %s because it doesn't contain any IP SANs",
      'x509: certificate relies on legacy Common Name field, use SANs instead',
      'PKIX path building failed: %s',
      'unable to find valid certification path to requested target',
    ],
    among: /postgres|pg_|pgx|5432|replica|patroni|cnpg|wal|backup|tls|ssl/iu,
    source: 'Go, crypto/x509; Java, sun.security.validator',
    matters: 4,
    means:
      'This program (written in Go or Java) does not accept the certificate that the server showed. Unlike libpq it does not read ~/.postgresql/root.crt, and by default it checks the name and the authority.',
    causes: [
      {
        cause:
          'unknown authority: the certificate of the authority is not among those the program was given (sslrootcert, ca.crt in the secret), or it is that of another cluster.',
        on: 'client',
        check:
          'openssl s_client -starttls postgres -connect {server}:{port} -showcerts </dev/null | openssl x509 -noout -issuer -subject -dates',
      },
      {
        cause:
          '"valid for …, not …" and "IP SANs": connect by a name that is in the certificate, or issue one with this name or address.',
      },
      { cause: '"expired or is not yet valid": renew it, and compare the clocks (date -u).' },
    ],
  },
  {
    id: 'driver-client-certificate',
    says: [
      'remote error: tls: bad certificate',
      'remote error: tls: unknown certificate authority',
      'remote error: tls: unknown certificate',
      'remote error: tls: certificate required',
      'remote error: tls: expired certificate',
      'remote error: tls: certificate expired',
    ],
    source: 'Go, crypto/tls/alert.go',
    matters: 4,
    means:
      'The other side refused the certificate that this side sent (or asked for one and got none). The log of the other side says why.',
    causes: [
      {
        cause:
          'The client certificate is expired, or its authority is not in ssl_ca_file of the server (another cluster has another authority).',
        on: 'client',
        check: 'openssl x509 -in <client certificate> -noout -issuer -subject -dates',
      },
    ],
  },
];
