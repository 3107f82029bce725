import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareAdmin } from '../../src/facts/admin-comparison.ts';
import type { Endpoint, TwoServers, UpstreamReached } from '../../src/facts/admin-comparison.ts';
import { systemIdentifier as parsed } from '../../src/postgres/lsn.ts';
import type { SystemIdentifier } from '../../src/postgres/lsn.ts';

function systemIdentifier(number: bigint): SystemIdentifier {
  const found = parsed(number);
  if (found === undefined) throw new Error(`${number} is not a system identifier`);
  return found;
}

/** A server as it really is; two are the same one when they are the same object. */
interface Server {
  readonly cluster: number;
  readonly inRecovery: boolean;
  readonly startedAt: Date;
  readonly port: number;
  /** Of the machine that looks, or another. */
  readonly here: boolean;
  readonly number: number;
}

/** How a connection comes to it: an address of its own, a socket, or a tunnel whose end is here. */
type Way = 'tcp' | 'socket' | 'tunnel';

const addressOf = (server: Server): string => (server.here ? `127.0.0.${server.number}` : `10.0.0.${server.number}`);

function endpoint(server: Server, way: Way): Endpoint {
  switch (way) {
    case 'tcp':
      return { address: addressOf(server), port: server.port, own: server.here };
    case 'socket':
      return { address: `/run/${server.number}/.s.PGSQL.${server.port}`, port: server.port, own: true };
    case 'tunnel':
      // an address and a port of this machine on which no server of it listens
      return { address: `127.1.0.${server.number}`, port: server.port, own: true };
  }
}

const servers = fc
  .array(
    fc.record({
      cluster: fc.integer({ min: 1, max: 2 }),
      inRecovery: fc.boolean(),
      // servers of one machine that was started a moment ago have started within the same second
      startedAt: fc.integer({ min: 0, max: 2_000 }).map((ms) => new Date(1_700_000_000_000 + ms)),
      port: fc.constantFrom(5432, 5433),
      here: fc.boolean(),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((all): readonly Server[] =>
    // two servers do not start at the same microsecond
    all.map((one, index) => ({ ...one, number: index + 1, startedAt: new Date(one.startedAt.getTime() * 10 + index) })),
  );

const way = fc.constantFrom<Way>('tcp', 'socket', 'tunnel');
const worlds = fc.record({
  servers,
  upstream: fc.nat(3),
  admin: fc.nat(3),
  ways: fc.record({ upstream: way, admin: way }),
  reached: fc.constantFrom('session', 'answered'),
  ordinary: fc.boolean(),
  asked: fc.boolean(),
  tellsRecovery: fc.boolean(),
  isCopy: fc.boolean(),
});

type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

function seenIn(world: World): { readonly seen: TwoServers; readonly same: boolean } | undefined {
  const upstream = world.servers[world.upstream % world.servers.length];
  const admin = world.servers[world.admin % world.servers.length];
  if (upstream === undefined || admin === undefined) return undefined;
  const identity = ({ cluster, startedAt, inRecovery }: Server) => ({
    systemIdentifier: systemIdentifier(BigInt(cluster)),
    startedAt,
    inRecovery,
  });
  const at = endpoint(upstream, world.ways.upstream);
  const reached: UpstreamReached =
    world.reached === 'session'
      ? {
          reached: 'session',
          at,
          systemIdentifier: systemIdentifier(BigInt(upstream.cluster)),
          inRecovery: world.tellsRecovery ? upstream.inRecovery : undefined,
        }
      : { reached: 'answered', at };
  const same = upstream === admin;
  return {
    same,
    seen: {
      upstream: reached,
      admin: {
        ...identity(admin),
        reached: endpoint(admin, world.ways.admin),
        port: admin.port,
        listensOn: (address) =>
          address === endpoint(admin, 'socket').address || (admin.here && address === addressOf(admin)),
      },
      seesSession: world.reached === 'session' && world.asked ? same : undefined,
      ordinary: world.ordinary ? identity(upstream) : undefined,
      expected: undefined,
      isExamined: false,
      isCopy: world.isCopy,
    },
  };
}

describe('whose server --admin has reached', () => {
  it('is never said to be the upstream where it is another one', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const found = seenIn(world);
        if (found === undefined || found.same) return;
        expect(compareAdmin(found.seen).is).not.toBe('the-upstream');
      }),
      { numRuns: 5_000 },
    );
  });

  it('is recognized as the upstream through every tunnel and socket, where it could be asked', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const found = seenIn(world);
        if (found === undefined || !found.same) return;
        const { is } = compareAdmin(found.seen);
        const proven = found.seen.seesSession === true || found.seen.ordinary !== undefined;
        expect(is).toMatch(proven ? /^the-upstream$/ : /^the-upstream$|^unknown$/);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['a pooler that makes up process numbers', { seesSession: false }, 'the-upstream'],
    ['another server with the same system identifier', { seesSession: false, ordinary: undefined }, 'another-server'],
    ['the examined standby itself', { seesSession: undefined, isExamined: true }, 'another-server'],
  ])('%s', (_name, change, is) => {
    const server = { systemIdentifier: systemIdentifier(7n), startedAt: new Date(1_000), inRecovery: false };
    const at = { address: '127.0.0.1', port: 5432, own: true };
    const seen: TwoServers = {
      upstream: { reached: 'session', at, systemIdentifier: server.systemIdentifier, inRecovery: false },
      admin: { ...server, reached: { ...at, port: 6432 }, port: 5432, listensOn: () => true },
      seesSession: true,
      ordinary: server,
      expected: undefined,
      isExamined: false,
      isCopy: false,
    };
    expect(compareAdmin({ ...seen, ...change }).is).toBe(is);
  });

  const primary = { systemIdentifier: systemIdentifier(7n), startedAt: new Date(1_000), inRecovery: false };
  const own = { address: '127.0.0.1', port: 5432, own: true };
  const silent = (tried: Endpoint, change: Partial<TwoServers> = {}): TwoServers => ({
    upstream: { reached: 'nothing', tried: [tried] },
    admin: { ...primary, reached: own, port: 5432, listensOn: () => true },
    seesSession: undefined,
    ordinary: undefined,
    expected: primary.systemIdentifier,
    isExamined: false,
    isCopy: false,
    ...change,
  });
  it.each([
    ['its own port on its host', silent(own), 'the-upstream'],
    ['another port: the middle of a cascade may be down', silent({ ...own, port: 5433 }), 'unknown'],
    ['another host', silent({ address: '10.0.0.9', port: 5432, own: false }), 'unknown'],
    ['another port, before a copy', silent({ ...own, port: 5433 }, { isCopy: true }), 'the-upstream'],
    ['another cluster', silent(own, { expected: systemIdentifier(8n) }), 'another-cluster'],
  ])('where nothing answers: %s', (_name, seen, is) => {
    expect(compareAdmin(seen).is).toBe(is);
  });

  it.each([
    ['a primary', { ...primary }, 'the-upstream'],
    ['a standby', { ...primary, inRecovery: true }, 'unknown'],
    ['of another cluster', { ...primary, systemIdentifier: systemIdentifier(8n) }, 'another-cluster'],
  ])('where no connection is named: %s', (_name, admin, is) => {
    const seen = silent(own);
    expect(compareAdmin({ ...seen, upstream: { reached: 'not-named' }, admin: { ...seen.admin, ...admin } }).is).toBe(
      is,
    );
  });
});
