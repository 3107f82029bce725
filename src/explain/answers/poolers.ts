import type { Answer } from '../answer.ts';

/** PgBouncer and pg_auto_failover; `source` names the file that prints it. */
export const answersAboutPoolers: readonly Answer[] = [
  {
    id: 'pg-auto-failover-not-registered',
    says: ['node %s is not registered', 'Failed to get node state for node %d %s'],
    tool: 'pg_auto_failover',
    source: 'pg_auto_failover, src/monitor/node_active_protocol.c, src/bin/pg_autoctl/',
    matters: 5,
    means:
      'The monitor answers and does not know this node: its registration was dropped, or the node has another host name, port or id now than when it registered.',
    causes: [
      {
        cause: 'See which nodes the monitor knows, and what the local state file holds.',
        on: 'standby',
        check: 'pg_autoctl show state --pgdata <data directory>; pg_autoctl show file --pgdata <data directory>',
      },
      {
        cause:
          'An earlier pg_autoctl create was interrupted: its state files are still there ("previous … failed attempt").',
      },
    ],
    todo: 'If the monitor really does not list it: pg_autoctl drop node on this node (without --destroy the data stays), then pg_autoctl create postgres again.',
  },
  {
    id: 'pg-auto-failover',
    says: [
      'Failed to contact the monitor at "%s"',
      'Failed to connect to the monitor',
      'Failed to register node %s:%d',
      'The monitor does not have any node in this group',
      'Monitor assigned new state "%s"',
      'Failed to ensure empty tablespaces',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/',
    means: 'pg_autoctl cannot work with its monitor.',
    causes: [
      {
        cause: 'The monitor is down, its address is wrong, or pg_hba.conf there does not let autoctl_node in.',
        on: 'standby',
        check: 'pg_autoctl show state; pg_autoctl show uri',
      },
    ],
  },
  {
    id: 'pgbouncer-replication',
    says: [
      'unsupported startup parameter: replication',
      'no such database: replication',
      'unsupported startup parameter in options: %s',
      'unsupported startup parameter: %s',
      "unsupported options startup parameter: only '-c config=val' is allowed",
    ],
    source: 'pgbouncer, src/client.c',
    matters: 5,
    means:
      'The connection reached PgBouncer, and it does not pass this on. Before 1.23 it does not know replication connections; other startup parameters (extra_float_digits, options) must be in ignore_startup_parameters.',
    causes: [
      {
        cause: 'Host and port lead to the pooler (often 6432) instead of to the server.',
        on: 'client',
        check: 'psql -h <host> -p 6432 -U <role> pgbouncer -c "SHOW VERSION"',
        rule: 'network/pooler',
      },
    ],
    todo: 'For pg_basebackup and standbys: connect to the server itself (port 5432).',
  },
  {
    id: 'pgbouncer-down',
    says: [
      'server login has been failing, try again later (server_login_retry)',
      'server login failed: %s',
      'query_wait_timeout',
      'client_login_timeout (server down)',
      'pgbouncer cannot connect to server',
    ],
    source: 'pgbouncer, src/janitor.c, src/server.c',
    standing: 'consequence',
    matters: 4,
    means: 'PgBouncer is up, and cannot log in to the server behind it. Its own log has the reason of the server.',
    causes: [
      {
        cause:
          'The server is down, the address in [databases] is wrong, or the password or pg_hba.conf does not let the pooler in.',
        on: 'client',
        check: 'psql -p 6432 pgbouncer -c "SHOW SERVERS" -c "SHOW DATABASES"',
      },
    ],
  },
  {
    id: 'pg-auto-failover-state-file',
    says: ['The state file "%s" exists and there\'s no init in progress'],
    source: 'pg_auto_failover, src/bin/pg_autoctl/',
    matters: 4,
    means: 'pg_autoctl create was run on a node that is set up already: its state file exists.',
    todo: 'Start the node with pg_autoctl run --pgdata <data directory>. In a container, let the command be pg_autoctl run when the state file exists.',
  },
  {
    id: 'pg-auto-failover-no-standby',
    says: ['no standby connected in pg_stat_replication'],
    source: 'pg_auto_failover, src/bin/pg_autoctl/',
    standing: 'consequence',
    matters: 4,
    means: 'pg_autoctl finds no standby connected to this primary. The reason is on the standby.',
    causes: [
      {
        cause: 'The standby is down, or cannot connect or follow: its log says why.',
        on: 'standby',
        check: 'pg_autoctl show state --pgdata <data directory>; tail -50 <data directory>/startup.log',
        rule: 'standby/not-running',
      },
    ],
  },
  {
    id: 'extended-protocol',
    says: ['extended query protocol not supported in a replication connection'],
    source: 'PostgreSQL, src/backend/tcop/postgres.c, forbidden_in_wal_sender',
    matters: 4,
    means:
      'The client (or a pooler between) used prepared statements on a replication connection. The server accepts only simple queries there.',
    causes: [
      {
        cause: 'A pooler kept the replication connection and gave it to an ordinary client, or the other way round.',
        on: 'client',
        check: 'psql -h <host> -p 6432 -U <role> pgbouncer -c "SHOW VERSION"',
      },
      { cause: 'A driver: use its own replication interface, which sends simple queries.' },
    ],
    todo: 'Connect to the server itself for replication, not through the pooler.',
  },
  {
    id: 'not-a-replication-session',
    says: [
      'syntax error at or near "IDENTIFY_SYSTEM"',
      'syntax error at or near "START_REPLICATION"',
      'syntax error at or near "BASE_BACKUP"',
      'syntax error at or near "CREATE_REPLICATION_SLOT"',
    ],
    source: 'PostgreSQL, src/backend/parser/scan.l',
    matters: 4,
    means: 'A replication command was sent on an ordinary connection: the server took it for SQL.',
    causes: [
      {
        cause:
          'replication=1 did not reach libpq. In psql it must be inside the connection string, before other arguments.',
        on: 'client',
        check: 'psql "host={host} user={role} dbname=postgres replication=1" -c IDENTIFY_SYSTEM',
      },
      { cause: 'A pooler or proxy between does not pass it on.' },
    ],
  },
  {
    id: 'pgpool-recovery',
    says: ['executing recovery, execution of command failed at "%s"', 'pgpool_recovery failed', 'recovery is canceled'],
    source: 'pgpool-II, src/pcp_con/recovery.c, src/sql/pgpool-recovery/',
    matters: 4,
    means:
      'Online recovery of Pgpool-II ran its script on the primary, and the script failed. What the script printed is in the PostgreSQL log of the primary, not in that of Pgpool-II.',
    causes: [
      {
        cause:
          'The script fails: ssh without a password from postgres to the other node, pg_basebackup (pg_hba.conf, password file), or a wrong path in it.',
        on: 'primary',
        check:
          'ls -l <data directory>/recovery_1st_stage; tail -50 "$(ls -t <data directory>/log/* 2>/dev/null | head -1)"',
      },
      {
        cause:
          'recovery_1st_stage_command must be the name of a file in the data directory of the primary, without a path, and executable.',
      },
    ],
    todo: 'Run the script by hand on the primary as postgres, with the same arguments.',
  },
];
