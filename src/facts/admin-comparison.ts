import type { SystemIdentifier } from '../postgres/lsn.ts';
import type { AdminIdentity } from './identity.ts';

/** What is known of the two servers, for {@link compareAdmin}. */
export interface TwoServers {
  readonly upstream: UpstreamReached;
  readonly admin: ServerSeen & {
    readonly reached: Endpoint;
    /** Its own `port`, and whether it listens on an address (listen_addresses), or in a socket directory. */
    readonly port: number | undefined;
    readonly listensOn: (address: string) => boolean;
  };
  /** --admin, asked while the replication session was open, has its process in pg_stat_activity; undefined: not asked. */
  readonly seesSession: boolean | undefined;
  /** What an ordinary session with the replication credentials found where the replication connection leads. */
  readonly ordinary: ServerSeen | undefined;
  /** The cluster of the data directory that is examined; undefined where there is none, or it cannot be read. */
  readonly expected: SystemIdentifier | undefined;
  /** It is the server of the data directory that is examined. */
  readonly isExamined: boolean;
  /** A copy is to be made: whoever names a primary by --admin means the one that is to be copied. */
  readonly isCopy: boolean;
}

export type UpstreamReached =
  | {
      readonly reached: 'session';
      readonly at: Endpoint;
      readonly systemIdentifier: SystemIdentifier;
      readonly inRecovery: boolean | undefined;
    }
  /** A server answered there, and let nobody in. */
  | { readonly reached: 'answered'; readonly at: Endpoint }
  /** Nothing answered at any of these. */
  | { readonly reached: 'nothing'; readonly tried: readonly Endpoint[] }
  /** There is no connection that could be made. */
  | { readonly reached: 'not-named' };

export interface ServerSeen {
  readonly systemIdentifier: SystemIdentifier;
  readonly startedAt: Date;
  readonly inRecovery: boolean;
}

export interface Endpoint {
  /** What answered: an address, or the path of a socket; undefined where a name led to none. */
  readonly address: string | undefined;
  readonly port: number;
  /** A socket, or an address of this machine. */
  readonly own: boolean;
}

/**
 * Whether --admin looks into the server that the replication connection leads to. Names prove nothing, and neither does a
 * system identifier, which every standby shares. What proves it, in this order: the replication session is seen there; the
 * time of its start is that of the server that an ordinary session finds; where nobody is let in, the same address and port
 * answered both.
 */
export function compareAdmin(seen: TwoServers): AdminIdentity {
  const { upstream, admin, seesSession, ordinary } = seen;
  if (upstream.reached === 'session' && upstream.systemIdentifier !== admin.systemIdentifier)
    return { is: 'another-cluster' };
  if (seesSession === true) return proven('it sees the process of the replication session');
  if (seen.isExamined) return { is: 'another-server', which: 'the standby itself' };
  if (ordinary !== undefined) {
    if (ordinary.systemIdentifier !== admin.systemIdentifier) return { is: 'another-cluster' };
    return ordinary.startedAt.getTime() === admin.startedAt.getTime()
      ? proven('system identifier and postmaster start time are the same')
      : another(seen);
  }
  switch (upstream.reached) {
    case 'session':
      if (upstream.inRecovery !== undefined && upstream.inRecovery !== admin.inRecovery) return another(seen);
      if (seesSession === false) return another(seen);
      return isSame(upstream.at, admin.reached) ? proven(sameEndpoint) : { is: 'unknown' };
    case 'answered':
      if (isSame(upstream.at, admin.reached)) return proven(sameEndpoint);
      return isOwnPort(upstream.at, seen)
        ? proven('it listens on that address and port of this machine')
        : { is: 'unknown' };
    case 'nothing':
      return identityWithoutAnswer(upstream.tried, seen);
    case 'not-named':
      if (seen.expected !== undefined && seen.expected !== admin.systemIdentifier) return { is: 'another-cluster' };
      return admin.inRecovery ? { is: 'unknown' } : proven('no other server is named, and it is a primary');
  }
}

const sameEndpoint = 'the same address and port answered both';

/** Nothing answers there, so that no other server is meant where --admin's would have that address and port. */
function identityWithoutAnswer(tried: readonly Endpoint[], seen: TwoServers): AdminIdentity {
  const { admin, expected, isCopy } = seen;
  if (expected !== undefined && expected !== admin.systemIdentifier) return { is: 'another-cluster' };
  const onItsHost = tried.filter((at) => isSameHost(at, admin.reached));
  if (onItsHost.some(({ port }) => port === admin.port || port === admin.reached.port))
    return proven('it runs on that host with that port');
  return isCopy && onItsHost.length > 0 && !admin.inRecovery
    ? proven('nothing else answers on its host')
    : { is: 'unknown' };
}

const proven = (proof: string): AdminIdentity => ({ is: 'the-upstream', proof });

const another = ({ admin, isExamined }: TwoServers): AdminIdentity => ({
  is: 'another-server',
  which: isExamined ? 'the standby itself' : admin.inRecovery ? 'a standby' : 'a primary',
});

const isSame = (one: Endpoint, other: Endpoint): boolean =>
  one.address !== undefined && one.address === other.address && one.port === other.port;

const isSameHost = (one: Endpoint, other: Endpoint): boolean =>
  one.address !== undefined && (one.address === other.address || (one.own && other.own));

/** Over a Unix socket or another address of this machine: no two servers listen on one address and port. */
const isOwnPort = (at: Endpoint, { admin }: TwoServers): boolean =>
  at.own && admin.reached.own && at.address !== undefined && at.port === admin.port && admin.listensOn(at.address);
