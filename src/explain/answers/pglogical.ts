import type { Answer } from '../answer.ts';

interface Extension {
  readonly name: string;
  readonly schema: string;
  /** Its function that shows the subscriptions. */
  readonly status: string;
  readonly drop: string;
  readonly replicateCommand: string;
}

/** An extension with workers and slots of its own. `source` names the files of pglogical; those of Spock have its name. */
const answersOf = ({ name, schema, status: statusFunction, drop, replicateCommand }: Extension): readonly Answer[] => {
  const status = `psql -d <database> -c "SELECT subscription_name, status, slot_name FROM ${schema}.${statusFunction}()"`;
  const tool = schema === 'spock' ? ({ tool: 'spock' } as const) : {};
  const id = (of: string): string => `${schema}-${of}`;
  return [
    {
      id: id('table-differs'),
      ...tool,
      says: ['unknown column name %s', 'cache lookup failed for remote relation %u'],
      source: 'pglogical, pglogical_relcache.c',
      among: /pglogical|apply (?:worker|for subscription|INSERT|UPDATE|DELETE)|replorigin|subscriber/iu,
      matters: 5,
      means: `A change arrived for a column or table that the subscriber does not have. ${name} does not carry table definitions; its worker fails at this change, again and again, and its slot holds WAL on the provider meanwhile.`,
      causes: [
        {
          cause: 'A column was added on the provider, and not on the subscriber.',
          on: 'subscriber',
          check: 'psql -d <database> -c "\\d <table>"',
        },
      ],
      todo: `Make the same change on the subscriber: the worker goes on by itself. Later changes on both at once: ${schema}.${replicateCommand}().`,
    },
    {
      id: id('not-resumable'),
      ...tool,
      says: [
        'subscriber %s initialization failed during nonrecoverable step (%c), please try the setup again',
        'initialization failed during nonrecoverable step',
      ],
      source: 'pglogical, pglogical_sync.c, pglogical_sync_subscription',
      matters: 4,
      means: `The first copy of this ${name} subscription was interrupted, and it cannot go on from there. Why it was is in the log at the first attempt, not here.`,
      causes: [
        {
          cause:
            'The first error before this line: pg_dump or pg_restore of another release, tables that exist already, a connection that broke, a process that was killed.',
          on: 'subscriber',
          check: `grep -nE "${schema}|apply worker|pg_dump|pg_restore" <log of PostgreSQL> | head -40`,
        },
        { cause: 'Show its current state.', on: 'subscriber', check: status },
      ],
      todo: `When that is repaired: SELECT ${schema}.${drop}('<subscription>'), empty its tables on the subscriber, and create it again. Its slot on the provider holds WAL until it is dropped there too.`,
    },
    {
      id: id('conflict'),
      ...tool,
      says: [
        'CONFLICT: remote %s on relation %s (local index %s). Resolution: %s.',
        'CONFLICT: remote %s on relation %s replica identity index %s (tuple not found). Resolution: %s.',
        'CONFLICT: remote %s on relation %s. Resolution: %s.',
      ],
      source: 'pglogical, pglogical_conflict.c, pglogical_report_conflict',
      matters: 3,
      means: `A change arrived for a row that is not as ${name} expected it here: it exists already, was changed here last, or is missing. ${name} resolved that as "Resolution" says and goes on; this line is a report, not an error.`,
      causes: [
        {
          cause:
            'The row was written on this side, too (DETAIL: origin=0 is a change that was made here, or the first copy of the table): an application, a job, a trigger or a second subscription writes here.',
          on: 'subscriber',
          check: `psql -d <database> -c "SHOW ${schema}.conflict_resolution" -c "SHOW track_commit_timestamp"`,
        },
        {
          cause:
            '"tuple not found": the row was deleted here, or never arrived. With "skip", the two sides differ in this row from now on.',
        },
      ],
      todo: `If nothing but ${name} is to write here, take the right to write from the applications. Reports of expected conflicts: ${schema}.conflict_log_level = debug1.`,
    },
    ...(schema === 'spock'
      ? [
          {
            id: id('row-missing'),
            ...tool,
            says: [
              'SPOCK: caught initial exception - %s',
              'logical replication did not find row to be updated in replication target relation (%s)',
              'logical replication did not find row to be deleted in replication target relation (%s)',
            ],
            source: 'Spock 5, src/spock_apply.c and spock_apply_heap.c',
            matters: 4,
            means:
              'A change arrived for a row that is not here, or could not be applied for another reason, which follows it. What Spock does next is set by spock.exception_behaviour: it drops this change or the whole transaction and notes it in spock.exception_log, or disables the subscription. The nodes differ from then on.',
            causes: [
              {
                cause: 'The row was deleted here while another node changed it, or never arrived.',
                on: 'subscriber',
                check:
                  'psql -d <database> -c "SHOW spock.exception_behaviour" -c "SELECT * FROM spock.exception_log ORDER BY retry_errored_at DESC LIMIT 5"',
              },
            ],
            todo: 'Compare the table on both nodes and correct the row by hand before more changes of it arrive.',
          } satisfies Answer,
        ]
      : []),
    {
      id: id('malformed-message'),
      ...tool,
      says: ['no data left in message', 'insufficient data left in message'],
      source: 'PostgreSQL, src/backend/libpq/pqformat.c, called by pglogical_proto_native.c',
      among: /pglogical|spock|apply worker|starting apply/iu,
      matters: 5,
      means: `The apply worker of ${name} could not read a change that the provider sent: the message is not as it expects it. It fails at the same change each time.`,
      causes: [
        {
          cause: `The two sides have other releases of ${name}, or one was updated without a restart of its server.`,
          on: 'both',
          check: `psql -d <database> -c "SELECT extversion FROM pg_extension WHERE extname = '${schema}'" -c "SELECT version()"`,
        },
        { cause: `A fault of ${name} itself: look for this message in its list of faults, and update both sides.` },
      ],
    },
    {
      id: id('connection'),
      ...tool,
      says: [
        'could not connect to the postgresql server in replication mode: %s',
        'could not connect to the postgresql server: %s',
      ],
      source: 'pglogical, pglogical.c, pglogical_connect_base',
      kind: 'consequence',
      matters: 3,
      means: `${name} on the subscriber could not connect to its provider. What follows is what libpq says; it needs a replication connection and one to the database.`,
      causes: [{ cause: 'The connection string of the provider node.', on: 'subscriber', check: status }],
    },
    {
      id: id('worker-ended'),
      ...tool,
      says: [
        'apply worker [%d] at slot %d generation %d exiting with error',
        'sync worker [%d] at slot %d generation %d exiting with error',
        'manager worker [%d] at slot %d generation %d exiting with error',
      ],
      source: 'pglogical, pglogical_worker.c',
      kind: 'consequence',
      matters: 3,
      means: `A worker of ${name} ended with an error, and is started again. The ERROR before this line is the reason.`,
      causes: [{ cause: 'Show the state of the subscription.', on: 'subscriber', check: status }],
    },
    {
      id: id('provider-query'),
      ...tool,
      says: ['could not get table list: %s', 'could not get table list', 'could not get relation info: %s'],
      source: 'pglogical, pglogical_rpc.c',
      among: /pglogical|apply \d+:|synchronizing data|subscriber/iu,
      matters: 4,
      means: `${name} on the subscriber asked its provider for the tables, and that query failed there.`,
      causes: [
        {
          cause: `The two sides have other releases of ${name}: a column or function that one of them does not have. Update both, then ALTER EXTENSION ${schema} UPDATE on both.`,
          on: 'both',
          check: `psql -d <database> -c "SELECT extversion FROM pg_extension WHERE extname = '${schema}'"`,
        },
        { cause: `The role in the connection string of the provider may not read the tables of ${name}.` },
      ],
    },
    {
      id: id('snapshot'),
      ...tool,
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
          check:
            'psql -d <database> -c "\\drds" -c "SHOW session_preload_libraries" -c "SHOW shared_preload_libraries"',
        },
        { cause: 'The connection goes through a pooler: name the server itself.' },
      ],
    },
  ];
};

/** pglogical, and Spock, which was made from it: the same messages, other functions. */
export const answersAboutPglogical: readonly Answer[] = [
  ...answersOf({
    name: 'pglogical',
    schema: 'pglogical',
    status: 'show_subscription_status',
    drop: 'drop_subscription',
    replicateCommand: 'replicate_ddl_command',
  }),
  ...answersOf({
    name: 'Spock',
    schema: 'spock',
    status: 'sub_show_status',
    drop: 'sub_drop',
    replicateCommand: 'replicate_ddl',
  }),
];
