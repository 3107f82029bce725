import { accountOf } from '../checks/server-account.ts';
import type { Host } from '../hosts/host.ts';
import type { WrittenPlace } from '../hosts/place.ts';
import { parsePostmasterPid } from '../postgres/postmaster-files.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { resolveConnection } from '../servers/resolve-connection.ts';
import { goTo, NotRunning } from './places.ts';
import { UsageError } from './usage-error.ts';

/**
 * A superuser's session over the socket of the server that runs at a place, as `docker exec -u postgres NAME psql` has it:
 * as the user whose socket it is, and in a container in the role of POSTGRES_USER. Undefined: the container does not run.
 * Throws a {@link UsageError}.
 */
export async function sessionAt(
  place: WrittenPlace,
  option: string,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ResolvedConnection | undefined> {
  // another machine has no directory of its own
  const asked = place.kind === 'ssh' && place.path === undefined ? { ...place, path: '/' } : place;
  const reached = await goTo(asked, limits, 'session', limits.signal, option).catch((error: unknown) => {
    if (error instanceof NotRunning) return undefined;
    throw error;
  });
  if (reached === undefined) return undefined;
  const { host, dataDirectory, close } = reached;
  try {
    const { directory, port } = await socketOf(host, dataDirectory, `${option} ${place.kind}:${place.name}`);
    const status = await host.status(`${directory}/.s.PGSQL.${port}`);
    const { uid, gid } = status.ok ? status.value : host.account;
    const account = host.privileged && uid !== 0 ? await accountOf(host, uid, gid) : host.account;
    const user = host.place?.kind === 'container' ? host.place.superuser : account.name;
    const from: Host = { ...host, account };
    const values = { host: directory, port: String(port), user, dbname: 'postgres' };
    const conninfo = Object.entries(values).map(([name, value]) => `${name}='${value.replaceAll(/['\\]/gu, '\\$&')}'`);
    const given = { conninfo: conninfo.join(' '), host: undefined, port: undefined, user: undefined };
    const resolved = await resolveConnection(from, given, { replication: false });
    if (!resolved.ok) throw new UsageError(`${option}: ${resolved.message}`, resolved.hint);
    return { ...resolved.connection, from };
  } finally {
    // a connection brings a shell of its own
    close();
  }
}

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
