import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { asUser } from '../../src/throwaway/os-user.ts';
import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Figure } from './figure.ts';
import { role, standbylint } from './pair.ts';
import type { Pair } from './pair.ts';

const pairs = 20;
const targets = 1_000;
const few = 50;
const some = 200;
const jobs = 16;
const password = 'for this run only';

/** So many post-mortems, and so many preflights, against pairs that all run here: one process each, its own cost told. */
export async function scale({ primary }: Pair): Promise<readonly Figure[]> {
  const servers: ThrowawayServer[] = [];
  try {
    const all: SmallPair[] = [];
    for (let number = 0; number < pairs; number += 1) all.push(await aSmallPair(primary, servers));
    const figures: Figure[] = [];
    for (const command of ['postmortem', 'preflight'] as const) {
      const look = async (count: number): Promise<Cost> => fleet(primary, command, all, count);
      const [first, middle, whole] = [await look(few), await look(some), await look(targets)];
      for (const cost of [first, middle, whole]) console.log(inWords(command, cost));
      const cpu = (whole.cpuMs - first.cpuMs) / (targets - few);
      const mebibytes = 1_048_576;
      figures.push(
        { what: `${command}: our own CPU a target after the first ${few}`, measured: cpu, atMost: 10, unit: 'ms' },
        { what: `${command}: ${targets} targets`, measured: whole.elapsedMs / 1000, atMost: 20, unit: 's' },
        { what: `${command}: most memory`, measured: whole.peakBytes / mebibytes, atMost: 300, unit: 'MiB' },
        {
          what: `${command}: heap of ${targets} targets beside that of ${some}`,
          measured: (whole.heapBytes - middle.heapBytes) / mebibytes,
          atMost: 30,
          unit: 'MiB',
        },
        { what: `${command}: connections open at once`, measured: whole.sockets, atMost: 100, unit: '' },
      );
    }
    return figures;
  } finally {
    for (const server of servers.toReversed()) await server.dispose();
  }
}

interface SmallPair {
  readonly primary: ThrowawayServer;
  readonly standby: ThrowawayServer;
}

async function aSmallPair({ release }: ThrowawayServer, servers: ThrowawayServer[]): Promise<SmallPair> {
  const settings = { shared_buffers: '2MB', max_connections: '20', autovacuum: 'off', wal_keep_size: '32MB' };
  const hba = [`host replication ${role} 127.0.0.1/32 scram-sha-256`, 'host all postgres 127.0.0.1/32 scram-sha-256'];
  const primary = await ThrowawayServer.create({ release, settings, hba });
  servers.push(primary);
  await primary.start();
  await primary.psql(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD '${password}';
                      ALTER ROLE postgres PASSWORD '${password}'`);
  const standby = await ThrowawayServer.reserve({ release });
  servers.push(standby);
  await standby.copyFrom(primary, {
    conninfo: `host=127.0.0.1 port=${primary.port} user=${role} password='${password}'`,
  });
  await standby.start();
  return { primary, standby };
}

interface Cost {
  readonly count: number;
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly heapBytes: number;
  readonly peakBytes: number;
  readonly sockets: number;
}

const probe = fileURLToPath(new URL('scale-probe.cjs', import.meta.url));

async function fleet(
  { folder, environment, runAs }: ThrowawayServer,
  command: 'postmortem' | 'preflight',
  all: readonly SmallPair[],
  count: number,
): Promise<Cost> {
  const at = join(folder, `fleet-${command}-${count}`);
  await mkdir(at);
  await chmod(at, 0o777);
  const target = (number: number): object => {
    const { primary, standby } = all[number % all.length] ?? never();
    const admin = `host=127.0.0.1 port=${primary.port} user=postgres dbname=postgres`;
    return command === 'postmortem'
      ? { command, pgdata: standby.dataDirectory, admin }
      : {
          command,
          host: '127.0.0.1',
          port: String(primary.port),
          username: role,
          pgdata: join(at, `standby-${number}`),
          'write-recovery-conf': true,
          admin,
        };
  };
  const named = Object.fromEntries(Array.from({ length: count }, (_, number) => [`t${number}`, target(number)]));
  await writeFile(join(at, 'standbylint.config.json'), JSON.stringify({ targets: named }));
  const [node = '', ...words] = standbylint('fleet', '--jobs', String(jobs), '--format', 'ndjson=targets.ndjson');
  const begin = performance.now();
  const { exitCode, stderr, stdio } = await execa(node, ['--expose-gc', '--require', probe, ...words], {
    ...asUser(runAs),
    cwd: at,
    env: { ...environment, PGPASSWORD: password },
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    reject: false,
  });
  const elapsedMs = performance.now() - begin;
  if (exitCode !== 0) throw new Error(`fleet of ${command} ended with status ${exitCode}:\n${stderr}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what scale-probe.cjs writes
  return { count, elapsedMs, ...(JSON.parse(stdio[3]) as Omit<Cost, 'count' | 'elapsedMs'>) };
}

function never(): never {
  throw new Error('no pair');
}

const inWords = (command: string, { count, elapsedMs, cpuMs, heapBytes, peakBytes, sockets }: Cost): string =>
  [
    command.padEnd(12),
    String(count).padStart(6),
    `${(elapsedMs / 1000).toFixed(1)} s`.padStart(10),
    `${(cpuMs / 1000).toFixed(1)} s CPU`.padStart(12),
    `${(heapBytes / 1_048_576).toFixed(0)} MiB heap`.padStart(14),
    `${(peakBytes / 1_048_576).toFixed(0)} MiB peak`.padStart(14),
    `${sockets} sockets`.padStart(12),
  ].join('');
