import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Release } from '../../src/throwaway/releases.ts';
import type { Settings } from '../../src/throwaway/throwaway-server.ts';
import { identifier, literal } from '../../src/remedies/quoting.ts';
import { afterwards } from './lifetime.ts';
import type { Lifetime } from './lifetime.ts';
import { newestRelease } from './releases.ts';
import { newCluster } from './templates.ts';

export interface RoleOptions {
  readonly name?: string;
  readonly password?: string | null;
  /** As CREATE ROLE takes them. */
  readonly attributes?: string;
}

export interface PrimaryOptions {
  readonly release?: Release;
  readonly settings?: Settings;
  /** pg_hba.conf behind the superuser's own lines for the Unix socket; when absent: the role for replication and everybody for databases, from loopback, by scram-sha-256. */
  readonly hba?: readonly string[];
  /** The replication role; `null`: none is made (its name and password are still what the tests give to the tool). */
  readonly role?: RoleOptions | null;
  /** `environment`: a copy of it can be started beside it without a change to its files (see {@link ThrowawayServer}). */
  readonly portFrom?: 'file' | 'environment';
  readonly started?: boolean;
  readonly lifetime?: Lifetime;
  /** More of initdb's options: the cluster is made by it, and is no copy of the template. */
  readonly initdb?: readonly string[];
}

export interface Primary {
  readonly server: ThrowawayServer;
  readonly role: string;
  readonly password: string;
  /** For `--admin`: the superuser, over the Unix socket. */
  readonly admin: string;
  /** pg_basebackup's own words for the replication connection: `-h 127.0.0.1 -p … -U replicator`. */
  readonly connection: readonly string[];
  /** The same as a keyword/value string, without the password. */
  readonly conninfo: string;
}

/** A running primary, ready for a standby, with a replication role and its pg_hba.conf entry. It is gone when the test (or the file) ends. */
export async function aPrimary(options: PrimaryOptions = {}): Promise<Primary> {
  const server = await reserve(options);
  const role = options.role?.name ?? 'replicator';
  const password = options.role?.password ?? 'correct horse battery staple';
  await (options.initdb === undefined ? newCluster(server) : server.initdb(options.initdb));
  await server.listenLocally();
  await server.configure({ shared_buffers: '16MB', password_encryption: 'scram-sha-256', ...options.settings });
  await server.writeHba(options.hba ?? loopbackOnly(role));
  if (options.started !== false) {
    await server.start();
    if (options.role !== null) await createRole(server, { ...options.role, name: role });
  }
  return {
    server,
    role,
    password,
    admin: `host=${server.folder} port=${server.port} user=${ThrowawayServer.superuser} dbname=postgres`,
    connection: ['-h', '127.0.0.1', '-p', String(server.port), '-U', role],
    conninfo: `host=127.0.0.1 port=${server.port} user=${role}`,
  };
}

/** A folder and a port for a server that does not exist yet: what `-D` names, and where a clone will run. */
export async function aPlaceForAStandby(
  options: Pick<PrimaryOptions, 'release' | 'portFrom' | 'lifetime'> = {},
): Promise<ThrowawayServer> {
  return reserve(options);
}

/** Makes a role, by default one that can replicate and log in with a password. `password: null` gives it none. */
export async function createRole(server: ThrowawayServer, options: RoleOptions = {}): Promise<void> {
  const { name = 'replicator', password = 'correct horse battery staple', attributes = 'LOGIN REPLICATION' } = options;
  const secret = password === null ? '' : ` PASSWORD ${literal(password)}`;
  await server.query(`CREATE ROLE ${identifier(name)} ${attributes}${secret}`);
}

async function reserve(options: Pick<PrimaryOptions, 'release' | 'portFrom' | 'lifetime'>): Promise<ThrowawayServer> {
  const portFrom = options.portFrom ?? 'file';
  const server = await ThrowawayServer.reserve({ release: options.release ?? newestRelease, portFrom });
  afterwards(async () => server.dispose(), options.lifetime);
  return server;
}

function loopbackOnly(role: string): readonly string[] {
  return ['127.0.0.1/32', '::1/128'].flatMap((address) => [
    `host replication ${hbaWord(role)} ${address} scram-sha-256`,
    `host all all ${address} scram-sha-256`,
  ]);
}

/** hba.c: within double quotes a name is taken as it stands. */
function hbaWord(name: string): string {
  return /^[a-z_0-9]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
