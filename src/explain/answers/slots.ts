import type { Answer } from '../answer.ts';

/** A program says so, or its statement. */
const logicalSlotMissing = (
  [{ tool: 'logical replication' }, { when: /pg_logical_slot_|START_REPLICATION SLOT "[^"\n]*" LOGICAL/u }] as const
).map((of): Answer => ({
  of: ['slot-does-not-exist'],
  ...of,
  steps: false,
  matters: 5,
  means: 'The logical slot {slot} of a subscriber does not exist on the server that was asked.',
  causes: [
    {
      cause:
        'A failover made another server the primary: logical slots do not move with it, unless they are copied (failover slots, 17 and later; Patroni slots; pg_failover_slots).',
      on: 'primary',
      check: 'psql -c "SELECT slot_name, database, active, pg_is_in_recovery() FROM pg_replication_slots"',
    },
    {
      cause: 'The slot was dropped, or the subscription connects to another server than before.',
      on: 'subscriber',
      check: 'psql -c "SELECT subname, subslotname FROM pg_subscription"',
    },
  ],
  todo: 'What was written since the slot was lost is missing at the subscriber. Make it whole again: a new slot and a new copy of the data (a subscription: drop and create it; before that, ALTER SUBSCRIPTION … SET (slot_name = NONE)). Debezium: a new snapshot.',
}));

/** The WAL sender's refusal and what the WAL receiver says of it, under one time and one kind of prefix. */
const asksItself =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S+) \[\d+\] (?:\S+ )?ERROR: {1,2}replication slot "(?<slot>[^"\n]+)" does not exist\n(?:\1 \[\d+\] (?:\S+ )?STATEMENT: .*\n)?\1 \[\d+\] FATAL: {1,2}could not start WAL streaming: ERROR: {1,2}replication slot "\2" does not exist/mu;

/** Replication slots. */
export const answersAboutSlots: readonly Answer[] = [
  {
    of: ['slot-name-too-short'],
    matters: 4,
    means: 'The program asked for a replication slot with an empty name.',
    causes: [
      {
        cause: 'A variable in a script, or primary_slot_name, is empty.',
        on: 'standby',
        check: 'psql -c "SHOW primary_slot_name"',
      },
      {
        cause:
          'repmgr: use_replication_slots was switched on after this node was registered. Register it again with --force.',
        on: 'standby',
        check: 'psql -d repmgr -c "SELECT node_id, node_name, slot_name FROM repmgr.nodes"',
      },
    ],
    todo: 'Give the slot a name of lower-case letters, digits and _.',
  },
  ...logicalSlotMissing,
  {
    of: ['slot-does-not-exist'],
    beside: asksItself,
    steps: false,
    matters: 5,
    means:
      'The replication slot {slot} does not exist on the server that was asked. In this log the same server asks and refuses, in the same moment: primary_conninfo seems to lead to this server itself.',
    causes: [
      {
        cause:
          'primary_conninfo names this server (its own address, localhost, or a name or virtual address that leads here since a failover).',
        on: 'standby',
        check:
          'psql -c "SHOW primary_conninfo" -c "SELECT client_addr, application_name FROM pg_stat_replication"; hostname -I',
      },
      {
        cause: 'Or the lines of two servers were put together here: then the slot is missing on the primary.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, pg_is_in_recovery() FROM pg_replication_slots"',
      },
    ],
    todo: 'Set primary_conninfo to the server that is the primary now and reload (before 13: restart). A slot made here would not help.',
  },
  {
    of: ['slot-does-not-exist'],
    when: /^(?![^]*(?:could not start WAL streaming|START_REPLICATION))[^]*(?:pg_drop_replication_slot|DROP_REPLICATION_SLOT)/u,
    steps: false,
    kind: 'consequence',
    matters: 3,
    means:
      'Something wanted to drop the slot {slot}, and this server has none of that name: there is nothing to drop. By itself that harms nothing.',
    causes: [
      {
        cause:
          'A script cleans up slots of other nodes, and asks a server that never had them or has dropped them already.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active FROM pg_replication_slots"',
      },
    ],
    todo: 'If a standby does not come up after that, the reason is in another line.',
  },
  {
    of: ['slot-does-not-exist'],
    tool: 'patroni',
    steps: false,
    means:
      'The replication slot {slot} does not exist on the server that was asked. Patroni makes the slots of its members on the leader by itself, in its next turn (loop_wait, 10 seconds): once or twice after a replica was made, or after a failover, this is ordinary.',
    causes: [
      {
        cause: 'The replica was quicker than the leader: the message ends by itself.',
        on: 'client',
        check: 'patronictl list',
      },
      {
        cause:
          'It goes on: this server does not follow the leader that patronictl list shows (two leaders, or another cluster at that address).',
        on: 'standby',
        check:
          'psql -c "SELECT conninfo FROM pg_stat_wal_receiver" -c "SHOW primary_conninfo" -c "SHOW primary_slot_name"',
      },
      {
        cause:
          'It goes on: the leader could not make the slot (max_replication_slots), which is in the log of its Patroni.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active FROM pg_replication_slots" -c "SHOW max_replication_slots"',
      },
    ],
    todo: 'Only for a server that is not a member of that cluster (a standby cluster, a standby without Patroni), a slot must be made: as a permanent one, with patronictl edit-config (slots: {slot}, type physical). One that was made by hand, Patroni drops.',
  },
  {
    of: ['slot-does-not-exist', 'pgrw-slot-does-not-exist'],
    means: 'The replication slot {slot} does not exist on the server that was asked.',
    causes: [
      {
        cause:
          'It was never created there. A slot is not copied by a base backup and does not move to a new primary at a failover.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active FROM pg_replication_slots"',
        rule: 'slot/missing',
      },
      {
        cause: 'Its name is spelled differently in primary_slot_name.',
        on: 'standby',
        check: 'psql -c "SHOW primary_slot_name"',
      },
      { cause: 'The slot was dropped, or the standby is connected to another server than expected.' },
    ],
    todo: 'Create it on the primary. WAL from before that moment may be gone already: if "requested WAL segment … has already been removed" follows, the standby needs a new base backup.',
  },
  {
    of: ['slot-already-exists'],
    matters: 5,
    means:
      'The replication slot {slot} already exists on the primary; pg_basebackup -C (or the function) was to create it.',
    causes: [
      {
        cause: 'An earlier attempt created it and then failed: the slot stayed.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, slot_type, active, active_pid, restart_lsn, wal_status FROM pg_replication_slots WHERE slot_name = \'{slot}\'"',
        rule: 'slot/exists-already',
      },
      { cause: 'Another standby uses it (active is true): choose another name.' },
    ],
    todo: 'If it is a physical slot that nothing else uses, leave out -C (--create-slot) and keep -S {slot}. Drop it only when you know that no standby depends on it.',
  },
  {
    of: ['slot-already-exists'],
    tool: 'logical replication',
    matters: 5,
    elsewhere: true,
    means:
      'The slot {slot} was to be created and is there already. Names of slots are unique on the whole server, also between databases.',
    causes: [
      {
        cause:
          'An earlier run created it and did not drop it, or another reader uses the same (default) name in another database.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, plugin, database, active, active_pid, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = \'{slot}\'"',
      },
      {
        cause: 'The reader goes on with an existing slot only when it is in the same database and has the same plugin.',
      },
    ],
    todo: "If it belongs to another reader, choose another name (slot.name; CREATE SUBSCRIPTION … WITH (slot_name = …)). If it is a leftover of this one, and nothing reads it any more (active is f): SELECT pg_drop_replication_slot('{slot}'); the changes it kept are then gone, and a new first copy is needed. A slot without a reader keeps WAL until the disk is full.",
  },
  {
    of: ['slot-is-active'],
    tool: 'logical replication',
    steps: false,
    means:
      'The logical slot {slot} has a reader already (process {pid} on the publisher). A slot serves one connection at a time; the worker tries again by itself.',
    causes: [
      {
        cause:
          'The old connection of the same subscriber has not ended yet on the publisher: it is busy with a large transaction, or the network was cut. It ends after wal_sender_timeout.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, application_name, client_addr, state, backend_start FROM pg_stat_replication WHERE pid = {pid|<pid>}"',
        rule: 'slot/in-use',
      },
      {
        cause:
          'Another subscriber or program uses the same slot: a restored or copied subscriber, a second connector or job with the default name (debezium, flink).',
        on: 'subscriber',
        check: 'psql -c "SELECT subname, subenabled, subslotname FROM pg_subscription"',
      },
    ],
    todo: 'Only if that connection is dead: SELECT pg_terminate_backend({pid|<pid>}); on the publisher. Two readers need two slots (slot.name; slot_name of a subscription).',
  },
  {
    of: ['slot-is-active'],
    means:
      'The replication slot {slot} is in use by another connection (process {pid} on the primary). A slot serves one connection at a time.',
    causes: [
      {
        cause: 'Two standbys have the same primary_slot_name: a clone of a standby, or a copied configuration.',
        on: 'primary',
        check:
          'psql -c "SELECT s.slot_name, r.pid, r.application_name, r.client_addr, r.state FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid"',
        rule: 'slot/in-use',
      },
      {
        cause:
          'The old connection of the same standby has not ended yet on the primary (network cut): it does after wal_sender_timeout.',
        after: 'sender timed out',
      },
      { cause: 'pg_receivewal or pg_basebackup uses the same slot.' },
    ],
  },
  {
    id: 'logical-wal-level',
    says: [
      'logical decoding requires wal_level >= logical',
      'logical decoding requires "wal_level" >= "logical"',
      'wal_level is insufficient to publish logical changes',
      '"wal_level" is insufficient to publish logical changes',
      'Set wal_level to "logical" before creating subscriptions.',
    ],
    source: 'src/backend/replication/logical/logical.c',
    matters: 5,
    means:
      'This is about logical replication (a subscription or a logical slot): it needs wal_level = logical on the publisher. Physical standbys do with replica.',
    causes: [{ cause: 'wal_level is replica.', on: 'primary', check: 'psql -c "SHOW wal_level"' }],
    todo: 'Set wal_level = logical on the publisher and restart it.',
  },
  {
    of: ['walreceiver-could-not-create-slot'],
    kind: 'consequence',
    matters: 4,
    means: 'The other server refused to create a replication slot; the text after the colon is the reason.',
    causes: [
      {
        cause: 'All slots are taken, or the role lacks REPLICATION.',
        on: 'primary',
        check: 'psql -c "SHOW max_replication_slots" -c "SELECT slot_name, active FROM pg_replication_slots"',
      },
    ],
  },
  {
    of: ['slot-all-in-use'],
    means: 'All replication slots of the server exist already (max_replication_slots).',
    causes: [
      {
        cause: 'Slots of old standbys or subscribers are left over, or each backup makes its own.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active, restart_lsn, wal_status FROM pg_replication_slots"',
        rule: 'primary/no-free-slot',
      },
    ],
    todo: 'Drop the slots that no standby or subscriber needs any more (ask who made them), or raise max_replication_slots (restart).',
  },
  {
    of: ['slot-invalidating', 'slot-no-longer-accessible', 'slot-terminating-process'],
    when: /xid horizon|conflicted|rows_removed|catalog/iu,
    matters: 5,
    means:
      'Recovery on this standby has invalidated the logical slot {slot}: the primary removed rows that logical decoding still needed. It cannot be used again.',
    causes: [
      {
        cause:
          'hot_standby_feedback was off, or the standby was not connected, while the primary vacuumed. With feedback, primary_slot_name must name a physical slot so that it also holds while the standby is away.',
        on: 'standby',
        check:
          'psql -c "SHOW hot_standby_feedback" -c "SHOW primary_slot_name" -c "SELECT slot_name, conflicting FROM pg_replication_slots"',
      },
    ],
    todo: 'Set hot_standby_feedback = on and primary_slot_name on the standby, drop the slot there, create it again (Patroni and slot synchronization do that by themselves), and resynchronize its subscriber.',
  },
  {
    of: ['slot-invalidating', 'slot-no-longer-accessible', 'slot-terminating-process'],
    when: /wal_level/iu,
    matters: 5,
    means: 'The logical slot {slot} was invalidated because wal_level on the primary is now below logical.',
    todo: 'Set wal_level = logical on the primary and restart it, then create the slot again and resynchronize its subscriber.',
  },
  {
    of: ['slot-invalidating', 'slot-no-longer-accessible', 'slot-terminating-process'],
    when: /idle/iu,
    matters: 5,
    means:
      'The primary has invalidated the replication slot {slot} because it was not used for idle_replication_slot_timeout (18 and later).',
    causes: [
      {
        cause: 'Its standby or receiver was away for too long.',
        on: 'primary',
        check:
          'psql -c "SHOW idle_replication_slot_timeout" -c "SELECT slot_name, inactive_since, wal_status FROM pg_replication_slots"',
        rule: 'slot/lost',
      },
    ],
    todo: 'Make sure that nothing else uses the slot, drop it and create it again. If the WAL in between is gone and not in an archive, the standby needs a new base backup.',
  },
  {
    of: ['slot-invalidating', 'slot-no-longer-accessible', 'slot-terminating-process'],
    says: ['This slot has been invalidated because it exceeded the maximum reserved size.'],
    id: 'slot-invalidated',
    matters: 5,
    means:
      'The primary has invalidated the replication slot {slot}: the WAL that it held exceeded max_slot_wal_keep_size (or the slot was idle too long). The slot cannot be used again.',
    causes: [
      {
        cause: 'The standby was away or behind for too long.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, wal_status, safe_wal_size FROM pg_replication_slots" -c "SHOW max_slot_wal_keep_size"',
        rule: 'slot/lost',
      },
    ],
    todo: 'The standby goes on only if the WAL is in an archive (restore_command); otherwise it needs a new base backup and a new slot. Raise max_slot_wal_keep_size if there is room.',
  },
  {
    id: 'wal-functions-refused',
    says: ["wal_level must be set to 'logical'", 'WAL control functions cannot be executed when wal_level < logical.'],
    source: 'Amazon Aurora PostgreSQL',
    among: /WAL control functions|aurora/iu,
    matters: 4,
    elsewhere: true,
    means:
      'Amazon Aurora lets the functions that tell a position in the WAL (pg_current_wal_lsn and the like) run only with logical replication on: its storage replicates without WAL files.',
    causes: [
      {
        cause: 'A monitoring query that is made for PostgreSQL itself was run on Aurora.',
        on: 'client',
        check: 'psql -c "SELECT aurora_version()" -c "SELECT * FROM aurora_replica_status()"',
      },
    ],
    todo: 'For the lag of Aurora replicas use aurora_replica_status() or AuroraReplicaLag in CloudWatch. Only if logical replication is wanted: rds.logical_replication = 1 in the parameter group of the cluster, and a restart.',
  },
];
