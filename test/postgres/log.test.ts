import { readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { LogRecord } from '../../src/postgres/log/log-record.ts';
import { readLog, readLogText } from '../../src/postgres/log/read-log.ts';
import type { ReadLogOptions } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { messageFilter } from '../../src/postgres/messages/message-filter.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';

const catalogue = await messageCatalogue();
const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/logs/${name}`, import.meta.url), 'utf8');

const short = ({ severity, message, pid }: LogRecord): unknown => [severity, pid, message];
const labelled = (text: string): readonly LogRecord[] =>
  readLogText(text).filter(({ severity, program }) => severity !== undefined || program !== undefined);
const ids = (text: string): readonly (string | undefined)[] =>
  labelled(text).map((record) => recognise(catalogue, record, { major: 15 })?.id);

async function read(bytes: Iterable<Uint8Array>, options?: ReadLogOptions): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of readLog(bytes, options)) records.push(record);
  return records;
}

const walRemoved = 'requested WAL segment 000000010000000000000004 has already been removed';

describe('log_line_prefix', () => {
  test.each([
    ['%m [%p] ', '2026-11-21 20:26:18.934 UTC [25512] ', { pid: 25_512 }],
    [
      '%m [%p] %q%u@%d ',
      '2026-11-21 20:26:18.934 UTC [25512] repl@[unknown] ',
      { pid: 25_512, user: 'repl', database: undefined },
    ],
    [
      '%t:%r:%u@%d:[%p]:',
      '2026-11-21 20:26:18 UTC:10.0.0.7(55123):app@shop:[25512]:',
      { pid: 25_512, user: 'app', database: 'shop' },
    ],
    [
      '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
      '2026-11-21 20:26:18 UTC [25512]: [3-1] user=app,db=shop,app=web 1,client=10.0.0.7 ',
      { pid: 25_512, user: 'app', database: 'shop' },
    ],
    ['%m %p ', '2026-11-21 20:26:18.934 CET 25512 ', { pid: 25_512 }],
    ['%n %p: ', '1795292778.934 25512: ', {}],
    ['%m [%p] %b ', '2026-11-21 20:26:18.934 UTC [25512] walreceiver ', { pid: 25_512, backendType: 'walreceiver' }],
    ['%-12u|%p|', 'repl        |25512|', {}],
    ['', '', {}],
  ])('%s', (_, prefix, expected) => {
    const text = `${prefix}ERROR:  ${walRemoved}\n${prefix}STATEMENT:  START_REPLICATION 0/4000000 TIMELINE 1\n`;
    const [record, ...others] = readLogText(text);
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      severity: 'ERROR',
      message: walRemoved,
      statement: 'START_REPLICATION 0/4000000 TIMELINE 1',
      ...expected,
    });
  });

  test.each([
    ['2026-11-21 20:26:18.934 UTC [1] ', '2026-11-21T20:26:18.934Z'],
    ['2026-11-21 20:26:18 +0530 [1] ', '2026-11-21T14:56:18.000Z'],
    ['2026-11-21 20:26:18.934 -03 [1] ', '2026-11-21T23:26:18.934Z'],
    ['2026-11-21 20:26:18.934 CEST [1] ', '2026-11-21T18:26:18.934Z'],
    ['1795292778.934 [1] ', '2026-11-21T20:26:18.934Z'],
    // several zones have this name
    ['2026-11-21 20:26:18.934 IST [1] ', undefined],
    ['[1] ', undefined],
  ])('the time of "%s"', (prefix, time) => {
    expect(readLogText(`${prefix}LOG:  shutting down`)[0]?.time?.toISOString()).toBe(time);
  });
});

describe('records', () => {
  test('have lines that belong to them: further ones, DETAIL, HINT, CONTEXT, QUERY, LOCATION, STATEMENT', () => {
    const [record, ...others] = readLogText(
      [
        '2026-11-21 20:26:18.934 UTC [7] app@shop ERROR:  22P02: first',
        '\tsecond',
        '2026-11-21 20:26:18.934 UTC [7] app@shop DETAIL:  a',
        '\tb',
        '2026-11-21 20:26:18.934 UTC [7] app@shop HINT:  c',
        '2026-11-21 20:26:18.934 UTC [7] app@shop QUERY:  SELECT 1',
        '2026-11-21 20:26:18.934 UTC [7] app@shop CONTEXT:  d',
        '2026-11-21 20:26:18.934 UTC [7] app@shop LOCATION:  errfinish, elog.c:588',
        '2026-11-21 20:26:18.934 UTC [7] app@shop STATEMENT:  SELECT',
        '\tFATAL:  no',
      ].join('\n'),
    );
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      sqlstate: '22P02',
      message: 'first\nsecond',
      detail: 'a\nb',
      hint: 'c',
      query: 'SELECT 1',
      context: 'd',
      location: { function: 'errfinish', file: 'elog.c' },
      statement: 'SELECT\nFATAL:  no',
      user: 'app',
      database: 'shop',
    });
  });

  test('of several processes are told apart by their process id', () => {
    const records = readLogText(
      ['[1] ERROR:  one', '[2] ERROR:  two', '[1] DETAIL:  of one', '[2] DETAIL:  of two', '[3] DETAIL:  of none'].join(
        '\n',
      ),
    );
    expect(records.map(({ message, detail }) => [message, detail])).toEqual([
      ['one', 'of one'],
      ['two', 'of two'],
    ]);
  });

  test('whose label somebody quotes are none', () => {
    expect(labelled('app: the log says "x [1] FATAL:  the database system is starting up"')).toEqual([]);
    expect(labelled("2026-11-21 web.1 'FATAL:  the database system is starting up' seen")).toEqual([]);
  });

  test('with CRLF, with colours, with bytes that are not UTF-8', async () => {
    expect(readLogText('[1] FATAL:  one\r\n\ttwo\r\n[1] DETAIL:  three\r\n')[0]).toMatchObject({
      message: 'one\ntwo',
      detail: 'three',
    });
    expect(readLogText('\u001B[31m[1] FATAL:  red\u001B[0m\n').map(short)).toEqual([['FATAL', 1, 'red']]);
    const latin1 = Buffer.from('[1] FATAL:  role "müller" does not exist\n', 'latin1');
    const utf8 = Buffer.from('[2] FATAL:  role "müller" does not exist\n', 'utf8');
    const records = await read([latin1, utf8]);
    expect(records.map(({ message }) => message)).toEqual(Array(2).fill('role "müller" does not exist'));
  });

  test('a torn first one is left out', () => {
    const text = `ERROR:  half of a record\n\tmore of it\n[1] LOG:  entering standby mode\n`;
    expect(
      readLogText(text, { torn: true })
        .filter(({ severity }) => severity !== undefined)
        .map(short),
    ).toEqual([['LOG', 1, 'entering standby mode']]);
  });
});

test.each([
  `[1] LOG:  parameter "primary_conninfo" changed to "host=db1 password=hunter2 user=repl"`,
  `[1] LOG:  parameter "primary_conninfo" changed to "host=db1 password='hunter2 hunter2' user=repl"`,
  `[1] LOG:  parameter "primary_conninfo" changed to "postgresql://repl:hunter2@db1/"`,
  `[1] ERROR:  role "repl" does not exist\n[1] STATEMENT:  ALTER ROLE repl PASSWORD 'hunter2''s hunter2'`,
])('no password comes out of %s', (text) => {
  const [record] = readLogText(text);
  expect(record?.message).toMatch(/primary_conninfo|does not exist/u);
  expect(JSON.stringify([record, recognise(catalogue, text)?.values])).not.toContain('hunter2');
});

const csvLine = (message: string, more = ''): string =>
  `2026-11-21 20:27:20.729 UTC,,,25711,,6b01fea8.646f,1,,2026-11-21 20:27:20 UTC,,0,FATAL,08006,"${message}",,,,,,,,"WalReceiverMain, walreceiver.c:290",""${more}`;

describe('csvlog', () => {
  const refused =
    'could not connect to the primary server: connection to server at ""127.0.0.1"", port 55999 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?';

  test.each([
    ['13', ',"walreceiver"'],
    ['13 without it', ''],
    ['14 and later', ',"walreceiver",,0'],
  ])('of %s', (_, more) => {
    const text = `${csvLine(refused, more)}\n${csvLine('two', more)}\n`;
    const records = readLogText(text);
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      severity: 'FATAL',
      sqlstate: '08006',
      pid: 25_711,
      location: { function: 'WalReceiverMain', file: 'walreceiver.c' },
      line: 1,
    });
    expect(recognise(catalogue, text)?.id).toBe('libpq-errno-refused');
    expect(records[1]).toMatchObject({ message: 'two', line: 3 });
  });

  test("a statement's lines are none of the log's", () => {
    const statement = csvLine('x').replace(
      ',,,,,,,,"Wal',
      ',,,,,,"INSERT INTO notes VALUES (\'\n[1] FATAL:  entering standby mode\n\')",,"Wal',
    );
    const records = readLogText(`${statement}\n${csvLine('y')}\n`);
    expect(records.map(({ message }) => message)).toEqual(['x', 'y']);
  });

  test('a torn record costs no other one', () => {
    const text = `walreceiver.c:290",""\n${csvLine('one')}\n2026-11-21 20:27:20.729 UTC,,,25711,,6b01fea8.646f,1,,2026-11-21 20:27:20 UTC,,0,FATAL,08006,"torn\n${csvLine('two')}\n`;
    expect(readLogText(text).map(({ message }) => message)).toEqual(['one', 'two']);
  });
});

test('jsonlog', () => {
  const record = {
    timestamp: '2026-11-21 20:27:20.729 UTC',
    pid: 25_711,
    error_severity: 'FATAL',
    state_code: '08P01',
    message: 'could not start WAL streaming: ERROR:  replication slot "s" does not exist',
    func_name: 'libpqrcv_startstreaming',
    file_name: 'libpqwalreceiver.c',
    file_line_num: 563,
    backend_type: 'walreceiver',
  };
  const [found] = readLogText(`${JSON.stringify(record)}\n${JSON.stringify({ message: 'not PostgreSQL' })}\n`);
  expect(found).toMatchObject({
    severity: 'FATAL',
    sqlstate: '08P01',
    pid: 25_711,
    backendType: 'walreceiver',
    location: { function: 'libpqrcv_startstreaming', file: 'libpqwalreceiver.c' },
  });
  expect(found === undefined ? undefined : recognise(catalogue, found)?.id).toBe('slot-does-not-exist');
});

const piece = (pid: number, part: string, text: string): string =>
  `Nov 21 20:26:18 db2 postgres[${pid}]: [${part}] ${text}`;

const fromOperator = (record: unknown): string =>
  `2026-11-21T20:26:18.934567890Z stdout F ${JSON.stringify({ level: 'info', logger: 'postgres', msg: 'record', record })}`;

describe('behind a wrapper', () => {
  const lines = [
    '2026-11-21 20:26:18.934 UTC [25512] FATAL:  could not connect to the primary server: connection to server at "db1", port 5432 failed: Connection refused',
    '\t\tIs the server running on that host and accepting TCP/IP connections?',
    '2026-11-21 20:26:19.000 UTC [25511] LOG:  waiting for WAL to become available at 0/4000018',
    '2026-11-21 20:26:20.000 UTC [25474] repl@[unknown] ERROR:  requested WAL segment 000000010000000000000004 has already been removed',
    '2026-11-21 20:26:20.000 UTC [25474] repl@[unknown] STATEMENT:  START_REPLICATION SLOT "s" 0/4000000 TIMELINE 1',
  ];
  const plain = readLogText(lines.join('\n'));

  test.each<readonly [string, (line: string, index: number) => string]>([
    [
      "docker's json-file",
      (line) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-11-21T20:26:18.9Z' }),
    ],
    ['CRI', (line) => `2026-11-21T20:26:18.934567890Z stderr F ${line}`],
    ['docker logs -t', (line) => `2026-11-21T20:26:18.934567890Z ${line}`],
    ['docker compose logs', (line) => `standby-1  | ${line}`],
    ['journalctl', (line) => `Nov 21 20:26:18 db2 postgres[811]: ${line}`],
    ['journalctl -o short-iso', (line) => `2026-11-21T20:26:18+0000 db2 postgresql@15-main[811]: ${line}`],
    [
      'a relayed syslog',
      (line) =>
        `<134>Nov 21 20:26:18 db2 postgres[811]: ${line.replace(/^\t+/u, (tabs) => '#011'.repeat(tabs.length))}`,
    ],
  ])('%s', (_, wrap) => {
    expect(readLogText(lines.map(wrap).join('\n'))).toEqual(plain);
  });

  test('CRI and json-file cut long lines', () => {
    const [line = ''] = lines;
    const cri = `2026-11-21T20:26:18.934567890Z stderr P ${line.slice(0, 90)}\n2026-11-21T20:26:18.934567891Z stderr F ${line.slice(90)}\n`;
    const docker = [line.slice(0, 90), `${line.slice(90)}\n`].map((log) => JSON.stringify({ log })).join('\n');
    for (const text of [cri, docker]) expect(readLogText(text).map(short)).toEqual(readLogText(line).map(short));
  });

  test('syslog splits a record at its line feeds and at 900 bytes', () => {
    const statement = `INSERT INTO notes VALUES ('${'x'.repeat(900)}`;
    const records = readLogText(
      [
        piece(7, '5-1', '[7] app@shop ERROR:  duplicate key value violates unique constraint "a"'),
        piece(7, '5-2', '[7] app@shop DETAIL:  Key (id)=(1) already exists.'),
        piece(7, '5-3', `[7] app@shop STATEMENT:  ${statement}`),
        piece(7, '5-4', "FATAL:  could not receive data from WAL stream: server closed the connection unexpectedly')"),
        piece(9, '6', '[9] LOG:  entering standby mode'),
        piece(7, '7-1', '[7] LOG:  one'),
        piece(7, '7-2', '#011two'),
      ].join('\n'),
    );
    expect(records.map(short)).toEqual([
      ['ERROR', 7, 'duplicate key value violates unique constraint "a"'],
      ['LOG', 9, 'entering standby mode'],
      ['LOG', 7, 'one\ntwo'],
    ]);
    expect(records[0]?.detail).toBe('Key (id)=(1) already exists.');
    expect(records[0]?.statement).toMatch(/^INSERT .*unexpectedly'\)$/u);
  });

  test("CloudNativePG's JSON between other lines", () => {
    const text = [
      `2026-11-21T20:26:18.934567890Z stdout F ${JSON.stringify({ level: 'info', msg: 'Found previous run flag' })}`,
      fromOperator({
        log_time: '2026-11-21 20:26:18.934 UTC',
        process_id: '25',
        error_severity: 'FATAL',
        sql_state_code: '55000',
        message: 'database system identifier differs between the primary and standby',
        detail: "The primary's identifier is 7710723693794898625, the standby's identifier is 7710723826774512600.",
        backend_type: 'walreceiver',
      }),
    ].join('\n');
    const [record] = readLogText(text);
    expect(record).toMatchObject({ severity: 'FATAL', sqlstate: '55000', pid: 25 });
    expect(record === undefined ? undefined : recognise(catalogue, record)?.values).toMatchObject({
      systemIdentifier: '7710723693794898625',
      systemIdentifier2: '7710723826774512600',
    });
  });
});

describe('programs', () => {
  test("pg_basebackup's output", () => {
    expect(ids(fixture('pg_basebackup.txt')).slice(0, 12)).toEqual([
      'auth-password-failed',
      'auth-password-failed',
      'walsender-permission-old',
      'auth-password-failed',
      'libpq-no-password',
      'libpq-errno-refused',
      'libpq-translate-host',
      'pgbb-dir-not-empty',
      'slot-does-not-exist',
      'pgbb-bg-terminated',
      'pgbb-removing-data',
      'libpq-server-no-ssl',
    ]);
  });

  test("pg_ctl's output, and what the server writes before it has a log", () => {
    expect(ids(fixture('no-pg-control.txt'))).toEqual(['pgctl-could-not-start', 'could-not-find-db-system-old']);
    const started =
      'waiting for server to start....2026-11-21 20:26:02.287 UTC [25355] FATAL:  using recovery command file "recovery.conf" is not supported\n stopped waiting\npg_ctl: could not start server\nExamine the log output.\n';
    expect(ids(started)).toEqual(['recovery-conf-not-supported', 'pgctl-could-not-start']);
  });

  test('colours, and a progress bar before the error', () => {
    const text =
      '      0/31017 kB (0%), 0/1 tablespace\r  31017/31017 kB (100%), 0/1 tablespace\r\u001B[01mpg_basebackup: \u001B[0m\u001B[01;31merror: \u001B[0mcould not write to file "s/base/1": No space left on device\n';
    expect(ids(text)).toEqual(['pgbb-write-file']);
  });

  test('levels in other languages, and a detail', () => {
    const text = 'pg_basebackup: Fehler: Verzeichnis »s« existiert\npg_basebackup: Tipp: Weg damit\n';
    expect(readLogText(text)[0]).toMatchObject({ severity: 'ERROR', program: 'pg_basebackup', hint: 'Weg damit' });
  });
});

describe('other languages', () => {
  test.each([
    ['de', 'FEHLER', 'FATAL', 'DETAIL', 'TIPP', 'ANWEISUNG'],
    ['fr', 'ERREUR', 'FATAL', 'DÉTAIL', 'ASTUCE ', 'INSTRUCTION '],
    ['ru', 'ОШИБКА', 'ВАЖНО', 'ПОДРОБНОСТИ', 'ПОДСКАЗКА', 'ОПЕРАТОР'],
    ['ja', 'ERROR', 'FATAL', '詳細', 'ヒント', '文'],
    ['zh_CN', '错误', '致命错误', '详细信息', '提示', '语句'],
    ['ko', '오류', '치명적오류', '상세정보', '힌트', '명령 구문'],
    ['pt_BR', 'ERRO', 'FATAL', 'DETALHE', 'DICA', 'COMANDO'],
  ])('%s', (_, error, fatal, detail, hint, statement) => {
    const prefix = '2026-11-21 20:26:18.934 UTC [7] ';
    const [one, two] = readLogText(
      [`${error}:  1`, `${detail}:  2`, `${hint}:  3`, `${statement}:  4`, `${fatal}:  5`]
        .map((line) => prefix + line)
        .join('\n'),
    );
    expect(one).toMatchObject({ severity: 'ERROR', detail: '2', hint: '3', statement: '4', english: false });
    expect(two).toMatchObject({ severity: 'FATAL', message: '5', english: false });
  });

  test('Turkish has labels of several words, and some without the blanks', () => {
    const [record] = readLogText('[7] ÖLÜMCÜL (FATAL):  1\n[7] AYRINTI:2\n[7] KOMUT:  3\n');
    expect(record).toMatchObject({ severity: 'FATAL', detail: '2', statement: '3' });
  });
});

const samples = [
  'wal-removed.log',
  'diverged.log',
  'refused-logins.log',
  'unreachable.log',
  'unknown-parameter.log',
  'pg_basebackup.txt',
].map(fixture);

test('a filter holds nothing back that is recognised', async () => {
  const filter = messageFilter(catalogue);
  for (const text of samples) {
    const named = (records: readonly LogRecord[]): readonly (readonly [string, number])[] =>
      records.flatMap((record) => {
        const found = recognise(catalogue, record);
        return found === undefined ? [] : [[found.id, record.line] as const];
      });
    expect(named(await read([Buffer.from(text)], { filter }))).toEqual(named(readLogText(text)));
  }
});

const wrapped: readonly string[] = [
  ...samples,
  [csvLine('one\n\ttwo', ',"walreceiver",,0'), csvLine('three ""quoted""', ',"startup",,0'), ''].join('\n'),
  `${JSON.stringify({ timestamp: '2026-11-21 20:27:20.729 UTC', error_severity: 'LOG', message: 'entering standby mode' })}\n`,
  samples.join('').replaceAll(/^/gmu, '2026-11-21T20:26:18.934567890Z stderr F '),
  samples.join('').replaceAll(/^/gmu, 'Nov 21 20:26:18 db2 postgres[811]: '),
];

test('it does not matter how the bytes come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...wrapped),
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }),
      async (text, sizes) => {
        const bytes = Buffer.from(text);
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < bytes.length; index += 1) {
          const size = sizes[index % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(await read(chunks)).toEqual(readLogText(text));
      },
    ),
    { numRuns: 200 },
  );
});

test('no log makes it throw, or takes long', async () => {
  const junk = fc.oneof(
    fc.constantFrom(
      '\n',
      '\n\t',
      '"',
      '""',
      ',',
      ':  ',
      'FATAL:  ',
      'DETAIL:  ',
      '{"log":"',
      '{',
      '\r',
      '\u001B[',
      '\u0000',
      'ОШИБКА:  ',
      '[5-2] ',
    ),
    fc.string(),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...wrapped),
      fc.array(fc.tuple(fc.nat(), fc.nat(40), junk), { maxLength: 12 }),
      fc.boolean(),
      async (text, edits, torn) => {
        let mutated = text.slice(0, 6000);
        for (const [place, length, insert] of edits) {
          const at = place % (mutated.length + 1);
          mutated = mutated.slice(0, at) + insert + mutated.slice(at + length);
        }
        const begin = performance.now();
        const filter = messageFilter(catalogue);
        for (const options of [{ torn }, { torn, filter }]) {
          for (const record of await read([Buffer.from(mutated)], options)) recognise(catalogue, record);
        }
        expect(performance.now() - begin).toBeLessThan(2000);
      },
    ),
    { numRuns: 1500 },
  );
}, 120_000);

test('lines without end, quotes without end', async () => {
  const megabyte = Buffer.from('x'.repeat(1_048_576));
  const begin = performance.now();
  await read([
    Buffer.from('[1] FATAL:  '),
    ...Array<Buffer>(8).fill(megabyte),
    Buffer.from('\n[1] LOG:  entering standby mode\n'),
  ]);
  await read([
    Buffer.from(`${`${csvLine('a')}\n`.repeat(1000)}${csvLine('b').slice(0, 150)}`),
    ...Array<Buffer>(8).fill(Buffer.from('some line\n'.repeat(100_000))),
  ]);
  const colons = await read([Buffer.from(`${'a:  '.repeat(200_000)}\n`.repeat(3))]);
  expect(colons).toHaveLength(3);
  expect(performance.now() - begin).toBeLessThan(5000);
});
