import { posix } from 'node:path';

import type { Host } from '../hosts/host.ts';
import type { ConnectionParameters } from '../postgres/connection-parameters.ts';

/**
 * What a shell would make of a path that begins with `~`: libpq opens what is written, and a server begins at its data
 * directory. Undefined for any other path.
 */
export function homeExpanded(host: Host, path: string): string | undefined {
  const [, below] = /(?:^|\/)~\/(.+)$/u.exec(path) ?? [];
  return below === undefined ? undefined : posix.join(host.environment['HOME'] || host.account.home, below);
}

/** The files for TLS that a `~` hides from libpq: the whole paths that are meant, by their parameters. */
export async function meantFiles(
  host: Host,
  { values }: ConnectionParameters,
): Promise<Readonly<Partial<Record<TlsFileKeyword, string>>>> {
  const found = await Promise.all(
    tlsFileKeywords.map(async (keyword): Promise<readonly (readonly [TlsFileKeyword, string])[]> => {
      const path = values[keyword] ?? '';
      const meant = homeExpanded(host, path);
      return meant === undefined || (await host.status(path)).ok ? [] : [[keyword, meant]];
    }),
  );
  return Object.fromEntries(found.flat());
}

const tlsFileKeywords = ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl'] as const;

type TlsFileKeyword = (typeof tlsFileKeywords)[number];
