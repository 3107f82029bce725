import { parseIpAddress } from '../postgres/ip-address.ts';

/** An IPv6 address as people write it in a URI or beside a port, and libpq does not read it as a host. */
export interface MisreadHost {
  readonly says: string;
  readonly host: string;
  /** What stands behind the address, as a port does. */
  readonly port?: string;
}

/**
 * libpq gives the host to getaddrinfo as it is (fe-connect.c, PQconnectPoll): brackets are part of it, and what follows the
 * last colon is part of an address. In the URI form the brackets are taken off.
 */
export function misreadHost(written: string, port: number): MisreadHost | undefined {
  const [, inBrackets] = /^\[([^\]]+)\]$/u.exec(written) ?? [];
  if (inBrackets !== undefined && parseIpAddress(inBrackets) !== undefined)
    return {
      says: 'libpq treats the brackets as part of the name: as a host, an IPv6 address is written without them.',
      host: inBrackets,
    };
  const [, before = '', behind = ''] = /^([^[\]]*:[^[\]]*):(\d{1,5})$/u.exec(written) ?? [];
  if (parseIpAddress(before)?.family !== 6 || Number(behind) < 1 || Number(behind) > 65_535) return undefined;
  // ":1" ends many an address, ":5432" hardly one
  if (parseIpAddress(written) !== undefined && Number(behind) !== port && behind !== '5432') return undefined;
  return {
    says: `libpq treats ":${behind}" as part of the address: a port is given by itself.`,
    host: before,
    port: behind,
  };
}

/** One that begins with fe80::/10 is the same on every network of a machine (RFC 4007). */
export const lacksZone = (written: string): boolean => {
  const address = parseIpAddress(written);
  return address?.family === 6 && !written.includes('%') && address.value >> 118n === 0x3fan;
};
