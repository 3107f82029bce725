import type { Answer } from '../answer.ts';

/** recovery.conf, which PostgreSQL read until 11. */
export const answersAboutRecoveryConf: readonly Answer[] = [
  {
    id: 'recovery-conf-unreadable',
    says: ['could not open recovery command file "%s": %m', 'could not open recovery command file "%s"'],
    source: 'PostgreSQL 11 and older, src/backend/access/transam/xlog.c, readRecoveryCommandFile',
    matters: 5,
    means: 'The server may not read {file|recovery.conf} in its data directory, so it cannot start as a standby.',
    causes: [
      {
        cause: 'The file was written by root (a script, sudo, an image) with mode 0600.',
        on: 'standby',
        check: 'ls -l <data directory>/{file|recovery.conf}; id postgres',
        rule: 'standby/wrong-owner',
      },
    ],
    todo: 'As root: chown postgres: <data directory>/{file|recovery.conf} (in a container, the user of the image), and start the server again.',
  },
  {
    id: 'recovery-conf-parameter',
    says: ['unrecognized recovery parameter "%s"'],
    source: 'PostgreSQL 11 and older, src/backend/access/transam/xlog.c, readRecoveryCommandFile',
    matters: 5,
    means: 'recovery.conf has a setting that this release does not know, and the server does not start.',
    causes: [
      {
        cause:
          'It is misspelled, or it belongs into postgresql.conf (hot_standby, max_standby_streaming_delay), or into a newer release (primary_slot_name is known since 9.4).',
        on: 'standby',
        check: 'grep -vE "^ *(#|$)" <data directory>/recovery.conf | cut -d= -f1; postgres --version',
      },
    ],
    todo: 'Correct the name in recovery.conf, or move the line to postgresql.conf. From 12 on there is no recovery.conf: its settings are in postgresql.conf, with standby.signal beside it.',
  },
  {
    id: 'recovery-conf-incomplete',
    says: [
      'recovery command file "%s" must specify restore_command when standby mode is not enabled',
      'recovery command file "%s" did not specify restore_command nor standby_mode',
    ],
    source: 'PostgreSQL 11 and older, src/backend/access/transam/xlog.c, readRecoveryCommandFile',
    matters: 5,
    means:
      'recovery.conf has no standby_mode = on, so the server takes it for a recovery from the archive, which needs restore_command.',
    causes: [{ cause: 'A standby was meant: standby_mode is missing, misspelled or off.' }],
    todo: "For a standby, add standby_mode = 'on' to recovery.conf. For a recovery from a backup, set restore_command.",
  },
  {
    id: 'recovery-conf-nothing',
    says: ['recovery command file "%s" specified neither primary_conninfo nor restore_command'],
    source: 'PostgreSQL 11 and older, src/backend/access/transam/xlog.c, readRecoveryCommandFile',
    matters: 4,
    means:
      'recovery.conf makes this server a standby and does not say where its WAL comes from. It waits for files in pg_wal (before 10: pg_xlog).',
    causes: [
      {
        cause: 'primary_conninfo is missing or commented out.',
        on: 'standby',
        check: 'grep -c "^ *primary_conninfo" <data directory>/recovery.conf',
        rule: 'conninfo/missing',
      },
    ],
    todo: 'Set primary_conninfo in recovery.conf and restart the standby.',
  },
  {
    id: 'recovery-conf-of-patroni',
    says: ['recovery command file "recovery.conf" specified neither primary_conninfo nor restore_command'],
    source: 'PostgreSQL 11 and older, src/backend/access/transam/xlog.c; Patroni, postgresql/__init__.py',
    tool: 'patroni',
    matters: 4,
    means:
      'Patroni started this server as a standby without a primary: there was no leader to follow at that moment, or this node leads and recovers after a crash. Patroni writes recovery.conf again when it knows the leader.',
    causes: [
      {
        cause: 'It has the lock of the leader: it is promoted when recovery is at its end.',
        on: 'standby',
        check: 'patronictl list; psql -c "SELECT pg_is_in_recovery()"',
      },
      { cause: 'No member leads: none that is up has enough of the WAL, or the DCS had no quorum.' },
    ],
    todo: 'If it leads and stays read-only for longer than a few rounds of loop_wait: patronictl restart <cluster name> <member>.',
  },
];
