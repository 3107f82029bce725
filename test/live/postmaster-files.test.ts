import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { parseBackupLabel } from '../../src/postgres/backup-label.ts';
import { parseLsn, parseWalFileName, timelineId, walFileName, walSegmentSize } from '../../src/postgres/lsn.ts';
import { parsePostmasterOpts, parsePostmasterPid } from '../../src/postgres/postmaster-files.ts';
import { parseTablespaceMap } from '../../src/postgres/tablespace-map.ts';
import { liesOnHistory, parseTimelineHistory } from '../../src/postgres/timeline-history.ts';
import { parseVersion } from '../../src/postgres/versions.ts';
import { aStandby } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { until } from '../lab/until.ts';
import { present } from '../present.ts';

onReleasesInTurn((release) => {
  test('the files of a running server', async () => {
    const { server } = await aPrimary({ release });
    const read = async (name: string): Promise<string> => readFile(join(server.dataDirectory, name), 'utf8');
    expect(parsePostmasterPid(await read('postmaster.pid'))).toMatchObject({
      ok: true,
      value: {
        pid: await server.processId(),
        standalone: false,
        dataDirectory: server.dataDirectory,
        port: server.port,
        socketDirectory: server.folder,
        listenAddress: '127.0.0.1',
        status: 'ready',
      },
    });
    const [row] = await server.query('SELECT extract(epoch FROM pg_postmaster_start_time())::bigint AS at, version()');
    const pid = parsePostmasterPid(await read('postmaster.pid'));
    if (!pid.ok) throw new Error('no process id');
    expect(Math.abs(present(pid.value.startedAt) - Number(row?.['at']))).toBeLessThanOrEqual(2);
    expect(pid.value.sharedMemory).not.toBeNull();
    expect(parseVersion(present(row?.['version']))?.major).toBe(release.major);
    expect(parseVersion(await read('PG_VERSION'))?.major).toBe(release.major);

    await server.stop();
    const options = `-c application_name='it is' --wal-keep-size=1MB -F -p ${server.port}`;
    await server.program('pg_ctl', [
      'start',
      '-w',
      '-s',
      '-l',
      server.logFile,
      '-D',
      server.dataDirectory,
      '-o',
      options,
    ]);
    const opts = parsePostmasterOpts(await read('postmaster.opts'));
    if (!opts.ok) throw new Error('no command line');
    expect(opts.value).toMatchObject({ program: server.programPath('postgres'), dataDirectory: server.dataDirectory });
    for (const { name, value } of opts.value.settings) {
      const [shown] = await server.query('SELECT setting, source FROM pg_settings WHERE name = $1', [name]);
      if (name === 'application_name') continue; // each session has its own
      expect([name, shown?.['source']]).toEqual([name, 'command line']);
      expect(value).toBe({ wal_keep_size: '1MB', fsync: 'false', port: shown?.['setting'] }[name]);
    }
    expect(opts.value.settings.map(({ name }) => name)).toEqual(['application_name', 'wal_keep_size', 'fsync', 'port']);
  });

  test('names of WAL files', async () => {
    const { server } = await aPrimary({ release });
    const segmentSize = present(walSegmentSize(16 * 1024 * 1024));
    const positions = ['0/1000001', '0/FFFFFFFF', '1/1', 'ABCDEF/12345678', '7FFFFFFF/FFFFFFFE'];
    const rows = await server.query(
      'SELECT lsn, pg_walfile_name(lsn::pg_lsn) AS name, ' +
        "pg_walfile_name('1/0') AS boundary FROM unnest(string_to_array($1, ',')) AS lsn",
      [positions.join(',')],
    );
    expect(rows).toHaveLength(positions.length);
    for (const row of rows) {
      const position = present(parseLsn(present(row['lsn'])));
      expect(walFileName(present(timelineId(1)), position, segmentSize)).toBe(row['name']);
      expect(row['boundary']).toBe(release.major >= 17 ? '000000010000000100000000' : '0000000100000000000000FF');
    }
  });

  test('backup_label, the history of a promoted standby, and what lies in pg_wal', async () => {
    const primary = await aPrimary({ release });
    const copy = await aStandby(primary, { started: false });
    const read = async (name: string): Promise<string> => readFile(join(copy.dataDirectory, name), 'utf8');
    const label = parseBackupLabel(await read('backup_label'));
    expect(label).toMatchObject({
      ok: true,
      value: {
        timeline: 1,
        method: 'streamed',
        from: 'primary',
        label: 'pg_basebackup base backup',
        incrementalFrom: null,
      },
    });
    await copy.start();
    await copy.program('pg_ctl', ['promote', '-w', '-D', copy.dataDirectory]);
    await until('the new timeline', async () => {
      const [row] = await copy.query(
        'SELECT timeline_id FROM pg_control_checkpoint(), pg_is_in_recovery() AS r WHERE NOT r',
      );
      return row === undefined ? null : true;
    });
    const history = parseTimelineHistory(await read('pg_wal/00000002.history'), present(timelineId(2)));
    if (!history.ok || !label.ok) throw new Error('no history');
    expect(history.value.map(({ timeline }) => timeline)).toEqual([1, 2]);
    expect(liesOnHistory(history.value, label.value.timeline, label.value.start)).toBe(true);
    const segmentSize = present(walSegmentSize(16 * 1024 * 1024));
    const names = (await readdir(join(copy.dataDirectory, 'pg_wal'))).filter((name) => /^[0-9A-F]{8}/u.test(name));
    for (const name of names) expect([name, parseWalFileName(name, segmentSize) === undefined]).toEqual([name, false]);
  });

  test('tablespace_map', async () => {
    const { server } = await aPrimary({ release });
    const location = join(server.folder, 'a\\ tablespace');
    await server.run('mkdir', ['-m', '700', location]);
    await server.query(`CREATE TABLESPACE far LOCATION '${location}'`);
    const [row] = await server.query("SELECT oid FROM pg_tablespace WHERE spcname = 'far'");
    const statements =
      release.major >= 15
        ? ["SELECT 1 FROM pg_backup_start('l', true)", 'SELECT spcmapfile FROM pg_backup_stop(false)']
        : ["SELECT 1 FROM pg_start_backup('l', true, false)", 'SELECT spcmapfile FROM pg_stop_backup(false, false)'];
    const out = await server.program('psql', [
      '-XqAt',
      '-h',
      server.folder,
      '-p',
      String(server.port),
      '-U',
      'postgres',
      '-d',
      'postgres',
      ...statements.flatMap((sql) => ['-c', sql]),
    ]);
    const map = out.slice(out.indexOf('\n') + 1);
    expect(parseTablespaceMap(map.endsWith('\n') ? map : `${map}\n`, release.major)).toEqual({
      ok: true,
      value: [{ oid: Number(row?.['oid']), location }],
    });
  });
});
