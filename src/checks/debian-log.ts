import { posix } from 'node:path';

import type { Host } from '../hosts/host.ts';

/** The log that pg_ctlcluster starts a server with: where the link "log" leads, else the usual one (PgCommon.pm, cluster_info). */
export async function debianLog(host: Host, version: string, cluster: string): Promise<string> {
  const folder = `/etc/postgresql/${version}/${cluster}`;
  const link = await host.readLink(`${folder}/log`);
  return link.ok ? posix.resolve(folder, link.value) : `/var/log/postgresql/postgresql-${version}-${cluster}.log`;
}
