import { unseen } from '../../../src/facts/observed.ts';
import { noSlot } from '../../../src/rules/command/no-slot.ts';
import { spreadCheckpoint } from '../../../src/rules/command/spread-checkpoint.ts';
import { walFetchedAtTheEnd } from '../../../src/rules/command/wal-fetched-at-the-end.ts';
import { testRule } from '../rule-tester.ts';
import { aBaseBackup, someSettings } from '../world.ts';

const nothingKept = someSettings({ wal_keep_size: '0' });
const notReached = unseen('connection', 'no connection to db1:5432');
const fetched = aBaseBackup({ walMethod: 'fetch' });
const measured = (walBytesPerSecond: number) => ({
  dataBytes: 41_943_040_000n,
  walBytes: undefined,
  tablespaces: [],
  walBytesPerSecond,
});

testRule(walFetchedAtTheEnd, {
  passes: [
    { name: 'wal_keep_size is set', facts: { baseBackup: fetched }, because: /keeps 1 GB/ },
    {
      name: 'wal_keep_size covers what is written',
      facts: { baseBackup: fetched, copySize: measured(1024 * 1024) },
      because: /about 400 MB/,
    },
  ],
  notApplicable: [
    {
      name: 'a backup to a target of the server',
      facts: { baseBackup: aBaseBackup({ walMethod: 'fetch', target: 'server:/backup' }) },
    },
  ],
  unexamined: [{ name: 'no settings', facts: { baseBackup: fetched, primarySettings: notReached } }],
  fails: [
    {
      name: 'nothing keeps WAL',
      facts: { baseBackup: fetched, primarySettings: nothingKept },
      message: /wal_keep_size is 0/,
      steps: ['standbylint preflight pg_basebackup -X stream'],
    },
    {
      name: 'too little is kept',
      facts: { baseBackup: fetched, copySize: measured(10 * 1024 * 1024) },
      message: /About 3\.9 GB/,
    },
  ],
});

testRule(noSlot, {
  passes: [
    {
      name: 'a slot is named',
      facts: { baseBackup: aBaseBackup({ slot: 'one' }), primarySettings: nothingKept },
      because: /slot one/,
    },
    {
      name: 'WAL is archived by a library',
      facts: {
        primarySettings: someSettings({ wal_keep_size: '0', archive_mode: 'on', archive_library: 'basic_archive' }),
      },
    },
  ],
  unexamined: [{ name: 'no settings', facts: { primarySettings: notReached } }],
  fails: [
    {
      name: 'nothing keeps WAL',
      facts: { primarySettings: nothingKept },
      severity: 'info',
      steps: ['standbylint preflight pg_basebackup -C -S standby'],
    },
    {
      name: 'a directory whose name says nothing',
      facts: { primarySettings: nothingKept, baseBackup: aBaseBackup({ directory: '/srv/db-2/15/data' }) },
      steps: ['standbylint preflight pg_basebackup -C -S db_2'],
    },
  ],
});

testRule(spreadCheckpoint, {
  unexamined: [
    {
      name: 'no settings',
      facts: { baseBackup: aBaseBackup({ checkpoint: 'spread' }), primarySettings: notReached },
    },
  ],
  fails: [
    {
      name: 'the default',
      facts: { baseBackup: aBaseBackup({ checkpoint: 'spread' }) },
      severity: 'info',
      message: /up to 4|up to 5/,
      steps: ['standbylint preflight pg_basebackup -c fast'],
    },
  ],
});
