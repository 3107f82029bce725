import type { Answer } from '../answer.ts';

/** What libpq finds wrong while it logs in. */
export const answersAboutLibpqLogins: readonly Answer[] = [
  {
    of: ['libpq-errno-timedout', 'win-timedout'],
    when: /(?:receive data|send data|WAL stream|COPY data|SSL SYSCALL error|from server)[^]*(?:Connection timed out|0x0000274C)/u,
    means:
      'The connection was open and broke: nothing came through any more until the operating system gave it up. The other end may be fine.',
    causes: [
      {
        cause: 'A firewall, NAT or VPN dropped the connection because it was quiet for a while, or the path changed.',
        on: 'standby',
        check: 'psql -c "SHOW primary_conninfo" | grep -o "keepalives[^ ]*"; nc -vz -w 5 {server} {port}',
      },
      {
        cause: 'The other machine crashed, lost its network or was stopped hard.',
        on: 'primary',
        check: 'uptime; psql -c "SELECT pg_postmaster_start_time()"',
      },
    ],
    todo: 'The receiver connects again by itself. If it repeats, add keepalives_idle=30 keepalives_interval=10 keepalives_count=3 to primary_conninfo, and raise the idle timeout of what is between.',
  },
  {
    id: 'libpq-gssapi-required',
    of: ['libpq-gss-required'],
    says: ['GSSAPI encryption required but it is not supported over a local socket'],
    source: 'PostgreSQL 17 and later, src/interfaces/libpq/fe-connect.c, select_next_encryption_method',
    matters: 4,
    means: 'The connection string asks for encryption with Kerberos (gssencmode=require), and it is not possible here.',
    causes: [
      {
        cause:
          'The connection goes through a socket on the same machine, where there is no such encryption: give a host.',
        on: 'client',
        check: 'env | grep -E "^PG(HOST|GSSENCMODE|SERVICE)"',
      },
      { cause: 'There is no valid Kerberos ticket.', on: 'client', check: 'klist' },
    ],
    todo: 'Take gssencmode=require (PGGSSENCMODE) away, or get a ticket (kinit) and connect over TCP.',
  },
  {
    id: 'libpq-peer-name',
    of: ['libpq-requirepeer', 'auth-peer-credentials'],
    says: ['peer credentials are not supported on this platform'],
    source: 'PostgreSQL, src/interfaces/libpq/fe-connect.c, PQconnectPoll',
    matters: 4,
    means:
      'requirepeer names the operating system user that must run the server behind a local socket, and another one does.',
    causes: [
      {
        cause: 'Another server listens on this socket than expected, or requirepeer has the wrong user.',
        on: 'client',
        check: 'ls -l /var/run/postgresql/.s.PGSQL.* /tmp/.s.PGSQL.* 2>/dev/null',
      },
    ],
    todo: 'Find out whose server it is before a password is sent to it. Then correct requirepeer (PGREQUIREPEER) or the host.',
  },
  {
    id: 'libpq-require-auth',
    of: ['libpq-server-no-cert-request'],
    says: [
      'server requested a cleartext password',
      'server requested a hashed password',
      'server requested SASL authentication',
      'server requested GSSAPI authentication',
      'server requested SSPI authentication',
      'server requested an unknown authentication type',
      'server did not complete authentication',
    ],
    source: 'PostgreSQL 16 and later, src/interfaces/libpq/fe-auth.c, check_expected_areq',
    matters: 4,
    means:
      'The connection string allows certain methods of authentication only (require_auth), and the server asks for another. libpq has ended the connection; no password was sent.',
    causes: [
      {
        cause:
          'The line of pg_hba.conf that matches has another method than require_auth allows (often trust, md5 or cert).',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
      { cause: 'A pooler or another server answers at this address.' },
    ],
    todo: 'Change the method in pg_hba.conf and reload, or correct require_auth (PGREQUIREAUTH).',
  },
  {
    id: 'libpq-channel-binding',
    of: ['libpq-channel-binding-no-ssl', 'libpq-cb-not-offered', 'libpq-cb-not-supported'],
    says: ['channel binding required, but server authenticated client without channel binding'],
    source: 'PostgreSQL, src/interfaces/libpq/fe-auth.c',
    matters: 4,
    means:
      'channel_binding=require ties the password to the TLS connection with the server itself. This connection has no TLS to the server, or the server asks for something else than SCRAM.',
    causes: [
      {
        cause: 'A pooler or proxy ends TLS in between, or sslmode=disable.',
        on: 'client',
        check: 'psql "host={server} port={port} dbname=postgres" -c "\\conninfo"',
      },
      { cause: 'The line of pg_hba.conf says trust, md5 or cert, or the password of the role is stored as MD5.' },
    ],
    todo: 'Connect to the server itself with TLS and SCRAM, or use channel_binding=prefer (the default).',
  },
  {
    id: 'libpq-scram-broken',
    of: ['libpq-incorrect-server-signature'],
    says: [
      'could not verify server signature: %s',
      'invalid SCRAM response (nonce mismatch)',
      'malformed SCRAM message (%s)',
      'error received from server in SCRAM exchange: %s',
      'AuthenticationSASLFinal received from server, but SASL authentication was not completed',
    ],
    source: 'PostgreSQL, src/interfaces/libpq/fe-auth-scram.c',
    matters: 4,
    means:
      'The exchange of the password (SCRAM) was broken off: what answered does not know the password of this role as the server stores it.',
    causes: [
      { cause: 'A pooler or proxy with an outdated copy of the password (PgBouncer auth_file, pool_passwd).' },
      { cause: 'The password was changed in this moment, or something between changes the messages.' },
    ],
  },
  {
    id: 'libpq-old-method',
    of: ['libpq-auth-not-supported'],
    says: [
      'SCRAM authentication requires libpq version 10 or above',
      'Crypt authentication not supported',
      'Kerberos 4 authentication not supported',
      'Kerberos 5 authentication not supported',
      'GSSAPI authentication not supported',
      'SSPI authentication not supported',
      'The authentication type 10 is not supported.',
      'unknown authentication response: 10',
    ],
    source: 'PostgreSQL, src/interfaces/libpq/fe-auth.c; drivers',
    matters: 4,
    means:
      'The client library is older than what the server asks for. "10" is SCRAM (scram-sha-256), which needs libpq 10 or a driver of 2018 or later.',
    causes: [
      {
        cause: 'The program uses an old libpq or driver, perhaps its own copy, though a newer one is installed.',
        on: 'client',
        check: 'pg_config --version; ldd "$(command -v pg_basebackup)" | grep libpq',
      },
    ],
    todo: "Update the client or driver. Only where that is not possible: SET password_encryption = 'md5', set the password of this role again, and use md5 in pg_hba.conf (deprecated since 18).",
  },
  {
    id: 'libpq-direct-tls',
    of: ['tls-direct-alpn'],
    says: [
      'direct SSL connection was established without ALPN protocol negotiation extension',
      'SSL connection was established with unexpected ALPN protocol',
      'received SSL connection request with unexpected ALPN protocol',
    ],
    source: 'PostgreSQL 17 and later, src/interfaces/libpq/fe-connect.c; src/backend/libpq/be-secure-openssl.c',
    matters: 4,
    means:
      'The client began with TLS at once (sslnegotiation=direct), and the other side is no PostgreSQL 17 or later that knows this.',
    causes: [
      {
        cause: 'An older server, or a proxy or load balancer that ends TLS itself.',
        on: 'client',
        check: 'psql "host={server} port={port} dbname=postgres sslnegotiation=postgres" -c "SELECT version()"',
      },
    ],
    todo: 'Remove sslnegotiation=direct (PGSSLNEGOTIATION).',
  },
  {
    id: 'libpq-odd-server',
    of: ['libpq-unencrypted-after-ssl'],
    says: [
      'unexpected response from server; first received character was "%s"',
      'unexpected message from server during startup',
      'received invalid authentication request',
      'received invalid protocol negotiation message',
      'message contents do not agree with length in message type "%s"',
      'received unencrypted data after GSSAPI encryption response',
    ],
    source: 'PostgreSQL, src/interfaces/libpq/fe-protocol3.c, fe-connect.c',
    matters: 4,
    means: 'What answered at this address does not speak the protocol of PostgreSQL as it should.',
    causes: [
      {
        cause: 'Another service, or a proxy in another mode, is on this port.',
        on: 'client',
        check: 'pg_isready -h {server} -p {port}',
      },
      {
        cause:
          'The connection was changed on the way. "Unencrypted data after SSL response" may be an attack: find out what is between.',
      },
    ],
  },
  {
    id: 'libpq-oauth',
    says: [
      'no OAuth flows are available (try installing the libpq-oauth package)',
      'server requires OAuth authentication, but oauth_issuer and oauth_client_id are not both set',
      'server requires OAuth authentication, but no discovery metadata was provided',
      'server rejected OAuth bearer token: %s',
    ],
    source: 'PostgreSQL 18, src/interfaces/libpq/fe-auth-oauth.c',
    matters: 4,
    means:
      'The matching line of pg_hba.conf asks for OAuth. A standby and pg_basebackup cannot log in that way by themselves: a person would have to confirm each login.',
    causes: [
      {
        cause: 'A general oauth line comes before the one for replication.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
    ],
    todo: 'Put a line with scram-sha-256 or cert for the replication role before it, and reload.',
  },
];
