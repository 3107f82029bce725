import type { Answer } from '../answer.ts';

/** What the errors and remarks of repmgr and repmgrd mean, by what they are about. */
export const linesOfRepmgrConfiguration: readonly Answer[] = [
  {
    id: 'repmgr-still-followed',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means: 'Other nodes are registered as following this one, so it cannot be unregistered yet. Nothing was changed.',
    causes: [{ cause: 'Which they are.', on: 'primary', check: 'repmgr -f /etc/repmgr.conf cluster show' }],
    todo: 'On each of them, once the new primary runs: repmgr standby follow. Then unregister this node again.',
  },
  {
    id: 'repmgr-lag',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means:
      'This standby has not received or replayed what the primary wrote: its lag is above replication_lag_warning or replication_lag_critical of repmgr.conf.',
    causes: [
      {
        cause: 'How far behind it is, and whether its replay is paused or waits for a query.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), now() - pg_last_xact_replay_timestamp() AS since" -c "SELECT pg_is_wal_replay_paused()"',
      },
    ],
    todo: 'Wait until it has caught up, then try again.',
  },
  {
    id: 'repmgr-assumed',
    source: 'repmgr 5.5.0',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means:
      'repmgr took a default: the standby is to follow the primary. That is right unless it is to follow another standby.',
  },
  {
    id: 'repmgr-upstream-settings',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'A setting of the server to be cloned from is too low for a standby: max_wal_senders, max_replication_slots or wal_level.',
    causes: [
      {
        cause: 'What it has now.',
        on: 'primary',
        check:
          "psql -c \"SELECT name, setting, pending_restart FROM pg_settings WHERE name IN ('wal_level', 'max_wal_senders', 'max_replication_slots', 'hot_standby')\"",
      },
    ],
    todo: 'Raise it there (ALTER SYSTEM SET …) and restart that server.',
  },
  {
    id: 'repmgr-verify',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'pg_verifybackup found the clone not to be whole, or could not check it. Do not start the server on it.',
    causes: [{ cause: 'Run it again to see the files.', on: 'standby', check: 'pg_verifybackup <data directory>' }],
    todo: 'Clone again with repmgr standby clone --force; where it fails again, check the disk of both machines.',
  },
  {
    id: 'repmgr-postmaster-pid',
    source: 'repmgr 5.5.0',
    matters: 3,
    means:
      'repmgr cannot tell from postmaster.pid in the data directory whether a server runs there: the file is empty, damaged or not readable.',
    causes: [
      {
        cause: 'Whether one runs, and what is in the file.',
        on: 'standby',
        check: 'ps -fC postgres; ls -l <data directory>/postmaster.pid; head -1 <data directory>/postmaster.pid',
      },
    ],
    todo: 'A server that is just starting fills the file at once. An empty one that stays is left from a crash: only if surely no server runs there, move it away, then start the server.',
  },
  {
    id: 'repmgr-clone-target',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'The data directory for the clone or the rejoin is not as repmgr needs it: it is missing, in use, of another server, or its owner is another user.',
    causes: [
      {
        cause: 'Whose it is and what is in it.',
        on: 'standby',
        check: 'ls -lad <data directory>; ls <data directory> | head; grep -n "^data_directory" /etc/repmgr.conf',
      },
    ],
    todo: "Where a server runs in it, stop that first. --force lets repmgr clone into a directory with a server's files: only if this node may be overwritten.",
  },
  {
    id: 'repmgr-setting-reread',
    source: 'repmgr 5.5.0',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'repmgrd has read repmgr.conf again and works with the changed value from now on. It needs no attention.',
    causes: [
      {
        cause: 'Where the value is not the one that you want, correct it in repmgr.conf.',
        on: 'standby',
        check: 'grep -nE "^ *[a-z_]+ *=" /etc/repmgr.conf',
      },
    ],
  },
  {
    id: 'repmgr-node-identity-kept',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means:
      'node_id and node_name of a running repmgrd cannot be changed: it keeps the old ones although repmgr.conf has others.',
    causes: [
      {
        cause: 'repmgr.conf is that of another node, or the node was to be renamed.',
        on: 'standby',
        check: 'grep -nE "^ *node_(id|name)" /etc/repmgr.conf; repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
    todo: 'Put the old values back. To rename a node: repmgr standby unregister, change the file, repmgr standby register, then restart repmgrd.',
  },
  {
    id: 'repmgr-connection',
    source: 'repmgr 5.5.0',
    matters: 4,
    means:
      'repmgr cannot connect to a node, or lost the connection: the server does not run, is not reachable from this host, or does not let the role in.',
    causes: [
      {
        cause: 'The same connection by hand; the string is conninfo in the table of nodes.',
        on: 'standby',
        check:
          'repmgr -f /etc/repmgr.conf cluster show; psql "<conninfo of that node>" -c "SELECT pg_is_in_recovery()"',
      },
      { cause: 'The server is down: its log says why.', on: 'standby', check: 'tail -n 30 <log of PostgreSQL>' },
    ],
    todo: 'Do not promote anything before you know whether the old primary is down or only unreachable from here.',
  },
  {
    id: 'repmgr-command-line',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means:
      'repmgr was called with options that do not fit together or do not fit this command. The message names them. Nothing was changed.',
    causes: [
      {
        cause: 'repmgr with the command and --help lists what the command takes.',
        on: 'standby',
        check: 'repmgr --help; repmgr standby --help; repmgr node --help; repmgr cluster --help',
      },
    ],
  },
  {
    id: 'repmgr-option-ignored',
    source: 'repmgr 5.5.0',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'repmgr was given an option that this command does not need, and goes on without it. It needs no attention.',
  },
  {
    id: 'repmgr-configuration-values',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'repmgr.conf (or a file that it includes) has a value, a name or a form that this release of repmgr does not accept. Nothing was done.',
    causes: [
      {
        cause:
          'The line below the message names the parameter; a release renames or removes some (5.0: loglevel is log_level, cluster is gone).',
        on: 'standby',
        check: 'grep -nvE "^ *(#|$)" /etc/repmgr.conf; repmgr --version',
      },
    ],
    todo: 'Correct the file on every node. A running repmgrd takes it in with systemctl reload repmgrd.',
  },
  {
    id: 'repmgr-no-configuration-file',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'repmgr did not find or could not open repmgr.conf.',
    causes: [
      {
        cause:
          'Give it with -f; its user must be able to read it. Packages put it in /etc/repmgr.conf, /etc/repmgr/<version>/repmgr.conf or nowhere.',
        on: 'standby',
        check: 'ls -l /etc/repmgr.conf /etc/repmgr/*/repmgr.conf',
      },
    ],
  },
];
