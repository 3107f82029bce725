import type { Symptom } from './symptom.ts';
import { receives } from './where-to-look.ts';

/** Two clocks. */
export const negativeLag: Omit<Symptom, 'all'> = {
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
};

/** What replication promises of data, queries and clocks, and what it does not. */
export const guarantees: readonly Symptom[] = [
  {
    all: [
      /\b(?:standbys?|replicas?|slaves?|secondar(?:y|ies)|replication)\b/iu,
      /\b(?:slow\w*(?: down)?|affect\w*|impact\w*|block\w*|hurt\w*|influence\w*|performance|load|burden|overhead|cost\w*)\b/iu,
      /\b(?:primary|master|leader|main (?:server|database))\b/iu,
      /^(?:does|do|can|could|will|would|is|are|how much|what)\b/iu,
    ],
    beside: /^(?![^]*\b(?:FATAL|ERROR|PANIC):)/u,
    means:
      'By default it does not: replication is asynchronous, and no commit waits for a standby. What a standby costs the primary is one WAL sender, the network for the WAL, and what is kept for it.',
    causes: [
      {
        cause:
          'A synchronous standby (synchronous_standby_names) does: each commit waits for it, as far as synchronous_commit says.',
        on: 'primary',
        check:
          'psql -c "SHOW synchronous_standby_names" -c "SHOW synchronous_commit" -c "SELECT application_name, sync_state, write_lag, flush_lag, replay_lag FROM pg_stat_replication"',
        rule: 'primary/synchronous-commit-blocked',
      },
      {
        cause: 'A slot keeps WAL for a standby that is behind, on the disk of the primary.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept FROM pg_replication_slots"',
        rule: 'primary/unbounded-slot-retention',
      },
      {
        cause: 'With hot_standby_feedback, long queries on the standby keep old row versions on the primary.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, backend_xmin, age(backend_xmin) FROM pg_stat_replication"',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\blag\b|\bbehind\b|\bdelay\b/iu,
      /\b(?:how much|what|which)\b.{0,40}\b(?:lag|delay|behind)\b.{0,30}\b(?:normal|acceptable|ok(?:ay)?|expected|usual|typical|too much|fine|tolerable)\b|\b(?:normal|acceptable|typical|usual) (?:replication )?(?:lag|delay)\b/iu,
    ],
    means:
      'On a network of one site, an asynchronous standby is usually less than a second behind, and more for as long as the primary writes much. What matters is that the lag comes back to nothing, and how much may be lost at a failover.',
    causes: [
      {
        cause: 'Now, in bytes and in time.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, state, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) AS behind, write_lag, flush_lag, replay_lag FROM pg_stat_replication"',
      },
      {
        cause: 'If it only grows: where the WAL waits (not sent, not flushed, not replayed) says why.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) AS not_sent, pg_wal_lsn_diff(sent_lsn, flush_lsn) AS under_way, pg_wal_lsn_diff(flush_lsn, replay_lsn) AS not_replayed FROM pg_stat_replication"',
        rule: 'streaming/replay-stuck',
      },
    ],
    todo: 'Where nothing may be lost: a synchronous standby. Where a standby must not be too far behind to be promoted: an alert (standbylint watch), and maximum_lag_on_failover under Patroni.',
    asks: true,
  },
  {
    all: [
      /\b(?:do (?:I|we) (?:need|have)|must (?:I|we)|should (?:I|we)|is it (?:necessary|required|needed)|need to|have to)\b/iu,
      /\bpg_rewind\b|\bpg_basebackup\b|\bre-?(?:clone|build|init\w*|create|sync|copy)\b|\b(?:new|fresh|another|full) (?:base ?backup|copy|sync)\b/iu,
      /\b(?:re-?start\w*|re-?boot\w*|stop(?:ped)?|shut ?down|maintenance|update|short|outage|\d+ (?:seconds?|minutes?|hours?))\b/iu,
    ],
    beside:
      /^(?=[^]*\b(?:standby|replica|slave|secondary)\b)(?![^]*\b(?:promot\w*|fail-?over|old (?:primary|master)|former|diverg\w*)\b)/iu,
    means:
      'No: a standby that was stopped goes on where it was, as long as the primary (or the archive) still has the WAL since then. pg_rewind is for a server that ran as a primary, and a new copy for WAL that is gone.',
    causes: [
      { cause: 'It streams again, and its position moves: there is nothing to do.', check: receives },
      {
        cause: 'It needs WAL that is gone: its log says "requested WAL segment … has already been removed".',
        check: 'grep -n "already been removed" <log of PostgreSQL> | tail -3',
        rule: 'wal/segment-removed',
      },
    ],
    todo: 'A slot (primary_slot_name) or wal_keep_size lets it be away for longer.',
    asks: true,
  },
  {
    all: [/\bmax_slot_wal_keep_size\b/iu, /\?|\b(?:what|does|is|also|mean\w*|default|-1|limit\w*|happens?)\b/iu],
    means:
      'max_slot_wal_keep_size limits the WAL that slots may keep. With -1, the default, a slot keeps all that its standby has not received: the slot is never invalidated by that, and the standby loses nothing, but the disk of the primary can run full.',
    causes: [
      {
        cause: 'What each slot keeps, and whether one is unused.',
        on: 'primary',
        check:
          'psql -c "SHOW max_slot_wal_keep_size" -c "SELECT slot_name, active, wal_status, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept FROM pg_replication_slots"',
        rule: 'primary/unbounded-slot-retention',
      },
    ],
    todo: 'With a limit, a standby that is behind by more loses its slot (wal_status = lost) and needs an archive or a new base backup. 18 and later also have idle_replication_slot_timeout, which is off by default.',
    asks: true,
  },
  {
    all: [/\b(?:lag|delay|age)\b/iu, /\bnegativ\w*\b|(?<![\w-])-\d+(?:\.\d+)? ?(?:s|ms|sec\w*|min\w*)\b/iu],
    beside: /postgres|\bpg_|\bwal\b|\bstandby\b/iu,
    ...negativeLag,
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
  {
    all: [
      /\bstandby (?:leader|cluster)\b/iu,
      /\bpromot\w+\b|\bfail-?over\b|\bswitch-?over\b/iu,
      /\b(?:stays?|still|remains?|read[- ]?only|recovery|not)\b|n['’]t\b/iu,
    ],
    beside: /\bpatroni\w*\b/iu,
    means:
      'The leader of a standby cluster stays in recovery for as long as the configuration of Patroni has a section standby_cluster. pg_promote() and a failover inside the cluster do not change that.',
    causes: [
      {
        cause: 'The section is still there.',
        on: 'standby',
        check: 'patronictl show-config | grep -A5 standby_cluster; patronictl list',
      },
    ],
    todo: 'Make sure that the old primary cluster is stopped, then patronictl edit-config -s standby_cluster=null: the standby leader becomes a primary within a few rounds of loop_wait. An operator keeps that section in its own manifest: change it there.',
  },
  {
    all: [
      /\brecovery\.done\b|\btrigger[_ ]file\b/iu,
      /\b(?:master|primary|promot\w+|recovery\.done)\b/iu,
      /\b(?:every time|each time|always|again|comes? up as|after (?:each|every|a|the) (?:re-?start|reboot)|when(?:ever)? I (?:re-?)?start)\b/iu,
    ],
    beside: /\btrigger[_ ]file\b/iu,
    means:
      'Up to 15, a standby is promoted as soon as the file that trigger_file (from 12 on promote_trigger_file) names exists. One that is left from an earlier promotion promotes it at its next start.',
    causes: [
      {
        cause: 'The file is there.',
        check: 'grep -nE "trigger_file" <data directory>/*.conf <data directory>/recovery.*; ls -l <trigger file>',
      },
    ],
    todo: 'Move that file away before the start. The server that was promoted has a timeline of its own now: it follows again only after pg_rewind or a new base backup.',
  },
  {
    all: [/\blog[- ]shipping\b|\bfile[- ]based\b|\bno primary_conninfo\b|\bwithout (?:streaming|primary_conninfo)\b/iu],
    beside: /\b(?:behind|lags?|lagging|delay\w*|minutes|old data)\b/iu,
    means:
      'By files alone, a standby gets WAL only in whole segments: when 16 MB are full, or when archive_timeout is over. It is behind by as much as that, and that is normal.',
    causes: [
      {
        cause: 'What was archived last, and how long a segment may stay open.',
        on: 'primary',
        check:
          'psql -c "SHOW archive_timeout" -c "SELECT last_archived_wal, last_archived_time, failed_count FROM pg_stat_archiver"',
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'With primary_conninfo as well, it streams at once, and takes from the archive only what is gone on the primary.',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:rsync|copy|cp|tar|scp)\b/iu,
      /\bpaus\w+\b|\bpg_(?:wal|xlog)_replay_pause\b/iu,
      /\b(?:standby|replica|slave)\b/iu,
    ],
    means:
      'A standby whose replay is paused is still written to. Files that are copied from it one after the other are no consistent copy.',
    causes: [
      {
        cause: 'pg_basebackup takes a consistent copy from a running standby as well.',
        on: 'client',
        check: 'pg_basebackup -h <standby> -U <role> -D <data directory> -X stream -c fast -R -P',
      },
      { cause: 'Or stop that standby cleanly, copy its whole directory with its tablespaces, and start it again.' },
    ],
    asks: true,
  },
];
