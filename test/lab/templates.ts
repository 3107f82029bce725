import { randomBytes } from 'node:crypto';
import { access, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

import { inject } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { until } from './until.ts';

/**
 * Gives a reserved server a new cluster. initdb runs once for each release in a run; after that its result is copied, which takes a
 * tenth of the time, and the copy is given a system identifier of its own.
 */
export async function newCluster(server: ThrowawayServer): Promise<void> {
  const folder = inject('templateFolder');
  const template = join(folder, String(server.release.major));
  if (!(await exists(template))) await makeTemplate(server, template);
  await server.run('cp', [
    '-a',
    ...(process.platform === 'linux' ? ['--reflink=auto'] : []),
    template,
    server.dataDirectory,
  ]);
  await giveOwnIdentity(server);
}

/** Test files run in several processes: the first makes it, under another name until it is whole, and the others wait. */
async function makeTemplate(server: ThrowawayServer, template: string): Promise<void> {
  const first = await mkdir(`${template}.lock`).then(
    () => true,
    () => false,
  );
  if (first) {
    await server.initdb();
    await server.run('mv', [server.dataDirectory, template]);
  }
  await until(`a cluster to copy in ${template}`, async () => ((await exists(template)) ? true : null));
}

/**
 * pg_control begins with the system identifier (pg_control.h). With another one its checksum no longer fits: pg_resetwal -f then takes
 * the values as they stand, writes the file again and starts a WAL that carries the identifier (read_controlfile() in pg_resetwal.c).
 */
async function giveOwnIdentity(server: ThrowawayServer): Promise<void> {
  const control = await open(join(server.dataDirectory, 'global', 'pg_control'), 'r+');
  try {
    const identifier = randomBytes(8);
    // its upper half is the time of initdb (xlog.c, BootStrapXLOG)
    identifier.writeUInt32LE(Math.floor(Date.now() / 1000), 4);
    await control.write(identifier, 0, 8, 0);
  } finally {
    await control.close();
  }
  await server.program('pg_resetwal', ['-f', '-D', server.dataDirectory]);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
