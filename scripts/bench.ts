// How long a user waits, as ratios: a whole preflight of a primary on this machine, and what answers without one, next
// to an empty Node and to psql in the same run; and how often a preflight asks its primary. The targets are the
// project's own promise; the exit status is 1 when one is missed.
import { createServer, connect } from 'node:net';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { asUser } from '../src/demo/os-user.ts';
import { findReleases } from '../src/demo/releases.ts';
import { ThrowawayServer } from '../src/demo/throwaway-server.ts';
import { FrontendMessages } from './frontend-messages.ts';

const rounds = Number(process.argv[2] ?? '15');
const program = fileURLToPath(new URL('../dist/standbylint.js', import.meta.url));

interface Case {
  readonly name: string;
  readonly command: readonly string[];
  /** At most so many times the time of an empty Node. */
  readonly target?: number;
}

const [release] = await findReleases(['/opt/postgresql/*/usr/lib/postgresql/*/bin']);
if (release === undefined) throw new Error('No PostgreSQL server (13 to 18) is installed here.');
const password = 'for this run only';
const server = await ThrowawayServer.create({
  release,
  hba: [
    'local replication replicator scram-sha-256',
    'host replication replicator 127.0.0.1/32 scram-sha-256',
    'host all postgres 127.0.0.1/32 scram-sha-256',
  ],
});
try {
  await server.start();
  await server.psql(`CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${password}';
                     ALTER ROLE postgres PASSWORD '${password}'`);
  const missed = [...(await times()), ...(await roundTrips())];
  for (const line of missed) console.log(`missed: ${line}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  await server.dispose();
}

function preflight(host: string, port: number): readonly string[] {
  const over = ['-h', host, '-p', String(port), '-U', 'replicator', '-D', join(server.folder, 'standby')];
  const admin = `host=${host} port=${port} user=postgres dbname=postgres`;
  return [process.execPath, program, 'preflight', ...over, '-X', 'stream', '-R', '-w', '--admin', admin];
}

async function times(): Promise<readonly string[]> {
  const psql = (host: string): readonly string[] => [
    server.programPath('psql'),
    '-Xqh',
    host,
    '-p',
    String(server.port),
    '-U',
    'postgres',
    '-c',
    'select 1',
  ];
  const cases: readonly Case[] = [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { name: "psql -c 'select 1', TCP", command: psql('127.0.0.1') },
    { name: "psql -c 'select 1', socket", command: psql(server.folder) },
    { name: 'standbylint --version', command: [process.execPath, program, '--version'], target: 1.5 },
    { name: 'standbylint --help', command: [process.execPath, program, '--help'], target: 1.5 },
    { name: 'standbylint preflight, TCP', command: preflight('127.0.0.1', server.port), target: 4 },
    { name: 'standbylint preflight, socket', command: preflight(server.folder, server.port), target: 4 },
  ];
  const taken = new Map<Case, number[]>(cases.map((one) => [one, []]));
  // one after another in each round: what disturbs the machine for a while disturbs all of them
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of cases) {
      const elapsed = await time(one.command);
      // the first round warms the caches of the file system
      if (round > 0) taken.get(one)?.push(elapsed);
    }
  }
  const emptyNode = taken.get(cases[0] ?? { name: '', command: [] }) ?? [];
  console.log(`Node ${process.versions.node}, PostgreSQL ${release?.version}, ${rounds} rounds, milliseconds\n`);
  console.log(`${''.padEnd(32)}${'min'.padStart(8)}${'median'.padStart(8)}   times node -e 0 (min, median)`);
  return cases.flatMap((one) => {
    const all = taken.get(one) ?? [];
    const ratios = [Math.min(...all) / Math.min(...emptyNode), median(all) / median(emptyNode)] as const;
    const columns = [Math.min(...all), median(all)].map((ms) => ms.toFixed(0).padStart(8)).join('');
    const aim = one.target === undefined ? '' : `   aim ${one.target}`;
    console.log(`${one.name.padEnd(32)}${columns}   ${ratios.map((ratio) => ratio.toFixed(2)).join('  ')}${aim}`);
    const missed = one.target !== undefined && ratios[1] > one.target;
    return missed ? [`${one.name} takes ${ratios[1].toFixed(2)} times node -e 0, aim ${one.target}`] : [];
  });
}

async function time([file, ...args]: readonly string[]): Promise<number> {
  const begin = performance.now();
  const { exitCode, stdout, stderr } = await run(file ?? '', args);
  const elapsed = performance.now() - begin;
  // 1: a rule speaks up; it was a whole preflight nevertheless
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`${file} ended with status ${exitCode}:\n${stdout}${stderr}`);
  return elapsed;
}

async function run(file: string, args: readonly string[]) {
  return execa(file, args, {
    ...asUser(server.runAs),
    cwd: server.folder,
    env: { ...server.environment, PGPASSWORD: password },
    extendEnv: false,
    reject: false,
  });
}

/** A proxy in front of the server counts what the client says: everything behind its logins that waits for an answer. */
async function roundTrips(): Promise<readonly string[]> {
  const aim = 6;
  const folder = join(server.folder, 'proxy');
  await mkdir(folder);
  await chmod(folder, 0o755);
  const missed: string[] = [];
  for (const way of ['TCP', 'socket'] as const) {
    const connections: FrontendMessages[] = [];
    const proxy = createServer((client) => {
      const messages = new FrontendMessages();
      connections.push(messages);
      const upstream =
        way === 'TCP' ? connect(server.port, '127.0.0.1') : connect(join(server.folder, `.s.PGSQL.${server.port}`));
      client.on('data', (bytes) => messages.take(bytes));
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) socket.on('error', () => [client, upstream].map((one) => one.destroy()));
    });
    const path = join(folder, `.s.PGSQL.${server.port}`);
    await new Promise<void>((resolve) => {
      if (way === 'TCP') proxy.listen(0, '127.0.0.1', resolve);
      else proxy.listen({ path, writableAll: true }, resolve);
    });
    const address = proxy.address();
    const port = typeof address === 'object' && address !== null ? address.port : server.port;
    const [file, ...args] = preflight(way === 'TCP' ? '127.0.0.1' : folder, port);
    await run(file ?? '', args);
    proxy.close();
    const asked = connections.flatMap(({ queries }) => queries);
    console.log(`\n${way}: ${asked.length} round trips beside ${connections.length} logins, aim ${aim}`);
    for (const query of asked) console.log(`  ${query.replaceAll(/\s+/g, ' ').slice(0, 100)}`);
    if (asked.length > aim) missed.push(`${asked.length} round trips over ${way}, aim ${aim}`);
  }
  return missed;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
