import { describe, expect, it } from 'vitest';

import { compareTimelines } from '../../src/derived/timeline-comparison.ts';
import type { ComparedHistories, TimelineComparison } from '../../src/derived/timeline-comparison.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Timelines } from '../../src/facts/standby-wal.ts';
import { timelineId } from '../../src/postgres/lsn.ts';
import { historyWithoutFile, parseTimelineHistory } from '../../src/postgres/timeline-history.ts';
import type { TimelineHistory } from '../../src/postgres/timeline-history.ts';
import { aBackupLabel, aControlFile, aDataDirectory, aRunningStandby } from '../rules/standby-world.ts';
import { lsn, systemIdentifier } from '../rules/world.ts';

const line = (number: number) => {
  const id = timelineId(number);
  if (id === undefined) throw new Error('it is no timeline');
  return id;
};
/** The history of a timeline, by the timelines before it and where each was left. */
const since = (own: number, ...left: readonly (readonly [timeline: number, at: string])[]): TimelineHistory => {
  const read = parseTimelineHistory(left.map(([from, at]) => `${from}\t${at}\tno reason\n`).join(''), line(own));
  if (!read.ok) throw new Error('it is no history');
  return read.value;
};

const closed = unseen('connection', 'the database system is starting up');
const local: Timelines['local'] = {
  timeline: line(1),
  history: historyWithoutFile(line(1)),
  position: lsn('0/3000060'),
  positionFrom: 'the WAL files',
  checkpoint: { location: lsn('0/2000060'), inLocalWal: undefined, inUpstreamWal: undefined },
};
const upstream: Timelines['upstream'] = {
  timeline: line(1),
  history: historyWithoutFile(line(1)),
  position: lsn('0/3000060'),
  historyMissing: false,
};

interface Sides extends Partial<Omit<ComparedHistories, 'timelines'>> {
  readonly local?: Partial<Timelines['local']>;
  readonly upstream?: Partial<Timelines['upstream']>;
  readonly upstreamInRecovery?: boolean | undefined;
  readonly sameSystem?: boolean;
}

const compare = (sides: Sides): TimelineComparison =>
  compareTimelines({
    controlFile: sides.controlFile ?? aControlFile(),
    dataDirectory: sides.dataDirectory ?? seen(aDataDirectory(), 'the files'),
    runningStandby: sides.runningStandby ?? closed,
    timelines: {
      local: { ...local, ...sides.local },
      upstream: { ...upstream, ...sides.upstream },
      upstreamInRecovery: 'upstreamInRecovery' in sides ? sides.upstreamInRecovery : false,
      sameSystem: sides.sameSystem ?? true,
      upstreamIdentifier: systemIdentifier,
    },
  });

const position = (text: string) => ({ position: lsn(text) });
const checkpoint = (inLocalWal: boolean | undefined, inUpstreamWal: boolean | undefined) => ({
  checkpoint: { ...local.checkpoint, inLocalWal, inUpstreamWal },
});
const directory = (change: Parameters<typeof aDataDirectory>[0]) => ({
  dataDirectory: seen(aDataDirectory(change), 'the files'),
});
const diverged = { kind: 'diverged', fork: undefined, sameTimeline: true } as const;
const sinceTheCopy = { bytes: 0x1000038n, bound: 'at-most' } as const;

describe('both on one timeline', () => {
  it.each<readonly [string, Sides, TimelineComparison]>([
    ['of another system', { sameSystem: false }, { kind: 'other-system' }],
    ['at the same position', {}, { kind: 'following', behindBytes: 0n }],
    ['behind it', { local: position('0/3000000') }, { kind: 'following', behindBytes: 0x60n }],
    [
      'ahead of a primary',
      { upstream: position('0/3000000') },
      { ...diverged, why: 'ahead', lost: { bytes: 0x60n, bound: 'at-least' } },
    ],
    [
      'ahead of one of which it is not known whether it is a standby',
      { upstream: position('0/3000000'), upstreamInRecovery: undefined },
      { ...diverged, why: 'ahead', lost: { bytes: 0x60n, bound: 'at-least' } },
    ],
    [
      'ahead of where a primary was before, which shuts down and does not answer again',
      { upstream: { ...position('0/3000000'), isOld: true } },
      { kind: 'unknown', why: expect.objectContaining({ kind: 'connection' }) },
    ],
    [
      'ahead of a standby, which is only late',
      { upstream: position('0/3000000'), upstreamInRecovery: true },
      { kind: 'upstream-behind' },
    ],
  ])('%s', (_, sides, comparison) => expect(compare(sides)).toEqual(comparison));
});

describe('the same positions hold other records', () => {
  it.each<readonly [string, Sides, TimelineComparison]>([
    ['both have the checkpoint', { local: checkpoint(true, true) }, { kind: 'following', behindBytes: 0n }],
    [
      'the primary has another record there',
      { local: checkpoint(true, false) },
      { ...diverged, why: 'other-records', lost: sinceTheCopy },
    ],
    [
      'its own WAL has another record there',
      { local: checkpoint(false, undefined) },
      { ...diverged, why: 'other-records', lost: sinceTheCopy },
    ],
    [
      'also where it is ahead of a standby',
      { local: checkpoint(true, false), upstream: position('0/3000000'), upstreamInRecovery: true },
      { ...diverged, why: 'other-records', lost: sinceTheCopy },
    ],
    [
      'the beginning of its copy is not known',
      { local: checkpoint(true, false), ...directory({ backupLabelOld: undefined }) },
      { ...diverged, why: 'other-records', lost: undefined },
    ],
    [
      'the label of its copy makes no sense',
      { local: checkpoint(true, false), ...directory({ backupLabelOld: { text: '', label: undefined } }) },
      { ...diverged, why: 'other-records', lost: undefined },
    ],
    [
      'its copy began behind its position',
      { local: checkpoint(true, false), ...directory({ backupLabelOld: aBackupLabel('0/3000068') }) },
      { ...diverged, why: 'other-records', lost: undefined },
    ],
    [
      'its copy began at its position',
      { local: checkpoint(true, false), ...directory({ backupLabelOld: aBackupLabel('0/3000060') }) },
      { ...diverged, why: 'other-records', lost: { bytes: 0n, bound: 'at-most' } },
    ],
    [
      'its directory was not seen',
      { local: checkpoint(true, false), dataDirectory: notApplicable('not in this setup') },
      { ...diverged, why: 'other-records', lost: undefined },
    ],
  ])('%s', (_, sides, comparison) => expect(compare(sides)).toEqual(comparison));
});

describe('whether it ran as a primary on that timeline', () => {
  const ran: TimelineComparison = { ...diverged, why: 'ran-as-primary', lost: sinceTheCopy };
  const following: TimelineComparison = { kind: 'following', behindBytes: 0n };
  const secondTimeline = {
    local: { timeline: line(2), history: since(2, [1, '0/2800000']) },
    upstream: { timeline: line(2), history: since(2, [1, '0/2800000']) },
  };
  const perhaps: TimelineComparison = {
    kind: 'unknown',
    why: {
      kind: 'not-asked',
      because:
        'its control file has the state of a primary: it ran as one, or was copied from the files of one; which of both, the WAL of its primary at 0/2000060 shows',
      remedy: 'add --admin CONNINFO, a superuser connection to the primary',
    },
  };
  const state = (text: 'in production' | 'shut down' | 'shutting down' | 'shut down in recovery') => ({
    controlFile: aControlFile({ state: text }),
  });

  it.each<readonly [string, Sides, TimelineComparison]>([
    ['by its own word', { runningStandby: seen(aRunningStandby({ inRecovery: false }), 'it') }, ran],
    ['it says that it recovers', { runningStandby: seen(aRunningStandby(), 'it') }, following],
    ['in production', state('in production'), ran],
    ['shut down', state('shut down'), ran],
    ['shutting down', state('shutting down'), ran],
    ['shut down in recovery', state('shut down in recovery'), following],
    ['shut down, promoted since its base backup', { ...state('shut down'), ...secondTimeline }, perhaps],
    [
      'the same, and its primary has its checkpoint',
      { ...state('shut down'), ...secondTimeline, local: { ...secondTimeline.local, ...checkpoint(true, true) } },
      following,
    ],
    ['its primary has its checkpoint', { ...state('shut down'), local: checkpoint(true, true) }, following],
    [
      'a copy on which no server was started',
      { ...state('in production'), ...directory({ backupLabel: aBackupLabel() }) },
      following,
    ],
    ['a copy of files at rest', { ...state('shut down'), ...directory({ backupLabelOld: undefined }) }, following],
    ['pg_control cannot be read', { controlFile: { ok: false, absent: true } }, following],
    ['its directory was not seen', { ...state('shut down'), dataDirectory: closed }, following],
  ])('%s', (_, sides, comparison) => expect(compare(sides)).toEqual(comparison));
});

describe('the upstream has left its timeline', () => {
  const two = { timeline: line(2), history: since(2, [1, '0/3000000']), position: lsn('0/5000000') };
  const three = { ...two, timeline: line(3), history: since(3, [1, '0/3000000'], [2, '0/4000000']) };
  const past = { kind: 'diverged', why: 'past-the-switch', sameTimeline: false } as const;

  it.each<readonly [string, Sides, TimelineComparison]>([
    [
      'behind it',
      { local: position('0/2000000'), upstream: two },
      { kind: 'before-switch', switchedAt: lsn('0/3000000'), behindBytes: 0x3000000n },
    ],
    [
      'at that very point',
      { local: position('0/3000000'), upstream: two },
      { kind: 'before-switch', switchedAt: lsn('0/3000000'), behindBytes: 0x2000000n },
    ],
    [
      'the upstream has not come so far again',
      { local: position('0/3000000'), upstream: { ...two, ...position('0/2000000') } },
      { kind: 'before-switch', switchedAt: lsn('0/3000000'), behindBytes: 0n },
    ],
    [
      'past it',
      { upstream: two },
      { ...past, fork: { timeline: line(1), lsn: lsn('0/3000000') }, lost: { bytes: 0x60n, bound: 'exact' } },
    ],
    [
      'a timeline in between',
      {
        local: { timeline: line(2), history: since(2, [1, '0/3000000']), ...position('0/4000060') },
        upstream: three,
      },
      { ...past, fork: { timeline: line(2), lsn: lsn('0/4000000') }, lost: { bytes: 0x60n, bound: 'exact' } },
    ],
    [
      'its own history is not at hand',
      { local: { timeline: line(2), history: historyWithoutFile(line(2)), ...position('0/4000060') }, upstream: three },
      { ...past, fork: { timeline: line(2), lsn: lsn('0/4000000') }, lost: { bytes: 0x60n, bound: 'exact' } },
    ],
    [
      'the history of the upstream could not be read',
      { upstream: { ...two, history: historyWithoutFile(line(2)), historyMissing: true } },
      {
        kind: 'unknown',
        why: {
          kind: 'unreadable',
          because: 'the history of timeline 2 could not be read from the primary (TIMELINE_HISTORY)',
          remedy: 'fix the replication connection first: the history is read over it',
        },
      },
    ],
  ])('%s', (_, sides, comparison) => expect(compare(sides)).toEqual(comparison));
});

describe('the upstream does not know its timeline', () => {
  const third = { timeline: line(3), history: since(3, [1, '0/3000000']) };
  const promoted = { timeline: line(2), history: since(2, [1, '0/3000000']) };
  const other = { kind: 'diverged', sameTimeline: false } as const;

  it.each<readonly [string, Sides, TimelineComparison]>([
    [
      'it was promoted',
      { local: promoted },
      {
        ...other,
        why: 'promoted',
        fork: { timeline: line(1), lsn: lsn('0/3000000') },
        lost: { bytes: 0x60n, bound: 'exact' },
      },
    ],
    [
      'so was the upstream, earlier',
      { local: promoted, upstream: { timeline: line(3), history: since(3, [1, '0/2000000']) } },
      {
        ...other,
        why: 'promoted',
        fork: { timeline: line(1), lsn: lsn('0/2000000') },
        lost: { bytes: 0x1000060n, bound: 'exact' },
      },
    ],
    [
      'its WAL ends before the point where they part',
      { local: { ...promoted, ...position('0/2000000') } },
      {
        ...other,
        why: 'promoted',
        fork: { timeline: line(1), lsn: lsn('0/3000000') },
        lost: { bytes: 0n, bound: 'exact' },
      },
    ],
    [
      'nothing is known of what came before it',
      { local: { timeline: line(2), history: historyWithoutFile(line(2)) } },
      { ...other, why: 'no-common-timeline', fork: undefined, lost: undefined },
    ],
    [
      'nothing is known of what came before the one of its upstream, which is older',
      { local: third, upstream: { timeline: line(2), history: historyWithoutFile(line(2)), historyMissing: true } },
      {
        kind: 'unknown',
        why: {
          kind: 'unreadable',
          because: 'the history of timeline 2 could not be read from the primary (TIMELINE_HISTORY)',
          remedy: 'fix the replication connection first: the history is read over it',
        },
      },
    ],
    [
      'a standby above it has not come so far',
      { local: promoted, upstreamInRecovery: true },
      { kind: 'upstream-behind' },
    ],
    [
      'the same, of which no history could be read',
      {
        local: { timeline: line(3), history: since(3, [1, '0/2000000'], [2, '0/3000000']) },
        upstream: { timeline: line(2), history: historyWithoutFile(line(2)), historyMissing: true },
        upstreamInRecovery: true,
      },
      { kind: 'upstream-behind' },
    ],
    [
      'a standby above it that is on another branch',
      {
        local: promoted,
        upstream: { timeline: line(3), history: since(3, [1, '0/2000000']) },
        upstreamInRecovery: true,
      },
      {
        ...other,
        why: 'promoted',
        fork: { timeline: line(1), lsn: lsn('0/2000000') },
        lost: { bytes: 0x1000060n, bound: 'exact' },
      },
    ],
  ])('%s', (_, sides, comparison) => expect(compare(sides)).toEqual(comparison));
});

it('two servers that were promoted to one timeline part where the earlier one was', () =>
  expect(
    compare({
      local: { timeline: line(2), history: since(2, [1, '0/3000000']), ...position('0/5000000') },
      upstream: {
        timeline: line(3),
        history: since(3, [1, '0/4000000'], [2, '0/6000000']),
        position: lsn('0/7000000'),
      },
    }),
  ).toMatchObject({
    why: 'past-the-switch',
    fork: { lsn: lsn('0/3000000') },
    lost: { bytes: 0x2000000n, bound: 'exact' },
  }));

describe('two timelines of the same number', () => {
  const three = { timeline: line(3), history: since(3, [1, '0/4000000'], [2, '0/5000000']) };

  it.each<readonly [string, Sides, TimelineComparison]>([
    [
      'both are on it',
      {
        local: { timeline: line(2), history: since(2, [1, '0/3000000']), ...position('0/3000060') },
        upstream: { timeline: line(2), history: since(2, [1, '0/4000000']), ...position('0/9000000') },
      },
      {
        kind: 'diverged',
        why: 'same-number',
        fork: { timeline: line(1), lsn: lsn('0/3000000') },
        sameTimeline: true,
        lost: { bytes: 0x60n, bound: 'exact' },
      },
    ],
    [
      'the history of one is not at hand',
      {
        local: { timeline: line(2), history: historyWithoutFile(line(2)), ...position('0/3000060') },
        upstream: { timeline: line(2), history: since(2, [1, '0/4000000']), ...position('0/9000000') },
      },
      { kind: 'following', behindBytes: 0x5ffffa0n },
    ],
    [
      'the primary has left its own again',
      {
        local: { timeline: line(2), history: since(2, [1, '0/3000000']), ...position('0/3000060') },
        upstream: { ...three, ...position('0/9000000') },
      },
      {
        kind: 'diverged',
        why: 'past-the-switch',
        fork: { timeline: line(1), lsn: lsn('0/3000000') },
        sameTimeline: false,
        lost: { bytes: 0x60n, bound: 'exact' },
      },
    ],
  ])('%s', (_, sides, comparison) => expect(compare(sides)).toEqual(comparison));
});
