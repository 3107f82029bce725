import type { Answer } from '../answer.ts';

/** What servers and programs refuse now and then. */
export const answersAboutRareRefusals: readonly Answer[] = [
  {
    of: ['libpq-uri-unexpected-char', 'libpq-uri-missing-equals', 'libpq-uri-ipv6-end', 'libpq-uri-spaces'],
    means:
      'The connection URI is not well-formed: {value|a part of it} cannot be read. Nothing was sent to a server yet.',
    causes: [
      {
        cause: 'A password or name in it has one of the characters @ : / ? # % or a blank as it is.',
        on: 'client',
        check: `python3 -c 'import getpass, urllib.parse as u; print(u.quote(getpass.getpass(), safe=""))'`,
      },
      {
        cause:
          'Its form is postgresql://<role>:<password>@<host>:<port>/<database>?sslmode=require, an IPv6 address in brackets: [::1].',
      },
    ],
    todo: 'Encode these characters (%40 for @, %3A for a colon, %2F for a slash, %20 for a blank; the command prints a password in this form), or write host=… user=… dbname=… pairs instead of the URI.',
  },
  {
    of: ['libpq-service-file'],
    means: 'PGSERVICEFILE names {file}, and there is no such file for the user that runs the program.',
    causes: [
      {
        cause: 'The variable comes from another user or machine, or the file is not mounted into this container.',
        on: 'client',
        check: 'id -un; env | grep -E "^PGSERVICE|^PGSYSCONFDIR"; namei -l {file}',
      },
    ],
    todo: 'Put the file there, or unset PGSERVICEFILE: then ~/.pg_service.conf is read.',
  },
  {
    of: ['libpq-server-not-hot-standby', 'libpq-session-not-read-only'],
    means:
      'The connection string asks for a standby or a read-only session (target_session_attrs), and the server that was reached is a primary.',
    causes: [
      {
        cause:
          'Only the primary is named, or the standby in the list cannot be reached (the errors for it are on the lines before), or it was promoted.',
        on: 'client',
        check: 'psql -h <host> -d postgres -Atc "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'target_session_attrs=prefer-standby (14 and later) accepts the primary if no standby is available. Otherwise correct the list of hosts.',
  },
  {
    of: ['libpq-require-auth', 'libpq-require-auth-18'],
    means:
      'The client accepts only certain authentication methods (require_auth), and the server asked for another one. The client did not send the password.',
    causes: [
      {
        cause: 'The line of pg_hba.conf for this client has another method.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
      {
        cause: 'It is not the server that was meant: that is what the option protects against.',
        on: 'client',
        check: 'env | grep PGREQUIREAUTH; getent ahosts <host>',
      },
    ],
    todo: 'Correct that line to scram-sha-256, or require_auth in the connection string, if the method is what you want.',
  },
  {
    of: ['unsupported-protocol', 'protocol-sync-lost', 'libpq-lost-sync', 'libpq-expected-auth'],
    means:
      'The two ends do not speak the same protocol, or got out of step: the client or the server is not what the other one expected.',
    causes: [
      {
        cause:
          'A port scan, a health check or a program for another service opened the port. Such a connection is harmless.',
        on: 'primary',
        check:
          'psql -c "SHOW log_connections" -c "SELECT application_name, client_addr, backend_start FROM pg_stat_activity WHERE client_addr IS NOT NULL"',
      },
      { cause: 'A proxy or pooler between changes or mixes up what is sent.' },
      {
        cause: 'A faulty or very old client library.',
        on: 'client',
        check: 'psql --version; ldd "$(command -v psql)" | grep libpq',
      },
    ],
    todo: 'Connect to the server itself, without the proxy, and try again. log_connections = on shows where it comes from.',
  },
  {
    of: ['too-many-connections-db'],
    means:
      'Database {database} has as many sessions as its CONNECTION LIMIT allows. Physical replication and pg_basebackup connect to no database and are not affected.',
    causes: [
      {
        cause: 'Sessions are not closed, or the limit is too low. Who has them:',
        on: 'primary',
        check: `psql -d postgres -c "SELECT datname, datconnlimit FROM pg_database" -c "SELECT datname, usename, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 8"`,
      },
    ],
    todo: 'ALTER DATABASE "{database}" CONNECTION LIMIT -1; removes the limit (max_connections stays). The limit does not apply to superusers.',
  },
  {
    of: ['permission-denied-database'],
    means:
      'Role {role} may not connect to database {database}. Physical replication needs no such right; slot synchronization, pg_rewind and monitoring do.',
    causes: [
      {
        cause: 'CONNECT was revoked from PUBLIC there, and not granted to the role.',
        on: 'primary',
        check: 'psql -c "\\l {database}"',
      },
    ],
    todo: 'On the primary: GRANT CONNECT ON DATABASE "{database}" TO {role};',
  },
  {
    of: ['pgctl-empty-pid-file', 'pgctl-invalid-pid-file'],
    means:
      'pg_ctl cannot read from {file|postmaster.pid} which server runs on the data directory: the file is empty or damaged. It does nothing then.',
    causes: [
      {
        cause: 'The machine crashed or its disk was full while the file was written.',
        on: 'server',
        check: 'ls -l {file}; df -h {directory}; ps -ef | grep "[p]ostgres.* -D"',
        rule: 'standby/stale-pid-file',
      },
      { cause: 'A server in another container or machine is just starting on it.' },
    ],
    todo: 'If no server runs on that directory, here or elsewhere: mv {file} {file}.old, and start it. If one runs, leave the file alone and stop that server by its process: kill -INT <pid of the postmaster>.',
  },
  {
    of: ['bb-compression-not-supported-gzip', 'bb-compression-not-supported-lz4', 'bb-compression-not-supported-zstd'],
    means:
      'The server was built without this kind of compression, so it cannot compress the backup. Nothing was copied.',
    causes: [
      {
        cause: 'The package or image of the server leaves it out.',
        on: 'primary',
        check: 'pg_config --configure | tr " " "\\n" | grep -E "lz4|zstd|zlib"; psql -Atc "SELECT version()"',
        rule: 'platform/compression-not-built-in',
      },
    ],
    todo: 'Let the client compress: --compress=client-gzip, client-lz4 or client-zstd (for a plain copy, -Fp, leave --compress out).',
  },
  {
    of: ['rewind-source-modified', 'rewind-source-unexpected-state', 'rewind-source-size-changed'],
    means:
      'The source changed while pg_rewind copied from it. This data directory is now neither the old server nor a copy of the new one, and must not be started.',
    causes: [
      {
        cause: '--source-pgdata names the directory of a server that runs.',
        on: 'primary',
        check: 'pg_ctl -D <source directory> status; pg_controldata -D <source directory> | grep "cluster state"',
      },
      {
        cause: 'The source was restarted or promoted meanwhile.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time(), pg_is_in_recovery()"',
      },
    ],
    todo: 'Move the directory aside and make a new base backup: pg_basebackup -h <primary> -U <role> -D <data directory> -R -X stream -c fast. A running source is named with --source-server.',
  },
  {
    of: ['control-byte-order'],
    means:
      'The data directory was written on a machine with another architecture. A data directory, and so streaming replication, cannot cross architectures.',
    causes: [
      {
        cause: 'The copy comes from such a machine, or pg_control is damaged.',
        on: 'standby',
        check: 'uname -m; pg_controldata -D <data directory> | head -5',
        rule: 'platform/architecture-differs',
      },
      { cause: 'What the primary is:', on: 'primary', check: 'uname -m; psql -Atc "SELECT version()"' },
    ],
    todo: 'Use a machine of the same architecture, or logical replication, or pg_dump and pg_restore.',
  },
  {
    of: ['standby-single-user'],
    tool: 'pg_rewind',
    means:
      'The server was started in single-user mode (--single), and standby.signal is in its data directory: a standby cannot run like that.',
    causes: [
      {
        cause:
          'pg_rewind starts it like that, to finish the recovery of a server that was not stopped cleanly; or it was started so manually.',
        on: 'standby',
        check: 'ls <data directory>/*.signal; pg_controldata -D <data directory> | grep "cluster state"',
      },
    ],
    todo: 'For pg_rewind: move standby.signal aside, run it again, and put the file back before the server is started. To run a standby: pg_ctl or its service.',
  },
  {
    of: ['logical-decoding-recovery', 'logical-decoding-standby-wal-level'],
    means:
      'A logical slot was used or asked for on a standby, which cannot serve it. Physical replication is not affected.',
    causes: [
      {
        cause: 'The standby is of 15 or older: there, logical decoding works on a primary only.',
        on: 'standby',
        check: 'psql -c "SHOW server_version" -c "SELECT pg_is_in_recovery()"',
      },
      {
        cause: 'wal_level on the primary is below logical (16 and later need it there).',
        on: 'primary',
        check: 'psql -c "SHOW wal_level"',
      },
    ],
    todo: 'Use a logical slot on the primary; or, from 16 on, set wal_level = logical on the primary and restart it.',
  },
  {
    of: ['alter-system-not-allowed'],
    means:
      'ALTER SYSTEM is switched off on this server (allow_alter_system = off, 17 and later): something else manages its settings. Nothing was changed.',
    causes: [
      {
        cause: 'An operator, Patroni or a configuration tool writes the files, and would undo the change.',
        on: 'server',
        check:
          'psql -c "SHOW allow_alter_system" -c "SELECT sourcefile, count(*) FROM pg_settings WHERE sourcefile IS NOT NULL GROUP BY 1"',
      },
    ],
    todo: 'Change it there: patronictl edit-config, the parameters of the cluster resource (CloudNativePG: spec.postgresql.parameters), or the template of the tool.',
  },
  {
    of: ['pgrw-slot-db-specific'],
    means:
      'The connection names a database, and a physical slot or pg_receivewal needs one that does not. Nothing was received.',
    causes: [
      {
        cause: 'dbname is in the connection string (-d), or a proxy adds it.',
        on: 'client',
        check: 'psql "host=<primary> user=<role> replication=true" -c "IDENTIFY_SYSTEM"',
      },
    ],
    todo: 'Take dbname out of -d, or give -h, -p and -U instead of it.',
  },
  {
    of: ['pgbb-bg-process', 'pgbb-wait-child', 'pgbb-child-died'],
    means:
      'pg_basebackup could not start its second process, which receives the WAL, or lost it. The copy is not usable.',
    causes: [
      {
        cause: 'The limit of processes of the user or container, or memory, is used up.',
        on: 'client',
        check:
          'ulimit -u; cat /sys/fs/cgroup/pids.max 2>/dev/null; free -m; dmesg -T | grep -i "killed process" | tail -3',
      },
      { cause: 'That process ended with its own error, on a line before this one.' },
    ],
    todo: 'Free memory or raise the limit, and run it again into an empty directory. -X fetch does without the second process; then wal_keep_size must be large enough.',
  },
];
