import type { Answer } from '../answer.ts';

const configuration =
  'grep -n "^auth_" /etc/pgbouncer/pgbouncer.ini; psql -p 6432 pgbouncer -c "SHOW DATABASES" -c "SHOW USERS"';

/** What PostgreSQL answers when it is PgBouncer that logs in. */
export const answersAboutPooledLogins: readonly Answer[] = [
  {
    of: ['auth-password-failed'],
    tool: 'pgbouncer',
    matters: 5,
    elsewhere: true,
    means:
      'The server behind PgBouncer refuses the password with which PgBouncer logs in as role {role}. That password is not always the one that the client typed: it comes from [databases], from auth_file, or from auth_query.',
    causes: [
      {
        cause:
          'auth_file (userlist.txt) or password= in [databases] has an old or another password for {role}. It was changed on the server, and not there.',
        on: 'pgbouncer host',
        check: configuration,
      },
      {
        cause:
          'auth_file holds a SCRAM secret that is not the same as the one on the server: each time that a password is set, even the same one, its secret is a new one.',
        on: 'primary',
        check: `psql -c "SELECT rolname, left(rolpassword, 5) FROM pg_authid WHERE rolname = '{role}'"`,
      },
      {
        cause:
          '[databases] has an entry named "pgbouncer": its own administration database is then passed on to the server.',
      },
    ],
    todo: 'Put the password that works with psql directly at the server into auth_file, then RELOAD; in the administration console: psql -p 6432 pgbouncer -c RELOAD',
  },
  {
    of: ['database-does-not-exist'],
    tool: 'pgbouncer',
    matters: 5,
    elsewhere: true,
    means:
      'The server behind PgBouncer has no database {database}. PgBouncer passed the name on, because an entry in [databases] (often *) matches it.',
    causes: [
      {
        cause: 'The client names a database that is not there (without a name, it is that of the user).',
        on: 'pgbouncer host',
        check: 'psql -h <server> -p 5432 -U <role> -d postgres -l',
      },
      {
        cause: 'The entry in [databases] leads to another server than expected (host, port), or its dbname is wrong.',
        on: 'pgbouncer host',
        check: configuration,
      },
    ],
    todo: 'With auth_query, PgBouncer looks the password up in the same database: a wrong name fails before the login. auth_dbname (1.19 and later) names another one for that.',
  },
  {
    id: 'pgbouncer-scram',
    says: [
      'cannot do SCRAM authentication: password is SCRAM secret but client authentication did not provide SCRAM keys',
      'cannot do SCRAM authentication: wrong password type',
      'cannot do MD5 authentication: wrong password type',
      'server login failed: wrong password type',
      'failed to answer authreq',
    ],
    source: 'pgbouncer, src/proto.c, login_scram_sha_256, login_md5_psw (1.11 and later)',
    matters: 5,
    elsewhere: true,
    means:
      'The server asks PgBouncer for a SCRAM (or MD5) login, and what PgBouncer has for this role is a hash in another form, with which it cannot log in by itself.',
    causes: [
      {
        cause:
          'The role is auth_user, or has user= in [databases]: PgBouncer logs in for itself and needs the password in plain text in auth_file.',
        on: 'pgbouncer host',
        check: configuration,
      },
      {
        cause:
          'auth_type is plain, md5 with an MD5 hash, trust or cert: only a client that logs in with SCRAM brings the keys that PgBouncer passes on. The secret in auth_file must be the same as on the server.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, left(rolpassword, 5) FROM pg_authid WHERE rolcanlogin"',
      },
    ],
    todo: 'Set auth_type = scram-sha-256 for clients, and write the password of auth_user in plain text into auth_file (mode 0600, owned by the user that runs PgBouncer); then RELOAD.',
  },
];
