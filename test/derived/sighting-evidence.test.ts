import { describe, expect, it } from 'vitest';

import { inFull, messageIn, oneLine, sightingEvidence, timeText } from '../../src/derived/sighting-evidence.ts';
import { logRecord } from '../../src/postgres/log/log-record.ts';
import type { RecordParts } from '../../src/postgres/log/log-record.ts';
import type { Sighting } from '../../src/postgres/log/sightings.ts';
import { aLogUntil, logPath } from '../rules/a-log.ts';
import { now } from '../rules/world.ts';

const record = (parts: Partial<RecordParts>) => logRecord({ message: '', line: 1, ...parts });
const long = 'x'.repeat(401);

const sighting = (...lines: readonly string[]): Sighting => {
  const [only] = aLogUntil(now, lines).summary.sightings;
  if (only === undefined) throw new Error('no message is known');
  return only;
};
const locked = 'FATAL:  lock file "postmaster.pid" already exists';

describe('a sighting as evidence', () => {
  const timeless = { time: undefined, line: 1, position: 1 };
  const twice = sighting(locked, locked);

  it.each<readonly [string, Sighting, string]>([
    ['once', sighting(locked), 'its log says, at 2026-11-21 20:00:00 UTC'],
    ['twice', twice, 'its log says 2 times, from 2026-11-21 19:59:59 UTC to 2026-11-21 20:00:00 UTC'],
    ['twice in one second', { ...twice, first: twice.last }, 'its log says 2 times, at 2026-11-21 20:00:00 UTC'],
    ['at a time that is not known', { ...twice, last: timeless }, 'its log says 2 times'],
    ['from a time on that is not known', { ...twice, first: timeless }, 'its log says 2 times'],
    ['once, without a time', { ...sighting(locked), first: timeless, last: timeless }, 'its log says'],
  ])('%s', (_, one, label) => {
    expect(sightingEvidence(one, logPath)).toEqual({
      label,
      value: 'FATAL: lock file "postmaster.pid" already exists',
      source: logPath,
    });
  });

  it('has the hint', () => {
    const hinted = sighting(locked, 'HINT:  Is another postmaster (PID 7) running in data directory "/data"?');
    expect(sightingEvidence(hinted, logPath).value).toBe(
      'FATAL: lock file "postmaster.pid" already exists HINT: Is another postmaster (PID 7) running in data directory "/data"?',
    );
  });
});

describe('a record on one line', () => {
  it.each<readonly [string, Partial<RecordParts>, string]>([
    ['with its severity', { severity: 'FATAL', message: 'no' }, 'FATAL: no'],
    ['without one', { message: 'no' }, 'no'],
    ['lines and blanks are joined', { severity: 'ERROR', message: ' a\n\tb  c\n' }, 'ERROR: a b c'],
    ['as long as it may be', { message: long.slice(1) }, long.slice(1)],
    ['longer than it may be', { message: long }, `${long.slice(1)}…`],
    ['the severity counts', { severity: 'LOG', message: long.slice(1) }, `LOG: ${'x'.repeat(395)}…`],
  ])('%s', (_, parts, line) => expect(oneLine(record(parts))).toBe(line));
});

describe('a record with what the server adds', () => {
  it.each<readonly [string, RecordParts['parts'], string]>([
    ['nothing', {}, 'FATAL: no'],
    ['detail, hint and context', { context: 'c', hint: 'h', detail: 'd' }, 'FATAL: no DETAIL: d HINT: h CONTEXT: c'],
    ['a context alone', { context: 'c' }, 'FATAL: no CONTEXT: c'],
    ['blanks are nothing', { detail: ' \n', hint: '' }, 'FATAL: no'],
    ['lines are joined', { detail: ' one\n\ttwo ' }, 'FATAL: no DETAIL: one two'],
    ['no more than 400 characters', { detail: long }, `FATAL: no DETAIL: ${long.slice(1)}`],
    ['not what a session asked for', { statement: 'SELECT 1', query: 'SELECT 2' }, 'FATAL: no'],
  ])('%s', (_, parts, text) =>
    expect(inFull(record({ severity: 'FATAL', message: 'no', parts: parts ?? {} }))).toBe(text),
  );
});

describe('a message in the words that were printed', () => {
  it('as it stands in the catalogue', () =>
    expect(messageIn(sighting(locked).recognition)).toEqual({
      id: 'lock-file-exists',
      variantOf: undefined,
      format: 'lock file "%s" already exists',
      text: 'lock file "postmaster.pid" already exists',
    }));

  it('with the name of the newer wording, of an older one', () =>
    expect(messageIn(sighting('LOG:  database system is ready to accept read only connections').recognition)).toEqual({
      id: 'ready-read-only-old',
      variantOf: 'ready-read-only',
      format: 'database system is ready to accept read only connections',
      text: 'database system is ready to accept read only connections',
    }));

  it('of a message that carries another, the inner one', () => {
    const carried = sighting(
      'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000004 has already been removed',
    );
    expect(messageIn(carried.recognition)).toEqual({
      id: 'requested-wal-removed',
      variantOf: undefined,
      format: 'requested WAL segment %s has already been removed',
      text: 'requested WAL segment 000000010000000000000004 has already been removed',
    });
  });
});

it('a time to the second, in UTC', () =>
  expect(timeText(new Date('2026-11-21T21:01:02.987+01:00'))).toBe('2026-11-21 20:01:02 UTC'));
