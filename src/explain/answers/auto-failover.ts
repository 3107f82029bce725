import type { Answer } from '../answer.ts';

/** pg_auto_failover; `source` names the file that prints it. */
export const answersAboutAutoFailover: readonly Answer[] = [
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
      'Failed to ensure empty tablespaces',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/',
    kind: 'consequence',
    matters: 4,
    means: 'pg_autoctl cannot work with its monitor.',
    causes: [
      {
        cause: 'The monitor is down, its address is wrong, or pg_hba.conf there does not let autoctl_node in.',
        on: 'standby',
        check: 'pg_autoctl show state --pgdata <data directory>; pg_autoctl show uri --pgdata <data directory>',
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
    says: [
      'no standby connected in pg_stat_replication',
      'PostgreSQL primary server has lost track of its standby: pg_stat_replication reports no client using the slot "%s"',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/',
    kind: 'consequence',
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
    id: 'pg-auto-failover-transition',
    says: [
      'Failed to initialise standby server, see above for details',
      'Failed initialise standby server, see above for details',
      'Failed to initialize standby server, see above for details',
      'Failed to transition from state "%s" to state "%s", see above',
      'Failed to transition to state "%s", retrying',
      'Failed to transition to state "%s"',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/fsm.c, service_keeper.c, primary_standby.c',
    kind: 'consequence',
    matters: 3,
    means:
      'pg_autoctl could not bring this node into the state that the monitor assigned to it. The ERROR lines before this one have the reason, and it tries again.',
    causes: [
      {
        cause:
          'On the way to "catchingup": pg_rewind or pg_basebackup failed (pg_hba.conf, a password, the slot on the primary, the disk), or the server does not start afterwards.',
        on: 'standby',
        check: 'pg_autoctl show state --pgdata <data directory>; tail -50 <data directory>/startup.log',
      },
      {
        cause:
          'Before the copy it moves to a directory beside the data directory ("backup/…"), which must be writable: a data directory that is a mount point in / is not.',
        on: 'standby',
        check: 'pg_autoctl config get replication.backup_directory --pgdata <data directory>',
      },
    ],
  },
  {
    id: 'pg-auto-failover-backup-directory',
    says: ['Failed to remove directory "%s": %s', 'could not remove file or directory "%s": %m'],
    tool: 'pg_auto_failover',
    source: 'pg_auto_failover, src/bin/pg_autoctl/file_utils.c, primary_standby.c',
    matters: 5,
    means:
      'pg_autoctl may not write where it wants to put its copy: it uses a directory "backup" beside the data directory before it moves the copy into place.',
    causes: [
      {
        cause:
          'The data directory is directly below a directory that postgres may not write to (/data, /postgres_data: then the copy goes to //backup).',
        on: 'standby',
        check: 'pg_autoctl config get replication.backup_directory --pgdata <data directory>',
      },
      { cause: 'Files there belong to another user.', on: 'standby', check: 'ls -la "$(dirname <data directory>)"' },
    ],
    todo: 'Let it use a directory on the same file system that postgres may write to: pg_autoctl config set --pgdata <data directory> replication.backup_directory <directory>.',
  },
  {
    id: 'pg-auto-failover-configuration',
    says: [
      'Failed to find section pg_autoctl in "%s"',
      'Failed to parse configuration file "%s"',
      'Failed to read configuration file "%s"',
    ],
    among: /pg_autoctl|pgautofailover/iu,
    source: 'pg_auto_failover, src/bin/pg_autoctl/ini_file.c, keeper_config.c',
    matters: 4,
    means: 'pg_autoctl has no usable configuration file for this data directory.',
    causes: [
      {
        cause:
          'pg_autoctl create postgres has not finished for this data directory, or runs as another user: the file is in the home directory of the user that created the node.',
        on: 'standby',
        check: 'pg_autoctl show file --pgdata <data directory>',
      },
    ],
  },
  {
    id: 'pg-auto-failover-course',
    says: [
      'Monitor assigned new state "%s"',
      'FSM transition from "%s" to "%s": %s',
      'Transition complete: current state is now "%s"',
      'Continuing from a previous `pg_autoctl create` failed attempt',
      'Found a stale pidfile at "%s"',
      'Failed to open file "%s/postmaster.pid": No such file or directory',
      'Calling node_active for node %s with current state',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/',
    kind: 'course',
    means: 'pg_autoctl is at work on this node.',
  },
  {
    id: 'pg-auto-failover-waits-for-primary',
    says: [
      'FSM transition from "init" to "wait_standby": Start following a primary',
      'Transition complete: current state is now "wait_standby"',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/fsm.c (the comments of KeeperFSM)',
    kind: 'course',
    matters: 3,
    means:
      'This new node waits until the primary has let it in (pg_hba.conf, a slot). The monitor has told the primary to; it does so only while pg_autoctl runs there.',
    todo: 'If it stays like this: pg_autoctl must run on the primary (systemctl status pgautofailover, or pg_autoctl run), and it must reach the monitor. pg_autoctl show state has the primary then at single or wait_primary; its log says what it waits for.',
  },
  {
    id: 'pg-auto-failover-unhealthy',
    says: [
      'Node node %s is marked as unhealthy by the monitor',
      'Node %s is marked as unhealthy by the monitor',
      'Setting goal state of node %s to draining after it became unhealthy.',
      'Setting goal state of node %s to catchingup after it became unhealthy.',
    ],
    source: 'pg_auto_failover, src/monitor/group_state_machine.c, and the health checks of the monitor',
    matters: 5,
    elsewhere: true,
    means:
      'The monitor could not connect to PostgreSQL on this node, or pg_autoctl there did not report. "draining": it was the primary, and a failover begins; "catchingup": it was a standby, and does not count for synchronous replication until it is back.',
    causes: [
      {
        cause: 'PostgreSQL or pg_autoctl stopped there, or the machine is down.',
        on: 'that node',
        check: 'systemctl status pgautofailover --no-pager; pg_autoctl status --pgdata <data directory>; pg_isready',
      },
      {
        cause:
          'The server runs, and the monitor does not get in: its line in pg_hba.conf (user pgautofailover_monitor), a host name, or a firewall.',
        on: 'monitor',
        check: 'pg_isready -h <node> -p <port>; pg_autoctl show state --pgdata <directory of the monitor>',
      },
    ],
    todo: 'pg_autoctl show state follows the failover. If the nodes stay in report_lsn, one that must report cannot: the monitor waits for it.',
  },
  {
    id: 'pg-auto-failover-demoted',
    says: [
      'FSM transition from "%s" to "demote_timeout": A failover occurred, no longer primary',
      'FSM transition from "%s" to "demoted": A failover occurred, no longer primary',
      'FSM transition from "%s" to "draining": A failover occurred, stopping writes',
      'A failover occurred, no longer primary',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/fsm.c (the comments of KeeperFSM)',
    matters: 5,
    means:
      'The monitor has made another node the primary, and this former primary is being demoted: it is stopped, and comes back as a standby (pg_rewind, or a new base backup where that is not possible).',
    causes: [
      {
        cause:
          'This server was down, or the monitor could not reach it, for longer than a node may be unhealthy (20 s by default); or a failover or switchover was asked for (pg_autoctl perform …).',
        on: 'monitor',
        check:
          'pg_autoctl show events --count 20 --pgdata <directory of the monitor>; pg_autoctl show state --pgdata <directory of the monitor>',
      },
    ],
    todo: 'Why it was unhealthy is in its PostgreSQL log before this moment. Do not start PostgreSQL here by hand: pg_autoctl does it when the new primary is ready.',
  },
];
