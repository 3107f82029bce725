import { expect, test } from 'vitest';

import { readLog, readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { messageFilter } from '../../src/postgres/messages/message-filter.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';

const catalogue = await messageCatalogue();

/** What an application's sessions leave in a log, with PostgreSQL's own words in statements, names, values and quotes. */
function ordinary(index: number): readonly string[] {
  const theirs = quoted[index % quoted.length] ?? '';
  const literal = theirs.replaceAll("'", "''");
  const shapes: readonly (readonly string[])[] = [
    [
      'ERROR:  duplicate key value violates unique constraint "replication_slots_pkey"',
      `DETAIL:  Key (slot)=(${index}) already exists.`,
      `STATEMENT:  INSERT INTO replication_slots (slot, note) VALUES (${index}, '${literal}')`,
    ],
    [
      'ERROR:  deadlock detected',
      `DETAIL:  Process ${index} waits for ShareLock on transaction 7; blocked by process 8.`,
      `\tProcess 8: UPDATE log SET line = '${literal}'`,
      'HINT:  See server log for query details.',
      'CONTEXT:  while updating tuple (0,1) in relation "wal_receiver"',
      `STATEMENT:  UPDATE log SET line = '${literal}'`,
    ],
    [
      `ERROR:  syntax error at or near "${theirs.slice(0, 20)}" at character 8`,
      `STATEMENT:  SELECT ${theirs}`,
      `\t${theirs}`,
    ],
    [`LOG:  statement: SELECT * FROM messages WHERE text = '${literal}'`],
    [
      `LOG:  duration: ${index}.1 ms  execute <unnamed>: INSERT INTO log VALUES ($1)`,
      `DETAIL:  parameters: $1 = '${literal}'`,
    ],
    [`ERROR:  relation "${theirs.slice(0, 30)}" does not exist at character 15`, 'STATEMENT:  SELECT 1'],
    ['ERROR:  role "standby" does not exist', 'STATEMENT:  GRANT SELECT ON a TO standby'],
    ['ERROR:  database "replication" does not exist', 'STATEMENT:  DROP DATABASE replication'],
    ['ERROR:  parameter "max_wal" does not exist'.replace('parameter', 'column'), 'STATEMENT:  SELECT max_wal'],
    [`ERROR:  invalid input syntax for type integer: "${theirs}"`, 'STATEMENT:  SELECT $1::int'],
    [
      `ERROR:  P0001: ${theirs}`,
      'CONTEXT:  PL/pgSQL function note(text) line 3 at RAISE',
      "STATEMENT:  SELECT note('x')",
    ],
    [`WARNING:  ${theirs}`, 'CONTEXT:  PL/pgSQL function note(text) line 3 at RAISE'],
    ['ERROR:  could not connect to server "archive"', `DETAIL:  ${theirs}`, 'STATEMENT:  SELECT * FROM foreign_orders'],
    ['ERROR:  canceling statement due to statement timeout', `STATEMENT:  ${theirs}`],
    ['ERROR:  permission denied for table slots', `STATEMENT:  TABLE slots -- ${theirs}`],
    [
      'LOG:  duration: 2.0 ms  statement: CREATE TABLE replication (',
      '\t  slot text,',
      `\t  note text DEFAULT '${literal}'`,
      '\t)',
    ],
  ];
  return shapes[Math.floor(index / quoted.length) % shapes.length] ?? [];
}

const quoted: readonly string[] = [
  'requested WAL segment 000000010000000000000004 has already been removed',
  'FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "repl", no encryption',
  'could not connect to the primary server: connection to server at "db1", port 5432 failed: Connection refused',
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000004 has already been removed',
  'entering standby mode',
  'started streaming WAL from primary at 0/4000000 on timeline 1',
  'database system identifier differs between the primary and standby',
  'it\'s a replication slot "x" that is active for PID 7',
  'highest timeline 1 of the primary is behind recovery timeline 2',
  'pg_basebackup: error: directory "x" exists but is not empty',
];

const lines: readonly string[] = Array.from({ length: 60_000 }, (_, index) => index)
  .flatMap((index) => {
    const prefix = `2026-11-21 20:26:18.934 UTC [${1000 + (index % 7)}] app@shop `;
    return ordinary(index).map((line) => (line.startsWith('\t') ? line : prefix + line));
  })
  .slice(0, 100_000);

test('100,000 ordinary lines name no message of a standby', async () => {
  expect(lines).toHaveLength(100_000);
  const text = Buffer.from(`${lines.join('\n')}\n`);
  for (const options of [{}, { filter: messageFilter(catalogue) }]) {
    const found = new Map<string, string>();
    for await (const record of readLog([text], options)) {
      const recognition = recognise(catalogue, record);
      if (recognition !== undefined) found.set(recognition.id, record.message);
    }
    expect([...found]).toEqual([]);
  }
}, 60_000);

test('the same in csvlog', () => {
  const csv = quoted.flatMap((theirs) => {
    const field = theirs.replaceAll('"', '""');
    return [
      `2026-11-21 20:27:22.842 UTC,"postgres","postgres",25718,"127.0.0.1:34292",6b01feaa.6476,1,"SELECT",2026-11-21 20:27:22 UTC,2/4,0,ERROR,42601,"syntax error at or near ""'""",,,"${field}",1,,"SELECT 1`,
      field,
      `2026-11-21 20:27:22.842 UTC [1] ${field}",,,"psql","client backend",,0`,
    ];
  });
  const records = readLogText(csv.join('\n'));
  expect(records).toHaveLength(quoted.length);
  expect(records.flatMap((record) => recognise(catalogue, record)?.id ?? [])).toEqual([]);
});

test("programs' logs beside it: nothing of what they quote is the server's", () => {
  const text = [
    ...quoted.map((theirs) => `2026-11-21 20:26:18,934 INFO [web-1] said "${theirs}"`),
    ...quoted.map((theirs) => `time="2026-11-21T20:26:18Z" level=error msg='${theirs.replaceAll("'", '')}'`),
    'Traceback (most recent call last):',
    '  File "/app/main.py", line 7, in <module>',
    'psycopg2.OperationalError: connection to server at "db1" (10.0.0.5), port 5432 failed: FATAL:  password authentication failed for user "web"',
  ].join('\n');
  expect(readLogText(text).flatMap((record) => recognise(catalogue, record)?.id ?? [])).toEqual([]);
});
