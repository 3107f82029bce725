import { describe, expect, it } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { fleetText } from '../../src/report/fleet/stylish.ts';
import { noPaint } from '../../src/report/paint.ts';
import { stylishReport } from '../../src/report/stylish.ts';
import { examined, fleetOf } from './fleets.ts';
import { sample } from './spoiled.ts';

it('a root cause that many targets still have is told once, with how long it has lasted', () => {
  const known = (target: string, firstSeen: string) => ({
    ...{ target, rule: 'slot/missing', title: 'The slot s1 does not exist', fingerprint: target, firstSeen },
  });
  const text = fleetText(
    {
      ...{ schemaVersion: '1.0', tool: { name: 'standbylint', version: '0.1.0' }, command: 'fleet', complete: true },
      ...{ startedAt: '2026-11-30T12:00:00.000Z', elapsedMs: 1_000, causes: [], targets: [] },
      since: {
        new: [],
        gone: [],
        same: [
          known('db1', '2026-11-30T11:00:00.000Z'),
          known('db2', '2026-11-30T10:00:00.000Z'),
          known('db3', '2026-11-30T11:00:00.000Z'),
        ],
      },
    },
    { width: 80, paint: noPaint },
  );
  expect(text.split('\n').map((line) => line.trim())).toEqual([
    ...['', '', 'Still there'],
    'db1, db3: The slot s1 does not exist [slot/missing], for 1 h',
    'db2: The slot s1 does not exist [slot/missing], for 2 h',
    ...['', '0 targets · 1.00 s', '', ''],
  ]);
});

describe('a fleet', () => {
  const { since: _, ...fleet } = fleetOf('db', sample);
  const [one] = fleet.targets;

  it('of one target is told as that target alone is', () => {
    if (one === undefined || one.report === null) throw new Error('the sample has a report');
    const text = fleetText({ ...fleet, targets: [one] }, { width: 80, paint: noPaint });
    expect(text).toBe(stylishReport(one.report, { width: 80, paint: noPaint, full: false }));
  });

  it('says where a fix is, and why a target is unknown', () => {
    const unexamined = { outcome: 'unexamined', because: 'root may not log in' } as const;
    const unknown: Report = {
      ...sample,
      ...{ verdict: 'unknown', findings: [], notShown: [] },
      rules: [
        { id: 'slot/lost', ...unexamined, because: 'the file is damaged' },
        { id: 'slot/missing', ...unexamined },
        { id: 'slot/in-use', ...unexamined },
      ],
    };
    const text = fleetText(
      { ...fleet, targets: [examined('db1', unknown), examined('db2', unknown)] },
      { width: 120, paint: noPaint },
    );
    expect(text).toMatch(/UNKNOWN {2}db1 {2}no problem found, but 3 checks could not run: root may not log in/u);
    expect(text).toContain('A fix is in the report of its target: standbylint fleet TARGET');
  });
});
