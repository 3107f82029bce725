import { unseen } from '../../../src/facts/observed.ts';
import { directoryBeingWritten } from '../../../src/rules/platform/directory-being-written.ts';
import { testRule } from '../rule-tester.ts';
import { aStoppedDirectory, healthyStandby } from '../standby-world.ts';

const copying = [{ pid: 4711, program: 'pg_basebackup' }];

testRule(directoryBeingWritten, {
  passes: [{ name: 'nothing writes there', facts: { directoryWriters: [] } }],
  fails: [
    {
      name: 'before a copy: another one goes to the same place',
      facts: { directoryWriters: copying },
      message: /Process 4711 \(pg_basebackup\) is writing/,
    },
  ],
});

testRule(
  directoryBeingWritten,
  {
    healthyIs: 'not-applicable',
    unexamined: [
      {
        name: 'the processes are not seen',
        facts: { dataDirectory: aStoppedDirectory(), directoryWriters: unseen('permission', 'no /proc') },
        because: /no \/proc/,
      },
    ],
    notApplicable: [{ name: 'its server runs', facts: { directoryWriters: copying } }],
    fails: [
      {
        name: 'a rewind goes on',
        facts: {
          dataDirectory: aStoppedDirectory(),
          directoryWriters: [{ pid: 12, program: 'pg_rewind' }],
        },
        message: /Process 12 \(pg_rewind\) is writing \S+standby\./,
      },
    ],
  },
  healthyStandby,
);
