import { describe, expect, it } from 'vitest';

import { historyEvidence, historySinceCopy } from '../../src/derived/history-since-copy.ts';
import type { HistorySeen, HistorySinceCopy } from '../../src/derived/history-since-copy.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import type { ControlFileRead } from '../../src/facts/data-directory.ts';
import type { Timelines } from '../../src/facts/standby-wal.ts';
import type { ControlFile } from '../../src/postgres/control-file.ts';
import {
  aBackupLabel,
  aCheckpoint,
  aControlFile,
  aDataDirectory,
  aFreshCopy,
  aLocalWal,
  aRunningStandby,
  aStoppedDirectory,
  directory,
} from '../rules/standby-world.ts';
import { lsn } from '../rules/world.ts';
import { both, here, history, there, tli } from '../rules/timelines-world.ts';

const forked = history(2, '1\t0/3000000\tno recovery target specified');
const checkpoint = (change: Partial<Timelines['local']['checkpoint']>): Partial<Timelines['local']> => ({
  checkpoint: { ...here(1, '0/3000060').checkpoint, ...change },
});
const seenAs = (...given: Parameters<typeof both>): Partial<HistorySeen> => ({
  timelines: seen(both(...given), 'both histories'),
});

const no = unseen('connection', 'it was not reached');
const state = (named: ControlFile['state'], change: Partial<ControlFile> = {}): ControlFileRead =>
  aControlFile({ state: named, ...change });
/** It was copied from files at rest: there never was a backup_label, and no server was started on it. */
const fromRest = aStoppedDirectory({ backupLabelOld: undefined, lastStart: undefined });
/** It was started and stopped as a primary is. */
const world = (change: Partial<HistorySeen>): HistorySeen => ({
  dataDirectory: aStoppedDirectory(),
  controlFile: state('shut down'),
  timelines: no,
  runningStandby: no,
  localWal: no,
  ...change,
});
const primary = seen(aRunningStandby({ inRecovery: false }), 'it');
const same = seenAs(here(1, '0/3000060'), there(1, '0/3400000'));

describe('a copy that is a standby still', () => {
  it.each<readonly [string, Partial<HistorySeen>, HistorySinceCopy]>([
    [
      'its control file cannot be read',
      { controlFile: { ok: false, absent: true } },
      { kind: 'unknown', missing: 'its control file cannot be read' },
    ],
    ['no server was started on it', { dataDirectory: aFreshCopy() }, { kind: 'never-started' }],
    ['it replays', { controlFile: state('in archive recovery') }, { kind: 'in-recovery' }],
    ['it was shut down while it replayed', { controlFile: state('shut down in recovery') }, { kind: 'in-recovery' }],
    [
      'it replays a timeline that its primary is not on',
      {
        controlFile: state('in archive recovery'),
        ...seenAs(here(2, '0/3080000', forked), there(1, '0/3400000')),
      },
      { kind: 'in-recovery' },
    ],
    [
      'a running primary outweighs a backup_label and the state of its control file',
      { dataDirectory: aFreshCopy(), controlFile: state('in archive recovery'), runningStandby: primary, ...same },
      {
        kind: 'diverged',
        fork: undefined,
        own: undefined,
        because:
          'a server was started on it without a signal file: it ended recovery on timeline 1 and wrote its own checkpoint at 0/2000060, where its primary has different WAL',
      },
    ],
  ])('%s', (_, change, found) => expect(historySinceCopy(world(change))).toEqual(found));
});

describe('by the histories of both', () => {
  it.each<readonly [string, Partial<HistorySeen>, HistorySinceCopy]>([
    [
      'it is of another system',
      seenAs(here(1, '0/3000060'), there(1, '0/3400000'), { sameSystem: false }),
      { kind: 'unknown', missing: 'it is not a copy of this primary' },
    ],
    [
      'the history of the primary is missing',
      seenAs(here(1, '0/3000060'), there(3, '0/3400000', history(3), true)),
      {
        kind: 'unknown',
        missing: 'the history of timeline 3 could not be read from the primary (TIMELINE_HISTORY)',
      },
    ],
    [
      'a cascade, whose upstream is on an older timeline',
      seenAs(here(2, '0/3080000', forked), there(1, '0/3400000'), { upstreamInRecovery: true }),
      { kind: 'unknown', missing: 'its upstream is also a standby, and has not reached that position yet' },
    ],
    [
      'a cascade, whose upstream is behind on the same timeline',
      {
        dataDirectory: fromRest,
        ...seenAs(here(1, '0/3400000'), there(1, '0/3000060'), { upstreamInRecovery: true }),
      },
      {
        kind: 'perhaps-the-primary',
        because:
          'the server that primary_conninfo leads to is a standby on the same timeline, and may follow this very server',
      },
    ],
    [
      'it ends where the primary left its timeline',
      seenAs(here(1, '0/3000000'), there(2, '0/3400000', forked)),
      {
        kind: 'shared',
        because: 'its WAL ends at 0/3000000 on timeline 1, before the primary left that timeline at 0/3000000',
      },
    ],
    [
      'it goes past the place where the primary left its timeline',
      seenAs(here(1, '0/3000028'), there(2, '0/3400000', forked)),
      {
        kind: 'diverged',
        fork: lsn('0/3000000'),
        own: 40n,
        because: 'it wrote up to 0/3000028 on timeline 1, and its primary left that timeline at 0/3000000',
      },
    ],
    [
      'it was promoted',
      seenAs(here(2, '0/3080000', forked), there(1, '0/3400000')),
      { kind: 'promoted', because: 'it is on timeline 2, which its primary (on timeline 1) was never on' },
    ],
    [
      'it is on a timeline of which nothing is known',
      seenAs(here(5, '0/3080000'), there(1, '0/3400000')),
      { kind: 'promoted', because: 'it is on timeline 5, which its primary (on timeline 1) was never on' },
    ],
    [
      'it has more WAL than its primary',
      { dataDirectory: fromRest, ...seenAs(here(1, '0/3400000'), there(1, '0/3000060')) },
      {
        kind: 'diverged',
        fork: undefined,
        own: undefined,
        because: 'it wrote up to 0/3400000, and its primary, on the same timeline 1, is at 0/3000060',
      },
    ],
    [
      'it was started without a signal file',
      same,
      {
        kind: 'diverged',
        fork: undefined,
        own: undefined,
        because:
          'a server was started on it without a signal file: it ended recovery on timeline 1 and wrote its own checkpoint at 0/2000060, where its primary has different WAL',
      },
    ],
    [
      'the primary has other records where its checkpoint is',
      seenAs(here(1, '0/3000060', history(1), checkpoint({ inUpstreamWal: false })), there(1, '0/3400000')),
      {
        kind: 'diverged',
        fork: undefined,
        own: undefined,
        because: 'its last checkpoint, at 0/2000060, is not in the WAL of its primary, which is on the same timeline 1',
      },
    ],
    [
      'other records lie where its checkpoint was written',
      {
        dataDirectory: fromRest,
        ...seenAs(here(1, '0/3000060', history(1), checkpoint({ inLocalWal: false })), there(1, '0/3400000')),
      },
      {
        kind: 'diverged',
        fork: undefined,
        own: undefined,
        because: 'its last checkpoint, at 0/2000060, is not in the WAL of its primary, which is on the same timeline 1',
      },
    ],
  ])('%s', (_, change, found) => expect(historySinceCopy(world(change))).toEqual(found));
});

describe('on the timeline of its primary, and not past it', () => {
  const known = seenAs(here(1, '0/3000060', history(1), checkpoint({ inUpstreamWal: true })), there(1, '0/3400000'));
  const maybe: HistorySinceCopy = {
    kind: 'unknown',
    missing:
      "both are on timeline 1, and only the primary's WAL can show whether it contains the checkpoint at 0/2000060",
  };
  const elsewhere = { program: '/bin/postgres', directory: '/elsewhere', options: [], here: false, at: undefined };

  it.each<readonly [string, Partial<HistorySeen>, HistorySinceCopy]>([
    [
      'the primary has its checkpoint',
      known,
      { kind: 'shared', because: "its last checkpoint, at 0/2000060, is in the primary's WAL" },
    ],
    [
      'the primary has its checkpoint, and it runs as a primary',
      { runningStandby: primary, ...known },
      {
        kind: 'diverged',
        fork: undefined,
        own: undefined,
        because: 'it runs as a primary on timeline 1, the timeline of its primary',
      },
    ],
    [
      'it was copied at rest',
      { dataDirectory: fromRest, ...same },
      {
        kind: 'shared',
        because: 'it was copied from a server that was shut down, and no server was started on it since',
      },
    ],
    [
      'it was copied at rest, and what was started last was started elsewhere',
      { dataDirectory: aStoppedDirectory({ backupLabelOld: undefined, lastStart: elsewhere }), ...same },
      {
        kind: 'shared',
        because: 'it was copied from a server that was shut down, and no server was started on it since',
      },
    ],
    [
      'it was copied at rest, and a server was started on it',
      { dataDirectory: aStoppedDirectory({ backupLabelOld: undefined }), ...same },
      maybe,
    ],
    [
      'it was copied without a backup_label from a server that ran',
      { dataDirectory: fromRest, controlFile: state('in production'), ...same },
      maybe,
    ],
  ])('%s', (_, change, found) => expect(historySinceCopy(world(change))).toEqual(found));
});

describe('without the histories', () => {
  const onSecond = state('in production', { checkpoint: aCheckpoint({ timeline: tli(2) }) });
  const withHistory = (timeline: number) =>
    seen(aLocalWal({ histories: [{ timeline: tli(timeline), history: undefined }] }), 'pg_wal');
  const unknown: HistorySinceCopy = {
    kind: 'unknown',
    missing: 'the timeline and the WAL of its primary could not be read',
  };

  it.each<readonly [string, Partial<HistorySeen>, HistorySinceCopy]>([
    [
      'it is on a later timeline than its backup, and has its history',
      { controlFile: onSecond, localWal: withHistory(2) },
      {
        kind: 'promoted',
        because: 'it was copied on timeline 1 and is on timeline 2, whose history file is in its pg_wal',
      },
    ],
    ['it has the history of another one', { controlFile: onSecond, localWal: withHistory(3) }, unknown],
    ['its pg_wal was not read', { controlFile: onSecond }, unknown],
    ['it is on the timeline of its backup', { localWal: withHistory(1) }, unknown],
    ['there was no backup', { controlFile: onSecond, localWal: withHistory(2), dataDirectory: fromRest }, unknown],
    [
      'what the label says cannot be read',
      {
        controlFile: onSecond,
        localWal: withHistory(2),
        dataDirectory: aStoppedDirectory({ backupLabelOld: { text: 'x', label: undefined } }),
      },
      unknown,
    ],
  ])('%s', (_, change, found) => expect(historySinceCopy(world(change))).toEqual(found));
});

describe('what a finding shows of it', () => {
  const file = `${directory}/global/pg_control`;
  const control = [
    { label: 'state', value: 'shut down', source: file },
    { label: 'last checkpoint', value: '0/2000060 on timeline 1', source: file },
    { label: 'minimum recovery point', value: '0/3000000', source: file },
  ];
  const backup = (value: string) => ({ label: 'backup', value, source: directory });
  const wal = [
    { label: 'WAL of the standby', value: '0/3000060 on timeline 1', source: 'the WAL files' },
    { label: 'WAL of the primary', value: '0/3400000 on timeline 1', source: 'IDENTIFY_SYSTEM' },
  ];

  it.each<readonly [string, Partial<HistorySeen>, ReturnType<typeof historyEvidence>]>([
    ['everything', same, [...control, backup('backup_label.old'), ...wal]],
    ['the primary was not reached', {}, [...control, backup('backup_label.old')]],
    [
      'the label that is in force comes first',
      { dataDirectory: aDataDirectory({ backupLabel: aBackupLabel() }) },
      [...control, backup('backup_label')],
    ],
    ['no label', { dataDirectory: fromRest }, [...control, backup('neither backup_label nor backup_label.old')]],
    [
      'no recovery has begun',
      { controlFile: state('shut down', { minimumRecoveryPoint: null }) },
      [
        ...control.slice(0, 2),
        { label: 'minimum recovery point', value: '0/0', source: file },
        backup('backup_label.old'),
      ],
    ],
    ['no control file', { controlFile: { ok: false, absent: true }, ...same }, [backup('backup_label.old'), ...wal]],
  ])('%s', (_, change, evidence) => expect(historyEvidence(world(change))).toEqual(evidence));
});
