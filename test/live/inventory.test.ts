import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { aPair } from '../lab/pair.ts';
import { aPatroniCluster, noPatroni } from '../lab/patroni.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import type { RunOptions } from '../lab/standbylint.ts';
import { hasTool } from '../lab/tool.ts';

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-inventory-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o777);
  return folder;
}

interface Target {
  readonly target: string;
  readonly command: string;
  readonly outcome: string;
  readonly because: string | null;
  readonly report: { readonly verdict: string; readonly subject: { readonly primary: string | null } } | null;
}

/** What `fleet` says of each server of the inventory. */
async function examined(words: readonly string[], options: RunOptions): Promise<ReadonlyMap<string, Target>> {
  const { stdout, stderr } = await runStandbylint(['fleet', '--format', 'json', ...words], options);
  expect(stderr).toBe('');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program prints
  const { targets } = JSON.parse(stdout) as { readonly targets: readonly Target[] };
  return new Map(targets.map((one) => [one.target, one]));
}

test.skipIf(!hasTool('ansible-inventory'))(
  "Ansible's inventory, with values that would be commands, options or files elsewhere",
  { timeout: 120_000 },
  async () => {
    const folder = await aFolder();
    const touched = join(folder, 'touched');
    const hostile = {
      option: { ansible_host: `-oProxyCommand=touch ${touched}` },
      shell: { ansible_host: `x;touch ${touched}` },
      substitution: { ansible_host: `$(touch ${touched})` },
      colon: { ansible_host: 'x:/etc' },
      file: { standbylint: { pgdata: '/nonexistent', format: `json=${touched}` } },
      code: { standbylint: { pgdata: '/nonexistent', rules: touched } },
      fix: { standbylint: { pgdata: '/nonexistent', fix: true } },
      secret: { standbylint: { pgdata: '/nonexistent', admin: 'host=x password=kAnArIe' } },
      word: { standbylint: { pgdata: `--fix --fix-journal=${touched}` } },
    };
    const hosts = { good: { ansible_host: '127.0.0.1', standbylint: { pgdata: '/nonexistent' } }, ...hostile };
    const inventory = { all: { children: { standbys: { hosts }, web: { hosts: { www: {} } } } } };
    await writeFile(join(folder, 'hosts.yml'), JSON.stringify(inventory));
    const found = await examined(['--inventory', `ansible:${join(folder, 'hosts.yml')}#standbys`], { cwd: folder });
    expect([...found.keys()].toSorted()).toEqual(Object.keys(hosts).toSorted());
    expect(found.get('good')?.report?.verdict).toBe('broken');
    expect(found.get('word')?.report?.verdict).toBe('broken');
    for (const name of Object.keys(hostile).filter((one) => one !== 'word')) {
      expect([name, found.get(name)?.outcome]).toEqual([name, 'failed']);
      expect(found.get(name)?.because).not.toContain('kAnArIe');
    }
    expect(await readdir(folder)).toEqual(['hosts.yml']);
    const { stderr } = await runStandbylint(['fleet', '--inventory', `ansible:${join(folder, 'hosts.yml')}#db`]);
    expect(stderr).toContain('has no group "db"');
  },
);

onEachRelease(
  (release) => {
    test("a query, repmgr's nodes and a file of YAML lead to the same standby", { timeout: 180_000 }, async () => {
      const pair = await aPair({ release, settings: { wal_keep_size: '64MB' } });
      const { primary, standby } = pair;
      const folder = await aFolder();
      const env = { PGHOST: primary.server.folder, PGPORT: String(primary.server.port), PGUSER: 'postgres' };
      const admin = `host={socket} port={port} user=postgres`;
      const each = ['--each', 'pgdata={directory}', '--each', `admin=${admin}`];

      const row = (name: string, directory: string): string =>
        `SELECT '${name}' AS name, '${directory}' AS directory, '${primary.server.folder}' AS socket, ${primary.server.port} AS port`;
      const queries = [
        row('a standby', standby.dataDirectory),
        row('relative', 'data'),
        row('; $(touch x) %n \u001b[31m', '/nonexistent'),
      ];
      await writeFile(join(folder, 'q.sql'), queries.join('\nUNION ALL\n'));
      const bySql = await examined(['--inventory', `sql:${join(folder, 'q.sql')}`, ...each], {
        ...{ on: standby, cwd: folder },
        env: { ...env, PGDATABASE: 'postgres' },
      });
      expect([...bySql.values()].map(({ outcome, report }) => [outcome, report?.verdict])).toEqual([
        ['examined', 'healthy'],
        ['examined', 'broken'],
        ['examined', 'broken'],
      ]);
      await primary.server.psql(`CREATE TABLE servers AS ${row('a standby', standby.dataDirectory)}`);
      await writeFile(join(folder, 't.sql'), 'SELECT * FROM servers;');
      const byTable = await examined(['--inventory', `sql:${join(folder, 't.sql')}`, ...each], {
        ...{ on: standby, env: { ...env, PGDATABASE: 'postgres' } },
      });
      expect(byTable.get('a standby')?.report?.verdict).toBe('healthy');
      await writeFile(join(folder, 'w.sql'), 'CREATE TABLE t (a int)');
      const writes = await runStandbylint(['fleet', '--inventory', `sql:${join(folder, 'w.sql')}`], {
        ...{ on: standby, env: { ...env, PGDATABASE: 'postgres' } },
      });
      expect([writes.exitCode, writes.stderr]).toEqual([2, expect.stringContaining('read-only transaction')]);

      const targets = { db2: { command: 'postmortem', pgdata: standby.dataDirectory } };
      await writeFile(join(folder, 'targets.yml'), `# mine\ntargets: ${JSON.stringify(targets)}\n`);
      const byYaml = await examined(['--inventory', `yaml:${join(folder, 'targets.yml')}`], { on: standby });
      expect(byYaml.get('db2')?.report?.subject.primary).toBe(bySql.get('a standby')?.report?.subject.primary);
    });
  },
  { from: 15, to: 17 },
);

onEachRelease(
  (release) => {
    test.skipIf(noPatroni !== undefined && process.env['CI'] !== 'true')(
      "Patroni's members, by patronictl and by its REST API",
      { timeout: 180_000 },
      async () => {
        const pair = await aPatroniCluster(release.bin);
        onTestFinished(async () => pair.end());
        const folder = pair.directory('db2').replace(/\/db2$/u, '');
        const each = [
          '--each',
          `pgdata=${folder}/{name}`,
          '--each',
          'admin=host={primaryHost} port={primaryPort} user=postgres',
        ];
        const env = { PGPASSWORD: /password=(\S+)/u.exec(pair.admin)?.[1] ?? '' };
        const api = /restapi: \{listen: "([^"]+)"/u.exec(await pair.typed(`cat ${pair.configuration('db1')}`))?.[1];
        for (const value of [pair.configuration('db1'), `http://${api}`]) {
          const found = await examined(['--inventory', `patroni:${value}`, ...each], { env });
          expect([...found].map(([name, { report }]) => [name, report?.verdict])).toEqual([['db2', 'healthy']]);
        }
      },
    );
  },
  { from: 15, to: 15 },
);

/** Debian's repmgr is for the release of Debian. */
const debian = { major: 15, version: '15', bin: '/usr/lib/postgresql/15/bin' };
const hasRepmgr =
  process.env['CI'] === 'true' ||
  (hasTool('repmgr') && existsSync('/usr/share/postgresql/15/extension/repmgr.control'));

test.skipIf(!hasRepmgr)("repmgr's nodes, as repmgr has registered them", { timeout: 180_000 }, async () => {
  const { primary, standby } = await aPair({
    ...{ release: debian, settings: { wal_keep_size: '64MB' } },
    standby: { applicationName: 'db2' },
  });
  const folder = await aFolder();
  await primary.server.query('CREATE DATABASE repmgr');
  const nodes = [
    [primary.server, 'db1'],
    [standby, 'db2'],
  ] as const;
  for (const [at, [server, name]] of nodes.entries()) {
    const file = join(folder, `${name}.conf`);
    await writeFile(
      file,
      `node_id=${at + 1}\nnode_name='${name}'\ndata_directory='${server.dataDirectory}'\nconninfo='host=${server.folder} port=${server.port} user=postgres dbname=repmgr'\n`,
    );
    const words = at === 0 ? ['primary', 'register'] : ['standby', 'register', '--upstream-node-id=1'];
    const registered = await server.run('/usr/bin/repmgr', ['-f', file, ...words], {});
    expect([registered.exitCode, registered.stderr]).toEqual([0, expect.any(String)]);
  }
  const conninfo = `host=${primary.server.folder} port=${primary.server.port} user=postgres dbname=repmgr`;
  const byRepmgr = await examined(['--inventory', `repmgr:${conninfo}`, '--each', `pgdata=${standby.dataDirectory}`], {
    on: standby,
  });
  expect([...byRepmgr].map(([name, { report }]) => [name, report?.subject.primary])).toEqual([
    ['db2', `127.0.0.1:${primary.server.port}`],
  ]);
});

test.skipIf(!hasTool('kubectl'))('kubectl asks the API of a cluster for pods', { timeout: 60_000 }, async () => {
  const folder = await aFolder();
  const asked: string[] = [];
  const pod = (name: string, ip: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { role: 'replica' } },
    spec: { containers: [{ name: 'postgres', ports: [{ name: 'postgresql', containerPort: 1 }] }] },
    status: { podIP: ip },
  });
  // the answers of an API server, as far as kubectl asks for them
  const answers: Readonly<Record<string, object>> = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
    '/api/v1': {
      ...{ kind: 'APIResourceList', groupVersion: 'v1' },
      resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'] }],
    },
    '/api/v1/namespaces/shop/pods': {
      ...{ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' } },
      items: [pod('db-0', '127.0.0.1'), pod('db-1', '--fix')],
    },
  };
  const server = createServer((request, response) => {
    const { url = '/' } = request;
    asked.push(url);
    const answer = answers[url.split('?')[0] ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { kind: 'Status', status: 'Failure', code: 404 }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: {} }],
  };
  await writeFile(join(folder, 'config'), JSON.stringify(kubeconfig));
  const found = await examined(
    ['--inventory', 'kubectl:shop/app=db,role in (replica)', '--each', `pgdata=${folder}/new`],
    {
      cwd: folder,
      env: { KUBECONFIG: join(folder, 'config'), HOME: folder },
    },
  );
  expect([...found].map(([name, { command, outcome }]) => [name, command, outcome])).toEqual([
    ['shop/db-0', 'preflight', 'examined'],
    ['shop/db-1', 'preflight', 'examined'],
  ]);
  const within = await examined(['--inventory', 'kubectl:shop/role=replica', '--each', 'command=postmortem'], {
    cwd: folder,
    env: { KUBECONFIG: join(folder, 'config'), HOME: folder },
  });
  // there is no such pod to go into, but that is where it goes
  expect([...within].map(([name, { command, because }]) => [name, command, because])).toEqual([
    ['shop/db-0', 'postmortem', expect.stringContaining('kubectl:shop/db-0')],
    ['shop/db-1', 'postmortem', expect.stringContaining('kubectl:shop/db-1')],
  ]);
  expect(asked.find((url) => url.includes('labelSelector'))).toContain(
    'labelSelector=app%3Ddb%2Crole+in+%28replica%29',
  );
});

test('what is no inventory is said in a sentence', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'bad.yml'), 'targets: [kAnArIe: {');
  for (const [value, said] of [
    ['ansibel:x', 'ansible'],
    ['yaml:/nonexistent.yml', 'it does not exist'],
    [`yaml:${join(folder, 'bad.yml')}`, 'is not YAML'],
    ['patroni:http://127.0.0.1:1', 'did not answer'],
    ['repmgr:host=127.0.0.1 port=1', 'refused the login'],
  ] as const) {
    const { exitCode, stderr } = await runStandbylint(['fleet', '--inventory', value]);
    expect([exitCode, stderr], value).toEqual([2, expect.stringContaining(said)]);
    expect(stderr).not.toContain('kAnArIe');
  }
});
