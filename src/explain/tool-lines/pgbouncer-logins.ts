import type { Answer } from '../answer.ts';
import { admin, configuration, databases } from './pgbouncer.ts';

/** What PgBouncer says of logins: those of its clients, and its own to the servers. */
export const linesOfPgBouncerLogins: readonly Answer[] = [
  {
    id: 'pgbouncer-login-line',
    source: 'PgBouncer 1.24.1, src/client.c',
    matters: 3,
    elsewhere: true,
    means: 'PgBouncer did not let the client in, or could not check its password.',
    causes: [
      {
        cause:
          'How it checks (auth_type, auth_file, auth_query, auth_hba_file), and whether that role logs in to the server itself.',
        on: 'pgbouncer host',
        check: `grep -nE "^auth_" ${configuration}; ls -l /etc/pgbouncer/userlist.txt; psql -h <server> -p 5432 -U <role> -d <database> -c "SELECT 1"`,
      },
    ],
    todo: `auth_file needs the role with its password as pg_authid has it (SCRAM or md5); reload with ${admin} -c RELOAD.`,
  },
  {
    id: 'pgbouncer-no-such-user',
    source: 'PgBouncer 1.24.1, src/client.c',
    matters: 4,
    elsewhere: true,
    means:
      'PgBouncer does not know the role that the client named: it is not in auth_file, and auth_query (where there is one) found none. The server was not asked to log it in.',
    causes: [
      {
        cause: 'The role is missing in auth_file (names are in double quotes, and capitals count).',
        on: 'pgbouncer host',
        check: `grep -nE "^auth_" ${configuration}; cut -d" " -f1 /etc/pgbouncer/userlist.txt`,
      },
      {
        cause: 'auth_user is not set, so that auth_query is not used; or the role is not on the server.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, rolcanlogin, rolvaliduntil FROM pg_roles WHERE rolname = \'<role>\'"',
      },
    ],
    todo: `Add it, then ${admin} -c RELOAD.`,
  },
  {
    id: 'pgbouncer-auth-query',
    source: 'PgBouncer 1.24.1, src/client.c',
    matters: 4,
    elsewhere: true,
    means:
      'PgBouncer asks the server for the password of the client (auth_query, as auth_user), and that did not work. All roles that are not in auth_file are refused until then.',
    causes: [
      {
        cause:
          'auth_user may not run the query (pg_shadow is for superusers: a SECURITY DEFINER function is usual), or it does not return the two columns name and password.',
        on: 'pgbouncer host',
        check: `grep -nE "^auth_(user|query|dbname)" ${configuration}; psql -h <server> -p 5432 -U <auth_user> -d <database> -c "<auth_query with a role instead of \\$1>"`,
      },
      {
        cause:
          'It runs in the database that the client asked for (or auth_dbname), and the function is missing there; or that database is not in [databases].',
        on: 'pgbouncer host',
        check: databases,
      },
    ],
  },
  {
    id: 'pgbouncer-scram-secret',
    source: 'PgBouncer 1.24.1, src/client.c',
    matters: 4,
    elsewhere: true,
    means:
      'auth_type is scram-sha-256, and for this role PgBouncer has an MD5 hash (in auth_file or from auth_query), with which no SCRAM login can be checked.',
    causes: [
      {
        cause: 'The password of the role on the server is an MD5 hash, too.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, left(rolpassword, 4) FROM pg_authid WHERE rolname = \'<role>\'"',
      },
    ],
    todo: 'Either auth_type = md5, which accepts both kinds; or set the password again with password_encryption = scram-sha-256, which changes it for each program that logs in as this role, and copy the new secret.',
  },
  {
    id: 'pgbouncer-hba',
    source: 'PgBouncer 1.24.1, src/hba.c',
    matters: 4,
    elsewhere: true,
    means:
      'A line of auth_hba_file (or auth_ident_file) cannot be read, and is left out or keeps the old file in force. It is a file of PgBouncer, and not the pg_hba.conf of the server.',
    causes: [
      {
        cause:
          'The line whose number it gives. PgBouncer knows fewer words than the server: no samerole, samegroup or +role, and of methods those of auth_type, peer and reject, but not any or pam.',
        on: 'pgbouncer host',
        check: `grep -nE "^auth_(type|hba_file|ident_file)" ${configuration}; grep -nvE "^ *(#|$)" <auth_hba_file>`,
      },
    ],
    todo: `Correct it, then ${admin} -c RELOAD.`,
  },
  {
    id: 'pgbouncer-certificate-login',
    source: 'PgBouncer 1.24.1, src/client.c and src/main.c',
    matters: 4,
    elsewhere: true,
    means:
      'auth_type is cert (or a line of auth_hba_file): the client must bring a certificate whose common name is the role, and PgBouncer must be able to check it.',
    causes: [
      {
        cause: 'client_tls_sslmode = verify-full and client_tls_ca_file are needed for that.',
        on: 'pgbouncer host',
        check: `grep -nE "^(client_tls|auth_)" ${configuration}`,
      },
      {
        cause: 'The name in the certificate is another one.',
        on: 'client',
        check: 'openssl x509 -in ~/.postgresql/postgresql.crt -noout -subject -enddate',
      },
    ],
  },
  {
    id: 'pgbouncer-pam',
    source: 'PgBouncer 1.24.1, src/pam.c',
    matters: 4,
    elsewhere: true,
    means: 'auth_type is pam, and PAM on the host of PgBouncer refused the login, or could not be asked.',
    causes: [
      {
        cause: 'The service is called pgbouncer; what it says is in the log of the system.',
        on: 'pgbouncer host',
        check: 'cat /etc/pam.d/pgbouncer; journalctl -t pgbouncer -n 30 --no-pager; pgbouncer --version',
      },
    ],
  },
  {
    id: 'pgbouncer-server-login',
    source: 'PgBouncer 1.24.1, src/server.c, src/proto.c and src/scram.c',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'PgBouncer itself could not log in to the server behind it, and passes that on to its clients for server_login_retry (15 s). The words of the server are the reason.',
    causes: [
      {
        cause: 'The same login from this host, without PgBouncer.',
        on: 'pgbouncer host',
        check: `psql -h <server> -p 5432 -U <role> -d <database> -c "SELECT 1"; ${databases}`,
      },
      {
        cause: 'The server refused it: its log has the line at that second.',
        on: 'primary',
        check: 'tail -n 30 <log of PostgreSQL>',
      },
    ],
  },
];
