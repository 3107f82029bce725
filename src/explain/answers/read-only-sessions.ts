import type { Answer } from '../answer.ts';

const whichServer = 'psql -h <host> -d <database> -Atc "SELECT inet_server_addr(), pg_is_in_recovery()"';

/** What a session on a standby cannot do, and what a standby has no room for. */
export const answersAboutReadOnlySessions: readonly Answer[] = [
  {
    of: ['readonly-transaction'],
    beside:
      /\b(?:9\d|100) ?%|disk|\bpg_wal\b.{0,40}\b[\d.]+ ?(?:G|T)i?B?\b|read[-_]?only (?:lock|mode|threshold)|No space left/iu,
    matters: 4,
    means:
      'The session cannot write, and the text speaks of a disk: where a disk is nearly full, providers and images (Fly.io, Supabase, Azure) make the primary read-only, until there is room again.',
    causes: [
      {
        cause: 'pg_wal is large because a slot holds it: often the one of a replica that was removed.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, wal_status, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS held FROM pg_replication_slots" -c "SELECT failed_count, last_failed_wal FROM pg_stat_archiver"',
      },
      {
        cause: 'The setting is still on, though there is room again.',
        on: 'primary',
        check: 'df -h <data directory>; psql -c "SHOW default_transaction_read_only"',
      },
      {
        cause: 'The session is on a standby: then the disk is not the reason.',
        on: 'client',
        check: 'psql -h <host> -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'If the slot is that of a replica that is gone for good, and no other program uses it, drop it: the next checkpoint removes the WAL. Otherwise bring its replica back, or enlarge the volume. Never delete files in pg_wal.',
  },

  {
    of: ['read-write-during-recovery', 'temp-tables-recovery', 'xid-during-recovery', 'serializable-hot-standby'],
    means:
      'The session is on a standby, which is read-only: no read-write or serializable transactions, no temporary tables, no new transaction IDs. The standby itself has no fault.',
    causes: [
      {
        cause:
          'The application was connected to the standby: a failover, a load balancer, a list of hosts without target_session_attrs.',
        on: 'client',
        check: whichServer,
        rule: 'standby/read-only',
      },
      { cause: 'A report or an ORM creates temporary tables. On a standby use WITH queries instead.' },
    ],
    todo: 'Send these statements to the primary: target_session_attrs=read-write in the connection string finds it among several hosts. Do not promote the standby for this.',
  },
  {
    of: ['unlogged-recovery'],
    means:
      'A query on a standby reads an unlogged (or temporary) table or sequence. Their content is not in the WAL, so a standby has none. Replication has no fault.',
    causes: [
      {
        cause: 'The table was created as UNLOGGED, or was changed to it.',
        on: 'primary',
        check:
          "psql -d <database> -c \"SELECT relname, relkind, pg_size_pretty(pg_relation_size(oid)) FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'S')\"",
      },
    ],
    todo: 'If the standby needs it: ALTER TABLE <table> SET LOGGED; on the primary. It writes the whole table to the WAL and locks it meanwhile. After a failover an unlogged table is empty.',
  },
  {
    of: ['out-of-shared-memory'],
    when: /max_pred_locks_per_transaction/u,
    matters: 3,
    means:
      'The table of predicate locks is full: transactions at the level SERIALIZABLE note what they have read there. The statement failed; replication does not depend on it.',
    causes: [
      {
        cause: 'Many or long SERIALIZABLE transactions, or queries without an index that read whole tables.',
        on: 'server',
        check:
          'psql -c "SHOW max_pred_locks_per_transaction" -c "SELECT pid, count(*) FROM pg_locks WHERE mode = \'SIReadLock\' GROUP BY pid ORDER BY 2 DESC LIMIT 5"',
      },
    ],
    todo: 'Raise max_pred_locks_per_transaction and restart this server, or use REPEATABLE READ where SERIALIZABLE is not needed.',
  },
  {
    of: ['out-of-shared-memory'],
    means:
      "The table of locks is full: it has room for max_locks_per_transaction × (max_connections + max_prepared_transactions) objects, and more are locked at once. In a standby's replay it stops the server.",
    causes: [
      {
        cause:
          'One transaction locks very many tables, partitions or indexes: pg_dump, a query over thousands of partitions, DROP SCHEMA.',
        on: 'server',
        check:
          'psql -c "SHOW max_locks_per_transaction" -c "SELECT pid, count(*) FROM pg_locks GROUP BY pid ORDER BY 2 DESC LIMIT 5"',
      },
      {
        cause: 'The standby has lower settings than its primary, or queries on the standby use up the room.',
        on: 'standby',
        check:
          "psql -c \"SELECT name, setting FROM pg_settings WHERE name IN ('max_locks_per_transaction', 'max_connections', 'max_prepared_transactions')\"",
        rule: 'recovery/settings-lower-than-primary',
      },
    ],
    todo: 'ALTER SYSTEM SET max_locks_per_transaction = 256; and restart: the standbys first, then the primary, for a standby needs at least the value of its primary.',
  },
  {
    of: ['prepared-transactions-max'],
    means:
      'As many transactions are prepared (PREPARE TRANSACTION) as max_prepared_transactions allows. Forgotten ones hold back vacuum and keep their locks.',
    causes: [
      {
        cause: 'Prepared transactions were left behind: their coordinator crashed. The oldest comes first:',
        on: 'primary',
        check:
          'psql -c "SHOW max_prepared_transactions" -c "SELECT gid, prepared, owner, database FROM pg_prepared_xacts ORDER BY prepared LIMIT 10"',
      },
      {
        cause: 'On a standby: its setting is lower than that of the primary.',
        on: 'standby',
        check: 'psql -c "SHOW max_prepared_transactions"',
        rule: 'recovery/settings-lower-than-primary',
      },
    ],
    todo: "Ask the transaction manager before one is ended: COMMIT PREPARED '<gid>'; or ROLLBACK PREPARED '<gid>'; in its database. For more at once, raise the setting: restart the standbys first, then the primary.",
  },
  {
    of: ['known-assigned-too-many'],
    means:
      'The standby has no room for all the transactions that run on its primary, and replay stops: it was made for fewer sessions than the primary has.',
    causes: [
      {
        cause:
          'max_connections, max_prepared_transactions, max_worker_processes or max_wal_senders are lower than on the primary.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "max_|track_commit"; for s in max_connections max_prepared_transactions max_worker_processes max_wal_senders; do echo "$s $(postgres -C $s -D <data directory>)"; done',
        rule: 'recovery/settings-lower-than-primary',
      },
    ],
    todo: 'Give the standby at least those values ("… setting" in pg_controldata is what the primary has), and start it again.',
  },
];
