import { describe, expect, it } from 'vitest';

import { firstMissing, firstNotIn, neededWal, recoveryStart, supplyOf } from '../../src/derived/needed-wal.ts';
import type { NeededSeen, NeededWal, Supply, SupplySeen } from '../../src/derived/needed-wal.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Slot } from '../../src/facts/primary.ts';
import type { Archive, LocalTimeline, LocalWal, PrimaryWal, Timelines } from '../../src/facts/standby-wal.ts';
import type { TimelineHistory } from '../../src/postgres/timeline-history.ts';
import {
  aConfiguration,
  aControlFile,
  aDataDirectory,
  aFreshCopy,
  aLocalWal,
  aReceiver,
  aRunningStandby,
  sixteenMegabytes,
} from '../rules/standby-world.ts';
import { aSystemIdentifier, lsn, now } from '../rules/world.ts';
import { both, here, history, there, tli } from '../rules/timelines-world.ts';

const one = history(1);
/** The second timeline began at 0/4000000. */
const two = history(2, '1\t0/4000000\tno recovery target specified');
/** The second timeline began within a segment. */
const within = history(2, '1\t0/3800000\tno recovery target specified');
const no = unseen('connection', 'it was not reached');

const timelines = (local: string, upstream: string, own: TimelineHistory = one): Timelines =>
  both(here(1, local), there(own.at(-1)?.timeline ?? 1, upstream, own));
/** Segments from `first` to `end`, but for the gaps, and some behind the last gap up to `last`. */
const stretch = (
  first: string,
  end: string,
  { timeline = 1, last, gaps = [] }: { timeline?: number; last?: string; gaps?: readonly [string, string][] } = {},
): LocalTimeline => ({
  timeline: tli(timeline),
  first: lsn(first),
  end: lsn(end),
  ...(last === undefined ? {} : { last: lsn(last) }),
  gaps: gaps.map(([from, to]) => ({ from: lsn(from), to: lsn(to) })),
});
const wal = (change: Partial<LocalWal>): NeededSeen['localWal'] => seen(aLocalWal(change), 'pg_wal');
const unread = { ok: false, absent: true } as const;
const needing = (change: Partial<NeededSeen> = {}): NeededSeen => ({
  timelines: timelines('0/3000060', '0/5000000'),
  controlFile: aControlFile(),
  dataDirectory: seen(aDataDirectory(), 'it'),
  localWal: wal({}),
  ...change,
});

describe('the first segment that a standby has to be sent', () => {
  const needed = (position: string, from: string, name: string, bytes: bigint): NeededWal => ({
    position: lsn(position),
    from: lsn(from),
    name,
    segmentSize: sixteenMegabytes,
    bytes,
  });

  it.each<readonly [string, Partial<NeededSeen>, NeededWal | undefined]>([
    ['its control file was not read', { controlFile: unread }, undefined],
    [
      'the one that its WAL ends in, from its beginning',
      {},
      needed('0/3000060', '0/3000000', '000000010000000000000003', 0x1_ff_ff_a0n),
    ],
    [
      'the next one, where its WAL ends with a segment',
      { timelines: timelines('0/4000000', '0/5000000') },
      needed('0/4000000', '0/4000000', '000000010000000000000004', 0x1_00_00_00n),
    ],
    [
      'the last byte of a segment is missing',
      { timelines: timelines('0/3FFFFFF', '0/5000000') },
      needed('0/3FFFFFF', '0/3000000', '000000010000000000000003', 0x1_00_00_01n),
    ],
    [
      'it has all that its upstream has',
      { timelines: timelines('0/3000060', '0/3000060') },
      needed('0/3000060', '0/3000000', '000000010000000000000003', 0n),
    ],
    [
      'it has more than its upstream',
      { timelines: timelines('0/3000060', '0/3000000') },
      needed('0/3000060', '0/3000000', '000000010000000000000003', 0n),
    ],
    [
      'one before the end of its WAL is missing',
      { localWal: wal({ timelines: [stretch('0/3000000', '0/4000000')] }) },
      needed('0/2000000', '0/2000000', '000000010000000000000002', 0x3_00_00_00n),
    ],
    [
      'the next timeline of its upstream begins there',
      { timelines: timelines('0/4000000', '0/5000000', two) },
      needed('0/4000000', '0/4000000', '000000020000000000000004', 0x1_00_00_00n),
    ],
    [
      'the next timeline of its upstream begins later',
      { timelines: timelines('0/3000060', '0/5000000', two) },
      needed('0/3000060', '0/3000000', '000000010000000000000003', 0x1_ff_ff_a0n),
    ],
    [
      'the next timeline of its upstream begins later in that segment',
      { timelines: timelines('0/3000060', '0/5000000', within) },
      needed('0/3000060', '0/3000000', '000000020000000000000003', 0x1_ff_ff_a0n),
    ],
  ])('%s', (_, change, found) => expect(neededWal(needing(change))).toEqual(found));
});

describe('where recovery begins', () => {
  it.each<readonly [string, Partial<NeededSeen>, string | undefined]>([
    ['the last restart point', {}, '0/2000028'],
    [
      'the start of a backup comes first',
      { dataDirectory: seen(aFreshCopy(), 'it'), controlFile: aControlFile({ checkpoint: later() }) },
      '0/2000028',
    ],
    ['the data directory was not seen', { dataDirectory: no }, '0/2000028'],
    [
      'a backup_label that cannot be read',
      { dataDirectory: seen(aFreshCopy({ backupLabel: { text: 'x', label: undefined } }), 'it') },
      '0/2000028',
    ],
    ['a later restart point', { controlFile: aControlFile({ checkpoint: later() }) }, '0/3000028'],
    ['no control file', { controlFile: unread }, undefined],
    [
      'no control file, and a backup_label',
      { controlFile: unread, dataDirectory: seen(aFreshCopy(), 'it') },
      '0/2000028',
    ],
  ])('%s', (_, change, start) =>
    expect(recoveryStart(needing(change))).toBe(start === undefined ? undefined : lsn(start)),
  );
});

describe('the first segment that is missing in pg_wal', () => {
  const gap = [stretch('0/2000000', '0/3000000')];

  it.each<readonly [string, Partial<NeededSeen>, string | undefined]>([
    ['none', {}, undefined],
    ['the one of the end', { localWal: wal({ timelines: gap }) }, '0/3000000'],
    ['that of recovery’s beginning', { localWal: wal({ timelines: [] }) }, '0/2000000'],
    [
      'what recovery does not need any more may be gone',
      {
        localWal: wal({ timelines: [stretch('0/3000000', '0/4000000')] }),
        controlFile: aControlFile({ checkpoint: later() }),
      },
      undefined,
    ],
    ['pg_wal was not read', { localWal: no }, undefined],
    ['pg_wal was not read to its end', { localWal: wal({ timelines: gap, more: true }) }, undefined],
    ['how long a segment is is not known', { localWal: wal({ timelines: gap, segmentSize: undefined }) }, undefined],
    ['where recovery begins is not known', { localWal: wal({ timelines: gap }), controlFile: unread }, undefined],
  ])('%s', (_, change, at) => expect(firstMissing(needing(change))).toBe(at === undefined ? undefined : lsn(at)));
});

function later() {
  const read = aControlFile();
  if (!read.ok) throw new Error('the healthy control file is readable');
  return { ...read.value.checkpoint, location: lsn('0/3000060'), redo: lsn('0/3000028') };
}

describe('a stretch of segments', () => {
  it.each<readonly [string, readonly LocalTimeline[], TimelineHistory, string, string, string | undefined]>([
    ['is there', [stretch('0/2000000', '0/6000000')], one, '0/2000000', '0/6000000', undefined],
    ['ends within a segment', [stretch('0/2000000', '0/4000000')], one, '0/2000000', '0/3000060', undefined],
    [
      'ends within a segment that is missing',
      [stretch('0/2000000', '0/4000000')],
      one,
      '0/2000000',
      '0/4000001',
      '0/4000000',
    ],
    ['is empty', [], one, '0/3000000', '0/3000000', undefined],
    ['ends before it begins', [], one, '0/4000000', '0/3000000', undefined],
    ['nothing is there', [], one, '0/3000000', '0/4000000', '0/3000000'],
    ['begins too late', [stretch('0/3000000', '0/6000000')], one, '0/2000000', '0/6000000', '0/2000000'],
    ['ends too early', [stretch('0/2000000', '0/5000000')], one, '0/2000000', '0/6000000', '0/5000000'],
    [
      'has a gap',
      [stretch('0/2000000', '0/3000000', { last: '0/6000000', gaps: [['0/3000000', '0/4000000']] })],
      one,
      '0/2000000',
      '0/6000000',
      '0/3000000',
    ],
    [
      'begins in a gap',
      [stretch('0/2000000', '0/3000000', { last: '0/6000000', gaps: [['0/3000000', '0/5000000']] })],
      one,
      '0/4000000',
      '0/6000000',
      '0/4000000',
    ],
    [
      'begins behind a gap',
      [stretch('0/2000000', '0/3000000', { last: '0/6000000', gaps: [['0/3000000', '0/4000000']] })],
      one,
      '0/4000000',
      '0/6000000',
      undefined,
    ],
    [
      'has a second gap',
      [
        stretch('0/2000000', '0/3000000', {
          last: '0/8000000',
          gaps: [
            ['0/3000000', '0/4000000'],
            ['0/6000000', '0/7000000'],
          ],
        }),
      ],
      one,
      '0/4000000',
      '0/8000000',
      '0/6000000',
    ],
    [
      'another timeline has what is in the gap',
      [
        stretch('0/2000000', '0/3000000', { last: '0/6000000', gaps: [['0/3000000', '0/4000000']] }),
        stretch('0/3000000', '0/4000000', { timeline: 2 }),
      ],
      two,
      '0/2000000',
      '0/6000000',
      undefined,
    ],
    [
      'goes on with the next timeline',
      [stretch('0/4000000', '0/6000000', { timeline: 2 }), stretch('0/2000000', '0/4000000')],
      two,
      '0/2000000',
      '0/6000000',
      undefined,
    ],
    [
      'a timeline that is none of the history does not count',
      [stretch('0/2000000', '0/4000000'), stretch('0/4000000', '0/6000000', { timeline: 2 })],
      one,
      '0/2000000',
      '0/6000000',
      '0/4000000',
    ],
  ])('%s', (_, there, history, from, to, missing) =>
    expect(firstNotIn(there, history, { from: lsn(from), to: lsn(to) })).toBe(
      missing === undefined ? undefined : lsn(missing),
    ),
  );
});

describe('where the needed WAL is to be had', () => {
  const primaryWal = (change: Partial<PrimaryWal> = {}): SupplySeen['primaryWal'] =>
    seen(
      {
        position: lsn('0/8000000'),
        segmentSize: sixteenMegabytes,
        oldest: undefined,
        keepBytes: undefined,
        remedy: undefined,
        ...change,
      },
      'pg_ls_waldir',
    );
  const archive = (change: Partial<Archive> = {}): Archive => ({
    command: 'cp /archive/%f "%p"',
    program: { name: 'cp', found: true, executable: true },
    directory: '/archive',
    listed: true,
    more: false,
    segments: [stretch('0/1000000', '0/6000000')],
    histories: [],
    ...change,
  });
  const slot = (change: Partial<Slot> = {}): SupplySeen['slots'] =>
    seen(
      [
        {
          name: 'standby1',
          type: 'physical',
          active: false,
          activePid: undefined,
          temporary: false,
          restartLsn: lsn('0/3000000'),
          walStatus: 'extended',
          safeWalBytes: undefined,
          retainedBytes: 0n,
          invalidationReason: undefined,
          ...change,
        },
      ],
      'pg_replication_slots',
    );
  const slotIsSet = seen(aConfiguration([['primary_slot_name', 'standby1']]), 'its files');
  const gone = primaryWal({ oldest: lsn('0/6000000') });
  const supply = (change: Partial<SupplySeen>, position = '0/3000060', upstream = '0/8000000'): Supply => {
    const own = change.timelines ?? timelines(position, upstream);
    const needed = neededWal(needing({ timelines: own }));
    if (needed === undefined) throw new Error('the control file is readable');
    return supplyOf(needed, {
      timelines: own,
      primaryWal: primaryWal(),
      slots: seen([], 'pg_replication_slots'),
      archive: notApplicable('restore_command is not set'),
      primaryArchive: notApplicable('the primary does not archive'),
      standbyConfiguration: seen(aConfiguration(), 'its files'),
      runningStandby: no,
      ...change,
    });
  };
  const hidden: Supply = {
    from: 'unknown',
    why: { kind: 'permission', because: 'this connection cannot read which WAL the primary still has (pg_ls_waldir)' },
  };
  const nowhere: Supply = { from: 'nowhere', oldest: lsn('0/6000000') };

  it.each<readonly [string, Partial<SupplySeen>, Supply]>([
    [
      'it streams',
      { runningStandby: seen(aRunningStandby(), 'it'), primaryWal: gone },
      { from: 'primary', because: 'the WAL receiver streams (pg_stat_wal_receiver)' },
    ],
    [
      'its receiver waits, and the primary has it no more',
      { runningStandby: seen(aRunningStandby({ receiver: aReceiver({ status: 'waiting' }) }), 'it'), primaryWal: gone },
      nowhere,
    ],
    [
      'it is the oldest segment of the primary',
      { primaryWal: primaryWal({ oldest: lsn('0/3000000') }) },
      {
        from: 'primary',
        because: 'the oldest segment of the primary is 000000010000000000000003 (pg_ls_waldir)',
      },
    ],
    [
      'the primary has removed it',
      { primaryWal: primaryWal({ oldest: lsn('0/4000000') }) },
      { from: 'nowhere', oldest: lsn('0/4000000') },
    ],
    ['the WAL of the primary was not read', { primaryWal: no }, { from: 'unknown', why: no.why }],
    [
      'the WAL of the primary was not looked for',
      { primaryWal: notApplicable('no upstream is known') },
      { from: 'unknown', why: { kind: 'not-asked', because: 'no upstream is known' } },
    ],
    ['what the primary has is not shown', {}, hidden],
    [
      'a grant would show it',
      { primaryWal: primaryWal({ remedy: 'GRANT pg_monitor TO app;' }) },
      {
        from: 'unknown',
        why: {
          kind: 'permission',
          because: 'this connection cannot read which WAL the primary still has (pg_ls_waldir)',
          remedy: 'GRANT pg_monitor TO app;',
        },
      },
    ],
    [
      'a slot keeps it',
      { slots: slot(), standbyConfiguration: slotIsSet },
      { from: 'primary', because: 'slot standby1 keeps it (pg_replication_slots)' },
    ],
    [
      'a slot keeps it from the very position on',
      { slots: slot({ restartLsn: lsn('0/3000060') }), standbyConfiguration: slotIsSet },
      { from: 'primary', because: 'slot standby1 keeps it (pg_replication_slots)' },
    ],
    [
      'a slot keeps later WAL',
      { slots: slot({ restartLsn: lsn('0/3000061') }), standbyConfiguration: slotIsSet },
      hidden,
    ],
    ['a slot keeps nothing yet', { slots: slot({ restartLsn: undefined }), standbyConfiguration: slotIsSet }, hidden],
    ['a slot has lost it', { slots: slot({ walStatus: 'lost' }), standbyConfiguration: slotIsSet }, hidden],
    ['a slot of another one keeps it', { slots: slot({ name: 'other' }), standbyConfiguration: slotIsSet }, hidden],
    ['a slot keeps it that is not set', { slots: slot() }, hidden],
    ['the slots were not seen', { slots: no, standbyConfiguration: slotIsSet }, hidden],
    ['the slot is not known', { slots: slot({ name: '' }), standbyConfiguration: no }, hidden],
    [
      'wal_keep_size reaches just so far',
      { primaryWal: primaryWal({ keepBytes: 0x5_00_00_00n }) },
      { from: 'primary', because: 'wal_keep_size keeps enough WAL' },
    ],
    ['wal_keep_size lacks a byte', { primaryWal: primaryWal({ keepBytes: 0x4_ff_ff_ffn }) }, hidden],
  ])('%s', (_, change, from) => expect(supply(change)).toEqual(from));

  it.each([
    ['0/3000060', '0/3000061'],
    ['0/3000000', '0/3FFFFFF'],
  ])('%s: the segment that the primary writes at %s is there', (position, upstream) => {
    expect(supply({ primaryWal: no }, position, upstream)).toEqual({
      from: 'primary',
      because: '000000010000000000000003 is the segment that the primary is writing',
    });
    expect(supply({ primaryWal: no }, position, '0/4000000')).toEqual({ from: 'unknown', why: no.why });
  });

  const other = {
    systemIdentifier: aSystemIdentifier('7000000000000000000'),
    sample: '000000010000000000000003',
    changedAt: now,
  };
  const fromArchive = (change: Partial<Archive> = {}, proposed = false): Supply => ({
    from: 'archive',
    archive: archive(change),
    first: '000000010000000000000003',
    last: '000000010000000000000005',
    segments: 3n,
    proposed,
  });
  const of = (change: Partial<Archive> = {}): SupplySeen['archive'] => seen(archive(change), 'restore_command');

  it.each<readonly [string, Partial<SupplySeen>, Supply]>([
    ['there is none', {}, nowhere],
    ['it has all up to what the primary has', { archive: of() }, fromArchive()],
    ['it lacks the first segment', { archive: of({ segments: [stretch('0/4000000', '0/6000000')] }) }, nowhere],
    ['it lacks the last segment', { archive: of({ segments: [stretch('0/1000000', '0/5000000')] }) }, nowhere],
    [
      'it lacks one in the middle',
      {
        archive: of({
          segments: [stretch('0/1000000', '0/4000000', { last: '0/6000000', gaps: [['0/4000000', '0/5000000']] })],
        }),
      },
      nowhere,
    ],
    [
      'restore_command cannot run',
      { archive: of({ program: { name: 'cp', found: true, executable: false } }) },
      {
        from: 'unknown',
        why: {
          kind: 'not-asked',
          because: 'restore_command cannot run cp, and may have an archive with the WAL that is missing',
        },
      },
    ],
    [
      'where it is is not known',
      { archive: of({ directory: undefined }) },
      { from: 'perhaps-the-archive', archive: archive({ directory: undefined }) },
    ],
    [
      'it cannot be listed',
      { archive: of({ listed: false }) },
      { from: 'perhaps-the-archive', archive: archive({ listed: false }) },
    ],
    [
      'it was not listed to its end',
      { archive: of({ more: true }) },
      { from: 'perhaps-the-archive', archive: archive({ more: true }) },
    ],
    [
      'it is of another cluster',
      { archive: of({ otherCluster: { ...other, all: true }, segments: [] }) },
      {
        from: 'unknown',
        why: {
          kind: 'not-asked',
          because: 'restore_command reads /archive, which is the archive of another cluster',
          remedy: 'set restore_command to the archive of this cluster, and run this again',
        },
      },
    ],
    [
      'some of it is of another cluster',
      { archive: of({ otherCluster: { ...other, all: false } }) },
      fromArchive({ otherCluster: { ...other, all: false } }),
    ],
    [
      'the one of the primary is of another cluster',
      { primaryArchive: of({ otherCluster: { ...other, all: true }, segments: [] }) },
      nowhere,
    ],
    [
      'the one of the primary has more files than were listed',
      { primaryArchive: of({ more: true }) },
      {
        from: 'unknown',
        why: { kind: 'not-asked', because: '/archive, where the primary archives to, could not be listed completely' },
      },
    ],
    ['the one of the primary would have it', { primaryArchive: of() }, fromArchive({}, true)],
    ['its own comes before the one of the primary', { archive: of({ segments: [] }), primaryArchive: of() }, nowhere],
    [
      'it has the next timeline as well',
      {
        timelines: timelines('0/3000060', '0/8000000', two),
        archive: of({
          segments: [stretch('0/1000000', '0/4000000'), stretch('0/4000000', '0/6000000', { timeline: 2 })],
        }),
      },
      {
        from: 'archive',
        archive: archive({
          segments: [stretch('0/1000000', '0/4000000'), stretch('0/4000000', '0/6000000', { timeline: 2 })],
        }),
        first: '000000010000000000000003',
        last: '000000020000000000000005',
        segments: 3n,
        proposed: false,
      },
    ],
  ])('an archive: %s', (_, change, from) => expect(supply({ primaryWal: gone, ...change })).toEqual(from));

  it('an archive is not looked into where the primary may have it', () => {
    expect(supply({ archive: of() })).toEqual(hidden);
  });
});
