import type { Answer } from '../answer.ts';

/** Certificates, keys and versions that do not fit one another (fe-secure-openssl.c, be-secure-openssl.c). */
export const answersAboutTlsPairs: readonly Answer[] = [
  {
    of: ['libpq-key-missing'],
    means:
      'A client certificate was found, and its private key {file|~/.postgresql/postgresql.key} was not. libpq gives up before it asks the server.',
    causes: [
      {
        cause: 'Only the certificate was copied to this machine or mounted into this container.',
        on: 'client',
        check: 'id -un; ls -l ~/.postgresql/ {file|~/.postgresql/postgresql.key}',
      },
      {
        cause: 'The program runs as another user: a standby reads the files in the home directory of postgres.',
      },
    ],
    todo: 'Put the key there (owner: that user, mode 0600), or name it with sslkey=. If the server does not ask for a certificate, sslcert=/nonexistent makes libpq send none (from 16 on also sslcertmode=disable).',
  },
  {
    of: ['libpq-key-mismatch', 'tls-key-check'],
    means: 'The certificate and the private key {file|next to it} are not of the same pair.',
    causes: [
      {
        cause: 'The certificate was renewed with a new key, and only one of the two files was replaced.',
        on: 'standby',
        check: 'openssl x509 -in <certificate> -noout -pubkey | md5sum; openssl pkey -in {file|<key>} -pubout | md5sum',
      },
      {
        cause: 'The files of two machines or roles were mixed.',
        on: 'standby',
        check: 'openssl x509 -in <certificate> -noout -subject -enddate',
      },
    ],
    todo: 'Both sums must be equal: install the key that was made with this certificate. A server needs SELECT pg_reload_conf(); afterwards, or its start.',
  },
  {
    of: ['libpq-ssl-min-version'],
    kind: 'consequence',
    means:
      'A hint of libpq: the server may not support any TLS version from {value} to {value2}, which this client allows.',
    causes: [
      {
        cause:
          'One of the two systems is old, or was restricted (ssl_min_protocol_version, the crypto policy of the system).',
        on: 'client',
        check:
          'psql "host=<primary> user=<role> dbname=postgres sslmode=require ssl_min_protocol_version=TLSv1.2" -c "SHOW ssl_min_protocol_version"',
      },
      {
        cause: 'What the server allows.',
        on: 'primary',
        check:
          'psql -c "SELECT name, setting FROM pg_settings WHERE name LIKE \'ssl%protocol_version\'"; openssl version',
      },
      { cause: 'What answers is not PostgreSQL, or a proxy that ends TLS itself.' },
    ],
    todo: 'Update the older system, so that both have TLS 1.2. Do not lower ssl_min_protocol_version below TLSv1.2 for good.',
  },
  {
    of: ['libpq-ssl-negotiation-invalid'],
    means:
      'libpq asked for TLS, and the first byte of the answer was neither S (yes) nor N (no): what listens on this port does not speak as PostgreSQL does.',
    causes: [
      {
        cause: 'The port is that of another service (Patroni 8008, HAProxy statistics, a web server, MySQL).',
        on: 'client',
        check: 'pg_isready -h {server|<primary>} -p {port}; curl -sI -m 5 http://{server|<primary>}:{port}/ | head -1',
      },
      {
        cause: 'A proxy or load balancer in HTTP mode is between.',
        on: 'primary',
        check: 'ss -ltnp | grep -w 5432; psql -c "SHOW port"',
      },
    ],
    todo: 'Correct host and port of the connection string; a load balancer must pass TCP through.',
  },
  {
    of: ['libpq-ssl-error-response'],
    means:
      'What answered sent an error instead of yes or no when it was asked for TLS. libpq does not show that error, because the server has not proved its identity yet.',
    causes: [
      {
        cause:
          'The server could not start a process for the connection: no more processes or memory ("could not fork new process for connection" in its log).',
        on: 'primary',
        check: 'free -m; ps -e --no-headers | wc -l; ulimit -u; grep -n "could not fork" <log of PostgreSQL> | tail -3',
      },
      {
        cause: 'A pooler or proxy is between and is full: some refuse before TLS begins. Its own log says so.',
        on: 'client',
        check: 'psql "host={server|<primary>} user=<role> dbname=postgres sslmode=disable" -c "SELECT 1"',
      },
    ],
    todo: 'Read the log of the server at that minute. Free memory or raise the limit of processes (TasksMax of the unit, pids limit of the container).',
  },
  {
    of: ['libpq-ssl-error', 'tls-ssl-error'],
    means: 'OpenSSL ended the TLS connection: {reason|the text after the colon is its reason}.',
    causes: [
      {
        cause: 'Client and server do not agree on certificates, versions or ciphers.',
        on: 'client',
        check:
          'openssl s_client -starttls postgres -connect {server|<primary>}:5432 </dev/null 2>&1 | grep -E "subject|issuer|Protocol|Verif|error"',
      },
      {
        cause:
          'The network or a proxy damaged or cut the connection ("bad record mac", "decryption failed", "unexpected eof").',
        on: 'primary',
        check: 'psql -c "SHOW ssl" -c "SHOW ssl_cert_file" -c "SELECT pid, ssl, version, cipher FROM pg_stat_ssl"',
      },
    ],
    todo: 'If it happened once, a standby reconnects by itself. If it repeats, try a direct connection without proxies.',
  },
  {
    of: ['tls-config-not-reloaded'],
    kind: 'consequence',
    means:
      'The server was asked to reload, cannot use the new TLS files, and keeps the old certificate and key. It would not start with these files.',
    causes: [
      {
        cause:
          'The LOG line just before names the file and the reason: mode or owner of the key, a wrong pair, a missing file.',
        on: 'primary',
        check:
          "psql -Atc \"SELECT setting FROM pg_settings WHERE name IN ('ssl_cert_file', 'ssl_key_file', 'ssl_ca_file')\"; ls -lL <data directory>/server.*",
      },
      { cause: 'A renewal (certbot, a secret) replaced one file of the pair only, or left the key to root.' },
    ],
    todo: 'Correct the files before the old certificate expires, then SELECT pg_reload_conf(); and check that the line does not appear again.',
  },
  {
    of: ['tls-client-cert-verify-detail'],
    means: 'The server did not accept the certificate of a client: {value|the text after the colon is the reason}.',
    causes: [
      {
        cause:
          'It was not issued by an authority in ssl_ca_file of the server ("unable to get local issuer certificate", "self-signed certificate"), or the intermediate certificates are missing.',
        on: 'standby',
        check: 'openssl x509 -in ~/.postgresql/postgresql.crt -noout -subject -issuer -dates',
      },
      { cause: 'It has expired or is not valid yet (compare the clocks), or is on the list in ssl_crl_file.' },
      {
        cause: 'What the server trusts.',
        on: 'primary',
        check: 'psql -c "SHOW ssl_ca_file" -c "SHOW ssl_crl_file"; date -u',
      },
    ],
    todo: 'Issue a new certificate from that authority, or add its authority to ssl_ca_file and SELECT pg_reload_conf(); Append intermediate certificates to postgresql.crt.',
  },
  {
    of: ['auth-cert-no-root-store'],
    means:
      'A line of pg_hba.conf asks for a client certificate (cert or clientcert=…), and the server has no certificate authority to check it with: ssl_ca_file is empty.',
    causes: [
      {
        cause: 'pg_hba.conf came from another server, and its ssl_ca_file was not set here.',
        on: 'primary',
        check:
          'psql -c "SHOW ssl_ca_file" -c "SELECT line_number, auth_method, options FROM pg_hba_file_rules WHERE auth_method = \'cert\' OR options::text LIKE \'%clientcert%\'"',
      },
    ],
    todo: "On the primary: ALTER SYSTEM SET ssl_ca_file = '<file with the authority>'; SELECT pg_reload_conf(); It must be readable by the user of the server.",
  },
  {
    of: ['auth-cert-dn-mismatch'],
    means:
      'The client certificate is valid, and its distinguished name is not that of role {role}: the line of pg_hba.conf has clientname=DN, which compares the whole name.',
    causes: [
      {
        cause:
          'pg_ident.conf has no pair of this name and the role, or writes the name in another order. It is compared as RFC 2253 writes it, last part first.',
        on: 'standby',
        check: 'openssl x509 -in ~/.postgresql/postgresql.crt -noout -subject -nameopt RFC2253',
      },
      {
        cause: 'map= is missing in that line.',
        on: 'primary',
        check:
          'psql -c "SELECT line_number, options FROM pg_hba_file_rules WHERE options::text LIKE \'%clientname%\'"; psql -Atc "SHOW ident_file"',
      },
    ],
    todo: 'Write the name as openssl prints it, in double quotes, into pg_ident.conf: <map> "<name>" {role}, and map=<map> into the line; then SELECT pg_reload_conf();',
  },
  {
    of: ['scram-channel-binding-failed'],
    means:
      'The password may be right, and the TLS connection of the client does not end at this server: its certificate is not the one that the client saw (channel binding).',
    causes: [
      {
        cause: 'A proxy or load balancer between decrypts TLS and encrypts it again with its own certificate.',
        on: 'client',
        check:
          'openssl s_client -starttls postgres -connect {server|<primary>}:5432 </dev/null 2>/dev/null | openssl x509 -noout -subject -fingerprint',
      },
      {
        cause: 'What certificate the server itself has.',
        on: 'primary',
        check:
          'cd "$(psql -Atc "SHOW data_directory")" && openssl x509 -in "$(psql -Atc "SHOW ssl_cert_file")" -noout -subject -fingerprint',
      },
      { cause: 'The connection is being intercepted: that is what the check is for.' },
    ],
    todo: 'Connect to the server itself, or let the proxy pass TLS through. channel_binding=disable turns this protection off; use it only with a proxy that you trust.',
  },
  {
    of: ['auth-gssapi-failed'],
    means: 'The server did not accept the Kerberos login of role {role}.',
    causes: [
      {
        cause:
          'The principal of the ticket is not the name of the role: include_realm and map= of the line decide how it is compared.',
        on: 'client',
        check: 'klist',
      },
      {
        cause: 'The keytab of the server does not hold postgres/<host name>, is old, or cannot be read by its user.',
        on: 'primary',
        check:
          'psql -c "SHOW krb_server_keyfile" -c "SELECT line_number, user_name, options FROM pg_hba_file_rules WHERE auth_method = \'gss\'"; klist -k',
      },
      { cause: 'The clocks differ by more than five minutes.', on: 'primary', check: 'timedatectl | head -4' },
    ],
    todo: 'The LOG line before has the words of the Kerberos library. For a replication role a password with scram-sha-256, or a certificate, is simpler: a ticket expires.',
  },
  {
    of: ['auth-ldap-failed'],
    means: 'The LDAP server did not accept the login of role {role}. To the client it looks like a wrong password.',
    causes: [
      {
        cause:
          'The password is wrong, or the entry of {role} is not where ldapbasedn, ldapprefix and ldapsuffix say. The LOG line before has the answer of the LDAP server.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, user_name, options FROM pg_hba_file_rules WHERE auth_method = \'ldap\'"',
      },
      {
        cause: 'The LDAP server cannot be reached from this machine.',
        on: 'primary',
        check: 'ldapsearch -x -H ldap://<LDAP server> -b <ldapbasedn> "(uid={role})" dn',
      },
      {
        cause:
          'The line with ldap is for people and comes before the one of the standby: the first line that fits decides.',
      },
    ],
    todo: 'Add a separate line with scram-sha-256 for the replication role before it: host replication {role} <address of the standby>/32 scram-sha-256',
  },
  {
    of: ['detail-hostname-lookup'],
    when: /forward lookup (?:matches|not checked)/u,
    kind: 'consequence',
    means:
      'The address of the client leads to the name {host}, and nothing is wrong with that. If no line of pg_hba.conf has this name, it is not looked up further. The message before says what was refused.',
    causes: [
      {
        cause: 'What the lines allow:',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
    ],
    todo: 'Look up the message before.',
  },
  {
    of: ['detail-hostname-lookup'],
    when: /Could not resolve client IP address/u,
    kind: 'cause',
    means:
      'The address of the client has no name in DNS or /etc/hosts of the primary ({reason|see the text after the colon}), so no line of pg_hba.conf with a host name applies to it. Lines with addresses are not affected.',
    causes: [
      {
        cause:
          'There is no reverse entry, which is usual in NAT and container networks, or the name service does not answer.',
        on: 'primary',
        check: 'getent hosts <address of the client>; psql -c "SELECT line_number, address FROM pg_hba_file_rules"',
      },
    ],
    todo: 'Write the address instead of the name: host replication <role> <address of the client>/32 scram-sha-256, then SELECT pg_reload_conf();',
  },
  {
    of: ['detail-hostname-lookup'],
    means:
      'A line of pg_hba.conf has a host name. The address of the client leads to the name {host}, and that name does not lead back to the address, so the line does not apply.',
    causes: [
      {
        cause:
          'The forward and the reverse entries in DNS (or /etc/hosts of the primary) differ. NAT and container networks often have none that fit.',
        on: 'primary',
        check: 'getent ahosts {host}; getent hosts <address of the client>',
      },
    ],
    todo: 'Write the address instead of the name: host replication <role> <address of the client>/32 scram-sha-256, then SELECT pg_reload_conf(); Or correct the entry of {host}.',
  },
];
