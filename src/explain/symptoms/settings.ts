import type { Symptom } from './symptom.ts';

/** What a setting, a file or a state means that somebody names in a sentence. */
export const symptomsOfSettings: readonly Symptom[] = [
  {
    all: [
      /\brecovery_min_apply_delay\b/iu,
      /[1-9]\d* ?(?:ms|s|min|h|d|seconds?|minutes?|hours?|days?)\b|\b[1-9]\d{3,}\b/iu,
    ],
    means:
      'recovery_min_apply_delay makes the standby replay every commit that much later, on purpose. It receives all WAL meanwhile; only what its queries see, and replay_lsn, are behind.',
    causes: [
      {
        cause: 'The setting came with a template or with the configuration of a delayed standby.',
        check:
          'psql -c "SELECT sourcefile, sourceline, setting, unit FROM pg_settings WHERE name = \'recovery_min_apply_delay\'"',
        rule: 'recovery/delayed',
      },
    ],
    todo: 'If it is not wanted: ALTER SYSTEM SET recovery_min_apply_delay = 0; SELECT pg_reload_conf(); on the standby (before 12: in recovery.conf, and a restart).',
  },
  {
    all: [
      /\bcatch-?up\b(?! (?:with|to|on)\b)/iu,
      /\bstate\b|\bpg_stat_replication\b|\bstatus\b/iu,
      /\b(?:is|what|why|error|stays?|stuck|still|remains?|long|hours?|minutes?|days?|normal|never|mean\w*)\b/iu,
    ],
    means:
      'State catchup in pg_stat_replication is normal: the standby is connected and receives what it missed, from pg_wal of the primary. It becomes streaming by itself once it has caught up.',
    causes: [
      {
        cause:
          'Ask twice: not_sent must shrink. If it grows, the primary writes more than the network or the disk of the standby takes.',
        on: 'primary',
        check: `psql -c "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) AS not_sent, pg_wal_lsn_diff(sent_lsn, flush_lsn) AS under_way FROM pg_stat_replication"`,
        rule: 'streaming/lag',
      },
      {
        cause: 'The slow side of it.',
        on: 'standby',
        check: 'iostat -x 5 2; psql -c "SELECT latest_end_lsn, last_msg_receipt_time FROM pg_stat_wal_receiver"',
      },
    ],
    todo: 'Leave the standby running, and keep its slot: if it is stopped, it has more to catch up.',
  },
  {
    all: [
      /\brecovery\.conf\b/iu,
      /\b(?:1[2-9]|2\d)(?:\.\d+)?\b|\b(?:exist\w*|presen\w+|missing|gone|remov\w+|got rid|no longer|ignor\w+|found|creat\w+)\b/iu,
      /\b(?:start\w*|die[sd]?|fail\w*|refus\w*|primary|replicat\w*|stand-?by|work\w*)\b/iu,
    ],
    means:
      'From 12 on there is no recovery.conf: the server does not start while such a file is in its data directory. Its settings belong in postgresql.conf, and a file standby.signal makes it a standby.',
    causes: [
      {
        cause: 'An image, a script or a guide for 11 and older still writes recovery.conf.',
        on: 'standby',
        check: 'ls -l <data directory>/recovery.conf <data directory>/standby.signal; postgres --version',
        rule: 'standby/recovery-conf-present',
      },
    ],
    todo: 'Move the file aside, put primary_conninfo, restore_command and primary_slot_name into postgresql.auto.conf, and touch <data directory>/standby.signal before the start. pg_basebackup -R does all of it. standby_mode is gone; trigger_file became promote_trigger_file, and went in 16.',
  },
  {
    all: [
      /\btablespaces?\b/iu,
      /\b(?:sym)?links?\b|\blocations?\b|\bpaths?\b|\btablespace_map\b/iu,
      /\b(?:source|original|old|same|primary|master|production|running|other)\b/iu,
      /\b(?:lost|overwrit\w*|replaced|reset|changed|recreated|ignored|used|restored|wrong|spoil\w*|again)\b/iu,
    ],
    means:
      'At its first start a copy recreates the links in pg_tblspc from the file tablespace_map in its data directory. Links that were changed before are lost, and a second copy on one machine would write into the tablespaces of the first server.',
    causes: [
      {
        cause: 'Compare the two before the copy is started, on a machine where the original runs above all.',
        on: 'standby',
        check: 'cat <data directory>/tablespace_map; ls -l <data directory>/pg_tblspc',
      },
    ],
    todo: 'Do not start the copy on that machine. Correct the paths in tablespace_map first, or copy with a mapping: pg_basebackup -T <old>=<new>, pgbackrest --tablespace-map, barman --tablespace.',
  },
];
