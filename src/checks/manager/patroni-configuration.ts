import { posix } from 'node:path';

import type { DataDirectory } from '../../facts/data-directory.ts';
import type { ConfigurationFault } from '../../facts/manager.ts';
import type { Host } from '../../hosts/host.ts';
import { closedTo } from '../closed-files.ts';
import { versionOf } from '../installed-tools.ts';
import { accountOf } from '../server-account.ts';

type Directory = Pick<DataDirectory, 'path'> & Partial<Pick<DataDirectory, 'owner' | 'major'>>;

/**
 * Why no Patroni gets a server to run on the directory with this configuration: it cannot read the file (its user is the one
 * that owns the directory), the file is no YAML, or bin_dir has programs of another release, or none. patronictl reads the
 * file as Patroni does, and says where it cannot (patroni: config.py, _load_config_path).
 */
export async function faultOfConfiguration(
  host: Host,
  { owner, major }: Directory,
  file: string | undefined,
  binDirectory: string | undefined,
): Promise<ConfigurationFault | undefined> {
  if (file !== undefined) {
    const closed = owner === undefined ? undefined : await closedConfiguration(host, owner, file);
    if (closed !== undefined) return closed;
    const ran = await host.run('patronictl', ['-c', file, 'version']);
    const [, where] =
      /^yaml\.[\s\S]*\bin "[^"\n]*", (line \d+, column \d+)/mu.exec(ran.ok ? ran.value.stderr : '') ?? [];
    if (where !== undefined) return { kind: 'not-yaml', file, where };
  }
  if (binDirectory === undefined || !posix.isAbsolute(binDirectory)) return undefined;
  const program = posix.join(binDirectory, 'postgres');
  const status = await host.status(program, { followLinks: true });
  if (!status.ok)
    return status.problem.code === 'ENOENT' ? { kind: 'no-program', binDirectory, needs: major } : undefined;
  const found = major === undefined ? undefined : await versionOf(host, program);
  return found === undefined || major === undefined || found.major === major
    ? undefined
    : { kind: 'other-release', binDirectory, major: found.major, needs: major };
}

/** The file that the user of the servers may not read. */
export async function closedConfiguration(
  host: Host,
  { uid, gid }: DataDirectory['owner'],
  file: string,
): Promise<Extract<ConfigurationFault, { readonly kind: 'closed' }> | undefined> {
  const account = await accountOf(host, uid, gid);
  const entry = await closedTo(host, '/', account, { name: file, kind: 'file', wanted: 'read' });
  return entry && { kind: 'closed', file, account: account.name, owner: entry.owner.name, mode: entry.mode };
}
