import { expect, test } from 'vitest';

import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import { withLogEvidence } from '../../src/diagnosis/log-evidence.ts';
import { unexplainedIn, withoutWhatIsOver } from '../../src/diagnosis/unexplained.ts';
import type { Finding } from '../../src/findings/report.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { rulesOfStandbys } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import { aRunningStandby, aStoppedDirectory, healthyStandby } from '../rules/standby-world.ts';
import { aRefusal, aRefusedLogin, aRole, now } from '../rules/world.ts';
import { notApplicable } from '../../src/facts/observed.ts';

const rules: readonly AnyRule[] = rulesOfStandbys;

function findingsOf(changes: Changes): {
  readonly findings: readonly Finding[];
  readonly unexamined: readonly string[];
} {
  const facts = world(changes, healthyStandby);
  const judged = withoutWhatIsOver(
    withLogEvidence(
      rules.filter(({ commands }) => commands.includes('postmortem')).map((rule) => judge(rule, facts)),
      facts,
    ),
  );
  const findings = link(judged, unexplainedIn(judged, facts));
  return {
    findings: findings.filter(({ severity }) => severity === 'error'),
    unexamined: judged.filter(({ result }) => result.outcome === 'unexamined').map(({ rule }) => rule.id),
  };
}

const messages = await messageCatalogue();

function log(text: string): ServerLog {
  const summary = logSummary();
  for (const record of readLogText(text)) summary.add(record, recognise(messages, record));
  return {
    files: [{ path: '/var/log/pg.log', readBytes: text.length, whole: true }],
    summary: summary.result(now),
    problems: [],
  };
}

const at = (secondsAgo: number): string =>
  new Date(now.getTime() - secondsAgo * 1000).toISOString().replace('T', ' ').replace('Z', ' UTC');
const idle = { ...aRunningStandby().replay, moves: false };
const notStreaming = { receiver: undefined, replay: idle, loadedAt: new Date(now.getTime() - 3_600_000) };

const down: Changes = {
  dataDirectory: aStoppedDirectory(),
  standbyControl: { control: { kind: 'pg_ctl', dataDirectory: '/data', binDirectory: '/bin' }, running: false },
  runningStandby: notApplicable('no server runs'),
};

test('a standby that does not stream for a reason that nobody found: the last words in full, what was ruled out, where to look', () => {
  const { findings } = findingsOf({
    runningStandby: aRunningStandby(notStreaming),
    walSenders: [],
    serverLog: log(`${at(120)} [7] LOG:  waiting for WAL to become available at 0/3000060\n`),
  });
  const [first] = findings;
  expect(first?.rule).toBe('streaming/not-connected');
  expect(first?.title).toMatch(/WAL: cause not found/u);
  expect(first?.evidence.map(({ label }) => label)).toEqual(expect.arrayContaining(['ruled out']));
  expect(first?.evidence.map(({ value }) => value).join('\n')).toContain('waiting for WAL to become available');
  expect(findings.filter(({ causedBy }) => causedBy === null)).toHaveLength(1);
});

test('what no rule knows is said in the words of whoever refused, first of all', () => {
  const words = 'GSSAPI encryption required but no credential cache';
  const refused = `${at(60)} [7] FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: ${words}\n`;
  const { findings } = findingsOf({
    runningStandby: aRunningStandby(notStreaming),
    walSenders: [],
    serverLog: log(refused),
  });
  expect(findings[0]).toMatchObject({
    rule: 'streaming/not-connected',
    title: `The standby receives no WAL: ${words}`,
  });
  expect(findings[0]?.evidence[0]?.value).toContain(words);
});

test('just after a fix the next attempt is waited for', () => {
  const refused = `${at(3)} [7] FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", no encryption\n`;
  const facts: Changes = { runningStandby: aRunningStandby(notStreaming), walSenders: [], serverLog: log(refused) };
  const { findings, unexamined } = findingsOf(facts);
  expect(findings).toEqual([]);
  expect(unexamined).toEqual(expect.arrayContaining(['streaming/not-connected', 'streaming/not-seen-by-primary']));
  const late = { ...facts, serverLog: log(refused.replace(at(3), at(60))) };
  expect(findingsOf(late).findings[0]?.title).toMatch(/WAL: cause not found/u);
});

test('an attempt that failed a moment ago is a consequence of what is wrong with the way still', () => {
  const refused = `${at(1)} [7] FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "replicator"\n`;
  const { findings, unexamined } = findingsOf({
    runningStandby: aRunningStandby(notStreaming),
    walSenders: [],
    serverLog: log(refused),
    replicationLogin: aRefusedLogin(
      aRefusal('password-refused', '28P01', 'password authentication failed for user "replicator"'),
    ),
    replicationRole: aRole({ expired: true }),
  });
  expect(findings[0]?.rule).toBe('role/password-expired');
  expect(findings.filter(({ causedBy }) => causedBy === 'f1').map(({ rule }) => rule)).toContain(
    'streaming/not-connected',
  );
  expect(unexamined).not.toContain('streaming/not-connected');
});

test('after a reload what failed before is no cause of now', () => {
  const runningStandby = aRunningStandby({ ...notStreaming, loadedAt: new Date(now.getTime() - 2_000) });
  const failed = `${at(4)} [7] FATAL:  could not receive timeline history file from the primary server: ERROR:  a strange fault\n`;
  expect(findingsOf({ runningStandby, walSenders: [], serverLog: log(failed) }).findings).toEqual([]);
  const again = failed.replace(at(4), at(1));
  expect(findingsOf({ runningStandby, walSenders: [], serverLog: log(again) }).findings).not.toEqual([]);
});

test('a start that failed for what a rule finds in order now is started', () => {
  const words = 'FATAL:  configuration file "/var/lib/postgresql/15/standby/postgresql.conf" contains errors\n';
  const [first] = findingsOf({ ...down, serverLog: log(words) }).findings;
  expect(first?.rule).toBe('standby/not-running');
  expect(first?.message).toMatch(/That cause is gone:/u);
  expect(first?.remedy?.steps.map(({ text }) => text)).toEqual([expect.stringContaining('pg_ctl start')]);
});

test('a start that failed for what nobody knows is not answered with "start it"', () => {
  const words = `${at(60)} [7] FATAL:  the flux is missing\n${at(60)} [7] DETAIL:  It was never there.\n${at(60)} [7] HINT:  Bring it.\n`;
  const { findings } = findingsOf({ ...down, serverLog: log(words) });
  expect(findings[0]?.evidence.map(({ value }) => value).join('\n')).toContain(
    'FATAL: the flux is missing DETAIL: It was never there. HINT: Bring it.',
  );
  expect(findings[0]?.remedy?.steps[0]?.kind).toBe('manual');
});

test('a message with the words of the system is a cause of its own where no rule found what it is about', () => {
  const { findings } = findingsOf({
    runningStandby: aRunningStandby(notStreaming),
    walSenders: [],
    serverLog: log(
      `${at(125)} [7] LOG:  started streaming WAL from primary at 0/3000000 on timeline 1\n${at(120)} [7] FATAL:  could not create file "pg_wal/xlogtemp.7": Permission denied\n`,
    ),
  });
  expect(findings[0]?.causedBy).toBeNull();
  expect(findings[0]?.title).toContain('could not create file "pg_wal/xlogtemp.7": Permission denied');
  expect(findings.filter(({ rule }) => rule === 'streaming/not-connected').map(({ causedBy }) => causedBy)).toEqual([
    findings[0]?.id,
  ]);
});
