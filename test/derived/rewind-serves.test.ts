import { describe, expect, it } from 'vitest';

import { rewindServes, whyNoRewind } from '../../src/derived/rewind-serves.ts';
import type { RewindServesSeen } from '../../src/derived/rewind-serves.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Timelines } from '../../src/facts/standby-wal.ts';
import { historyWithoutFile } from '../../src/postgres/timeline-history.ts';
import { aConfiguration, aControlFile, aRunningStandby, aStoppedDirectory, directory } from '../rules/standby-world.ts';
import { aPrimary, lsn, someSettings, timeline } from '../rules/world.ts';
import { both, here, promotedHistory, there } from '../rules/timelines-world.ts';

const no = unseen('connection', 'it was not asked');

const timelines = (change: Partial<Timelines['local']> = {}): Timelines =>
  both(
    here(2, '0/3000060', promotedHistory, {
      checkpoint: { location: lsn('0/2000060'), inLocalWal: true, inUpstreamWal: true },
      ...change,
    }),
    there(1, '0/3000060'),
  );
const promoted: RewindServesSeen = {
  timelines: seen(timelines(), 'both sides'),
  controlFile: aControlFile({ state: 'shut down' }),
  dataDirectory: seen(aStoppedDirectory(), directory),
  runningStandby: notApplicable('it does not run'),
  standbyControl: no,
  standbyConfiguration: seen(aConfiguration(), 'the files'),
  primary: seen(aPrimary(), 'it'),
  primarySettings: seen(someSettings({ full_page_writes: 'on' }), 'pg_settings'),
};
const unknown = 'It is not known whether pg_rewind can be used.';
const onOne = { timeline, history: historyWithoutFile(timeline) };

describe('whether pg_rewind can take a standby back', () => {
  const serves = {
    serves: true,
    comparison: {
      kind: 'diverged',
      why: 'promoted',
      fork: { timeline, lsn: lsn('0/3000000') },
      sameTimeline: false,
      lost: { bytes: 96n, bound: 'exact' },
    },
    timelines: timelines(),
  };

  it.each<readonly [string, Partial<RewindServesSeen>, object]>([
    ['it was promoted', {}, serves],
    ['what its primary is was not seen', { primary: no, primarySettings: no }, serves],
    ['the histories were not seen', { timelines: no }, { serves: false, because: unknown }],
    ['there are no histories', { timelines: notApplicable('x') }, { serves: false, because: unknown }],
    [
      'it follows',
      { timelines: seen(timelines(onOne), 'both sides'), controlFile: aControlFile() },
      { serves: false, because: 'pg_rewind is not needed.' },
    ],
    [
      'it belongs to another system',
      { timelines: seen({ ...timelines(), sameSystem: false }, 'both sides') },
      { serves: false, because: 'pg_rewind is not needed.' },
    ],
    [
      'it ran as a primary on the same timeline',
      {
        timelines: seen(
          timelines({ ...onOne, checkpoint: { ...timelines().local.checkpoint, inUpstreamWal: undefined } }),
          'both sides',
        ),
        runningStandby: seen(aRunningStandby({ inRecovery: false }), 'it'),
      },
      {
        serves: false,
        because:
          'pg_rewind cannot be used. It requires that the two sides are on different timelines: both are on timeline 1, where it would report that no rewind is required.',
      },
    ],
    [
      'one condition does not hold',
      { controlFile: aControlFile({ state: 'shut down', dataChecksumVersion: 0 }) },
      {
        serves: false,
        because:
          'pg_rewind cannot be used. It requires that data checksums or wal_log_hints are on: data checksums off, wal_log_hints off (pg_control).',
      },
    ],
  ])('%s', (_, change, answer) => expect(rewindServes({ ...promoted, ...change })).toEqual(answer));
});

describe('why pg_rewind does not serve', () => {
  const holds = { what: 'a holds', holds: true, says: 'yes' };
  const open = { what: 'b holds', holds: undefined, says: 'not seen' };
  const first = { what: 'c holds', holds: false, says: 'c is off' };
  const last = { what: 'd holds', holds: false, says: 'd is off' };

  it.each([
    [
      'the first that fails',
      [holds, open, first, last],
      'pg_rewind cannot be used. It requires that c holds: c is off.',
    ],
    ['none fails', [holds, open], unknown],
    ['none was asked', [], unknown],
  ])('%s', (_, conditions, why) => expect(whyNoRewind(conditions)).toBe(why));
});
