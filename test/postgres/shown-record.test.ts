import { expect, test } from 'vitest';

import { readLogText } from '../../src/postgres/log/read-log.ts';
import { shownRecord } from '../../src/postgres/log/shown-record.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';

const catalogue = await messageCatalogue();
const shown = (log: string): string =>
  readLogText(log)
    .map((record) => shownRecord(record, recognise(catalogue, record) !== undefined))
    .filter((one) => one !== undefined)
    .join('\n');

const at = '2026-11-29 11:14:03.116 UTC [42] ';

test.each([
  ['log_statement', `${at}LOG:  statement: SELECT 'hunter2'`],
  ['of several lines', `${at}LOG:  statement: SELECT\n\t'hunter2'`],
  ['log_duration', `${at}LOG:  duration: 0.5 ms  execute s1: SELECT 'hunter2'`],
  ['with parameters', `${at}LOG:  execute <unnamed>: SELECT $1\n${at}DETAIL:  parameters: $1 = 'hunter2'`],
  ['in German', `${at}LOG:  Anweisung: SELECT 'hunter2'`],
  ['in Japanese', `${at}LOG:  文: SELECT 'hunter2'`],
  ['a function', `${at}LOG:  could not hunter2\n${at}CONTEXT:  PL/pgSQL function f() line 1 at RAISE`],
  ['RAISE WARNING', `${at}WARNING:  hunter2`],
  [
    'an error of a client',
    `${at}ERROR:  invalid input syntax for type integer: "hunter2"\n${at}STATEMENT:  SELECT 'hunter2'`,
  ],
  [
    'a key',
    `${at}ERROR:  duplicate key value violates unique constraint "t"\n${at}DETAIL:  Key (a)=(hunter2) already exists.`,
  ],
  ['a row', `${at}ERROR:  new row violates check constraint "t"\n${at}DETAIL:  Failing row contains (hunter2).`],
  ['COPY', `${at}ERROR:  extra data after last expected column\n${at}CONTEXT:  COPY t, line 1: "hunter2"`],
  [
    'a crash',
    `${at}LOG:  server process (PID 7) was terminated by signal 9: Killed\n${at}DETAIL:  Failed process was running: SELECT 'hunter2'`,
  ],
  ['a line without a label', `hunter2 and more`],
  ['auto_explain', `${at}LOG:  duration: 0.013 ms  plan:\n\tQuery Text: SELECT 'hunter2'`],
  ['pgaudit', `${at}LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 'hunter2',<not logged>`],
])('what a client sent is left out: %s', (_name, log) => {
  expect(shown(log)).not.toContain('hunter2');
});

test.each([
  'FATAL:  could not connect to the primary server: connection to server at "10.0.0.1", port 5432 failed',
  'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1',
  'LOG:  checkpoint complete: wrote 3 buffers (0.0%)',
  'LOG:  database system is ready to accept read-only connections',
  'PANIC:  could not locate a valid checkpoint record',
])('what the server says of its own work stays: %s', (line) => {
  expect(shown(`${at}${line}`)).toContain(line.replace(/^\w+:\s+/u, ''));
});
