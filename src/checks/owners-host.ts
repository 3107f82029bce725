import type { Host } from '../hosts/host.ts';
import { withoutPrivateFiles } from '../hosts/without-private-files.ts';
import { accountOf } from './server-account.ts';

/**
 * The machine for who looks at a server's own files as root: what their owner could not read is not read. `globs` name what
 * whoever runs the tool has asked for.
 */
export async function ownersHost(host: Host, dataDirectory: string, globs: readonly string[] = []): Promise<Host> {
  if (host.account.uid !== 0) return host;
  const status = await host.status(dataDirectory, { followLinks: true });
  if (!status.ok || status.value.uid === 0) return host;
  const [owner, named] = await Promise.all([
    accountOf(host, status.value.uid, status.value.gid),
    host.glob(globs.filter((glob) => glob !== '-')),
  ]);
  const real = await Promise.all((named.ok ? named.value : []).map(async (path) => host.realPath(path)));
  return withoutPrivateFiles(
    host,
    owner,
    real.flatMap((one) => (one.ok ? [one.value] : [])),
  );
}
