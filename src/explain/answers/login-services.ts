import type { Answer } from '../answer.ts';

/** Servers that PostgreSQL asks whether a user may log in: LDAP, RADIUS, PAM, Kerberos, OAuth. */
export const answersAboutLoginServices: readonly Answer[] = [
  {
    id: 'login-ldap-server',
    of: ['auth-ldap-bind-failed'],
    says: [
      'could not initialize LDAP: %s',
      'could not initialize LDAP: error code %d',
      'could not start LDAP TLS session: %s',
      'could not set LDAP protocol version: %s',
      'could not search LDAP for filter "%s" on server "%s": %s',
      'could not unbind after searching for user "%s" on server "%s"',
    ],
    source: 'PostgreSQL, src/backend/libpq/auth.c, InitializeLDAPConnection, CheckLDAPAuth',
    matters: 4,
    means:
      'A line of pg_hba.conf with the method ldap matched, and this server could not ask the LDAP server. A login by that line is refused until it answers; the text after the last colon says why.',
    causes: [
      {
        cause:
          'The LDAP server is down, or its name, port or certificate (ldaptls, ldapscheme, LDAPTLS_CACERT of the server process) is wrong.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, options FROM pg_hba_file_rules WHERE auth_method = \'ldap\'"',
      },
      {
        cause: 'ldapbinddn or ldapbindpasswd is wrong, so the search is refused.',
        on: 'primary',
        check: 'ldapwhoami -x -W -H ldap://<LDAP server> -D <ldapbinddn>',
      },
    ],
    todo: 'For the role of a standby use a method that needs no other server (scram-sha-256), on a line above the one with ldap, and reload.',
  },
  {
    id: 'login-ldap-user',
    of: ['auth-ldap-user-missing', 'auth-ldap-login-failed'],
    says: [
      'LDAP user "%s" is not unique',
      'LDAP search for filter "%s" on server "%s" returned no entries.',
      'LDAP search for filter "%s" on server "%s" returned %d entries.',
      'LDAP search for filter "%s" on server "%s" returned %d entry.',
      'invalid character in user name for LDAP authentication',
    ],
    source: 'PostgreSQL, src/backend/libpq/auth.c, CheckLDAPAuth',
    matters: 4,
    means:
      'The LDAP server answered, and does not accept this user: it finds none, more than one, or refuses the password.',
    causes: [
      {
        cause:
          'The role is one of the database only (a replication role, a monitor) and not in LDAP: the line with ldap catches it.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
      { cause: 'ldapbasedn, ldapprefix, ldapsuffix or ldapsearchattribute do not fit where the users are.' },
    ],
    todo: 'For a role that is not in LDAP: put a line for it with scram-sha-256 above, and reload.',
  },
  {
    id: 'login-radius',
    says: [
      'timeout waiting for RADIUS response from %s',
      'could not translate RADIUS server name "%s" to address: %s',
      'RADIUS response from %s has invalid code (%d) for user "%s"',
      'RADIUS response from %s has incorrect MD5 signature',
      'RADIUS response from %s was sent from incorrect port: %d',
      'RADIUS response from %s too short: %d',
      'RADIUS response from %s has corrupt length: %d (actual length %d)',
      'RADIUS response from %s is to a different request: %d (should be %d)',
      'could not create RADIUS socket: %m',
      'could not send RADIUS packet: %m',
    ],
    source: 'PostgreSQL, src/backend/libpq/auth.c, PerformRadiusTransaction',
    matters: 4,
    means:
      'A line of pg_hba.conf with the method radius matched, and the RADIUS server did not answer, or not with an answer that counts.',
    causes: [
      {
        cause:
          'The RADIUS server is down, its port (1812, UDP) is closed, or it does not know this server as a client.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, options FROM pg_hba_file_rules WHERE auth_method = \'radius\'"',
      },
      { cause: 'The shared secret (radiussecrets) differs: "incorrect MD5 signature", or no answer at all.' },
    ],
    todo: 'For the role of a standby use scram-sha-256 on a line above, and reload.',
  },
  {
    id: 'login-pam',
    of: ['auth-pam-authenticate'],
    says: [
      'pam_acct_mgmt failed: %s',
      'pam_set_item(%s) failed: %s',
      'could not create PAM authenticator: %s',
      'could not release PAM authenticator: %s',
      'error from underlying PAM layer: %s',
      'unsupported PAM conversation %d/"%s"',
      'BSD authentication failed for user "%s"',
    ],
    source: 'PostgreSQL, src/backend/libpq/auth.c, CheckPAMAuth',
    matters: 4,
    means:
      'A line of pg_hba.conf with the method pam (or bsd) matched, and the operating system refuses the user; its words stand after the colon.',
    causes: [
      {
        cause:
          'The role is not a user of the operating system or of the directory behind PAM, the password is wrong, or the account has expired.',
        on: 'primary',
        check: 'journalctl -n 20 -t postgres -t unix_chkpwd; cat /etc/pam.d/postgresql',
      },
      {
        cause: 'The server runs as postgres and may not read what the PAM module needs (/etc/shadow).',
      },
    ],
    todo: 'For a role that is not known to PAM: put a line for it with scram-sha-256 above, and reload.',
  },
  {
    id: 'login-kerberos',
    says: [
      'could not accept GSSAPI security context',
      'accepting GSS security context failed',
      'could not initiate GSSAPI security context',
      'retrieving GSS user name failed',
      'could not wrap GSSAPI message',
      'GSSAPI name import error',
      'GSSAPI continuation error',
      'GSSAPI context establishment error',
      'could not accept SSPI security context',
      'could not acquire SSPI credentials',
    ],
    source: 'PostgreSQL, src/backend/libpq/auth.c, be-gssapi-common.c; libpq, fe-auth.c',
    matters: 4,
    means:
      'The login with Kerberos (gss, on Windows sspi) failed: one side has no valid ticket or key for the other. The text after the colon, or DETAIL, is from the Kerberos library.',
    causes: [
      {
        cause: 'The client has no valid ticket, or the clocks differ by more than five minutes.',
        on: 'client',
        check: 'klist; timedatectl | grep -i synchronized',
      },
      {
        cause:
          'The keytab of the server (krb_server_keyfile) lacks the principal postgres/<host name>, or is not readable for postgres; the client must use that host name, not an address.',
        on: 'primary',
        check: 'psql -c "SHOW krb_server_keyfile"; klist -k <keytab>',
      },
    ],
    todo: 'If Kerberos is not wanted: PGGSSENCMODE=disable for the client, and scram-sha-256 in the matching line of pg_hba.conf.',
  },
  {
    id: 'login-oauth',
    of: ['auth-oauth-failed'],
    says: [
      'oauth_validator_libraries must be set for authentication method %s',
      'authentication method "oauth" requires argument "validator" to be set when oauth_validator_libraries contains multiple options',
      'OAuth is not properly configured for this user',
      'internal error in OAuth validator module',
      'malformed OAuth bearer token',
      'malformed OAUTHBEARER message',
      'OAuth flow is not supported by this installation',
    ],
    source: 'PostgreSQL 18, src/backend/libpq/auth-oauth.c; libpq, fe-auth-oauth.c',
    matters: 4,
    means: 'A line of pg_hba.conf with the method oauth (18 and later) matched, and the token was not accepted.',
    causes: [
      {
        cause: 'oauth_validator_libraries, issuer or scope are not set as the provider needs it.',
        on: 'primary',
        check:
          'psql -c "SHOW oauth_validator_libraries" -c "SELECT line_number, options FROM pg_hba_file_rules WHERE auth_method = \'oauth\'"',
      },
      { cause: 'The client cannot get a token: libpq was built without it, or the package libpq-oauth is missing.' },
    ],
    todo: 'A walreceiver cannot log in at a web page: give the role of a standby scram-sha-256 or cert on a line above.',
  },
];
