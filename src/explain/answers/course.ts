import type { Answer } from '../answer.ts';

/** The ordinary course of things. */
export const answersAboutCourse: readonly Answer[] = [
  {
    of: [
      'received-fast-shutdown',
      'received-smart-shutdown',
      'received-immediate-shutdown',
      'db-is-shut-down',
      'shutting-down',
      'db-shutting-down',
    ],
    kind: 'course',
    means:
      'The server received a request to stop (or restart) from a user, a service manager or a container. This is not a failure.',
    todo: 'If this was not intended, find the source: the lines before this one, the service manager, the container runtime.',
  },
  {
    of: [
      'starting-server',
      'listening-on',
      'entering-standby-mode',
      'redo-starts',
      'redo-done',
      'consistent-recovery-state',
      'ready-read-only',
      'ready-accept-connections',
      'started-streaming',
      'restarted-streaming',
      'archive-recovery-start',
      'archive-recovery-complete',
      'starting-backup-recovery',
      'completed-backup-recovery',
      'db-was-interrupted',
      'db-interrupted-in-recovery-logtime',
      'db-shutdown-in-recovery',
      'db-not-properly-shut-down',
      'new-target-timeline',
      'selected-new-timeline',
      'redirecting-log-collector',
      'ending-log-to-stderr',
      'pgbb-completed',
      'rewind-done',
      'verify-ok',
      'connection-received',
      'connection-authorized-replication',
      'received-replication-command',
      'config-param-changed',
      'rewind-diverged-at',
      'incomplete-startup-packet',
      'fetching-timeline-history',
      'db-interrupted-in-recovery',
      'last-completed-transaction',
      'pgctl-started',
      'pgctl-promoted',
      'pgctl-another-running',
      'slot-acquired-physical',
      'slot-released-physical',
      'checkpoint-starting',
      'checkpoint-complete',
    ],
    kind: 'course',
    means: '',
  },
  {
    of: ['terminating-connection-admin'],
    kind: 'course',
    means:
      'This session was terminated: the server was being stopped, or pg_terminate_backend() was called for it. The server itself has no fault.',
    todo: 'The lines around it tell which: "received fast shutdown request" is a stop or restart. Otherwise look for who ends sessions (a pooler, a monitoring job, a failover tool).',
  },
  {
    of: ['walreceiver-terminated-by-admin'],
    kind: 'course',
    means:
      'The WAL receiver of this standby was ended: the server was being stopped or promoted, or primary_conninfo was changed and it starts again. This is not a failure.',
    todo: 'If no "started streaming WAL" follows and the server runs: psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo" on the standby.',
  },
  {
    of: ['db-was-shut-down'],
    kind: 'course',
    means: 'The server starts, and was stopped in the ordinary way at {time} before. Nothing has to be recovered.',
  },
  {
    of: [
      'could-not-receive-from-client',
      'could-not-send-to-client',
      'connection-to-client-lost',
      'walsender-eof-open-transaction',
    ],
    kind: 'course',
    matters: 2,
    means:
      'A client went away without taking its leave, and the server noticed when it wanted to read or write. The server has no fault, and nothing is lost there. What the client was, the other lines of this process say.',
    causes: [
      {
        cause: 'The program was ended or restarted, or gave up by a timeout of its own.',
        on: 'server',
        check:
          'psql -c "SHOW log_connections" -c "SHOW log_disconnections" -c "SELECT application_name, client_addr, state, backend_start FROM pg_stat_replication"',
      },
      { cause: 'A health check of a load balancer or a port scan: it opens the port and closes it at once.' },
      { cause: 'A firewall, NAT or proxy dropped a connection that was quiet for long.' },
    ],
    todo: 'If it is a standby or a backup (START_REPLICATION or BASE_BACKUP in STATEMENT), read the log on that side at this minute. Short tcp_keepalives_idle helps against dropped connections.',
  },
  {
    of: ['received-promote-request'],
    // before 12
    says: ['trigger file found: %s'],
    kind: 'course',
    matters: 2,
    means:
      'This standby was told to become a primary (pg_ctl promote, pg_promote(), a trigger file, or a cluster manager). It ends recovery, chooses a new timeline, and accepts writes.',
    causes: [
      {
        cause: 'Which timeline it is on now.',
        on: 'server',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
    ],
    todo: 'Make sure that the old primary does not run any more. It can follow only after pg_rewind or as a new copy; other standbys follow by themselves with recovery_target_timeline = latest, once primary_conninfo leads to this server.',
  },
  {
    of: ['restored-log-file'],
    kind: 'course',
    matters: 2,
    means:
      'Recovery brings WAL from the archive with restore_command and replays it, one segment after the other. That is its ordinary work.',
    causes: [
      {
        cause: 'Whether it advances. A standby goes over to streaming when the archive has no more.',
        on: 'standby',
        check: 'ps aux | grep "[s]tartup.*recovering"; psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver"',
      },
      { cause: 'The same segment again and again: it is damaged, or the WAL after it cannot be found.' },
    ],
    todo: 'Give it time. Sessions are refused until a consistent state is reached.',
  },
  {
    id: 'dead-rows-stay',
    says: [
      '%s dead row versions cannot be removed yet, oldest xmin: %u',
      'tuples: %d removed, %d remain, %d are dead but not yet removable',
    ],
    among: /stand-?by|replica|replication slot|hot_standby_feedback/iu,
    source: 'PostgreSQL, src/backend/access/heap/vacuumlazy.c',
    kind: 'consequence',
    matters: 4,
    means:
      'Vacuum may not remove dead rows, because something still could read them: a transaction, a standby with hot_standby_feedback = on, or a replication slot with an old xmin.',
    causes: [
      {
        cause: 'A long query on a standby with hot_standby_feedback, or a slot that is no longer used.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, backend_xmin, age(backend_xmin) FROM pg_stat_replication" -c "SELECT slot_name, active, xmin, catalog_xmin, age(xmin) FROM pg_replication_slots"',
      },
      {
        cause: 'An open transaction on the primary itself, or a prepared one.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, xact_start, state, left(query, 40) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5" -c "SELECT gid, prepared FROM pg_prepared_xacts"',
      },
    ],
    todo: 'End that query, on the server where it runs. Vacuum removes the rows in its next run. Drop a slot only when its standby no longer exists.',
  },
  {
    id: 'tablespace-not-opened',
    says: ['could not open tablespace directory "%s": %m'],
    source: 'PostgreSQL before 12, src/backend/storage/file/reinit.c',
    kind: 'consequence',
    matters: 4,
    means:
      'At its start the server looks through all tablespaces for unlogged tables, and found no directory of its own release in this one. It goes on.',
    causes: [
      {
        cause:
          'The link in pg_tblspc leads nowhere: the directory was not copied or mounted. Then its tables are missing.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_tblspc',
      },
      {
        cause:
          'Something in pg_tblspc is not a link to a tablespace (its name is not a number, or it is 0): an extension created it.',
      },
    ],
    todo: 'If a tablespace is really missing, stop the server and make a new base backup with its directory in place.',
  },
];
