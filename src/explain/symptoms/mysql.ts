import type { Symptom } from './symptom.ts';

/** What people ask who know MySQL, in its words. */
export const askedByMySqlPeople: readonly Symptom[] = [
  {
    all: [/\brelay[- ]?(?:logs?|bin)\b/iu],
    beside: /postgres|\bpg_|\bpg\b/iu,
    means:
      'PostgreSQL has no relay log: the WAL receiver of a standby writes what it gets into the standby’s own pg_wal, at the same positions and in files of the same names as on the primary, and the startup process replays it from there.',
    causes: [
      {
        cause: 'What is received, what is replayed, and so what waits in between.',
        check:
          'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_size_pretty(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())) AS waiting"',
      },
      {
        cause: 'They are removed by restartpoints, not by hand (there is no relay_log_purge).',
        check: 'ls <data directory>/pg_wal | wc -l; psql -c "SHOW max_wal_size"',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:master[-/ ]?(?:to[- ])?master|multi[-/ ]?master|active[-/ ]active|circular replication|bi-?directional|two[- ]way replication|galera|group replication)\b/iu,
      /\?|\b(?:how|can|want|need|set ?up|possible|like|does|support\w*)\b/iu,
    ],
    beside: /postgres|\bpg\b|\bpg_/iu,
    means:
      'Streaming replication has one primary: a standby is read-only, and two primaries cannot follow each other. PostgreSQL itself has no multi-master replication with a solution for conflicts.',
    causes: [
      {
        cause:
          'For availability: one primary, standbys, and a manager that promotes one (Patroni, repmgr, an operator).',
      },
      {
        cause:
          'For reading: standbys. Writes from everywhere go to the one primary, over a proxy or target_session_attrs=read-write.',
      },
      {
        cause:
          'Both writable: two logical subscriptions with origin = none (16 and later). Conflicts stop them, and sequences and DDL are not replicated; extensions (pgEdge Spock, EDB PGD) solve some of that.',
      },
    ],
    todo: 'Never make it by hand of two promoted servers.',
    asks: true,
  },
  {
    all: [
      /\b(?:mysqldump|xtrabackup|mariabackup|mydumper|master-data|source-data)\b/iu,
      /\b(?:equivalent|postgres\w*|seed|slave|replica|standby|instead|like)\b/iu,
    ],
    beside: /postgres|\bpg\b|\bpg_/iu,
    means:
      'pg_basebackup makes the copy and knows the position by itself: with -R it also writes standby.signal and primary_conninfo. A dump (pg_dump) cannot become a physical standby.',
    causes: [
      {
        cause: 'On the new standby, as the user of the server, into an empty directory.',
        check: 'sudo -u postgres pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -c fast -R -P',
      },
      {
        cause: 'A very large server: a restore of pgBackRest or Barman, with restore_command and standby.signal.',
      },
    ],
    where: 'to check the conditions before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
    asks: true,
  },
  {
    all: [
      /\b(?:expire_logs_days|binlog_expire\w*|PURGE BINARY LOGS)\b|\b(?:keep|retain|hold|store)\b.{0,30}\b(?:binlogs?|binary logs?)\b/iu,
    ],
    beside: /postgres|\bpg\b|\bpg_/iu,
    means:
      'In PostgreSQL the WAL is what the binary log is, and the primary keeps it by amount or by slot, not by days: wal_keep_size, or a replication slot, which keeps what its standby has not received.',
    causes: [
      {
        cause: 'How much is written in the time that the standby may be away: take two positions and their difference.',
        on: 'primary',
        check: 'psql -c "SELECT pg_current_wal_lsn(), now()" -c "SHOW wal_keep_size" -c "SHOW max_slot_wal_keep_size"',
      },
      {
        cause: 'A slot keeps exactly what is missing; max_slot_wal_keep_size keeps it from filling the disk.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
      },
      {
        cause:
          'Days: an archive (archive_command, pgBackRest, Barman, WAL-G), which the standby reads with restore_command.',
        on: 'primary',
        check: 'psql -c "SHOW archive_mode" -c "SHOW archive_command"',
      },
    ],
    todo: 'Never delete files from pg_wal to save room.',
    asks: true,
  },
  {
    all: [
      /\b(?:super_)?read_only\b(?! transaction)|\bread[- ]?only\b/iu,
      /\b(?:make|set|enable|force|keep|ensure|is|be)\b/iu,
      /\b(?:slave|standby|replica|secondary)\b/iu,
      /^(?:how|is|do|does|can|what|which|in)\b|\b(?:like|as) in mysql\b|\?/iu,
    ],
    means:
      'A physical standby is always read-only, for superusers too: nothing has to be set. hot_standby = on (the default) lets sessions in to read.',
    causes: [
      {
        cause: 'It is a standby: pg_is_in_recovery is t, and every session has transaction_read_only = on.',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SHOW transaction_read_only" -c "SHOW hot_standby"',
      },
    ],
    todo: 'If pg_is_in_recovery is f, it is not a standby: it was started without standby.signal, or promoted.',
    asks: true,
  },
  {
    all: [
      /\bsql_slave_skip_counter\b|\bskip(?:ping)?\b.{0,30}\b(?:errors?|events?|transactions?|statements?)\b/iu,
      /\b(?:slave|standby|replica|replication|subscri\w+)\b/iu,
    ],
    means:
      'A physical standby has no statements that could fail or be skipped: it replays changes of pages, all or none. Where it cannot go on, WAL is missing or damaged, or a setting is in the way.',
    causes: [
      { cause: 'Why it stops is in its log.', check: 'grep -nE "FATAL|PANIC|ERROR" <log of PostgreSQL> | tail -5' },
      {
        cause:
          "A subscription (logical replication) can skip one transaction, 15 and later: ALTER SUBSCRIPTION <name> SKIP (lsn = '<LSN of the log>').",
        on: 'subscriber',
        check: 'psql -c "SELECT subname, subenabled, subskiplsn FROM pg_subscription"',
      },
    ],
    asks: true,
  },
];
