import type { Symptom } from './symptom.ts';

/** What people ask who know MySQL, in its words. */
export const askedByMySqlPeople: readonly Symptom[] = [
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
    todo: 'If pg_is_in_recovery is f, it is no standby: it was started without standby.signal, or promoted.',
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
