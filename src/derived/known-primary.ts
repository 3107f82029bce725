import { ifSeen } from '../facts/observed.ts';
import type { AdminServer } from '../facts/identity.ts';
import { booleanOf, integerOf, textOf } from '../facts/settings.ts';
import type { HbaMethod } from '../postgres/hba-line.ts';
import { matchHba } from '../postgres/hba-match.ts';
import { listensOn } from '../postgres/listen-addresses.ts';
import { derived } from './derived.ts';

/** How a standby that is told of no primary would reach the one that --admin shows. */
export interface KnownPrimary {
  readonly host: string;
  readonly port: number;
  readonly role: string;
  /** What pg_hba.conf may ask of the role from there: the method of each line that can decide. */
  readonly methods: readonly HbaMethod[];
}

const goesBy = { needs: [], wants: ['adminServer', 'controlFile'] } as const;

/**
 * The primary of --admin, where it is one of the same cluster, and the role that is meant for replication: the only one,
 * or the only one that pg_hba.conf lets in. Undefined where either cannot be told.
 */
export const knownPrimary = derived(goesBy, ({ adminServer, controlFile }): KnownPrimary | undefined => {
  const server = ifSeen(adminServer);
  const own = ifSeen(controlFile);
  if (server === undefined || server.inRecovery || own?.ok !== true) return undefined;
  if (server.systemIdentifier !== own.value.systemIdentifier) return undefined;
  const port = integerOf(server.settings, 'port');
  // another one is a pooler's, or is forwarded from somewhere
  if (port === undefined || port !== server.port) return undefined;
  const places = placesOf(server);
  const ways = server.replicationRoles.flatMap(({ name, superuser }) =>
    places.map((host) => ({ host, port, role: name, superuser, methods: methodsFor(server, name, host) })),
  );
  const open = ways.filter(({ methods }) => methods.some((method) => method !== 'reject'));
  const candidates = [open.filter(({ superuser }) => !superuser), open, ways.filter(({ superuser }) => !superuser)];
  const chosen = candidates.find((some) => some.length > 0) ?? [];
  return new Set(chosen.map(({ role }) => role)).size === 1 ? chosen[0] : undefined;
});

/** Over TCP first where it listens there: a socket is of this machine alone. */
function placesOf({ host, settings, ownAddress }: AdminServer): readonly string[] {
  if (!host.startsWith('/') && !host.startsWith('@')) return [host];
  const listened = textOf(settings, 'listen_addresses') ?? '';
  return ownAddress && listensOn(listened, '127.0.0.1') ? ['127.0.0.1', host] : [host];
}

/** From this machine, as far as its address there is known; with sslmode=prefer, libpq tries both ways until one is let in. */
function methodsFor({ hbaRules, ownAddress, settings }: AdminServer, user: string, host: string): readonly HbaMethod[] {
  const rules = ifSeen(hbaRules);
  if (rules === undefined) return [];
  const isSocket = host.startsWith('/') || host.startsWith('@');
  const ways = isSocket || booleanOf(settings, 'ssl') === false ? (['none'] as const) : (['tls', 'none'] as const);
  const deciding = ways.map((encryption) =>
    matchHba(rules.lines, {
      kind: 'physical-replication',
      database: 'replication',
      user,
      address: isSocket ? 'local' : ownAddress ? host : undefined,
      encryption,
      userRoles: undefined,
      serverInterfaces: undefined,
      hostNames: undefined,
      serverVersion: newestMajor,
    }),
  );
  const first = deciding.find(
    ({ certain, matched }) => certain && matched !== undefined && matched.method !== 'reject',
  );
  const all = (first === undefined ? deciding : [first]).flatMap(({ considered }) =>
    considered.flatMap(({ line, verdict }) => (verdict === 'does not match' ? [] : [line.method])),
  );
  return [...new Set(all)];
}

const newestMajor = 18;
