import { posix } from 'node:path';

import type { Host } from '../../hosts/host.ts';
import { unitOf } from '../server-control.ts';
import type { LogPlace } from './log-place.ts';

interface Server {
  readonly pid: number | undefined;
  readonly configFile: string;
  readonly dataDirectory: string;
}

/**
 * What systemd's journal keeps of the output of a server: of the unit that its process is in, or, where none runs, of the
 * unit that its package makes for this directory. It also has systemd's own words on how the server ended. Nothing where there is
 * no such journal, or this user may not read it.
 */
export async function unitJournals(host: Host, server: Server, timeoutMs: number): Promise<readonly LogPlace[]> {
  const found = await Promise.all(
    (await unitsOf(host, server)).map((unit) => journalOf(host, unit, timeoutMs, mostEntries)),
  );
  return found.flat();
}

async function unitsOf(host: Host, { pid, configFile, dataDirectory }: Server): Promise<readonly string[]> {
  if (pid !== undefined) {
    const [server, output] = await Promise.all([host.processStatus(pid), host.readLink(`/proc/${pid}/fd/2`)]);
    // a file, or a pipe of somebody else's, is not the journal's
    if (output.ok && !output.value.startsWith('socket:')) return [];
    // whoever wrote postmaster.pid leads root to no journal but that of a server on this directory
    if (!server.ok || server.value.workingDirectory !== dataDirectory) return [];
    const unit = unitOf(server.value.controlGroup ?? '');
    return unit === undefined ? [] : [unit];
  }
  const [, version, cluster] =
    /^\/etc\/postgresql\/([^/]+)\/([^/]+)\//u.exec(configFile) ??
    /^\/var\/lib\/postgresql\/([^/]+)\/([^/]+)$/u.exec(dataDirectory) ??
    [];
  if (version !== undefined && cluster !== undefined) return [`postgresql@${version}-${cluster}.service`];
  // the PGDG's packages for Red Hat's systems, and those systems' own
  const [, major] = /^\/var\/lib\/pgsql\/(\d+)\/data$/u.exec(dataDirectory) ?? [];
  if (major !== undefined) return [`postgresql-${major}.service`];
  return posix.normalize(dataDirectory) === '/var/lib/pgsql/data' ? ['postgresql.service'] : [];
}

export async function journalOf(
  host: Host,
  unit: string,
  timeoutMs: number,
  entries: number,
): Promise<readonly LogPlace[]> {
  const words = ['-u', unit, '-n', String(entries), '--utc', '--no-pager', '-q', '-a', '-o', 'short-iso'];
  const ran = await host.run('journalctl', words, { timeoutMs, maxOutputBytes: mostBytes });
  if (!ran.ok || ran.value.exitCode !== 0 || ran.value.stdout === '') return [];
  const content = new TextEncoder().encode(ran.value.stdout);
  return [
    {
      path: `journalctl -u ${unit}`,
      packed: false,
      sizeBytes: content.length,
      modifiedAt: undefined,
      content,
    },
  ];
}

const mostEntries = 20_000;
const mostBytes = 32 * 1024 * 1024;
