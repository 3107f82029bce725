import { describe, expect, it } from 'vitest';

import { link } from '../../src/diagnosis/link.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { withLogEvidence } from '../../src/diagnosis/log-evidence.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { message } from '../../src/rules/log/message.ts';
import { defineRule } from '../../src/rules/rule.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { testRule, world } from './rule-tester.ts';
import { aDataDirectory, aRunningStandby, healthyStandby } from './standby-world.ts';
import { now } from './world.ts';
import { fail, pass, unexamined } from '../../src/findings/judgement.ts';

const messages = await messageCatalogue();
const path = '/var/log/postgresql/postgresql-15-main.log';

function aLog(...lines: readonly string[]): ServerLog {
  const summary = logSummary();
  const text = lines
    .map((line, index) => `2026-11-21 20:00:${String(index).padStart(2, '0')}.000 UTC [7] ${line}\n`)
    .join('');
  for (const record of readLogText(text)) summary.add(record, recognise(messages, record));
  return { files: [{ path, readBytes: text.length, whole: true }], summary: summary.result(), problems: [] };
}

const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const ready = 'LOG:  database system is ready to accept read-only connections';
const streaming = 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1';
const german = [
  'LOG:  PostgreSQL 15.18 auf x86_64-pc-linux-gnu startet',
  'LOG:  Datenbanksystem ist bereit, um lesende Verbindungen anzunehmen',
  'LOG:  WAL-Streaming vom Primärserver gestartet bei 0/3000000 auf Zeitleiste 1',
];
const germanRefusal =
  'FATAL:  konnte nicht mit dem Primärserver verbinden: Verbindung zum Server auf »db1« (10.0.0.1), Port 5432 fehlgeschlagen: Verbindungsaufbau abgelehnt';
const fileGone = 'ERROR:  could not open file "base/5/16385": No such file or directory';
const timedOut = 'FATAL:  terminating walreceiver due to timeout';
const noLibrary = 'FATAL:  could not access file "timescaledb": No such file or directory';
const stop = [
  'LOG:  received fast shutdown request',
  'FATAL:  terminating walreceiver process due to administrator command',
  'LOG:  database system is shut down',
];
const refused =
  'FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", no encryption';

const down = {
  dataDirectory: aDataDirectory({ postmaster: undefined }),
  runningStandby: notApplicable('its server does not run'),
};
const notStreaming = { runningStandby: aRunningStandby({ receiver: undefined }) };

testRule(
  message,
  {
    passes: [
      { name: 'a standby that streams', facts: { serverLog: aLog(starting, ready, streaming) } },
      {
        name: 'a log in German in which it streams again',
        facts: { serverLog: aLog(germanRefusal, ...german) },
        because: /no message about a current problem.*could not be recognized/,
      },
      { name: 'what is healed', facts: { serverLog: aLog(starting, ready, timedOut, streaming) } },
      {
        name: 'it streams now, whatever its log says last',
        facts: { serverLog: aLog(starting, ready, streaming, timedOut) },
      },
      {
        name: 'its own data could not be read before the last start',
        facts: { serverLog: aLog(starting, ready, fileGone, starting, ready, streaming) },
      },
      {
        name: 'the primary could not read its own data, and was restored',
        facts: {
          serverLog: aLog(
            starting,
            ready,
            `FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: ${fileGone.replace('ERROR', 'FATAL')}`,
            streaming,
          ),
        },
      },
      {
        name: 'a file that a statement named',
        facts: {
          serverLog: aLog(
            starting,
            ready,
            streaming,
            'ERROR:  could not open file "/srv/in.csv": No such file or directory',
          ),
        },
      },
      { name: 'a start that failed before one that did not', facts: { serverLog: aLog(noLibrary, starting, ready) } },
      { name: 'it was stopped', facts: { ...down, serverLog: aLog(starting, ready, streaming, ...stop) } },
      {
        name: 'it was stopped after a session that failed',
        facts: { ...down, serverLog: aLog(starting, ready, 'FATAL:  sorry, too many clients already', ...stop) },
      },
      {
        name: 'the end of the WAL',
        facts: {
          ...notStreaming,
          serverLog: aLog(starting, 'LOG:  invalid record length at 0/3000060: wanted 24, got 0', ready),
        },
      },
      {
        name: 'a session that failed',
        facts: { serverLog: aLog(starting, ready, 'FATAL:  database "shop" does not exist') },
      },
      {
        name: 'statements of clients',
        facts: { serverLog: aLog(starting, ready, 'ERROR:  could not open file "x": No such file or directory') },
      },
      { name: 'an empty log', facts: { serverLog: aLog() } },
    ],
    fails: [
      {
        name: 'a library is missing',
        facts: { ...down, serverLog: aLog(starting, noLibrary, 'LOG:  database system is shut down') },
        severity: 'error',
        message: /installed/,
      },
      {
        name: 'the receiver times out again and again',
        facts: { ...notStreaming, serverLog: aLog(starting, ready, streaming, timedOut) },
        severity: 'error',
      },
      {
        name: 'a start that failed after a stop',
        facts: { ...down, serverLog: aLog(starting, ready, ...stop, noLibrary, 'LOG:  database system is shut down') },
        severity: 'error',
      },
      {
        name: 'a message that nobody knows',
        facts: { ...down, serverLog: aLog(starting, 'FATAL:  the flux capacitor is empty') },
        severity: 'error',
        message: /flux capacitor/,
      },
      {
        name: 'a warning since it streams',
        facts: {
          serverLog: aLog(
            starting,
            ready,
            streaming,
            'WARNING:  specified neither primary_conninfo nor restore_command',
          ),
        },
        severity: 'warning',
      },
    ],
    unexamined: [
      {
        name: 'no log was found',
        facts: { serverLog: unseen('not-asked', "no log of the standby's server was found", 'add --log PATH') },
        severity: 'info',
      },
      {
        name: 'a log in German of a standby that streams',
        facts: { serverLog: aLog(...german, germanRefusal) },
        severity: 'info',
        because: /a warning or failure in another language .*could not be recognized.*Primärserver/,
      },
      {
        name: 'a log in German of a standby that does not stream',
        facts: { ...notStreaming, serverLog: aLog(...german, germanRefusal, germanRefusal) },
        because: /2 warnings and failures/,
      },
    ],
  },
  { ...healthyStandby, serverLog: aLog(starting, ready, streaming) },
);

describe('what a rule knows', () => {
  const facts = {
    now: seen(now, 'the clock'),
    serverLog: seen(aLog(starting, ready, refused, refused), path),
    dataDirectory: seen(aDataDirectory(), 'x'),
    runningStandby: seen(aRunningStandby({ receiver: undefined }), 'x'),
  };
  const noEntry = (outcome: 'failed' | 'passed' | 'unexamined'): AnyRule =>
    defineRule({
      id: 'hba/no-replication-entry',
      title: 'pg_hba.conf has no entry',
      severity: 'error',
      commands: ['postmortem'],
      needs: [],
      messages: ['no-hba-replication'],
      docs: { what: 'x.', why: 'x.', references: ['x'] },
      judge() {
        if (outcome === 'passed') return pass('it has one');
        if (outcome === 'unexamined') return unexamined({ kind: 'connection', because: 'no way' });
        return fail({ message: 'none', where: { side: 'primary' }, evidence: [] });
      },
    });
  const found = (outcome: Parameters<typeof noEntry>[0]) =>
    link(
      withLogEvidence(
        [noEntry(outcome), message].map((rule) => judge(rule, facts)),
        facts,
      ),
    );

  it("supports that rule's finding, with how often and when, and is none of its own", () => {
    expect(found('failed')).toMatchObject([
      {
        rule: 'hba/no-replication-entry',
        evidence: [
          {
            label: 'its log says 2 times, from 2026-11-21 20:00:02 UTC to 2026-11-21 20:00:03 UTC',
            value: expect.stringContaining('no pg_hba.conf entry'),
            source: path,
          },
        ],
      },
    ]);
  });

  it('is no finding where that rule holds', () => {
    expect(found('passed')).toEqual([]);
  });

  it('is one where that rule could not be judged', () => {
    expect(found('unexamined')).toMatchObject([
      { rule: 'log/no-hba-replication', severity: 'error', docs: 'docs/rules/log/message.md' },
    ]);
  });

  it('is a consequence of any other error', () => {
    const other: AnyRule = { ...noEntry('failed'), id: 'wal/disk-full', messages: [] };
    const findings = link([other, message].map((rule) => judge(rule, facts)));
    expect(findings.map(({ rule, causedBy }) => [rule, causedBy])).toEqual([
      ['wal/disk-full', null],
      ['log/no-hba-replication', 'f1'],
    ]);
  });
});

describe('the messages of the catalogue', () => {
  it.each(['preflight', 'postmortem'] as const)('are claimed by one rule of %s at most', (command) => {
    const rules = catalogue.filter((rule: AnyRule) => rule.commands.includes(command));
    const twice = messages.messages.flatMap(({ entry }) => {
      const claiming = rules.filter((rule: AnyRule) => rule.messages?.includes(entry.id)).map(({ id }) => id);
      return claiming.length > 1 ? [`${entry.id}: ${claiming.join(', ')}`] : [];
    });
    expect(twice).toEqual([]);
  });
});

describe('the log of an application', () => {
  it('of 100,000 ordinary lines gives no finding', () => {
    const ordinary = [
      'ERROR:  relation "replication" does not exist at character 15',
      'STATEMENT:  SELECT * FROM replication',
      'ERROR:  deadlock detected',
      'DETAIL:  Process 17 waits for ShareLock on transaction 5; blocked by process 18.',
      'ERROR:  duplicate key value violates unique constraint "standby_pkey"',
      "LOG:  statement: INSERT INTO log VALUES ('FATAL:  no pg_hba.conf entry for replication connection from host')",
      'LOG:  duration: 5000.123 ms  statement: SELECT pg_switch_wal()',
      'FATAL:  password authentication failed for user "app"',
      'FATAL:  sorry, too many clients already',
      'WARNING:  there is no transaction in progress',
      'LOG:  could not receive data from client: Connection reset by peer',
      'ERROR:  canceling statement due to user request',
      'LOG:  checkpoint starting: time',
    ];
    const many = Array.from({ length: 100_000 }, (_, index) => ordinary[index % ordinary.length] ?? '');
    const { result } = judge(message, {
      now: seen(now, 'the clock'),
      serverLog: seen(aLog(starting, ready, streaming, ...many), path),
      dataDirectory: seen(aDataDirectory(), 'x'),
      runningStandby: seen(aRunningStandby(), 'x'),
      standbyControl: notApplicable('not asked'),
    });
    expect(result).toMatchObject({ outcome: 'passed' });
  });
});

describe('data that the server cannot read is told, whatever else it could look at', () => {
  const lost = [
    fileGone,
    'ERROR:  could not open file "pg_tblspc/16500/PG_15_202209061/5/16501": No such file or directory',
    'ERROR:  invalid page in block 1 of relation base/5/16385',
    'ERROR:  could not read block 3 in file "base/5/16385": read only 0 of 8192 bytes',
    'ERROR:  could not access status of transaction 739',
    'WARNING:  page verification failed, calculated checksum 12 but expected 13',
  ];
  it.each(lost)('%s', (line) => {
    // it streams, and has streamed again since
    const facts = world({ serverLog: aLog(starting, ready, line, streaming) }, healthyStandby);
    const judged = withLogEvidence(
      catalogue.filter(({ commands }) => commands.includes('postmortem')).map((rule: AnyRule) => judge(rule, facts)),
      facts,
    );
    const findings = link(judged).filter(({ severity }) => severity !== 'info');
    expect(findings).toMatchObject([{ severity: 'warning' }]);
    expect(JSON.stringify(findings[0]?.evidence)).toContain(line.split(':  ')[1]?.slice(0, 20));
  });
});

describe('a fix is for the machine that has refused', () => {
  const inUse = 'FATAL:  could not start WAL streaming: ERROR:  replication slot "s1" is active for PID 4711';
  it.each([
    [inUse, 'primary'],
    [timedOut, 'standby'],
  ])('%s', (line, on) => {
    const { result } = judge(message, {
      now: seen(now, 'the clock'),
      serverLog: seen(aLog(starting, ready, line), path),
      dataDirectory: seen(aDataDirectory(), 'x'),
      runningStandby: seen(aRunningStandby({ receiver: undefined }), 'x'),
      standbyControl: notApplicable('not asked'),
    });
    expect(result).toMatchObject({ outcome: 'failed', faults: [{ remedy: { steps: [{ on }] } }] });
  });
});
