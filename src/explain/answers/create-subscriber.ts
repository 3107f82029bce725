import type { Answer } from '../answer.ts';

/** pg_createsubscriber, 17 and later. */
export const answersAboutCreateSubscriber: readonly Answer[] = [
  {
    id: 'subscriber-not-standby',
    says: ['target server must be a standby', 'subscriber data directory is not a copy of the source database cluster'],
    source: 'PostgreSQL, src/bin/pg_basebackup/pg_createsubscriber.c',
    matters: 5,
    elsewhere: true,
    means:
      'pg_createsubscriber turns a physical standby into a logical subscriber of its own primary, and these two servers are not that pair. Nothing was changed.',
    causes: [
      {
        cause: '-D is not the directory of a standby, or it is one of another primary than -P names.',
        on: 'standby',
        check: 'pg_controldata <data directory> | grep -E "system identifier|cluster state"',
      },
      {
        cause: '-P leads to a standby instead of the primary.',
        on: 'primary',
        check: 'psql -Atc "SELECT pg_is_in_recovery()"',
      },
    ],
  },
  {
    id: 'subscriber-publisher-in-recovery',
    says: ['primary server cannot be in recovery'],
    source: 'PostgreSQL, src/bin/pg_basebackup/pg_createsubscriber.c, check_publisher',
    matters: 5,
    elsewhere: true,
    means:
      'The server that -P names is itself a standby, and pg_createsubscriber needs the primary. Nothing was changed.',
    causes: [
      {
        cause: 'The standby follows another standby (a cascade), or a failover has changed the roles.',
        on: 'primary',
        check: 'psql -Atc "SELECT pg_is_in_recovery()" -c "SELECT sender_host, sender_port FROM pg_stat_wal_receiver"',
      },
    ],
    todo: 'Name the primary in -P. A standby of a standby must follow the primary directly first (primary_conninfo).',
  },
  {
    id: 'subscriber-running',
    says: ['standby server is running'],
    among: /pg_createsubscriber|subscri/iu,
    source: 'PostgreSQL, src/bin/pg_basebackup/pg_createsubscriber.c',
    matters: 5,
    elsewhere: true,
    means: 'pg_createsubscriber starts and stops the standby itself and needs it stopped. Nothing was changed.',
    causes: [{ cause: 'The service manager runs it.', on: 'standby', check: 'pg_ctl -D <data directory> status' }],
    todo: 'Stop it (pg_ctl stop -m fast, or the service), and run pg_createsubscriber again.',
  },
  {
    id: 'subscriber-settings',
    says: [
      'publisher requires "wal_level" >= "logical"',
      'publisher requires %d WAL sender processes, but only %d remain',
      'publisher requires %d replication slots, but only %d remain',
      'subscriber requires %d active replication origins, but only %d remain',
      'subscriber requires %d logical replication workers, but only %d remain',
      'subscriber requires %d worker processes, but only %d remain',
      'required WAL could be removed from the publisher',
    ],
    source: 'PostgreSQL, src/bin/pg_basebackup/pg_createsubscriber.c, check_publisher, check_subscriber',
    matters: 5,
    elsewhere: true,
    means:
      'A setting does not allow what pg_createsubscriber needs: the message names the number. Nothing was changed.',
    causes: [
      {
        cause:
          'On the primary: wal_level = logical, and a slot and a WAL sender for each database. On the standby: max_replication_slots (from 18 on max_active_replication_origins), max_logical_replication_workers and max_worker_processes.',
        on: 'primary',
        check:
          "psql -c \"SELECT name, setting FROM pg_settings WHERE name IN ('wal_level', 'max_wal_senders', 'max_replication_slots', 'max_slot_wal_keep_size')\"",
      },
    ],
    todo: 'Set them in postgresql.conf of that server, restart it, and try with --dry-run first.',
  },
  {
    id: 'subscriber-half-done',
    says: [
      'recovery timed out',
      'server did not end recovery',
      'failed after the end of recovery',
      'The target server cannot be used as a physical replica anymore.',
      'publication "%s" created in database "%s" on primary was left behind',
      'replication slot "%s" created in database "%s" on primary was left behind',
      'could not drop replication slot "%s" on primary',
    ],
    among: /pg_createsubscriber|subscri|publication|replica anymore/iu,
    source: 'PostgreSQL, src/bin/pg_basebackup/pg_createsubscriber.c',
    matters: 5,
    elsewhere: true,
    means:
      'pg_createsubscriber stopped on its way. After the end of recovery this directory is not a standby anymore and must be made again by a base backup; what it created on the primary may still be there.',
    causes: [
      {
        cause: 'Slots that were left on the primary hold WAL until the disk is full.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active, restart_lsn FROM pg_replication_slots"',
      },
      { cause: 'recovery timed out: --recovery-timeout was shorter than the standby needed to replay the rest.' },
    ],
    todo: 'Make a new base backup before you try again. Drop a left slot (pg_drop_replication_slot) only if its name is one of this run (pg_createsubscriber_…, or as given) and it is not active.',
  },
];
