import type { Answer } from '../answer.ts';

const subscriptions =
  'psql -c "SELECT subname, subenabled, subslotname FROM pg_subscription" -c "SELECT subname, received_lsn, last_msg_receipt_time FROM pg_stat_subscription"';

const rowExists = {
  kind: 'cause',
  matters: 4,
  means:
    'A worker of a subscription met a row that the subscriber has already. It begins again from the same place, so it does not pass it, and its slot holds WAL on the publisher meanwhile.',
  causes: [
    {
      cause: 'In the first copy (CONTEXT: COPY …): the table was not empty on the subscriber.',
      on: 'subscriber',
      check: 'psql -c "SELECT srrelid::regclass, srsubstate FROM pg_subscription_rel WHERE srsubstate <> \'r\'"',
    },
    {
      cause: 'Later: a client wrote to the table on the subscriber, or the slot was set back.',
      on: 'subscriber',
      check: subscriptions,
    },
  ],
  todo: 'Remove or change the row of DETAIL on the subscriber (if the one from the publisher is to count): the worker goes on by itself. Or begin with copy_data = false where the data is the same already.',
} as const;

/** Publications and subscriptions: what their workers, publishers and output plugins say. */
export const answersAboutSubscriptions: readonly Answer[] = [
  {
    id: 'subscriber-table-differs',
    says: [
      'logical replication target relation "%s" does not exist',
      'logical replication target relation "%s" is missing replicated column: %s',
      'logical replication target relation "%s" is missing replicated columns: %s',
      'logical replication target relation "%s" is missing some replicated columns',
      'logical replication target relation "%s" has incompatible generated column: %s',
      'logical replication target relation "%s" has neither REPLICA IDENTITY index nor PRIMARY KEY column and published relation does not have REPLICA IDENTITY FULL',
      'publisher did not send replica identity column expected by the logical replication target relation "%s"',
      'table "%s" not found on publisher',
      'cannot use relation "%s" as logical replication target',
    ],
    source: 'PostgreSQL, src/backend/replication/logical/relation.c, worker.c, tablesync.c',
    matters: 4,
    means:
      'Logical replication does not carry table definitions: the table of the message is different, or missing, on the subscriber. Its worker fails at this change, again and again, and its slot holds WAL on the publisher meanwhile.',
    causes: [
      {
        cause: 'A table was made or altered on the publisher, and not on the subscriber.',
        on: 'subscriber',
        check: 'psql -c "\\d <table>"; psql -h <publisher> -c "\\d <table>"',
      },
    ],
    todo: 'Make the same change on the subscriber: the worker goes on by itself. For a new table: ALTER SUBSCRIPTION <subscription> REFRESH PUBLICATION;',
  },
  {
    id: 'replica-identity-missing',
    says: [
      'cannot update table "%s" because it does not have a replica identity and publishes updates',
      'cannot delete from table "%s" because it does not have a replica identity and publishes deletes',
      'cannot update table "%s" because column used in REPLICA IDENTITY is not part of the publication column list',
      'To enable updating the table, set REPLICA IDENTITY using ALTER TABLE.',
      'To enable deleting from the table, set REPLICA IDENTITY using ALTER TABLE.',
    ],
    source: 'PostgreSQL, src/backend/executor/execReplication.c, CheckCmdReplicaIdentity',
    matters: 4,
    means:
      'The table is in a publication and has no primary key: UPDATE and DELETE are refused on the publisher, because a subscriber could not find the row.',
    causes: [
      {
        cause: 'The table has no primary key, or a publication FOR ALL TABLES took it in.',
        on: 'publisher',
        check: 'psql -c "SELECT pubname, tablename FROM pg_publication_tables" -c "\\d <table>"',
      },
    ],
    todo: 'Give the table a primary key; or ALTER TABLE <table> REPLICA IDENTITY USING INDEX <unique index>; or, where neither exists, REPLICA IDENTITY FULL (slow on the subscriber).',
  },
  {
    id: 'publication-missing',
    says: ['publication "%s" does not exist'],
    source: 'PostgreSQL, src/backend/catalog/pg_publication.c; output plugin pgoutput',
    matters: 4,
    means:
      'The publication does not exist on the publisher, or did not exist yet at the place in the WAL from which the slot reads: logical decoding sees the catalog of that moment.',
    causes: [
      {
        cause: 'It was never made in this database, or it was dropped and made again after the slot.',
        on: 'publisher',
        check:
          'psql -d <database> -c "SELECT pubname FROM pg_publication" -c "SELECT slot_name, database, confirmed_flush_lsn FROM pg_replication_slots"',
      },
      { cause: 'The name is written in other capitals, or the client is connected to another database.' },
    ],
    todo: 'Make it in the database of the slot. If it exists and the slot is older, the slot cannot pass that place: create the slot (of a subscription: the subscription) again after the publication, with a new copy of the data.',
  },
  {
    id: 'output-plugin-option',
    says: [
      'option "%s" = "%s" is unknown',
      'unrecognized pgoutput option: %s',
      'client sent proto_version=%d but server only supports protocol %d or lower',
      'client sent proto_version=%d but server only supports protocol %d or higher',
      'option "proto_version" missing',
      'option "publication_names" missing',
      'proto_version option missing',
      'publication_names option missing',
      'publication_names parameter missing',
      'option "%s" is unknown for output plugin',
    ],
    source:
      'PostgreSQL, src/backend/replication/pgoutput/pgoutput.c, contrib/test_decoding; wal2json, wal2json.c, pg_decode_startup',
    among: /replication|WAL|subscription|slot|proto_version|publication_names|pgoutput|wal2json|decod/iu,
    matters: 5,
    means:
      'The output plugin of the logical slot does not understand an option that the reader of the slot sends: reader and plugin do not belong together.',
    causes: [
      {
        cause:
          'The slot was created with another plugin. A subscription needs pgoutput (its options are proto_version and publication_names); a slot made by hand with wal2json or test_decoding does not serve it.',
        on: 'publisher',
        check: 'psql -c "SELECT slot_name, plugin, active FROM pg_replication_slots"',
      },
      {
        cause: 'The reader is newer than the server or the plugin, and sends an option that came later.',
        on: 'publisher',
        check: 'psql -c "SHOW server_version"',
      },
    ],
    todo: "Create a slot with the right plugin and a name of its own (SELECT pg_create_logical_replication_slot('<slot>', 'pgoutput')), and name that one in the reader; a subscription makes its slot itself unless create_slot = false. A slot cannot change its plugin; drop the old one when nothing else reads it.",
  },
  {
    id: 'output-plugin-missing',
    says: [
      'could not access file "wal2json": No such file or directory',
      'could not access file "decoderbufs": No such file or directory',
      'could not access file "pglogical_output": No such file or directory',
      'could not access file "test_decoding": No such file or directory',
      'output plugins have to declare the _PG_output_plugin_init symbol',
    ],
    source: 'PostgreSQL, src/backend/replication/logical/logical.c, LoadOutputPlugin; utils/fmgr/dfmgr.c',
    matters: 5,
    means: 'The output plugin of the logical slot is not installed on this server.',
    causes: [
      {
        cause: 'Its package is missing for this major release, also on a standby that was promoted or in a new image.',
        on: 'publisher',
        check: 'ls "$(pg_config --pkglibdir)" | grep -E "wal2json|decoderbufs|pgoutput|pglogical"',
      },
    ],
    todo: 'Install the package, or use pgoutput, which every server has since 10. A new slot is needed for another plugin.',
  },
  {
    id: 'replication-origin-missing',
    says: [
      'replication origin "%s" does not exist',
      'replication origin with ID %d is already active for PID %d',
      'replication origin with OID %u is already active for PID %d',
      'could not find free replication state slot for replication origin with ID %d',
      'could not find free replication state, increase max_replication_slots',
      'could not find free replication state, increase "max_active_replication_origins"',
      'cannot query or manipulate replication origin when max_replication_slots = 0',
    ],
    source: 'PostgreSQL, src/backend/replication/logical/origin.c',
    matters: 4,
    means:
      'A subscriber keeps in a replication origin how far it has come. The origin of the message is missing, in use by another worker, or there is no room for one more.',
    causes: [
      {
        cause:
          'Missing: it was dropped, the subscriber was restored or promoted without it, or the query went to the publisher (origins exist on the subscriber).',
        on: 'subscriber',
        check: 'psql -c "SELECT * FROM pg_replication_origin_status"',
      },
      {
        cause: 'In use: the worker before this one has not ended yet; that passes.',
        on: 'subscriber',
        check: subscriptions,
      },
      {
        cause:
          'No room: raise max_replication_slots (18 and later: max_active_replication_origins) on the subscriber and restart it.',
      },
    ],
  },
  {
    id: 'subscriber-row-exists',
    of: ['server-process-exit-code'],
    when: /worker process: logical replication|background worker "logical replication/u,
    // of a session it is the statement's own error
    beside:
      /^(?![^\n]*(?:\w@\w|user=\w))[^\n]*duplicate key value violates unique constraint[^\n]*\n(?:[^\n]*DETAIL: [^\n]*\n)?(?![^\n]*STATEMENT: )/mu,
    ...rowExists,
  },
  // from 15 on the CONTEXT says whose row it was
  {
    id: 'subscriber-row-exists-context',
    says: ['duplicate key value violates unique constraint "%s"'],
    among:
      /\bprocessing remote data (?:for replication origin|during)|\bfor replication target relation "|\bpglogical_sync_\w|table synchronization worker for subscription/u,
    source: 'PostgreSQL, src/backend/replication/logical/worker.c, apply_error_callback',
    ...rowExists,
  },
  {
    of: ['server-process-exit-code'],
    when: /background worker "logical replication launcher"/u,
    kind: 'course',
    matters: 1,
    means: 'The launcher of logical replication ends like this whenever the server is stopped. That is normal.',
  },
  {
    of: ['server-process-exit-code'],
    when: /background worker "|worker process: |\b(?:archiver|autovacuum launcher|logical replication launcher|slot ?sync worker|wal ?summarizer|autovacuum worker)(?: process)? \(PID/iu,
    kind: 'consequence',
    matters: 2,
    means:
      'A helper process of the server (of an extension, a subscription, the archiver, a parallel query) ended with an error and is started again; the server itself runs on. The ERROR or FATAL before this line is the reason.',
  },
  {
    id: 'statement-in-transaction',
    says: [
      'CREATE SUBSCRIPTION ... WITH (create_slot = true) cannot run inside a transaction block',
      'DROP SUBSCRIPTION cannot run inside a transaction block',
      'ALTER SUBSCRIPTION ... REFRESH cannot run inside a transaction block',
      'ALTER SUBSCRIPTION ... REFRESH PUBLICATION cannot run inside a transaction block',
      'ALTER SUBSCRIPTION with refresh cannot run inside a transaction block',
      'ALTER SYSTEM cannot run inside a transaction block',
      'CREATE TABLESPACE cannot run inside a transaction block',
    ],
    source: 'PostgreSQL, src/backend/access/transam/xact.c, PreventInTransactionBlock; commands/subscriptioncmds.c',
    matters: 4,
    means:
      'This statement does something that no ROLLBACK could undo (a slot on another server, a file), so it must be sent alone, outside of BEGIN … COMMIT.',
    causes: [
      {
        cause:
          'The program opens a transaction around it: a driver without autocommit, a migration tool, several statements in one psql -c or in one query.',
      },
    ],
    todo: "Send it alone with autocommit (psql: one -c for each statement). Or, for a subscription inside a transaction: make the slot on the publisher first (SELECT pg_create_logical_replication_slot('<slot>', 'pgoutput')), then WITH (create_slot = false, slot_name = '<slot>').",
  },
  {
    id: 'slot-creation-timeout',
    says: ['canceling statement due to statement timeout'],
    source: 'PostgreSQL, src/backend/tcop/postgres.c; replication/logical/snapbuild.c',
    among: /subscription|replication slot|create_\w*_?slot|CREATE_REPLICATION_SLOT|consistent point/iu,
    matters: 4,
    means:
      'statement_timeout ended it. Making a logical slot waits until every transaction that runs at that moment has ended, and CREATE SUBSCRIPTION waits for the publisher besides.',
    causes: [
      {
        cause:
          'A long transaction on the publisher, also one of another database or of a session that is idle in transaction.',
        on: 'publisher',
        check:
          'psql -c "SELECT pid, datname, state, xact_start, left(query, 60) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5" -c "SELECT * FROM pg_prepared_xacts"',
      },
      {
        cause:
          'The subscriber does not reach the publisher: from the server, not from where you type (security group, firewall rule, private endpoint).',
        on: 'subscriber',
        check: 'psql "host=<publisher> dbname=<database> user=<role> connect_timeout=5" -c "SELECT 1"',
      },
    ],
    todo: 'End that transaction, then: SET statement_timeout = 0; in the session that creates it. See first whether a slot was left behind by the attempt (pg_replication_slots on the publisher).',
  },
];
