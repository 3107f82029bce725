import type { Answer } from '../answer.ts';

/** What a program meets that reads changes from a logical slot (Debezium, Flink CDC, a subscription of another server). */
export const answersAboutChangeCapture: readonly Answer[] = [
  {
    of: ['slot-is-active'],
    tool: 'logical replication',
    matters: 5,
    elsewhere: true,
    means:
      'The logical slot {slot} is being read by another connection (process {pid} on the primary). A slot serves one reader at a time.',
    causes: [
      {
        cause:
          'Two readers have the same slot name: two connectors or jobs, a second copy of the same one, or one table per job with the default name (debezium, flink).',
        on: 'primary',
        check:
          'psql -c "SELECT pid, usename, application_name, client_addr, backend_start, state FROM pg_stat_replication WHERE pid = {pid}"',
      },
      {
        cause:
          'The connection of the same reader before its restart has not ended on the server yet: it does after wal_sender_timeout, unless the old process still runs.',
        on: 'primary',
        check: 'psql -c "SHOW wal_sender_timeout"',
      },
    ],
    todo: 'Give each reader a slot of its own (slot.name, subslotname), or stop the other one. If the process is a dead connection: SELECT pg_terminate_backend({pid});',
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
];
