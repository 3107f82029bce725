import type { Answer } from '../answer.ts';

/** Privileges within the database, which are no permissions of files. */
export const answersAboutPrivileges: readonly Answer[] = [
  {
    id: 'rewind-privileges',
    says: ['permission denied for function pg_ls_dir', 'permission denied for function pg_read_binary_file'],
    tool: 'pg_rewind',
    source: 'PostgreSQL, src/backend/catalog/aclchk.c; src/bin/pg_rewind/libpq_source.c',
    matters: 5,
    means:
      'The role that pg_rewind logs in with on the source may not read its files. pg_rewind has not changed anything yet.',
    causes: [
      {
        cause:
          'It is not a superuser and does not have EXECUTE on the four functions that pg_rewind calls. In Patroni it is the role of postgresql.authentication.rewind.',
        on: 'primary',
        check: 'psql -c "\\df+ pg_read_binary_file"',
      },
    ],
    todo: 'As superuser, in the database that pg_rewind connects to on the source: GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean), pg_catalog.pg_stat_file(text, boolean), pg_catalog.pg_read_binary_file(text), pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO <role>; then run pg_rewind again.',
  },
  {
    id: 'object-privileges',
    says: [
      'permission denied for function %s',
      'permission denied for table %s',
      'permission denied for relation %s',
      'permission denied for schema %s',
      'permission denied for view %s',
      'permission denied for sequence %s',
      'permission denied for language %s',
      'permission denied for tablespace %s',
    ],
    among: /pg_|repmgr|barman|replica|standby|patroni|postgres|wal/iu,
    source: 'PostgreSQL, src/backend/catalog/aclchk.c, aclcheck_error',
    matters: 4,
    means:
      'The role that is logged in lacks a privilege on this object in the database. It is not about files of the operating system. Replication itself needs the REPLICATION attribute and no such privilege.',
    causes: [
      {
        cause: 'A tool (backup, monitoring, failover) logs in with a role that was not given the rights it needs.',
        on: 'primary',
        check: 'psql -c "\\du+ {role}"',
      },
      {
        cause:
          'The connection was made with another role than intended: user name in the connection string, environment (PGUSER) or service file.',
      },
    ],
    todo: "Grant what the tool's manual names (pg_monitor or pg_read_all_settings, EXECUTE on the function), on the primary: a standby takes it over.",
  },
];
