import type { Answer } from '../answer.ts';

/** Logical slots on standbys: copied to them (17 and later), used on them (16 and later), or lost. */
export const answersAboutSlotSync: readonly Answer[] = [
  {
    of: [
      'slotsync-requires-dbname',
      'slotsync-requires-set',
      'slotsync-requires-enabled',
      'slotsync-requires-wal-level',
    ],
    matters: 4,
    means:
      'This standby is to copy logical slots from its primary (sync_replication_slots, 17 and later), and a setting that this needs is missing. Physical replication goes on without it.',
    causes: [
      {
        cause:
          'It needs all of these on the standby: dbname= in primary_conninfo, primary_slot_name, hot_standby_feedback = on; and wal_level = logical on the primary.',
        on: 'standby',
        check:
          'psql -c "SHOW primary_slot_name" -c "SHOW hot_standby_feedback" -c "SHOW wal_level" -c "SELECT setting ~ \'dbname\' AS has_dbname FROM pg_settings WHERE name = \'primary_conninfo\'"',
        rule: 'slot/not-synchronized',
      },
    ],
    todo: 'Set what the message names on the standby and reload. If no logical slot has to survive a failover, set sync_replication_slots = off.',
  },
  {
    of: ['slotsync-same-name'],
    matters: 4,
    means:
      'The standby is to copy the logical slot {slot} from its primary and has a slot of the same name that was not made by the copying. It leaves its own slot alone and copies none.',
    causes: [
      {
        cause: 'This server was the primary before: the slot was left from that time.',
        on: 'standby',
        check:
          'psql -c "SELECT slot_name, active, failover, synced, restart_lsn FROM pg_replication_slots WHERE slot_name = \'{slot}\'"',
        rule: 'slot/not-synchronized',
      },
      { cause: 'It was created on the standby itself, and a client reads from it there (active is true).' },
    ],
    todo: "If synced and active are both false and no client of this standby needs it: SELECT pg_drop_replication_slot('{slot}'); on the standby, never on the primary. It is then copied at the next round.",
  },
  {
    of: ['slotsync-could-not-sync', 'slotsync-remote-precedes', 'slotsync-ahead-of-standby', 'slotsync-local-ahead'],
    matters: 3,
    means:
      'The copy of a logical slot on this standby cannot be brought up to date now: the slot on the primary and the WAL that this standby has do not fit each other yet.',
    causes: [
      {
        cause:
          'The subscriber of the slot does not read, so the slot on the primary stays behind what the standby still has. It is copied once the subscriber moves on.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, restart_lsn, confirmed_flush_lsn FROM pg_replication_slots WHERE failover"',
      },
      {
        cause:
          'The subscriber is ahead of this standby: list its physical slot in synchronized_standby_slots on the primary.',
        on: 'primary',
        check:
          'psql -c "SHOW synchronized_standby_slots" -c "SELECT application_name, replay_lsn FROM pg_stat_replication"',
      },
    ],
    todo: 'Usually it passes by itself. Until the slot has synced = true and temporary = false on the standby, it does not survive a failover.',
  },
  {
    of: ['slotsync-primary-slot-missing'],
    matters: 4,
    means: 'primary_slot_name of this standby names the slot {slot}, and the primary does not have it.',
    causes: [
      {
        cause: 'It was never created on this primary, or a failover made another server the primary.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active FROM pg_replication_slots"',
        rule: 'slot/missing',
      },
    ],
    todo: "On the primary: SELECT pg_create_physical_replication_slot('{slot}', true);",
  },
  {
    of: ['slotsync-from-standby'],
    matters: 3,
    means: 'Logical slots are copied from the primary only, and this standby follows another standby.',
    todo: 'Set sync_replication_slots = off here, or let this standby follow the primary.',
  },
  {
    of: ['slot-no-changes-anymore'],
    matters: 5,
    means:
      'The logical slot {slot} has been invalidated: the server removed WAL or rows that it needs. It cannot be used again, and its subscriber has a gap.',
    causes: [
      {
        cause:
          'The subscriber was away or slow for longer than max_slot_wal_keep_size (or idle_replication_slot_timeout) allows.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, wal_status, to_jsonb(s)->>\'invalidation_reason\' AS reason FROM pg_replication_slots s"',
        rule: 'slot/lost',
      },
      {
        cause:
          'On a standby (16 and later): replay removed rows that the slot needed, because hot_standby_feedback was off or the connection had no slot; or wal_level of the primary was lowered.',
        on: 'standby',
        check: 'psql -c "SHOW hot_standby_feedback" -c "SHOW primary_slot_name"',
      },
    ],
    todo: 'Make a new slot, and copy the data of the subscriber again from a snapshot (for a subscription: drop and create it with copy_data; Debezium: a new snapshot). Then drop the old slot.',
  },
  {
    id: 'slot-on-hosted-reader',
    says: ['is not supported on the Multi-AZ DB cluster reader node'],
    source: 'Amazon RDS, Multi-AZ DB clusters',
    matters: 4,
    elsewhere: true,
    means:
      'The connection leads to a reader of an Amazon RDS Multi-AZ DB cluster, and logical slots are made on its writer only.',
    todo: 'Connect to the writer endpoint (the one of the cluster, without "-ro") and create the slot there.',
  },
  {
    id: 'slot-of-other-database',
    says: ['replication slot "%s" was not created in this database'],
    source: 'PostgreSQL, src/backend/replication/logical/logical.c, CreateDecodingContext',
    matters: 4,
    means: 'A logical slot belongs to the database in which it was created, and this connection is to another one.',
    causes: [
      {
        cause: 'dbname in the connection is wrong.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, database, plugin FROM pg_replication_slots WHERE slot_name = \'{slot}\'"',
      },
    ],
    todo: 'Connect to the database that the slot names.',
  },
  {
    id: 'slot-is-physical',
    says: ['cannot use physical replication slot for logical decoding'],
    source: 'PostgreSQL, src/backend/replication/logical/logical.c, CreateDecodingContext',
    matters: 4,
    means: 'A client asked for logical changes from a slot that was created for a standby (a physical slot).',
    causes: [
      {
        cause: 'A standby and a subscriber were given slots of the same name.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active, active_pid FROM pg_replication_slots"',
      },
    ],
    todo: 'Create a logical slot under another name for the client, and leave the physical one to the standby.',
  },
  {
    of: ['slot-exists-hot-standby-off'],
    matters: 5,
    means:
      'The standby does not start: it has the logical slot {slot}, and hot_standby is off. Logical slots on a standby need it.',
    todo: 'Set hot_standby = on (the default) and start the standby.',
  },
];
