import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { logSummary } from '../../src/postgres/log/log-summary.ts';
import type { LogSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';

const catalogue = await messageCatalogue();
const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/logs/${name}`, import.meta.url), 'utf8');

function summaryOf(text: string, now?: Date): LogSummary {
  const builder = logSummary();
  for (const record of readLogText(text)) builder.add(record, recognise(catalogue, record, { major: 15 }));
  return builder.result(now);
}

const at = (second: number, pid: number, text: string): string =>
  `2026-11-21 20:${String(20 + Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}.000 UTC [${pid}] ${text}\n`;
const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const streams = 'LOG:  started streaming WAL from primary at 0/4000000 on timeline 1';
const readOnly = 'LOG:  database system is ready to accept read-only connections';
const refused =
  'FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.5), port 5432 failed: Connection refused';

describe('the last state counts', () => {
  test('a segment that is gone: it streams for a moment, again and again', () => {
    const summary = summaryOf(fixture('wal-removed.log'));
    expect(summary.start).toMatchObject({ version: '15.18', major: 15 });
    expect(summary.standbyMode).toBeDefined();
    expect(summary.receiverFailure?.recognition?.id).toBe('requested-wal-removed');
    expect(summary.streaming).toMatchObject({ lsn: '0/4000000', timeline: '1', goesOn: false });
    const removed = summary.sightings.find(({ recognition }) => recognition.id === 'requested-wal-removed');
    expect(removed).toMatchObject({ count: 3, healed: false });
    expect(removed?.first.time?.toISOString()).toBe('2026-11-21T20:26:10.409Z');
    expect(removed?.last.time?.toISOString()).toBe('2026-11-21T20:26:15.424Z');
  });

  test('and cut off between two attempts it is still no stream', () => {
    const lines = fixture('wal-removed.log').split('\n');
    const last = lines.findLastIndex((line) => line.includes('started streaming'));
    const cut = lines.slice(0, last + 1).join('\n');
    expect(summaryOf(cut).streaming?.goesOn).toBe(false);
    expect(summaryOf(cut, new Date('2026-11-21T20:26:16Z')).receiverFailure).toBeDefined();
    expect(summaryOf(cut, new Date('2026-11-21T20:30:00Z')).streaming?.goesOn).toBe(true);
  });

  test('a primary that was away for a while is history', () => {
    const summary = summaryOf(
      at(0, 1, starting) +
        at(1, 2, readOnly) +
        [2, 7, 12].map((second) => at(second, 3, refused)).join('') +
        at(17, 4, streams),
    );
    const sighting = summary.sightings.find(({ recognition }) => recognition.id === 'libpq-errno-refused');
    expect(sighting).toMatchObject({ count: 3, sinceStart: 3, healed: true });
    expect(summary.receiverFailure).toBeUndefined();
    expect(summary.streaming?.goesOn).toBe(true);
  });

  test('a start that failed, and one that did not', () => {
    const failed = summaryOf(fixture('insufficient-settings.log'));
    expect(failed.startFailure?.recognition?.id).toBe('recovery-aborted-params');
    expect(failed.shutDown).toBeDefined();
    const mended = summaryOf(`${fixture('insufficient-settings.log')}${fixture('wal-removed.log')}`);
    expect(mended.startFailure).toBeUndefined();
    const sighting = mended.sightings.find(({ recognition }) => recognition.id === 'recovery-aborted-params');
    expect(sighting).toMatchObject({ healed: true, sinceStart: 0 });
  });

  test('settings are read before the log says that it starts', () => {
    const { startFailure, sightings, start } = summaryOf(fixture('unknown-parameter.log'));
    expect(start).toBeUndefined();
    expect(startFailure?.recognition?.id).toBe('config-file-errors');
    expect(sightings.map(({ recognition }) => recognition.id)).toContain('config-unrecognized-param-file');
  });

  test('a start without standby.signal, and a promotion', () => {
    const { standbyMode, ready, promoted } = summaryOf(
      at(0, 1, starting) + at(1, 2, 'LOG:  database system is ready to accept connections'),
    );
    expect([standbyMode, ready?.readOnly, promoted]).toEqual([undefined, false, undefined]);
    expect(summaryOf(fixture('diverged.log')).promoted).toBeDefined();
  });

  test.each([
    ['diverged.log', 'start-point-not-in-history'],
    ['behind-timeline.log', 'highest-timeline-behind'],
    ['other-system.log', 'system-identifier-differs'],
    ['slot-in-use.log', 'slot-is-active'],
    ['unreachable.log', 'libpq-errno-refused'],
  ])('%s', (name, id) => {
    expect(summaryOf(fixture(name)).receiverFailure?.recognition?.id).toBe(id);
  });

  test.each([
    ['no-backup-label.log', 'could-not-locate-valid-checkpoint-old'],
    ['permissions.log', 'data-dir-invalid-permissions'],
  ])('%s', (name, id) => {
    expect(summaryOf(fixture(name)).startFailure?.recognition?.id).toBe(id);
  });

  test("a primary's log of refused logins is no failed start", () => {
    const summary = summaryOf(fixture('refused-logins.log'));
    expect([summary.startFailure, summary.receiverFailure]).toEqual([undefined, undefined]);
    const roles = summary.sightings
      .filter(({ recognition }) => recognition.id === 'auth-password-failed')
      .map(({ recognition }) => recognition.values['role']);
    expect(roles).toEqual(['nopw', 'ghost', 'repl']);
  });

  test('the end of the WAL at hand is harmless alone', () => {
    const { sightings } = summaryOf(at(0, 1, 'LOG:  invalid record length at 0/4016DB0: wanted 24, got 0'));
    expect(sightings[0]?.harmless).toBe(true);
  });
});

test('what differs without end is folded all the same', () => {
  const builder = logSummary();
  for (let index = 0; index < 5000; index += 1) {
    const [record] = readLogText(at(index % 1000, 1, `FATAL:  password authentication failed for user "u${index}"`));
    if (record !== undefined) builder.add(record, recognise(catalogue, record));
  }
  const { sightings, records } = builder.result();
  expect(records).toBe(5000);
  expect(sightings.length).toBeLessThanOrEqual(501);
  expect(sightings.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
});

describe('a measured replay', () => {
  const redo = 'LOG:  redo starts at 0/2000028';
  const consistent = 'LOG:  consistent recovery state reached at 0/12000028';
  const restored = (segment: number): string =>
    `LOG:  restored log file "00000001000000000000000${segment}" from archive`;
  const waits = 'LOG:  waiting for WAL to become available at 0/4000018';

  test('from where recovery begins to where it is consistent', () => {
    const { replayed } = summaryOf(at(0, 1, starting) + at(1, 2, redo) + at(9, 2, consistent) + at(9, 1, readOnly));
    expect(replayed).toEqual({ amount: { bytes: 0x1000_0000n }, seconds: 8 });
  });

  test('out of the archive, until it streams', () => {
    const { replayed } = summaryOf(
      at(0, 1, starting) +
        at(1, 2, redo) +
        at(1, 2, restored(3)) +
        at(1, 2, 'LOG:  consistent recovery state reached at 0/3000028') +
        at(4, 2, restored(4)) +
        at(7, 2, restored(5)) +
        at(8, 2, 'LOG:  restored log file "00000002.history" from archive') +
        at(9, 4, streams),
    );
    expect(replayed).toEqual({ amount: { segments: 2 }, seconds: 6 });
  });

  test.each([
    { name: 'it waited for the archive', text: at(3, 2, restored(3)) + at(5, 2, waits) + at(9, 2, restored(4)) },
    { name: 'it waited for its primary', text: at(3, 2, restored(3)) + at(5, 3, refused) + at(9, 2, restored(4)) },
    { name: 'too short', text: at(3, 2, restored(3)) + at(5, 2, restored(4)) },
    { name: 'another start', text: at(3, 2, restored(3)) + at(5, 1, starting) + at(9, 2, restored(4)) },
  ])('none: $name', ({ text }) => {
    expect(summaryOf(at(0, 1, starting) + text + at(10, 4, streams)).replayed).toBeUndefined();
  });

  test('none: the consistent state of another start', () => {
    expect(
      summaryOf(at(0, 1, starting) + at(1, 2, redo) + at(5, 1, starting) + at(9, 2, consistent)).replayed,
    ).toBeUndefined();
  });
});
