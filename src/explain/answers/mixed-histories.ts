import type { Answer, Candidate } from '../answer.ts';

const twoServersInOneArchive: Candidate = {
  cause:
    'Two servers archive into one directory, or an old primary went on writing after the failover: WAL of both is mixed in the archive.',
  on: 'primary',
  check:
    'psql -c "SHOW archive_command" -c "SELECT last_archived_wal, last_archived_time FROM pg_stat_archiver"; ls <data directory>/pg_wal/*.history',
  rule: 'recovery/archive-of-another-cluster',
};

const historiesOf =
  'tail -n +1 <data directory>/pg_wal/*.history; pg_controldata -D <data directory> | grep -iE "timeline|system id"';

const towardsATarget = {
  causes: [
    {
      cause: 'A restore to a point in time is what is meant: recovery.signal and a recovery target are set.',
      on: 'standby',
      check: 'ls <data directory>/*.signal; grep -n recovery_target <data directory>/postgresql*.conf',
      rule: 'recovery/target-set',
    },
    {
      cause:
        'It should be a standby: the settings and recovery.signal are left from a restore (pgBackRest --type, Barman, WAL-G), and standby.signal is missing.',
    },
  ],
  todo: 'For a standby: stop it before it gets there, touch <data directory>/standby.signal (it takes precedence over recovery.signal), take recovery_target_* out of the settings, and start it. Once it is promoted, only a new base backup or pg_rewind helps.',
} as const;

/** WAL of several histories in one place, and where recovery is led. */
export const answersAboutMixedHistories: readonly Answer[] = [
  {
    of: ['out-of-sequence-timeline'],
    means:
      'In segment {segment}, a page of timeline {timeline} follows one of the newer timeline {timeline2}. WAL of two histories is mixed in pg_wal or in the archive.',
    causes: [
      twoServersInOneArchive,
      {
        cause: 'Segments were copied by hand into pg_wal, or a base backup was written over an old pg_wal.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_wal | head -20',
      },
    ],
    todo: 'The segment may be whole elsewhere: a standby with primary_conninfo fetches it from the primary. If it stops here again, make a new base backup into an empty directory.',
  },
  {
    of: ['unexpected-timeline-in-segment'],
    means:
      'Segment {segment} is of timeline {timeline}, which is not in the history that this server follows. It does not replay it.',
    causes: [
      {
        cause:
          'The server that wrote it and this one have diverged: a failover, and this server did not follow the new primary.',
        on: 'standby',
        check: historiesOf,
        rule: 'timeline/diverged',
      },
      twoServersInOneArchive,
    ],
    todo: 'Compare the .history files with those of the primary. If this server has WAL that the primary does not have: stop it, and run pg_rewind or make a new base backup.',
  },
  {
    of: ['history-wal-location-timeline'],
    means:
      'The last WAL that was replayed came from timeline {timeline2}; by the history file, {lsn} belongs to timeline {timeline}, an older one. A segment of a wrong timeline was used.',
    causes: [
      {
        cause:
          'pg_wal or the archive has segments of a timeline {timeline2} that is not that of this cluster: a test restore or an old primary archived there.',
        on: 'standby',
        check: historiesOf,
        rule: 'timeline/stray-history-file',
      },
      twoServersInOneArchive,
    ],
    todo: 'Move the segments and the .history file of the other server out of pg_wal and of the archive, and start again. If it stops at the same place, make a new base backup.',
  },
  {
    of: ['history-invalid-data-file'],
    means:
      'The timeline history file {file} names its own or a later timeline as its parent. It is damaged, was edited, or is of another cluster.',
    causes: [
      {
        cause: 'A file of another cluster was restored from a shared archive under the same name.',
        on: 'standby',
        check: 'cd <data directory> && cat {file}; ls -l <directory of the archive>/*.history',
        rule: 'timeline/stray-history-file',
      },
    ],
    todo: 'Move the file aside and copy the right one from pg_wal of the primary: lines of "<timeline> <LSN> <reason>", each timeline lower than that in the name of the file. Correct it in the archive, too: it comes back from there.',
  },
  {
    of: ['could-not-receive-history-file'],
    means:
      'The primary did not deliver the .history file of its timeline, and without it the standby cannot switch to that timeline: {reason|see the text after the colon}.',
    causes: [
      {
        cause: 'The file is not in pg_wal of the primary (removed by hand, or it was set up without it).',
        on: 'primary',
        check: 'ls -l <data directory>/pg_wal/*.history; ls -l <directory of the archive>/*.history',
        rule: 'timeline/history-missing',
      },
      { cause: 'The connection broke: then it is tried again in a few seconds.' },
    ],
    todo: 'Copy the file from the archive or another standby into pg_wal of the primary (owner postgres, mode 0600). The standby tries again by itself.',
  },
  {
    of: ['cannot-continue-recovery-ended'],
    kind: 'consequence',
    means:
      'The WAL receiver still ran when this server was promoted, and ends now. After an intended promotion this is harmless.',
    causes: [
      {
        cause: 'This server was promoted (pg_ctl promote, pg_promote(), a cluster manager).',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery()" -c "SELECT timeline_id FROM pg_control_checkpoint()"; grep -n "promote request" <log of PostgreSQL> | tail -3',
        rule: 'standby/already-primary',
      },
    ],
    todo: 'If it was not intended, two servers accept writes now: stop this one at once. It becomes a standby again by pg_rewind or a new base backup.',
  },
  {
    of: ['wal-different-segment-size'],
    means:
      'A WAL segment has another size than this cluster uses, so it is of another cluster: initdb --wal-segsize or pg_resetwal gave it another one.',
    causes: [
      {
        cause:
          'Another cluster archives into the same directory, or primary and standby are not copies of one another.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "WAL segment|system id"; ls -l <directory of the archive> | head -5',
        rule: 'wal/segment-size-differs',
      },
      {
        cause: 'What the primary has.',
        on: 'primary',
        check: 'psql -c "SHOW wal_segment_size" -c "SELECT system_identifier FROM pg_control_system()"',
      },
    ],
    todo: 'Correct restore_command or primary_conninfo, if they lead to the wrong cluster. If the primary itself was changed, make a new base backup.',
  },
  {
    of: ['online-backup-canceled-recovery'],
    means:
      'The server that was copied was stopped or crashed before the backup ended. This copy lacks the end of its backup and cannot become consistent.',
    causes: [
      {
        cause: 'The primary was shut down between the start and the end of the backup, and its WAL says so.',
        on: 'primary',
        check: 'grep -nE "shut down|interrupted|aborting backup" <log of PostgreSQL> | tail',
        rule: 'recovery/backup-not-ended',
      },
    ],
    todo: 'Take a new backup: pg_basebackup -h <primary> -U <role> -D <directory> -X stream -c fast, and check it with pg_verifybackup <directory>.',
  },
  {
    of: ['invalid-response-from-primary', 'pgbb-identify-rows'],
    means:
      'What answered is not a WAL sender of PostgreSQL: its response to a replication command does not have the expected form.',
    causes: [
      {
        cause:
          'A pooler or proxy is between (PgBouncer, Pgpool-II, RDS Proxy): it does not pass replication connections on, or not all of them.',
        on: 'standby',
        check: 'psql "host={server|<primary>} user=<role> replication=true" -c "IDENTIFY_SYSTEM"',
        rule: 'network/pooler',
      },
      {
        cause: 'The server is a fork or another product that speaks PostgreSQL (CockroachDB, YugabyteDB, Redshift).',
        on: 'client',
        check: 'psql "host={server|<primary>} user=<role> dbname=postgres" -Atc "SELECT version()"',
      },
    ],
    todo: 'Connect to the PostgreSQL server itself, at its own address and port. IDENTIFY_SYSTEM answers with one row: systemid, timeline, xlogpos, dbname.',
  },
  {
    of: ['pitr-xid'],
    means:
      'The server recovers up to transaction {number} and stops there: this is a restore to a point in time, not a standby.',
    ...towardsATarget,
  },
  {
    of: ['pitr-time'],
    means: 'The server recovers up to {time} and stops there: this is a restore to a point in time, not a standby.',
    ...towardsATarget,
  },
  {
    of: ['pitr-name'],
    means: 'The server recovers up to the restore point "{value}" and stops there: this is a restore, not a standby.',
    ...towardsATarget,
  },
  {
    of: ['pitr-lsn'],
    means: 'The server recovers up to {lsn} and stops there: this is a restore to a point in the WAL, not a standby.',
    ...towardsATarget,
  },
  {
    of: ['pitr-immediate'],
    means:
      'The server recovers until the backup is consistent and stops there, long before the end of the WAL: this is a restore, not a standby.',
    ...towardsATarget,
  },
  {
    of: ['walsender-short-read-segment'],
    means:
      'Segment {segment} in pg_wal of the server that sends is cut off: {number2} of {number3} bytes could be read. A standby that needs this WAL cannot continue.',
    causes: [
      {
        cause: 'The disk was full or the machine crashed while it was written, or something changed the file.',
        on: 'primary',
        check:
          'ls -l <data directory>/pg_wal/{segment}; df -h <data directory>/pg_wal; dmesg -T | grep -iE "i/o error|ext4|xfs" | tail -3',
        rule: 'wal/segment-damaged',
      },
      { cause: 'The archive has it whole.', on: 'primary', check: 'ls -l <directory of the archive>/{segment}*' },
    ],
    todo: 'From an archive: set restore_command on the standby, which then continues by itself. Without one: make a new base backup of the standby, and check the storage of the primary.',
  },
  {
    of: ['recovery-snapshot-waiting'],
    means:
      'The standby is consistent and accepts no sessions yet: a transaction on the primary has more than 64 subtransactions, and until it ends the standby does not know what it may show.',
    causes: [
      {
        cause:
          'A long transaction with many savepoints or exception blocks, or a prepared one. The oldest comes first:',
        on: 'primary',
        check:
          'psql -c "SELECT pid, backend_xid, xact_start, state, left(query, 50) FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start LIMIT 5" -c "SELECT gid, transaction, prepared FROM pg_prepared_xacts"',
        rule: 'recovery/waits-for-transactions',
      },
    ],
    todo: 'Wait until it ends, or end it on the primary: SELECT pg_terminate_backend(<pid>); (its work is rolled back). Then CHECKPOINT; on the primary, and the standby opens.',
  },
];
