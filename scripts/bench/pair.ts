import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { asUser } from '../../src/throwaway/os-user.ts';
import { findReleases } from '../../src/throwaway/releases.ts';
import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';

/** A primary and a standby that streams from it, and a way to run programs as the user of both. */
export interface Pair {
  readonly primary: ThrowawayServer;
  readonly standby: ThrowawayServer;
  /** For --admin: the superuser over the Unix socket. */
  readonly admin: string;
  /** Runs a whole command, the first word of which is a program. */
  readonly run: (words: readonly string[]) => Promise<Run>;
  readonly dispose: () => Promise<void>;
}

export interface Run {
  readonly elapsedMs: number;
  readonly status: number;
  readonly output: string;
  /** The most memory that it had; of {@link standbylint} alone. */
  readonly peakBytes: number;
}

/** The role of the replication connections, whose password everybody here has. */
export const role = 'replicator';
const password = 'for this run only';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));
const peakMemory = fileURLToPath(new URL('peak-memory.cjs', import.meta.url));

export const standbylint = (...words: readonly string[]): readonly string[] => [process.execPath, program, ...words];

/** The same command, which then tells how much memory it took. */
export const withPeak = ([node = '', ...words]: readonly string[]): readonly string[] => [
  node,
  '--require',
  peakMemory,
  ...words,
];

export async function aPair(): Promise<Pair> {
  await access(program).catch(() => {
    throw new Error(`${program} is not there: run "npm run build" first.`);
  });
  const [release] = await findReleases(['/opt/postgresql/*/usr/lib/postgresql/*/bin']);
  if (release === undefined) throw new Error('No PostgreSQL server (13 to 18) is installed here.');
  const primary = await ThrowawayServer.create({
    release,
    settings: { wal_keep_size: '64MB' },
    hba: [
      `local replication ${role} scram-sha-256`,
      `host replication ${role} 127.0.0.1/32 scram-sha-256`,
      'host all postgres 127.0.0.1/32 scram-sha-256',
    ],
  });
  const standby = await ThrowawayServer.reserve({ release });
  const dispose = async (): Promise<void> => {
    await standby.dispose();
    await primary.dispose();
  };
  try {
    // so far into its life that 10,000 segments may lie behind it
    await primary.program('pg_resetwal', ['-l', '000000010000003000000001', '-D', primary.dataDirectory]);
    await primary.start();
    await primary.psql(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD '${password}';
                        ALTER ROLE postgres PASSWORD '${password}'`);
    const conninfo = `host=127.0.0.1 port=${primary.port} user=${role} password='${password}'`;
    await standby.copyFrom(primary, { conninfo });
    await standby.start();
  } catch (error) {
    await dispose();
    throw error;
  }
  const admin = `host=${primary.folder} port=${primary.port} user=postgres dbname=postgres`;
  return { primary, standby, admin, run: (words) => run(primary, words), dispose };
}

async function run(server: ThrowawayServer, [file = '', ...args]: readonly string[]): Promise<Run> {
  const begin = performance.now();
  const { exitCode, stdout, stderr, stdio } = await execa(file, args, {
    ...asUser(server.runAs),
    cwd: server.folder,
    env: { ...server.environment, PGPASSWORD: password },
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    reject: false,
  });
  const elapsedMs = performance.now() - begin;
  // 1: a rule speaks up, 3: not everything could be looked at; a whole examination nevertheless
  if (exitCode !== 0 && exitCode !== 1 && exitCode !== 3)
    throw new Error(`${file} ended with status ${exitCode}:\n${stdout}${stderr}`.slice(0, 4000));
  return { elapsedMs, status: exitCode, output: stdout, peakBytes: Number(stdio[3]) };
}

/** Of a standby of the pair's primary, wherever it lies. */
export const postmortem = ({ standby, admin }: Pair, dataDirectory = standby.dataDirectory): readonly string[] =>
  standbylint('postmortem', '-D', dataDirectory, '--admin', admin);

export const preflight = ({ primary }: Pair, host: string, port: number): readonly string[] => {
  const over = ['-h', host, '-p', String(port), '-U', role, '-D', join(primary.folder, 'standby')];
  const admin = `host=${host} port=${port} user=postgres dbname=postgres`;
  return standbylint('preflight', ...over, '-X', 'stream', '-R', '-w', '--admin', admin);
};

/** The floor under a look: Node, pg, and a question in each of its sessions. */
export function bareLogins({ primary, standby }: Pair, of: 'preflight' | 'postmortem'): readonly string[] {
  const over = { host: '127.0.0.1', port: primary.port };
  const admin = { ...over, user: 'postgres', database: 'postgres' };
  const logins = [
    { ...over, user: role, replication: 'true' },
    admin,
    ...(of === 'postmortem' ? [{ ...admin, host: standby.folder, port: standby.port }] : []),
  ];
  const program = fileURLToPath(new URL('bare-logins.cjs', import.meta.url));
  return [process.execPath, program, ...logins.map((one) => JSON.stringify(one))];
}
