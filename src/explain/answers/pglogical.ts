import type { Answer } from '../answer.ts';

const status =
  'psql -d <database> -c "SELECT subscription_name, status, slot_name FROM pglogical.show_subscription_status()"';

/** The extension pglogical, which has workers and slots of its own. */
export const answersAboutPglogical: readonly Answer[] = [
  {
    id: 'pglogical-table-differs',
    says: ['unknown column name %s', 'cache lookup failed for remote relation %u'],
    source: 'pglogical, pglogical_relcache.c',
    among: /pglogical|apply (?:worker|for subscription|INSERT|UPDATE|DELETE)|replorigin|subscriber/iu,
    matters: 5,
    means:
      'A change arrived for a column or table that the subscriber does not have. pglogical does not carry table definitions; its worker fails at this change, again and again, and its slot holds WAL on the provider meanwhile.',
    causes: [
      {
        cause: 'A column was added on the provider, and not on the subscriber.',
        on: 'subscriber',
        check: 'psql -d <database> -c "\\d <table>"',
      },
    ],
    todo: 'Make the same change on the subscriber: the worker goes on by itself. Later changes on both at once: pglogical.replicate_ddl_command().',
  },
  {
    id: 'pglogical-not-resumable',
    says: [
      'subscriber %s initialization failed during nonrecoverable step (%c), please try the setup again',
      'initialization failed during nonrecoverable step',
    ],
    source: 'pglogical, pglogical_sync.c, pglogical_sync_subscription',
    matters: 4,
    means:
      'The first copy of this pglogical subscription was interrupted, and it cannot go on from there. Why it was is in the log at the first attempt, not here.',
    causes: [
      {
        cause:
          'The first error before this line: pg_dump or pg_restore of another release, tables that exist already, a connection that broke, a process that was killed.',
        on: 'subscriber',
        check: 'grep -nE "pglogical|apply worker|pg_dump|pg_restore" <log of PostgreSQL> | head -40',
      },
      { cause: 'Show its current state.', on: 'subscriber', check: status },
    ],
    todo: "When that is repaired: SELECT pglogical.drop_subscription('<subscription>'), empty its tables on the subscriber, and create it again. Its slot on the provider holds WAL until it is dropped there too.",
  },
  {
    id: 'pglogical-connection',
    says: [
      'could not connect to the postgresql server in replication mode: %s',
      'could not connect to the postgresql server: %s',
    ],
    source: 'pglogical, pglogical.c, pglogical_connect_base',
    kind: 'consequence',
    matters: 3,
    means:
      'pglogical on the subscriber could not connect to its provider. What follows is what libpq says; it needs a replication connection and one to the database.',
    causes: [{ cause: 'The connection string of the provider node.', on: 'subscriber', check: status }],
  },
  {
    id: 'pglogical-worker-ended',
    says: [
      'apply worker [%d] at slot %d generation %d exiting with error',
      'sync worker [%d] at slot %d generation %d exiting with error',
      'manager worker [%d] at slot %d generation %d exiting with error',
    ],
    source: 'pglogical, pglogical_worker.c',
    kind: 'consequence',
    matters: 3,
    means: 'A worker of pglogical ended with an error, and is started again. The ERROR before this line is the reason.',
    causes: [{ cause: 'Show the state of the subscription.', on: 'subscriber', check: status }],
  },
  {
    id: 'pglogical-provider-query',
    says: ['could not get table list: %s', 'could not get table list', 'could not get relation info: %s'],
    source: 'pglogical, pglogical_rpc.c',
    among: /pglogical|apply \d+:|synchronizing data|subscriber/iu,
    matters: 4,
    means: 'pglogical on the subscriber asked its provider for the tables, and that query failed there.',
    causes: [
      {
        cause:
          'The two sides have other releases of pglogical: a column or function that one of them does not have. Update both, then ALTER EXTENSION pglogical UPDATE on both.',
        on: 'both',
        check: 'psql -d <database> -c "SELECT extversion FROM pg_extension WHERE extname = \'pglogical\'"',
      },
      { cause: 'The role in the connection string of the provider may not read the tables of pglogical.' },
    ],
  },
  {
    id: 'pglogical-snapshot',
    says: [
      'BEGIN on origin node failed: ERROR: SET TRANSACTION SNAPSHOT must be called before any query',
      'SET TRANSACTION SNAPSHOT must be called before any query',
      'BEGIN on origin node failed: %s',
    ],
    source: 'pglogical, pglogical_sync.c, start_copy_origin_tx; PostgreSQL, src/backend/utils/time/snapmgr.c',
    among: /pglogical|origin node|replication|subscri|snapshot/iu,
    matters: 4,
    means:
      'The first copy needs a transaction that begins with the snapshot of the slot, and something ran a query in it before.',
    causes: [
      {
        cause:
          'A setting of the role or database (or of session_preload_libraries, a login trigger, an audit extension) runs a query in every new transaction.',
        on: 'publisher',
        check: 'psql -d <database> -c "\\drds" -c "SHOW session_preload_libraries" -c "SHOW shared_preload_libraries"',
      },
      { cause: 'The connection goes through a pooler: name the server itself.' },
    ],
  },
];
