import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { execa } from 'execa';

import { freePort } from '../../src/throwaway/free-port.ts';
import { asUser } from '../../src/throwaway/os-user.ts';
import { afterwards } from '../lab/lifetime.ts';
import { until } from '../lab/until.ts';
import type { Scenario, Stage } from './scenario.ts';
import { by, usualOptions } from './scenario.ts';

/** PgBouncer, where a package has put it; since 1.23 it passes replication connections on, which is no fault. */
const pgbouncer = await (async () => {
  for (const program of ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer']) {
    const { stdout, exitCode } = await execa(program, ['--version'], { reject: false });
    const [, major, minor] = /^PgBouncer (\d+)\.(\d+)/u.exec(stdout ?? '') ?? [];
    if (exitCode === 0) return { program, refusesReplication: Number(major) === 1 && Number(minor) < 23 };
  }
  return undefined;
})();

/** In CI it must be there. */
const noPooler: string | undefined =
  pgbouncer === undefined
    ? 'PgBouncer is not installed here (apt-get install pgbouncer)'
    : pgbouncer.refusesReplication
      ? undefined
      : 'this PgBouncer passes replication connections on (1.23 and later)';
if (pgbouncer === undefined && process.env['CI'] === 'true') throw new Error(noPooler);

/** A PgBouncer before the primary, of the user that runs the servers. */
async function aPooler({ primary, place }: Stage): Promise<number> {
  const listening = await freePort();
  const file = join(place.folder, 'pgbouncer.ini');
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${primary.server.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${listening}`,
      'unix_socket_dir =',
      'auth_type = any',
      '',
    ].join('\n'),
  );
  const child = spawn(pgbouncer?.program ?? 'pgbouncer', ['-q', file], {
    ...asUser(place.runAs),
    cwd: place.folder,
    stdio: 'ignore',
  });
  afterwards(async () => {
    child.kill('SIGKILL');
  }, 'file');
  await until('PgBouncer listens', async () => {
    const socket = connect(listening, '127.0.0.1');
    const answers = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    return answers ? true : null;
  });
  return listening;
}

const ports = new Map<Stage, number>();

/** The way to the primary leads through a pooler that passes no replication connections. */
export const poolerScenarios: readonly Scenario[] = [
  {
    rule: 'network/pooler',
    name: 'PgBouncer',
    notHere: noPooler,
    fault: async (stage) => {
      ports.set(stage, await aPooler(stage));
    },
    options: by((stage) => ['-h', '127.0.0.1', '-p', String(ports.get(stage))]),
    byHand: async () => undefined,
    optionsAfter: usualOptions,
  },
];
