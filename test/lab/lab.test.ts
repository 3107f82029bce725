import { access } from 'node:fs/promises';
import { expect, test } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { aPair, rowArrives } from './pair.ts';
import { aPlaceForAStandby, aPrimary } from './primary.ts';
import { processesIn } from './processes.ts';
import { onEachRelease } from './releases.ts';
import { runRemedy, runStep } from './remedy.ts';

const gone = async (path: string): Promise<boolean> =>
  access(path).then(
    () => false,
    () => true,
  );

onEachRelease((release) => {
  const servers: ThrowawayServer[] = [];

  test('a pair streams: a row written on the primary arrives on the standby', async () => {
    const { primary, standby } = await aPair({ release, standby: { slot: 'first', applicationName: 'one' } });
    servers.push(primary.server, standby);
    await rowArrives(primary.server, standby);
    const [row] = await primary.server.query('SELECT state, usename, application_name FROM pg_stat_replication');
    expect(row).toEqual({ state: 'streaming', usename: primary.role, application_name: 'one' });
    expect(await processesIn(primary.server.folder)).not.toEqual([]);
    expect(await standby.psql('SHOW server_version')).toMatch(new RegExp(`^${release.version}\\b`));
  });

  test('and nothing of it is left when its test has ended', async () => {
    expect(servers).toHaveLength(2);
    for (const { folder } of servers) {
      expect(await processesIn(folder)).toEqual([]);
      expect(await gone(folder)).toBe(true);
    }
  });

  test('each primary has a system identifier of its own', async () => {
    const one = await aPrimary({ release });
    const other = await aPrimary({ release });
    const identity = 'SELECT system_identifier FROM pg_control_system()';
    expect(await one.server.query(identity)).not.toEqual(await other.server.query(identity));
  });

  test('settings, pg_hba.conf and the role are as they were asked for', async () => {
    const { server } = await aPrimary({
      release,
      settings: { max_wal_senders: '3', cluster_name: String.raw`it's a \ test` },
      hba: ['host replication all samenet reject'],
      role: { name: 'Odd "name"', attributes: 'NOLOGIN', password: null },
    });
    expect(await server.psql('SHOW max_wal_senders; SHOW cluster_name')).toBe('3\n' + String.raw`it's a \ test`);
    expect(await server.psql("SELECT auth_method FROM pg_hba_file_rules WHERE type = 'host'")).toBe('reject');
    const [role] = await server.query('SELECT rolcanlogin, rolreplication FROM pg_roles WHERE rolname = $1', [
      'Odd "name"',
    ]);
    expect(role).toEqual({ rolcanlogin: 'f', rolreplication: 'f' });
  });

  test('a copy can run beside an original that has its port from the environment', async () => {
    const primary = await aPrimary({ release, portFrom: 'environment' });
    const standby = await aPlaceForAStandby({ release, portFrom: 'environment' });
    await standby.program('pg_basebackup', [
      '-d',
      `${primary.conninfo} password='${primary.password}'`,
      '-D',
      standby.dataDirectory,
      '-R',
      '-c',
      'fast',
    ]);
    await standby.start();
    await rowArrives(primary.server, standby);
  });

  test('the steps of a remedy are typed as printed, and the server stays up', async () => {
    const primary = await aPrimary({ release, role: null });
    const machines = { primary: primary.server, password: "it's secret" };
    const bin = release.bin;
    await runRemedy(
      {
        rule: 'some/rule',
        remedy: {
          summary: '',
          risk: 'disruptive',
          steps: [
            { on: 'primary', kind: 'sql', does: 'run', text: "CREATE ROLE late; ALTER SYSTEM SET work_mem = '5MB';" },
            {
              on: 'primary',
              kind: 'shell',
              does: 'run',
              text: `${bin}/pg_ctl restart -D '${primary.server.dataDirectory}' -w -m fast -l '${primary.server.dataDirectory}'/server.log`,
            },
            { on: 'client', kind: 'shell', does: 'run', text: 'test "$(id -u)" -ne 0 && pg_basebackup --version' },
          ],
        },
      },
      machines,
    );
    expect(await primary.server.psql('SHOW work_mem')).toBe('5MB');
    expect(await runStep({ on: 'primary', kind: 'sql', does: 'run', text: 'SELECT nothing' }, machines)).toMatchObject({
      exitCode: 3,
      output: expect.stringContaining('column "nothing" does not exist'),
    });
    expect(
      await runStep({ on: 'standby', kind: 'shell', does: 'run', text: 'echo "<password>"; exit 4' }, machines),
    ).toEqual({
      exitCode: 4,
      output: "it's secret\n",
    });
    await expect(
      runStep({ on: 'primary', kind: 'manual', does: 'by-hand', text: 'Restart it.' }, machines),
    ).rejects.toThrow('Restart it.');
  });

  test('a server that cannot start says why', async () => {
    const { server } = await aPrimary({ release, started: false });
    await server.configure({ shared_buffers: 'plenty' });
    await expect(server.start()).rejects.toThrow('invalid value for parameter "shared_buffers"');
  });
});
