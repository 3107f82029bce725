import { standby, standbyOrReplication } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** A standby that was not meant to be a primary. */
export const promotedByMistake: Omit<Symptom, 'all'> = {
  means:
    'A standby that was promoted is a primary with a timeline of its own, and cannot follow by itself any more. As long as no client writes to it, nothing is lost: the primary goes on.',
  causes: [
    {
      cause: 'Keep clients and managers from it, and see that it is the one that was promoted (a higher timeline).',
      check: 'psql -c "SELECT pg_is_in_recovery(), timeline_id FROM pg_control_checkpoint()"',
      rule: 'standby/already-primary',
    },
    {
      cause: 'pg_rewind brings it back: it needs wal_log_hints = on or data checksums, and a clean stop.',
      check: 'pg_controldata -D <data directory> | grep -E "cluster state|checksum version|wal_log_hints"',
      rule: 'timeline/diverged',
    },
  ],
  todo: 'pg_ctl stop -D <data directory> -m fast, then as its user: pg_rewind -D <data directory> --source-server="host=<primary> user=<role> dbname=postgres" -R --dry-run, then without --dry-run, and start it. Without checksums and hints: a new base backup. Under Patroni or an operator: its reinit.',
};

/** Standbys of a primary that has gone back in time. */
export const primaryRestored: Omit<Symptom, 'all'> = {
  means:
    'A primary that was restored to an earlier point has a new timeline from there. Its standbys have WAL from after that point, of a history that is gone: they cannot follow, and have to be made again (or rewound).',
  causes: [
    {
      cause:
        'The standby is past the point where the new timeline began: its log says "forked off" or "not a child of".',
      check: 'grep -nE "forked off|not a child|ahead of the WAL flush|system identifier" <log of PostgreSQL> | tail -5',
      rule: 'timeline/diverged',
    },
    {
      cause: 'If it has the same system identifier, pg_rewind may do; otherwise only a new copy.',
      on: 'both',
      check:
        'pg_controldata -D <data directory> | grep -E "system identifier|TimeLineID|checksum version|wal_log_hints"',
      rule: 'timeline/system-identifier-differs',
    },
  ],
  todo: 'The standbys still have what the restore took away: keep one of them stopped until that data is not needed any more. Then pg_basebackup into another directory. Slots have to be created again on the restored primary.',
  where: 'before the copy',
  command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
};

/** What somebody says was done before it began, or what a number says that never changes. */
export const symptomsAfterChanges: readonly Symptom[] = [
  {
    all: [/\b(?:accident\w*|by mistake|mistakenly|wrongly|unintended|unintentional\w*|oops)\b/iu, /\bpromot\w+\b/iu],
    beside: /\b(?:standby|replica|slave|secondary)\b/iu,
    ...promotedByMistake,
  },
  {
    all: [
      /\b(?:want|need|how|create|make|set ?up|configure|keep|would like)\b/iu,
      /\b(?:delay\w*|stays?|hours?|minutes|behind|later?)\b/iu,
      /\b(?:protect\w*|insurance|against|mistakes?|DROP TABLE|on purpose|intentional\w*|deliberate\w*|delayed (?:standby|replica))\b/iu,
      /\b(?:standby|replica|slave)\b/iu,
    ],
    means:
      'recovery_min_apply_delay makes a standby replay each commit that much later. It receives all WAL meanwhile, so that it can be brought up to date at any time, and needs room for that WAL.',
    causes: [
      {
        cause: "On the standby: ALTER SYSTEM SET recovery_min_apply_delay = '6h'; SELECT pg_reload_conf();",
        check: 'psql -c "SHOW recovery_min_apply_delay" -c "SELECT now() - pg_last_xact_replay_timestamp()"',
      },
      {
        cause: 'After a mistake on the primary, pause its replay before it comes there.',
        check: 'psql -c "SELECT pg_is_wal_replay_paused()"',
        rule: 'recovery/delayed',
      },
    ],
    todo: 'Do not make it synchronous with remote_apply (commits would wait so long), and do not let a failover choose it.',
    asks: true,
  },
  {
    all: [
      /\b(?:restor\w+|rolled back|reverted|re-?created|re-?installed)\b.{0,60}\b(?:primary|master|leader|production)\b|\b(?:primary|master|leader|production)\b.{0,40}\b(?:was|were|got|has been) (?:restored|rolled back|reverted|re-?created)\b/iu,
    ],
    beside:
      /^(?=[^]*\b(?:standbys?|replicas?|slaves?|secondar(?:y|ies))\b)(?=[^]*\b(?:connect\w*|follow\w*|rebuil\w*|re-?cloned?|stream\w*|not|what|again)\b|[^]*n['’]t\b)/iu,
    ...primaryRestored,
  },
  {
    all: [
      /\bremote_apply\b|\bremote_write\b|\bsynchronous(?:ly)? (?:replication|standby|replica|mode)\b|\bsynchronous_(?:commit|standby_names)\b/iu,
      /\b(?:slow\w*|latenc\w*|take\w*|seconds?|performance|throughput|longer)\b/iu,
      /\b(?:commits?|inserts?|updates?|writes?|transactions?|primary|master|quer(?:y|ies)|everything|application|app)\b/iu,
    ],
    means:
      'With a synchronous standby every commit takes a round trip to it: until it has written (remote_write), flushed (on) or replayed (remote_apply) the WAL. What is slow there, or on the way, is what the commit waits for.',
    causes: [
      {
        cause:
          'write_lag, flush_lag and replay_lag say where: write_lag is large: the network; flush_lag: the disk of the standby; replay_lag: its replay, which remote_apply waits for (a query there holds it up for max_standby_streaming_delay).',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, sync_state, write_lag, flush_lag, replay_lag FROM pg_stat_replication" -c "SHOW synchronous_commit" -c "SHOW synchronous_standby_names"',
        rule: 'streaming/lag',
      },
      {
        cause: 'Queries on the standby hold up its replay.',
        check:
          'psql -c "SHOW max_standby_streaming_delay" -c "SELECT pid, xact_start, state, left(query, 60) FROM pg_stat_activity ORDER BY xact_start LIMIT 5"',
      },
    ],
    todo: 'What need not wait can do without: SET synchronous_commit = local in that session or for that role. on waits for the flush only, remote_apply for the replay as well.',
  },
  {
    all: [
      /\b(?:wal_level|max_wal_senders|max_replication_slots|max_connections|max_worker_processes|max_prepared_transactions|listen_addresses|port|hot_standby|archive_mode|wal_log_hints|shared_buffers|shared_preload_libraries|track_commit_timestamp)\b/u,
      /\b(?:pg_reload_conf|reload\w*|SIGHUP|changed|set|edited|alter system)\b/iu,
      /\b(?:still|not (?:applied|taken|effective|changed?|work\w*)|no effect|ignored|unchanged|does ?n['’]t (?:change|work|apply)|(?:shows?|gives?|says?|returns?) (?:the )?old)\b/iu,
    ],
    asks: true,
    means:
      'This setting is read at the start of the server only: a reload leaves the old value in force. pg_settings.pending_restart shows what waits for a restart.',
    causes: [
      {
        cause: 'The file has the new value, and the server has not been restarted since.',
        on: 'primary',
        check: 'psql -c "SELECT name, setting, pending_restart FROM pg_settings WHERE pending_restart"',
      },
      {
        cause:
          'Another place sets it: a later line, postgresql.auto.conf (ALTER SYSTEM), an include, or an option on the command line of the service or container, which goes before all files.',
        on: 'primary',
        check:
          'psql -c "SELECT sourcefile, sourceline, name, setting, applied, error FROM pg_file_settings ORDER BY name, seqno"; ps -o args= -C postgres | head -1',
      },
      {
        cause: 'The file that was edited is not the one that the server reads.',
        on: 'primary',
        check: 'psql -c "SHOW config_file"',
      },
    ],
    todo: 'Restart the server (systemctl restart postgresql, pg_ctlcluster, docker restart; under Patroni: patronictl restart). A standby needs max_connections and the like raised before its primary.',
  },
  {
    all: [
      standby,
      /\b(?:exactly|constant(?:ly)?|always (?:about |around |the same )?(?=an?\b|one\b|two\b|half\b|\d)|permanently|steady|fixed|never (?:more|less))\b.{0,60}\b(?:hours?|minutes?|min|h|days?)\b|\b(?:hours?|minutes?|min|h|days?)\b.{0,30}\b(?:to the (?:second|minute)|constant(?:ly)?|at all times)\b/iu,
      /\b(?:behind|late|delay\w*|lag\w*|old(?:er)?|stale)\b/iu,
    ],
    means:
      'A standby that is always behind by the same time is delayed on purpose: recovery_min_apply_delay makes it replay every commit that much later. It receives all WAL meanwhile.',
    causes: [
      {
        cause: 'recovery_min_apply_delay is set on the standby.',
        check:
          'psql -c "SHOW recovery_min_apply_delay" -c "SELECT sourcefile, sourceline FROM pg_settings WHERE name = \'recovery_min_apply_delay\'"',
        rule: 'recovery/delayed',
      },
      {
        cause:
          'The time zone or the clock of one server is wrong, and the lag is a difference of times: positions then show none.',
        check:
          'timedatectl; psql -c "SELECT now(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"',
      },
      {
        cause: 'It gets its WAL from an archive only, in whole segments, so that archive_timeout is the delay.',
        check: 'psql -c "SELECT status FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo" -c "SHOW restore_command"',
      },
    ],
    todo: 'If the delay is not wanted: ALTER SYSTEM SET recovery_min_apply_delay = 0; SELECT pg_reload_conf(); on the standby.',
  },
  {
    all: [
      /\b(?:chang\w*|reset|rotat\w*|alter(?:ed)?|new)\b.{0,40}\b(?:password|credentials?)\b|\b(?:password|credentials?)\b.{0,30}\b(?:chang\w*|rotat\w*|expired?|reset)\b/iu,
      standbyOrReplication,
      /\b(?:not|cannot|fail\w*|refus\w*|stop\w*|broke\w*|broken|disconnect\w*|behind|lag\w*|since)\b|n['’]t\b/iu,
    ],
    means:
      'A standby logs in to its primary with the password in its own primary_conninfo or password file. A password that was changed on the primary must be changed there, too.',
    causes: [
      {
        cause: 'The standby still has the old password: the log of the standby has "password authentication failed".',
        check: 'psql -c "SHOW primary_conninfo"; ls -l ~postgres/.pgpass; tail -n 20 <log of PostgreSQL>',
        rule: 'role/wrong-password',
      },
      {
        cause: 'The role has expired, or may not log in any more.',
        on: 'primary',
        check:
          'psql -c "SELECT rolname, rolcanlogin, rolreplication, rolvaliduntil FROM pg_roles WHERE rolreplication"',
      },
    ],
    todo: 'Put the new password into the password file of the user of the server (or into primary_conninfo: ALTER SYSTEM SET primary_conninfo = …; SELECT pg_reload_conf(); from 13 on without a restart).',
  },
];
