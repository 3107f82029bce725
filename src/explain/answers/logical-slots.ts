import type { Answer } from '../answer.ts';

/** Logical slots and the workers of subscriptions, beside which the physical replication goes on. */
/** A slot that the server gave up, and its reader is no standby. */
export const logicalSlotGivenUp: Answer = {
  id: 'logical-slot-given-up',
  of: ['slot-invalidating', 'slot-no-longer-accessible', 'slot-terminating-process', 'cannot-read-logical-slot'],
  says: ['This slot has been invalidated because it exceeded the maximum reserved size.'],
  source: 'PostgreSQL, src/backend/replication/slot.c; replication/logical/logicalfuncs.c',
  matters: 5,
  elsewhere: true,
  means:
    'The server has given up the logical slot {slot}: the WAL that it held was more than max_slot_wal_keep_size, or it was idle too long. Nothing can be read from it any more; physical standbys are not concerned.',
  causes: [
    {
      cause: 'Its reader (a subscription, Debezium, DMS, another CDC program) was stopped or too slow for too long.',
      on: 'primary',
      check:
        'psql -c "SELECT slot_name, plugin, database, active, wal_status, restart_lsn FROM pg_replication_slots" -c "SHOW max_slot_wal_keep_size"',
    },
  ],
  todo: 'Stop the reader, drop the slot, and let the reader begin again with a new slot and a new copy of its tables (a subscription: drop and create it; Debezium: a new snapshot): what was changed in between is missing otherwise. Then raise max_slot_wal_keep_size, if there is room, or watch the lag of the slot.',
};

export const answersAboutLogicalSlots: readonly Answer[] = [
  { ...logicalSlotGivenUp, tool: 'logical replication' },
  { ...logicalSlotGivenUp, id: 'logical-slot-unreadable', of: ['cannot-read-logical-slot'], says: [] },
  {
    id: 'slot-failover-on-standby',
    of: ['slot-cannot-alter-synced'],
    says: [
      'cannot enable failover for a replication slot created on the standby',
      'cannot enable failover for a replication slot on the standby',
      'cannot enable failover for a temporary replication slot',
      'cannot use replication slot "%s" for logical decoding',
      'cannot copy replication slot "%s"',
      'This replication slot is being synchronized from the primary server.',
    ],
    source: 'PostgreSQL 17 and later, src/backend/replication/slot.c, logical.c, slotfuncs.c',
    matters: 4,
    means:
      'On a standby this is not possible: a logical slot with failover = true is made on the primary and copied to the standby, and a copied slot cannot be used before the standby is promoted.',
    causes: [
      {
        cause:
          'The client (a subscription, an extension, a connector) is connected to the standby instead of the primary.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery()" -c "SELECT slot_name, failover, synced, active FROM pg_replication_slots"',
      },
      { cause: 'It asks for failover although the slot is to live on the standby only: switch that option off there.' },
    ],
    todo: 'Connect the client to the primary, or create the slot without failover.',
  },
  {
    id: 'logical-slot-in-use',
    says: [
      'database "%s" is used by an active logical replication slot',
      'There is %d active slot.',
      'There are %d active slots.',
    ],
    source: 'PostgreSQL, src/backend/commands/dbcommands.c, dropdb',
    matters: 3,
    means: 'The database cannot be dropped: a client reads changes from it through a logical slot.',
    causes: [
      {
        cause: 'A subscriber or connector is connected.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, plugin, active_pid FROM pg_replication_slots WHERE database IS NOT NULL"',
      },
    ],
    todo: 'Stop the client first. Its slot is dropped with the database, and it cannot continue afterwards.',
  },
  {
    id: 'logical-worker-slots',
    says: [
      'out of logical replication worker slots',
      'out of background worker slots',
      'too many background workers',
      'no slot available for new worker process',
      'no slot available for new background worker process',
      'Up to %d background workers can be registered with the current settings.',
    ],
    source: 'PostgreSQL, src/backend/postmaster/bgworker.c; replication/logical/launcher.c',
    matters: 3,
    means:
      'The server has no place left for another background worker (workers of subscriptions, parallel queries, extensions). Physical replication does not need one and goes on.',
    causes: [
      {
        cause: 'max_worker_processes or max_logical_replication_workers is too small for what is configured.',
        on: 'primary',
        check:
          'psql -c "SELECT name, setting FROM pg_settings WHERE name ~ \'worker\'" -c "SELECT backend_type, count(*) FROM pg_stat_activity GROUP BY 1"',
      },
    ],
    todo: 'Raise it and restart. max_worker_processes: on every standby first, then on the primary, because a standby with less stops at replay.',
  },
  {
    id: 'logical-worker-stopped',
    says: ['terminating logical replication worker due to administrator command'],
    source: 'PostgreSQL, src/backend/tcop/postgres.c, ProcessInterrupts',
    kind: 'course',
    means:
      'The worker of a subscription was ended: the server was being stopped, or the subscription was changed or disabled. This is not a failure.',
  },
  {
    id: 'logical-worker-ended',
    says: [
      'terminating logical replication worker due to timeout',
      'lost connection to the logical replication parallel apply worker',
      'lost connection to the logical replication apply worker',
      'logical replication parallel apply worker exited due to error',
      'could not receive list of replicated tables from the publisher: %s',
      'could not connect to publisher when attempting to drop replication slot "%s": %s',
      'could not connect to publisher when attempting to drop the replication slot "%s"',
      'could not drop the replication slot "%s" on publisher',
      'could not drop replication slot "%s" on publisher: %s',
      'could not alter replication slot "%s": %s',
    ],
    source: 'PostgreSQL, src/backend/replication/logical/worker.c; commands/subscriptioncmds.c',
    kind: 'consequence',
    matters: 3,
    means:
      'A worker of a subscription (logical replication) has lost its publisher, or was ended. It is started again by itself; a physical standby is not concerned.',
    causes: [
      {
        cause:
          'The publisher was restarted or promoted elsewhere, is not reachable, or sent nothing for wal_receiver_timeout.',
        on: 'standby',
        check:
          'psql -c "SELECT subname, subenabled, subslotname FROM pg_subscription" -c "SELECT * FROM pg_stat_subscription"',
      },
    ],
    todo: 'To drop a subscription whose publisher is gone: ALTER SUBSCRIPTION … DISABLE, then SET (slot_name = NONE), then DROP. The slot stays on the publisher, if it still exists, and keeps WAL there.',
  },
  {
    id: 'slot-copy-refused',
    of: ['slot-copy-no-wal'],
    says: [
      'cannot copy unfinished logical replication slot "%s"',
      'cannot copy physical replication slot "%s" as a logical replication slot',
      'cannot copy logical replication slot "%s" as a physical replication slot',
      'could not copy replication slot "%s"',
    ],
    source: 'PostgreSQL, src/backend/replication/slotfuncs.c, copy_replication_slot',
    matters: 3,
    means: 'A slot can be copied only into one of its own kind, and only when it holds a position.',
    todo: 'Create a new slot of the wanted kind (pg_create_physical_replication_slot, pg_create_logical_replication_slot).',
  },
  {
    id: 'client-wants-logical',
    says: [
      'Enable logical decoding by setting wal_level=logical',
      'Enable logical decoding by setting wal_level = logical',
    ],
    source: 'pgsync, pgsync/sync.py',
    matters: 4,
    means:
      'A program that reads logical changes found another wal_level than logical on the server that it connects to.',
    causes: [
      {
        cause:
          'The setting is not logical, or was changed without a restart, or in a file that this server does not read.',
        on: 'primary',
        check:
          'psql -c "SELECT setting, source, sourcefile, pending_restart FROM pg_settings WHERE name = \'wal_level\'"',
      },
    ],
    todo: "ALTER SYSTEM SET wal_level = 'logical', then restart the server.",
  },
];
