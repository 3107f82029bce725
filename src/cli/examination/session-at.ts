import { accountOf } from '../../checks/server-account.ts';
import type { GivenConnection } from '../../facts/connection.ts';
import { answer } from '../../hosts/host.ts';
import type { Account, Host } from '../../hosts/host.ts';
import { isSsh } from '../../hosts/place.ts';
import type { WrittenPlace } from '../../hosts/place.ts';
import { parsePostmasterPid } from '../../postgres/postmaster-files.ts';
import { connect } from '../../servers/connect.ts';
import type { ResolvedConnection } from '../../servers/connection.ts';
import { resolveConnection } from '../../servers/resolve-connection.ts';
import type { SessionLimits } from '../options/own-options.ts';
import { goTo, NotRunning } from './places.ts';
import { UsageError } from '../usage-error.ts';

/**
 * A superuser's session over the socket of the server that runs at a place, as `docker exec -u postgres NAME psql` has it:
 * as the user whose socket it is, and in a container in the role of POSTGRES_USER. The session tells the address that the
 * server has in its network. Undefined: the container does not run, or is paused. Throws a {@link UsageError}.
 */
export async function sessionAt(
  place: WrittenPlace,
  option: string,
  limits: SessionLimits,
  /** Who ends what carries the connections. Without: each brings a shell of its own. */
  keep?: (end: () => void) => void,
): Promise<ResolvedConnection | undefined> {
  // another machine has no directory of its own
  const asked = isSsh(place.kind) && place.path === undefined ? { ...place, path: '/' } : place;
  const reached = await goTo(asked, limits, 'session', limits.signal, option).catch((error: unknown) => {
    if (error instanceof NotRunning) return undefined;
    throw error;
  });
  if (reached === undefined) return undefined;
  const { host, dataDirectory, close } = reached;
  keep?.(close);
  try {
    const { directory, port } = await socketOf(host, dataDirectory, `${option} ${place.kind}:${place.name}`);
    const status = await host.status(`${directory}/.s.PGSQL.${port}`);
    const { uid, gid } = status.ok ? status.value : host.account;
    const account = host.privileged && uid !== 0 ? await accountOf(host, uid, gid) : host.account;
    const from: Host = { ...host, account, ...asFromOutside(host, { directory, port }, account) };
    const { place: at } = host;
    const named = at?.kind === 'container' || at?.kind === 'pod' ? at.superuser : account.name;
    const address = addressOf(host);
    const open = async (user: string): Promise<ResolvedConnection> => {
      const values = {
        host: nameOf(host) ?? address,
        port: String(port),
        user,
        dbname: 'postgres',
        sslmode: 'disable',
      };
      const resolved = await resolveConnection(from, givenAs(values), { replication: false });
      if (!resolved.ok) throw new UsageError(`${option}: ${resolved.message}`, resolved.hint);
      return { ...resolved.connection, from };
    };
    const connection = await open(named);
    // the environment of a container counts on an empty volume only
    return named === account.name || (await hasRole(connection, limits)) ? connection : await open(account.name);
  } finally {
    if (keep === undefined) close();
  }
}

/** Whoever asks what the server is reached by is told its address, and not a socket that is there alone. */
function asFromOutside(
  host: Host,
  { directory, port }: ServerSocket,
  account: Account,
): Pick<Host, 'addressesOf' | 'connect'> {
  const socket = { kind: 'socket', path: `${directory}/.s.PGSQL.${port}` } as const;
  const as = host.privileged && account.uid !== host.account.uid ? { as: account } : {};
  return {
    addressesOf: () => Promise.resolve(answer([addressOf(host)])),
    connect: (_, signal) => host.connect({ ...socket, ...as }, signal),
  };
}

/** Containers of one network know each other by name; how others call another machine is not known. */
const nameOf = ({ place }: Host): string | undefined => (place?.kind === 'container' ? place.name : undefined);

/** The first that is not its own alone; of a machine without a network that one is all that there is. */
function addressOf(host: Host): string {
  const addresses = host.interfaces().map(({ address }) => address);
  const outer = addresses.filter((address) => !/^127\.|^::1$|^fe80:/iu.test(address));
  return outer.find((address) => !address.includes(':')) ?? outer[0] ?? '127.0.0.1';
}

function givenAs(values: Readonly<Record<string, string>>): GivenConnection {
  const written = Object.entries(values).map(([name, value]) => `${name}='${value.replaceAll(/['\\]/gu, '\\$&')}'`);
  return { conninfo: written.join(' '), host: undefined, port: undefined, user: undefined };
}

async function hasRole(connection: ResolvedConnection, { timeoutMs, signal }: SessionLimits): Promise<boolean> {
  if (connection.from === undefined) return true;
  const { attempts, session } = await connect(connection, { host: connection.from, timeoutMs, signal });
  await session?.close();
  const outcome = attempts.at(-1)?.outcome;
  return outcome?.kind !== 'server-refused' || outcome.error.sqlstate !== invalidAuthorization;
}

/** A role that does not exist, among others (errcodes.txt). */
const invalidAuthorization = '28000';

interface ServerSocket {
  readonly directory: string;
  readonly port: number;
}

async function socketOf(host: Host, dataDirectory: string, asked: string): Promise<ServerSocket> {
  const file = await host.read(`${dataDirectory}/postmaster.pid`, { maxBytes: 4_096 });
  const lock = file.ok ? parsePostmasterPid(Buffer.from(file.value.bytes).toString()) : undefined;
  if (lock?.ok === true) {
    const { socketDirectory, port } = lock.value;
    if (socketDirectory !== null && port !== null) return { directory: socketDirectory, port };
  }
  const found = await Promise.all(usualDirectories.map(async (directory) => socketsIn(host, directory)));
  const [only, ...others] = found.flat();
  if (only === undefined)
    throw new UsageError(
      `${asked}: no server has a socket in ${usualDirectories.join(' or ')} there.`,
      `Start it, or write its data directory behind it: ${asked}:/DIRECTORY.`,
    );
  if (others.length > 0)
    throw new UsageError(
      `${asked}: several servers run there, on the ports ${[only, ...others].map(({ port }) => port).join(', ')}.`,
      `Write the data directory of the one that is meant behind it: ${asked}:/DIRECTORY.`,
    );
  return only;
}

const usualDirectories = ['/var/run/postgresql', '/tmp'];

async function socketsIn(host: Host, directory: string): Promise<readonly ServerSocket[]> {
  const listed = await host.list(directory);
  if (!listed.ok) return [];
  return listed.value.entries.flatMap(({ name, kind }) => {
    const [, port] = /^\.s\.PGSQL\.(\d+)$/u.exec(name) ?? [];
    return kind === 'socket' && port !== undefined ? [{ directory, port: Number(port) }] : [];
  });
}
