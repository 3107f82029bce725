import type { ConnectionAttempt } from '../facts/connection.ts';
import { wasPrimary } from '../facts/containers.ts';
import type { ContainerNear, Containers } from '../facts/containers.ts';
import type { SystemIdentifier } from '../postgres/lsn.ts';

/** The container that a connection is meant to lead to, and what keeps it from getting there. */
export interface ContainerOfPrimary {
  readonly container: ContainerNear;
  /** It has a primary with the system identifier of the standby. */
  readonly proven: boolean;
  /** The one that the connection names, which does not run while this one is, or was after it, a primary of the same cluster. */
  readonly inPlaceOf?: ContainerNear;
  /** Others that may be the primary in place of that one just as well. */
  readonly orElse?: readonly ContainerNear[];
  /** The connection leads back to the standby's own container. */
  readonly toItself: boolean;
  /** In networks where names resolve. */
  readonly sharesNetwork: boolean;
  /** What the connection has to name instead; undefined: it names that. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/**
 * By its name, an alias, its address or a port that it publishes where the connection says so; else the only one that has
 * a primary of the same cluster, where the connection leads to no other machine. Undefined where none is meant, or
 * nothing about the containers keeps the connection from getting there.
 */
export function containerOfPrimary(
  { own, others: all }: Containers,
  attempt: ConnectionAttempt,
  cluster: SystemIdentifier | undefined,
): ContainerOfPrimary | undefined {
  const { port, address = attempt.host, outcome } = attempt;
  // with the machine's own network, localhost is that machine; with another container's, it is that one
  if (own.inNetworkOfAnother === true || own.networks.some(({ name }) => name === 'host')) return undefined;
  const others = all.filter(({ inNetworkOfAnother }) => inNetworkOfAnother !== true);
  const toItself = leadsToItself(own, attempt);
  const publishing = others.filter(({ published }) => toItself && published.some(({ outside }) => outside === port));
  const called = others.find((other) => isCalled(other, attempt.host) || hasAddress(other, address));
  const primaries = others.filter((other) =>
    cluster === undefined
      ? toItself && runsPrimaryBeside(own, other)
      : other.cluster?.systemIdentifier === cluster && wasPrimary(other),
  );
  // a copy that was never started has the state of its primary
  const alive = primaries.filter(({ state }) => state === 'running');
  const [primary] = primaries.length === 1 ? primaries : toItself && alive.length === 1 ? alive : [];
  const named = called ?? (publishing.length === 1 ? publishing[0] : undefined);
  const isOther = cluster !== undefined && named?.cluster !== undefined && named.cluster.systemIdentifier !== cluster;
  const staysHere = outcome.kind === 'not-resolved' || toItself || isInNetworkOf(own, address);
  const found = isOther ? undefined : named;
  // to start it beside another primary would make two of one cluster
  const [successor, ...more] = cluster === undefined || found === undefined ? [] : rivalsOf(found, primaries);
  const replaced = successor === undefined ? undefined : found;
  const container =
    (replaced === undefined ? found : successor) ?? (primary?.state === 'running' && staysHere ? primary : undefined);
  if (container === undefined) return undefined;
  const sharesNetwork = namedNetworks(container).some((name) => namedNetworks(own).includes(name));
  const host =
    isCalled(container, attempt.host) || (hasAddress(container, address) && sharesNetwork) ? undefined : container.name;
  const result: ContainerOfPrimary = {
    container,
    ...(replaced === undefined ? {} : { inPlaceOf: replaced }),
    ...(more.length === 0 || replaced === undefined
      ? {}
      : { orElse: more.filter((one) => timelineOf(one) === timelineOf(container)) }),
    proven: cluster !== undefined && (container === primary || replaced !== undefined),
    toItself,
    // an address of the machine that Docker runs on needs no network in common
    sharesNetwork: sharesNetwork || !(staysHere || container === called),
    host,
    port: portOf(container, port, host !== undefined),
  };
  const isAllRight =
    container.state === 'running' && result.sharesNetwork && result.host === undefined && result.port === undefined;
  return isAllRight ? undefined : result;
}

/** Over a loopback address or a Unix socket, or by its own name: whatever it is, it is within the container. */
export function leadsToItself(own: ContainerNear, { host, address = host }: ConnectionAttempt): boolean {
  if (own.inNetworkOfAnother === true || own.networks.some(({ name }) => name === 'host')) return false;
  return isLoopback(address) || isOwnSocket(address) || isCalled(own, host) || hasAddress(own, address);
}

/** Where servers make their sockets by default; another directory may be a volume that two containers share. */
const isOwnSocket = (path: string): boolean => /^(?:\/(?:var\/)?run\/postgresql|\/tmp)(?:\/|$)/u.test(path);

/** The containers that a primary runs in, in networks of this one, in which their names resolve. */
export const runsPrimaryBeside = (own: ContainerNear, other: ContainerNear): boolean =>
  other.state === 'running' &&
  other.cluster?.state === 'in production' &&
  namedNetworks(other).some((name) => namedNetworks(own).includes(name));

/** Another port than the given one: the one that its server is told, or that of its own behind a published one; with another host, the only one that its image names. */
function portOf(
  { exposed, published, serverPort }: ContainerNear,
  port: number,
  elsewhere: boolean,
): number | undefined {
  if (serverPort !== undefined) return serverPort === port ? undefined : serverPort;
  if (exposed.includes(port) || published.some(({ inside }) => inside === port)) return undefined;
  const behind = published.find(({ outside }) => outside === port)?.inside;
  const [only, ...more] = exposed;
  return behind ?? (elsewhere && more.length === 0 ? only : undefined);
}

export const isCalled = ({ id, name, networks }: ContainerNear, host: string): boolean =>
  name === host || networks.some(({ aliases }) => aliases.includes(host)) || (host.length >= 12 && id.startsWith(host));

export const hasAddress = ({ networks }: ContainerNear, address: string): boolean =>
  networks.some(({ addresses }) => addresses.includes(address));

/** Those that containers know each other's names in: not the default one, nor what takes the place of a network. */
export const namedNetworks = ({ networks }: ContainerNear): readonly string[] =>
  networks
    .map(({ name }) => name)
    .filter((name) => !['bridge', 'podman', 'host', 'none', 'slirp4netns', 'pasta'].includes(name));

/** Who is a primary now, or was one on a later timeline, while this one, which was a primary, does not run: the latest first. */
function rivalsOf(named: ContainerNear, primaries: readonly ContainerNear[]): readonly ContainerNear[] {
  if (named.state === 'running' || (named.cluster !== undefined && !wasPrimary(named))) return [];
  const isNow = (one: ContainerNear): boolean => one.state === 'running' && one.cluster?.state === 'in production';
  const isLater = (one: ContainerNear): boolean =>
    named.cluster?.timeline !== undefined && timelineOf(one) > named.cluster.timeline;
  return primaries
    .filter((one) => one !== named && (isNow(one) || isLater(one)))
    .toSorted((a, b) => timelineOf(b) - timelineOf(a) || Number(isNow(b)) - Number(isNow(a)));
}

const timelineOf = ({ cluster }: ContainerNear): number => cluster?.timeline ?? 0;

const isLoopback = (address: string): boolean => /^(?:127\..*|::1|localhost)$/u.test(address);

/** Of the same /16, which Docker's and Podman's networks are no larger than; it may be of a container that is gone. */
const isInNetworkOf = ({ networks }: ContainerNear, address: string): boolean => {
  const [first, second] = address.split('.');
  return networks.some(({ addresses }) => addresses.some((one) => one.startsWith(`${first}.${second}.`)));
};
