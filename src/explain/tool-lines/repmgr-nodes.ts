import type { Answer } from '../answer.ts';

/** What the errors and remarks of repmgr and repmgrd mean, by what they are about. */
export const linesOfRepmgrNodes: readonly Answer[] = [
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
      'repmgr needs a superuser here (a CHECKPOINT, ALTER SYSTEM, files of the data directory), and its own role does not have that right, or the one in -S/--superuser cannot log in.',
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
  {
    id: 'repmgr-slot',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'repmgr could not create, find or drop a replication slot for this standby.',
    causes: [
      {
        cause:
          'No free place (max_replication_slots), the name is taken, it is still in use, or the role lacks REPLICATION.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, active_pid, restart_lsn FROM pg_replication_slots" -c "SHOW max_replication_slots" -c "SHOW max_wal_senders"',
      },
    ],
    todo: "A slot that remains of a node that follows another server now holds WAL there: drop it on that server once pg_replication_slots says it is inactive (SELECT pg_drop_replication_slot('<slot>')).",
  },
  {
    id: 'repmgr-diverged',
    source: 'repmgr 5.5.0',
    matters: 5,
    means:
      'This node has WAL that the node it is to follow does not have: it was a primary itself, or was promoted. It cannot simply follow.',
    causes: [
      {
        cause: 'Compare the timelines and positions of both.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "TimeLineID|cluster state|REDO location"; psql -h <primary> -c "SELECT timeline_id FROM pg_control_checkpoint()" -c "SELECT pg_current_wal_lsn()"',
        rule: 'timeline/diverged',
      },
    ],
    todo: 'Be sure which one has the data that you want. Then stop the other: repmgr node rejoin -d "<conninfo of the primary>" --force-rewind --dry-run, then without --dry-run; or clone it again.',
  },
  {
    id: 'repmgr-lsn',
    source: 'repmgr 5.5.0',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'repmgr could not read a WAL position or a timeline of a server, so it cannot compare the nodes.',
    causes: [
      {
        cause: 'The server restarts, is in another state than expected, or the role may not ask.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
    ],
  },
  {
    id: 'repmgr-rewind',
    source: 'repmgr 5.5.0',
    matters: 5,
    means: 'pg_rewind, which repmgr ran for node rejoin, failed or cannot work here.',
    causes: [
      {
        cause:
          'Its own output, above or below, has the reason: no checksums and no wal_log_hints, not shut down cleanly, WAL that is gone.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|checksum|wal_log_hints"',
      },
    ],
    todo: 'Where it stopped in the middle, do not start this directory: repmgr standby clone --force makes the node new.',
  },
  {
    id: 'repmgr-recovery-files',
    source: 'repmgr 5.5.0',
    matters: 4,
    means:
      'repmgr could not write or remove what makes a server a standby: standby.signal, postgresql.auto.conf (before 12: recovery.conf).',
    causes: [
      {
        cause:
          "Owner, mode and room of the data directory; with Debian's layout, --replication-conf-only has to run as postgres.",
        on: 'standby',
        check: 'ls -la <data directory>/standby.signal <data directory>/postgresql.auto.conf; df -h <data directory>',
      },
    ],
    todo: 'Until that file is there, do not start this server: it would start as a second primary.',
  },
  {
    id: 'repmgr-tablespace',
    source: 'repmgr 5.5.0',
    matters: 3,
    elsewhere: true,
    means: 'repmgr could not lay out a tablespace of the clone: the directory, its link or tablespace_map.',
    causes: [
      {
        cause: 'Whether the directories exist, empty and owned by postgres, and what tablespace_mapping says.',
        on: 'standby',
        check: 'grep -n tablespace_mapping /etc/repmgr.conf; ls -ld <directory>',
      },
    ],
  },
  {
    id: 'repmgr-barman-line',
    source: 'repmgr 5.5.0',
    matters: 4,
    elsewhere: true,
    means: 'repmgr clones from Barman and did not get from it what it needs.',
    causes: [
      {
        cause:
          "The name in barman_server is that of Barman's section, and ssh to barman_host works without a password.",
        on: 'standby',
        check: 'sudo -u postgres ssh barman@<barman host> "barman list-backups <server>; barman check <server>"',
      },
      { cause: 'Barman has no complete backup of it yet.', on: 'barman host', check: 'barman list-backups <server>' },
    ],
  },
];
