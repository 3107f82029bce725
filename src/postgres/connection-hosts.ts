import { readInteger } from './connection-validation.ts';
import type { ParameterProblem } from './connection-validation.ts';
import type { ConninfoValues } from './conninfo-assembly.ts';
import { shownValue } from './conninfo-mask.ts';
import { meantValue } from './meant-value.ts';
import { passfileHost } from './passfile.ts';
import type { PassfileKey } from './passfile.ts';

/** One of the places that libpq tries. */
export interface ConnectionHost {
  readonly kind: 'name' | 'address' | 'socket';
  /** A name, an address, or a socket's directory (`@…`: an abstract socket); what a certificate is compared with. */
  readonly host: string;
  /** Connected to in the place of `host` where it is given; a numeric address. */
  readonly hostaddr: string | undefined;
  readonly port: number;
  /** The socket's path, `@` first for an abstract one; undefined for TCP. */
  readonly socketPath: string | undefined;
  readonly passfileKey: PassfileKey;
}

export interface ExpandedHosts {
  /** Without those whose port or path is none. */
  readonly hosts: readonly ConnectionHost[];
  readonly problems: readonly ParameterProblem[];
}

/** DEF_PGPORT; a build can have another one, and none that is known does. */
const defaultPort = '5432';

/** sun_path less its final zero byte, on Linux. */
const longestSocketPath = 107;

/**
 * Splits host, hostaddr and port at their commas and puts them together, as libpq does (fe-connect.c,
 * pqConnectOptions2): as many hosts as hostaddrs, and one port for all or as many ports as hosts. Nothing is trimmed:
 * `db1, db2` names a host ` db2`.
 */
export function expandHosts(
  values: ConninfoValues,
  known: {
    readonly libpqVersion: number;
    readonly user: string;
    readonly database: string;
    readonly socketDirectory: string | undefined;
  },
): ExpandedHosts {
  const socketDirectory = known.socketDirectory ?? '/var/run/postgresql';
  const names = listOf(values.host);
  const addresses = listOf(values.hostaddr);
  const ports = listOf(values.port);
  const count = Math.max(1, addresses.length === 0 ? names.length : addresses.length);
  if (names.length > 0 && names.length !== count) {
    const message = `host lists ${counted(names.length, 'host')} and hostaddr ${counted(count, 'address', 'addresses')}: libpq needs as many of one as of the other.`;
    return { hosts: [], problems: [{ kind: 'host-count', keywords: ['host', 'hostaddr'], message }] };
  }
  if (ports.length > 1 && ports.length !== count) {
    const message = `port lists ${counted(ports.length, 'port')} for ${counted(count, 'host')}: libpq needs one port for all, or one for each.`;
    return { hosts: [], problems: [{ kind: 'port-count', keywords: ['port', 'host'], message }] };
  }

  const hosts: ConnectionHost[] = [];
  const problems: ParameterProblem[] = [];
  for (let index = 0; index < count; index += 1) {
    const hostaddr = addresses[index] || undefined;
    const name = names[index] || undefined;
    const host = name ?? hostaddr ?? socketDirectory;
    const written = (ports.length === 1 ? ports[0] : ports[index]) || defaultPort;
    const kind = hostaddr !== undefined ? 'address' : isSocket(host, known.libpqVersion) ? 'socket' : 'name';
    const port = readInteger(written);
    if (port === undefined || port < 1 || port > 65_535) {
      const message = `port is "${shownValue(written)}"; libpq accepts only an integer from 1 to 65535.${written.includes(':') ? ' In a URI, an IPv6 address is written in brackets: [2001:db8::1]:5432.' : ''}`;
      const instead = meantValue('port', values.port ?? '', undefined);
      problems.push({ kind: 'port', keywords: ['port'], message, instead });
      continue;
    }
    const socketPath = kind === 'socket' ? `${host}/.s.PGSQL.${port}` : undefined;
    if (socketPath !== undefined && Buffer.byteLength(socketPath) > longestSocketPath) {
      const message = `The socket's path ${socketPath} has ${Buffer.byteLength(socketPath)} bytes, and the system allows ${longestSocketPath}.`;
      problems.push({ kind: 'socket-path-too-long', keywords: ['host'], message });
      continue;
    }
    const passfileKey = {
      host: passfileHost(host, socketDirectory),
      port: written,
      database: known.database,
      user: known.user,
    };
    hosts.push({ kind, host, hostaddr, port, socketPath, passfileKey });
  }
  return { hosts, problems };
}

const listOf = (value: string | undefined): readonly string[] =>
  value === undefined || value === '' ? [] : value.split(',');

/** is_unixsock_path (common/ip.h): abstract sockets came with 14. */
const isSocket = (host: string, libpqVersion: number): boolean =>
  host.startsWith('/') || (libpqVersion >= 14 && host.startsWith('@'));

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
