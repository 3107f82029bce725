import { unseen } from '../../src/facts/observed.ts';
import type { Slot } from '../../src/facts/primary.ts';
import { unusedSlot } from '../../src/rules/standby/unused-slot.ts';
import { testRule } from './rule-tester.ts';
import {
  aCheckpoint,
  aControlFile,
  aDataDirectory,
  aLocalWal,
  aRunningStandby,
  aStoppedDirectory,
  directory,
  healthyStandby,
} from './standby-world.ts';
import { aFileSystem, lsn, timeline } from './world.ts';

const bin = '/usr/lib/postgresql/15/bin';
const slot = (change: Partial<Slot> = {}): Slot => ({
  name: 'old_child',
  type: 'physical',
  active: false,
  activePid: undefined,
  temporary: false,
  restartLsn: lsn('0/1000000'),
  walStatus: 'extended',
  safeWalBytes: undefined,
  retainedBytes: 225n * 1024n * 1024n,
  invalidationReason: undefined,
  ...change,
});
const small = { ...aFileSystem, totalBytes: 400e6, freeBytes: 100e6 };
const full = { ...small, freeBytes: 4096 };
const on = (fileSystem: typeof aFileSystem) => aLocalWal({ fileSystem });
const having = (change: Partial<Slot> = {}) => ({ runningStandby: aRunningStandby({ slots: [slot(change)] }) });
const room = `If ${aFileSystem.mountPoint} still has less than 16 MB free, make room there for two segments (32 MB), or enlarge it. Do not touch any file in ${directory}/pg_wal: the next restartpoint removes what the slot kept.`;
const redoAt = (redo: string) => aControlFile({ checkpoint: { ...aCheckpoint(), redo: lsn(redo) } });
const unasked = {
  controlFile: redoAt('0/E000000'),
  runningStandby: unseen('connection', 'no server runs'),
  standbySlots: [{ name: 'old_child', type: 'physical' as const, restartLsn: lsn('0/0') }],
  localWal: aLocalWal({
    fileSystem: full,
    timelines: [{ timeline, first: lsn('0/0'), end: lsn('0/E000000'), gaps: [] }],
  }),
};

testRule(
  unusedSlot,
  {
    passes: [
      { name: 'it is used', facts: having({ active: true }) },
      { name: 'synchronized from the primary', facts: { ...having({ synced: true }), localWal: on(full) } },
      { name: 'it keeps little of a large file system', facts: having() },
      {
        name: 'an old horizon that is not sent to the primary',
        facts: having({ retainedBytes: undefined, xminAge: 2_000_000 }),
      },
      { name: 'it keeps nothing', facts: having({ retainedBytes: undefined }) },
    ],
    notApplicable: [
      { name: 'a primary', facts: { runningStandby: aRunningStandby({ inRecovery: false, slots: [slot()] }) } },
    ],
    fails: [
      {
        name: 'more than half of the file system',
        facts: { ...having(), localWal: on(small) },
        message: /keeps all WAL from its position onward: 225 MB/,
        steps: ["SELECT pg_drop_replication_slot('old_child');", 'CHECKPOINT;'],
      },
      {
        name: 'an old horizon that is sent to the primary',
        facts: {
          runningStandby: aRunningStandby({
            slots: [slot({ retainedBytes: undefined, xminAge: 2_000_000 })],
            settings: new Map([
              ['hot_standby_feedback', { value: 'on', pendingRestart: false, source: 'configuration file' }],
            ]),
          }),
        },
        message: /horizon of its last reader, 2,000,000 transactions ago/,
        steps: ["SELECT pg_drop_replication_slot('old_child');", 'CHECKPOINT;'],
      },
      {
        name: 'more than a gigabyte',
        facts: having({ retainedBytes: 3n * 1024n ** 3n }),
        message: /3 GB/,
      },
      {
        name: 'the file system is full',
        facts: { ...having(), localWal: on(full), controlFile: redoAt('0/E000000') },
        severity: 'error',
        message: /The file system is full: 4 kB are left/,
      },
      {
        name: 'the file system is full of what recovery has to read again',
        facts: {
          ...having(),
          localWal: on(full),
          controlFile: redoAt('0/1000000'),
        },
        severity: 'warning',
      },
      {
        name: 'the file system is full, mostly of something else',
        facts: { ...having(), localWal: on({ ...full, totalBytes: 4e12 }) },
        severity: 'warning',
      },
      {
        name: 'the file system is full, and the server is down',
        severity: 'error',
        facts: {
          ...unasked,
          dataDirectory: aStoppedDirectory(),
          standbyControl: { control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: bin }, running: false },
        },
        message: /224 MB/,
        steps: [
          `mv ${directory}/pg_replslot/old_child ${directory}/unused-slot-old_child`,
          `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
          room,
        ],
      },
      {
        name: 'the file system is full, and the server lets nobody in',
        severity: 'error',
        facts: { ...unasked, dataDirectory: aDataDirectory() },
        steps: ["Drop it in a session of a superuser: SELECT pg_drop_replication_slot('old_child'); CHECKPOINT;", room],
      },
    ],
  },
  healthyStandby,
);
