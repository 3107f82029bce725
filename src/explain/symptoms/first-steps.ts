import type { Symptom } from './symptom.ts';

/** Other things have replicas and standbys as well: what is asked must be about servers of a database. */
const aStandby =
  /\b(?:a|an|the|my|our|your|new|hot|another|second|more|each|one|of|add|postgres\w*|warm|two|2|multiple|several|database|db) (?:hot |warm |read |streaming |postgres\w* )?standbys?\b(?! (?:mode|time|power|generator|button|letter|state))|\bstandby (?:servers?|nodes?|databases?|instances?)\b|\b(?:postgres\w*|pg|streaming|physical|master|primary|replication)\b.{0,60}\b(?:replicas?|slaves?|secondar(?:y|ies))\b|\b(?:replicas?|slaves?|secondar(?:y|ies))\b.{0,60}\b(?:postgres\w*|pg|streaming|physical|master|primary|replication)\b|\b(?:streaming|postgres\w*|physical|master[-/ ]slave|primary[-/ ]standby) replication\b|\breplication\b.{0,30}\bpostgres\w*/iu;

const asked =
  /\?|\b(?:how|what|which|where|is there|can i|can we|do i|do we|steps?|guide|tutorial|want|need|trying)\b/iu;

const streams = 'psql -c "SELECT application_name, client_addr, state, sync_state FROM pg_stat_replication"';
const follows =
  'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()" -c "SELECT status, sender_host, slot_name FROM pg_stat_wal_receiver"';

const preflight = 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R';

const statusAsked: Omit<Symptom, 'all'> = {
  means:
    'The primary has one row in pg_stat_replication for each standby that is connected, and each standby one in pg_stat_wal_receiver. state and status are "streaming" where all is well.',
  causes: [
    { cause: 'Which standbys are connected.', on: 'primary', check: streams },
    { cause: 'Whether this one receives and replays: the positions move.', check: follows },
  ],
  asks: true,
};

/** How a standby is set up, looked at and given up. */
export const firstSteps: readonly Symptom[] = [
  {
    all: [
      /\b(?:rebuild\w*|re-?creat\w+|re-?sync\w*|re-?initiali[sz]\w+|re-?seed\w*|re-?clone|set ?up again)\b/iu,
      aStandby,
      /\b(?:how|steps?|procedure|way|best|need)\b/iu,
    ],
    means: 'A standby is made again by a base backup into an empty directory. The primary goes on meanwhile.',
    causes: [
      {
        cause: 'Stop it, and move its old data directory aside (keep it until the new one streams).',
        check: 'pg_ctl -D <data directory> stop; mv <data directory> <data directory>.old',
      },
      {
        cause: 'Copy the primary.',
        check: 'pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -c fast -R -P',
      },
      {
        cause: 'Start it and look whether it streams.',
        check: 'psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver"',
      },
    ],
    where: 'before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
    asks: true,
    steps: true,
  },
  {
    all: [
      /\b(?:which|what|where|difference|instead|how)\b/iu,
      /\b(?:standby\.signal|recovery\.(?:signal|conf))\b|\bfiles?\b.{0,40}\bstandby\b|\bmakes? (?:it |a server |a |an |the |my )*standby\b/iu,
    ],
    means:
      'From 12 on, an empty file standby.signal in the data directory makes a server a standby when it starts. primary_conninfo in postgresql.conf or postgresql.auto.conf names its primary. recovery.signal is for a restore, which ends. Up to 11, recovery.conf has all of it.',
    causes: [
      {
        cause: 'What is there.',
        check:
          'ls -l <data directory>/*.signal <data directory>/recovery.conf; grep -n primary_conninfo <data directory>/*.conf',
      },
      {
        cause: 'pg_basebackup -R writes standby.signal and primary_conninfo into the copy.',
        on: 'client',
        check: 'pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R -P',
      },
    ],
    todo: 'Do not create standby.signal on a server that ran as a primary meanwhile: it has a history of its own, and needs pg_rewind or a new base backup.',
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:upgrad\w+|update|patch)\b/iu,
      /\b(?:postgres\w*|clusters?|major|minor|versions?|releases?|servers?)\b/iu,
      aStandby,
    ],
    means:
      'Streaming replication works between minor releases, not between major ones: a standby must have the major release of its primary.',
    causes: [
      {
        cause: 'Minor release (16.2 to 16.4): install it and restart, the standbys first, then the primary.',
        on: 'both',
        check: 'psql -c "SHOW server_version"',
      },
      {
        cause:
          'Major release: pg_upgrade on the primary, then a new base backup for each standby (or rsync, as the manual of pg_upgrade says step by step).',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type FROM pg_replication_slots"',
      },
      { cause: 'Almost without downtime: logical replication to a server of the new release, then a switchover.' },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:remov\w+|delet\w+|decommission\w*|drop\w*|get rid of|detach\w*|shut ?down for good)\b/iu,
      /\b(?:standbys?|replicas?|slaves?|secondar(?:y|ies))\b(?!.{0,12}\b(?:slots?|lags?|sets?)\b)/iu,
      aStandby,
    ],
    means:
      'A standby can be stopped at any time: the primary goes on without it. What the primary keeps for it has to be removed there.',
    causes: [
      {
        cause: 'Its slot: an unused one keeps WAL until the disk is full.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots"',
        rule: 'primary/unbounded-slot-retention',
      },
      {
        cause: 'Its name in synchronous_standby_names: commits would wait for it.',
        on: 'primary',
        check: 'psql -c "SHOW synchronous_standby_names"',
        rule: 'primary/synchronous-commit-blocked',
      },
    ],
    todo: "Stop the standby, then on the primary: SELECT pg_drop_replication_slot('<slot>'); with the slot of that standby only. Members of Patroni, repmgr or an operator are removed with its command.",
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:stop|break|end|disable|turn off|disconnect)\w*\b.{0,40}\breplicat\w+|\b(?:stand-?alone|independent|normal server|writable|writeable|read[-/ ]?write)\b/iu,
      aStandby,
    ],
    means:
      'A standby becomes an independent server when it is promoted. After that, only pg_rewind or a new base backup makes it a standby again. To stop for a while, pause replay instead.',
    causes: [
      { cause: 'For good: promote it.', check: 'psql -c "SELECT pg_promote()"' },
      {
        cause: 'For a while: pause replay. It goes on receiving WAL, which fills its disk in time.',
        check: 'psql -c "SELECT pg_wal_replay_pause()" -c "SELECT pg_is_wal_replay_paused()"',
      },
      {
        cause: 'Then the slot on the old primary is not used any more and has to be dropped.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active FROM pg_replication_slots"',
      },
    ],
    todo: 'Under Patroni, repmgr or an operator use its own commands: by hand there would be two primaries.',
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:paus\w+|suspend\w*|temporar\w+ stop|delay\w*)\b.{0,30}\b(?:replicat\w+|replay|standby|replica|slave)\b/iu,
    ],
    means:
      'Replay can be paused on the standby: it goes on receiving WAL and keeps it, until its disk is full. recovery_min_apply_delay keeps it behind by a fixed time.',
    causes: [
      {
        cause: 'Pause it, and look. pg_wal_replay_resume() lets it go on.',
        check: 'psql -c "SELECT pg_wal_replay_pause()" -c "SELECT pg_is_wal_replay_paused()"',
        rule: 'recovery/replay-paused',
      },
      { cause: 'Space for what comes in meanwhile.', check: 'df -h <data directory>' },
    ],
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:chang\w+|switch\w*|point\w*|re-?point\w*|redirect\w*|move)\b.{0,40}\b(?:primary|master|upstream)\b/iu,
      /\b(?:standbys?|replicas?|slaves?|secondar(?:y|ies))\b/iu,
      aStandby,
    ],
    means:
      'A standby follows the server that primary_conninfo names. It can change over to another one of the same cluster, if that one has at least as much WAL and the same history.',
    causes: [
      {
        cause: 'Whom it follows now, and with which settings.',
        check:
          'psql -c "SELECT status, sender_host, sender_port, received_tli FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo" -c "SHOW primary_slot_name"',
        rule: 'streaming/wrong-upstream',
      },
      {
        cause: 'Its slot must exist on the new primary: slots are not replicated.',
        on: 'new primary',
        check: 'psql -c "SELECT slot_name, active FROM pg_replication_slots"',
        rule: 'slot/missing',
      },
    ],
    todo: "ALTER SYSTEM SET primary_conninfo = 'host=<new primary> user=<role> …'; from 13 on, SELECT pg_reload_conf() is enough; before, restart the standby. With repmgr: repmgr standby follow. Patroni and operators do it by themselves.",
    asks: true,
  },
  {
    all: [
      asked,
      /\b(?:drop|delete|remove)\b.{0,20}\b(?:replication )?slots?\b/iu,
      /\breplication\b|\bpg_\w+|postgres/iu,
    ],
    means:
      'pg_drop_replication_slot() drops a slot that nothing uses. A standby that used it may need a new base backup, a subscriber a new copy of its tables.',
    causes: [
      {
        cause: 'Who uses it: an active one is refused until its standby or reader is stopped.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, slot_type, database, active, active_pid, restart_lsn FROM pg_replication_slots"',
      },
    ],
    todo: "SELECT pg_drop_replication_slot('<slot>'); on the server that has it. The slot of a subscription goes with DROP SUBSCRIPTION on the subscriber.",
    asks: true,
  },
  {
    all: [
      /\b(?:START|STOP|RESET) (?:SLAVE|REPLICA)\b|\bCHANGE (?:MASTER|REPLICATION SOURCE) TO\b|\b(?:start|stop|reset) slave\b|\b[Bb]inlogs?\b|\b[Bb]inary logs?\b|\blog_bin\b|\bGTIDs?\b|\b[Rr]elay logs?\b|\bserver[-_]id\b/u,
    ],
    beside: /postgres|\bpg_\w+|\bpg\b/iu,
    means:
      'PostgreSQL has no such statements. The WAL is what the binary log is, an LSN its position. A standby is started as one: standby.signal and primary_conninfo take the place of CHANGE MASTER TO, and replication starts and stops with the server.',
    causes: [
      {
        cause:
          'For CHANGE MASTER TO: primary_conninfo names the primary. From 13 on a reload is enough (ALTER SYSTEM SET primary_conninfo = …; SELECT pg_reload_conf();), before that a restart. It finds its position by itself.',
        check: 'psql -c "SHOW primary_conninfo" -c "SELECT status, sender_host FROM pg_stat_wal_receiver"',
      },
      {
        cause: 'Positions: what is written, and what the standby has received and replayed.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_current_wal_lsn()" -c "SELECT application_name, state, sent_lsn, replay_lsn FROM pg_stat_replication"',
      },
      {
        cause: 'For STOP SLAVE, replay can be paused (pg_wal_replay_pause, pg_wal_replay_resume).',
        check: 'psql -c "SELECT pg_is_wal_replay_paused()" -c "SHOW primary_conninfo"',
      },
    ],
    todo: 'server-id and GTIDs have no counterpart: the LSN is the same on all servers of a cluster. "Coming from MySQL" in the documentation has the list.',
    asks: true,
  },
  // what MySQL calls it
  {
    all: [/\bshow (?:master|slave|replica|binary log) (?:status|hosts)\b|\bshow (?:replicas|processlist)\b/iu],
    ...statusAsked,
  },
  {
    all: [
      asked,
      /\b(?:check|verify|see|know|tell|monitor|confirm|find out|status|test|make sure)\b/iu,
      /\b(?:works?|working|running|healthy|active|connected|status|alive|set up|configured|streaming)\b/iu,
      aStandby,
    ],
    ...statusAsked,
  },
  {
    all: [
      /\b(?:how|steps?|guide|tutorial|way|easiest|simplest|instructions|want to|need to|would like to|best practice)\b/iu,
      /\b(?:set(?:ting)? ?up|creat\w+|mak(?:e|ing)|build\w*|configur\w+|add(?:ing)?|deploy\w*|implement\w*|enable|start with)\b/iu,
      aStandby,
    ],
    beside: /^(?![^]*\b(?:old|former|previous)[- ](?:primary|master)\b)/iu,
    means:
      'A standby is a copy of the whole server, made by pg_basebackup, that then streams the WAL of its primary. Four things have to be there: a role, an entry in pg_hba.conf, the copy, and standby.signal with primary_conninfo (-R writes both).',
    causes: [
      {
        cause:
          'A role (CREATE ROLE <role> WITH REPLICATION LOGIN, then \\password <role> in psql), and WAL senders: the defaults of wal_level and max_wal_senders are enough.',
        on: 'primary',
        check:
          'psql -c "SELECT rolname FROM pg_roles WHERE rolreplication AND rolcanlogin" -c "SHOW wal_level" -c "SHOW max_wal_senders" -c "SHOW listen_addresses"',
      },
      {
        cause:
          'In pg_hba.conf of the primary: host replication <role> <address of the standby>/32 scram-sha-256, and a reload.',
        on: 'primary',
        check: 'psql -c "SELECT pg_reload_conf()"',
      },
      {
        cause: 'The copy, into an empty directory, as the user of the server.',
        check:
          'sudo -u postgres pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -c fast -C -S standby1 -R -P',
      },
      { cause: 'Start it, and look on the primary.', on: 'primary', check: streams },
    ],
    where: 'to check all of it before the copy',
    command: preflight,
    asks: true,
    steps: true,
  },
];
