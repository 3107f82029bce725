import { unseen } from '../../src/facts/observed.ts';
import type { SpoiledSegment } from '../../src/facts/standby-wal.ts';
import { segmentDamaged } from '../../src/rules/wal/segment-damaged.ts';
import { segmentRemoved } from '../../src/rules/wal/segment-removed.ts';
import { testRule } from './rule-tester.ts';
import {
  aPrimaryWal,
  aLocalWal,
  aRunningStandby,
  aStoppedDirectory,
  directory,
  healthyStandby,
} from './standby-world.ts';
import { lsn, timeline } from './world.ts';

const bin = '/usr/lib/postgresql/15/bin';
const wal = `${directory}/pg_wal`;
const three = '000000010000000000000003';
const spoiled = (content: SpoiledSegment['content'], bytes = 0): SpoiledSegment => ({
  name: three,
  start: lsn('0/3000000'),
  timeline,
  bytes,
  content,
});
const holding = (...segments: readonly SpoiledSegment[]) =>
  aLocalWal({
    timelines: [{ timeline, first: lsn('0/2000000'), end: lsn('0/3000000'), gaps: [] }],
    spoiled: segments,
  });
const silent = {
  runningStandby: aRunningStandby({
    receiver: undefined,
    replay: { ...aRunningStandby().replay, replayedLsn: lsn('0/3000000') },
  }),
};
const down = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: unseen('connection', 'no server runs'),
  standbyControl: {
    control: { kind: 'pg_ctl' as const, dataDirectory: directory, binDirectory: bin },
    running: false,
  },
};
const { timelines } = healthyStandby;
if (timelines === undefined) throw new Error('the standby has timelines');
const far = {
  timelines: { ...timelines, upstream: { ...timelines.upstream, position: lsn('0/9000060') } },
  primaryWal: aPrimaryWal('0/7000000'),
};

testRule(
  segmentDamaged,
  {
    passes: [
      {
        name: 'replay is past it',
        facts: {
          ...silent,
          localWal: holding({ ...spoiled('empty'), name: '000000010000000000000002', start: lsn('0/2000000') }),
        },
      },
    ],
    notApplicable: [
      { name: 'nothing has it any more', facts: { ...silent, ...far, localWal: holding(spoiled('empty')) } },
      {
        name: 'the server is a primary',
        facts: { runningStandby: aRunningStandby({ inRecovery: false }), localWal: holding(spoiled('short', 5)) },
      },
    ],
    unexamined: [
      {
        name: 'the primary was not seen',
        facts: { ...silent, timelines: unseen('connection', 'no primary'), localWal: holding(spoiled('empty')) },
        because: /no primary/,
      },
    ],
    fails: [
      {
        name: 'empty, while the server runs',
        facts: { ...silent, localWal: holding(spoiled('empty')) },
        message:
          /\/var\/lib\/postgresql\/15\/standby\/pg_wal\/000000010000000000000003 is empty: recovery cannot continue\. The/,
        risk: 'disruptive',
        steps: [
          `${bin}/pg_ctl stop -D ${directory} -w -m fast`,
          `mv ${wal}/${three} ${wal}/${three}.damaged-2026-11-21T200000`,
          `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
        ],
      },
      {
        name: 'short, of a server that is down',
        facts: { ...down, localWal: holding(spoiled('short', 5_000_000)) },
        message: /has 4\.8 MB instead of 16 MB: recovery/,
        steps: [
          `mv ${wal}/${three} ${wal}/${three}.damaged-2026-11-21T200000`,
          `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
        ],
      },
      ...(['long', 'of-another-cluster', 'of-another-timeline', 'not-wal'] as const).map((content) => ({
        name: content,
        facts: { ...down, localWal: holding(spoiled(content, 20_000_000)) },
        message: /\/var\/lib\/postgresql\/15\/standby\/pg_wal\/000000010000000000000003 (?:has|does not start)/,
      })),
    ],
  },
  healthyStandby,
);

testRule(
  segmentRemoved,
  {
    further: true,
    fails: [
      {
        name: 'the archive has it cut short',
        facts: {
          ...silent,
          ...far,
          archive: {
            command: 'cp /archive/%f "%p"',
            program: { name: 'cp', found: true, executable: true },
            directory: '/archive',
            listed: true,
            more: false,
            segments: [{ timeline, first: lsn('0/4000000'), end: lsn('0/9000000'), gaps: [] }],
            spoiled: [spoiled('short', 5_000_000)],
            histories: [],
          },
        },
        message: /\/archive has 000000010000000000000003, but that file has 4\.8 MB instead of 16 MB/,
        risk: 'destructive',
      },
    ],
  },
  healthyStandby,
);
