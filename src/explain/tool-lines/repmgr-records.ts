import type { Answer } from '../answer.ts';

/** What repmgr has noted of its nodes, and how it reaches them. */
export const linesOfRepmgrRecords: readonly Answer[] = [
  {
    id: 'repmgr-no-primary',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'repmgr found no node that is a primary: none is registered as one, none can be reached, or those that can be reached are in recovery.',
    causes: [
      {
        cause: 'The primary is down, or this host does not reach it by the conninfo of its record.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'After a promotion by hand, a restore or a new clone, the table names another primary than there is.',
        on: 'standby',
        check:
          'psql -d repmgr -c "SELECT node_id, node_name, type, active, upstream_node_id, conninfo FROM repmgr.nodes ORDER BY 1"',
      },
      {
        cause: 'The database of conninfo is not the one in which repmgr was registered.',
        on: 'standby',
        check: 'grep -n "^conninfo" /etc/repmgr.conf',
      },
    ],
    todo: 'Find out which server accepts writes before you promote one. Where it is not the one of the table: repmgr -f /etc/repmgr.conf primary register --force on it.',
  },
  {
    id: 'repmgr-record-missing',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'A node that repmgr was to work with is not in its table of nodes, as this node sees it.',
    causes: [
      {
        cause: 'It was never registered, or was unregistered.',
        on: 'primary',
        check:
          'psql -d repmgr -c "SELECT node_id, node_name, type, active, upstream_node_id, conninfo FROM repmgr.nodes ORDER BY 1"',
      },
      {
        cause: 'node_id in repmgr.conf of that node, or the number in the command, is another than the registered one.',
        on: 'standby',
        check: 'grep -nE "^(node_id|node_name|conninfo)" /etc/repmgr.conf; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause:
          'This standby does not replay, so that a node which was registered later is not in its copy of the table.',
        on: 'standby',
        check:
          'psql -c "SELECT status FROM pg_stat_wal_receiver" -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
    ],
    todo: 'On the node that is missing: repmgr -f /etc/repmgr.conf primary register, standby register or witness register, by what it is.',
  },
  {
    id: 'repmgr-record-stale',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'The table of nodes says of this node that it is inactive, and the command or repmgrd needs an active one.',
    causes: [
      {
        cause: 'It was down when a failover marked it so, or its server was started without repmgr.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
    todo: 'First make sure that only one server accepts writes. Then, on that node: repmgr -f /etc/repmgr.conf standby register --force (the primary: primary register --force).',
  },
  {
    id: 'repmgr-wrong-node',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'The command is for a node of another role than the one on which it was run, or which it was given. Nothing was changed.',
    causes: [
      {
        cause: 'What this server is, and what repmgr has noted.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause:
          'standby promote, follow and switchover are run on a standby; primary register on the primary; witness register gets the primary by -h.',
      },
    ],
    todo: 'Run it on the right node. An old primary that came back: node rejoin on it, once it is stopped.',
  },
  {
    id: 'repmgr-conninfo-form',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'A connection string has not the form that libpq reads, so that repmgr cannot use it.',
    causes: [
      {
        cause:
          "A blank or a quotation mark in a value, a name that libpq does not know, quotation marks that are not closed. A value with blanks needs '…' doubled in repmgr.conf.",
        on: 'standby',
        check: 'grep -n "^conninfo" /etc/repmgr.conf | sed "s/password=[^ ]*/password=…/"',
      },
      {
        cause: 'The registered string is another one.',
        on: 'primary',
        check: 'psql -d repmgr -c "SELECT node_id, node_name FROM repmgr.nodes ORDER BY 1"',
      },
    ],
    todo: 'Correct conninfo, then register the node again with --force. Passwords belong in ~/.pgpass.',
  },
  {
    id: 'repmgr-replication-refused',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'repmgr connects to the other node and gets no replication connection from it.',
    causes: [
      {
        cause: 'pg_hba.conf there has no line with the database replication for this role and address.',
        on: 'primary',
        check:
          'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules WHERE \'replication\' = ANY (database)"',
      },
      {
        cause: 'The role lacks REPLICATION, or has no password in ~/.pgpass for the database replication.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, rolreplication FROM pg_roles WHERE rolcanlogin"',
      },
      {
        cause: 'All WAL senders are taken.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_senders" -c "SELECT count(*) FROM pg_stat_replication"',
      },
    ],
    todo: 'Try the same by hand: psql "host=<primary> user=repmgr dbname=repmgr replication=1" -c "IDENTIFY_SYSTEM"',
  },
  {
    id: 'repmgr-library',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: "repmgrd could not hand its state to the server: repmgr's library is not loaded there.",
    causes: [
      {
        cause: "shared_preload_libraries does not have 'repmgr', or the server was not restarted since.",
        on: 'standby',
        check: 'psql -c "SHOW shared_preload_libraries"',
      },
    ],
    todo: "Set shared_preload_libraries = 'repmgr' (beside what is there) on every node, restart the servers, then repmgrd.",
  },
  {
    id: 'repmgr-event-command',
    source: 'repmgr 5.5.0',
    matters: 2,
    elsewhere: true,
    means:
      'The script of event_notification_command ended with an error. The servers are not touched by that, and repmgr goes on.',
    causes: [
      {
        cause: 'It is not executable for postgres, a path is missing, or it failed itself.',
        on: 'standby',
        check:
          'grep -nE "^event_notification" /etc/repmgr.conf; psql -d repmgr -c "SELECT node_id, event, successful, event_timestamp, details FROM repmgr.events ORDER BY event_timestamp DESC LIMIT 5"',
      },
    ],
  },
  {
    id: 'repmgr-slots-inactive',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'Replication slots that nothing reads are on this server. Each keeps WAL from its position on, until the disk is full.',
    causes: [
      {
        cause: 'A standby is down, or follows another server now (after a switchover or rejoin), and its slot stayed.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, restart_lsn, pg_size_pretty(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)) AS held FROM pg_replication_slots"',
      },
    ],
    todo: "Bring the standby back if it is to follow this server. Only a slot whose reader is gone for good is dropped: SELECT pg_drop_replication_slot('<slot>').",
  },
];
