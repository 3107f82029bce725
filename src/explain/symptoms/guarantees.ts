import type { Symptom } from './symptom.ts';

/** What replication promises of data, queries and clocks, and what it does not. */
export const guarantees: readonly Symptom[] = [
  {
    all: [/\b(?:lag|delay|age)\b/iu, /\bnegativ\w*\b|(?<![\w-])-\d+(?:\.\d+)? ?(?:s|ms|sec\w*|min\w*)\b/iu],
    beside: /postgres|\bpg_|\bwal\b|\bstandby\b/iu,
    means:
      'A negative lag cannot be: the clocks of the two servers differ. pg_last_xact_replay_timestamp() is a time of the primary, now() one of the standby.',
    causes: [
      {
        cause: 'Compare the clocks; both need NTP (chrony, systemd-timesyncd).',
        on: 'both',
        check: 'date -u +%s.%N; timedatectl | grep -i synchronized',
        rule: 'platform/clock-skew',
      },
      {
        cause: 'replay_lag in pg_stat_replication is measured by the clock of the primary alone.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, replay_lag FROM pg_stat_replication"',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:data ?loss|los(?:e|s|t|ing) (?:of )?(?:any |no |committed )?(?:data|transactions?|commits?|rows?)|no (?:committed )?transactions? (?:is|are|gets?) lost|zero[- ]loss|RPO)\b/iu,
      /\b(?:how|can|could|would|avoid|prevent|make sure|guarantee\w*|ensure|without|possible|potential\w*)\b/iu,
      /\b(?:fail-?over|standby|replicas?|slave|crash\w*|primary|master|promot\w+)\b/iu,
    ],
    beside: /postgres|\bpg\b|\bpg_|\bwal\b|\bstandby\b/iu,
    means:
      'Replication is asynchronous by default: a commit waits for no standby, and a failover can lose the last transactions. With synchronous_standby_names, a commit waits until a standby has its WAL.',
    causes: [
      {
        cause: 'Whether a standby is synchronous: sync_state is sync or quorum.',
        on: 'primary',
        check:
          'psql -c "SHOW synchronous_standby_names" -c "SHOW synchronous_commit" -c "SELECT application_name, sync_state FROM pg_stat_replication"',
      },
      {
        cause:
          'With a single synchronous standby, the primary stops committing while it is away: name two, ANY 1 (a, b).',
      },
      { cause: 'Under Patroni: synchronous_mode: true, not the setting itself.' },
    ],
    asks: true,
  },
  {
    all: [
      /\bqueries\b|\bquery\b|\bselects?\b|\bdump\b/iu,
      /\b(?:standby|replica|slave|secondary)\b/iu,
      /\b(?:abort|cancel|kill|terminat)\w*/iu,
    ],
    beside: /\bmax_standby_(?:archive|streaming)_delay\b|\barchives?\b|postgres|\bwal\b/iu,
    means:
      'Replay goes before queries: one that is in its way is canceled after max_standby_streaming_delay, or max_standby_archive_delay where WAL comes from an archive (30 s each).',
    causes: [
      {
        cause: 'Which kind of conflict it was.',
        check:
          'psql -c "SELECT datname, confl_snapshot, confl_lock, confl_bufferpin FROM pg_stat_database_conflicts" -c "SHOW max_standby_archive_delay" -c "SHOW max_standby_streaming_delay"',
        rule: 'streaming/conflicts',
      },
    ],
    todo: 'Raise the delay on a standby that is there for reports: it falls behind meanwhile. Against confl_snapshot: hot_standby_feedback = on.',
    asks: true,
  },
  {
    all: [
      /\b(?:restart\w*|re-?boot\w*)\b/iu,
      /\b(?:former|old|promoted|new) (?:slave|standby|replica|primary|master)\b|\bafter (?:the )?(?:promotion|failover)\b/iu,
      /\b(?:what (?:if|happens)|will it|does it|would it|should i|can i safely|safe to)\b/iu,
      /\b(?:postgres\w*|pg_\w+|standbys?|slaves?|masters?|primary|replicas?)\b/iu,
    ],
    means:
      'A promoted standby stays a primary over every restart: promotion removes standby.signal (up to 11 it renames recovery.conf to recovery.done). hot_standby, primary_conninfo and the like have no effect on a primary and may stay.',
    causes: [
      {
        cause: 'What it is now.',
        on: 'new primary',
        check: 'psql -c "SELECT pg_is_in_recovery()"; ls <data directory>/standby.signal <data directory>/recovery.*',
      },
      {
        cause:
          'The old primary must not come back as one: pg_rewind or a new base backup, and standby.signal, before its next start.',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID"',
        rule: 'timeline/diverged',
      },
    ],
    asks: true,
  },
];
