import type { Symptom } from './symptom.ts';

const ofStandbys =
  /\b(?:standbys?|hot[_ ]standby\w*|replicas?|slaves?|secondar(?:y|ies)|(?:streaming|physical) replication|wal|pg_\w+)\b/iu;

const ofDatabases =
  /\b(?:postgres\w*|pg_\w+|streaming|physical|standbys?|slaves?|masters?|primary|wal(?:_\w+)?|database|replication)\b/iu;

const asked = /\b(?:can|could|does|do|is|are|should|how|what|which|why|must|will|need)\b/iu;

/** What people ask before they have a fault. */
export const howItWorks: readonly Symptom[] = [
  {
    all: [
      /\b(?:restor\w+|backup|pitr|snapshot|copy)\b/iu,
      /\b(?:standby|replica|slave|secondary)\b/iu,
      /\b(?:week|day|month|hour)s?\b|\bold\b|\bbehind\b/iu,
      /\b(?:stream\w*|primary|master|follow\w*|catch(?:es)? up|replicat\w+)\b/iu,
    ],
    beside:
      /\b(?:what (?:will|would) happen|what happens|will it|does it|is it possible|possible to|can (?:it|the|i|we)|how (?:can|does|will))\b/iu,
    asks: true,
    means:
      'A standby made from an older backup asks for the WAL from the end of that backup on. It catches up if every segment since then is still on the primary or in the archive that its restore_command reads; otherwise it says "requested WAL segment … has already been removed" and stays where it is.',
    causes: [
      {
        cause: 'What the backup starts from, and whether the archive has that segment and all later ones.',
        check: 'cat <data directory>/backup_label; postgres -C restore_command -D <data directory>',
        rule: 'wal/segment-removed',
      },
      {
        cause: 'What the primary still keeps: wal_keep_size, or a slot that was made before the backup.',
        on: 'primary',
        check:
          'psql -c "SHOW wal_keep_size" -c "SELECT slot_name, restart_lsn FROM pg_replication_slots"; ls <data directory>/pg_wal | head -3',
      },
      {
        cause:
          'A restore that was opened (promoted, recovery_target_action = promote, started without standby.signal) has a history of its own and can never follow: restore it again, as a standby.',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID"',
        rule: 'timeline/diverged',
      },
    ],
  },
  {
    all: [
      asked,
      /\bpg_basebackup\b|\bbase ?backup\b/iu,
      /\b(?:locks?|locked|down-?time|affects?|impact|load|online|(?:stop|block)\w* (?:the )?(?:primary|master|writes?))\b/iu,
    ],
    means:
      'A base backup locks nothing and needs no downtime: clients go on reading and writing. It costs I/O on the disk of its source, network, and one or two of max_wal_senders.',
    causes: [
      {
        cause: 'It begins with a checkpoint: spread over checkpoint_timeout by default, at once with -c fast.',
        on: 'primary',
        check: 'psql -c "SHOW checkpoint_timeout" -c "SHOW max_wal_senders"',
      },
      { cause: '-r 50M (--max-rate) limits what it takes; it can also be taken from a standby.' },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\bpg_basebackup\b/iu,
      /\b(?:non-?empty|not empty|existing|overwrite\w*)\b/iu,
      /\b(?:director(?:y|ies)|folder|data)\b/iu,
    ],
    means:
      'pg_basebackup writes into an empty directory only and overwrites nothing. Move the old directory aside, and keep it until the new standby streams.',
    causes: [
      {
        cause: 'The server must be stopped first.',
        check: 'ls -A <data directory> | head; pg_ctl -D <data directory> status',
        rule: 'target/not-empty',
      },
      { cause: 'A standby of the same cluster that has only diverged does not need a whole copy: pg_rewind.' },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:pass(?:word|wd)?)\b/iu,
      /\b(?:script\w*|non-?interactive\w*|automat\w+|cron|pass it|give it|without (?:a )?prompt\w*|avoid|prompt\w*)\b/iu,
      /\b(?:pg_basebackup|replicat\w+|standby)\b/iu,
    ],
    means:
      'A password for pg_basebackup and for a standby belongs in a password file of the user that runs it. -w makes pg_basebackup fail at once where it finds none.',
    causes: [
      {
        cause: 'One line <primary>:5432:replication:<role>:<password> in ~/.pgpass, mode 0600.',
        on: 'client',
        check: 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass',
        rule: 'conninfo/no-password',
      },
      {
        cause:
          'The standby itself needs it too: with -R, pg_basebackup writes passfile= or the password of PGPASSWORD into primary_conninfo.',
      },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:wal_keep_s\w+|how (?:much|many) wal)\b/iu,
      /\b(?:how|should|need|set|value|size|enough|recommend\w*)\b/iu,
    ],
    means:
      'wal_keep_size (before 13 wal_keep_segments, of 16 MB each) is the WAL that the primary keeps for standbys without a slot. It must be more than what is written while a standby is away.',
    causes: [
      {
        cause: 'How much is written: the difference of two positions.',
        on: 'primary',
        check: 'psql -Atc "SELECT pg_current_wal_lsn()"; sleep 600; psql -Atc "SELECT pg_current_wal_lsn()"',
      },
      { cause: 'A replication slot keeps exactly what is needed instead, limited by max_slot_wal_keep_size.' },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:postgresql\.conf|pg_hba(?:\.conf)?|config(?:uration)? files?|settings|parameters|alter system)\b.{0,40}\b(?:replicated|cop(?:y|ied)|same|synced?|synchroni[sz]ed|identical|transferred|propagat\w+)\b|\b(?:replicate|copy|sync)\b.{0,30}\b(?:postgresql\.conf|pg_hba(?:\.conf)?|config(?:uration)? files?|settings|parameters)\b/iu,
      ofStandbys,
    ],
    means:
      'Configuration is not replicated: each server has its own postgresql.conf and pg_hba.conf. pg_basebackup copies them once, if they are in the data directory (on Debian they are in /etc/postgresql).',
    causes: [
      {
        cause:
          'These must be at least as high on the standby: max_connections, max_worker_processes, max_wal_senders, max_prepared_transactions, max_locks_per_transaction.',
        on: 'both',
        check:
          "psql -c \"SELECT name, setting, sourcefile FROM pg_settings WHERE name IN ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction')\"",
        rule: 'recovery/settings-lower-than-primary',
      },
      { cause: 'pg_hba.conf should let the other servers in as well, so that each can be primary.' },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:should|recommend\w*|when|good idea|safe|what does|what is|pros|enable)\b/iu,
      /\bhot_standby_feedback\b/iu,
    ],
    means:
      'hot_standby_feedback = on tells the primary which row versions queries on the standby still need, so that vacuum keeps them: fewer canceled queries, more bloat on the primary.',
    causes: [
      {
        cause:
          'Good where the standby has long queries, and for logical slots on it. Not where its sessions stay open for hours.',
      },
      {
        cause: 'What it costs: how old the oldest row version is that a standby holds.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, backend_xmin, age(backend_xmin) FROM pg_stat_replication"',
      },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:back-?ups?|pg_dump|pg_basebackup)\b/iu,
      /\b(?:from|on|of|against|off) (?:the |a |my |our )?(?:standby|replica|slave|secondary)\b/iu,
      /\b(?:can|possible|take|run|should|safe|ok|allowed)\b/iu,
    ],
    means:
      'Yes: pg_basebackup, pg_dump and the backup tools work on a standby. The primary needs full_page_writes = on (the default) for a base backup of its standby.',
    causes: [
      {
        cause:
          'A long pg_dump there may be canceled by replay: raise max_standby_streaming_delay, or pause replay meanwhile.',
        check: 'psql -c "SHOW max_standby_streaming_delay" -c "SHOW hot_standby_feedback"',
        rule: 'streaming/conflicts',
      },
      {
        cause:
          'With -X none, it ends only when the primary has finished and archived a WAL segment: with little to write, switch it.',
        on: 'primary',
        check: 'psql -c "SELECT pg_switch_wal()"',
      },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\btemp(?:orary)? tables?\b|\b(?:write|insert|create|add|have|make)\w*\b.{0,40}\b(?:tables?|index(?:es)?|rows?|schemas?|users?|to|on|data)\b/iu,
      /\b(?:on|to|in) (?:the |a |my |our |only the )?(?:hot )?(?:standby|replica|slave|secondary)\b|\b(?:standby|replica|slave)\b.{0,20}\b(?:have|has)\b.{0,20}\b(?:additional|extra|own|different|other|more)\b/iu,
      /\b(?:can i|can we|can a|can my|is it possible|possible to|allowed|could i|how (?:can|do|to))\b/iu,
      ofDatabases,
    ],
    means:
      'No: a physical standby is the same as its primary to the byte and accepts no writes at all, no index, no table and no role of its own. Temporary tables are refused, too.',
    causes: [
      { cause: 'Create the index or role on the primary: it is replicated.' },
      { cause: 'A copy with tables or indexes of its own: logical replication into an ordinary server.' },
    ],
    asks: true,
  },
  {
    all: [
      /\bwhat (?:happens|will happen|would happen)\b|\bdoes\b/iu,
      /\b(?:primary|master|leader)\b.{0,30}\b(?:down|crash\w*|dies|fails?|stops?|offline|unavailable|lost)\b/iu,
      /\b(?:standby|replica|slave|secondary)\b/iu,
    ],
    means:
      'A standby goes on answering reads with what it has, and tries to connect again every few seconds. It does not become a primary by itself.',
    causes: [
      {
        cause: 'Which standby has the most WAL.',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      { cause: 'Automatically: Patroni, repmgrd, pg_auto_failover, or an operator of Kubernetes.' },
    ],
    todo: 'To go on without the old primary, make sure that it is stopped and cannot come back as one, and promote that standby: SELECT pg_promote().',
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:archive_mode|archive_command|wal archiv\w+|archiving)\b/iu,
      /\b(?:need|require\w*|necessary|must|mandatory|without|have to)\b/iu,
      /\bstreaming\b|\bstandbys?\b|\breplicas?\b|\bslaves?\b/iu,
    ],
    means:
      'Streaming replication needs no archive. An archive lets a standby go on that was away for longer than the primary keeps WAL, and allows point-in-time recovery.',
    causes: [
      {
        cause: 'Without one, a slot or wal_keep_size keeps the WAL for a standby that is away.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, wal_status FROM pg_replication_slots" -c "SHOW wal_keep_size" -c "SHOW max_slot_wal_keep_size"',
        rule: 'primary/wal-retention',
      },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\bwal_level\b/iu,
      /\b(?:need|require\w*|must|should|which|enough|difference|set)\b/iu,
      /\blogical\b|\bhot_standby\b|\breplica\b/iu,
    ],
    means:
      'A physical standby needs wal_level = replica (the default; before 9.6 hot_standby). logical writes somewhat more and is needed for logical replication and decoding only.',
    causes: [
      {
        cause: 'A change needs a restart of the primary. A standby has the wal_level of its primary.',
        on: 'primary',
        check: 'psql -c "SHOW wal_level" -c "SELECT name, pending_restart FROM pg_settings WHERE pending_restart"',
        rule: 'primary/wal-level-minimal',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:which|what) (?:tcp )?ports?\b/iu,
      /\b(?:replicat\w+|standby|pg_basebackup|streaming)\b/iu,
      /\b(?:use[sd]?|open|need\w*|firewall|listen\w*)\b/iu,
    ],
    means:
      'Replication uses the port of the server (5432 by default) and no other: the standby connects to the primary, never the other way round.',
    causes: [
      {
        cause: 'From the standby the port must be open, and the primary must listen on that address.',
        check: 'pg_isready -h <primary> -p 5432',
        rule: 'network/connection-refused',
      },
    ],
    asks: true,
  },
  {
    all: [/\bsystem[ _]identifiers?\b/iu, /\bsame\b|\bidentical\b/iu, ofStandbys],
    means:
      'A standby has the system identifier of its primary, because it is a copy of it. That is right: with another one it could not follow.',
    causes: [
      {
        cause: 'Compare them.',
        on: 'both',
        check: 'psql -c "SELECT system_identifier FROM pg_control_system()"',
        rule: 'timeline/system-identifier-differs',
      },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:users?|roles?|privileges?|permissions?|rights?)\b/iu,
      /\b(?:needs?|require\w*|must|which|what|enough|superuser)\b/iu,
      /\b(?:replication (?:user|role|connection)|for (?:the )?replication|pg_basebackup|streaming replication|standby)\b/iu,
      /\b(?:which|what|how)\b.{0,40}\b(?:users?|roles?|privileges?|permissions?|rights?)\b/iu,
    ],
    means:
      'A role with LOGIN and REPLICATION is enough for a standby and for pg_basebackup; it needs no right on any table and need not be a superuser. pg_hba.conf must let it in for the database replication.',
    causes: [
      {
        cause: 'What the role has.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, rolcanlogin, rolreplication FROM pg_roles WHERE rolreplication"',
        rule: 'role/no-replication',
      },
      { cause: 'pg_rewind needs a superuser, or EXECUTE on four functions (see its manual page).' },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:ddl|schema (?:changes?|migrations?)|alter table|create (?:table|index|extension)|new (?:tables?|databases?|indexes|extensions?|users?|roles?)|migrations?|(?:same|all|the) (?:users?|roles?|grants|permissions))\b/iu,
      /\breplicat\w+\b|\b(?:on|to) (?:the |my |each |every )?(?:standby|replica|slave|secondary)\b/iu,
      /\b(?:streaming|physical|standby|replica|slave|secondary)\b/iu,
    ],
    beside: /\b(?:postgres\w*|streaming|physical|standby|wal|pg_\w+|ddl)\b/iu,
    means:
      'Streaming replication replicates everything: DDL, roles, new databases, indexes, sequences. Nothing is to be run on the standby. Logical replication carries no DDL: there it is run on both sides.',
    causes: [
      {
        cause:
          'CREATE EXTENSION is replicated too, but its files are not: the package must be installed on the standby.',
        check: 'ls "$(pg_config --pkglibdir)" | head; psql -c "SHOW shared_preload_libraries"',
        rule: 'standby/library-missing',
      },
    ],
    asks: true,
  },
];
