import { expect, it } from 'vitest';

import { fleetText } from '../../src/report/fleet/stylish.ts';
import { noPaint } from '../../src/report/paint.ts';

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
