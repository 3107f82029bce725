import type { Symptom } from './symptom.ts';

const ofLogical = /\b(?:subscri(?:ption|ber)s?|publi(?:cation|sher)s?|logical replication|debezium|pglogical|cdc)\b/iu;
const applied =
  'psql -c "SELECT subname, pid, received_lsn, latest_end_time FROM pg_stat_subscription" -c "SELECT subname, subenabled, subslotname FROM pg_subscription"';

/** Publications and subscriptions, whose words are those of standbys, too. */
export const symptomsOfLogical: readonly Symptom[] = [
  {
    all: [
      /\b(?:duplicate key|sequences?|nextval|serial|identity|unique constraint|id columns?)\b/iu,
      /\b(?:fail\w*|error\w*|duplicate|start\w*|wrong|old|behind|not|1|reset|conflict\w*)\b/iu,
    ],
    beside:
      /^(?=[^]*\b(?:logical replication|subscription|subscriber|publication)\b)(?=[^]*\b(?:cut-?over|migrat\w*|switch\w*|mov\w+|upgrad\w*|sequences?|new (?:server|primary|cluster))\b)/iu,
    means:
      'Logical replication copies rows, not the state of sequences (18 and before). After a cutover the sequences of the new server still begin at their first value, so that inserts meet numbers that exist.',
    causes: [
      {
        cause: 'A sequence is behind the highest value of its column.',
        on: 'new server',
        check: 'psql -d <database> -c "SELECT schemaname, sequencename, last_value FROM pg_sequences"',
      },
    ],
    todo: "On the new server, for each: SELECT setval(pg_get_serial_sequence('<table>', '<column>'), (SELECT max(<column>) FROM <table>)); nothing may be written to the old server any more.",
    where: 'the log of the new server',
    command: 'standbylint explain <log of PostgreSQL>',
  },
  {
    all: [
      /\b(?:add(?:ed|ing)?|drop(?:ped|ping)?|renam\w+|alter(?:ed)?|chang\w+|new)\b.{0,40}\b(?:columns?|tables?|type|schema|ddl)\b|\bALTER TABLE\b|\bDDL\b|\bschema (?:change|migration)\b/iu,
      /\b(?:stop\w*|no longer|not?|since|fail\w*|error|missing|never|does|nothing)\b|n['’]t\b/iu,
    ],
    beside: ofLogical,
    means:
      'Logical replication copies rows, not definitions: a column or a table has to be made on the subscriber, too. Until then its apply worker fails and tries again, and the slot on the publisher keeps the WAL.',
    causes: [
      {
        cause:
          'A column is missing on the subscriber ("is missing replicated column" in its log), or differs in its type.',
        on: 'subscriber',
        check:
          'grep -nE "missing replicated column|logical replication apply worker|ERROR" <log of PostgreSQL> | tail -5',
      },
      {
        cause: 'A new table: it is not in the publication, or the subscription was not refreshed.',
        on: 'publisher',
        check: 'psql -d <database> -c "SELECT pubname, schemaname, tablename FROM pg_publication_tables"',
      },
      {
        cause: 'The subscription was disabled by an error (disable_on_error), or its slot was lost meanwhile.',
        on: 'subscriber',
        check: applied,
      },
    ],
    todo: 'Make the same change on the subscriber: it goes on by itself within seconds. For a new table also ALTER SUBSCRIPTION <name> REFRESH PUBLICATION. In future: additions on the subscriber first, removals on the publisher first.',
    where: 'the log of the subscriber',
    command: 'standbylint explain <log of PostgreSQL>',
  },
  {
    all: [
      /\bpg_stat_replication\b|\bsubscri(?:ption|ber)\b|\bno (?:new )?(?:rows|data|changes)\b/iu,
      /\b(?:empty|no rows?|nothing|0 rows|not|never|stop\w*|no longer|behind)\b|n['’]t\b/iu,
    ],
    beside: /\b(?:subscription|logical replication)\b/iu,
    means:
      'A subscription that works has an apply worker on the subscriber, and a row in pg_stat_replication on the publisher. Where there is none, the worker fails and is started again every few seconds; the log of the subscriber says why.',
    causes: [
      {
        cause: 'The worker stops at an error: a key that exists already, a missing column or table, a permission.',
        on: 'subscriber',
        check: 'grep -nE "logical replication|ERROR|DETAIL|CONTEXT" <log of PostgreSQL> | tail -8',
      },
      {
        cause: 'The subscription is disabled, or has no free worker (max_logical_replication_workers).',
        on: 'subscriber',
        check: applied,
      },
      {
        cause: 'Its connection is refused, or its slot is gone or lost.',
        on: 'publisher',
        check: 'psql -c "SELECT slot_name, database, active, wal_status FROM pg_replication_slots"',
      },
      {
        cause: 'A table has not been copied yet, or was created after the subscription.',
        on: 'subscriber',
        check:
          'psql -d <database> -c "SELECT srrelid::regclass, srsubstate FROM pg_subscription_rel WHERE srsubstate <> \'r\'"',
      },
    ],
    todo: 'Do not drop the slot or the subscription to try again: that begins with a new copy of all tables.',
    where: 'the log of the subscriber',
    command: 'standbylint explain <log of PostgreSQL>',
  },
];
