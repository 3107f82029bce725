import { describe, expect, test } from 'vitest';

import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import { withLogEvidence } from '../../src/diagnosis/log-evidence.ts';
import { unexplainedIn, withoutWhatIsOver } from '../../src/diagnosis/unexplained.ts';
import { notApplicable } from '../../src/facts/observed.ts';
import type { Finding } from '../../src/findings/report.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import type { CatalogueEntry } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { rulesOfStandbys } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { renderedText } from '../postgres/render-message.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import { aRunningStandby, aStoppedDirectory, healthyStandby } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const rules: readonly AnyRule[] = rulesOfStandbys;
const messages = await messageCatalogue();
const entries = messages.messages
  .map(({ entry }) => entry)
  .filter(
    ({ matters, speaker, part, noLogPrefix }) =>
      matters >= 3 && speaker === 'server' && part === undefined && !noLogPrefix,
  );

function findings(changes: Changes): readonly Finding[] {
  const facts = world(changes, healthyStandby);
  const judged = withoutWhatIsOver(
    withLogEvidence(
      rules.filter(({ commands }) => commands.includes('postmortem')).map((rule) => judge(rule, facts)),
      facts,
    ),
  );
  return link(judged, unexplainedIn(judged, facts));
}

const down: Changes = {
  dataDirectory: aStoppedDirectory(),
  standbyControl: { control: { kind: 'pg_ctl', dataDirectory: '/data', binDirectory: '/bin' }, running: false },
  runningStandby: notApplicable('no server runs'),
};
const idle = { ...aRunningStandby().replay, moves: false };
const notStreaming: Changes = {
  runningStandby: aRunningStandby({ receiver: undefined, replay: idle, loadedAt: new Date(now.getTime() - 3_600_000) }),
  walSenders: [],
};

const told = ({ id, severity, side, topic, format }: CatalogueEntry): string =>
  `${id} [${severity} ${side} ${topic}] ${format}`;

describe('a message of the log that matters is shown', () => {
  test('by a standby that does not stream', () => {
    const hidden = entries.filter((entry) => !isShown(entry, findings({ ...notStreaming, serverLog: log(entry) })));
    // of a client's handshake
    expect(hidden.filter(({ id }) => id !== 'tls-ssl-error').map(told)).toEqual([]);
  });

  test('by a standby that is down, where it can have ended its start', () => {
    const hidden = entries.filter((entry) => {
      const serverLog = log(entry);
      const endsProcess = entry.severity === 'FATAL' || entry.severity === 'PANIC';
      const ofOther = serverLog.summary.receiverFailure !== undefined || isOfSession(entry);
      return endsProcess && !ofOther && !isShown(entry, findings({ ...down, serverLog }));
    });
    expect(hidden.map(told)).toEqual([]);
  });

  test('of data that is damaged, with a new copy and not with words alone', () => {
    const damaging = entries.filter(
      ({ id, topic, side, severity }) =>
        topic === 'corruption' &&
        side === 'standby' &&
        (severity === 'FATAL' || severity === 'PANIC') &&
        !id.startsWith('origin-checkpoint'),
    );
    expect(damaging.length).toBeGreaterThan(5);
    const withoutCopy = damaging.filter((entry) => {
      const [first] = findings({ ...down, serverLog: log(entry) });
      return first?.remedy?.steps.some(({ does }) => does === 'copy') !== true;
    });
    expect(withoutCopy.map(told)).toEqual([]);
  });

  test.each([
    'startup process (PID 7) was terminated by signal 9: Killed',
    'startup process (PID 7) was terminated by signal 11: Segmentation fault',
  ])('by a standby that is down, whose startup process said nothing before it ended: %s', (words) => {
    const [first] = findings({ ...down, serverLog: logOf('LOG', words) });
    expect(first?.severity).toBe('error');
    expect(`${first?.title} ${first?.evidence.map(({ value }) => value).join(' ')}`).toContain(words);
  });
});

describe('a reason that nothing has looked at is not over', () => {
  const strange = 'a reason that is in no catalogue';
  const open = entries.filter(({ format, severity }) => /(?:: %s|%m)$/u.test(format) && severity === 'FATAL');
  test.each(open.map((entry) => [entry.id, entry] as const))('of %s', (_id, entry) => {
    const words = renderedText({ ...entry, format: entry.format.replace(/%[sm]$/u, '') });
    const serverLog = logOf('FATAL', `${words}${strange}`);
    const claims = findings({ ...down, serverLog }).filter(({ message }) => message.includes('That cause is gone'));
    expect(claims.map(({ message }) => message)).toEqual([]);
  });
});

/** Of the receiver as it ends with the server, and what those are told who connect. */
const toOthers =
  /^(?:db-|walreceiver-|cannot-continue-recovery-ended$|too-many-clients$|slot-too-many-before-shutdown$|conflict-terminate$)/u;

/** A login, or what a session of another server or a client ends with. */
const isOfSession = ({ id, side, file }: CatalogueEntry): boolean =>
  toOthers.test(id) ||
  (side === 'primary' && /\/(?:auth|auth-scram|be-secure|postinit|miscinit|postgres|proc)\.c$/u.test(file));

/** One of its words is in the report's findings, or a finding is called after it. */
function isShown(entry: CatalogueEntry, all: readonly Finding[]): boolean {
  // what is near a syntax error may be the rest of a password
  const words = renderedText(entry)
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .slice(0, 200)
    .replace(/, near token .*/u, '');
  return all.some(({ rule, title, evidence }) =>
    [rule === `log/${entry.id}` ? words : '', title, ...evidence.map(({ value }) => value)].some((text) =>
      text.includes(words),
    ),
  );
}

const log = (entry: CatalogueEntry): ServerLog => logOf(entry.severity ?? 'ERROR', renderedText(entry));

function logOf(severity: string, words: string): ServerLog {
  const time = new Date(now.getTime() - 60_000).toISOString().replace('T', ' ').replace('Z', ' UTC');
  const text = `${time} [7] ${severity}:  ${words.replaceAll('\n', '\n\t')}\n`;
  const summary = logSummary();
  for (const record of readLogText(text)) summary.add(record, recognise(messages, record));
  const file = { path: '/var/log/pg.log', readBytes: text.length, whole: true };
  return { files: [file], summary: summary.result(now), problems: [] };
}
