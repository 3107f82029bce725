import { posix } from 'node:path';

import type { Host } from '../hosts/host.ts';
import { isOn } from '../postgres/settings.ts';
import type { StandbySettings } from './internal-facts.ts';

/** Of {@link StandbyConfiguration.ownFiles} those that are there. */
export async function ownFiles(
  host: Host,
  { dataDirectory, configuration: { settings, filesRead } }: StandbySettings,
): Promise<readonly string[]> {
  const named = ['ssl_cert_file', 'ssl_key_file', 'ssl_ca_file'].flatMap((name) => {
    const value = isOn(settings.get('ssl')?.value) ? settings.get(name)?.value : undefined;
    return value === undefined || value === '' ? [] : [value];
  });
  const paths = [...filesRead, 'pg_hba.conf', 'pg_ident.conf', ...named].map((path) =>
    posix.resolve(dataDirectory, path),
  );
  const within = [...new Set(paths)].filter((path) => path.startsWith(`${dataDirectory}/`));
  const states = await Promise.all(within.map(async (path) => ({ path, status: await host.status(path) })));
  return states.flatMap(({ path, status }) => (status.ok ? [path.slice(dataDirectory.length + 1)] : []));
}
