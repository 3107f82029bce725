import type { Answer } from '../answer.ts';
import { malformedRecords } from './malformed-records.ts';

/** The stream of WAL and the settings that it needs. */
export const answersAboutWal: readonly Answer[] = [
  {
    of: ['requested-wal-removed'],
    tool: 'barman',
    when: /receive-?wal|receivexlog/iu,
    matters: 5,
    elsewhere: true,
    means:
      'receive-wal of Barman asked for WAL segment {segment}, and the primary has removed it. The stream has a gap: older backups in Barman cannot be recovered beyond it.',
    causes: [
      {
        cause: 'receive-wal did not run for a while, and no slot (slot_name) held the WAL.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
      },
    ],
    todo: 'barman receive-wal --reset <server> starts again at the current position. Then take a new backup (barman backup <server>), and set slot_name so that it does not happen again.',
  },
  {
    of: ['requested-wal-removed'],
    when: /could not get (?:write-ahead log|transaction log|WAL) end position|initiating base backup|BASE_BACKUP/u,
    matters: 5,
    means:
      'pg_basebackup copied the data, and then the primary had already removed WAL segment {segment}, which the base backup needs. What has been copied is no usable backup.',
    causes: [
      {
        cause:
          'It was started with -X fetch (or -x), which fetches the WAL only at the end: use -X stream, which receives it during the copy.',
        on: 'standby',
        check: 'pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -C -S <slot> -R -P',
      },
      {
        cause:
          'With -X stream: the stream was slower than the primary removed its WAL, and no slot held it (-C -S <slot>).',
        on: 'primary',
        check: 'psql -c "SHOW wal_keep_size" -c "SHOW max_wal_size"',
        rule: 'wal/segment-removed',
      },
    ],
    todo: 'Run it again with -X stream and a slot (-C -S <slot>). Raise wal_keep_size on the primary if it must be -X fetch.',
  },
  {
    of: ['requested-wal-removed'],
    means:
      'The receiver asked for WAL segment {segment}, and the primary has removed it. A standby cannot go on without it.',
    causes: [
      {
        cause:
          'The slot was dropped: from then on the primary kept nothing for this standby. A new slot of the same name does not bring the WAL back.',
        after: 'slot dropped',
        only: true,
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
      },
      {
        cause: 'Files were taken out of pg_wal by hand: the primary itself needs them, too.',
        after: 'WAL deleted',
        only: true,
        on: 'primary',
        check: 'ls <data directory>/pg_wal | head; psql -c "SELECT redo_wal_file FROM pg_control_checkpoint()"',
      },
      {
        cause:
          'The standby was down or behind for longer than the primary keeps WAL (wal_keep_size, before 13 wal_keep_segments), and no slot held it.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
        rule: 'wal/segment-removed',
      },
      {
        cause:
          'There is a slot, but the standby does not use it (primary_slot_name), or the slot was invalidated (max_slot_wal_keep_size).',
        on: 'standby',
        check: 'psql -c "SHOW primary_slot_name"',
        rule: 'slot/lost',
      },
      { cause: 'A base backup took longer than the primary kept the WAL: use -X stream (with a slot).' },
    ],
    todo: 'If the segment is in an archive, set restore_command on the standby, and it catches up. Otherwise the standby needs a new base backup. Then prevent it with a slot or a larger wal_keep_size.',
  },
  {
    of: ['could-not-receive-wal-stream', 'pgrw-could-not-receive'],
    kind: 'consequence',
    matters: 4,
    means: 'The replication connection ended. The text after the colon is the reason, if the other side gave one.',
    causes: [
      {
        cause: 'Without a further message: the primary was stopped or crashed, or the network closed the connection.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()"',
      },
      { cause: 'The primary ended it after wal_sender_timeout: see its log.' },
    ],
    todo: "Read the primary's log at that minute; the standby reconnects by itself.",
  },
  {
    of: ['walreceiver-could-not-connect', 'walreceiver-could-not-connect-old'],
    kind: 'consequence',
    matters: 4,
    means: 'The standby cannot connect to its primary. The text after the colon is the reason.',
    causes: [
      {
        cause: 'Try the same connection by hand, as the user that runs the server.',
        on: 'standby',
        check: 'psql "<value of primary_conninfo> dbname=replication replication=true" -c "IDENTIFY_SYSTEM"',
        rule: 'streaming/not-connected',
      },
    ],
  },
  {
    of: ['could-not-start-wal-streaming'],
    kind: 'consequence',
    matters: 4,
    saysNotWhy: true,
    means: 'The standby connected, and the primary refused to stream. The text after the colon is the reason.',
  },
  {
    of: ['replication-terminated-by-primary'],
    kind: 'consequence',
    means:
      'The primary ended the stream in an orderly way: it was shut down, or the server it streams from was promoted and this timeline ended.',
    causes: [
      {
        cause: 'The primary was stopped or restarted: the standby connects again when it is back.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()"',
        rule: 'streaming/not-connected',
      },
      {
        cause:
          "The upstream was promoted. With recovery_target_timeline = 'latest' (the default since 12) the standby follows; before 12 it had to be set.",
        on: 'standby',
        check: 'psql -c "SHOW recovery_target_timeline"',
      },
    ],
  },
  {
    of: [
      'invalid-record-length',
      'record-incorrect-prev-link',
      'unexpected-pageaddr',
      'invalid-magic-number',
      'contrecord-requested',
      'no-contrecord-flag',
      'invalid-contrecord-length',
      'invalid-resource-manager',
      'invalid-rmgr-id',
      'invalid-record-offset',
      'record-too-long-13',
      'invalid-info-bits',
      // one malformed record has many names
      ...malformedRecords,
    ],
    // before 9.3, 9.5 and 10
    says: [
      'record with zero length at %X/%X',
      'invalid magic number %04X in log file %u, segment %u, offset %u',
      'unexpected pageaddr %X/%X in log file %u, segment %u, offset %u',
      'invalid info bits %04X in log file %u, segment %u, offset %u',
      'invalid contrecord length %u in log segment %s, offset %u',
      'there is no contrecord flag in log segment %s, offset %u',
      'invalid xlog switch record at %X/%X',
      'incorrect hole size in record at %X/%X',
      'incorrect total length in record at %X/%X',
      'missing contrecord at %X/%X',
    ],
    kind: 'consequence',
    matters: 3,
    means:
      'Recovery came to the end of the WAL that is here. Seen once, that is normal: the standby then asks the primary or the archive for more.',
    causes: [
      {
        cause: 'Normal end of local WAL: "started streaming WAL" follows.',
        on: 'standby',
        check: 'psql -c "SELECT status, flushed_lsn FROM pg_stat_wal_receiver"',
      },
      {
        cause:
          'If the same position comes again and again and nothing streams: the segment here or in the archive is damaged or incomplete.',
        on: 'standby',
        check: 'pg_waldump <data directory>/pg_wal/<segment> | tail -3',
        rule: 'wal/invalid-record-loop',
      },
    ],
    todo: 'If it loops: stop the standby, move the segment at that position out of its pg_wal, and start it: it fetches the segment from the primary again.',
  },
  {
    of: ['rmgr-checksum'],
    kind: 'consequence',
    matters: 4,
    means:
      'The WAL record at {lsn} fails its checksum: a part of it is missing or has other bytes than were written. Recovery stops before it and asks the archive or the primary for this WAL again.',
    causes: [
      {
        cause:
          'The record is damaged: disk, memory, a file system or a copy that loses writes. Then it comes again at the same position, and the standby does not go on.',
        on: 'standby',
        check:
          'pg_waldump --start={lsn} <data directory>/pg_wal/<segment> | head -3; dmesg -T | grep -iE "i/o error|ecc|zfs|xfs|ext4" | tail',
        rule: 'wal/segment-damaged',
      },
      {
        cause:
          'The server crashed while it wrote this record, and it was the last one: seen once at the start, that is normal.',
        on: 'standby',
        check: 'psql -c "SELECT status, flushed_lsn FROM pg_stat_wal_receiver"',
      },
    ],
    todo: "If it repeats: stop the standby, move the segment at that position out of its pg_wal, and start it, so that it fetches the segment again. If the copy from the primary fails, too, the primary's disk or memory is bad: look there before you make a new base backup.",
  },
  {
    of: ['wal-from-different-system'],
    kind: 'cause',
    means: 'A WAL file that recovery read is of another database system.',
    causes: [
      {
        cause:
          'The archive is shared with another cluster (or with one that was recreated), or restore_command points to the wrong place.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
      },
    ],
    todo: 'Give each cluster its own archive, and move the wrong files out of pg_wal of the standby.',
  },
  {
    of: ['bb-no-wal-files', 'bb-wal-file-missing'],
    means: 'The WAL that the base backup needs could not be fetched along with it.',
    causes: [
      {
        cause: 'No free WAL sender: pg_basebackup -X stream needs two.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_senders" -c "SELECT count(*) FROM pg_stat_replication"',
        rule: 'primary/wal-senders-exhausted',
      },
      { cause: 'With -X fetch, the primary removed WAL before the end: raise wal_keep_size or use -X stream.' },
      { cause: 'The disk of the target is full, or the connection was cut.', on: 'client', check: 'df -h' },
    ],
  },
  {
    of: ['pgbb-stream-terminated', 'pgbb-bg-terminated'],
    kind: 'consequence',
    means: 'The background process of pg_basebackup, which receives the WAL, ended; the line before says why.',
    causes: [
      {
        cause: 'No free WAL sender: -X stream needs two.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_senders" -c "SELECT count(*) FROM pg_stat_replication"',
      },
      { cause: 'The connection was cut or the disk of the target is full.', on: 'client', check: 'df -h' },
    ],
  },
  {
    of: [
      'could-not-send-end-of-streaming',
      'error-shutting-down-copy',
      'error-reading-streaming-result',
      'could-not-send-wal-stream',
      'pgrw-feedback',
    ],
    kind: 'consequence',
    matters: 3,
    means:
      'The replication connection was gone already when this end wanted to say something: a consequence of the lines before, or of a stop of the primary.',
  },
  {
    says: [
      'WAL streaming (max_wal_senders > 0) requires wal_level "archive", "hot_standby", or "logical"',
      'WAL streaming (max_wal_senders > 0) requires wal_level "archive" or "hot_standby"',
      'hot standby is not possible because wal_level was not set to "hot_standby" or higher on the master server',
      'standby connections not allowed because wal_level=minimal',
    ],
    of: [
      'wal-streaming-requires-replica',
      'slot-wal-level-too-low',
      'wal-level-not-sufficient-backup',
      'hot-standby-wal-level-13',
      'archival-requires-replica',
      'slot-exists-wal-level-physical',
    ],
    means: 'wal_level is too low on the primary: its WAL is not enough for a base backup or a standby.',
    causes: [
      {
        cause: 'wal_level = minimal. It must be replica (or logical).',
        on: 'primary',
        check: 'psql -c "SHOW wal_level" -c "SHOW max_wal_senders"',
        rule: 'primary/wal-level-minimal',
      },
    ],
    todo: 'Set wal_level = replica and restart the primary. wal_level = minimal starts only with max_wal_senders = 0. A standby made before needs a new base backup.',
  },
  {
    of: [
      'recovery-aborted-params',
      'hot-standby-not-possible',
      'hot-standby-param-13',
      'promotion-not-possible-params',
      'promotion-not-possible',
      'detail-lower-setting',
    ],
    means:
      'A setting of the standby ({parameter|DETAIL names it}) is lower than on its primary. For these settings a standby needs at least the value of the primary: max_connections, max_worker_processes, max_wal_senders, max_prepared_transactions, max_locks_per_transaction.',
    causes: [
      {
        cause: 'The value was raised on the primary first, or the standby has its own configuration.',
        on: 'standby',
        check: 'postgres -C {parameter|max_connections} -D <data directory>',
        rule: 'recovery/settings-lower-than-primary',
      },
    ],
    todo: "Set {parameter|the setting} on the standby to at least {primaryValue|the primary's value} and restart the standby. Always raise standbys first, lower the primary first.",
  },
];
