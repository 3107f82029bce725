import type { Symptom } from './symptom.ts';

const keptBy =
  'psql -c "SELECT slot_name, slot_type, active, restart_lsn FROM pg_replication_slots" -c "SELECT failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver" -c "SHOW wal_keep_size"';

/** Files of pg_wal: too many, or deleted by hand. */
export const symptomsOfWalFiles: readonly Symptom[] = [
  {
    all: [
      /\b(?:I|we|he|she|they|someone|somebody|colleague|script|job|cron\w*|admin)\b.{0,60}\b(?:deleted|removed|cleaned|purged|emptied|cleared|rm)\b.{0,60}\b(?:pg_wal|pg_xlog|wal (?:files|segments|logs|director\w+)|wals|xlogs?)\b/iu,
      /^(?!.*\b(?:never|did ?n[o'’]t|not) (?:delet|remov|clean|purg))/iu,
    ],
    means:
      'The server needs the WAL since its last checkpoint to start, and its standbys the WAL that they have not received. What was deleted by hand from pg_wal does not come back by itself.',
    causes: [
      {
        cause:
          'A standby that still runs has the data: do not stop, copy or rewind it. If the primary does not start any more, promote the standby (with the command of Patroni, repmgr or the operator, if one runs the cluster).',
        check:
          'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"',
      },
      {
        cause:
          'The segments are in an archive, in a backup, or on the standby (its pg_wal): copies of them back in pg_wal let the primary start. Which one it needs first:',
        on: 'primary',
        check: 'pg_controldata -D <data directory> | grep "REDO WAL file"; ls <data directory>/pg_wal | head -3',
        rule: 'standby/raw-copy',
      },
      {
        cause:
          'The primary runs, and a standby says "requested WAL segment … has already been removed": restore_command from an archive, or a new base backup.',
        check: 'grep -n "already been removed" <log of PostgreSQL> | tail -3',
        rule: 'wal/segment-removed',
      },
    ],
    todo: 'pg_resetwal is no way out: it starts a damaged database. First copy the whole data directory, then decide. What filled pg_wal (a slot, archive_command, wal_keep_size) still has to be ended.',
  },
  {
    all: [
      /\b(?:can|may|could|should|shall|is it (?:ok|okay|safe|fine|possible)|safe(?:ly)? to|how (?:do|can|to)|want to)\b.{0,40}\b(?:delet\w+|remov\w+|rm|clean\w*|purg\w+|empt\w+|truncat\w+|mov\w+)\b.{0,40}\b(?:pg_wal|pg_xlog|wal (?:files|segments|logs)|wals|xlogs?)\b/iu,
    ],
    means:
      'Never delete files from pg_wal by hand: the server may not start after that, and its standbys lose what they have not received. It removes them itself at the next checkpoint, once nothing keeps them.',
    causes: [
      {
        cause: 'What keeps them: a slot that nothing uses, an archive_command that fails, or wal_keep_size.',
        on: 'primary',
        check: keptBy,
        rule: 'primary/unbounded-slot-retention',
      },
      {
        cause: 'Room until then: logs, old backups, or a larger volume.',
        on: 'primary',
        check: 'df -h <data directory>; du -xsh <data directory>/* | sort -h | tail -5',
      },
    ],
    todo: "The slot of a standby that is gone for good: SELECT pg_drop_replication_slot('<slot>'); then CHECKPOINT; removes the files. Ask first who else uses it: its reader needs a new copy after that.",
    asks: true,
    harm: true,
  },
  {
    all: [
      /\bpg_wal\b|\bpg_xlog\b|\bwal (?:files?|director\w+|folder|segments?|disk|volume|archive|logs?)\b|\bwals\b|\bxlogs?\b/iu,
      /\b(?:grow\w*|fill\w*|full|huge|accumulat\w*|eats?|eating|pil(?:es?|ing)|increas(?:e|es|ed|ing)\b(?! (?:the )?(?:values?|settings?)\b)|(?:not|unable|can(?:no|['’])t|could ?n['’]?t|fail\w*) (?:being |be |able )?(?:to )?(?:remov\w*|delet\w*|recycl\w*|clean\w*|purg\w*)|never (?:remov\w*|delet\w*|recycl\w*|clean\w*)|(?:does ?n'?t|do ?n'?t) (?:get )?(?:remov\w*|delet\w*|recycl\w*|clean\w*|shrink)|too (?:much|many|large|big)|(?:runs?|running|ran) out|(?:uses?|using|takes?|occup\w+|consum\w+|keeps?|holds?|has|is(?: now| already)?(?: at)?) (?:up |over |about |around |nearly |almost |more than )*\d+ ?(?:[GMT]i?B?|gigs?|gigabytes?|files?|segments?|%)|\d+ ?[GT]i?B? (?:of (?:it|that|which) (?:is|are) |(?:is|are) (?:in )?|of |in )(?:the )?(?:pg_wal|pg_xlog|wals?)|(?:uses?|using|takes?|occup\w+|consum\w+) (?:up |over |about |around |nearly |almost |more than )*\d\w*)\b/iu,
    ],
    means:
      'Something keeps the server from removing old WAL. Never delete files from pg_wal: the server may not start after that.',
    causes: [
      {
        cause:
          'An unused replication slot (a standby that is down or gone, a logical consumer): active = f, and an old restart_lsn.',
        unless:
          /\b(?:no|not any|(?:do|does)(?: not|n['’]t) (?:have|use) (?:any )?|without)(?: active| unused| inactive)? ?(?:physical |logical )?(?:replication )?slots?\b|\bpg_replication_slots\b.{0,20}\b(?:empty|no rows|nothing|0 rows)\b/iu,
        on: 'server',
        check:
          'psql -c "SELECT slot_name, slot_type, active, wal_status, pg_size_pretty(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)) AS kept FROM pg_replication_slots"',
        rule: 'primary/unbounded-slot-retention',
      },
      {
        cause: 'archive_command fails or is slow: a segment stays until it is archived.',
        unless: /\barchiv(?:e_mode|ing)\b(?: is|:| =|=)? ?(?:off|disabled|not (?:used|enabled|active))\b/iu,
        on: 'server',
        check:
          'psql -c "SELECT archived_count, failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver" -c "SHOW archive_command"; ls <data directory>/pg_wal/archive_status | grep -c ready',
        rule: 'primary/archive-failing',
      },
      {
        cause: 'wal_keep_size (wal_keep_segments before 13), max_wal_size or min_wal_size ask for it.',
        on: 'server',
        check: `psql -c "SELECT name, setting, unit FROM pg_settings WHERE name ~ '^(wal_keep|max_wal_size|min_wal_size|max_slot_wal_keep)'"`,
      },
      {
        cause:
          'On a standby: restartpoints do not happen because replay has stopped, or it archives too (archive_mode = always).',
        after: 'on a standby',
        on: 'standby',
        check: 'psql -c "SELECT pg_last_wal_replay_lsn(), pg_is_wal_replay_paused()" -c "SHOW archive_mode"',
        rule: 'standby/archiving-fails',
      },
    ],
    todo: "A slot that is really not needed: SELECT pg_drop_replication_slot('<slot>'); after asking who uses it: its standby needs a new base backup then. max_slot_wal_keep_size limits what a slot may keep.",
  },
];
