import { segmentSizeDiffers } from '../../src/rules/wal/segment-size-differs.ts';
import { testRule } from './rule-tester.ts';
import { healthyStandby } from './standby-world.ts';
import { someSettings } from './world.ts';

testRule(
  segmentSizeDiffers,
  {
    passes: [{ name: 'the same', facts: { primarySettings: someSettings({ wal_segment_size: '16777216' }) } }],
    fails: [
      {
        name: 'another one',
        facts: { primarySettings: someSettings({ wal_segment_size: '67108864' }) },
        risk: 'destructive',
        message: /segments of 64 MB, but this standby has segments of 16 MB/,
      },
    ],
  },
  healthyStandby,
);
