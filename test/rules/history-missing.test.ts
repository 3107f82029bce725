import { unseen } from '../../src/facts/observed.ts';
import { timelineId } from '../../src/postgres/lsn.ts';
import { historyWithoutFile } from '../../src/postgres/timeline-history.ts';
import { historyMissing } from '../../src/rules/timeline/history-missing.ts';
import { testRule } from './rule-tester.ts';
import { anArchive, aLocalWal, aRunningStandby, healthyStandby } from './standby-world.ts';
import { aPrimary } from './world.ts';

const { timelines } = healthyStandby;
const two = timelineId(2);
if (timelines === undefined || two === undefined) throw new Error('the standby has timelines');
const missing = {
  runningStandby: aRunningStandby({ receiver: undefined }),
  timelines: {
    ...timelines,
    upstream: { ...timelines.upstream, timeline: two, history: historyWithoutFile(two), historyMissing: true },
  },
};
const archive = anArchive({ segments: [], histories: [{ timeline: two, history: undefined }] });

testRule(
  historyMissing,
  {
    healthyIs: 'not-applicable',
    passes: [
      {
        name: 'the primary has it',
        facts: {
          timelines: { ...missing.timelines, upstream: { ...missing.timelines.upstream, historyMissing: false } },
        },
      },
      {
        name: 'the standby has it',
        facts: { ...missing, localWal: aLocalWal({ histories: [{ timeline: two, history: undefined }] }) },
      },
      { name: 'it streams', facts: { timelines: missing.timelines } },
    ],
    notApplicable: [{ name: 'another cluster', facts: { timelines: { ...missing.timelines, sameSystem: false } } }],
    unexamined: [
      {
        name: 'the login was refused',
        facts: { ...missing, replicationLogin: unseen('connection', 'refused') },
        because: /did not get so far/,
      },
    ],
    fails: [
      {
        name: 'nobody is known to have it',
        facts: missing,
        message: /timeline 2 and does not have 00000002\.history/,
        steps: [
          "Copy 00000002.history into /var/lib/postgresql/15/main/pg_wal as the server's user (mode 0600), from the archive or from the pg_wal of another standby of timeline 2.",
        ],
      },
      {
        name: 'it is archived on this machine',
        facts: { ...missing, primaryArchive: archive, primary: aPrimary({ sameMachine: true }) },
        steps: ['cp -p /archive/00000002.history /var/lib/postgresql/15/main/pg_wal/00000002.history'],
      },
    ],
  },
  healthyStandby,
);
