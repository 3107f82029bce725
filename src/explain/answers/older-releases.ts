import type { Answer } from '../answer.ts';

/** What only an older release says, or a program that was written for one. */
export const answersAboutOlderReleases: readonly Answer[] = [
  {
    id: 'view-columns-renamed',
    says: [
      'column "sent_location" does not exist',
      'column "flush_location" does not exist',
      'column "replay_location" does not exist',
      'column "received_lsn" does not exist',
      'column "procpid" does not exist',
      'column "current_query" does not exist',
      'column "datlastsysoid" does not exist',
      'column "checkpoints_timed" does not exist',
      'relation "pg_stat_wal_receiver" does not exist',
      'relation "pg_replication_slots" does not exist',
    ],
    source: 'PostgreSQL, release notes of 9.2, 10, 13, 15 and 17; src/backend/catalog/system_views.sql',
    matters: 4,
    means:
      'The query was written for another release: a view or a column of it has another name here, or does not exist. The server and its replication have no fault.',
    causes: [
      {
        cause:
          '9.2: procpid is pid, current_query is query. 10: sent_location is sent_lsn (and so on). 13: received_lsn of pg_stat_wal_receiver is written_lsn and flushed_lsn. 15: datlastsysoid is gone. 17: checkpoints are in pg_stat_checkpointer.',
        on: 'server',
        check: 'psql -c "SHOW server_version" -c "\\d pg_stat_replication"',
      },
    ],
    todo: 'Use the new name, or update the tool (monitoring, pgAdmin, a script) that sends the query.',
  },
  {
    id: 'senders-of-9.0',
    says: [
      "recovery is still in progress, can't accept WAL streaming connections",
      'standby connections not allowed because max_wal_senders=0',
      'cannot use a replication connection: max_wal_senders is 0',
    ],
    source: 'PostgreSQL 9.0, src/backend/replication/walsender.c',
    matters: 5,
    means:
      'The server that was asked for WAL does not give any: it has max_wal_senders = 0, or (in 9.0, which knows no cascades) is itself a standby.',
    causes: [
      {
        cause: 'max_wal_senders is 0, or another value that needs a restart has not been taken over.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_senders" -c "SHOW wal_level" -c "SELECT pg_is_in_recovery()"',
      },
      { cause: 'primary_conninfo leads to a standby.', on: 'standby', check: 'psql -c "SHOW primary_conninfo"' },
    ],
    todo: 'Set max_wal_senders to at least 2 for each standby on the primary and restart it. A standby can send from 9.2 on.',
  },
  {
    id: 'archiving-not-active',
    says: ['WAL archiving is not active', 'archive_mode must be enabled at server start.'],
    source: 'PostgreSQL before 9.1, src/backend/access/transam/xlog.c, pg_start_backup',
    matters: 4,
    means: 'A backup by hand was refused, because this old release demands an archive for it.',
    causes: [
      {
        cause: 'archive_mode is off, or the server was not restarted since it was set.',
        on: 'primary',
        check: 'psql -c "SHOW archive_mode" -c "SHOW archive_command"',
      },
    ],
    todo: 'Set archive_mode = on and an archive_command, and restart; or take the backup with pg_basebackup.',
  },
  {
    id: 'client-older-than-server',
    says: ['aborting because of server version mismatch'],
    among: /pg_dump|pg_dumpall|pg_restore/u,
    source: 'PostgreSQL, src/bin/pg_dump/pg_backup_db.c',
    matters: 4,
    means:
      'pg_dump is older than the server and refuses, because it cannot know what a newer release has; or the server is so old that this pg_dump no longer reads it.',
    causes: [
      {
        cause: 'An older installation comes first in the PATH.',
        on: 'client',
        check: 'type -a pg_dump; pg_dump --version',
      },
    ],
    todo: 'Call the pg_dump of the release of the server (or a newer one) by its full path. A dump of a standby works, too; long ones meet conflicts with recovery there.',
  },
  {
    id: 'subscription-privilege',
    says: ['must be superuser to create subscriptions', 'permission denied to create subscription'],
    source: 'PostgreSQL, src/backend/commands/subscriptioncmds.c',
    matters: 3,
    means:
      'The role on the subscriber may not create a subscription: before 16 only a superuser may, since then also a role with pg_create_subscription and CREATE on the database.',
    causes: [
      {
        cause: 'The role is another one than meant, or a managed service has its own way.',
        on: 'subscriber',
        check: 'psql -c "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user"',
      },
    ],
    todo: 'Create it as a superuser, or (16 and later) GRANT pg_create_subscription TO <role>;',
  },
  {
    id: 'publication-privilege',
    says: [
      'must be superuser to create FOR ALL TABLES publication',
      'must be superuser to create FOR TABLES IN SCHEMA publication',
      'must be superuser to add or set schemas',
    ],
    source: 'PostgreSQL, src/backend/commands/publicationcmds.c (TABLES IN SCHEMA since 15)',
    matters: 4,
    elsewhere: true,
    means:
      'Only a superuser may publish all tables, or those of a schema. The owner of tables may publish these by name.',
    causes: [
      {
        cause:
          'A connector makes its own publication at the first start (Debezium: publication.autocreate.mode = all_tables, the default), with a role that is not a superuser.',
        on: 'primary',
        check: 'psql -c "SELECT pubname, puballtables, pg_get_userbyid(pubowner) FROM pg_publication"',
      },
    ],
    todo: 'Create it beforehand as a superuser (CREATE PUBLICATION dbz_publication FOR ALL TABLES;) and give its name to the connector (publication.name); or publish named tables (publication.autocreate.mode = filtered, with a role that owns them).',
  },
  {
    id: 'decoding-reads-cut-record',
    says: [
      'could not find record while sending logically-decoded data: %s',
      'could not find record for logical decoding: %s',
      'unexpected duplicate for tablespace %u, relfilenode %u',
      'could not map filenode "%s" to relation OID',
    ],
    source: 'PostgreSQL, src/backend/replication/walsender.c, XLogSendLogical; logical/reorderbuffer.c',
    matters: 4,
    means:
      'Logical decoding on the publisher cannot read on at this place in the WAL, so the slot stays where it is and holds WAL. Physical standbys are not concerned.',
    causes: [
      {
        cause: 'A fault in this minor release that a later one has fixed (several were, above all in 13 to 16).',
        on: 'publisher',
        check:
          'psql -c "SHOW server_version" -c "SELECT slot_name, restart_lsn, confirmed_flush_lsn FROM pg_replication_slots"',
      },
      {
        cause: 'The server crashed in the middle of a record, or the WAL there is damaged.',
        on: 'publisher',
        check: 'pg_waldump --start=<confirmed_flush_lsn> <data directory>/pg_wal/<segment> | tail -3',
      },
    ],
    todo: 'Install the latest minor release and let the consumer try again. If it stays: a new slot, and a new copy of the data for its consumer.',
  },
  {
    of: ['pgbb-waldir-symlink', 'pgbb-symlink'],
    when: /pg_tblspc\/\d+/u,
    kind: 'cause',
    matters: 5,
    means:
      'The link of a tablespace could not be made in pg_tblspc of the target. The text after the last colon is the reason that the operating system gives.',
    causes: [
      {
        cause: 'File exists: the target was not empty, or a copy before this one left the link there.',
        on: 'standby',
        check: 'ls -la <data directory>/pg_tblspc',
      },
      { cause: 'The file system (a network share, vfat) knows no symbolic links, or it denies them.' },
    ],
    todo: 'Begin with an empty target directory and empty directories of the tablespaces (--tablespace-mapping gives others).',
  },
  {
    of: ['promote-trigger-file'],
    kind: 'course',
    matters: 4,
    means:
      'The standby found the file that promote_trigger_file (before 12: trigger_file) names, and ends recovery: it becomes a primary.',
    causes: [
      {
        cause: 'Who made the file: a failover tool, a person, or a copy that brought it along.',
        on: 'server',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
    ],
    todo: 'If the promotion was not meant, let no client write to this server, and make it a standby again with pg_rewind or a new base backup.',
  },
];
