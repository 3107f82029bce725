import type { Answer } from '../answer.ts';

const rulesOfHba =
  'psql -c "SELECT line_number, type, database, user_name, address, auth_method, error FROM pg_hba_file_rules"';

/** A login that a line, a date or a name stands against. */
export const answersAboutRefusals: readonly Answer[] = [
  {
    of: ['hba-rejects-replication', 'hba-rejects-database'],
    matters: 5,
    means:
      'A line of pg_hba.conf with the method "reject" is the first that matches this connection. A line that lets it in and comes later is never reached.',
    causes: [
      {
        cause:
          'The reject line covers more than was meant: its address range, "all" roles, or (for replication) the word replication.',
        on: 'primary',
        check: rulesOfHba,
      },
      {
        cause:
          'The connection is not encrypted and a hostnossl line rejects such ones ("no encryption", "SSL off"), or the reverse: set sslmode on the client.',
      },
    ],
    todo: 'Put the line that allows it above the one that rejects, and reload.',
  },
  {
    of: ['role-not-permitted-login'],
    matters: 5,
    means:
      'The role exists and may not log in: it was created with CREATE ROLE without LOGIN (CREATE USER includes it), or LOGIN was taken away to lock it.',
    causes: [
      { cause: 'It is a group role, or one whose LOGIN was forgotten.', on: 'primary', check: 'psql -c "\\du {role}"' },
    ],
  },
  {
    of: ['auth-detail-expired'],
    matters: 4,
    means:
      'The password of role {role} has expired (VALID UNTIL): the server refuses it like a wrong one. Connections that are open already go on.',
    causes: [
      {
        cause: 'VALID UNTIL is in the past, or the clock of the server is wrong.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, rolvaliduntil, now() FROM pg_roles WHERE rolvaliduntil IS NOT NULL"',
      },
    ],
    todo: "On the primary: ALTER ROLE {role} VALID UNTIL 'infinity'; or a new date. A role for replication is best without one: its standby stops when the date comes.",
  },
  {
    of: ['auth-detail-matched-file'],
    matters: 4,
    means:
      'This line of pg_hba.conf decided on the connection: it is the first that matches its type, database, role and address, and its method was used. Later lines were not looked at.',
    causes: [
      {
        cause: 'It is the expected line: then the password, certificate or name is what was wrong.',
        on: 'client',
        check: 'psql "host=<server> user=<role> dbname=postgres" -c "SELECT 1"',
      },
      {
        cause: 'It is not: the line that was meant comes later, or has another address or role.',
        on: 'primary',
        check: rulesOfHba,
      },
    ],
    todo: 'If it is the wrong one, put the right line above it, and reload.',
  },
  {
    of: ['auth-empty-password'],
    matters: 4,
    means: 'The server asked for a password and was sent an empty one.',
    causes: [
      {
        cause:
          'A variable is empty: PGPASSWORD, or one in the script or Compose file that writes the connection string.',
        on: 'client',
        check:
          'env | grep "^PG" | cut -d= -f1; docker compose config | grep -iE "PGPASSWORD|POSTGRES_PASSWORD" | cut -d: -f1',
      },
      {
        cause: 'The line of the password file ends behind the colon before the password.',
        on: 'client',
        check: 'cut -d: -f1-4 ~/.pgpass',
      },
    ],
  },
  {
    of: ['usermap-no-match', 'usernames-do-not-match'],
    matters: 4,
    means:
      'The client has proved a name (operating system user, certificate or Kerberos principal), and no rule lets that name log in as the role that was asked for.',
    causes: [
      {
        cause: 'The line of pg_hba.conf has no map=, so both names must be the same.',
        on: 'primary',
        check: rulesOfHba,
      },
      {
        cause: 'It has a map, and pg_ident.conf has no line of that map with this name and this role.',
        on: 'primary',
        check: 'psql -c "SELECT * FROM pg_ident_file_mappings"; psql -Atc "SHOW ident_file"',
      },
    ],
    todo: 'Add a line to pg_ident.conf (<map> <proved name> <role>), name the map in the line of pg_hba.conf (map=<map>), and reload. Or connect as the role of that name. The view pg_ident_file_mappings exists since 15.',
  },
  {
    of: ['auth-cert-cn-mismatch', 'auth-cert-no-user-name'],
    matters: 4,
    means:
      'The client certificate is valid, and its common name (CN) is not the role that was asked for. With the method cert or clientcert=verify-full they must be the same, unless a map says otherwise.',
    causes: [
      {
        cause: 'The certificate was issued for a host or for another role.',
        on: 'client',
        check: 'openssl x509 -in ~/.postgresql/postgresql.crt -noout -subject -enddate',
      },
    ],
    todo: 'Issue a certificate with CN=<role>, or map the name: map=<map> in the line of pg_hba.conf, and <map> <CN> <role> in pg_ident.conf; then reload.',
  },
  {
    of: ['bb-target-perm'],
    matters: 4,
    means:
      'pg_basebackup --target=server:<directory> writes the backup on the server itself, and the role may not do that. A backup to this side (without --target) needs no such right.',
    causes: [
      { cause: 'The role is not a member of pg_write_server_files.', on: 'primary', check: 'psql -c "\\du <role>"' },
    ],
    todo: 'On the server, as a superuser: GRANT pg_write_server_files TO <role>; The role can then write every file that the server can.',
  },
];
