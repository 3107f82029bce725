import { describe, expect, it } from 'vitest';

import { canServe, endedAsStandby, rewindConditions } from '../../src/derived/rewind-conditions.ts';
import type { RewindConditionsSeen } from '../../src/derived/rewind-conditions.ts';
import type { Diverged } from '../../src/derived/timeline-comparison.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Timelines } from '../../src/facts/standby-wal.ts';
import {
  aCheckpoint,
  aConfiguration,
  aControlFile,
  aDataDirectory,
  aStoppedDirectory,
  directory,
  healthyStandby,
} from '../rules/standby-world.ts';
import { aPrimary, lsn, someSettings, timeline } from '../rules/world.ts';
import { both, here, history, there } from '../rules/timelines-world.ts';

const no = unseen('connection', 'it was not asked');
const promoted: Diverged = {
  kind: 'diverged',
  why: 'promoted',
  fork: { timeline, lsn: lsn('0/3000000') },
  sameTimeline: false,
  lost: { bytes: 96n, bound: 'exact' },
};
const timelines = (change: Partial<Timelines['local']> = {}): Timelines =>
  both(
    here(1, '0/3000060', history(1), {
      checkpointBeforeFork: { kind: 'found', location: lsn('0/2000060') },
      checkpoint: { location: lsn('0/2000060'), inLocalWal: true, inUpstreamWal: true },
      ...change,
    }),
    there(1, '0/3000060'),
  );
const control = (running: boolean): RewindConditionsSeen['standbyControl'] => {
  const { standbyControl } = healthyStandby;
  if (standbyControl === undefined) throw new Error('the healthy standby is run by somebody');
  return seen({ ...standbyControl, running }, 'it');
};
const signals = (standby: boolean, recovery = false) =>
  seen(aStoppedDirectory({ signals: { ...aDataDirectory().signals, standby, recovery } }), directory);
const healthy: RewindConditionsSeen = {
  controlFile: aControlFile({ state: 'shut down' }),
  dataDirectory: signals(true),
  standbyControl: control(false),
  timelines: timelines(),
  primary: seen(aPrimary(), 'it'),
  primarySettings: seen(someSettings({ full_page_writes: 'on' }), 'pg_settings'),
  standbyConfiguration: seen(aConfiguration(), 'the files'),
};
const different = 'the two sides are on different timelines';
const common = 'the histories have a common timeline';
const hints = 'data checksums or wal_log_hints are on';
const pages = 'full_page_writes is on';
const stopped = 'the standby is shut down cleanly';
const kept = 'its WAL goes back to the last checkpoint before the histories diverge';
const pagesThere = 'full_page_writes is on on the primary';
const source = 'the primary can be the source server';

type Answer = readonly [holds: boolean | undefined, says: string];
const answer = (
  what: string,
  change: Partial<RewindConditionsSeen> = {},
  diverged: Diverged = promoted,
): Answer | undefined => {
  const condition = rewindConditions(diverged, { ...healthy, ...change }).find((one) => one.what === what);
  return condition === undefined ? undefined : [condition.holds, condition.says];
};

describe('what pg_rewind asks of both sides', () => {
  it('all of it holds', () =>
    expect(rewindConditions(promoted, healthy)).toEqual([
      { what: different, holds: true, says: 'yes' },
      { what: common, holds: true, says: 'timeline 1, up to 0/3000000' },
      { what: hints, holds: true, says: 'data checksums on, wal_log_hints off (pg_control)' },
      { what: pages, holds: true, says: 'full_page_writes on (pg_control)' },
      { what: stopped, holds: true, says: '"shut down" (pg_control)' },
      { what: kept, holds: true, says: 'the checkpoint at 0/2000060 is in pg_wal' },
      { what: pagesThere, holds: true, says: 'full_page_writes on' },
      { what: source, holds: true, says: 'a primary' },
    ]));

  it('nothing is said of pg_control where it cannot be read', () =>
    expect(
      rewindConditions(promoted, { ...healthy, controlFile: { ok: false, absent: true } }).map(({ what }) => what),
    ).toEqual([different, common, pagesThere, source]));
});

describe('the timelines', () => {
  const same: Diverged = { ...promoted, sameTimeline: true, fork: undefined };
  const none: Diverged = { ...promoted, fork: undefined };

  it.each<readonly [string, string, Diverged, Answer]>([
    [
      'one timeline is not enough',
      different,
      same,
      [false, 'both are on timeline 1, where it would report that no rewind is required'],
    ],
    ['one timeline is common', common, same, [true, 'yes']],
    ['nothing is common', common, none, [false, 'not found']],
    ['nothing is common, so they are two', different, none, [true, 'yes']],
  ])('%s', (_, what, diverged, expected) => expect(answer(what, {}, diverged)).toEqual(expected));
});

describe('what pg_control says', () => {
  it.each<readonly [string, string, Partial<RewindConditionsSeen>, Answer]>([
    [
      'wal_log_hints alone',
      hints,
      { controlFile: aControlFile({ dataChecksumVersion: 0, walLogHints: true }) },
      [true, 'data checksums off, wal_log_hints on (pg_control)'],
    ],
    [
      'neither',
      hints,
      { controlFile: aControlFile({ dataChecksumVersion: 0 }) },
      [false, 'data checksums off, wal_log_hints off (pg_control)'],
    ],
    [
      'without full_page_writes',
      pages,
      { controlFile: aControlFile({ checkpoint: aCheckpoint({ fullPageWrites: false }) }) },
      [false, 'full_page_writes off (pg_control)'],
    ],
  ])('%s', (_, what, change, expected) => expect(answer(what, change)).toEqual(expected));
});

describe('how it ended', () => {
  const crashed = { controlFile: aControlFile({ state: 'in archive recovery' }) };
  const ended = '"in archive recovery" (pg_control), and no server is running: it ended without a shutdown';
  const fromControl = { timelines: timelines({ positionFrom: 'pg_control' }) };

  it.each<readonly [string, Partial<RewindConditionsSeen>, Answer, boolean]>([
    [
      'shut down in recovery',
      { controlFile: aControlFile({ state: 'shut down in recovery' }) },
      [true, '"shut down in recovery" (pg_control)'],
      false,
    ],
    ['it runs', { ...crashed, standbyControl: control(true) }, [true, 'it is running, and is stopped first'], false],
    [
      'as a standby, with all of its WAL',
      crashed,
      [true, `${ended}. It is started and stopped first, because pg_rewind does not run recovery on a standby`],
      true,
    ],
    [
      'as a standby, whose WAL ends too early',
      { ...crashed, ...fromControl },
      [
        false,
        `${ended}. pg_rewind does not run recovery on a standby, and a start cannot complete recovery: its WAL ends before the point where its files are consistent`,
      ],
      true,
    ],
    [
      'whether it runs is not seen',
      { ...crashed, standbyControl: no },
      [true, `${ended}. It is started and stopped first, because pg_rewind does not run recovery on a standby`],
      true,
    ],
    [
      'with recovery.signal',
      { ...crashed, dataDirectory: signals(false, true) },
      [false, `${ended}, and with recovery.signal, recovery ends with a promotion`],
      false,
    ],
    [
      'with both signals, of which standby.signal counts',
      { ...crashed, dataDirectory: signals(true, true) },
      [true, `${ended}. It is started and stopped first, because pg_rewind does not run recovery on a standby`],
      true,
    ],
    [
      'as a primary',
      { ...crashed, ...fromControl, dataDirectory: signals(false) },
      [true, `${ended}. pg_rewind runs its recovery first`],
      false,
    ],
    [
      'its directory is not seen',
      { ...crashed, dataDirectory: no },
      [true, `${ended}. pg_rewind runs its recovery first`],
      false,
    ],
  ])('%s', (_, change, expected, asStandby) => {
    expect(answer(stopped, change)).toEqual(expected);
    expect(endedAsStandby({ ...healthy, ...change })).toBe(asStandby);
  });

  it('was not seen', () =>
    expect(endedAsStandby({ ...healthy, controlFile: { ok: false, absent: true } })).toBe(false));
});

describe('its WAL before the histories part', () => {
  const notSeen: Answer = [undefined, 'not seen'];
  const missing = { timelines: timelines({ checkpointBeforeFork: { kind: 'missing', segment: lsn('0/2000000') } }) };
  const name = '000000010000000000000002';
  const withRestore = (command: string) => ({
    standbyConfiguration: seen(aConfiguration([['restore_command', command]]), 'the files'),
  });
  const gone: Answer = [false, `${name} is no longer in pg_wal, and restore_command is not set`];

  it.each<readonly [string, Partial<RewindConditionsSeen>, Answer]>([
    ['it was not looked for', { timelines: { ...timelines(), local: healthyLocalWithoutCheckpoint() } }, notSeen],
    ['it was not found', { timelines: timelines({ checkpointBeforeFork: { kind: 'unknown' } }) }, notSeen],
    ['it is gone', missing, gone],
    ['it is gone, and restore_command is empty', { ...missing, ...withRestore('') }, gone],
    [
      'restore_command may bring it',
      { ...missing, ...withRestore('cp /archive/%f %p') },
      [undefined, `${name} is not in pg_wal; restore_command may fetch it (--restore-target-wal)`],
    ],
  ])('%s', (_, change, expected) => expect(answer(kept, change)).toEqual(expected));

  it('where they part is not known', () =>
    expect(answer(kept, missing, { ...promoted, fork: undefined })).toEqual(notSeen));

  function healthyLocalWithoutCheckpoint(): Timelines['local'] {
    const { checkpointBeforeFork: _, ...others } = timelines().local;
    return others;
  }
});

describe('the primary', () => {
  const primary = (...change: Parameters<typeof aPrimary>) => ({ primary: seen(aPrimary(...change), 'it') });
  const settings = (value: string | undefined) => ({
    primarySettings: seen(someSettings({ full_page_writes: value }), 'pg_settings'),
  });

  it.each<readonly [string, string, Partial<RewindConditionsSeen>, Answer]>([
    ['full_page_writes is off', pagesThere, settings('off'), [false, 'full_page_writes off']],
    ['full_page_writes is not shown', pagesThere, settings(undefined), [undefined, 'not seen']],
    ['its settings are not seen', pagesThere, { primarySettings: no }, [undefined, 'not seen']],
    ['it is not seen', source, { primary: notApplicable('not in this setup') }, [undefined, 'not seen']],
    ['a primary of 13', source, primary({ major: 13 }), [true, 'a primary']],
    [
      'a standby of 13',
      source,
      primary({ major: 13, inRecovery: true }),
      [false, 'it is a standby of PostgreSQL 13: pg_rewind accepts a standby as source only in 14 and later'],
    ],
    [
      'a standby of 14',
      source,
      primary({ major: 14, inRecovery: true }),
      [true, 'PostgreSQL 14 or later, where a standby can be one too'],
    ],
    [
      'one of 14 of which it is not known',
      source,
      primary({ major: 14, inRecovery: undefined }),
      [true, 'PostgreSQL 14 or later, where a standby can be one too'],
    ],
    [
      'one of 13 of which it is not known',
      source,
      primary({ major: 13, inRecovery: undefined }),
      [undefined, 'it is not known whether it is a standby'],
    ],
  ])('%s', (_, what, change, expected) => expect(answer(what, change)).toEqual(expected));
});

it.each([
  ['all of them hold', [true, true], true],
  ['one of them was not seen', [true, undefined], true],
  ['one of them fails', [true, undefined, false], false],
  ['nothing is asked', [], true],
])('%s', (_, all, serves) =>
  expect(canServe(all.map((holds) => ({ what: 'it holds', holds, says: '' })))).toBe(serves),
);
