import { managerWords } from '../../postgres/manager-log/words.ts';
import type { Answer } from '../answer.ts';

const show = 'repmgr -f /etc/repmgr.conf cluster show';

/** repmgr and repmgrd: what they find before they act, and why they do not; `source` names the file that prints it. */
export const answersAboutRepmgrDecisions: readonly Answer[] = [
  {
    id: 'repmgr-running-node',
    says: [
      'database is still running in state "%s"',
      '"repmgr node rejoin" cannot be executed on a running node',
      'this node should be shut down before running "repmgr node rejoin"',
    ],
    source: 'repmgr, repmgr-action-node.c, do_node_rejoin',
    matters: 4,
    means: 'repmgr node rejoin works on a stopped server, and this one runs. Nothing has been changed.',
    causes: [
      {
        cause: 'If it still runs as a primary beside the new one, there are two: clients must not write here any more.',
        on: 'standby',
        check: show,
        rule: 'standby/already-primary',
      },
    ],
    todo: 'Stop the server cleanly (pg_ctl stop -m fast, or systemctl stop), then run the same command again, first with --dry-run.',
  },
  {
    id: 'repmgr-unclean-shutdown',
    says: ['database is not shut down cleanly', 'pg_rewind will not be able to run'],
    source: 'repmgr, repmgr-action-node.c, do_node_rejoin',
    matters: 4,
    means: 'This node crashed or was killed, and pg_rewind (before 13) needs a directory that was shut down cleanly.',
    todo: 'Start it once in single-user mode so that it recovers and stops: postgres --single -D <data directory> < /dev/null , as the user of the server. Then run repmgr node rejoin again.',
  },
  {
    id: 'repmgr-cannot-start',
    says: ['unable to start server', 'NODE REJOIN failed'],
    among: /repmgr|rejoin/iu,
    source: 'repmgr, repmgr-action-node.c, do_node_rejoin',
    kind: 'consequence',
    matters: 4,
    means: 'repmgr prepared this node to follow the other one, and its server did not start. Its own log says why.',
    causes: [
      {
        cause:
          'repmgr called pg_ctl directly, and the configuration is elsewhere (Debian: /etc/postgresql), or systemd must start it: set service_start_command in repmgr.conf.',
        on: 'standby',
        check: 'grep -n "service_.*_command" /etc/repmgr.conf; ls <data directory>/postgresql.conf',
      },
      {
        cause: 'The server refuses to start: see the last FATAL line in its log.',
        on: 'standby',
        check: 'tail -n 30 <log of PostgreSQL>',
      },
    ],
    todo: 'Start it the way this machine does (systemctl start postgresql, pg_ctlcluster <version> <name> start). standby.signal and primary_conninfo are written already.',
  },
  {
    id: 'repmgr-not-streaming',
    says: [
      'node "%s" (ID: %i) is not attached to expected upstream node "%s" (ID: %i)',
      'node "%s" (ID: %i) is not attached to its upstream node "%s" (ID: %i)',
      'no active record for local node "%s" found in node "%s"\'s "pg_stat_replication" table',
      'node "%s" not found in "pg_stat_replication"',
      'local node "%s" did not become available start after %i seconds',
      'standby %i not connected to streaming replication',
      'node "%s" (ID: %i) is not connected to streaming replication',
      'child node "%s" (ID: %i) is not yet attached',
      'WAL receiver did not start up after %i seconds',
    ],
    source: 'repmgr, repmgr-action-node.c, repmgr-client.c, repmgrd-physical.c',
    kind: 'consequence',
    matters: 4,
    means:
      'The standby is registered, and its upstream has no WAL sender for it: it does not stream. The log of the standby says why its receiver does not connect.',
    causes: [
      {
        cause: 'Its receiver is refused (pg_hba.conf, password), or asks for WAL that is gone, or has diverged.',
        on: 'standby',
        check:
          'psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo"; tail -n 20 <log of PostgreSQL>',
      },
      {
        cause: 'It streams under another application_name than the node_name of repmgr, so repmgr does not see it.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"',
      },
    ],
  },
  {
    id: 'repmgrd-paused',
    says: managerWords['repmgrd-paused'].says,
    source: 'repmgr, repmgrd-physical.c, monitor_streaming_standby',
    matters: 5,
    means: 'repmgrd on this node has been paused, so it does not promote the standby although the primary is gone.',
    causes: [
      {
        cause:
          'It was paused by hand, or by a switchover that ended before it could resume it. The pause outlasts a restart of repmgrd.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf service status',
      },
    ],
    todo: 'On any node: repmgr -f /etc/repmgr.conf service unpause (before 5.0: repmgr daemon unpause). If the primary is really down, that lets the failover begin.',
  },
  {
    id: 'repmgrd-inactive',
    says: managerWords['repmgrd-inactive'].says,
    source: 'repmgr, repmgrd-physical.c, check_physical_node_state',
    matters: 5,
    means:
      'repmgr has this node in its table as inactive, so repmgrd does not start on it. That says nothing about the primary.',
    causes: [
      {
        cause: 'It was the primary before a failover, or was unregistered, and has not been registered again since.',
        on: 'standby',
        check: `${show}; psql -c "SELECT pg_is_in_recovery()"`,
      },
    ],
    todo: 'If this server is a standby that streams: repmgr -f /etc/repmgr.conf standby register --force. If it still runs as a primary beside the new one: stop it, then repmgr node rejoin (with --force-rewind if it has diverged).',
  },
  {
    id: 'repmgrd-primary-still-visible',
    says: [
      'cancelling failover as some nodes can still see the primary',
      '%s node "%s" (ID: %i) last saw primary node %i second(s) ago, considering primary still visible',
      'last saw primary node %i second(s) ago, considering primary still visible',
    ],
    source: 'repmgr, repmgrd-physical.c, do_election',
    matters: 5,
    means:
      'This node has lost the primary, and another node (it may be the witness) still sees it: repmgrd takes that for a fault of the network and cancels the failover (primary_visibility_consensus).',
    causes: [
      {
        cause: 'Only the path from this node to the primary is interrupted.',
        on: 'standby',
        check: `${show}; repmgr -f /etc/repmgr.conf cluster crosscheck`,
      },
      {
        cause:
          'The primary has hung or just gone, and the repmgrd of the other node has not noticed: its open connection does not break by itself. connection_check_type=query and keepalives in conninfo help.',
        on: 'other node',
        check:
          'grep -nE "^(connection_check_type|monitor_interval_secs|primary_visibility_consensus|conninfo)" /etc/repmgr.conf',
      },
    ],
    todo: 'Make sure that the old primary is really down before a promotion by hand (repmgr standby promote), or there will be two.',
  },
  {
    id: 'repmgrd-no-new-primary',
    says: managerWords['repmgrd-no-new-primary'].says,
    source: 'repmgr, repmgrd-physical.c, wait_primary_notification',
    matters: 5,
    means:
      'This node has seen that the primary is gone and waited for another one to be promoted. None reported to it: the failover did not succeed.',
    causes: [
      {
        cause:
          'The standby that was to be promoted did not try, or its promote_command failed. Its own repmgrd log says which.',
        on: 'candidate',
        check:
          'grep -nE "^(failover|priority|promote_command|service_promote_command|log_file)" /etc/repmgr.conf; journalctl -u repmgrd -n 50 --no-pager',
      },
      {
        cause: 'It was promoted, and its repmgrd cannot connect to this node (pg_hba.conf, conninfo of this node).',
        on: 'candidate',
        check: show,
      },
    ],
    todo: 'Find out with repmgr cluster show on each node whether there is a primary at all before you promote one by hand.',
  },
  {
    id: 'repmgr-failover-refused',
    says: [
      'unable to reach a qualified majority of nodes',
      'no nodes from the primary location "%s" visible - assuming network split',
      'this node is not configured for automatic failover so will not be considered as promotion candidate, and will not follow the new primary',
      'this node is not configured for automatic failover',
      'automatic failover disabled for this node, manual intervention required',
      "this node's priority is %i so will not be considered as an automatic promotion candidate",
      'node "%s" (ID: %i) is in manual failover mode and is now disconnected from streaming replication',
      'no other nodes, but primary and standby locations differ',
      'this node cannot be reliably promoted',
      'failover validation command returned a non-zero value: %i',
    ],
    source: 'repmgr, repmgrd-physical.c, do_election, monitor_streaming_standby',
    matters: 4,
    means:
      'repmgrd on this node sees that the primary is gone, and will not promote by itself: the message says what forbids it.',
    causes: [
      {
        cause:
          'Too few nodes are visible, so it may be this side of the network that is cut off; or failover=manual or priority=0.',
        on: 'standby',
        check: `${show}; repmgr -f /etc/repmgr.conf service status; grep -nE "^(failover|priority|location)" /etc/repmgr.conf`,
      },
    ],
    todo: 'Make sure that the old primary is really down before a promotion by hand (repmgr standby promote), or there will be two.',
  },
  {
    id: 'repmgr-replay-paused',
    says: [
      'WAL replay is paused on this node but not all WAL has been replayed',
      'WAL replay is paused on this node and it is not safe to proceed',
      'WAL replay is paused on this node',
      'WAL replay is paused on node "%s" (ID: %i) with WAL replay pending; this node cannot be manually promoted until WAL replay is resumed',
      'node is in archive recovery and is not safe to promote in this state',
      'replay paused at %X/%X; last WAL received is %X/%X',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_promote',
    matters: 4,
    means:
      'repmgr does not promote this standby: its replay is paused or not finished, and what it has received but not replayed could be lost.',
    causes: [
      {
        cause: 'pg_wal_replay_pause() was called, or a recovery target was reached.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
    ],
    todo: 'psql -c "SELECT pg_wal_replay_resume()", wait until both positions are equal, then promote.',
  },
  {
    id: 'repmgr-promote-failed',
    says: ['STANDBY PROMOTE failed, node is still a standby', 'promote command exited with error code %i'],
    source: 'repmgr, repmgr-action-standby.c, _do_standby_promote_internal; repmgrd-physical.c',
    matters: 4,
    means:
      'repmgr asked the server to become a primary, and after promote_check_timeout it was still a standby. It may still be at it.',
    causes: [
      {
        cause: 'It has much WAL left to replay, waits for its archive, or its replay is paused. Its log says which.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery(), pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      { cause: 'pg_ctl or the command in service_promote_command failed (rights, path, sudo).' },
    ],
    todo: 'Look whether it becomes a primary after all before you promote another one. Otherwise raise promote_check_timeout and run repmgr standby promote again.',
  },
  {
    id: 'repmgr-switchover-preconditions',
    says: [
      'demotion candidate is unable to make replication connection to promotion candidate',
      'unable to determine whether demotion candidate is able to make replication connection to promotion candidate',
      'switchover must be executed from the standby node to be promoted',
      'switchover can only performed with streaming replication',
      'insufficient free walsenders on promotion candidate',
      'insufficient free replication slots to attach all nodes',
      'unable to pause %i node(s)',
      'replication lag on this standby is critical',
      'switchover did not fully complete',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover',
    matters: 4,
    means: 'repmgr checked whether the two nodes can exchange their roles, and the message names what is missing.',
    causes: [
      {
        cause:
          'pg_hba.conf of the standby lets the primary in, too (replication and repmgr); ssh without a password works in both directions; max_wal_senders and max_replication_slots are enough on the standby; archiving keeps up.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf standby switchover --dry-run -v',
      },
    ],
    todo: 'Repair what is named, and run it with --dry-run until it says that all prerequisites are met. If it broke off in the middle: repmgr cluster show, then node rejoin on the node that is down.',
  },
  {
    id: 'repmgr-configuration',
    says: [
      '"%s": required parameter was not found',
      'one or more errors encountered while parsing the configuration file',
      'configured "data_directory" "%s" is not a PostgreSQL data directory',
      'configured "data_directory" is not a PostgreSQL data directory',
      '"promote_command" must be defined in the configuration file',
      '"follow_command" must be defined in the configuration file',
      'provided configuration file "%s" not found',
      'no configuration file provided or found',
      '"repmgrd_service_start_command" is not set',
      'provided "conninfo" string "%s" is not valid',
      'repmgr extension not found on this node',
      'repmgr extension is not available on this node',
    ],
    among: /repmgr|node_(?:id|name)|conninfo|data_directory|(?:promote|follow)_command/u,
    source: 'repmgr, configfile.c, repmgrd.c',
    matters: 4,
    means:
      'repmgr.conf is missing, incomplete or of another node, or the extension repmgr is not in the database of conninfo.',
    causes: [
      {
        cause:
          'node_id, node_name, conninfo and data_directory are required; repmgrd also needs promote_command and follow_command.',
        on: 'standby',
        check: 'grep -nvE "^ *(#|$)" /etc/repmgr.conf',
      },
      {
        cause:
          'shared_preload_libraries lacks repmgr (for repmgrd), or CREATE EXTENSION repmgr was not run on the primary.',
      },
    ],
    todo: 'Correct the file and give it with -f. data_directory is that of PostgreSQL itself on this node.',
  },
  {
    id: 'repmgr-registration',
    says: [
      'node %i is already registered',
      'no record found for node %i',
      'a primary node must be configured before registering a standby node',
      'server is in standby mode and cannot be registered as a primary',
      'there is already an active registered primary (node ID: %i) in this cluster',
      'there is already an active registered primary (ID: %i) in this cluster',
      'node "%s" (ID: %i) is registered as primary but running as standby',
      'node "%s" (ID: %i) is registered as standby but running as primary',
      'node "%s" (ID: %i) is running but the repmgr node record is inactive',
      '! running as primary',
      '! running as standby',
      'node is registered as primary but running as standby',
      'node is registered as standby but running as primary',
      'node "%s" (ID: %i) is registered as an active standby but is unreachable',
      'primary server is registered as node "%s" (ID: %i), but server is not a primary',
      'unable to find a primary node',
      "unable to determine the cluster's primary node",
      "the local node's metadata has not been updated since it became a standby",
    ],
    source: 'repmgr, repmgr-action-primary.c, repmgr-action-standby.c, repmgr-action-cluster.c',
    matters: 4,
    means: "What repmgr's table of nodes says and what the servers are does not agree.",
    causes: [
      {
        cause: 'A node was promoted, rebuilt or renamed without repmgr, or two files have the same node_id.',
        on: 'primary',
        check: `${show}; psql -d repmgr -c "SELECT node_id, node_name, type, active, upstream_node_id FROM repmgr.nodes"`,
      },
    ],
    todo: 'Make sure that only one server accepts writes. Then register again what changed: repmgr primary register --force, or standby register --force.',
  },
];
