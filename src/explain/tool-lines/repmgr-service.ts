import type { Answer } from '../answer.ts';

/** What the errors and remarks of repmgr and repmgrd mean, by what they are about. */
export const linesOfRepmgrServices: readonly Answer[] = [
  {
    id: 'repmgr-clone-versions',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'The programs on this node and the server to be cloned are of different major releases of PostgreSQL (or one of them is too old).',
    causes: [
      {
        cause: 'pg_bindir in repmgr.conf leads to another release.',
        on: 'standby',
        check:
          'grep -n pg_bindir /etc/repmgr.conf; pg_basebackup --version; psql -h <primary> -c "SHOW server_version"',
      },
    ],
  },
  {
    id: 'repmgr-service-command',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'repmgr tried to start, stop, restart, reload or promote a server, or repmgrd, and that command failed.',
    causes: [
      {
        cause:
          'It is service_*_command in repmgr.conf, or pg_ctl without one. On Debian and with systemd it must be set (sudo systemctl …), and sudoers must allow it.',
        on: 'standby',
        check: 'grep -nE "service_|_command|pg_bindir" /etc/repmgr.conf; sudo -u postgres sudo -l',
      },
      {
        cause: 'The server itself does not start or stop: its log says why.',
        on: 'standby',
        check: 'tail -n 30 <log of PostgreSQL>',
      },
    ],
  },
  {
    id: 'repmgr-shutdown-state',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'repmgr found the server in another state than the command needs: still running, still shutting down, not shut down cleanly, or of an unknown state.',
    causes: [
      {
        cause: 'What pg_control says, and whether a postmaster is there.',
        on: 'primary',
        check: 'pg_controldata -D <data directory> | grep "cluster state"; pg_isready',
      },
    ],
    todo: 'Let it end, or stop it cleanly (pg_ctl stop -m fast), then repeat the command. Where the old primary did not shut down cleanly, do not promote by hand until it is surely down.',
  },
  {
    id: 'repmgrd-start',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means: 'repmgrd could not become a daemon, or its PID file could not be read or written.',
    causes: [
      {
        cause: 'The directory of repmgrd_pid_file is missing or not of the user; or a repmgrd runs already.',
        on: 'standby',
        check: 'pgrep -af repmgrd; ls -ld /run/repmgr /tmp; grep -n repmgrd_pid_file /etc/repmgr.conf',
      },
    ],
  },
  {
    id: 'repmgrd-already',
    source: 'repmgr 5.5.0',
    kind: 'course',
    matters: 2,
    elsewhere: true,
    means:
      'repmgrd on this node is in the state already that the command was to bring about. Nothing needs to be done.',
    causes: [{ cause: 'All nodes at once.', on: 'standby', check: 'repmgr -f /etc/repmgr.conf service status' }],
  },
  {
    id: 'repmgr-records',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'repmgr could not read or write its table of nodes (repmgr.nodes).',
    causes: [
      {
        cause: 'What the table has. It can be written on the primary only.',
        on: 'primary',
        check:
          'psql -d repmgr -c "SELECT node_id, node_name, type, active, upstream_node_id, conninfo FROM repmgr.nodes ORDER BY 1"',
      },
      {
        cause: "The database does not answer, or repmgr's role may not use schema repmgr.",
        on: 'primary',
        check: 'psql -d repmgr -c "\\dp repmgr.*"',
      },
    ],
  },
  {
    id: 'repmgr-files',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means: 'repmgr could not create, read, copy or remove a file or directory that the message names.',
    causes: [
      {
        cause: 'Owner, mode and room there. repmgr runs as postgres, not as root.',
        on: 'standby',
        check: 'namei -l <path>; df -h <path>',
      },
    ],
  },
  {
    id: 'repmgr-replay-paused-line',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'The replay of WAL on a standby is paused or could not be resumed, so repmgr does not promote it: what it received but did not replay could be lost.',
    causes: [
      {
        cause: 'Whether it is paused, and how far behind.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
    ],
    todo: 'psql -c "SELECT pg_wal_replay_resume()", wait until both positions are equal, then promote.',
  },
  {
    id: 'repmgr-not-upstream',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'A node does not stream from the node that repmgr has noted as its upstream, or repmgr cannot say from which.',
    causes: [
      {
        cause: 'What repmgr has noted, and what streams really.',
        on: 'primary',
        check:
          'repmgr -f /etc/repmgr.conf cluster show; psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"',
      },
    ],
    todo: 'On the standby: repmgr standby follow (it writes primary_conninfo and restarts or reloads). application_name in primary_conninfo must be the node_name.',
  },
  {
    id: 'repmgr-role-noted',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'What repmgr has noted of a node (primary, standby, witness, active or not) is not what the server is.',
    causes: [
      {
        cause: 'Compare the table with the servers.',
        on: 'primary',
        check: 'repmgr -f /etc/repmgr.conf cluster show; psql -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'Be sure that only one server accepts writes. Then register the changed nodes again: repmgr primary register --force there, repmgr standby register --force on standbys.',
  },
  {
    id: 'repmgrd-vote',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means:
      'repmgrd asks the other nodes before a failover (term of the election, candidates, who is the new primary), and one of those steps did not work.',
    causes: [
      {
        cause:
          'Whether repmgrd runs on every node and is not paused, and whether each node reaches the others by their conninfo.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf service status; repmgr -f /etc/repmgr.conf cluster crosscheck',
      },
    ],
  },
  {
    id: 'repmgr-follow-failed',
    source: 'repmgr 5.5.0',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'repmgr standby follow did not work on one or more nodes: they still follow the old primary or none.',
    causes: [
      {
        cause: 'The lines above name the reason; repeat it on that node.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf standby follow --dry-run; repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
  },
  {
    id: 'repmgr-query-line',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means: 'A query of repmgr to one of its databases failed.',
    causes: [
      {
        cause:
          'DETAIL has what the server said. Frequent: the role lacks a right (GRANT pg_monitor), schema repmgr is missing, the server ended the connection.',
        on: 'standby',
        check: 'psql -d repmgr -c "SELECT * FROM repmgr.show_nodes"',
      },
    ],
  },
  {
    // repmgr's manual, "Monitoring standby disconnections on the primary node"
    id: 'repmgr-child-nodes',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'repmgrd on the primary sees fewer standbys connected than child_nodes_connected_min_count (or none), and runs child_nodes_disconnect_command, which often fences this primary.',
    causes: [
      {
        cause: 'The standbys have left it: stopped, cut off, or they follow another primary after a failover.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'They replay from an archive: repmgrd sees streaming connections only.',
        on: 'standby',
        check: 'psql -c "SELECT status FROM pg_stat_wal_receiver"',
      },
    ],
    todo: 'Find out first which node is the primary for the others. If another one was promoted, this one must not go on as a primary.',
  },
  {
    id: 'repmgr-progress',
    source: 'repmgr 5.5.0',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'repmgr or repmgrd reports what it does. That line needs no attention.',
  },
];
