import { isIP } from 'node:net';

import type { AttemptOutcome, ConnectionAttempt, PlannedHost } from '../facts/connection.ts';
import { accountNamed } from '../hosts/account-named.ts';
import type { Destination, Host } from '../hosts/host.ts';
import type { ConnectOptions, ResolvedConnection } from './connection.ts';
import { shownText } from './foreign-text.ts';
import { Limit } from './time-limit.ts';

/** Where a host of the connection string leads to, in the order in which libpq tries; or why it leads nowhere. */
export async function destinationsOf(
  planned: PlannedHost,
  connection: ResolvedConnection,
  { host, timeoutMs, signal }: ConnectOptions,
): Promise<
  | { readonly ok: true; readonly destinations: readonly Destination[] }
  | { readonly ok: false; readonly outcome: AttemptOutcome }
> {
  const { port } = planned;
  if (planned.isSocket)
    return { ok: true, destinations: await socketOf(`${planned.host}/.s.PGSQL.${port}`, connection, host) };
  const numeric = planned.hostaddr ?? (isIP(planned.host) === 0 ? undefined : planned.host);
  if (numeric !== undefined) return { ok: true, destinations: [{ kind: 'tcp', address: numeric, port }] };
  const limit = new Limit(timeoutMs, signal);
  try {
    const found = await limit.race(host.addressesOf(planned.host));
    if (found.ok && found.value.length > 0) {
      return { ok: true, destinations: found.value.map((address) => ({ kind: 'tcp', address, port })) };
    }
    const { code, message } = found.ok ? { code: 'ENOTFOUND', message: 'the name has no address' } : found.problem;
    return { ok: false, outcome: { kind: 'not-resolved', code, message: shownText(message) } };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'interrupted';
    return { ok: false, outcome: { kind: 'not-resolved', code: 'ETIMEDOUT', message } };
  }
}

/**
 * As root a session of our own is opened as the user of the role's name: peer authentication lets nobody else in. As
 * ourselves where that user is not let in. A standby's own login is that of its server's user alone.
 */
async function socketOf(path: string, connection: ResolvedConnection, host: Host): Promise<readonly Destination[]> {
  const own: Destination = { kind: 'socket', path };
  if (!host.privileged) return [own];
  if (host.account.uid !== 0) return [{ ...own, as: host.account }];
  if (connection.replication) return [own];
  const namesake = await accountNamed(host, connection.plan.user);
  return namesake === undefined || namesake.uid === 0 ? [own] : [{ ...own, as: namesake }, own];
}

export type Encryption = ConnectionAttempt['encryption'];

/** fe-connect.c, init_allowed_encryption_methods: sslmode does not count for a Unix socket. */
export function encryptions(sslmode: string, destination: Destination): readonly Encryption[] {
  if (destination.kind === 'socket') return ['none'];
  switch (sslmode) {
    case 'disable':
      return ['none'];
    case 'allow':
      return ['none', 'tls'];
    case 'prefer':
      return ['tls', 'none'];
    default:
      return ['tls'];
  }
}
