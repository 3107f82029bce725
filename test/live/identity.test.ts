import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { freePort } from '../../src/throwaway/free-port.ts';
import { literal } from '../../src/remedies/quoting.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { afterwards } from '../lab/lifetime.ts';
import { anotherMachine, noOtherMachine } from '../lab/other-machine.ts';
import { aPair, aStandby, untilStreaming } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** What of a server must not change: its configuration, its slots and its roles. */
async function stateOf(server: ThrowawayServer, directory = server.dataDirectory): Promise<unknown> {
  const names = (await readdir(directory)).filter((name) => /\.(?:conf|signal|auto)/u.test(name)).toSorted();
  const files = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(directory, name));
      return `${name} ${createHash('sha256').update(content).digest('hex')}`;
    }),
  );
  return files;
}

const catalogueOf = async (server: ThrowawayServer): Promise<unknown> => [
  await server.query('SELECT slot_name FROM pg_replication_slots ORDER BY 1'),
  await server.query('SELECT rolname, rolcanlogin, rolreplication, rolconnlimit FROM pg_roles ORDER BY 1'),
];

/** A port of this machine that leads to another one, as `ssh -L` makes it. */
async function aTunnel(at: { readonly host: string; readonly port: number }, to: typeof at): Promise<void> {
  const tunnel = createServer((here) => {
    const there = connect(to.port, to.host);
    here.pipe(there).pipe(here);
    for (const end of [here, there]) end.on('error', () => undefined);
  });
  tunnel.listen(at.port, at.host);
  await once(tunnel, 'listening');
  afterwards(async () => void tunnel.close());
}

async function fixAll(standby: ThrowawayServer, ...more: readonly string[]) {
  const result = await runStandbylint(
    ['postmortem', '-D', standby.dataDirectory, '--fix', '--yes', '--disruptive', '--format', 'json', ...more],
    { on: standby, cwd: standby.folder, timeoutMs: 120_000, ...(process.getuid?.() === 0 ? { user: null } : {}) },
  );
  expectValidReport(result.json);
  return result.json;
}

onReleasesInTurn((release) => {
  test.skipIf(noOtherMachine !== undefined)(
    `${release.major}: a tunnel to another machine, whose primary has the paths and the port of the standby here: no file here is changed`,
    { timeout: 180_000 },
    async () => {
      const { primary, standby } = await aPair({ release });
      const { server } = primary;
      const machine = await anotherMachine();
      // the standby has its port on an address of its own; the tunnel has the same port on 127.0.0.1
      await standby.configure({ listen_addresses: '127.0.0.2', port: String(standby.port) });
      const port = standby.port;
      await server.configure({ listen_addresses: '*', port: String(port) });
      await server.writeHba(['host all all 0.0.0.0/0 trust']);
      await server.stop();
      // in a mount namespace of its own the primary's directory is at the path of the standby's
      const pidFile = join(server.dataDirectory, 'postmaster.pid');
      await machine.takeOver(server, {}, standby.dataDirectory);
      afterwards(async () => {
        const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
        process.kill(pid, 'SIGQUIT');
        await until('it is gone', async () => ((await readFile(pidFile).catch(() => null)) === null ? true : null));
      });
      await standby.psql(
        `ALTER SYSTEM SET primary_conninfo = ${literal(`host=127.0.0.1 port=${port} user=${primary.role} password='${primary.password}'`)}`,
      );
      await standby.restart();
      await aTunnel({ host: '127.0.0.1', port }, { host: machine.address, port });
      const before = [await stateOf(standby), await stateOf(server)];
      const report = await fixAll(standby, '--admin', `host=127.0.0.1 port=${port} user=postgres dbname=postgres`);
      expect([await stateOf(standby), await stateOf(server)]).toEqual(before);
      const roots = report.findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null);
      expect(roots.map(({ rule }) => rule)).toEqual(['hba/no-replication-entry']);
      expect(report.applied ?? []).toEqual([]);
      expect(report.fixes?.[0]?.because).toMatch(/not proven that the primary runs on this machine/u);
    },
  );

  test(`${release.major}: a standby of a standby, --admin is the root, its upstream is down: the root is left alone`, async () => {
    const { primary, standby } = await aPair({ release });
    const conninfo = primary.conninfo.replace(/port=\d+/u, `port=${standby.port}`);
    const leaf = await aStandby({ ...primary, server: standby, conninfo }, { slot: 'leaf1' });
    await standby.stop();
    const before = [await stateOf(primary.server), await catalogueOf(primary.server), await stateOf(standby)];
    const report = await fixAll(leaf, '--admin', primary.admin);
    expect([await stateOf(primary.server), await catalogueOf(primary.server), await stateOf(standby)]).toEqual(before);
    expect(report.findings.map(({ rule }) => rule)).not.toContain('slot/missing');
  }, 120_000);

  test(`${release.major}: another cluster has the same port on another address, and --admin leads to the right one`, async () => {
    const { primary, standby } = await aPair({ release, standby: { slot: 'standby1' } });
    const port = await freePort();
    const other = await aPrimary({ release });
    for (const [server, address] of [
      [primary.server, '127.0.0.1'],
      [other.server, '127.0.0.2'],
    ] as const) {
      await server.configure({ listen_addresses: address, port: String(port) });
      await server.restart();
    }
    await standby.psql(
      `ALTER SYSTEM SET primary_conninfo = ${literal(`host=127.0.0.2 port=${port} user=${primary.role} password='${primary.password}'`)}`,
    );
    await standby.restart();
    const admin = `host=${primary.server.folder} port=${port} user=postgres dbname=postgres`;
    const report = await runStandbylint(
      ['postmortem', '-D', standby.dataDirectory, '--format', 'json', '--admin', admin],
      { on: standby },
    );
    const roots = report.json.findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null);
    expect(roots.map(({ rule }) => rule)).toEqual(['timeline/system-identifier-differs']);
    expect(roots[0]?.message).toMatch(/points to 127\.0\.0\.2:/u);
    expect(JSON.stringify(roots[0]?.remedy?.steps)).toMatch(/host=127\.0\.0\.1/u);
    await fixAll(standby, '--admin', admin);
    await untilStreaming(standby);
  }, 120_000);
});
