import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of a Unix socket, and the port in its name. */
export interface Socket {
  readonly host: string;
  readonly port: number;
}

/** The lines of postmaster.pid, while a server runs in that data directory. */
export async function readLockFile(dataDirectory: string): Promise<readonly string[] | null> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => null);
  return text === null ? null : text.split('\n');
}

/** Where the server that runs in that data directory really has its socket. */
export async function socketOf(dataDirectory: string): Promise<Socket | undefined> {
  // miscadmin.h: line 4 of postmaster.pid is the port, line 5 the first socket directory
  const lines = await readLockFile(dataDirectory);
  const host = lines?.[4];
  return host === undefined || host === '' ? undefined : { host, port: Number(lines?.[3]) };
}
