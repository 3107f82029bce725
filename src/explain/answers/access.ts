import type { Answer } from '../answer.ts';

/** Who is let in: pg_hba.conf, roles, databases. */
export const answersAboutAccess: readonly Answer[] = [
  {
    of: ['no-hba-replication'],
    when: /forward lookup does not match|Could not (?:resolve client IP|translate client host)/iu,
    means:
      'The primary has no pg_hba.conf line that matches this replication connection. The lines with host names were skipped: the DETAIL says that the client address and its name do not agree in DNS.',
    causes: [
      {
        cause:
          'pg_hba.conf has a line with a host name, and the reverse lookup of {host} does not lead to that name and back. Write the address instead of the name.',
        on: 'primary',
        check: 'getent hosts {host}',
        rule: 'hba/no-replication-entry',
      },
      {
        cause: 'No line names the database "replication" for role {role}: "all" does not include replication.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address FROM pg_hba_file_rules"',
      },
    ],
  },
  {
    of: ['no-hba-replication'],
    says: [
      'no pg_hba.conf entry for replication connection from host "%s", user "%s", %s',
      'no pg_hba.conf entry for replication connection from host "%s", user "%s"',
    ],
    means:
      'The primary refuses the connection: no line of its pg_hba.conf matches a replication connection of role {role} from address {host}. The word "all" in the database column does not include replication.',
    causes: [
      {
        cause:
          'The script or variable that was to add the line did not run: the volume had a data directory already, and the image leaves such a one as it is.',
        after: 'data kept',
        only: true,
      },
      {
        cause: 'There is no line with the database "replication" for this role and address.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
        rule: 'hba/no-replication-entry',
      },
      {
        cause: 'The line is there, but the server has not reloaded the file, or reads another file.',
        on: 'primary',
        check: 'psql -c "SHOW hba_file" -c "SELECT pg_reload_conf()"',
        rule: 'hba/not-reloaded',
      },
      {
        cause:
          'The address is not the expected one (NAT, a container network, IPv6), or the line is hostssl and the connection is not encrypted (or the reverse).',
      },
    ],
  },
  {
    of: ['no-hba-database'],
    when: /forward lookup does not match|Could not (?:resolve client IP|translate client host)/iu,
    means:
      'The server has no pg_hba.conf line for database {database}, role {role} from {host}. Its lines with host names were skipped: the DETAIL says that the client address and its name do not agree in DNS.',
    causes: [
      {
        cause:
          'The reverse lookup of {host} fails or leads to another name. Write the address in pg_hba.conf, or fix the reverse DNS entry.',
        on: 'primary',
        check: 'getent hosts {host}',
      },
      {
        cause: 'No line covers this database and role at all.',
        on: 'primary',
        check: 'psql -c "TABLE pg_hba_file_rules"',
      },
    ],
    todo: 'If this client is to get in: add a line for database {database} and role {role} with its numeric address, then reload.',
  },
  {
    of: ['no-hba-database'],
    says: ['no pg_hba.conf entry for host "%s", user "%s", database "%s"', 'no pg_hba.conf entry for host %s'],
    means:
      'The server refuses the connection: no line of its pg_hba.conf matches database {database}, role {role}, address {host}. This is an ordinary connection to a database, so a line for "replication" does not help it.',
    causes: [
      {
        cause: 'There is no line for this database, role and address.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
        rule: 'hba/no-replication-entry',
      },
      {
        cause: 'The file was changed and not reloaded.',
        on: 'primary',
        check: 'psql -c "SELECT pg_reload_conf()"',
        rule: 'hba/not-reloaded',
      },
      {
        cause:
          'The line says hostssl and the connection is not encrypted ("no encryption", "SSL off"): require TLS on the client (sslmode=require), or add a host line.',
      },
    ],
    todo: 'If this client is to get in: add a line for database {database} and role {role} from {host} to pg_hba.conf on the server, then reload.',
  },
  {
    of: ['walsender-permission'],
    says: ['must be superuser or replication role to start walsender', 'must be superuser or replication role'],
    means: 'The role logged in, but it lacks the REPLICATION attribute: the server gives it no WAL sender.',
    causes: [
      {
        cause: 'The role was created without REPLICATION.',
        on: 'primary',
        check: 'psql -c "\\du"',
        rule: 'role/no-replication',
      },
      { cause: 'Another role than expected is used (-U, user= in primary_conninfo, PGUSER).' },
    ],
    todo: 'On the primary: ALTER ROLE {role} REPLICATION; Managed services have their own command for it (on Amazon RDS: GRANT rds_replication TO {role};).',
  },
  {
    says: [
      'must be superuser or replication role to run a backup',
      'needs to be superuser or have replication role permission to perform this action',
      'You need to be a superuser to perform this action',
      'must be superuser or have the REPLICATION attribute to use replication slots',
    ],
    of: ['slot-permission-denied', 'backup-permission-denied'],
    id: 'replication-attribute-missing',
    means: 'The role lacks the REPLICATION attribute, which slots and base backups need.',
    causes: [
      {
        cause: 'The role was created without REPLICATION.',
        on: 'primary',
        check: 'psql -c "\\du"',
        rule: 'role/no-replication',
      },
    ],
    todo: 'On the primary: ALTER ROLE {role} REPLICATION; Managed services have their own command for it (on Amazon RDS: GRANT rds_replication TO {role};).',
  },
  {
    of: ['hba-invalid-method'],
    matters: 5,
    means:
      'A line of pg_hba.conf has an authentication method that this release does not know (scram-sha-256 is known from 10 on), or the columns are shifted: a CIDR mask or a column is missing. A running server keeps its old rules; a starting one refuses to start.',
    causes: [
      {
        cause: 'A column is missing or misplaced on that line.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL"',
        rule: 'hba/invalid-line',
      },
    ],
  },
  {
    of: ['could-not-load-hba', 'hba-not-reloaded'],
    kind: 'consequence',
    means:
      'pg_hba.conf has a line that cannot be read. A running server keeps the rules that it had; a starting server does not start. The LOG line before this one names the line and what is wrong with it.',
    causes: [
      {
        cause: 'See the LOG line before.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL"',
        rule: 'hba/invalid-line',
      },
    ],
  },
  {
    of: ['database-does-not-exist'],
    when: /database "?replication"? does not exist/iu,
    matters: 5,
    means:
      'The server looked for an ordinary database named "replication": the connection was not made as a replication connection. There is no such database, and none must be created.',
    causes: [
      {
        cause:
          'The connection goes through a pooler (Pgpool-II, PgBouncer before 1.23): it does not pass replication=true on. Connect to the PostgreSQL server itself, at its own address and port.',
        on: 'client',
        check: 'psql "host={server} user={role} dbname=postgres replication=true" -c "IDENTIFY_SYSTEM"',
      },
      {
        cause:
          'A client or script asked for dbname=replication. The word belongs in pg_hba.conf alone; in a connection string it is replication=true.',
      },
    ],
  },
  {
    of: ['database-does-not-exist'],
    beside: /background worker "pg_cron/u,
    matters: 3,
    means:
      'The scheduler of pg_cron wants to connect to the database {database}, which this server does not have. Clients and replication are not concerned; only the jobs of pg_cron do not run.',
    causes: [
      {
        cause: 'cron.database_name names a database that was not created (yet), or one of another server.',
        on: 'server',
        check: 'psql -d postgres -c "SHOW cron.database_name" -l',
      },
    ],
    todo: 'Create that database, or correct cron.database_name and restart.',
  },
  {
    of: ['database-does-not-exist'],
    means: 'Database {database} does not exist on the server that was reached.',
    causes: [
      {
        cause:
          'The script or variable that was to create it did not run: the volume had a data directory already, and the image leaves such a one as it is.',
        after: 'data kept',
        only: true,
      },
      {
        cause: 'It was never created on this server, or its name is spelled differently (capitals matter).',
        on: 'primary',
        check: 'psql -h {server} -U {role} -d postgres -l',
      },
      {
        cause: "No database was named, and the role's name was taken: add -d postgres (or dbname=postgres).",
      },
      {
        cause:
          'The data directory is a fresh one: the image has run initdb on an empty volume, or the wrong volume is mounted.',
      },
    ],
  },
  {
    of: ['readonly-transaction', 'cannot-execute-during-recovery'],
    when: /read-only transaction/u,
    beside: /pg_is_in_recovery\s*\n-+(?:\+-+)*\n\s*f\b/u,
    matters: 3,
    means:
      'The session cannot write, and the text shows a server that is not in recovery: it is a primary whose sessions are read-only by a setting.',
    causes: [
      {
        cause:
          'default_transaction_read_only is on for the server, the role or the database. Providers set it when the disk is full; tools do so around a switchover.',
        on: 'primary',
        check: `psql -c "SELECT setting, source, sourcefile FROM pg_settings WHERE name = 'default_transaction_read_only'" -c "\\drds"; df -h`,
      },
      { cause: 'The statement was sent to another server than the query: a standby behind the same address.' },
    ],
    todo: 'Find out who set it and why before it is switched off: a full disk comes first.',
  },
  {
    of: ['readonly-transaction', 'cannot-execute-during-recovery'],
    when: /read-only transaction/u,
    matters: 3,
    means:
      'The session cannot write. On a standby every transaction is read-only; on a primary, default_transaction_read_only may be on.',
    causes: [
      {
        cause:
          'The connection went to a standby: send writes to the primary (several hosts with target_session_attrs=read-write).',
        on: 'client',
        check: 'psql -h <host> -c "SELECT pg_is_in_recovery()"',
      },
      { cause: 'A failover has happened, and the address still leads to the old role.' },
      {
        cause:
          'default_transaction_read_only is on for the server, the role or the database (a provider may set it when the disk is full).',
        on: 'primary',
        check: 'psql -c "SHOW default_transaction_read_only"',
      },
    ],
  },
  {
    of: ['cannot-execute-during-recovery'],
    means: 'This server is a standby, and the statement needs a primary.',
    causes: [
      {
        cause: 'The connection went to a standby: run it on the primary.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
      },
    ],
  },
  {
    of: ['auth-cert-required'],
    means:
      'The matching line of pg_hba.conf requires a client certificate (method cert, or clientcert=), and this connection sent none that the server accepts.',
    causes: [
      {
        cause:
          'The connection string has no sslcert and sslkey, and ~/.postgresql/postgresql.crt and .key do not exist for the user that runs the program.',
        on: 'client',
        check: 'ls -l ~/.postgresql/',
        rule: 'tls/client-certificate',
      },
      {
        cause:
          'The line was meant for applications and also matches the replication or rewind account (database or user "all"): put a line for that account before it.',
        on: 'primary',
        check:
          'psql -c "SELECT line_number, type, database, user_name, address, auth_method, options FROM pg_hba_file_rules"',
      },
    ],
    todo: 'Give the client its certificate (sslcert=, sslkey=), or add an earlier line without clientcert for this account and reload.',
  },
  {
    id: 'create-replication-role',
    says: [
      'must be superuser to create replication users',
      'must be superuser to alter replication users',
      'must be superuser to alter replication roles or change replication attribute',
      'Only roles with the %s attribute may change the %s attribute.',
    ],
    source: 'PostgreSQL, src/backend/commands/user.c',
    matters: 4,
    means:
      'The role that is logged in may not give the REPLICATION attribute: before 16 only a superuser can, from 16 on a role with CREATEROLE that has REPLICATION itself.',
    causes: [
      {
        cause:
          'A managed service: its administrator is not a superuser. On Amazon RDS and Aurora, create the role without REPLICATION and then GRANT rds_replication TO <role>. They offer that for logical replication; a physical standby outside is not possible there.',
      },
      {
        cause: 'On your own server: the statement was not run as a superuser.',
        on: 'primary',
        check: 'psql -c "\\du"',
      },
    ],
    todo: 'Run it as superuser on the primary.',
  },
  {
    id: 'managed-role',
    says: [
      'role "rds_replication" does not exist',
      'role "rds_superuser" does not exist',
      'role "cloudsqlsuperuser" does not exist',
      'role "azure_pg_admin" does not exist',
    ],
    source: "PostgreSQL, src/backend/utils/adt/acl.c; the services' manuals",
    matters: 5,
    elsewhere: true,
    means: 'This role exists only on the managed service that it belongs to, and this server is not one of them.',
    causes: [
      {
        cause:
          'A dump, script or guide for a managed service was used on an ordinary server (or on an emulation of the service).',
      },
    ],
    todo: 'On an ordinary server the right is an attribute: ALTER ROLE <role> REPLICATION; and a dump is restored with --no-owner --no-privileges.',
  },
];
