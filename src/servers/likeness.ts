import { createHash } from 'node:crypto';

import type { ResolvedConnection } from './connection.ts';

/**
 * Equal for connections that are made alike: by the same parameters, with the same passwords, by the same user of the system with
 * the same files, and dialled from the same machine. The secrets in it cannot be told from it.
 */
export function likenessOf(connection: ResolvedConnection): string | undefined {
  const { plan, database, replication, home, files, from, parameters } = connection;
  // of another machine nothing is known here
  if (from !== undefined) return undefined;
  const { uid, gid } = files.account;
  const passwords = plan.hosts.map((host) => connection.passwordFor(host)?.reveal());
  const values = Object.entries(parameters.values).map(([keyword, value]) => [
    keyword,
    typeof value === 'string' ? value : value.reveal(),
  ]);
  const parts = [plan, database, replication, passwords, home, uid, gid, files.environment];
  return createHash('sha256')
    .update(JSON.stringify([...parts, values, parameters.session]))
    .digest('base64');
}
