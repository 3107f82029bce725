import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { innermostMessage, lastFatalMessage, readClientMessages } from '../../src/postgres/client-messages.ts';

describe('readClientMessages', () => {
  it('takes the label off, and puts continuation lines to the message before them', () => {
    expect(
      readClientMessages([
        'pg_basebackup: initiating base backup, waiting for checkpoint to complete',
        'pg_basebackup: error: connection to server at "db1", port 5432 failed: Connection refused',
        '\tIs the server running on that host and accepting TCP/IP connections?',
        '/usr/bin/pg_basebackup: fatal: could not x',
        'pg_basebackup: hint: do y',
      ]),
    ).toEqual([
      { level: 'info', text: 'initiating base backup, waiting for checkpoint to complete' },
      {
        level: 'error',
        text: 'connection to server at "db1", port 5432 failed: Connection refused\nIs the server running on that host and accepting TCP/IP connections?',
      },
      { level: 'error', text: 'could not x' },
      { level: 'hint', text: 'do y' },
    ]);
  });
});

describe('two processes that write at once', () => {
  it.each([
    'pg_basebackup:pg_basebackup: error: could not read COPY data',
    'pg_basebackup: pg_basebackup: error: error: could not read COPY data',
  ])('%s', (line) => {
    expect(readClientMessages([line])).toEqual([{ level: 'error', text: 'could not read COPY data' }]);
  });
});

describe('innermostMessage', () => {
  it.each([
    ['could not initiate base backup: ERROR:  the standby was promoted', 'the standby was promoted'],
    [
      'connection to server at "h" (127.0.0.1), port 1 failed: FATAL:  role "x" does not exist',
      'role "x" does not exist',
    ],
    ['connection to server on socket "/tmp/.s.PGSQL.1" failed: No such file or directory', 'No such file or directory'],
    [
      'could not receive data from WAL stream: FATAL:  could not connect: connection to server at "h", port 1 failed: Connection refused',
      'Connection refused',
    ],
    ['could not write file "a": No space left on device', 'could not write file "a": No space left on device'],
  ])('%s', (text, innermost) => {
    expect(innermostMessage(text)).toBe(innermost);
  });

  it('always ends, and gives a part of what it was given', () => {
    assert(
      property(
        array(constantFrom('FATAL:  ', 'ERROR: ', 'connection to server at x failed: ', 'a', '\n', ': ')),
        (parts) => {
          const text = parts.join('');
          expect(text).toContain(innermostMessage(text));
        },
      ),
    );
  });
});

describe('lastFatalMessage', () => {
  it('is the cause: what clients are told while the server starts or stops is passed over', () => {
    const log = [
      '2026-11-21 20:00:00.000 UTC [1] LOG:  starting PostgreSQL 15.18',
      '2026-11-21 20:00:00.100 UTC [2] FATAL:  recovery aborted because of insufficient parameter settings',
      '\tand a second line',
      '2026-11-21 20:00:00.100 UTC [2] HINT:  You can restart the server.',
      '2026-11-21 20:00:00.200 UTC [3] FATAL:  the database system is starting up',
      '2026-11-21 20:00:00.300 UTC [1] LOG:  database system is shut down',
    ].join('\n');
    expect(lastFatalMessage(log)).toBe(
      'recovery aborted because of insufficient parameter settings\nand a second line',
    );
    expect(lastFatalMessage('LOG:  all is well')).toBeUndefined();
  });
});
