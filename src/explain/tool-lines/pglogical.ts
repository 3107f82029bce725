import type { Answer } from '../answer.ts';

const source = 'pglogical 2.4.5';
const status = 'psql -d <database> -c "SELECT * FROM pglogical.show_subscription_status()"';
const releases =
  'psql -d <database> -c "SELECT extversion FROM pg_extension WHERE extname = \'pglogical\'" -c "SHOW shared_preload_libraries" -c "SHOW server_version"';

/** What pglogical reports, by what it is about. */
export const linesOfPglogical: readonly Answer[] = [
  {
    id: 'pglogical-connection-lost',
    source: `${source}, pglogical_apply.c and pglogical_sync.c`,
    matters: 4,
    means:
      'The provider (or what is between) closed the replication connection of this subscription. The worker ends and is started again; the slot keeps the WAL meanwhile.',
    causes: [
      {
        cause:
          'Its walsender ended: restart, wal_sender_timeout, an error in decoding. Its log has the line at that second.',
        on: 'primary',
        check:
          'tail -n 30 <log of PostgreSQL>; psql -c "SELECT slot_name, active, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS held FROM pg_replication_slots"',
      },
      {
        cause: 'The network, a firewall or a NAT gateway cuts it: it comes back each time after the same time.',
        on: 'standby',
        check: status,
      },
    ],
  },
  {
    id: 'pglogical-connect-line',
    source: `${source}, pglogical.c, pglogical_connect_base`,
    kind: 'consequence',
    matters: 3,
    means: 'pglogical could not connect to the other node. What follows is what libpq says, and the reason.',
    causes: [
      {
        cause: 'The connection string of that node, from the host of this server.',
        on: 'standby',
        check:
          "psql -d <database> -c \"SELECT if_name, regexp_replace(if_dsn, 'password=\\S*', 'password=…') FROM pglogical.node_interface\"",
      },
    ],
  },
  {
    id: 'pglogical-workers-short',
    source: `${source}, pglogical_worker.c, pglogical_worker_register`,
    matters: 5,
    means:
      'There is no free background worker for pglogical: max_worker_processes is too small, so that subscriptions do not run.',
    causes: [
      {
        cause:
          'It needs one for the supervisor, one for each database, and one for each subscription and each table that is being copied, beside those of parallel queries and other extensions.',
        on: 'standby',
        check:
          'psql -c "SHOW max_worker_processes" -c "SELECT backend_type, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 2 DESC"',
      },
    ],
    todo: 'Raise max_worker_processes (a restart; on a primary with standbys, raise it on the standbys first).',
  },
  {
    id: 'pglogical-slot-left',
    source: `${source}, pglogical_functions.c and pglogical_sync.c`,
    matters: 5,
    means:
      'The subscription is gone here, and its slot on the provider is not. That slot holds WAL on the provider until its disk is full.',
    causes: [
      {
        cause: 'Which slots are not used.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, database, active, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS held FROM pg_replication_slots"',
      },
    ],
    todo: "When it is sure that no other subscription uses it: SELECT pg_drop_replication_slot('<slot>') on the provider.",
  },
  {
    id: 'pglogical-copy',
    source: `${source}, pglogical_sync.c`,
    matters: 4,
    means:
      'The first copy of tables from the provider failed, or a query to it for that copy. The subscription is not usable before it is made again.',
    causes: [
      {
        cause:
          'The ERROR next to it, here or in the log of the other server: a constraint, a type, a right, the connection.',
        on: 'standby',
        check: `${status}; tail -n 30 <log of PostgreSQL>`,
      },
    ],
  },
  {
    id: 'pglogical-programs',
    source: `${source}, pglogical_sync.c and pglogical_create_subscriber.c`,
    matters: 4,
    means:
      'To copy the structure, pglogical runs pg_dump and pg_restore of its own release from the directory of the server, and did not find one of them or a directory for their file.',
    causes: [
      {
        cause: 'Whether both are there, and where the file goes (pglogical.temp_directory, TMPDIR).',
        on: 'standby',
        check:
          'ls -l "$(pg_config --bindir)"/pg_dump "$(pg_config --bindir)"/pg_restore; psql -c "SHOW pglogical.temp_directory"; df -h /tmp',
      },
    ],
  },
  {
    id: 'pglogical-target-table',
    source: `${source}, pglogical_relcache.c and pglogical_apply_heap.c`,
    matters: 4,
    means:
      'A change cannot be applied, because the table on the subscriber is missing or is not like the one on the provider. pglogical replicates no DDL by itself. The subscription stops there, and its slot holds WAL.',
    causes: [
      {
        cause: 'The two definitions.',
        on: 'standby',
        check: 'psql -d <database> -c "\\d <table>"; psql -h <provider> -d <database> -c "\\d <table>"',
      },
    ],
    todo: 'Make the table alike on the subscriber (columns, a primary key or replica identity); the subscription goes on by itself.',
  },
  {
    id: 'pglogical-library',
    source: `${source}, pglogical.c and pglogical_output_plugin.c`,
    matters: 4,
    means: 'pglogical is not loaded on the server that was asked: library, output plugin or extension.',
    causes: [{ cause: 'What it has.', on: 'primary', check: releases }],
    todo: 'Put pglogical into shared_preload_libraries (a restart), install the package of this major release, then CREATE EXTENSION pglogical.',
  },
  {
    id: 'pglogical-slot-fails',
    source,
    matters: 4,
    means: 'pglogical could not make, find or use the replication slot or origin of a subscription.',
    causes: [
      {
        cause: 'The slots on the provider, the origins on the subscriber.',
        on: 'primary',
        check:
          'psql -d <database> -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots" -c "SHOW max_replication_slots"; psql -h <subscriber> -d <database> -c "SELECT * FROM pg_replication_origin" -c "SHOW max_replication_slots"',
      },
    ],
  },
  {
    id: 'pglogical-setup',
    source,
    matters: 3,
    means:
      'pglogical refuses what was asked: an object, a node, a set, a subscription or a table is missing, is there already, is in use, or has no key that it needs.',
    causes: [
      {
        cause: 'What there is.',
        on: 'primary',
        check:
          'psql -d <database> -c "SELECT * FROM pglogical.node" -c "SELECT * FROM pglogical.replication_set" -c "SELECT * FROM pglogical.tables"',
      },
      { cause: 'And its subscriptions.', on: 'standby', check: status },
    ],
  },
  {
    id: 'pglogical-parameters',
    source,
    matters: 4,
    means:
      'Provider and subscriber of pglogical are of releases that do not speak with each other, or what one sent is not what the other expects.',
    causes: [{ cause: 'The release on both.', on: 'primary', check: releases }],
    todo: 'Install the same release of pglogical on both, then ALTER EXTENSION pglogical UPDATE.',
  },
  {
    id: 'pglogical-course',
    source,
    kind: 'course',
    matters: 1,
    means: 'pglogical reports what it does with a subscription. That line needs no attention.',
  },
  {
    id: 'pglogical-remark',
    source,
    matters: 2,
    means: 'An error within pglogical. It says little of the set-up.',
    causes: [{ cause: 'The state of its subscriptions.', on: 'standby', check: status }],
  },
];
