import { primaryRestored } from '../symptoms/changes.ts';
import { slowCopy } from '../symptoms/questions.ts';
import { negativeLag } from '../symptoms/guarantees.ts';
import type { Needed, Situation } from './situation.ts';

/** A replica that does not stream any more, in whatever words. */
const isOut: Needed = [
  'standby: behind',
  'standby: does not follow',
  'standby: rejected',
  'standby: stuck',
  'standby: down',
  'data: behind',
  ': behind',
  ': rejected',
  ': does not follow',
  ': stuck',
  ': down',
];
const why = 'grep -nE "FATAL|could not connect" <log of PostgreSQL> | tail -5; psql -c "SHOW primary_conninfo"';

/** What was changed before it began. */
export const situationsAfterChanges: readonly Situation[] = [
  {
    facts: ['primary', 'standby', isOut],
    words:
      /\b(?:moved?|migrated?|changed?|new|other|different)\b.{0,40}\b(?:subnet|ip|ips|ip address|address|host ?name|dns|network|vpc|data ?cent(?:er|re))\b/iu,
    unless: [': promoted', 'former primary', 'pooler'],
    means:
      'The standby goes on asking at the address in its primary_conninfo, and the primary lets in only the addresses of its pg_hba.conf.',
    causes: [
      { cause: 'primary_conninfo has the old address.', check: why, rule: 'streaming/not-connected' },
      {
        cause: 'pg_hba.conf, listen_addresses or a firewall of the primary have the old network.',
        on: 'primary',
        check:
          'psql -c "SHOW listen_addresses" -c "SELECT line_number, database, user_name, address, error FROM pg_hba_file_rules"',
        rule: 'network/unreachable',
      },
    ],
    todo: 'ALTER SYSTEM SET primary_conninfo = … on the standby and a reload (13 and later; restart before). It goes on where it stopped as long as the primary still has the WAL.',
  },
  {
    facts: ['login', isOut],
    words:
      /\b(?:changed?|rotated?|reset|altered|new)\b.{0,50}\bpasswords?\b|\bpasswords?\b.{0,40}\b(?:changed|rotated|reset)\b/iu,
    means:
      'A connection that streams is not asked for its password again; the next one is. The standby still has the old password, so that it ends with the first interruption after the change.',
    causes: [
      {
        cause: "The old password is in primary_conninfo or in the password file of the server's user.",
        check: `${why}; ls -l ~postgres/.pgpass`,
        rule: 'streaming/not-connected',
      },
    ],
    todo: 'Put the new one into the password file (or ALTER SYSTEM SET primary_conninfo = … and a reload); the standby tries again by itself every five seconds.',
  },
  {
    facts: ['standby', isOut],
    words: /\b(?:since|after|when)\b.{0,40}\b(?:ssl|tls|certificates?)\b|\bhostssl\b/iu,
    unless: [': promoted'],
    means:
      'With hostssl lines alone, the primary lets only encrypted connections in. The log of the standby says which side refuses: no entry for "no encryption", or a certificate.',
    causes: [
      {
        cause:
          'sslmode=disable, or a client that cannot encrypt: the primary says "no pg_hba.conf entry … no encryption".',
        check: why,
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'sslmode=verify-ca or verify-full: the certificate of the primary is of another authority, or of another name.',
        check:
          'openssl s_client -starttls postgres -connect <primary>:5432 </dev/null 2>/dev/null | openssl x509 -noout -subject -issuer -dates',
      },
      {
        cause: 'The lines are in another order, or not reloaded, or have an error.',
        on: 'primary',
        check:
          'psql -c "SELECT line_number, type, database, user_name, address, auth_method, error FROM pg_hba_file_rules"',
      },
    ],
    todo: 'In primary_conninfo: sslmode=require at least (verify-full with sslrootcert against a man in the middle).',
  },
  {
    facts: ['primary', 'standby', isOut],
    words:
      /\b(?:rolled|rewound|set|went) (?:\w+ ){0,4}?back\b.{0,60}\b(?:pitr|snapshot|backup|yesterday|point|state)\b|\bpitr\b.{0,30}\b(?:on|of) (?:the )?primary\b/iu,
    unless: ['former primary', ': promoted'],
    ...primaryRestored,
  },
  {
    facts: ['standby'],
    words: /\bwal_level\b.{0,40}\bminimal\b[^]*\b(?:back|bulk|load|temporar\w+|while)\b|\bto minimal\b[^]*\bback\b/iu,
    means:
      'WAL that was written with wal_level = minimal leaves changes out. A standby stops at it, and cannot go past it: it has to be copied again.',
    causes: [
      {
        cause: 'Its log says so: "WAL was generated with wal_level=minimal".',
        check: 'grep -n "wal_level" <log of PostgreSQL> | tail -3',
        rule: 'primary/wal-level-minimal',
      },
      {
        cause: 'What the primary has now.',
        on: 'primary',
        check: 'psql -c "SHOW wal_level" -c "SHOW max_wal_senders"',
      },
    ],
    todo: 'With wal_level = replica on the primary again: a new base backup for every standby, and a new one for the archive: no restore goes past that point either.',
    where: 'before the new copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    facts: ['slot'],
    words:
      /\bwal_status\W+(?:\w+\W+){0,2}?['"]?lost\b|\bslots?\b.{0,30}\b(?:is|are|was|says|shows|status) (?:\w+ )?["']?(?:lost|invalidated)\b|\binvalidation_reason\b/iu,
    unless: [': promoted'],
    means:
      'A slot that is lost holds no WAL any more, and does not recover: the primary has removed WAL that its standby had not received (max_slot_wal_keep_size, or idle_replication_slot_timeout from 18 on).',
    causes: [
      {
        cause: 'The standby needs that WAL: from an archive with restore_command, or it needs a new base backup.',
        check:
          'psql -c "SHOW restore_command" -c "SELECT status FROM pg_stat_wal_receiver"; grep -n "removed\\|lost\\|invalidat" <log of PostgreSQL> | tail -5',
        rule: 'slot/lost',
      },
      {
        cause: 'How much a slot may keep.',
        on: 'primary',
        check:
          'psql -c "SHOW max_slot_wal_keep_size" -c "SELECT slot_name, active, wal_status, invalidation_reason FROM pg_replication_slots"',
      },
    ],
    todo: "Drop the slot and make it again before the new copy: SELECT pg_drop_replication_slot('<slot>'); SELECT pg_create_physical_replication_slot('<slot>', true); it serves nothing as it is (invalidation_reason exists from 17 on).",
  },
  {
    facts: ['slot', ['other standby', 'standby']],
    words:
      /\b(?:both|two|2|all)\b.{0,30}\b(?:standbys?|replicas?|slaves?|nodes?|servers?)\b[^]*\b(?:same slot|primary_slot_name|one slot)\b/iu,
    unless: ['disk: full', 'wal: grows', ': promoted', 'slot: inactive'],
    means:
      'A slot serves one connection. While one standby uses it, every other one that asks for it is refused: "replication slot is active for PID".',
    causes: [
      {
        cause: 'Both have the same primary_slot_name.',
        on: 'both',
        check: 'psql -c "SHOW primary_slot_name"',
        rule: 'slot/in-use',
      },
    ],
    todo: "One slot for each: SELECT pg_create_physical_replication_slot('<slot>', true); on the primary, then primary_slot_name on that standby, and a reload (13 and later).",
  },
  {
    facts: ['query: waits', 'standby'],
    words: /\b(?:alter table|ddl|truncate|drop|vacuum full|cluster|reindex|locks?|migration)\b/iu,
    unless: ['copy', 'standby: down', 'primary: waits', 'write: waits'],
    means:
      'Replay on the standby holds the exclusive lock that a statement on the primary took, until that transaction has ended there and its end is replayed. Queries on that table wait so long.',
    causes: [
      {
        cause: 'The transaction on the primary is still open, or its commit is not replayed yet.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, xact_start, state, left(query, 60) FROM pg_stat_activity WHERE state <> \'idle\' ORDER BY xact_start LIMIT 5"',
      },
      {
        cause: 'The lock that replay holds; replay itself may wait for an older query here.',
        check:
          'psql -c "SELECT locktype, relation::regclass, mode, pid, granted FROM pg_locks WHERE mode = \'AccessExclusiveLock\'" -c "SELECT pid, wait_event, xact_start, left(query, 60) FROM pg_stat_activity ORDER BY xact_start LIMIT 5"',
        rule: 'streaming/replay-stuck',
      },
    ],
    todo: 'End the transaction on the primary. If an old query on the standby keeps replay from the commit, end that one.',
  },
  {
    facts: ['standby'],
    words:
      /\bwrit\w+\b[^]*\b(?:immediately|right after(?:wards)?|directly after|at once|then)\b[^]*\bread\w*\b[^]*\b(?:not there|missing|old|stale|sometimes|n['’]t)\b|\bread[- ]your[- ](?:own[- ])?writes\b/iu,
    unless: [': stuck', ': down', 'slot', ': does not follow'],
    means:
      'That is how asynchronous replication works: a commit on the primary does not wait until a standby has replayed it, so that a read there may come a moment too early.',
    causes: [
      {
        cause:
          'synchronous_commit = remote_apply with synchronous_standby_names makes each such commit wait for the replay; it can be set for single transactions.',
        on: 'primary',
        check: 'psql -c "SHOW synchronous_commit" -c "SHOW synchronous_standby_names"',
      },
      {
        cause:
          'Or the application reads from the primary what it has just written; or waits until pg_last_wal_replay_lsn() has reached the pg_current_wal_lsn() after its commit.',
      },
      {
        cause: 'If it is more than a moment: a lag.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, state, replay_lag FROM pg_stat_replication"',
        rule: 'streaming/lag',
      },
    ],
    asks: true,
  },
  {
    facts: ['lag'],
    words: /\bnegative\b|\b(?:is|of|shows?|says?) -\d/iu,
    ...negativeLag,
  },
  {
    facts: ['standby'],
    words:
      /\b(?:invalid page|checksum|corrupt\w*|damaged)\b[^]*\b(?:only|primary (?:can|is|has|reads?)|fine on|not on the primary)\b|\bonly\b.{0,30}\b(?:standby|replica|slave)\b[^]*\b(?:invalid page|checksum|corrupt\w*)\b/iu,
    unless: [': promoted', 'primary: down'],
    means:
      'Files that are damaged on the standby alone come from its own disk, memory or file system, or from a copy that was not complete. Replay does not repair them.',
    causes: [
      {
        cause: 'The primary is well: read the table there once, whole.',
        on: 'primary',
        check:
          'psql -c "SELECT count(*) FROM <table>" -c "SELECT datname, checksum_failures FROM pg_stat_database WHERE checksum_failures > 0"',
      },
      { cause: 'The machine of the standby.', check: 'dmesg -T | grep -iE "i/o error|ecc|nvme|ext4|xfs" | tail -10' },
    ],
    todo: 'Make the standby again by a base backup, on another disk if this one has errors. Do not promote it, and do not use zero_damaged_pages.',
    where: 'before the new copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    facts: ['standby'],
    words:
      /\brecover\w*\b[^]*\b(?:number|segment|file ?name|position|lsn)\b.{0,20}\b(?:changes|increases|moves|advances|counts up|goes up)\b/iu,
    unless: ['query', ': stuck'],
    means:
      'It replays WAL, and goes on: the segment in the name of the startup process changes. A server that is killed in between begins at its last restartpoint again.',
    causes: [
      {
        cause: 'How far it has to go: to the minimum recovery point, then to the end of the WAL.',
        check:
          'pg_controldata -D <data directory> | grep -iE "minimum recovery|REDO location"; ps aux | grep "[s]tartup"',
      },
      { cause: 'What it waits for: disk, or processor.', check: 'iostat -x 5 2; top -b -n 1 | grep -i startup' },
    ],
    todo: 'Do not kill it, and raise the timeout of whatever might (systemd, a probe, a manager). A new copy is worth it only if that would be faster.',
    asks: true,
  },
  {
    facts: ['copy: slow'],
    unless: ['copy: stuck', 'wal: missing', ': missing', 'wal: down'],
    ...slowCopy,
  },
];
