import { idleLag } from '../symptoms/idle-lag.ts';
import { whereItIsLost } from '../symptoms/where-to-look.ts';
import type { Situation } from './situation.ts';

const whyNot = 'grep -nE "FATAL|PANIC|could not|removed" <log of PostgreSQL> | tail -5';

/** A standby that is connected, or lives on an archive, and is behind, or seems to be. */
export const situationsOfReplay: readonly Situation[] = [
  {
    facts: [
      ['position: equal', ': equal', 'receiver: streams', 'standby: streams', ': streams'],
      ['position: stuck', 'position: equal', 'lag: stuck', 'standby: stuck', 'wal: stuck'],
      ['query'],
    ],
    words: /\breplay\w*|appl(?:y|ied|ying)/iu,
    unless: [': idle', ': missing'],
    means: 'The standby receives WAL and does not replay it: what was received moves, what was replayed does not.',
    causes: [
      {
        cause:
          'A query or an open transaction on the standby is in the way; replay waits for it up to max_standby_streaming_delay (-1: without end).',
        given: 'query',
        check:
          'psql -c "SELECT pid, xact_start, state, left(query, 60) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5" -c "SHOW max_standby_streaming_delay"; ps aux | grep "[s]tartup"',
        rule: 'streaming/replay-stuck',
      },
      {
        cause: 'Replay is paused, or delayed on purpose.',
        check: 'psql -c "SELECT pg_is_wal_replay_paused()" -c "SHOW recovery_min_apply_delay"',
        rule: 'recovery/replay-paused',
      },
      {
        cause: 'One large record, or a slow disk: the startup process is busy.',
        check: 'ps aux | grep "[s]tartup"; iostat -x 5 2',
      },
    ],
    todo: 'Wait for the query, or end it: SELECT pg_terminate_backend(<pid>); a smaller max_standby_streaming_delay lets replay go first.',
  },
  {
    facts: ['lag', [': idle', 'primary: idle']],
    unless: ['query: stuck', 'slot', ': does not follow', ': stuck'],
    unlessWords: /\b(?:always|exactly|constant\w*|steady)\b.{0,30}\b(?:behind|lag\w*|delay\w*)\b/iu,
    ...idleLag,
  },
  {
    facts: [
      ['wal: stuck', 'standby: stuck', 'wal: waits'],
      ['wal', 'archive'],
    ],
    words:
      /\b(?:one|single|same|specific|certain|particular) (?:wal|segment|xlog|file)|\bon (?:a|one) (?:single )?(?:wal|segment)|\bwaiting for (?:wal|0000)/iu,
    unless: ['query', 'slot: inactive'],
    means:
      'The standby waits for one segment of WAL. It takes it from the archive (restore_command), from its own pg_wal, or from the primary (primary_conninfo), in this order, again and again.',
    causes: [
      {
        cause: 'It does not stream: primary_conninfo is missing or refused. Its log says so about every five seconds.',
        check: `psql -c "SHOW primary_conninfo"; ${whyNot}`,
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'The segment is in no place that it looks at: gone from the primary, and not in the archive that restore_command reads.',
        check: 'psql -c "SHOW restore_command"; grep -nE "removed|not found|restored" <log of PostgreSQL> | tail -5',
        rule: 'wal/segment-removed',
      },
      {
        cause: 'It waits for WAL that is not yet written: positions on both servers are equal.',
        on: 'primary',
        check: whereItIsLost,
      },
    ],
  },
  {
    facts: [['data: missing', 'data: equal', 'standby: missing'], ['position: equal', ': equal'], 'standby'],
    words: /\bcounts?\b|\brows?\b|\bdiffer\w*|\bfewer\b/iu,
    unless: ['write: waits'],
    unlessWords: /\bsubscri\w+|\bpublication\b|\blogical\b/iu,
    means:
      'With equal positions a physical standby has the same pages as its primary. A query that gives something else there reads other data, or reads it in another way.',
    causes: [
      {
        cause: 'Another server, port or database than you think, on one of the two sides.',
        on: 'both',
        check:
          'psql -c "SELECT inet_server_addr(), inet_server_port(), current_database(), pg_is_in_recovery(), (SELECT system_identifier FROM pg_control_system())"',
      },
      {
        cause:
          'The text indexes were sorted by another C library (glibc, ICU): a query through the index misses rows, without it they are there.',
        on: 'both',
        check:
          'ldd --version | head -1; psql -c "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM <table>"',
      },
      {
        cause: 'Rows of transactions that were not committed yet, or an UNLOGGED table, which is empty on a standby.',
        on: 'primary',
        check: "psql -c \"SELECT oid::regclass FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'\"",
      },
    ],
  },
  {
    facts: [['lag: shrinks', 'standby: shrinks', ': shrinks'], 'lag'],
    unless: ['query', ': stuck', 'wal: grows', 'slot: inactive'],
    unlessWords: /\b(?:not|n['’]t|never|stopped|no longer) (?:going|coming|shrinking|decreasing)\b/iu,
    means:
      'The standby catches up: the lag gets smaller, so that it receives and replays more than the primary writes. It needs nothing but time, and the WAL that it has not got yet.',
    causes: [
      {
        cause:
          'Its slot holds that WAL: wal_status must stay reserved or extended, and the disk of the primary must have the room.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, wal_status, safe_wal_size FROM pg_replication_slots"',
        rule: 'slot/at-risk',
      },
      {
        cause: 'Which part is left: not sent, under way, or not replayed.',
        on: 'primary',
        check: whereItIsLost,
        rule: 'streaming/lag',
      },
    ],
    todo: 'Leave it running: a restart makes it begin at its last restartpoint again.',
    asks: true,
  },
  {
    facts: ['standby'],
    words:
      /\b(?:one|a|1) (?:wal )?(?:file|segment|wal) behind\b|\b(?:when|until|once|after)\b.{0,40}\b(?:16 ?mb|segment|file|wal)\b.{0,20}\b(?:full|complete\w*|finished|switched|archived)\b/iu,
    means:
      'This standby lives on the archive alone: it gets each WAL segment when it is complete, 16 MB or archive_timeout later. Streaming brings every commit at once.',
    causes: [
      {
        cause: 'primary_conninfo is not set, or refused, so that restore_command is its only source.',
        check:
          'psql -c "SHOW primary_conninfo" -c "SELECT status, sender_host FROM pg_stat_wal_receiver"; grep -nE "could not connect|FATAL" <log of PostgreSQL> | tail -3',
        rule: 'streaming/not-connected',
      },
    ],
    todo: 'Set primary_conninfo on the standby and reload (13 and later; restart before), with a role for replication and a line for it in pg_hba.conf of the primary. restore_command may stay: it is used when streaming has a gap.',
  },
  {
    facts: [['receiver: streams'], ['data: behind', 'standby: behind', 'other standby: behind', 'data: missing']],
    unless: ['query', ': idle', ': shrinks', 'slot', ': writable', 'archive', 'write: waits', ': equal'],
    unlessWords: /\b(?:alert|monitor)\w*\b|\bcatchup\b/iu,
    means: 'streaming says that a connection is there, and not that new WAL comes through it or is replayed.',
    causes: [
      {
        cause:
          'The server that it streams from is itself behind, or is a standby that receives nothing (a cascade), or is not the server that you write to.',
        check: 'psql -c "SELECT status, sender_host, sender_port, latest_end_time FROM pg_stat_wal_receiver"',
        rule: 'streaming/upstream-receives-nothing',
      },
      {
        cause: 'It receives and does not replay: paused, delayed, or held by a query.',
        check:
          'psql -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()" -c "SHOW recovery_min_apply_delay" -c "SHOW max_standby_streaming_delay"',
        rule: 'streaming/replay-stuck',
      },
      { cause: 'It is behind and catches up.', on: 'primary', check: whereItIsLost, rule: 'streaming/lag' },
    ],
  },
  {
    facts: [['lag', 'standby: behind', 'lag: grows']],
    words:
      /\bstartup\b.{0,40}\b(?:100|9\d) ?%|\b(?:100|9\d) ?% .{0,30}\bstartup\b|\bstartup process\b.{0,40}\bcpu\b|\bcpu\b.{0,40}\bstartup process\b/iu,
    means:
      'Replay is done by one process, which uses one processor; the primary writes with many. A large batch there keeps it busy, and the lag is worked off after it.',
    causes: [
      {
        cause: 'What was written: the segment that it replays changes, so it goes on.',
        check: 'ps aux | grep "[s]tartup"; sleep 30; ps aux | grep "[s]tartup"',
        rule: 'streaming/lag',
      },
      {
        cause:
          'Many relations are dropped or truncated (each time shared_buffers is searched), or very many locks are taken: it advances hardly at all.',
        check: 'pg_waldump --stats=record <data directory>/pg_wal/<segment that it replays>',
      },
      {
        cause: 'The same segment for a long time, with wait "waiting": a query is in the way.',
        check: 'psql -c "SELECT pid, xact_start, left(query, 60) FROM pg_stat_activity ORDER BY xact_start LIMIT 5"',
      },
    ],
    todo: 'Let it go on. On the primary: batches in smaller parts with pauses between them; recovery_prefetch (15 and later) helps with reads.',
  },
  {
    facts: [['standby: behind', 'lag', 'standby: stuck'], 'query'],
    words:
      /\bmax_standby_streaming_delay\b|\b(?:while|when|during|as long as|because)\b.{0,60}\b(?:report\w*|analyst\w*|dumps?|pg_dump|etl|notebooks?|quer(?:y|ies)|bi)\b/iu,
    unless: ['slot', ': idle', 'query: ended', 'query: waits'],
    unlessWords: /\bhot_standby_feedback\b|\bpg_last_\w+/iu,
    means:
      'Replay waits for a query on the standby that is in its way, up to max_standby_streaming_delay; with -1 as long as the query takes. The lag is worked off when the queries end.',
    causes: [
      {
        cause: 'The sessions that hold it, and how long they may.',
        check:
          'psql -c "SELECT pid, xact_start, state, left(query, 60) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5" -c "SHOW max_standby_streaming_delay"; ps aux | grep "[s]tartup"',
        rule: 'streaming/replay-stuck',
      },
      { cause: 'The queries only use the disk and the processor that replay needs as well.', check: 'iostat -x 5 2' },
    ],
    todo: 'One standby for long reports and another for failover; or a limit for max_standby_streaming_delay, which cancels queries, with hot_standby_feedback = on, which spares most of them at the price of dead rows on the primary.',
  },
];
