import { expect, it } from 'vitest';

import { contentOf } from '../../src/derived/segment-content.ts';
import type { SpoiledSegment } from '../../src/facts/standby-wal.ts';
import { lsn, timeline } from '../rules/world.ts';
import { sixteenMegabytes } from '../rules/standby-world.ts';

const segment = (content: SpoiledSegment['content'], bytes: number = sixteenMegabytes): SpoiledSegment => ({
  name: '000000010000000000000003',
  start: lsn('0/3000000'),
  timeline,
  bytes,
  content,
});

it.each<readonly [SpoiledSegment, number | undefined, string]>([
  [segment('empty', 0), sixteenMegabytes, 'is empty'],
  [segment('short', 8192), sixteenMegabytes, 'has 8 kB instead of 16 MB'],
  [segment('short', 8192), undefined, 'has 8 kB'],
  [segment('long', 2 * sixteenMegabytes), sixteenMegabytes, 'has 32 MB instead of 16 MB'],
  [segment('long', 2 * sixteenMegabytes), undefined, 'has 32 MB'],
  [segment('of-another-cluster'), sixteenMegabytes, 'has the system identifier of another cluster'],
  [segment('of-another-timeline'), sixteenMegabytes, 'has pages of a later timeline than in its name'],
  [segment('not-wal'), sixteenMegabytes, 'does not start with the page of that segment'],
])('$0.content, $0.bytes bytes where a segment has %s', (spoiled, size, says) =>
  expect(contentOf(spoiled, size)).toBe(says),
);
