import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import type { CatalogueEntry } from '../../src/postgres/messages/catalogue.ts';
import { messageFormat } from '../../src/postgres/messages/message-format.ts';
import { innermost, unwrapMessage } from '../../src/postgres/messages/message-layers.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { renderedRecord, renderedText } from './render-message.ts';

const catalogue = await messageCatalogue();
const entries = catalogue.messages.map(({ entry }) => entry);
const majors = [13, 14, 15, 16, 17, 18] as const;

const printedBy = ({ since = 13, until = 18 }: CatalogueEntry, major: number): boolean =>
  since <= major && major <= until;

const root = (id: string | undefined): string | undefined => catalogue.entry(id ?? '')?.variantOf ?? id;

describe('every entry of the catalogue', () => {
  test.each(majors)('is recognised in a text that PostgreSQL %i prints, and no other one claims it', (major) => {
    const printed = entries.filter((entry) => printedBy(entry, major));
    expect(printed.length).toBeGreaterThan(850);
    const claimed = printed.flatMap((entry) => {
      const found = recognise(catalogue, renderedRecord(entry), { major });
      return found?.id === entry.id ? [] : [`${entry.id} taken for ${found?.id}`];
    });
    expect(claimed).toEqual([]);
  });

  test('is recognised when the release is not known, as one of its wordings', () => {
    const claimed = entries.flatMap((entry) => {
      const found = recognise(catalogue, renderedRecord(entry));
      return root(found?.id) === root(entry.id) ? [] : [`${entry.id} taken for ${found?.id}`];
    });
    expect(claimed).toEqual([]);
  });

  test('names a variant that exists, and says what it means and what mends it', () => {
    for (const { id, variantOf, meaning, fix, matters } of entries) {
      if (variantOf !== undefined) expect(catalogue.entry(variantOf), id).toBeDefined();
      expect(meaning, id).not.toBe('');
      expect(fix, id).not.toBe('');
      expect(matters, id).toBeGreaterThanOrEqual(1);
      expect(`${meaning} ${fix}`, id).not.toMatch(/\brm -rf DIR|:SECRET\b/u);
    }
  });

  test('is not recognised by the text alone where the text is next to nothing', () => {
    // a value tells this one: it names a setting
    const generic = entries.filter((entry) => entry.generic && entry.id !== 'recovery-command-failed');
    expect(generic.map(({ id }) => id)).toContain('tls-ssl-error');
    for (const entry of generic) expect(recognise(catalogue, renderedText(entry))?.id, entry.id).not.toBe(entry.id);
  });
});

describe('values', () => {
  const cases: readonly (readonly [text: string, id: string, values: Readonly<Record<string, string>>])[] = [
    [
      'FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "repl", no encryption',
      'no-hba-replication',
      { host: '10.0.0.7', role: 'repl', encryption: 'no encryption' },
    ],
    ['ERROR:  replication slot "one" is active for PID 4711', 'slot-is-active', { slot: 'one', pid: '4711' }],
    [
      'LOG:  started streaming WAL from primary at 0/4000000 on timeline 3',
      'started-streaming',
      { lsn: '0/4000000', timeline: '3' },
    ],
    [
      'ERROR:  requested WAL segment 000000010000000000000004 has already been removed',
      'requested-wal-removed',
      { segment: '000000010000000000000004' },
    ],
    [
      'FATAL:  recovery aborted because of insufficient parameter settings\nDETAIL:  max_connections = 10 is a lower setting than on the primary server, where its value was 30.',
      'recovery-aborted-params',
      { parameter: 'max_connections', value: '10', primaryValue: '30' },
    ],
    [
      'FATAL:  data directory "/srv/a "quoted" place" has invalid permissions',
      'data-dir-invalid-permissions',
      { directory: '/srv/a "quoted" place' },
    ],
    ['FATAL:  role "a" does not exist" does not exist', 'role-does-not-exist', { role: 'a" does not exist' }],
  ];

  test.each(cases)('of %s', (text, id, values) => {
    const found = recognise(catalogue, text);
    expect(found?.id).toBe(id);
    expect(found?.values).toMatchObject(values);
  });

  test('of a WAL sender come from its command', () => {
    const found = recognise(
      catalogue,
      '2026-11-21 20:26:10.408 UTC [25474] repl@[unknown] ERROR:  requested WAL segment 000000010000000000000004 has already been removed\n' +
        '2026-11-21 20:26:10.408 UTC [25474] repl@[unknown] STATEMENT:  START_REPLICATION SLOT "one" 0/4000000 TIMELINE 1',
    );
    expect(found?.values).toEqual({
      segment: '000000010000000000000004',
      slot: 'one',
      lsn: '0/4000000',
      timeline: '1',
    });
  });

  test('come back out of every format, whatever they are', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^\n\t]{0,40}$/u), fc.nat(), (name, number) => {
        const format = messageFormat('lock file "%s" contains wrong PID: %ld instead of %ld');
        const values = format.match(`lock file "${name}" contains wrong PID: ${number} instead of 7`);
        expect(values).toEqual({ file: name, pid: String(number), number: '7' });
      }),
    );
  });
});

const to = (port: number): string => `connection to server at "db1" (10.0.0.5), port ${port} failed: `;

const refusal = (how: string): string =>
  `FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "repl", ${how}`;

describe('a message inside a message', () => {
  const primary = 'could not connect to the primary server: ';

  test.each([
    [`FATAL:  ${primary}${to(5432)}FATAL:  password authentication failed for user "repl"`, 'auth-password-failed'],
    [
      `FATAL:  ${primary}${to(5432)}Connection refused\n\t\tIs the server running on that host and accepting TCP/IP connections?`,
      'libpq-errno-refused',
    ],
    // 13
    [
      `FATAL:  ${primary}could not connect to server: Connection refused\n\t\tIs the server running on host "db1" (10.0.0.5) and accepting\n\t\tTCP/IP connections on port 5432?`,
      'libpq-errno-refused',
    ],
    [`FATAL:  ${primary}FATAL:  role "repl" is not permitted to log in`, 'role-not-permitted-login'],
    // 18
    [
      `FATAL:  streaming replication receiver "walreceiver" could not connect to the primary server: ${to(5432)}FATAL:  the database system is starting up`,
      'db-starting-up',
    ],
    ['FATAL:  could not start WAL streaming: ERROR:  replication slot "s" does not exist', 'slot-does-not-exist'],
    ['FATAL:  could not receive data from WAL stream: SSL SYSCALL error: EOF detected', 'libpq-ssl-eof'],
    [
      'pg_basebackup: error: could not initiate base backup: ERROR:  WAL level not sufficient for making an online backup',
      'wal-level-not-sufficient-backup',
    ],
    [
      `pg_rewind: error: ${to(5432)}SSL error: certificate verify failed: unable to get local issuer certificate`,
      'libpq-ssl-verify-failed',
    ],
    [
      'FATAL:  invalid connection string syntax: missing "=" after "abc" in connection info string',
      'libpq-missing-equals',
    ],
    // the tail is nobody's known words: the sentence itself
    ['FATAL:  could not start WAL streaming: ERROR:  no more moonlight', 'could-not-start-wal-streaming'],
  ])('%s', (text, id) => {
    expect(recognise(catalogue, text)?.id).toBe(id);
  });

  test('says what carried it, and to whom the connection went', () => {
    const found = recognise(catalogue, `FATAL:  ${primary}${to(5433)}FATAL:  role "repl" does not exist`);
    expect(found?.within?.id).toBe('walreceiver-could-not-connect-old');
    expect(found?.connection).toEqual({ kind: 'tcp', host: 'db1', address: '10.0.0.5', port: '5433' });
  });

  test('with and without TLS: both failures', () => {
    const found = recognise(
      catalogue,
      `FATAL:  ${primary}${to(5432)}${refusal('SSL encryption')}\n\t${to(5432)}${refusal('no encryption')}`,
    );
    expect(found?.values['encryption']).toBe('SSL encryption');
    expect(found?.also.map(({ id, values }) => [id, values['encryption']])).toEqual([
      ['no-hba-replication', 'no encryption'],
    ]);
  });

  test("the same from 13's pg_basebackup, whose second failure stands on a line of its own", () => {
    const found = recognise(
      catalogue,
      'pg_basebackup: error: FATAL:  no pg_hba.conf entry for replication connection from host "::1", user "repl", SSL on\nFATAL:  no pg_hba.conf entry for replication connection from host "::1", user "repl", SSL off',
    );
    expect([found?.values['encryption'], found?.also[0]?.values['encryption']]).toEqual(['SSL on', 'SSL off']);
  });

  test('brings its DETAIL along', () => {
    const found = recognise(
      catalogue,
      "FATAL:  08P01: could not start WAL streaming: ERROR:  requested starting point 0/12000000 on timeline 1 is not in this server's history\n\tDETAIL:  This server's history forked from timeline 1 at 0/4000000.",
    );
    expect(found?.id).toBe('start-point-not-in-history');
    expect(found?.values).toMatchObject({ lsn: '0/12000000', timeline: '1' });
    const [leaf] = innermost(
      unwrapMessage('could not start WAL streaming: ERROR:  requested\nDETAIL:  forked.\nHINT:  go back.'),
    );
    expect(leaf).toMatchObject({ text: 'requested', severity: 'ERROR', detail: 'forked.', hint: 'go back.' });
  });

  test('errno is the cause of what could not be done, not the message', () => {
    const found = recognise(catalogue, 'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device');
    expect([found?.id, found?.cause?.id]).toEqual(['write-file', 'os-enospc']);
  });
});

describe('not the message', () => {
  test.each([
    // of a statement, not of a login or a start
    'ERROR:  role "repl" does not exist',
    'ERROR:  database "shop" does not exist',
    'ERROR:  directory "/srv/ts" does not exist',
    // somebody's own words
    'ERROR:  P0001: database system identifier differs between the primary and standby',
    'LOG:  statement: SELECT \'FATAL:  no pg_hba.conf entry for replication connection from host "a", user "b", no encryption\'',
    'ERROR:  syntax error at or near "started streaming WAL from primary at 0/4000000 on timeline 1"',
    'LOG:  entering standby mode\nCONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE',
    // another server than the primary
    'ERROR:  could not connect to server "other": FATAL:  password authentication failed for user "repl"',
    'STATEMENT:  could not connect to the primary server: connection to server at "db1", port 5432 failed: Connection refused',
  ])('%s', (text) => {
    expect(recognise(catalogue, text)?.id).toBeUndefined();
  });
});

describe('a text that somebody pasted', () => {
  test.each([
    [
      'no pg_hba.conf entry for replication connection from host "10.0.0.7", user "repl", no encryption',
      'no-hba-replication',
    ],
    [
      'FATAL: no pg_hba.conf entry for replication connection from host “10.0.0.7”, user “repl”,\n   no encryption',
      'no-hba-replication',
    ],
    [
      'psycopg2.OperationalError: connection to server at "db1", port 5432 failed: FATAL:  the database system is starting up',
      'db-starting-up',
    ],
    ['> pg_basebackup: error: directory "/srv/s" exists but is not empty'.slice(2), 'pgbb-dir-not-empty'],
    ['requested WAL segment 000000010000000000000004 has already been removed', 'requested-wal-removed'],
  ])('%s', (text, id) => {
    expect(recognise(catalogue, text)?.id).toBe(id);
  });
});

describe('a message in another language', () => {
  const german = {
    severity: 'FATAL' as const,
    program: undefined,
    detail: undefined,
    hint: undefined,
    context: undefined,
    statement: undefined,
    query: undefined,
    time: undefined,
    pid: 7,
    user: undefined,
    database: undefined,
    backendType: undefined,
    english: false,
    line: 1,
  };

  test('is known by SQLSTATE, function and file', () => {
    const found = recognise(
      catalogue,
      {
        ...german,
        sqlstate: '55000',
        message: 'höchste Zeitleiste 1 des Primärservers liegt hinter Wiederherstellungszeitleiste 2 zurück',
        location: { function: 'WalReceiverMain', file: 'walreceiver.c' },
      },
      { major: 15 },
    );
    expect([found?.id, found?.by]).toEqual(['highest-timeline-behind', 'place']);
  });

  test('carries the words of a server that speaks English', () => {
    const found = recognise(catalogue, {
      ...german,
      sqlstate: '08P01',
      message: 'konnte WAL-Streaming nicht starten: ERROR:  replication slot "s" does not exist',
      location: undefined,
    });
    expect([found?.id, found?.values]).toEqual(['slot-does-not-exist', { slot: 's' }]);
  });

  test('is known by its SQLSTATE where that stands for one alone', () => {
    const found = recognise(catalogue, {
      ...german,
      severity: 'ERROR',
      sqlstate: '58P01',
      message: 'das angeforderte WAL-Segment 000000010000000000000004 wurde schon entfernt',
      location: undefined,
    });
    expect([found?.id, found?.values]).toEqual(['requested-wal-removed', { segment: '000000010000000000000004' }]);
  });

  test('stays unknown where the choice is open', () => {
    const found = recognise(catalogue, {
      ...german,
      sqlstate: 'XX000',
      message: 'Irgendetwas ist',
      location: undefined,
    });
    expect(found).toBeUndefined();
  });
});

test('no text makes it throw, or takes long', () => {
  const pieces = [
    ...entries.filter(({ matters }) => matters >= 4).map(renderedRecord),
    'could not connect to the primary server: '.repeat(400),
    'FATAL:  '.repeat(2000),
    'connection to server at "h", port 1 failed: '.repeat(500),
    '"'.repeat(5000),
    'checkpoint starting:'.padEnd(20_000, ' immediate'),
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string(), fc.constantFrom('\n', '\n\t', ': ', ':  ', '"')), {
        maxLength: 6,
      }),
      fc.nat(3000),
      (parts, cut) => {
        const text = parts.join('');
        const begin = performance.now();
        recognise(catalogue, text);
        recognise(catalogue, text.slice(cut));
        expect(performance.now() - begin).toBeLessThan(1000);
      },
    ),
    { numRuns: 3000 },
  );
});
