import { chmod, mkdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

import { median } from './figure.ts';
import type { Figure } from './figure.ts';
import { FrontendMessages } from './frontend-messages.ts';
import { bareLogins, postmortem, preflight, standbylint } from './pair.ts';
import type { Pair } from './pair.ts';

/**
 * Whole commands next to an empty Node and to psql in the same run, with a primary and a healthy standby on this machine;
 * and how often a preflight asks its primary.
 */
export async function commands(pair: Pair): Promise<readonly Figure[]> {
  const healthy = await pair.run(postmortem(pair));
  if (healthy.status !== 0) throw new Error(`The pair is not healthy:\n${healthy.output}`);
  return [...(await times(pair)), ...(await roundTrips(pair))];
}

const rounds = 31;

interface Case {
  readonly name: string;
  readonly command: readonly string[];
  /** At most so many times the time of an empty Node. */
  readonly atMost?: number;
}

const emptyNode: Case = { name: 'node -e 0', command: [process.execPath, '-e', '0'] };

async function times(pair: Pair): Promise<readonly Figure[]> {
  const { primary } = pair;
  const psql = (host: string): readonly string[] => [
    primary.programPath('psql'),
    '-Xqh',
    host,
    '-p',
    String(primary.port),
    '-U',
    'postgres',
    '-c',
    'select 1',
  ];
  const cases: readonly Case[] = [
    emptyNode,
    { name: "psql -c 'select 1', TCP", command: psql('127.0.0.1') },
    { name: "psql -c 'select 1', socket", command: psql(primary.folder) },
    { name: 'standbylint --version', command: standbylint('--version'), atMost: 1.5 },
    { name: 'standbylint --help', command: standbylint('--help'), atMost: 1.5 },
    { name: 'the logins of a preflight, by pg', command: bareLogins(pair, 'preflight') },
    { name: 'standbylint preflight, TCP', command: preflight(pair, '127.0.0.1', primary.port), atMost: 4 },
    { name: 'standbylint preflight, socket', command: preflight(pair, primary.folder, primary.port), atMost: 4 },
    { name: 'the logins of a postmortem', command: bareLogins(pair, 'postmortem') },
    { name: 'standbylint postmortem', command: postmortem(pair), atMost: 5 },
  ];
  const taken = new Map<Case, number[]>(cases.map((one) => [one, []]));
  // one after another in each round: what disturbs the machine for a while disturbs all of them
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of cases) {
      const { elapsedMs } = await pair.run(one.command);
      // the first round warms the caches of the file system
      if (round > 0) taken.get(one)?.push(elapsedMs);
    }
  }
  const empty = taken.get(emptyNode) ?? [];
  console.log(`${`${rounds} rounds, milliseconds`.padEnd(32)}${'min'.padStart(8)}${'median'.padStart(8)}   ratios`);
  return cases.flatMap(({ name, atMost }, index) => {
    const all = [...taken.values()][index] ?? [];
    const [least, middle] = [Math.min(...all), median(all)];
    const ratios = [least / Math.min(...empty), middle / median(empty)] as const;
    const columns = [least, middle].map((ms) => ms.toFixed(0).padStart(8)).join('');
    console.log(`${name.padEnd(32)}${columns}   ${ratios.map((ratio) => ratio.toFixed(2)).join('  ')}`);
    return atMost === undefined ? [] : [{ what: name, measured: ratios[1], atMost, unit: '× node -e 0' }];
  });
}

/** A proxy in front of the server counts what the client says: everything behind its logins that waits for an answer. */
async function roundTrips(pair: Pair): Promise<readonly Figure[]> {
  const { primary } = pair;
  const folder = join(primary.folder, 'proxy');
  await mkdir(folder);
  await chmod(folder, 0o755);
  const figures: Figure[] = [];
  for (const way of ['TCP', 'socket'] as const) {
    const connections: FrontendMessages[] = [];
    const proxy = createServer((client) => {
      const messages = new FrontendMessages();
      connections.push(messages);
      const upstream =
        way === 'TCP' ? connect(primary.port, '127.0.0.1') : connect(join(primary.folder, `.s.PGSQL.${primary.port}`));
      client.on('data', (bytes) => messages.take(bytes));
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) socket.on('error', () => [client, upstream].map((one) => one.destroy()));
    });
    const path = join(folder, `.s.PGSQL.${primary.port}`);
    await new Promise<void>((resolve) => {
      if (way === 'TCP') proxy.listen(0, '127.0.0.1', resolve);
      else proxy.listen({ path, writableAll: true }, resolve);
    });
    const address = proxy.address();
    const port = typeof address === 'object' && address !== null ? address.port : primary.port;
    await pair.run(preflight(pair, way === 'TCP' ? '127.0.0.1' : folder, port));
    proxy.close();
    const asked = connections.flatMap(({ queries }) => queries);
    console.log(`\nA preflight over ${way} asks, beside ${connections.length} logins:`);
    for (const query of asked) console.log(`  ${query.replaceAll(/\s+/g, ' ').slice(0, 100)}`);
    figures.push({ what: `standbylint preflight, ${way}`, measured: asked.length, atMost: 6, unit: 'round trips' });
  }
  return figures;
}
