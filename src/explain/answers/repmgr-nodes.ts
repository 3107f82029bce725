import type { Answer } from '../answer.ts';

/** repmgr: clones, node records and repmgrd; `source` names the file that prints it. */
export const answersAboutRepmgrNodes: readonly Answer[] = [
  {
    id: 'repmgr-other-cluster',
    says: [
      "source node's system identifier does not match other nodes in the replication cluster",
      "this node is not part of the %s target node's replication cluster",
      "this node is not part of the rejoin target node's replication cluster",
    ],
    source: 'repmgr, repmgr-action-standby.c, check_source_server; repmgr-client.c, check_node_can_attach',
    matters: 5,
    means:
      'Two nodes that are registered in one repmgr cluster hold different database clusters: their system identifiers differ. repmgr changes nothing.',
    causes: [
      {
        cause: 'One was upgraded with pg_upgrade, or made again by initdb, and the other is still the old one.',
        on: 'primary',
        check: 'psql -c "SELECT system_identifier FROM pg_control_system()"; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'The host in the command or in conninfo leads to a server of another cluster.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "system identifier"',
      },
    ],
    todo: 'After an upgrade: unregister the standbys that are not upgraded yet (repmgr standby unregister --node-id=<ID> on the primary), clone each again, then register it again.',
  },
  {
    id: 'repmgr-tablespace-mapping',
    says: ["no tablespace matching path '%s' found"],
    source: 'repmgr, repmgr-action-standby.c (tablespace_mapping)',
    matters: 5,
    means:
      'tablespace_mapping in repmgr.conf names {path|a path} as the place of a tablespace on the source, and the source has none there.',
    causes: [
      {
        cause:
          'The path is written otherwise there, or the two sides are exchanged: it is <path on the source>=<path here>.',
        on: 'primary',
        check: 'psql -c "\\db"; grep -n tablespace_mapping /etc/repmgr.conf',
      },
    ],
  },
  {
    id: 'repmgr-clone-remarks',
    says: [
      'following problems with command line parameters detected',
      'data checksums are not enabled and "wal_log_hints" is "off"',
    ],
    source: 'repmgr, repmgr-client.c, repmgr-action-standby.c',
    kind: 'consequence',
    matters: 1,
    means:
      'Remarks of repmgr, which do not end the clone. Without checksums and wal_log_hints, pg_rewind cannot be used on this cluster later: a former primary then needs a new clone.',
  },
  {
    id: 'repmgr-siblings',
    says: [
      '%i sibling nodes found, but option "--siblings-follow" not specified',
      'these nodes will remain attached to the current primary',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover',
    kind: 'consequence',
    matters: 3,
    means:
      'The switchover moves the primary only. The other standbys go on following the old primary, which becomes a standby itself.',
    todo: 'Run the switchover with --siblings-follow. Afterwards: on each other standby, repmgr -f /etc/repmgr.conf standby follow.',
  },
  {
    id: 'repmgr-switchover-waits',
    says: ['checking for primary shutdown; %d of %d attempts'],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover (shutdown_check_timeout)',
    kind: 'consequence',
    matters: 2,
    means:
      'The switchover waits until the old primary has stopped. The first attempts are normal; PQPING_NO_RESPONSE is what it waits for.',
    causes: [
      {
        cause:
          'If it waits until the last attempt: the stop command on the old primary does not stop the server, clients or archiving keep it up, or the service manager starts it again.',
        on: 'primary',
        check:
          'pg_controldata -D <data directory> | grep "cluster state"; grep -n service_stop_command /etc/repmgr.conf; psql -c "SELECT last_failed_wal, last_failed_time FROM pg_stat_archiver"',
      },
    ],
    todo: 'Whatever it ends with, look at both nodes before anything else: repmgr -f /etc/repmgr.conf cluster show, on each.',
  },
  {
    id: 'repmgrd-superuser',
    says: ['superuser connection required'],
    tool: 'repmgr',
    source: 'repmgr, dbutils.c, disable_wal_receiver and enable_wal_receiver',
    matters: 3,
    means:
      'repmgrd wanted to stop or start the WAL receiver of this node around the failover (standby_disconnect_on_failover), and its role may not. The failover itself goes on.',
    causes: [
      {
        cause: 'The role in conninfo is not a superuser.',
        on: 'standby',
        check: 'psql -c "\\du"; grep -n standby_disconnect_on_failover /etc/repmgr.conf',
      },
    ],
    todo: 'Make that role a superuser on the primary, or set standby_disconnect_on_failover = false on all nodes. The reason of the failover itself is in the lines before: the primary did not answer.',
  },
  {
    id: 'repmgr-base-backup',
    says: [
      'unable to take a base backup of the primary server',
      'unable to take a base backup of the source server',
      'unable to take a base backup of the master server',
    ],
    source: 'repmgr-action-standby.c, do_standby_clone',
    kind: 'consequence',
    matters: 3,
    means:
      'pg_basebackup, which repmgr started for the clone, failed. Its own message is in the lines before this one.',
    causes: [
      {
        cause: 'A login, pg_hba.conf, or no WAL sender left on the source; or the program was not found (pg_bindir).',
        on: 'standby',
        check: 'repmgr -h <source> -U repmgr -d repmgr -f /etc/repmgr.conf standby clone --dry-run',
      },
    ],
    todo: 'What the failed clone left in the target directory is no usable copy: move it aside before the next attempt.',
  },
  {
    id: 'repmgr-running-target',
    says: ['specified data directory "%s" appears to contain a running PostgreSQL instance'],
    source: 'repmgr-action-standby.c, do_standby_clone',
    matters: 5,
    means:
      'A server is running on the directory {directory} into which repmgr is to clone. repmgr does not overwrite it, not even with --force.',
    causes: [
      {
        cause: 'The package or an earlier attempt started a cluster there.',
        on: 'standby',
        check: 'head -1 <data directory>/postmaster.pid; psql -c "SHOW data_directory" -c "SELECT pg_is_in_recovery()"',
      },
      { cause: 'The command was typed on the wrong node: this is the primary.' },
    ],
    todo: 'If the server is really not needed there: stop it, move its directory aside, and clone again.',
  },
  {
    id: 'repmgr-not-attached',
    says: ['local node not attached to primary node %d'],
    source: 'repmgr-action-standby.c, do_standby_register',
    matters: 5,
    means:
      'The standby runs and is not connected to the primary, as the primary sees it in pg_stat_replication. repmgr does not register it.',
    causes: [
      {
        cause:
          'It streams under another name: application_name in primary_conninfo must be the node_name of repmgr.conf (a standby that repmgr did not clone has another one).',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"',
      },
      {
        cause: 'It does not stream: its log says why.',
        on: 'standby',
        check: 'psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo"',
        rule: 'standby/no-wal-receiver',
      },
      { cause: 'It follows another standby: name that one with --upstream-node-id.' },
    ],
  },
  {
    id: 'repmgr-node-record',
    says: [
      'unable to retrieve node record for local node %d',
      'unable to retrieve record for local node',
      'unable to retrieve node record for node %d',
      'no metadata record found for this node',
    ],
    source: 'repmgr-action-standby.c, repmgrd.c',
    matters: 4,
    means: "This node has no record in repmgr's table of nodes, so repmgr does not know it.",
    causes: [
      {
        cause: 'It was not registered: repmgr standby register (or primary register) comes first.',
        on: 'primary',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'node_id in repmgr.conf differs from the registered one, or the command reads another database.',
        on: 'standby',
        check: 'grep -nE "^(node_id|node_name|conninfo)" /etc/repmgr.conf',
      },
    ],
  },
  {
    id: 'repmgr-pid-file',
    says: ['PID file "%s" exists and seems to contain a valid PID', '/tmp/repmgr.pid exists'],
    source: 'repmgrd.c, check_and_create_pid_file',
    matters: 5,
    means:
      'repmgrd does not start: its PID file names a process that runs. It may be a repmgrd, or another process that has got the number since.',
    causes: [
      {
        cause: 'A repmgrd is running already (started by the service manager).',
        on: 'standby',
        check: 'pgrep -af repmgrd',
      },
      {
        cause:
          'The file is left from before a restart or a crash, above all in a container, where numbers are small and come again.',
        on: 'standby',
        check: 'ps -fp "$(cat {file|/tmp/repmgrd.pid})"',
      },
    ],
    todo: 'Only if no repmgrd runs: move the file away and start repmgrd. In a container, delete the pod and it is made with an empty /tmp.',
  },
  {
    id: 'repmgr-query',
    says: ['get_primary_node_id(): unable to execute query', 'unable to execute query'],
    tool: 'repmgr',
    source: 'repmgr dbutils.c',
    kind: 'consequence',
    matters: 2,
    means: "A query of repmgr's failed. The DETAIL line behind it has the server's message.",
  },
  {
    id: 'repmgr-degraded',
    says: [
      'monitoring primary node "%s" (ID: %d) in degraded state',
      'monitoring cluster in degraded state',
      'unable to determine primary node',
    ],
    tool: 'repmgr',
    source: 'repmgrd-physical.c',
    kind: 'consequence',
    matters: 3,
    means: 'repmgrd has lost the primary, and no node has taken over that it could follow.',
    causes: [
      {
        cause:
          'The failover did not take place: failover=manual, no candidate, not enough nodes visible, or promote_command failed.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show; repmgr -f /etc/repmgr.conf service status',
      },
    ],
  },
  {
    id: 'repmgr-promote',
    says: [
      'promote command failed. You could check and try it manually',
      'promote command failed',
      'unable to promote server from standby to primary',
    ],
    source: 'repmgrd-physical.c; repmgr-action-standby.c, do_standby_promote',
    kind: 'consequence',
    matters: 4,
    means:
      'The promotion of this standby failed. Find out first whether the old primary is still running: two primaries must not accept writes.',
    causes: [
      {
        cause:
          'promote_command in repmgr.conf fails as the user of repmgrd: a wrong path, a missing -f /etc/repmgr.conf, a misspelled program, or sudo that asks for a password.',
        on: 'standby',
        check: 'grep -nE "^(promote_command|service_promote_command|pg_bindir|data_directory)" /etc/repmgr.conf',
      },
      {
        cause:
          'pg_ctl promote failed or took longer than promote_check_timeout, because recovery has not ended. The log of the server says so.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"; repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
  },
  {
    id: 'repmgr-election',
    says: ['WAL receiver still connected on at least one sibling node'],
    source: 'repmgrd-physical.c, do_election',
    kind: 'consequence',
    matters: 3,
    means: 'repmgrd was about to elect a new primary, and another standby is still connected to the old one.',
    causes: [
      {
        cause: 'The old primary still runs and only this node has lost it: then a failover would make two primaries.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster matrix',
      },
    ],
  },
  {
    id: 'repmgr-upstream-unknown',
    says: [
      'unable to retrieve metadata record for failed upstream (ID: %d)',
      'this node (ID: %d) does not have its upstream_node_id set, not promoting',
      'this node (ID: %d) does not have its upstream_node_id set, promoting anyway',
    ],
    source: 'repmgrd-physical.c, do_election',
    matters: 5,
    means:
      "repmgrd was about to elect a new primary, and does not know which node this one followed: that node is not in repmgr's table of nodes or, with ID -1, the record of this node names none at all.",
    causes: [
      {
        cause:
          'This node was the primary before, and its record or its repmgrd is still from that time (-1): repmgrd reads the record when it starts.',
        on: 'standby',
        check:
          'psql -d repmgr -c "SELECT node_id, node_name, type, active, upstream_node_id FROM repmgr.nodes ORDER BY 1"',
      },
      {
        cause: 'The record of the failed node was removed (primary unregister, node_id changed).',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
    todo: 'First find out with cluster show on each node whether there is a primary now. On the standby whose record is wrong: repmgr -f /etc/repmgr.conf standby register --force --upstream-node-id=<id of its primary>, then restart its repmgrd.',
  },
  {
    id: 'repmgr-event-record',
    says: ['unable to create event record: %s', 'unable to create event record'],
    source: 'repmgr dbutils.c',
    kind: 'consequence',
    matters: 2,
    means:
      'repmgr could not write into its table of events. It writes to the primary: on a read-only server, or without its schema, it cannot. The operation itself does not depend on it.',
    causes: [
      {
        cause:
          'The server that repmgr takes for the primary is a standby (an election or promotion that did not end), or the schema repmgr is missing.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
  },
  {
    id: 'repmgr-flush-wait',
    says: ['waiting for received WAL to flush to disk', 'WAL flushed on local node is behind WAL received'],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover',
    kind: 'consequence',
    matters: 4,
    means:
      'The switchover waits until the standby to be promoted has written what it received (wal_receive_check_timeout). If it does not end, the standby does not follow the timeline of the primary.',
    causes: [
      {
        cause:
          'The standby shows another timeline than the primary: it does not stream from it. Restart the standby and see whether it follows.',
        on: 'standby',
        check:
          'repmgr -f /etc/repmgr.conf cluster show; psql -c "SELECT status, flushed_lsn, received_tli FROM pg_stat_wal_receiver"',
      },
    ],
    todo: 'Do not force the promotion (--always-promote) before the standby streams: both servers may end as primaries.',
  },
];
