import type { Answer } from '../answer.ts';

/** What the errors and remarks of pg_autoctl and of the monitor of pg_auto_failover mean, by what they are about. */
export const linesOfAutoFailoverMonitors: readonly Answer[] = [
  {
    id: 'pg-autoctl-slots',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'pg_autoctl could not create, move or drop the replication slots of the nodes (pgautofailover_standby_<node id>).',
    causes: [
      {
        cause: 'Which there are, and whether there is a free place.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots" -c "SHOW max_replication_slots"',
      },
    ],
  },
  {
    id: 'pg-autoctl-hba',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'pg_autoctl could not write the lines for the other nodes into pg_hba.conf, or the name of a host does not resolve both ways, so that PostgreSQL may refuse it.',
    causes: [
      {
        cause:
          'The name must give the address and the address the name; else register the nodes with --hostname <IP address>.',
        on: 'standby',
        check: 'getent hosts <host>; getent hosts <address>',
      },
      {
        cause: 'What is in force.',
        on: 'primary',
        check:
          'psql -c "SELECT line_number, type, database, user_name, address, auth_method, error FROM pg_hba_file_rules"',
      },
    ],
    todo: 'With --skip-pg-hba the lines are yours to write: for autoctl_node on the monitor, pgautofailover_monitor and pgautofailover_replicator on the nodes.',
  },
  {
    id: 'pg-autoctl-state-file',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'A file of pg_autoctl itself (configuration, state, PID) is missing, damaged, of another release, or could not be written.',
    causes: [
      {
        cause: 'Where they are, whose they are, and whether there is room.',
        on: 'standby',
        check: 'pg_autoctl show file --all --pgdata <data directory>; df -h ~ /tmp',
      },
    ],
    todo: 'pg_autoctl must run as the same user with the same PGDATA always. Do not copy its state file between nodes.',
  },
  {
    id: 'pg-autoctl-waits-for-server',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl/pgsql.c, pgsql_retry_open_connection',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    overAfter: /\bSuccessfully connected to /u,
    means:
      'pg_autoctl has no connection to that server yet and tries again. At a start that is usual; it is over with the line "Successfully connected to".',
    causes: [
      {
        cause: 'The server (often the monitor) does not run, is not reachable from here, or does not let this node in.',
        on: 'that node',
        check: 'psql "<the connection string in quotation marks>" -c "SELECT 1"',
      },
    ],
  },
  {
    id: 'pg-autoctl-no-connection',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl/pgsql.c',
    matters: 4,
    elsewhere: true,
    means:
      'pg_autoctl did not get a connection to that server in all its attempts. The last error of libpq before this line is the reason.',
    causes: [
      {
        cause: 'The server (often the monitor) does not run, or not at this address and port.',
        on: 'that node',
        check: 'psql "<the connection string in quotation marks>" -c "SELECT 1"',
      },
      {
        cause:
          'Its pg_hba.conf has no line for this node: pg_autoctl create monitor adds one for the network of its own address only, for role autoctl_node.',
        on: 'monitor',
        check: 'grep -nvE "^ *(#|$)" <directory of the monitor>/pg_hba.conf',
      },
    ],
  },
  {
    id: 'pg-autoctl-sql',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    means: 'A connection or a query of pg_autoctl to one of its servers failed, or its answer could not be read.',
    causes: [
      {
        cause: 'Whether the server answers: this one, then the monitor.',
        on: 'standby',
        check:
          'pg_isready -p <port>; psql -c "SELECT pg_is_in_recovery()"; pg_autoctl show state --pgdata <data directory>',
      },
    ],
  },
  {
    id: 'pg-autoctl-subprocess',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means:
      'A part of pg_autoctl ended or could not be reached; pg_autoctl restarts it, and stops itself if that happens too often.',
    causes: [
      { cause: 'Its last lines before that.', on: 'standby', check: 'journalctl -u pgautofailover -n 50 --no-pager' },
    ],
  },
  {
    id: 'pg-autoctl-remark',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 2,
    elsewhere: true,
    means: 'A note of pg_autoctl; the lines beside it say of what.',
    causes: [
      {
        cause: 'The state of all nodes.',
        on: 'standby',
        check:
          'pg_autoctl show state --pgdata <data directory>; pg_autoctl show events --count 20 --pgdata <data directory>',
      },
    ],
  },
  {
    id: 'pgaf-monitor-state',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 4,
    elsewhere: true,
    means:
      'The monitor refuses the change for now: the nodes are in the middle of another one, or in a state from which it cannot be done. Nothing was changed.',
    causes: [
      {
        cause: 'Each node must have the same current and assigned state first.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show events --count 20 --pgdata <directory of the monitor>',
      },
    ],
    todo: 'Wait until the state is stable (primary and secondary), then repeat the command. A node that stays in another state names the real fault in its own log.',
  },
  {
    id: 'pgaf-monitor-alone',
    source: 'pg_auto_failover 2.2, src/monitor/node_active_protocol.c, perform_failover',
    matters: 4,
    elsewhere: true,
    means: 'A failover was asked for in a group that has no second node to take over. Nothing was changed.',
    causes: [
      {
        cause: 'Which nodes are registered, in which formation and group.',
        on: 'monitor',
        check: 'pg_autoctl show state --pgdata <directory of the monitor>',
      },
    ],
    todo: 'Add a standby (pg_autoctl create postgres) and wait until it is "secondary".',
  },
  {
    id: 'pgaf-monitor-no-secondaries',
    source: 'pg_auto_failover 2.2, src/monitor/node_active_protocol.c, register_node',
    matters: 4,
    elsewhere: true,
    means:
      'The formation was created for single nodes (--disable-secondary), so that the monitor registers no standby in it.',
    todo: 'On the monitor: pg_autoctl enable secondary --formation <formation>. Then create the node again.',
  },
  {
    id: 'pgaf-monitor-maintenance-blocks',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 3,
    elsewhere: true,
    means:
      'The maintenance leaves fewer healthy standbys than number-sync-standbys wants, so that writes on the primary wait until one is back.',
    causes: [
      {
        cause: 'How many there are.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show settings --pgdata <directory of the monitor>',
      },
    ],
    todo: 'Lower it for that time: pg_autoctl set formation number-sync-standbys 0; or end the maintenance.',
  },
  {
    id: 'pgaf-monitor-no-primary',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 4,
    elsewhere: true,
    means:
      'The formation has no node that accepts writes, as the monitor sees it: none is registered yet, a failover is under way, or the primary is lost.',
    causes: [
      {
        cause: 'What the monitor sees.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show events --count 20 --pgdata <directory of the monitor>',
      },
    ],
    todo: 'During a failover: wait. While a formation is created: the first node must become single before others join; they retry by themselves.',
  },
  {
    id: 'pgaf-monitor-sync',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 3,
    elsewhere: true,
    means:
      'The monitor refuses the value, or could not set it: number-sync-standbys, candidate priority and replication quorum must fit the nodes that there are.',
    causes: [
      {
        cause: 'What they are now.',
        on: 'monitor',
        check:
          'pg_autoctl show settings --pgdata <directory of the monitor>; pg_autoctl show state --pgdata <directory of the monitor>',
      },
    ],
  },
  {
    id: 'pgaf-monitor-tables',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 3,
    elsewhere: true,
    means: 'The monitor could not read or write its own tables (schema pgautofailover).',
    causes: [
      {
        cause: 'What its server says at that time: disk full, read-only, a restart.',
        on: 'monitor',
        check: 'df -h <directory of the monitor>; tail -n 30 <log of PostgreSQL>',
      },
    ],
  },
  {
    id: 'pgaf-monitor-registration',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 4,
    elsewhere: true,
    means:
      'A node cannot be registered, found or changed as it was asked: its formation, group, kind or database is another one, or the monitor does not know it.',
    causes: [
      {
        cause: 'What is registered.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show settings --pgdata <directory of the monitor>',
      },
    ],
    todo: 'A node that was dropped by mistake: pg_autoctl create postgres with the same PGDATA registers it again.',
  },
  {
    id: 'pgaf-monitor-version',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 4,
    elsewhere: true,
    means:
      "The library and the extension pgautofailover in the monitor's database are of different releases, or the extension is not loaded.",
    causes: [
      {
        cause: 'After an update of the package, restart the monitor, then update the extension.',
        on: 'monitor',
        check:
          'psql -d pg_auto_failover -c "SELECT name, default_version, installed_version FROM pg_available_extensions WHERE name = \'pgautofailover\'" -c "SHOW shared_preload_libraries"',
      },
    ],
    todo: 'systemctl restart pgautofailover on the monitor: pg_autoctl does the ALTER EXTENSION itself.',
  },
  {
    id: 'pgaf-monitor-worker',
    source: 'pg_auto_failover 2.2, src/monitor',
    matters: 3,
    elsewhere: true,
    means:
      'The background worker of the monitor that looks after the nodes does not run, so that failures are not noticed.',
    causes: [
      {
        cause: 'A free place for it is needed.',
        on: 'monitor',
        check:
          'psql -d pg_auto_failover -c "SHOW max_worker_processes" -c "SELECT pid, backend_type FROM pg_stat_activity WHERE backend_type LIKE \'%autofailover%\'"',
      },
    ],
    todo: 'Raise max_worker_processes there and restart the monitor.',
  },
  {
    id: 'pgaf-monitor-event',
    source: 'pg_auto_failover 2.2, src/monitor',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'The monitor reports what it sees or decides.',
  },
];
