import type { Answer, Candidate } from '../answer.ts';

const synchronized: Omit<Candidate, 'cause'> = {
  on: 'primary',
  check:
    'psql -c "SHOW synchronized_standby_slots" -c "SELECT slot_name, slot_type, active, wal_status, invalidation_reason FROM pg_replication_slots"',
  rule: 'slot/not-synchronized',
};

/** Slots: what they are named, how far they keep WAL, and who waits for them. */
export const answersAboutStandbySlots: readonly Answer[] = [
  {
    of: ['slot-name-invalid-char'],
    means:
      'The slot name "{slot}" holds a character that is not allowed: only lower-case letters, digits and the underscore are, at most 63. Nothing was created.',
    causes: [
      {
        cause: 'A host name was taken for it: those have dashes, dots or capitals (db-2.example.com).',
        on: 'standby',
        check: 'grep -n primary_slot_name <data directory>/postgresql*.conf; hostname',
        rule: 'slot/invalid-name',
      },
      { cause: 'A blank or quotes came along from a script.' },
    ],
    todo: "Write it with underscores, and the same in both places: SELECT pg_create_physical_replication_slot('db_2'); on the primary, and primary_slot_name or -S db_2 on the standby. (A slot cannot be renamed.)",
  },
  {
    of: ['slot-detail-exceeds-limit'],
    means:
      'A slot lost its WAL: it needed WAL from {lsn} on, {number} bytes further back than max_slot_wal_keep_size allows. Its standby cannot continue streaming from there.',
    causes: [
      {
        cause:
          'The standby was off or too slow for that long, and the limit kept the disk of the primary from filling up.',
        on: 'primary',
        check:
          'psql -c "SHOW max_slot_wal_keep_size" -c "SELECT slot_name, active, wal_status, restart_lsn FROM pg_replication_slots"',
        rule: 'slot/lost',
      },
      { cause: 'Nothing uses the slot any more.' },
    ],
    todo: 'If an archive has the WAL, set restore_command on the standby. Otherwise make a new base backup of it. Then raise max_slot_wal_keep_size by more than that, if the disk of pg_wal has the room, and SELECT pg_reload_conf();',
  },
  {
    of: ['slot-detail-idle'],
    means:
      'A slot was invalidated because nothing was connected through it for {number} s, longer than {value|idle_replication_slot_timeout} allows ({number2} s). It no longer keeps WAL.',
    causes: [
      {
        cause: 'Its standby or subscriber was off that long.',
        on: 'primary',
        check:
          'psql -c "SHOW idle_replication_slot_timeout" -c "SELECT slot_name, active, inactive_since, invalidation_reason FROM pg_replication_slots"',
        rule: 'slot/lost',
      },
    ],
    todo: 'Its standby needs a new base backup, or restore_command if an archive has the WAL. The slot must be dropped (first find out who uses it) and created again. Raise the timeout, or set it to 0, if standbys may be away longer.',
  },
  {
    of: ['slot-sync-standby-slot-missing'],
    means:
      'Logical replication waits on this server: {parameter} names slot "{slot}", which does not exist, and subscribers get nothing that its standby has not confirmed.',
    causes: [
      {
        cause: 'The standby was removed, renamed or rebuilt, and its slot was dropped.',
        ...synchronized,
      },
    ],
    todo: "If the standby is gone: take the name out of {parameter}, and SELECT pg_reload_conf();: the subscribers continue at once. If not: SELECT pg_create_physical_replication_slot('{slot}'); and primary_slot_name on the standby.",
  },
  {
    of: ['slot-sync-standby-slot-invalid'],
    means:
      'Logical replication waits on this server: slot "{slot}", which {parameter} names, was invalidated, and subscribers get nothing that its standby has not confirmed.',
    causes: [
      {
        cause:
          'The standby was away longer than the server keeps WAL for it (max_slot_wal_keep_size, idle_replication_slot_timeout).',
        ...synchronized,
      },
    ],
    todo: "Take the name out of {parameter}, and SELECT pg_reload_conf();: the subscribers continue at once. Then drop the slot, which no standby can use any more, SELECT pg_create_physical_replication_slot('{slot}'); make a new base backup of the standby with it, and add the name again.",
  },
  {
    of: ['slotsync-connect-failed'],
    means:
      'The standby could not connect to the primary to copy the state of logical slots: {reason|see the text after the colon}. That connection goes to an ordinary database, beside that of the WAL receiver.',
    causes: [
      {
        cause: 'dbname is missing in primary_conninfo, or names a database that does not exist.',
        on: 'standby',
        check: 'psql -Atc "SHOW primary_conninfo"',
        rule: 'slot/not-synchronized',
      },
      {
        cause: 'pg_hba.conf lets the role in for replication only: "replication" is not a database there.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
    ],
    todo: 'Add dbname=postgres to primary_conninfo, and on the primary a line: host postgres <role> <address of the standby>/32 scram-sha-256. Reload both.',
  },
  {
    of: ['cannot-use-logical-slot-physical', 'pgrw-expected-physical'],
    means: 'The slot that the standby or pg_basebackup names is a logical one. A standby needs a physical one.',
    causes: [
      {
        cause: 'primary_slot_name or -S names the slot of a subscription or of a program like Debezium.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, plugin, database, active FROM pg_replication_slots"',
        rule: 'slot/is-logical',
      },
    ],
    todo: "Leave that slot alone: its subscriber needs it. SELECT pg_create_physical_replication_slot('<name>'); on the primary, that name as primary_slot_name on the standby, and SELECT pg_reload_conf(); there.",
  },
  {
    of: ['walsender-stopping-mode'],
    kind: 'consequence',
    means:
      'The primary is shutting down, and its WAL senders only finish what they send: no new command is accepted. A standby connects again by itself.',
    causes: [
      {
        cause:
          'It was stopped or restarted at this time; its log says by what. It may wait for a slow standby or for archiving.',
        on: 'primary',
        check: 'pg_isready; ps aux | grep -E "[w]alsender|[a]rchiver|[c]heckpointer"',
      },
    ],
    todo: 'Wait until it is up, and repeat a backup that failed because of this.',
  },
  {
    of: ['slot-max-slots-zero'],
    means:
      'max_replication_slots is 0 on the server that was asked: it can have no replication slot. The default is 10.',
    causes: [
      {
        cause: 'It was set to 0, often by a configuration that is older than slots.',
        on: 'primary',
        check:
          "psql -c \"SELECT name, setting, sourcefile, sourceline FROM pg_settings WHERE name IN ('max_replication_slots', 'wal_level', 'max_wal_senders')\"",
        rule: 'primary/no-free-slot',
      },
    ],
    todo: 'On the primary: ALTER SYSTEM SET max_replication_slots = 10; and restart it (wal_level must be replica or logical). Without a restart: use no slot (leave -S and primary_slot_name out), with wal_keep_size or an archive.',
  },
];
