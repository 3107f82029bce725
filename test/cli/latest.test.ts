import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { Latest } from '../../src/cli/serve/latest.ts';
import type { Report } from '../../src/findings/report.ts';

const report = JSON.parse(
  await readFile(new URL('../../fixtures/formats/report.json', import.meta.url), 'utf8'),
) as Report;
const startedAt = new Date('2026-01-02T03:04:05Z');
const look = { number: 1, startedAt, elapsedMs: 1_000, report, because: undefined };

it('says that data is old after three intervals, and why no younger one came', () => {
  let now = startedAt.getTime();
  const latest = new Latest(10_000, () => now);
  expect([latest.trouble, latest.page]).toEqual(['no look is complete yet', undefined]);
  expect(latest.metrics).toContain('standbylint_look_stale 1\n');
  expect(latest.metrics).not.toContain('standbylint_look_age_seconds');
  latest.take(look);
  now += 30_000;
  expect(latest.trouble).toBeUndefined();
  expect(latest.metrics).toContain('standbylint_look_age_seconds 30\n');
  expect(latest.page).toContain('Seen 30 s ago');
  latest.take({ ...look, number: 2, report: undefined, because: 'no <result> $& within 60 s' });
  now += 1;
  expect(latest.trouble).toBe('the last complete look is 30 s old: no <result> $& within 60 s');
  expect(latest.page).toContain(
    'out of date: the last complete look is 30 s old: no &#60;result&#62; $&#38; within 60 s.',
  );
  expect(latest.metrics).toContain('standbylint_look_stale 1\n');
  expect(latest.metrics).toContain('standbylint_looks_failed_total 1\n');
});
