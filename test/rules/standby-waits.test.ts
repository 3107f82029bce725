import { unseen } from '../../src/facts/observed.ts';
import type { PrimaryActivity, WriteTransaction } from '../../src/facts/primary.ts';
import { backupNotEnded } from '../../src/rules/recovery/backup-not-ended.ts';
import { waitsForTransactions } from '../../src/rules/recovery/waits-for-transactions.ts';
import { aLogUntil } from './a-log.ts';
import { testRule } from './rule-tester.ts';
import {
  aBackupLabel,
  aConfiguration,
  aControlFile,
  aDataDirectory,
  aStoppedDirectory,
  configFile,
  healthyStandby,
} from './standby-world.ts';
import { lsn, now } from './world.ts';

const refuses = { runningStandby: unseen('connection', 'postgres: the database system is starting up') };
const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const consistent = 'LOG:  consistent recovery state reached at 0/3000100';
const streaming = 'LOG:  started streaming WAL from primary at 0/4000000 on timeline 1';
const ready = 'LOG:  database system is ready to accept read-only connections';
const minutesAgo = new Date(now.getTime() - 300_000);
const waiting = { ...refuses, serverLog: aLogUntil(minutesAgo, [starting, consistent, streaming]) };
const writer = (change: Partial<WriteTransaction> = {}): WriteTransaction => ({
  pid: 4711,
  prepared: undefined,
  user: 'app',
  database: 'shop',
  applicationName: 'import',
  state: 'idle in transaction',
  seconds: 600,
  overflowed: undefined,
  ...change,
});
const open = (...writers: readonly WriteTransaction[]): PrimaryActivity => ({
  writers,
  writersInAll: writers.length,
  exclusiveBackup: undefined,
});
const end = (pid: number): string => `SELECT pg_terminate_backend(${pid});`;

testRule(
  waitsForTransactions,
  {
    notApplicable: [
      { name: 'it is down', facts: { ...refuses, dataDirectory: aStoppedDirectory() } },
      {
        name: 'hot_standby is off',
        facts: { ...waiting, standbyConfiguration: aConfiguration([['hot_standby', 'off', configFile, 1]]) },
      },
      { name: 'not consistent yet', facts: { ...refuses, serverLog: aLogUntil(minutesAgo, [starting, streaming]) } },
      { name: 'it has opened', facts: { ...refuses, serverLog: aLogUntil(minutesAgo, [starting, consistent, ready]) } },
      { name: 'no log', facts: { ...refuses, serverLog: unseen('not-asked', 'no log') } },
      {
        name: 'it has just become consistent, and nothing is open',
        facts: { ...refuses, serverLog: aLogUntil(now, [starting, consistent]) },
      },
    ],
    fails: [
      {
        name: 'one of them has too many',
        facts: {
          ...waiting,
          primaryActivity: open(writer({ overflowed: true }), writer({ pid: 4712, overflowed: false })),
        },
        message: /more than 64 subtransactions: process 4711 of role "app", open for 10 min/,
        risk: 'disruptive',
        steps: [end(4711), 'CHECKPOINT;'],
      },
      {
        name: 'before 16, a single one',
        facts: { ...waiting, primaryActivity: open(writer()) },
        steps: [end(4711), 'CHECKPOINT;'],
      },
      {
        name: 'before 16, several',
        facts: {
          ...waiting,
          primaryActivity: open(writer(), writer({ pid: 4712, user: undefined, seconds: undefined })),
        },
        steps: [
          'Find out which of these uses savepoints or EXCEPTION blocks in a loop, and end it with SELECT pg_terminate_backend(PID): process 4711 of role "app", open for 10 min; process 4712. Then run CHECKPOINT.',
        ],
      },
      {
        name: 'a prepared one',
        facts: { ...waiting, primaryActivity: open(writer({ pid: undefined, prepared: "it's" })) },
        steps: ["In its database: ROLLBACK PREPARED 'it''s'; or COMMIT PREPARED.", 'CHECKPOINT;'],
      },
      {
        name: 'it has ended',
        facts: { ...waiting, primaryActivity: open(writer({ overflowed: false })) },
        steps: ['CHECKPOINT;'],
      },
      {
        name: 'nobody looked',
        facts: { ...waiting, primaryActivity: unseen('not-asked', 'no --admin') },
        message: /accepts no connections\. It/,
      },
    ],
  },
  healthyStandby,
);

const { label } = aBackupLabel();
if (label === undefined) throw new Error('a label');
const exclusive = { text: '', label: { ...label, method: 'pg_start_backup', label: 'disk image' } };
const imaged = {
  ...refuses,
  dataDirectory: aDataDirectory({ backupLabelOld: exclusive }),
  controlFile: aControlFile({ backupStart: lsn('0/2000028') }),
};
const inBackup = { writers: [], writersInAll: 0, exclusiveBackup: new Date('2026-11-20T03:00:00Z') };

testRule(
  backupNotEnded,
  {
    notApplicable: [
      { name: 'it is down', facts: { ...refuses, dataDirectory: aStoppedDirectory() } },
      { name: 'pg_basebackup made it', facts: refuses },
      { name: 'backup mode has ended', facts: imaged },
      {
        name: 'recovery is past the end of the backup',
        facts: { ...refuses, dataDirectory: aDataDirectory({ backupLabelOld: exclusive }) },
      },
    ],
    unexamined: [
      {
        name: 'nobody looked',
        facts: { ...imaged, primaryActivity: unseen('not-asked', 'no --admin') },
        because: /no --admin/,
      },
    ],
    fails: [
      {
        name: 'it goes on',
        facts: { ...imaged, primaryActivity: inBackup },
        message: /in backup mode \("disk image", since 2026-11-20 03:00:00 UTC\)/,
        steps: ['SELECT pg_stop_backup();'],
      },
    ],
  },
  healthyStandby,
);
