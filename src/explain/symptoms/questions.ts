import { negated, replication, standby, standbyOrReplication } from './symptom.ts';
import type { Symptom } from './symptom.ts';

const lagOfStandbys =
  'psql -c "SELECT application_name, state, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn)) AS not_sent, pg_size_pretty(pg_wal_lsn_diff(sent_lsn, replay_lsn)) AS not_replayed, replay_lag FROM pg_stat_replication"';

export const lagAsked: Omit<Symptom, 'all'> = {
  means:
    'How far a standby is behind is seen on the primary in bytes, and on the standby in time. The time is right only while something is written on the primary.',
  causes: [
    { cause: 'In bytes, for each standby.', on: 'primary', check: lagOfStandbys },
    {
      cause: 'In time, 0 where all that was received is replayed.',
      check:
        'psql -c "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN interval \'0\' ELSE now() - pg_last_xact_replay_timestamp() END AS behind"',
    },
  ],
  asks: true,
};

const ofDatabases =
  /\b(?:replication (?:lag|delay)|postgres\w*|pg_\w+|streaming|physical|standbys?|slaves?|masters?|primary|wal)\b/iu;

/** What a base backup is as fast as. */
export const slowCopy: Omit<Symptom, 'all'> = {
  means:
    'pg_basebackup reads one file after the other over one connection: it is as fast as the slowest of disk, network and its compression.',
  causes: [
    {
      cause: 'It waits for a checkpoint first (up to checkpoint_timeout): --checkpoint=fast.',
      on: 'client',
      check: 'pg_basebackup --help | grep -E "checkpoint|compress|max-rate"',
    },
    {
      cause: 'The disk of the target or of the source is busy, or the network is.',
      on: 'client',
      check: 'iostat -x 5 2; ss -tin "( dport = :5432 )"',
    },
    { cause: 'gzip on one processor: since 15 --compress=server-zstd or server-lz4; -r (--max-rate) limits it.' },
  ],
  todo: 'Keep -X stream, and a slot (-C -S <slot>) for a long copy. A server too large for it: pgBackRest, or a snapshot of the storage between pg_backup_start and pg_backup_stop.',
};

/** How things are meant to be, which looks like a fault. */
export const questionsOfStandbys: readonly Symptom[] = [
  {
    all: [
      /^(?:how|what|which|is there|can i|best way|need to|want to)\b|\bhow (?:do|can|to|should)\b/iu,
      /\b(?:standbys?|replicas?|slaves?|secondary)\b/iu,
      /\bpromot\w+\b|\b(?:become|into|as|to) (?:the |a |an )?(?:new )?(?:primary|master|leader)\b|\b(?:standby|replica|slave|secondary) the (?:new )?(?:primary|master|leader)\b/iu,
    ],
    means:
      'pg_promote() on the standby makes it a primary, if no manager runs the cluster. Where Patroni, repmgr or an operator does, promote with its command: by hand, it would be undone or there would be two primaries.',
    causes: [
      {
        cause:
          'First make sure that the old primary is stopped and cannot come back as one, and which standby has the most WAL.',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      { cause: 'Without a manager:', check: 'psql -c "SELECT pg_promote()"' },
      {
        cause: 'Patroni (Spilo, Zalando and Crunchy operators, in the pod):',
        check: 'patronictl list; patronictl failover',
      },
      { cause: 'CloudNativePG:', on: 'client', check: 'kubectl cnpg promote <cluster> <instance>' },
      { cause: 'repmgr:', check: 'repmgr -f /etc/repmgr.conf standby promote --dry-run' },
    ],
    todo: 'Then send the clients to the new primary, and make the old one follow with pg_rewind or a new base backup.',
    asks: true,
  },
  {
    all: [/\b(?:replay|write|flush)_lag\b|\blag columns?\b/iu, /\b(?:null|empty|blank|nothing)\b/iu],
    means:
      'write_lag, flush_lag and replay_lag are empty while nothing is written: a standby that has caught up has no lag to measure. That is normal.',
    causes: [
      {
        cause: 'Look at positions instead: the difference in bytes is always there.',
        on: 'primary',
        check: lagOfStandbys,
      },
      { cause: 'They are empty, too, for a role without pg_monitor (pg_read_all_stats), and do not exist before 10.' },
    ],
    asks: true,
  },
  {
    all: [
      standbyOrReplication,
      /\b(?:plans?|planner|explain analyze|index(?:es)? (?:is|are) not used)\b|\bquer(?:y|ies) (?:is|are|runs?|take[s]?)\b.{0,20}\b(?:slow\w*|longer)\b|\bslow\w* quer(?:y|ies)\b/iu,
      /\b(?:slow\w*|different|differs?|other|longer|worse)\b/iu,
    ],
    means:
      'A physical standby has the same tables, indexes and statistics as its primary, to the byte. If a query runs otherwise there, its settings, its memory or its machine are the reason.',
    causes: [
      {
        cause: 'Settings are not replicated: work_mem, effective_cache_size, random_page_cost, jit.',
        check:
          "psql -c \"SELECT name, setting, source FROM pg_settings WHERE source NOT IN ('default', 'override') ORDER BY 1\"",
      },
      { cause: 'A cold cache after a restart or a failover, or slower disks.', check: 'free -m; iostat -x 5 2' },
      {
        cause: 'Replay takes locks and I/O, and old row versions are kept for long queries.',
        check: 'psql -c "SELECT * FROM pg_stat_database_conflicts"',
      },
    ],
    asks: true,
  },
  {
    all: [
      ofDatabases,
      /^(?:how|what|which|is there|best way|postgres\w* how)\b|\bhow (?:do|can|to|much)\b/iu,
      /\b(?:replication|replica|standby|slave|replay)\b.{0,20}\b(?:lag|delay)\b|\blag\b.{0,20}\b(?:replication|replica|standby|slave)\b|\b(?:in sync|up to date|caught up)\b/iu,
    ],
    ...lagAsked,
  },
  { all: [/\bseconds_behind_(?:master|source)\b|^show (?:slave|replica) status\b/iu], ...lagAsked },
  {
    all: [
      standbyOrReplication,
      ofDatabases,
      /\b(?:different|differing|mixed|between|older|newer|another|lower|higher|other)\b.{0,30}\b(?:major )?(?:versions?|releases?|operating systems?|architectures?)\b|\bwindows\b.{0,40}\blinux\b|\blinux\b.{0,40}\bwindows\b|\bx86\w*\b.{0,40}\barm\w*\b/iu,
    ],
    means:
      'Streaming replication copies files and WAL as they are: primary and standby need the same major release and the same architecture, and the same collations of the operating system.',
    causes: [
      {
        cause: 'Minor releases may differ; update the standbys first.',
        on: 'server',
        check: 'psql -c "SHOW server_version"; uname -sm; ldd --version | head -1',
      },
      {
        cause:
          'Between major releases, Windows and Linux, x86 and ARM: logical replication (publication and subscription).',
      },
      {
        cause:
          'Another distribution: indexes on text may be out of order on the standby, though everything seems to work.',
      },
    ],
    asks: true,
  },
  {
    all: [
      replication,
      ofDatabases,
      /\b(?:only|just|single|one|some|specific|selected|certain|exclude|excluding|skip)\b.{0,25}\b(?:databases?|tables?|schemas?)\b/iu,
      /\b(?:how|can|is it|possible|want|need|instead|would like)\b/iu,
    ],
    means:
      'Streaming replication copies the whole cluster: all databases, roles and tables. Nothing of it can be left out.',
    causes: [
      { cause: 'For parts: logical replication (CREATE PUBLICATION … FOR TABLE …), with wal_level = logical.' },
      { cause: 'Or give the database a cluster of its own, on another port.' },
    ],
    asks: true,
  },
  {
    all: [
      /\bpg_basebackup\b|\bbase ?backups?\b/iu,
      /\b(?:slow\w*|takes? (?:too |so |very )?(?:long|hours|days|forever)|speed up|faster)\b/iu,
    ],
    ...slowCopy,
  },
  {
    all: [
      /\b(?:sequences?|serial|nextval|identity)\b/iu,
      /\b(?:jump\w*|skip\w*|gaps?|32|33)\b/iu,
      /\b(?:failover|promot\w+|switchover|crash\w*|standby|replica|restart\w*)\b/iu,
    ],
    means:
      'Sequences log 32 values ahead. A promoted standby (or a server after a crash) goes on behind those, so that up to 32 numbers are left out. That is meant, and no row is lost.',
    causes: [
      {
        cause: 'The CACHE of a sequence adds to it.',
        on: 'primary',
        check: 'psql -c "SELECT schemaname, sequencename, last_value, cache_size FROM pg_sequences"',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\bunlogged\b/iu,
      /\b(?:empty|missing|gone|truncated|lost|no data|not replicated|n['’]t replicated|disappear\w*)\b/iu,
    ],
    means:
      'Unlogged tables are not in the WAL: a standby has them empty, and so has a server after a crash or a promotion. What was in them is not on any standby.',
    causes: [
      {
        cause: 'Which tables these are.',
        on: 'primary',
        check: `psql -c "SELECT oid::regclass FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'S')"`,
      },
    ],
    todo: 'ALTER TABLE <table> SET LOGGED; writes the whole table to the WAL, once.',
    asks: true,
  },
  {
    all: [
      /\barchiv(?:ed|es|ing|er|e_command)\b|(?<!\b(?:from|the|an|wal|in|after) )\barchive\b(?! (?:recovery|director|folder|mode))/iu,
      standby,
      negated,
    ],
    means:
      'A standby archives nothing with archive_mode = on: only archive_mode = always makes it archive what it receives. After a promotion, on is enough.',
    causes: [
      {
        cause: 'What is set there.',
        check:
          'psql -c "SHOW archive_mode" -c "SHOW archive_command" -c "SELECT archived_count, last_archived_wal, failed_count FROM pg_stat_archiver"',
      },
    ],
    todo: 'With always, archive_command must accept that the same file is there already (from the primary), if its contents are the same.',
    asks: true,
  },
  {
    all: [
      /\barchive_command\b/iu,
      /\b(?:never|not|n['’]t|no)\b.{0,20}\b(?:run\w*|called|executed?|work\w*|start\w*|trigger\w*|archiv\w+|files?)\b/iu,
    ],
    means:
      'The server runs archive_command only for whole segments, only with archive_mode = on, and only on a primary.',
    causes: [
      {
        cause: 'archive_mode is off, or was switched on without a restart.',
        on: 'primary',
        check: 'psql -c "SELECT name, setting, pending_restart FROM pg_settings WHERE name LIKE \'archive%\'"',
      },
      {
        cause: 'No segment is full yet: 16 MB, or archive_timeout. This makes one.',
        on: 'primary',
        check: 'psql -c "SELECT pg_switch_wal()" -c "SELECT * FROM pg_stat_archiver"',
      },
      {
        cause: 'It runs and fails: the log says how, and pg_stat_archiver counts it.',
        on: 'primary',
        check: 'grep -n "archive command failed" <log of PostgreSQL> | tail -3',
      },
    ],
  },
  {
    all: [/\bhot_standby_feedback\b/iu, /\b(?:conflicts?|cancel\w*|still)\b/iu],
    means:
      'hot_standby_feedback keeps vacuum on the primary from removing rows that a query needs. It does nothing against locks, dropped tablespaces and databases, or while the standby is disconnected.',
    causes: [
      {
        cause: 'Which kind it was.',
        check:
          'psql -c "SELECT datname, confl_snapshot, confl_lock, confl_bufferpin, confl_deadlock FROM pg_stat_database_conflicts"',
      },
      {
        cause:
          "confl_lock: ALTER, DROP, TRUNCATE or vacuum's truncation on the primary (vacuum_truncate = off for that table).",
      },
      {
        cause: 'confl_snapshot: the standby was away for a while. primary_slot_name keeps the feedback meanwhile.',
        check: 'psql -c "SHOW primary_slot_name"',
      },
    ],
    todo: 'Raise max_standby_streaming_delay on the standby for what is left: replay waits so long.',
    asks: true,
  },
  {
    all: [
      /\bmax_(?:connections|worker_processes|wal_senders|prepared_transactions|locks_per_transaction)\b/iu,
      /\b(?:chang\w+|increas\w+|rais\w+|lower\w*|reduc\w+|decreas\w+|differ\w*|edit\w*)\b/iu,
    ],
    beside: standby,
    means:
      'A standby needs at least the values of its primary for max_connections, max_worker_processes, max_wal_senders, max_prepared_transactions and max_locks_per_transaction. With less it pauses replay (14 and later) or stops.',
    causes: [
      {
        cause: 'Compare them.',
        on: 'both',
        check:
          "psql -c \"SELECT name, setting FROM pg_settings WHERE name IN ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction')\"",
      },
    ],
    todo: 'To raise a value: all standbys first, then the primary. To lower it: the primary first. Each with a restart.',
    asks: true,
  },
  {
    all: [
      /\b(?:disk|size|space|bigger|larger|storage)\b/iu,
      standby,
      /\b(?:bigger|larger|more|differ\w*|twice|double|grow\w*)\b.{0,40}\b(?:primary|master|than)\b|\bthan (?:the |its |on )*(?:primary|master)\b/iu,
    ],
    means:
      'Tables and indexes have the same size on both servers. What makes a standby larger is beside them: WAL, logs, temporary files, or an old copy in the same file system.',
    causes: [
      {
        cause: 'Where it is.',
        check: 'du -sh <data directory>/* | sort -h | tail -6; ls -l <data directory>/pg_tblspc',
      },
      {
        cause: 'pg_wal: a slot on the standby that nothing uses, restartpoints that are late, or wal_keep_size.',
        check: 'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots"',
      },
    ],
  },
  {
    all: [
      /\b(?:pg_last_(?:wal|xlog)_replay_\w+|replay_lsn|replay(?:ing|ed)?|appl(?:y|ied|ying)(?: of)? (?:the )?wal)\b/iu,
      /\b(?:stuck|stopped|stops|frozen|halt\w*|same (?:lsn|position|value))\b|(?:\bnot|n['’]t|\bnever) (?:being )?(?:mov\w+|advanc\w+|chang\w+|increas\w+|appl\w+|replay\w*)/iu,
    ],
    means:
      'The position does not move: either nothing new is written on the primary, or something on the standby holds replay up.',
    causes: [
      {
        cause: 'Compare both servers. Equal positions: all is replayed, and nothing is wrong.',
        on: 'primary',
        check: lagOfStandbys,
      },
      {
        cause: 'Replay is paused, or delayed by recovery_min_apply_delay.',
        check: 'psql -c "SELECT pg_is_wal_replay_paused()" -c "SHOW recovery_min_apply_delay"',
        rule: 'recovery/replay-paused',
      },
      {
        cause: 'A query or an open transaction holds it (max_standby_streaming_delay = -1: without end).',
        check:
          'psql -c "SELECT pid, xact_start, state, wait_event, left(query, 60) FROM pg_stat_activity ORDER BY xact_start LIMIT 5" -c "SHOW max_standby_streaming_delay"',
        rule: 'streaming/replay-stuck',
      },
      {
        cause: 'The startup process works on a large record, or waits for WAL that is not there.',
        check: 'ps aux | grep "[s]tartup"; tail -n 20 <log of PostgreSQL>',
      },
    ],
  },
];
