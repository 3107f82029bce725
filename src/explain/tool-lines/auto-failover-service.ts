import type { Answer } from '../answer.ts';

/** What the errors and remarks of pg_autoctl and of the monitor of pg_auto_failover mean, by what they are about. */
export const linesOfAutoFailoverServices: readonly Answer[] = [
  {
    id: 'pg-autoctl-course',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'pg_autoctl reports what it does. That line needs no attention.',
    causes: [
      { cause: 'The state of all nodes.', on: 'standby', check: 'pg_autoctl show state --pgdata <data directory>' },
    ],
  },
  {
    id: 'pg-autoctl-citus',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means:
      'A step on the Citus coordinator did not work: a worker could not be added, activated, updated or removed there.',
    causes: [
      {
        cause: 'What the coordinator knows of its workers, and whether a transaction is still prepared.',
        on: 'primary',
        check:
          'psql -c "SELECT nodeid, groupid, nodename, nodeport, noderole, isactive FROM pg_dist_node" -c "SELECT gid, prepared FROM pg_prepared_xacts"',
      },
    ],
    todo: 'The line above has its refusal. pg_autoctl tries again.',
  },
  {
    id: 'pg-autoctl-too-long',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 2,
    elsewhere: true,
    means:
      'A name, a path, a list or a connection string is longer than this pg_autoctl can take. The message has both lengths.',
    causes: [
      {
        cause: 'What it has in its configuration.',
        on: 'standby',
        check: 'pg_autoctl config get --pgdata <data directory>',
      },
    ],
    todo: 'Shorten it (a shorter path, fewer options in the connection string).',
  },
  {
    id: 'pg-autoctl-local-server',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl/keeper.c, keeper_update_pg_state',
    kind: 'consequence',
    matters: 2,
    means:
      'pg_autoctl asked its own server for its state and did not get all of it: the server does not run or starts, or (on a primary) no standby is connected. The line above says which; it asks again.',
    causes: [
      {
        cause: 'Whether it answers, and who streams from it.',
        on: 'that node',
        check:
          'pg_isready -p <port>; psql -p <port> -c "SELECT application_name, state FROM pg_stat_replication"; tail -n 30 <log of PostgreSQL>',
      },
    ],
  },
  {
    id: 'pg-autoctl-server-state',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    means:
      'The server that pg_autoctl asked is starting, stopping or recovering, does not run, or is not reachable from here.',
    causes: [
      {
        cause: 'Whether it answers, and its log.',
        on: 'standby',
        check: 'pg_isready -h <host> -p <port>; tail -n 30 <log of PostgreSQL>',
      },
    ],
    todo: 'A recovery ends by itself. pg_autoctl asks again.',
  },
  {
    id: 'pg-autoctl-dropped',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    means:
      'This node was removed from the monitor (pg_autoctl drop node), so pg_autoctl stops here. The data directory is left as it was.',
    causes: [
      {
        cause: 'Who removed it, and what is registered now.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show events --count 20 --pgdata <directory of the monitor>',
      },
    ],
    todo: 'To bring it back: pg_autoctl create postgres with the same --pgdata and --monitor. Otherwise nothing needs to be done; do not start its server beside the new primary.',
  },
  {
    id: 'pg-autoctl-no-transition',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'pg_autoctl knows no way from the state of this node to the one that the monitor assigns: a node was changed by hand, or monitor and node are of different releases.',
    causes: [
      {
        cause: 'Both states, and the release on both.',
        on: 'standby',
        check: 'pg_autoctl show state --pgdata <data directory>; pg_autoctl version',
      },
    ],
    todo: 'Update the older of both. If a standby stays so: pg_autoctl drop node --pgdata <data directory> there, then pg_autoctl create postgres makes it new.',
  },
  {
    id: 'pg-autoctl-stops-by-design',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    kind: 'consequence',
    matters: 4,
    means:
      'PostgreSQL must not run in this state of the node (draining, demoted, maintenance), so pg_autoctl stops it: that keeps two primaries from running.',
    causes: [{ cause: 'Who is the primary.', on: 'standby', check: 'pg_autoctl show state --pgdata <data directory>' }],
    todo: 'Nothing by hand: it starts again as a standby once the monitor assigns that.',
  },
  {
    id: 'pg-autoctl-start-stop',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    means:
      'pg_autoctl could not start, stop, restart or reload PostgreSQL on this node, or found it in another state than the step needs.',
    causes: [
      {
        cause: 'Its log says why.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "cluster state"; tail -n 30 <log of PostgreSQL>',
      },
      {
        cause: 'It was started by something else too (systemd, pg_ctlcluster): only pg_autoctl may start it.',
        on: 'standby',
        check: 'systemctl list-units "postgresql*"; head -1 <data directory>/postmaster.pid',
      },
    ],
    todo: 'Disable the other service (systemctl disable --now postgresql). pg_autoctl starts the server again by itself.',
  },
  {
    id: 'pg-autoctl-file',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means:
      'pg_autoctl could not find, read, write, move or remove a file, directory or program; the reason follows the name.',
    causes: [{ cause: 'Owner, mode and room.', on: 'standby', check: 'namei -l <path>; df -h <path>' }],
  },
  {
    id: 'pg-autoctl-extension',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'An extension that pg_autoctl creates is not installed for this release of PostgreSQL, or could not be created.',
    causes: [
      {
        cause: 'Which are there.',
        on: 'standby',
        check:
          "psql -c \"SELECT name, default_version FROM pg_available_extensions WHERE name IN ('pgautofailover', 'pg_stat_statements', 'citus')\"",
      },
    ],
    todo: 'Install its package for this release (Debian: postgresql-<version>-auto-failover on the monitor; pg_stat_statements is in the server package there, in postgresql-contrib elsewhere).',
  },
  {
    id: 'pg-autoctl-reason-above',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'A step of pg_autoctl did not work, as a consequence of an error that it reports in the lines above this one. It tries most steps again.',
    causes: [
      {
        cause: 'The first ERROR of the row is the cause.',
        on: 'standby',
        check: 'journalctl -u pgautofailover -n 50 --no-pager; pg_autoctl show state --pgdata <data directory>',
      },
    ],
  },
  {
    id: 'pg-autoctl-settings',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means: 'The settings of PostgreSQL are not as pg_autoctl needs them, or it could not write them.',
    causes: [
      {
        cause: 'Which files are read; postgresql-auto-failover.conf must be included by postgresql.conf.',
        on: 'standby',
        check: 'psql -c "SHOW config_file"; grep -n include <data directory>/postgresql.conf',
      },
      {
        cause: 'Some need a restart.',
        on: 'standby',
        check: 'psql -c "SELECT name, setting, pending_restart FROM pg_settings WHERE pending_restart"',
      },
    ],
  },
  {
    id: 'pg-autoctl-usage',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means:
      'pg_autoctl was called with options or values that do not fit together or do not fit this node. The message names them. Nothing was changed.',
    causes: [
      {
        cause: 'pg_autoctl with the command and --help lists what it takes.',
        on: 'standby',
        check: 'pg_autoctl help; pg_autoctl create postgres --help',
      },
    ],
  },
  {
    id: 'pg-autoctl-bug',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 2,
    elsewhere: true,
    means:
      'An internal failure of pg_autoctl: a state that it does not expect, no memory, or a system call that failed. It says nothing about the servers.',
    causes: [
      {
        cause: 'Which release it is, and whether the machine has memory and processes left.',
        on: 'standby',
        check: 'pg_autoctl version; free -m; ulimit -a',
      },
    ],
    todo: 'If it stays, restart pg_autoctl (it goes on where it was) and report it with the lines above.',
  },
  {
    id: 'pg-autoctl-already-running',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means: 'pg_autoctl runs already for this directory, so it is not started a second time.',
    causes: [
      {
        cause: 'Which one it is; after a crash the number in its PID file may be that of another process.',
        on: 'standby',
        check: 'pgrep -af pg_autoctl; pg_autoctl show file --pid --pgdata <data directory>',
      },
    ],
    todo: 'Stop the other one if it is not to run: pg_autoctl stop --pgdata <data directory>, or systemctl stop pgautofailover.',
  },
  {
    id: 'pg-autoctl-other-directory',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 5,
    means:
      'The data directory is of another cluster or release of PostgreSQL than the one that this node was registered with.',
    causes: [
      {
        cause: 'Compare both.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "system identifier|catalog version"; psql -h <primary> -c "SELECT system_identifier FROM pg_control_system()"',
      },
    ],
    todo: 'Point --pgdata at the right directory. After an upgrade with pg_upgrade the node has to be registered again: pg_autoctl drop node, then pg_autoctl create postgres.',
  },
];
