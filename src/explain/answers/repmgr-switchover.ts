import type { Answer } from '../answer.ts';

const nodes = 'repmgr -f /etc/repmgr.conf cluster show';

/** What keeps repmgr from a switchover, a registration or a promotion; `source` names the file that prints it. */
export const answersAboutRepmgrSwitchover: readonly Answer[] = [
  {
    id: 'repmgr-not-downstream',
    says: [
      'local node "%s" (ID: %i) is not a downstream of demotion candidate primary "%s" (ID: %i)',
      'local node %i is not a downstream of demotion candidate primary %i',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover',
    matters: 5,
    means:
      'In the table of nodes, this standby follows another node than the primary it is to replace. repmgr refuses the switchover because of the record, whatever the server really follows.',
    causes: [
      {
        cause:
          'It was made to follow the primary without repmgr (DETAIL: registered upstream node ID), or after a failover its record was not changed.',
        on: 'standby',
        check: `psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver"; ${nodes}`,
      },
    ],
    todo: 'If it does stream from that primary: repmgr -f /etc/repmgr.conf standby register --force on this standby. If it follows another node: repmgr -f /etc/repmgr.conf standby follow first.',
  },
  {
    id: 'repmgr-not-attached-to-candidate',
    says: [
      'local node "%s" (ID: %i) is not attached to demotion candidate "%s" (ID: %i)',
      'this node does not appear to be attached to upstream node "%s" (ID: %i)',
      'no record for application name "%s" found in "pg_stat_replication"',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover; repmgrd-physical.c',
    matters: 5,
    means: 'The primary has no WAL sender for this standby under the name that repmgr looks for.',
    causes: [
      {
        cause: 'It does not stream: its PostgreSQL log says why.',
        on: 'standby',
        check: 'psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo"',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'It streams under another application_name: that must be node_name of repmgr.conf.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"',
      },
    ],
  },
  {
    id: 'repmgr-attached-in-state',
    says: ['node "%s" attached in state "%s"'],
    source: 'repmgr, dbutils.c, is_downstream_node_attached',
    matters: 5,
    means:
      'The standby is connected to its upstream, but pg_stat_replication does not have it as "streaming" yet, and repmgr counts only that as attached. "catchup": it receives what it has missed; "startup": it has just connected; "backup": a base backup is running.',
    causes: [
      {
        cause: 'It was down or cut off, and has much to catch up: that takes its time. The bytes must become fewer.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) AS to_send, pg_wal_lsn_diff(sent_lsn, replay_lsn) AS to_replay FROM pg_stat_replication"',
      },
      {
        cause: 'It never gets there: the primary writes faster than the network carries or the standby stores.',
        on: 'standby',
        check: 'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"',
      },
    ],
    todo: 'Wait and look again. Do not clone or register it again because of this.',
  },
  {
    id: 'repmgr-candidate-limits',
    says: [
      'at least %i additional replication slots required but only %i free slots available on promotion candidate',
      'at least %i walsenders required but only %i free walsender(s) on promotion candidate',
      'at least %i walsenders required but only %i free walsenders on promotion candidate',
      'insufficient free walsenders on the source node',
      'insufficient free replication slots on upstream node "%s" (ID: %i)',
      'no free replication slots available on node %i',
      'at least %i WAL senders required but only %i free WAL senders on promotion candidate',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover, check_source_server',
    matters: 5,
    means:
      'The node that is to have standbys (the source of a clone, or the new primary after the switchover) does not have enough WAL senders or replication slots left for them.',
    causes: [
      {
        cause: 'max_wal_senders or max_replication_slots is too small there, or slots of nodes that are gone are left.',
        on: 'that node',
        check:
          'psql -c "SHOW max_wal_senders" -c "SHOW max_replication_slots" -c "SELECT slot_name, active FROM pg_replication_slots" -c "SELECT count(*) FROM pg_stat_replication"',
      },
    ],
    todo: 'Raise them on all nodes (a restart each), standbys last when lowering and first when raising.',
  },
  {
    id: 'repmgr-behind-candidate',
    says: [
      'local node "%s" is behind shutdown primary "%s"',
      'replication lag on this node is critical',
      'this node ahead of the %s target on the same timeline (%i)',
      'this node cannot attach to %s target node %i',
    ],
    source: 'repmgr, repmgr-action-standby.c, repmgr-client.c, check_node_can_attach',
    matters: 5,
    means:
      'The two nodes do not have the same WAL: this one lacks some of the other (then a promotion would lose it), or has more than it (then it cannot follow).',
    causes: [
      {
        cause: 'behind: it had not received all when the primary stopped. DETAIL has both positions.',
        on: 'standby',
        check: 'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      {
        cause: 'ahead, cannot attach: the histories have diverged (DETAIL: the fork point).',
        on: 'standby',
        check: `${nodes}; pg_controldata -D <data directory> | grep -iE "state|checkpoint location|TimeLineID"`,
        rule: 'timeline/diverged',
      },
    ],
    todo: 'behind: start the old primary again, wait until the standby has caught up, and repeat the switchover; --always-promote loses what is missing. Diverged: repmgr node rejoin --force-rewind on the node that is to follow, or a new clone.',
  },
  {
    id: 'repmgr-left-half-way',
    says: [
      'node "%s" is now primary but node "%s" is not attached as standby',
      'node "%s" (ID: %i) promoted to primary, but demotion candidate "%s" (ID: %i) did not connect to the new primary',
      'node "%s" (ID: %i) promoted to primary, but demotion candidate "%s" (ID: %i) did not become available',
      'node "%s" (ID: %i) is now primary but node "%s" (ID: %i) is not reachable',
      'rejoin failed with error code %i',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover',
    matters: 5,
    means:
      'The switchover stopped halfway: the new primary runs, and the former one has not come back as its standby. That is harmless as long as the former one is not started as a primary.',
    causes: [
      {
        cause:
          'The former primary was not started, or refuses (its PostgreSQL log), or may not log in at the new one (pg_hba.conf, password, slot).',
        on: 'former primary',
        check: 'tail -n 30 <log of PostgreSQL>; ls <data directory>/standby.signal',
      },
      { cause: 'It had written WAL that the new primary does not have: it needs a rewind.', rule: 'timeline/diverged' },
    ],
    todo: "On the former primary, with its server stopped: repmgr -f /etc/repmgr.conf node rejoin -d 'host=<new primary> user=repmgr dbname=repmgr' --force-rewind --config-files=postgresql.conf,pg_hba.conf --dry-run; then the same without --dry-run.",
  },
  {
    id: 'repmgr-registration-refused',
    says: [
      'another node (ID: %i) already exists with node_name "%s"',
      'node %i exists already with node_name "%s"',
      'no record exists for designated upstream node %i',
      'standby must be registered before replication can be configured',
      'this node is already registered',
      'node is already registered',
      'unable to create placeholder record for upstream node %i',
    ],
    source: 'repmgr, repmgr-action-standby.c, repmgr-action-primary.c',
    tool: 'repmgr',
    matters: 4,
    means: 'The table of nodes of repmgr does not fit what is to be registered.',
    causes: [
      {
        cause:
          'node_id or node_name in repmgr.conf is the same as that of another node, or an old record of this node is there.',
        on: 'standby',
        check: `grep -nE "^(node_id|node_name|conninfo)" /etc/repmgr.conf; psql -d repmgr -c "SELECT node_id, node_name, type, upstream_node_id, active FROM repmgr.nodes"`,
      },
      { cause: 'The upstream was not registered yet: the primary first, then the standbys.' },
    ],
    todo: 'Give each node its own node_id and node_name. A record of the same node is replaced with --force.',
  },
  {
    id: 'repmgr-unregister-refused',
    says: [
      'node "%s" (ID: %i) is a %s, unable to unregister',
      'node "%s" (ID: %i) is marked as active, unable to unregister',
      'node "%s" (ID: %i) is not a primary, unable to unregister',
      'node "%s" (ID: %i) is the current primary node, unable to unregister',
      'node "%s" (ID: %i) is running as a standby, unable to unregister',
      'node "%s" (ID: %i) is a witness server, unable to unregister',
    ],
    source: 'repmgr, repmgr-action-primary.c, do_primary_unregister',
    matters: 4,
    means:
      'repmgr does not take this record out of its table: it is in use, or the command is for another kind of node.',
    causes: [
      {
        cause:
          'primary unregister is for a former primary that is gone; standby unregister and witness unregister for the others.',
        on: 'primary',
        check: nodes,
      },
    ],
    todo: 'For a node that no longer exists: the matching unregister command with --node-id=<ID>, run on the current primary (add --force for a primary that is still marked active).',
  },
  {
    id: 'repmgr-still-in-recovery',
    says: [
      'node still in recovery after %i seconds',
      'no primary appeared after %i seconds',
      'node record was not synchronised after %i seconds',
      'unable to connect to target node %i after %i seconds',
      'repmgrd does not appear to have started after %i seconds',
    ],
    source: 'repmgr, repmgr-action-standby.c (promote_check_timeout, primary_follow_timeout), repmgr-action-daemon.c',
    matters: 4,
    means:
      'repmgr waited for a node to become what it was told to, and it has not within the time limit. It may still do so.',
    causes: [
      {
        cause: 'The server there replays much WAL first, or its promotion failed: its PostgreSQL log says which.',
        on: 'that node',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()"; tail -n 20 <log of PostgreSQL>',
      },
    ],
    todo: `Look before anything is repeated: ${nodes}. Raise promote_check_timeout or primary_follow_timeout where it is only slow.`,
  },
  {
    id: 'repmgr-witness-place',
    says: [
      'the witness node must be created on a separate read/write node',
      'node is registered as witness but running as standby',
      'the witness node must be running before it can be registered',
      'provided node is a standby',
      'provided primary node is a standby',
    ],
    source: 'repmgr, repmgr-action-witness.c, do_witness_register',
    tool: 'repmgr',
    matters: 5,
    means:
      'A witness is a small PostgreSQL server of its own, not part of the replication: it must accept writes, and -h in witness register must name the primary.',
    causes: [
      {
        cause: 'The command ran on a standby, or -h names a standby.',
        on: 'witness',
        check: `psql -c "SELECT pg_is_in_recovery()"; ${nodes}`,
      },
    ],
    todo: 'initdb a server on a third machine, register it there: repmgr -f /etc/repmgr.conf witness register -h <primary>.',
  },
  {
    id: 'repmgr-nodes-unreachable',
    says: [
      'unable to connect to %i of %i node(s), unable to pause all repmgrd instances',
      'node "%s" (ID: %i) unreachable, unable to pause repmgrd',
      'unable to connect to current registered primary "%s" (ID: %i)',
      'connection to node (%s) lost',
      'unable to connect to remote host "%s" via SSH',
    ],
    source: 'repmgr, repmgr-action-standby.c, repmgr-action-service.c, repmgrd-physical.c',
    matters: 4,
    means:
      'repmgr cannot reach another node (its database by conninfo, or the machine by ssh) as the user that runs the command.',
    causes: [
      {
        cause: 'The server there is down, or conninfo with which it is registered does not work from this node.',
        on: 'standby',
        check: `${nodes} --verbose`,
      },
      {
        cause: 'ssh: the user postgres has no key that the other node accepts without a password.',
        on: 'standby',
        check: 'sudo -u postgres ssh -o BatchMode=yes <other node> true',
      },
    ],
    todo: 'A switchover with a node down needs --repmgrd-no-pause, and repmgrd stopped by hand on the others.',
  },
];
