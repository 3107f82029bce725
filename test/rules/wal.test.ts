import type { Archive, Timelines } from '../../src/facts/standby-wal.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { invalidRecordLoop } from '../../src/rules/wal/invalid-record-loop.ts';
import { diskFull } from '../../src/rules/wal/disk-full.ts';
import { gap } from '../../src/rules/wal/gap.ts';
import { segmentRemoved } from '../../src/rules/wal/segment-removed.ts';
import { testRule } from './rule-tester.ts';
import {
  aPrimaryWal,
  anArchive,
  aBackupLabel,
  aCheckpoint,
  aConfiguration,
  aControlFile,
  aLocalWal,
  aRunningStandby,
  aStoppedDirectory,
  configFile,
  healthyStandby,
  standardSettings,
  aFreshCopy,
} from './standby-world.ts';
import { aSlot, aFileSystem, lsn, timeline } from './world.ts';
import { bothAt } from './timelines-world.ts';

const silent = aRunningStandby({ receiver: undefined, replay: { ...aRunningStandby().replay, moves: false } });
/** It ends within segment 3, and its primary is in segment 9. */
const timelines = bothAt('0/3000060', '0/9000060');
const behind = { timelines, runningStandby: silent };
const archiveOf = (first: string, end: string, change: Partial<Archive> = {}): Archive =>
  anArchive({ segments: [{ timeline, first: lsn(first), end: lsn(end), gaps: [] }], ...change });
const theSlot = {
  slots: [aSlot({ walStatus: 'extended', retainedBytes: 100_663_392n })],
  standbyConfiguration: aConfiguration([...standardSettings, ['primary_slot_name', 'standby1', configFile, 70]]),
};

testRule(
  segmentRemoved,
  {
    passes: [
      {
        name: 'the oldest segment is the very one',
        facts: { ...behind, primaryWal: aPrimaryWal('0/3000000') },
        because: /the oldest segment of the primary is 0+10+3/,
      },
      {
        name: 'wal_keep_size promises it',
        facts: { ...behind, primaryWal: aPrimaryWal(undefined, { keepBytes: 104_857_600n }) },
        because: /wal_keep_size/,
      },
      {
        name: 'the slot holds it',
        facts: { ...behind, ...theSlot, primaryWal: aPrimaryWal(undefined) },
        because: /slot standby1/,
      },
      {
        name: 'nobody can look into the archive, and replay moves',
        facts: {
          timelines,
          runningStandby: aRunningStandby({ receiver: undefined }),
          primaryWal: aPrimaryWal('0/7000000'),
          archive: archiveOf('0/4000000', '0/8000000', { directory: undefined, listed: false, command: 'fetch %f %p' }),
        },
        because: /restore_command fetches what is missing/,
      },
      {
        name: 'the archive has what is gone',
        facts: { ...behind, primaryWal: aPrimaryWal('0/7000000'), archive: archiveOf('0/1000000', '0/8000000') },
        because:
          /removed 000000010000000000000003, but \/archive has it.*later segments \(4 segments, up to 000000010000000000000006/,
      },
      {
        name: 'it streams, whatever was listed a moment ago',
        facts: { timelines, primaryWal: aPrimaryWal('0/7000000') },
        because: /streams/,
      },
    ],
    fails: [
      {
        name: 'gone, and no archive',
        facts: { ...behind, primaryWal: aPrimaryWal('0/4000000') },
        severity: 'error',
        risk: 'destructive',
        message:
          /needs 000000010000000000000003, but the oldest segment on the primary begins at 0\/4000000\. restore_command/,
      },
      {
        name: 'the archive has a hole',
        facts: {
          ...behind,
          primaryWal: aPrimaryWal('0/7000000'),
          archive: archiveOf('0/1000000', '0/5000000', {
            segments: [
              {
                timeline,
                first: lsn('0/1000000'),
                end: lsn('0/5000000'),
                last: lsn('0/8000000'),
                gaps: [{ from: lsn('0/5000000'), to: lsn('0/6000000') }],
              },
            ],
          }),
        },
        message: /\/archive does not have all missing/,
      },
      {
        name: 'the archive begins too late',
        facts: { ...behind, primaryWal: aPrimaryWal('0/7000000'), archive: archiveOf('0/4000000', '0/8000000') },
        risk: 'destructive',
      },
      {
        name: 'nobody can look into the archive',
        facts: {
          ...behind,
          primaryWal: aPrimaryWal('0/7000000'),
          archive: archiveOf('0/4000000', '0/8000000', { directory: undefined, listed: false, command: 'fetch %f %p' }),
        },
        severity: 'warning',
        message: /restore_command may fetch it/,
      },
      {
        name: "the primary's archive lies here",
        facts: { ...behind, primaryWal: aPrimaryWal('0/7000000'), primaryArchive: archiveOf('0/1000000', '0/8000000') },
        severity: 'error',
        risk: 'safe',
        message: /000000010000000000000006 \(4 segments\): with a restore_command, the standby recovers without/,
        steps: ['ALTER SYSTEM SET restore_command = \'cp /archive/%f "%p"\';', 'SELECT pg_reload_conf();'],
      },
      {
        name: 'what is missing lies before the end of what is here',
        facts: {
          ...behind,
          primaryWal: aPrimaryWal('0/3000000'),
          localWal: aLocalWal({ timelines: [{ timeline, first: lsn('0/3000000'), end: lsn('0/4000000'), gaps: [] }] }),
        },
        message: /needs 000000010000000000000002/,
      },
    ],
    notApplicable: [{ name: 'the histories have parted', facts: { timelines: { ...timelines, sameSystem: false } } }],
    unexamined: [
      {
        name: 'nothing shows it',
        facts: { ...behind, primaryWal: aPrimaryWal(undefined, { remedy: 'add --admin CONNINFO' }) },
        because: /pg_ls_waldir/,
      },
      { name: 'nothing of the primary was seen', facts: { ...behind, primaryWal: unseen('connection', 'refused') } },
    ],
  },
  healthyStandby,
);

const hole = aLocalWal({
  timelines: [
    {
      timeline,
      first: lsn('0/2000000'),
      end: lsn('0/3000000'),
      last: lsn('0/6000000'),
      gaps: [{ from: lsn('0/3000000'), to: lsn('0/4000000') }],
    },
  ],
});
const further: Timelines = { ...timelines, local: { ...timelines.local, position: lsn('0/5000060') } };

const putBack = {
  timelines: further,
  runningStandby: silent,
  dataDirectory: aStoppedDirectory({ backupLabel: aBackupLabel(), backupLabelOld: undefined }),
  controlFile: aControlFile({ state: 'shut down in recovery', checkpoint: aCheckpoint({ redo: lsn('0/5000028') }) }),
  localWal: aLocalWal({
    timelines: [{ timeline, first: lsn('0/5000000'), end: lsn('0/6000000'), last: lsn('0/6000000'), gaps: [] }],
  }),
};

testRule(
  gap,
  {
    passes: [
      {
        name: 'the primary fills it',
        facts: { timelines: further, runningStandby: silent, localWal: hole, primaryWal: aPrimaryWal('0/3000000') },
        because: /000000010000000000000003 is missing in pg_wal, but the primary has it:/,
      },
      {
        name: 'the archive fills it',
        facts: {
          timelines: further,
          runningStandby: silent,
          localWal: hole,
          primaryWal: aPrimaryWal('0/7000000'),
          archive: archiveOf('0/1000000', '0/8000000'),
        },
      },
      {
        name: 'the archive of the primary would fill it, and no restore_command reads that',
        facts: {
          timelines: further,
          runningStandby: silent,
          localWal: hole,
          primaryWal: aPrimaryWal('0/7000000'),
          primaryArchive: archiveOf('0/1000000', '0/8000000'),
        },
        because: /\/archive has it: see wal\/segment-removed/,
      },
      { name: 'it lies behind the end', facts: { localWal: hole } },
      {
        name: 'backup_label was put back, and the primary has its WAL',
        facts: { ...putBack, primaryWal: aPrimaryWal('0/2000000') },
      },
    ],
    fails: [
      {
        name: 'nobody fills it',
        facts: { timelines: further, runningStandby: silent, localWal: hole, primaryWal: aPrimaryWal('0/7000000') },
        severity: 'error',
        risk: 'destructive',
        message: /begin at 0\/2000028, but 000000010000000000000003 is not in/,
      },
      {
        name: 'it lies beside pg_wal: it is moved, and nothing is copied',
        facts: {
          ...{ timelines: further, runningStandby: silent, primaryWal: aPrimaryWal('0/4000000') },
          localWal: { ...hole, beside: { segments: ['000000010000000000000003'], isPacked: false } },
        },
        severity: 'error',
        risk: 'safe',
        message: /It is in \/var\/lib\/postgresql\/15\/standby itself/u,
        steps: ['mv -n /var/lib/postgresql/15/standby/000000010000000000000003 /var/lib/postgresql/15/standby/pg_wal/'],
      },
      {
        name: 'it is packed still beside a backup_label',
        facts: {
          ...{ timelines: further, runningStandby: silent, primaryWal: aPrimaryWal('0/7000000') },
          localWal: { ...hole, beside: { segments: [], isPacked: true } },
          dataDirectory: aFreshCopy(),
        },
        risk: 'safe',
        message: /pg_wal\.tar, which pg_basebackup made/u,
      },
      {
        name: 'it lies beside pg_wal, and what comes behind it is nowhere',
        facts: {
          ...{ timelines: further, runningStandby: silent, primaryWal: aPrimaryWal('0/7000000') },
          localWal: { ...hole, beside: { segments: ['000000010000000000000003'], isPacked: false } },
        },
        risk: 'destructive',
      },
      {
        name: 'another segment lies beside pg_wal',
        facts: {
          ...{ timelines: further, runningStandby: silent, primaryWal: aPrimaryWal('0/7000000') },
          localWal: { ...hole, beside: { segments: ['000000010000000000000009'], isPacked: true } },
        },
        risk: 'destructive',
      },
      {
        name: 'backup_label was put back into a standby that is past its backup',
        facts: { ...putBack, primaryWal: aPrimaryWal('0/4000000') },
        risk: 'safe',
        message:
          /makes recovery begin at 0\/2000028, but neither the primary nor an archive has 000000010000000000000002 any more/,
        steps: [
          'mv /var/lib/postgresql/15/standby/backup_label /var/lib/postgresql/15/standby/backup_label.before-2026-11-21T200000',
          '/usr/lib/postgresql/15/bin/pg_ctl restart -D /var/lib/postgresql/15/standby -w -m fast -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: 'there is nothing at all',
        facts: {
          ...behind,
          dataDirectory: aStoppedDirectory(),
          localWal: aLocalWal({ timelines: [] }),
          primaryWal: aPrimaryWal('0/7000000'),
        },
        message: /000000010000000000000002 is not in/,
      },
    ],
    notApplicable: [
      { name: 'no directory', facts: { localWal: aLocalWal({ state: 'missing', timelines: [] }) } },
      { name: 'another cluster', facts: { timelines: { ...timelines, sameSystem: false } } },
    ],
    unexamined: [
      {
        name: 'what the primary has was not seen',
        facts: {
          timelines: further,
          runningStandby: silent,
          localWal: hole,
          primaryWal: unseen('connection', 'refused'),
        },
      },
    ],
  },
  healthyStandby,
);

testRule(
  diskFull,
  {
    passes: [
      {
        name: 'room for one more',
        facts: { localWal: aLocalWal({ fileSystem: { ...aFileSystem, freeBytes: 16_777_216 } }) },
        because: /has 16 MB free/,
      },
      {
        name: 'a file system without inodes to count',
        facts: { localWal: aLocalWal({ fileSystem: { ...aFileSystem, totalInodes: 0, freeInodes: 0 } }) },
      },
    ],
    fails: [
      {
        name: 'not a segment more',
        facts: { localWal: aLocalWal({ fileSystem: { ...aFileSystem, freeBytes: 16_777_215 } }) },
        severity: 'error',
        message: /16 MB free: the next segment of 16 MB/,
      },
      {
        name: 'no inode',
        facts: { localWal: aLocalWal({ fileSystem: { ...aFileSystem, freeInodes: 0 } }) },
        message: /has no inode free:/,
      },
    ],
    notApplicable: [{ name: 'no directory', facts: { localWal: aLocalWal({ state: 'dangling-link' }) } }],
    unexamined: [
      { name: 'no file system is told', facts: { localWal: aLocalWal({ fileSystem: undefined }) } },
      { name: 'not readable', facts: { localWal: unseen('permission', 'pg_wal: permission denied') } },
    ],
  },
  healthyStandby,
);

const messages = await messageCatalogue();

function aLog(...lines: readonly string[]): ServerLog {
  const summary = logSummary();
  const text = lines
    .map((line, index) => `2026-11-21 20:00:${String(index).padStart(2, '0')}.000 UTC [7] ${line}\n`)
    .join('');
  for (const record of readLogText(text)) summary.add(record, recognise(messages, record));
  return { files: [{ path: '/log', readBytes: text.length, whole: true }], summary: summary.result(), problems: [] };
}

const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const ready = 'LOG:  database system is ready to accept read-only connections';
const streaming = 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1';
const ended = 'LOG:  invalid record length at 0/3000060: wanted 24, got 0';
const checksum = 'LOG:  incorrect resource manager data checksum in record at 0/3000060';
const prevLink = 'LOG:  record with incorrect prev-link 0/2FFFFE0 at 0/3000060';
const asked = 'FATAL:  terminating walreceiver process due to administrator command';

testRule(
  invalidRecordLoop,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'once, as ever', facts: { serverLog: aLog(starting, ended, ready, streaming) }, because: /once/ },
      { name: 'never', facts: { serverLog: aLog(starting, ready, streaming) } },
      {
        name: 'often, and then it streamed',
        facts: { serverLog: aLog(starting, ended, ready, ended, ended, streaming), runningStandby: silent },
      },
      {
        name: 'its stream was cut three times, each time further along',
        facts: {
          serverLog: aLog(starting, ...['60', '90', 'F0'].flatMap((at) => [ended.replace('60', at), streaming, asked])),
          runningStandby: silent,
        },
      },
      {
        name: 'before the last start',
        facts: { serverLog: aLog(starting, ended, ended, ended, starting, ready), runningStandby: silent },
      },
    ],
    fails: [
      {
        name: 'again and again',
        facts: {
          serverLog: aLog(starting, ended, ready, streaming, prevLink, asked, streaming, prevLink, asked),
          runningStandby: silent,
        },
        severity: 'warning',
        message: /3 times since the last start/,
      },
      {
        name: 'a record before what the primary has written',
        facts: { ...behind, serverLog: aLog(starting, ready, checksum, checksum, checksum) },
        severity: 'error',
        message: /stops at 0\/3000060 again and again .*damaged on this standby, or on the primary/,
        risk: 'disruptive',
      },
      {
        name: 'the same record again after a restart',
        facts: {
          ...behind,
          serverLog: aLog(starting, ready, checksum, checksum, checksum, starting, ready, checksum, checksum, checksum),
        },
        severity: 'error',
        message: /What the primary has of it is damaged/,
        risk: 'destructive',
      },
      {
        name: 'another record after a restart',
        facts: {
          ...behind,
          serverLog: aLog(
            ...[starting, ready, ...Array<string>(3).fill(checksum.replace('3000060', '3000000'))],
            ...[starting, ready, checksum, checksum, checksum],
          ),
        },
        severity: 'error',
        message: /damaged on this standby, or on the primary/,
      },
      {
        name: 'at the end of what the primary has',
        facts: {
          timelines: bothAt('0/3000060', '0/3000060'),
          runningStandby: silent,
          serverLog: aLog(starting, ready, checksum, checksum, checksum),
        },
        severity: 'warning',
      },
    ],
    unexamined: [{ name: 'no log', facts: { serverLog: unseen('permission', 'no log may be read') } }],
  },
  healthyStandby,
);
