import { managerWords } from '../../postgres/manager-log/words.ts';
import type { Answer } from '../answer.ts';

/** repmgr; `source` names the file that prints it. */
export const answersAboutRepmgr: readonly Answer[] = [
  {
    id: 'repmgr-crashed',
    says: [
      'Segmentation fault',
      'Segmentation fault (core dumped)',
      "*** Error in `%s/repmgr': free(): invalid",
      'free(): invalid pointer',
    ],
    tool: 'repmgr',
    among: /\brepmgr\b/u,
    source: 'the shell and glibc, of a program that crashed',
    matters: 5,
    means:
      'repmgr itself crashed: a fault in the program, not in your configuration. It had not finished what it was doing.',
    causes: [
      {
        cause: 'A fault of this release: several crashes of standby clone were fixed in 4.0.3, 5.2 and later.',
        on: 'standby',
        check: 'repmgr --version',
      },
      {
        cause: 'repmgr is of another major release of PostgreSQL than the libpq that it loads.',
        on: 'standby',
        check: 'ldd "$(command -v repmgr)" | grep libpq',
      },
    ],
    todo: 'Install the newest repmgr for this major release, and run the command again. What an interrupted clone left in the target directory is no usable copy.',
  },
  {
    id: 'repmgr-timeline-ahead',
    says: [
      "this node's timeline is ahead of the rejoin target node's timeline",
      "this node's timeline is %d, the rejoin target node's timeline is %d",
    ],
    source: 'repmgr-client.c, check_node_can_attach',
    matters: 5,
    means:
      'This node is on a newer timeline than the node it is to follow: it was promoted after the other one, so it may hold the newer data. repmgr does not attach it.',
    causes: [
      {
        cause:
          'This node was promoted or started as a primary (by repmgrd, by hand, without standby.signal) while the other one was primary, too.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "TimeLineID|cluster state"',
        rule: 'timeline/diverged',
      },
      { cause: 'The -d connection string leads to the wrong node.' },
    ],
    todo: 'Decide which node has the right data before you change anything. Then clone the other one from it (repmgr standby clone into an empty directory).',
  },
  {
    id: 'repmgr-rewind-required',
    says: [
      'pg_rewind execution required for this node to attach to rejoin target node %d',
      "rejoin target server's timeline %d forked off current database system timeline %d before current recovery point %X/%X",
      'this node cannot attach to rejoin target node %d',
      'this node cannot attach to follow target node %d',
      "follow target server's timeline %d forked off current database system timeline %d before current recovery point %X/%X",
    ],
    source: 'repmgr-client.c, check_node_can_attach; repmgr-action-node.c',
    matters: 5,
    means:
      'This node has WAL from after the point where the other node was promoted: the two have diverged, and it cannot follow without a rewind or a new copy.',
    causes: [
      {
        cause: 'It replayed or wrote more than the promoted node had received before the failover.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "TimeLineID|wal_log_hints|checksum"',
        rule: 'timeline/diverged',
      },
    ],
    todo: 'What this node has more than the other one is lost in a rewind. With the server stopped: repmgr node rejoin -d <connection string of the primary> --force-rewind (needs wal_log_hints or checksums; try --dry-run first). Otherwise clone it again into an empty directory.',
  },
  {
    id: 'repmgr-barman',
    says: [
      'cannot open file: %s/backup.info',
      'unable to open list file',
      'no valid backup for server "%s" was found in the Barman catalogue',
    ],
    tool: 'repmgr',
    source: 'repmgr-action-standby.c',
    matters: 5,
    elsewhere: true,
    means:
      'repmgr clones from Barman (barman_host in repmgr.conf) and did not get the catalog of the backups from there. Nothing has been copied yet.',
    causes: [
      {
        cause:
          'ssh to the Barman host fails, or Barman has no finished backup of this server (barman_server, or the name in barman_config).',
        on: 'standby',
        check: 'ssh <barman host> barman list-backup <server>',
      },
      {
        cause:
          'ssh logs in there as the wrong user: without a name in barman_host, it is the one who runs repmgr, and Barman belongs to barman. Write barman_host=barman@<host>.',
        on: 'standby',
        check: 'grep -E "^barman_" /etc/repmgr.conf; ssh barman@<barman host> barman list-backup <server>',
      },
      {
        cause: 'rsync or barman-cli is not installed on this host or on that of Barman: repmgr copies with rsync.',
        on: 'standby',
        check: 'command -v rsync; ssh <barman host> "command -v rsync barman"',
      },
      {
        cause:
          'The Barman release prints more than repmgr reads: "Broken pipe" on the Barman side, or a file name that repmgr does not expect.',
        on: 'standby',
        check: 'ssh <barman host> barman list-files --target=data <server> latest | head -3',
      },
    ],
    todo: 'Fix the Barman side and run the clone again. To clone from the primary instead: repmgr … standby clone --without-barman.',
  },
  {
    of: ['pgbb-dir-not-empty', 'bb-target-dir-not-empty'],
    tool: 'repmgr',
    // pg_basebackup itself stops at a directory of a tablespace
    when: /^(?![^]*\npg_basebackup\n)/u,
    kind: 'consequence',
    matters: 3,
    means:
      'repmgr found the target directory {directory} not empty. Without -F (--force) it stops there; with -F it goes on, and what was in the directory is overwritten or deleted.',
    todo: 'Before a clone with -F, make sure that no server runs on the directory and that nothing in it is needed, or move it aside.',
  },
  {
    id: 'repmgr-replication-connections',
    says: ['unable to establish necessary replication connections', 'increase "max_wal_senders" by at least %d'],
    source: 'repmgr-action-standby.c, check_upstream_config',
    kind: 'consequence',
    matters: 4,
    means:
      'repmgr tried the replication connections that pg_basebackup will need, and at least one failed. The error before this line is the reason; max_wal_senders is only one possible one.',
    causes: [
      {
        cause: 'The login for the database "replication" fails: password file or pg_hba.conf.',
        on: 'standby',
        check: 'psql "host={host} user={role} dbname=replication replication=1" -c IDENTIFY_SYSTEM',
      },
      {
        cause: 'All WAL senders are in use.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_senders" -c "SELECT count(*) FROM pg_stat_replication"',
      },
    ],
  },
  {
    id: 'repmgr-not-standby',
    says: ['this node should be a standby (%s)', 'this node should be a standby'],
    source: 'repmgr-action-standby.c',
    means: 'repmgr wanted to register a standby, and this server runs as a primary.',
    causes: [
      {
        cause:
          'The server was started without standby.signal (before 12: recovery.conf), or it is an initdb cluster and not the clone: a package may have started its own data directory.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SHOW data_directory"',
      },
      {
        cause: 'conninfo in repmgr.conf leads to the primary instead of to this node.',
        on: 'standby',
        check: 'grep conninfo /etc/repmgr*.conf',
      },
    ],
  },
  {
    id: 'repmgr-target-exists',
    says: ['target data directory appears to be a PostgreSQL data directory'],
    source: 'repmgr-action-standby.c',
    matters: 5,
    means: 'repmgr standby clone does not write into a directory that holds a data directory already.',
    causes: [
      {
        cause: 'An earlier clone, or the cluster that the package created.',
        on: 'standby',
        check: 'ls -la <data directory>',
      },
    ],
    todo: 'Make sure that no server runs on it and that nothing in it is needed, move it aside, and run the clone again. -F overwrites it.',
  },
  {
    id: 'repmgr-upstream',
    says: managerWords['repmgr-upstream'].says,
    source: 'repmgrd-physical.c, repmgr-action-standby.c',
    kind: 'consequence',
    matters: 3,
    means: 'repmgr cannot reach the other node with the conninfo that is registered for it.',
    causes: [
      {
        cause: 'The node is down, or not reachable from here.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause:
          'pg_hba.conf there does not let the repmgr role in (database repmgr and replication), or its password is missing in ~/.pgpass of this user.',
      },
      { cause: 'The upstream was never registered: repmgr primary register comes first.' },
    ],
  },
  {
    id: 'repmgr-schema-missing',
    says: [
      'relation "repmgr.%s" does not exist',
      'relation "repmgr_%s" does not exist',
      'schema "repmgr" does not exist',
      'relation "repl_nodes" does not exist',
      'relation "repl_events" does not exist',
      'repmgr extension is available but not installed in database "%s"',
    ],
    source: 'PostgreSQL, src/backend/catalog/namespace.c; repmgr-client.c',
    matters: 4,
    means:
      "repmgr's own tables are not in the database that it was connected to. The clone itself does not depend on them.",
    causes: [
      {
        cause: 'The primary was never registered, or dbname in conninfo or -d names another database.',
        on: 'primary',
        check: 'repmgr -f /etc/repmgr.conf cluster show; grep conninfo /etc/repmgr.conf',
      },
      { cause: 'A very old release (3.x): the schema is named after the cluster in its configuration.' },
    ],
    todo: 'On the primary: repmgr -f /etc/repmgr.conf primary register. Then register the standby.',
  },
  {
    id: 'repmgr-local-node',
    says: managerWords['repmgr-local-node'].says,
    source: 'repmgr-action-standby.c, repmgrd-physical.c',
    kind: 'consequence',
    matters: 4,
    means: 'repmgr cannot connect to the server on this node with the conninfo in repmgr.conf.',
    causes: [
      {
        cause: 'The server on this node is not running: start the clone before you register it.',
        on: 'standby',
        check: 'pg_isready; grep conninfo /etc/repmgr.conf',
      },
      {
        cause:
          'It runs and refuses the repmgr role: pg_hba.conf here (address of this node), or ~/.pgpass of this user.',
      },
    ],
  },
  {
    id: 'repmgr-switchover',
    says: [
      'shutdown of the primary server could not be confirmed',
      'unable to perform a switchover',
      'switchover failed',
      'switchover was successful but no connection could be made to the demoted node',
    ],
    among: /^(?![^]*(?:patroni|kubeblocks|kbcli|\/v1\.0\/switchover|cnpg|cloudnative))/iu,
    source: 'repmgr-action-standby.c, do_standby_switchover',
    kind: 'consequence',
    matters: 4,
    means:
      'The switchover did not end as planned. Before anything else, find out which server is running, and as what: two primaries must not accept writes.',
    causes: [
      {
        cause:
          'The old primary did not stop in time: sessions, an archiver that is behind, service_stop_command, or a service manager that started it again.',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery()"; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'ssh between the nodes or sudo for the service commands does not work for this user.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf standby switchover --dry-run',
      },
    ],
  },
  {
    id: 'repmgr-slots-missing',
    says: ['replication slots missing for following %d node(s)', 'replication slots missing for following node'],
    source: 'repmgr-action-node.c',
    matters: 4,
    means:
      'repmgr is set to use replication slots (use_replication_slots), and the slots for these nodes do not exist on this node. Without them, WAL that the nodes still need can be removed.',
    causes: [
      {
        cause: 'The nodes follow another server now (after a failover or switchover), or were cloned without slots.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active FROM pg_replication_slots"; repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
    todo: 'repmgr standby follow on the node in question creates its slot. On a standby the message may only mean that nothing follows it.',
  },
];
