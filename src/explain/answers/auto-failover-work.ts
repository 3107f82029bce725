import type { Answer } from '../answer.ts';

/** pg_autoctl: what it cannot do; `source` names the file that prints it. */
export const answersAboutAutoFailoverWork: readonly Answer[] = [
  {
    of: ['libpq-no-password'],
    tool: 'pg_auto_failover',
    beside: /pgautofailover_replicator|autoctl_node/u,
    matters: 5,
    means:
      'pg_autoctl logs in at another node, and pg_hba.conf there asks for a password that pg_autoctl does not have: with --auth md5 or scram-sha-256, passwords must be set for its roles and made known to each node.',
    causes: [
      {
        cause: 'replication.password is not set on this node (role pgautofailover_replicator).',
        on: 'standby',
        check: 'pg_autoctl config get replication.password --pgdata <data directory> | wc -c',
      },
      {
        cause: 'For autoctl_node the password belongs in the connection string of the monitor, or in ~/.pgpass.',
        on: 'standby',
        check: "sudo -u postgres sh -c 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass'",
      },
      {
        cause:
          'A line of pg_hba.conf above that of pg_autoctl ("Auto-generated") matches first and asks for a password.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
    ],
    todo: 'pg_autoctl config set replication.password <password> --pgdata <data directory> on every node, the same one as the role has on the primary.',
  },

  {
    id: 'pg-auto-failover-server-down',
    says: [
      'Failed to ensure that Postgres is running in "%s"',
      'Failed to get Postgres pid, see above for details',
      'Failed to start Postgres instance at "%s"',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/pgctl.c, pgsetup.c, primary_standby.c',
    matters: 4,
    means:
      'pg_autoctl started PostgreSQL on this node, and the server did not come up. The reason is in the log of the server, not in these lines.',
    causes: [
      {
        cause: 'The server refuses to start: a setting, a file, the port, the rights of the directory.',
        on: 'standby',
        check: 'tail -30 {directory|<data directory>}/startup.log; ls -t {directory|<data directory>}/log | head -3',
      },
      {
        cause:
          'pg_autoctl runs as root, or was built for another major release than the server: it must be the same, and the user must be postgres.',
        on: 'standby',
        check: 'id -un; pg_autoctl version; cat {directory|<data directory>}/PG_VERSION',
      },
    ],
  },
  {
    id: 'pg-auto-failover-existing-monitor',
    says: [
      'Installing pg_auto_failover monitor in existing PostgreSQL instance at "%s" running on port %d is not supported.',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/cli_create_node.c, cli_create_monitor',
    matters: 5,
    means:
      'pg_autoctl create monitor makes a server of its own for the monitor. It was given the data directory of one that is there and runs, and has changed nothing.',
    causes: [
      {
        cause: 'PGDATA or --pgdata names the data directory of a node or of the cluster of the package.',
        on: 'monitor',
        check: 'echo "$PGDATA"; pg_lsclusters',
      },
    ],
    todo: 'Give a directory that does not exist yet and a free port: pg_autoctl create monitor --pgdata <new directory> --pgport <port> ….',
  },
  {
    id: 'pg-auto-failover-host-name',
    says: [
      'Failed to find a local IP address, please provide --hostname.',
      'Failed to auto-detect the hostname of this machine, please provide one via --hostname',
      'Failed to resolve hostname "%s" to a local IP address, automated pg_hba.conf setup might fail.',
      'Failed to find adress "%s" in local network interfaces, automated pg_hba.conf setup might fail.',
      'Failed to connect to "%s" on port %d to discover this machine hostname, retrying in %d ms.',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/cli_common.c, ipaddr.c',
    matters: 4,
    means:
      'pg_autoctl cannot find out the name of this machine that the other nodes reach it by. It writes that name into pg_hba.conf everywhere, so a wrong one keeps the standby away.',
    causes: [
      {
        cause: 'The name leads to 127.0.1.1 or to another address (/etc/hosts), or has no reverse entry.',
        on: 'standby',
        check: 'hostname -f; getent hosts "$(hostname -f)"; ip -br address',
      },
    ],
    todo: 'Give it: pg_autoctl create postgres … --hostname <name or address that the other nodes reach>.',
  },
  {
    id: 'pg-auto-failover-monitor-version',
    says: [
      'Failed to check version compatibility with the monitor extension "%s", see above for details',
      'Failed to initialize the monitor connection, see above for details.',
      'Failed to get the current state of the group from the monitor',
      'Failed to contact the monitor because its URL is invalid, see above for details',
      'Failed to retrieve current state from the monitor',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/monitor.c',
    kind: 'consequence',
    matters: 4,
    means:
      'The node cannot work with its monitor: it is not reachable, or its extension is of another release than pg_autoctl.',
    causes: [
      {
        cause: 'After an upgrade of the package the monitor still runs the old release.',
        on: 'monitor',
        check:
          'pg_autoctl version; psql -d pg_auto_failover -c "SELECT extversion FROM pg_extension WHERE extname = \'pgautofailover\'"',
      },
      { cause: 'The address, sslmode or password in --monitor is wrong.' },
    ],
    todo: 'Restart pg_autoctl on the monitor first (it updates its extension), then on the nodes.',
  },
  {
    id: 'pg-auto-failover-data-directory',
    says: [
      'postgresql.pgdata does not belong to a PostgreSQL cluster: "%s"',
      'Expected configuration file does not exist: "%s"',
      'Failed to check required settings for pg_auto_failover, please review your Postgres configuration',
      'PostgreSQL version in PGDATA is "%s", pg_ctl is "%s"',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/keeper_config.c, pgsetup.c',
    matters: 4,
    means: 'The data directory that pg_autoctl was given is not one that it can manage.',
    causes: [
      {
        cause:
          'PGDATA or --pgdata leads elsewhere, or the configuration of this node is in the home directory of another user.',
        on: 'standby',
        check: 'id; pg_autoctl show file --pgdata <data directory>; ls <data directory>',
      },
    ],
  },
  {
    id: 'pg-auto-failover-waits',
    says: [
      'New state for node %d "%s" (%s): %s ➜ wait_standby',
      'New state for node %d "%s" (%s): %s ➜ wait_primary',
      'New state for node %d "%s" (%s): %s ➜ catchingup',
      'Setting goal state of node %d "%s" (%s) to wait_primary after node %d "%s" (%s) joined.',
      'New state is reported by node %d "%s" (%s): "wait_primary"',
      'New state is reported by node %d "%s" (%s): "wait_standby"',
      'New state is reported by node %d "%s" (%s): "catchingup"',
    ],
    source: 'pg_auto_failover, src/monitor/notifications.c, group_state_machine.c',
    kind: 'consequence',
    matters: 3,
    means:
      'These are steps in which a standby is made: wait_standby waits for the primary, wait_primary lets it in and waits for it, catchingup copies and follows, secondary is the end. A step that lasts is the place to look.',
    causes: [
      {
        cause:
          'It stays in wait_standby or catchingup: pg_basebackup or the new server there fails, and its own log says why.',
        on: 'standby',
        check: 'pg_autoctl show events --pgdata <data directory>; journalctl -u pgautofailover -n 100 --no-pager',
      },
      {
        cause:
          'The primary stays in wait_primary and the standby runs: it does not stream (pg_hba.conf, the host name or certificate, a password), or is too far behind.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state, sync_state FROM pg_stat_replication"',
      },
    ],
  },
];
