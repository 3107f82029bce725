import { describe, expect, it } from 'vitest';

import { judge } from '../../src/diagnosis/judge.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { Remedy } from '../../src/findings/report.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import type { ReplayedStretch } from '../../src/postgres/log/replay-watch.ts';
import { lost } from '../../src/rules/slot/lost.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { diverged } from '../../src/rules/timeline/diverged.ts';
import { segmentRemoved } from '../../src/rules/wal/segment-removed.ts';
import { world } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import {
  aPrimaryWal,
  anArchive,
  aConfiguration,
  aControlFile,
  aRunningStandby,
  aStoppedDirectory,
  configFile,
  healthyStandby,
  standardSettings,
} from './standby-world.ts';
import { bothAt, promotedHere } from './timelines-world.ts';

function remedyOf(rule: AnyRule, facts: Changes): Remedy {
  const { result } = judge(rule, world(facts, healthyStandby));
  const remedy = result.outcome === 'failed' ? result.faults[0]?.remedy : undefined;
  if (remedy === undefined) throw new Error(`${rule.id}: ${result.outcome}`);
  return remedy;
}

const logWith = (replayed: ReplayedStretch | undefined): ServerLog => ({
  files: [],
  summary: { ...logSummary().result(), replayed },
  problems: [],
});

const archive = anArchive();
/** It ends in segment 3; its primary has come to segment 9, and keeps what begins at segment 7. */
const behind: Changes = {
  runningStandby: aRunningStandby({ receiver: undefined, replay: { ...aRunningStandby().replay, moves: false } }),
  timelines: bothAt('0/3000060', '0/9000060'),
  primaryWal: aPrimaryWal('0/7000000'),
};
/** Promoted at 0/3000000, half a megabyte written since; the other one has gone on to 0/3400000. */
const promoted: Changes = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: unseen('connection', 'no server runs'),
  controlFile: aControlFile({ state: 'shut down', minimumRecoveryPoint: null }),
  timelines: promotedHere,
};
const missing = 0x6_00_00_00;

describe('two remedies that serve', () => {
  it('the archive first, and a new copy with its cost at the measured rate', () => {
    const remedy = remedyOf(segmentRemoved, { ...behind, primaryArchive: archive });
    expect(remedy.risk).toBe('safe');
    expect(remedy.cost).toEqual({ copyBytes: missing, replayBytes: missing, downtimeSeconds: null });
    const [other] = remedy.alternatives ?? [];
    expect(other).toMatchObject({
      risk: 'destructive',
      cost: { copyBytes: 41_000_000_000, downtimeSeconds: 410 },
      because:
        'There are two ways. The first: 96 MB of WAL to fetch and replay, speed not known. The second: 38 GB to copy, about 7 min at 95 MB/s, the speed of the last base backup.',
    });
    expect(other?.steps.some(({ text }) => text.includes('pg_basebackup'))).toBe(true);
  });

  it('no rate is made up, and no size', () => {
    const none = { lastCopy: unseen('unreadable', 'no manifest'), serverLog: unseen('not-asked', 'no log') };
    const size = remedyOf(segmentRemoved, { ...behind, ...none, primaryArchive: archive }).alternatives?.[0];
    expect(size?.cost).toMatchObject({ copyBytes: 41_000_000_000, replayBytes: null, downtimeSeconds: null });
    expect(size?.because).toMatch(/The second: 38 GB to copy, speed not known\.$/u);
    const nothing = { ...none, copySize: unseen('permission', 'pg_tablespace_size') };
    const other = remedyOf(segmentRemoved, { ...behind, ...nothing, primaryArchive: archive }).alternatives?.[0];
    expect(other?.cost).toEqual({ copyBytes: null, replayBytes: null, downtimeSeconds: null });
    expect(other?.because).toMatch(/how much to copy is not known\.$/u);
  });

  it.each<{
    readonly name: string;
    readonly stretch: ReplayedStretch;
    readonly seconds: number;
    readonly first: string;
  }>([
    {
      name: 'the archive is replayed sooner',
      stretch: { amount: { bytes: 50_000_000n }, seconds: 5 },
      seconds: 10.1,
      first: 'safe',
    },
    {
      name: 'a copy takes less time than the replay',
      stretch: { amount: { segments: 1 }, seconds: 100 },
      seconds: 600,
      first: 'destructive',
    },
  ])('least downtime first, where both were measured: $name', ({ stretch, seconds, first }) => {
    const remedy = remedyOf(segmentRemoved, { ...behind, primaryArchive: archive, serverLog: logWith(stretch) });
    const other = remedy.alternatives?.[0];
    const times = [remedy.cost?.downtimeSeconds, other?.cost.downtimeSeconds];
    expect(times.toSorted((a, b) => Number(a) - Number(b))).toEqual(times);
    expect(times).toContain(seconds);
    expect(times).toContain(410);
    expect(remedy.risk).toBe(first);
    expect(other?.because).toMatch(/The second takes longer\.$/u);
  });

  it('restore_command may bring it: else a new copy', () => {
    const remedy = remedyOf(segmentRemoved, { ...behind, archive: { ...archive, directory: undefined } });
    expect(remedy.steps[0]?.kind).toBe('manual');
    expect(remedy.alternatives?.[0]?.steps.some(({ text }) => text.includes('pg_basebackup'))).toBe(true);
  });

  it('pg_rewind, its cost an estimate, or a new copy', () => {
    const remedy = remedyOf(diverged, promoted);
    expect(remedy.steps.some(({ text }) => text.includes('pg_rewind'))).toBe(true);
    // half a megabyte here, four megabytes there, and at least the WAL from the last checkpoint on
    expect(remedy.cost?.copyBytes).toBeGreaterThan(0x48_00_00);
    expect(remedy.cost?.replayBytes).toBe(0x13f_ffa0);
    expect(remedy.alternatives?.[0]?.because).toMatch(
      /The first: about \d+(?:\.\d+)? [MG]B to copy \(an estimate, .*and 20 MB of WAL to replay, speed not known/u,
    );
    expect(remedy.alternatives?.[0]?.steps.some(({ text }) => text.includes('pg_basebackup'))).toBe(true);
  });

  it('where pg_rewind is refused there is one way', () => {
    const off = aControlFile({ state: 'shut down', minimumRecoveryPoint: null, dataChecksumVersion: 0 });
    const remedy = remedyOf(diverged, { ...promoted, controlFile: off });
    expect(remedy.steps.some(({ text }) => text.includes('pg_basebackup'))).toBe(true);
    expect(remedy.alternatives).toBeUndefined();
  });

  it('a lost slot: made anew with the archive, or with the standby', () => {
    const facts: Changes = {
      ...behind,
      primaryArchive: archive,
      standbyConfiguration: aConfiguration([...standardSettings, ['primary_slot_name', 'standby1', configFile, 70]]),
      runningStandby: unseen('connection', 'no server runs'),
      dataDirectory: aStoppedDirectory(),
      slots: [
        {
          name: 'standby1',
          type: 'physical',
          active: false,
          activePid: undefined,
          temporary: false,
          restartLsn: undefined,
          walStatus: 'lost',
          safeWalBytes: undefined,
          retainedBytes: undefined,
          invalidationReason: undefined,
        },
      ],
    };
    const remedy = remedyOf(lost, facts);
    const told = (steps: Remedy['steps'] = []): string => steps.map(({ text }) => text).join('\n');
    expect(told(remedy.steps)).toMatch(/pg_create_physical_replication_slot.*restore_command/su);
    expect(told(remedy.steps)).not.toContain('pg_basebackup');
    expect(told(remedy.alternatives?.[0]?.steps)).toMatch(/pg_create_physical_replication_slot.*pg_basebackup/su);
    const alone = remedyOf(lost, { ...facts, primaryArchive: unseen('unreadable', 'not here') });
    expect(told(alone.steps)).toContain('pg_basebackup');
    expect(alone.alternatives).toBeUndefined();
  });
});
