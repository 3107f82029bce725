import { posix } from 'node:path';

import type { DataDirectory } from '../../facts/data-directory.ts';
import type { AutoFailover } from '../../facts/manager.ts';
import type { Host } from '../../hosts/host.ts';
import { isDirectory, processesOf } from './processes.ts';

/**
 * pg_auto_failover. What it writes into the data directory comes along with a base backup; its configuration lies in the home
 * of its user, under the path of the data directory (pg_autoctl: config.c, build_xdg_path; XDG_CONFIG_HOME leads elsewhere). A
 * copy that somebody else made has a primary_conninfo of its own; one that is pg_autoctl's is a node of its.
 */
export async function autoFailoverOf(
  host: Host,
  { path }: DataDirectory,
  home: string | undefined,
  conninfoFile: string | undefined,
): Promise<{ readonly manager: AutoFailover; readonly source: string } | undefined> {
  if (!(await host.status(posix.join(path, 'postgresql-auto-failover.conf'))).ok) return undefined;
  const file = posix.join(home ?? '/var/lib/postgresql', '.config/pg_autoctl', path, 'pg_autoctl.cfg');
  const running = await processesOf(host, 'pg_autoctl');
  const named = await Promise.all(
    running.map(async ({ words, directory }) => {
      const at = words.findIndex((word) => word === '--pgdata' || word === '-D');
      const given = at === -1 ? words.find((word) => word.startsWith('--pgdata='))?.slice(9) : words[at + 1];
      return given !== undefined && isDirectory(host, posix.resolve(directory, given), path);
    }),
  );
  const [configured, runs] = [(await host.status(file)).ok, named.includes(true)];
  const own = posix.join(path, 'postgresql-auto-failover-standby.conf');
  if (!configured && !runs) {
    if (conninfoFile !== own) return undefined;
    return { manager: { kind: 'pg_auto_failover', directory: path, runs }, source: own };
  }
  return { manager: { kind: 'pg_auto_failover', directory: path, runs }, source: configured ? file : 'its processes' };
}
