import { posix } from 'node:path';

import type { Host } from '../hosts/host.ts';
import { parseConfigurationText } from '../postgres/configuration-file.ts';
import { parseVersion } from '../postgres/versions.ts';
import { textFile } from './text-file.ts';

/**
 * The folder whose pg_basebackup Debian's /usr/bin/pg_basebackup would run (postgresql-common, pg_wrapper): that of the
 * cluster that PGCLUSTER names; the newest when a host is named; else that of the local cluster on the port in question.
 * Where ~/.postgresqlrc or user_clusters has a say, the wrapper itself is asked, which is slow.
 */
export async function wrappedBinDirectory(host: Host, args: readonly string[]): Promise<string | undefined> {
  const environment = host.environment;
  const cluster = environment['PGCLUSTER']?.split('/')[0];
  const namesHost = environment['PGHOST'] !== undefined || args.some((word) => /^--host\b|^-\w*h\w*$/.test(word));
  if (cluster !== undefined && !namesHost) return binDirectory(cluster);
  if (namesHost) return newest(host);
  const port = portIn(args) ?? environment['PGPORT'];
  const namesService = environment['PGSERVICE'] !== undefined || args.some((word) => /\bservice=/.test(word));
  if (port !== undefined) return (namesService ? undefined : await onPort(host, port)) ?? newest(host);
  if (await hasUserClusters(host)) return askWrapper(host, args);
  return (await onPort(host, '5432')) ?? newest(host);
}

const binDirectory = (version: string): string => `/usr/lib/postgresql/${version}/bin`;

async function newest(host: Host): Promise<string | undefined> {
  for (const version of await versionsIn(host, '/usr/lib/postgresql')) {
    const found = await host.status(posix.join(binDirectory(version), 'pg_basebackup'), { followLinks: true });
    if (found.ok) return binDirectory(version);
  }
  return undefined;
}

async function onPort(host: Host, port: string): Promise<string | undefined> {
  for (const version of await versionsIn(host, '/etc/postgresql')) {
    const clusters = await host.list(`/etc/postgresql/${version}`);
    for (const { name } of clusters.ok ? clusters.value.entries : []) {
      const text = await textFile(host, `/etc/postgresql/${version}/${name}/postgresql.conf`);
      if (!text.ok) continue;
      const set = parseConfigurationText(text.value).lines.findLast((line) => line.name === 'port');
      if ((set?.value ?? '5432') === port) return binDirectory(version);
    }
  }
  return undefined;
}

/** Newest first. */
async function versionsIn(host: Host, directory: string): Promise<readonly string[]> {
  const listing = await host.list(directory);
  return (listing.ok ? listing.value.entries : [])
    .map(({ name }) => name)
    .filter((name) => /^\d+(?:\.\d+)?$/.test(name))
    .toSorted((a, b) => Number(b) - Number(a));
}

function portIn(args: readonly string[]): string | undefined {
  const index = args.findLastIndex((word) => /^--port\b|^-\w*p\d*$/.test(word));
  const word = args[index];
  return word === undefined ? undefined : (/(?:^--port=|p)(\d+)$/.exec(word)?.[1] ?? args[index + 1]);
}

async function hasUserClusters(host: Host): Promise<boolean> {
  const files = [posix.join(host.account.home, '.postgresqlrc'), '/etc/postgresql-common/user_clusters'];
  const texts = await Promise.all(files.map((file) => textFile(host, file)));
  return texts.some((text) => text.ok && text.value.split('\n').some((line) => /^\s*[^#\s]/.test(line)));
}

async function askWrapper(host: Host, args: readonly string[]): Promise<string | undefined> {
  const ran = await host.run('/usr/bin/pg_basebackup', [...args, '--version']);
  const version = ran.ok ? parseVersion(ran.value.stdout) : undefined;
  return version === undefined ? newest(host) : binDirectory(String(version.major));
}
