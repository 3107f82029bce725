import type { Answer } from '../answer.ts';

/** What the errors and remarks of repmgr and repmgrd mean, by what they are about. */
export const linesOfRepmgr: readonly Answer[] = [
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
    means: 'repmgrd has read repmgr.conf again and works with the changed value from now on. It is no fault.',
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
    means: 'repmgr was given an option that this command does not need, and goes on without it. It is no fault.',
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
  {
    id: 'repmgr-extension-missing',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'The extension repmgr in the database of conninfo is missing, or of another release than the program.',
    causes: [
      {
        cause:
          'It was never created (repmgr primary register does), or the package was updated without ALTER EXTENSION.',
        on: 'primary',
        check:
          'psql -d repmgr -c "SELECT name, default_version, installed_version FROM pg_available_extensions WHERE name = \'repmgr\'"; repmgr --version',
      },
    ],
    todo: 'After an update of the package: ALTER EXTENSION repmgr UPDATE; in that database on the primary, then restart repmgrd everywhere (and the server where shared_preload_libraries has repmgr).',
  },
  {
    id: 'repmgr-ssh-unreachable',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'repmgr cannot run a command on the other node through ssh.',
    causes: [
      {
        cause: 'ssh there must log in without a password, as the user who runs this (postgres), and know the host key.',
        on: 'standby',
        check: 'sudo -u postgres ssh -o BatchMode=yes <host> true',
      },
      {
        cause: "repmgr or PostgreSQL's programs are not in the PATH of such a session: repmgr_bindir and pg_bindir.",
        on: 'standby',
        check: 'sudo -u postgres ssh <host> "command -v repmgr; echo \\$PATH"',
      },
    ],
  },
  {
    id: 'repmgr-other-node-setup',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'The demotion candidate answered, and its own check failed there: repmgr.conf, its data directory or the login of repmgr on that node is not as it must be.',
    causes: [
      {
        cause: 'Run the same check there, as postgres.',
        on: 'primary',
        check:
          'repmgr -f /etc/repmgr.conf node check --data-directory-config; repmgr -f /etc/repmgr.conf node check --db-connection',
      },
    ],
    todo: 'Correct that node, then try again with repmgr standby switchover --dry-run.',
  },
  {
    id: 'repmgr-prerequisites',
    source: 'repmgr 5.5.0',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'repmgr checked first and does not go on. The lines beside this one name each thing that is missing; nothing was changed.',
    causes: [
      {
        cause: 'Read the ERROR, WARNING and DETAIL lines above and below it; --dry-run lists them again.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf node check; repmgr -f /etc/repmgr.conf cluster show --compact',
      },
    ],
  },
  {
    id: 'repmgr-superuser',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means:
      'repmgr needs a superuser here (a CHECKPOINT, ALTER SYSTEM, files of the data directory), and its own role is none, or the one in -S/--superuser cannot log in.',
    causes: [
      {
        cause: 'Its role, and what it may do.',
        on: 'standby',
        check:
          'psql -d repmgr -c "SELECT rolname, rolsuper, rolreplication FROM pg_roles WHERE rolsuper OR rolname = current_user"',
      },
      {
        cause: 'pg_hba.conf does not let that role in from this host.',
        on: 'standby',
        check: 'psql -U <superuser> -d repmgr -c "SELECT 1"',
      },
    ],
    todo: 'Give a superuser with -S that pg_hba.conf lets in, or grant the rights: pg_checkpoint (15), pg_monitor, ALTER SYSTEM ON PARAMETER (15).',
  },
  {
    id: 'repmgr-memory-or-internal',
    source: 'repmgr 5.5.0',
    matters: 2,
    elsewhere: true,
    means:
      'An internal failure of repmgr: no memory, or a state that it does not expect. It says nothing about the servers.',
    causes: [
      {
        cause: 'Whether this machine has run out of memory, and which release it is.',
        on: 'standby',
        check: 'free -m; repmgr --version',
      },
    ],
    todo: 'Run the command again; if it stays, report it with --log-level DEBUG --verbose.',
  },
  {
    id: 'repmgr-walreceiver',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means:
      'repmgr wanted to stop or start the WAL receiver of a standby (standby_disconnect_on_failover, or repmgr node control) and could not.',
    causes: [
      {
        cause:
          'Whether a receiver runs; the role needs a superuser or the right to change wal_retrieve_retry_interval.',
        on: 'standby',
        check:
          'psql -c "SELECT pid, status, sender_host FROM pg_stat_wal_receiver" -c "SHOW wal_retrieve_retry_interval"',
      },
    ],
    todo: 'Where that setting was left at a day (86400000): ALTER SYSTEM RESET wal_retrieve_retry_interval; SELECT pg_reload_conf();',
  },
];
