import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { readControlFile } from '../../src/postgres/control-file.ts';
import type { ControlFile } from '../../src/postgres/control-file.ts';
import { formatLsn } from '../../src/postgres/lsn.ts';
import { aPair, aStandby } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { until } from '../lab/until.ts';

onReleasesInTurn((release) => {
  test('a control file says what pg_controldata says: running, streaming, crashed, shut down', async () => {
    const { primary, standby } = await aPair({ release, settings: { max_prepared_transactions: '7' } });
    await primary.server.query('CHECKPOINT');
    expect(await sameAsControldata(primary.server)).toMatchObject({
      state: 'in production',
      major: release.major,
      maxPreparedTransactions: 7,
    });
    expect(await sameAsControldata(standby)).toMatchObject({ state: 'in archive recovery' });
    await standby.stop('fast');
    const stopped = await sameAsControldata(standby);
    expect(stopped.state).toBe('shut down in recovery');
    expect(stopped.minimumRecoveryPoint?.timeline).toBe(1);
    await primary.server.stop('immediate');
    expect(await sameAsControldata(primary.server)).toMatchObject({ state: 'in production' });
    await primary.server.start();
    await primary.server.stop('fast');
    expect(await sameAsControldata(primary.server)).toMatchObject({ state: 'shut down', minimumRecoveryPoint: null });
  });

  test('a copy that was never started, and one that is no standby any more', async () => {
    const primary = await aPrimary({ release });
    const copy = await aStandby(primary, { started: false });
    await sameAsControldata(copy);
    await copy.start();
    await copy.program('pg_ctl', ['promote', '-D', copy.dataDirectory]);
    await until('the end of recovery', async () => {
      const [row] = await copy.query('SELECT pg_is_in_recovery() AS recovering');
      return row?.['recovering'] === 'f' ? true : null;
    });
    await copy.query('CHECKPOINT');
    expect((await sameAsControldata(copy)).checkpoint.timeline).toBe(2);
  });

  test('WAL of another segment size, with checksums', async () => {
    const { ThrowawayServer } = await import('../../src/throwaway/throwaway-server.ts');
    const server = await ThrowawayServer.create({ release, initdbOptions: ['--wal-segsize=1', '--data-checksums'] });
    try {
      expect(await sameAsControldata(server)).toMatchObject({ walSegmentSize: 1024 * 1024, dataChecksumVersion: 1 });
    } finally {
      await server.dispose();
    }
  });
});

/** Reads it both ways, between two looks that saw the same bytes: a running server writes it now and then. */
async function sameAsControldata(server: ThrowawayServer): Promise<ControlFile> {
  const path = join(server.dataDirectory, 'global', 'pg_control');
  const { bytes, said } = await until('a control file at rest', async () => {
    const before = await readFile(path);
    const text = await server.program('pg_controldata', ['-D', server.dataDirectory]);
    return before.equals(await readFile(path)) ? { bytes: before, said: text } : null;
  });
  const result = readControlFile(bytes);
  if (!result.ok) throw new Error(`no control file: ${result.fault.kind}`);
  const expected = new Map(
    said.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  for (const [label, value] of Object.entries(inWordsOfControldata(result.value))) {
    expect([label, value]).toEqual([label, expected.get(label)]);
  }
  return result.value;
}

const flag = (value: boolean): string => (value ? 'on' : 'off');

function inWordsOfControldata(control: ControlFile): Readonly<Record<string, string>> {
  const { checkpoint } = control;
  const none = '0/0';
  return {
    'pg_control version number': String(control.controlVersion),
    'Catalog version number': String(control.catalogVersion),
    'Database system identifier': String(control.systemIdentifier),
    'Database cluster state': control.state,
    'pg_control last modified': inWordsOfC(control.lastModifiedAt),
    'Latest checkpoint location': formatLsn(checkpoint.location),
    "Latest checkpoint's REDO location": formatLsn(checkpoint.redo),
    "Latest checkpoint's REDO WAL file": checkpoint.redoWalFile,
    "Latest checkpoint's TimeLineID": String(checkpoint.timeline),
    "Latest checkpoint's PrevTimeLineID": String(checkpoint.previousTimeline),
    "Latest checkpoint's full_page_writes": flag(checkpoint.fullPageWrites),
    "Latest checkpoint's NextXID": `${checkpoint.nextXid >> 32n}:${checkpoint.nextXid & 0xffffffffn}`,
    "Latest checkpoint's NextOID": String(checkpoint.nextOid),
    "Latest checkpoint's NextMultiXactId": String(checkpoint.nextMultiXact),
    "Latest checkpoint's NextMultiOffset": String(checkpoint.nextMultiXactOffset),
    "Latest checkpoint's oldestXID": String(checkpoint.oldestXid),
    "Latest checkpoint's oldestActiveXID": String(checkpoint.oldestActiveXid),
    "Latest checkpoint's oldestMultiXid": String(checkpoint.oldestMultiXact),
    'Time of latest checkpoint': inWordsOfC(checkpoint.at),
    'Minimum recovery ending location':
      control.minimumRecoveryPoint === null ? none : formatLsn(control.minimumRecoveryPoint.lsn),
    "Min recovery ending loc's timeline": String(control.minimumRecoveryPoint?.timeline ?? 0),
    'Backup start location': control.backupStart === null ? none : formatLsn(control.backupStart),
    'Backup end location': control.backupEnd === null ? none : formatLsn(control.backupEnd),
    'End-of-backup record required': control.endOfBackupRequired ? 'yes' : 'no',
    'wal_level setting': control.walLevel,
    'wal_log_hints setting': flag(control.walLogHints),
    'max_connections setting': String(control.maxConnections),
    'max_worker_processes setting': String(control.maxWorkerProcesses),
    'max_wal_senders setting': String(control.maxWalSenders),
    'max_prepared_xacts setting': String(control.maxPreparedTransactions),
    'max_locks_per_xact setting': String(control.maxLocksPerTransaction),
    'track_commit_timestamp setting': flag(control.trackCommitTimestamp),
    'Maximum data alignment': String(control.maxAlign),
    'Database block size': String(control.blockSize),
    'Blocks per segment of large relation': String(control.blocksPerSegment),
    'WAL block size': String(control.walBlockSize),
    'Bytes per WAL segment': String(control.walSegmentSize),
    'Maximum length of identifiers': String(control.nameLength),
    'Maximum columns in an index': String(control.maxIndexKeys),
    'Maximum size of a TOAST chunk': String(control.toastMaxChunkSize),
    'Size of a large-object chunk': String(control.largeObjectChunkSize),
    'Float8 argument passing': control.float8PassedByValue ? 'by value' : 'by reference',
    'Data page checksum version': String(control.dataChecksumVersion),
    ...(control.defaultCharIsSigned === null
      ? {}
      : { 'Default char data signedness': control.defaultCharIsSigned ? 'signed' : 'unsigned' }),
  };
}

/** strftime's `%c` in the C locale, in UTC: `Sat Nov 21 21:07:38 2026`. */
function inWordsOfC(seconds: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(seconds * 1000).toUTCString().split(' ');
  return `${weekday.replace(',', '')} ${month} ${day.replace(/^0/u, ' ')} ${time} ${year}`;
}
