import type { Symptom } from './symptom.ts';
import { receives, whereItIsLost } from './where-to-look.ts';

const ofDatabases =
  /postgres|\bpg\b|\bpg_|\bwal\b|\b(?:standbys?|replicas?|slaves?|replication|primary|standby\.signal)\b/iu;

/** What people are about to do, or doubt, while all is well. */
export const plansAndDoubts: readonly Symptom[] = [
  {
    all: [
      /\b(?:rsync|scp|cp|tar|robocopy|copy(?:ing)?)\b/iu,
      /\b(?:data director(?:y|ies)|\$?PGDATA|data folder|files)\b/iu,
      /\b(?:running|live|online|while|instead of pg_basebackup|without stopping)\b/iu,
      /\?|^(?:can|could|may|is it|do|should|what)\b|\bjust\b/iu,
    ],
    beside: ofDatabases,
    means:
      'Not of a running server without more: files that are copied one after the other do not fit together, and the copy does not start, or is damaged without a message. pg_basebackup does what is needed for it.',
    causes: [
      {
        cause: 'The copy as it should be made.',
        check: 'sudo -u postgres pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -c fast -R -P',
      },
      {
        cause:
          'With rsync only between pg_backup_start() and pg_backup_stop() in one session, with the backup_label that the second returns in the copy, and with all WAL in between; or with the primary stopped.',
        on: 'primary',
        check: 'psql -c "SHOW data_directory" -c "SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace"',
        rule: 'standby/raw-copy',
      },
    ],
    where: 'to check the conditions before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
    asks: true,
  },
  {
    all: [
      /\bkill -9\b|\bkill(?:ing)? (?:the )?postmaster\b|\bSIGKILL\b|\b(?:rm|delet\w+|remov\w+)\b.{0,20}\bpostmaster\.pid\b/iu,
      /\?|\b(?:can|could|should|may|safe|how|force|must|ok(?:ay)?)\b/iu,
    ],
    beside: ofDatabases,
    means:
      'Not with kill -9, and never remove postmaster.pid while a process of that server lives: two servers on one directory destroy it. A server that is stopped cleanly removes the file itself.',
    causes: [
      {
        cause: 'Fast mode ends sessions; smart waits for them, which looks like a hang.',
        check: 'pg_ctl stop -D <data directory> -m fast -t 300',
      },
      {
        cause: 'What it waits for: the last checkpoint, its archiver, or a standby that has not got everything.',
        check: 'ps -fu postgres; tail -n 20 <log of PostgreSQL>',
      },
      {
        cause: 'Last resort: immediate mode, after which the server recovers at its next start.',
        check: 'pg_ctl stop -D <data directory> -m immediate',
      },
    ],
    asks: true,
    harm: true,
  },
  {
    all: [
      /\bslots?\b/iu,
      /\bwal_keep_(?:size|segments)\b|\barchiv\w+\b/iu,
      /\b(?:better|difference|versus|vs\.?|or|instead|prefer\w*|which|need both|recommend\w*)\b/iu,
      /\?|^(?:what|which|should|is|do|when|why|slots?|replication)\b/iu,
    ],
    means:
      'A slot keeps exactly what its standby has not received, for as long as that takes: nothing is lost, and the disk of the primary can run full. wal_keep_size keeps a fixed amount: the disk is safe, and a standby that is away for longer is lost.',
    causes: [
      {
        cause: 'A slot with a limit is both: max_slot_wal_keep_size, and an alert for slots that are not active.',
        on: 'primary',
        check:
          'psql -c "SHOW max_slot_wal_keep_size" -c "SHOW wal_keep_size" -c "SELECT slot_name, active, wal_status, restart_lsn FROM pg_replication_slots"',
      },
      {
        cause: 'An archive (restore_command on the standby) brings back even a standby that is away for days.',
        check: 'psql -c "SHOW restore_command" -c "SHOW primary_slot_name"',
      },
    ],
    todo: 'Drop the slot of a standby that is given up: an unused slot fills the disk.',
    asks: true,
  },
  {
    all: [
      /\b(?:base ?backup|copy|clone|pg_basebackup|follow|stream|feed|cascad\w+|chain\w*)\b/iu,
      /\b(?:from|off|behind) (?:the |my |our |an? )?(?:\w+ )?(?:existing |first |other |another )?(?:standby|replica|slave|secondary)\b|\bcascad\w+\b/iu,
      /\?|^(?:can|could|is it|how|may|should|does)\b/iu,
    ],
    beside: /^(?=[^]*(?:postgres|\bpg_|\breplica|\bstandby|\bwal\b))(?![^]*\b(?:fail(?:s|ed)|error|FATAL)\b)/iu,
    means:
      'Yes: pg_basebackup can copy from a standby, and a standby can follow a standby (a cascade). The one in the middle needs max_wal_senders, a line in its own pg_hba.conf, and hot_standby = on.',
    causes: [
      {
        cause:
          'The copy from the standby; with -R it follows that standby. To follow the primary, change host in primary_conninfo.',
        check: 'pg_basebackup -h <standby> -U <role> -D <data directory> -X stream -R -P',
      },
      {
        cause: 'A slot for it must be on the server that it follows: the standby, in a cascade.',
        check: 'psql -c "SHOW max_wal_senders" -c "SELECT slot_name, active FROM pg_replication_slots"',
      },
    ],
    todo: 'Such a backup waits at its end for WAL of the primary: where nothing is written, SELECT pg_switch_wal() there. full_page_writes must be on on the primary.',
    where: 'before the copy',
    command: 'standbylint preflight pg_basebackup -h <standby> -U <role> -D <data directory> -X stream -R',
    asks: true,
  },
  {
    all: [
      /\b(?:monitor\w*|alerts?|metrics?|watch)\b/iu,
      /\b(?:what|which|how|should|best)\b/iu,
      /\b(?:streaming|physical|postgres\w*|standbys?|replicas?|slaves?) ?(?:replication|setup|cluster|server)?\b/iu,
    ],
    beside: /postgres|\bpg_|\b(?:streaming|physical) replication\b/iu,
    means:
      'A few things on the primary and on each standby say when replication is in danger; standbylint watch looks at them all the time.',
    causes: [
      {
        cause: 'Each standby is there and streams, and how much it has not replayed.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, state, sync_state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS bytes_behind FROM pg_stat_replication"',
      },
      {
        cause: 'No slot is unused or near its limit, and archiving does not fail.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, wal_status, safe_wal_size FROM pg_replication_slots" -c "SELECT failed_count, last_failed_time, last_archived_time FROM pg_stat_archiver"',
      },
      { cause: 'The standby is in recovery, receives, and is not paused.', check: receives },
      {
        cause: 'Room for pg_wal and the data on both.',
        on: 'both',
        check: 'df -h <data directory> <data directory>/pg_wal',
      },
    ],
    where: 'to watch them',
    command: 'standbylint watch --help',
    asks: true,
  },
  {
    all: [
      /\b(?:delet\w+|remov\w+|rm|mov\w+|renam\w+)\b.{0,30}\b(?:standby\.signal|recovery\.conf)\b/iu,
      /\b(?:can|could|should|may|is it|what (?:if|happens)|safe|want|test|just|writ\w+|back)\b|\?/iu,
    ],
    means:
      'Do not: a standby that is started without standby.signal becomes a primary with a history of its own, even if nothing is written to it. Put back afterwards, the file does not undo that: the server cannot follow any more, or follows damaged.',
    causes: [
      {
        cause:
          'To write for a test, make a copy for it: pg_basebackup from the standby into another directory, started on another port.',
        check: 'pg_basebackup -h <standby> -U <role> -D <other directory> -X stream -c fast',
      },
      {
        cause: 'If it has happened already: stop that server, then pg_rewind from the primary, or a new base backup.',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID"',
        rule: 'standby/signal-missing',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:planned|controlled|manual|clean|order|steps?|procedure|how|correct|right|maintenance)\b/iu,
      /\bswitch-?over\b|\b(?:swap|switch|exchange|reverse|change)\b.{0,20}\broles?\b/iu,
    ],
    beside:
      /^(?![^]*\b(?:hang\w*|hung|stuck|fail(?:s|ed)|error\w*|never|after (?:a |the )?switch-?over)\b)(?=[^]*\b(?:postgres\w*|pg_\w+|standby|replica)\b)/iu,
    means:
      'By hand, a switchover is: stop the writers, stop the primary cleanly, see that the standby has all of it, promote the standby, and start the old primary as a standby. Under Patroni, repmgr or an operator use its command instead (patronictl switchover, repmgr standby switchover).',
    causes: [
      {
        cause: 'Before: the standby streams and is not behind.',
        on: 'primary',
        check: whereItIsLost,
      },
      {
        cause: 'Stop the primary (fast, not immediate): it waits until its standbys have everything.',
        on: 'primary',
        check:
          'pg_ctl stop -D <data directory> -m fast; pg_controldata -D <data directory> | grep -E "cluster state|checkpoint location"',
      },
      {
        cause: 'The standby has that checkpoint: then promote it (SELECT pg_promote()).',
        check: 'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      {
        cause:
          'The old primary: primary_conninfo to the new one, its slot there, standby.signal, and only then start it.',
        on: 'old primary',
        check: 'grep -n primary_conninfo <data directory>/postgresql.auto.conf; ls -l <data directory>/standby.signal',
      },
    ],
    todo: 'If the old primary was started once without standby.signal, it needs pg_rewind first.',
    asks: true,
    steps: true,
  },
  {
    all: [
      /\b(?:up[- ]to[- ]date|in sync|caught up|has (?:all|everything)|complete|safe to promote|how far)\b/iu,
      /\b(?:before|until|prior to)\b.{0,30}\b(?:promot\w+|fail-?over|switch-?over)\b|\bsafe to promote\b/iu,
    ],
    beside: ofDatabases,
    means:
      'A standby has everything if its replayed position is the position of the primary. While the primary runs, compare the two; when it is stopped, its last checkpoint is what the standby must have.',
    causes: [
      { cause: 'The primary runs: what is not replayed, in bytes.', on: 'primary', check: whereItIsLost },
      {
        cause: 'The primary is stopped: its last checkpoint.',
        on: 'primary',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|Latest checkpoint location"',
      },
      {
        cause: 'What this standby has received and replayed; of several, promote the one with the highest.',
        check: 'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:index(?:es)?|tables?|views?|users?|roles?|extensions?|statistics|temp(?:orary)? tables?|triggers?)\b/iu,
      /\b(?:creat\w+|add\w*|hav\w+|drop\w*|mak\w+|different|additional|extra|own)\b/iu,
      /\b(?:only|just)\b.{0,20}\bon (?:the |my |our |a )?(?:read[- ])?(?:standby|replica|slave|secondary)\b|\bon (?:the |my |our |a )?(?:read[- ])?(?:standby|replica|slave|secondary)\b.{0,12}\bonly\b/iu,
    ],
    means:
      'Not on a physical standby: it is read-only and the same as its primary, to the byte. What is created on the primary is on all standbys.',
    causes: [
      {
        cause:
          'An index for reports has to be created on the primary (CREATE INDEX CONCURRENTLY); the standby has it a moment later.',
      },
      { cause: 'Indexes or tables of its own: a subscriber of logical replication, which is an ordinary server.' },
    ],
    asks: true,
  },
  {
    all: [
      /\btime-?line\b/iu,
      /\b(?:reset|back to 1|normal|problem|dangerous|okay|ok|harmful|bad|matter|worry|why)\b/iu,
      /^(?!.*\b(?:not|cannot|diverg\w*|fork\w*|behind|child|differ\w*|mismatch|error|fail\w*)\b)/iu,
    ],
    beside:
      /^(?=[^]*\b(?:stream\w*|follow\w*|works?|fine)\b)(?=[^]*\b(?:promot\w*|fail-?over|switch-?over|restor\w+)\b)/iu,
    means:
      'Each promotion begins a new timeline: the number says how often that happened. That is normal; it cannot be set back, and does not have to be. All that matters is that primary and standbys are on the same one.',
    causes: [
      {
        cause: 'The timeline of the primary, and that of each standby: they are the same.',
        on: 'both',
        check:
          'psql -c "SELECT timeline_id FROM pg_control_checkpoint()" -c "SELECT received_tli, status FROM pg_stat_wal_receiver"',
      },
      { cause: 'Keep the .history files in the archive: a later restore needs them.' },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:recovering|startup recovering|in recovery|recovery)\b/iu,
      /\b(?:damaged|broken|corrupt\w*|dangerous|normal|bad|mean\w*|wrong|worry|crash\w*)\b/iu,
      /\?|^(?:is|does|do|should|what|why|so)\b|\bmeans?\b/iu,
    ],
    beside: /\b(?:walreceiver|wal receiver|standby|replica|slave|hot_standby)\b/iu,
    means:
      'A standby is in recovery for as long as it is one: its startup process replays the WAL that arrives, and ps names the segment at which it is. With a walreceiver that streams, all is well.',
    causes: [
      { cause: 'It receives and replays: the positions move.', check: receives },
      {
        cause: 'Without a walreceiver, or with the same segment for a long time: its log says why.',
        check: 'tail -n 30 <log of PostgreSQL>',
        rule: 'streaming/not-connected',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:rotat\w+|chang\w+|renew\w*|updat\w+|reset\w*|new)\b.{0,40}\b(?:password|credentials?|secret)\b/iu,
      /\breplicat\w+\b|\bstandbys?\b|\breplicas?\b|\bslaves?\b/iu,
      /\b(?:how|can|should|what|which|order|without|safe(?:ly)?|steps?)\b|\?/iu,
    ],
    beside: /^(?![^]*\b(?:failed|FATAL|ERROR)\b)/iu,
    means:
      'A connection that streams is not asked for its password again: a new one is needed at the next connection. Between the change on the primary and that on a standby, only a connection that is cut is refused.',
    causes: [
      {
        cause: 'All who log in with this role: standbys, pg_receivewal, Barman, pg_basebackup in scripts.',
        on: 'primary',
        check: 'psql -c "SELECT usename, application_name, client_addr FROM pg_stat_replication"',
      },
      {
        cause: 'On the primary, in psql: \\password <role> (it is hashed on this side, so that no log shows it).',
        on: 'primary',
        check: 'psql -c "SELECT rolname, rolvaliduntil FROM pg_roles WHERE rolreplication"',
      },
      {
        cause:
          'At once on each standby: the line of the password file, which needs no reload, or ALTER SYSTEM SET primary_conninfo (from 13 on a reload is enough, and the WAL receiver connects again).',
        check: 'psql -c "SHOW primary_conninfo"; cut -d: -f1-4 ~/.pgpass',
      },
      {
        cause:
          'Try it, one standby after the other: its connection is cut, and it connects again within a few seconds.',
        on: 'primary',
        check:
          "psql -c \"SELECT pg_terminate_backend(pid) FROM pg_stat_replication WHERE application_name = '<standby>' AND state = 'streaming'\"",
      },
    ],
    todo: 'Without any gap: a second role with REPLICATION and LOGIN and its own line in pg_hba.conf; move the standbys to it one by one, then drop the first.',
    asks: true,
    steps: true,
  },
  {
    all: [
      /\b(?:chang\w+|replac\w+|new|renam\w+|creat\w+|rotat\w+|remov\w+|dropp?\w*)\b.{0,30}\breplication (?:user|role|account)\b/iu,
    ],
    beside: /\b(?:which|what|how|where|do (?:I|we) (?:have|need))\b/iu,
    means:
      'The standby logs in with what primary_conninfo says: user, and password or passfile. pg_hba.conf of the primary has to let the new role in.',
    causes: [
      {
        cause:
          'On the standby: user and password in primary_conninfo (usually in postgresql.auto.conf), or the password file.',
        check:
          'psql -c "SHOW primary_conninfo" -c "SELECT sourcefile FROM pg_settings WHERE name = \'primary_conninfo\'"',
      },
      {
        cause: 'On the primary: the role has REPLICATION and LOGIN, and a line of pg_hba.conf names it.',
        on: 'primary',
        check:
          'psql -c "\\du" -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules WHERE \'replication\' = ANY (database)"',
      },
    ],
    todo: 'ALTER SYSTEM SET primary_conninfo = … on the standby; from 13 on SELECT pg_reload_conf() is enough, before that a restart. Keep the old role until the standby streams with the new one.',
    asks: true,
  },
];
