/** An IPv4 or IPv6 address as its number; the zone of a link-local address (`%eth0`) is not kept, because no comparison of PostgreSQL looks at it. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/**
 * Reads a numeric address as getaddrinfo(AI_NUMERICHOST) of glibc does, the function that PostgreSQL gives addresses to (hba.c, parse_hba_line):
 * IPv4 also in the short, octal and hexadecimal forms of inet_aton(`127.1`, `0x7f.0.0.1`), IPv6 with or without a zone.
 * `undefined`: not an address (for pg_hba.conf: a host name).
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const zoneAt = text.indexOf('%');
  const value = parseIpv6(zoneAt < 0 ? text : text.slice(0, zoneAt));
  if (value === undefined) return undefined;
  if (zoneAt >= 0 && !isZone(text.slice(zoneAt + 1), value)) return undefined;
  return { family: 6, value };
}

/** Writes an address as getnameinfo(NI_NUMERICHOST) does: the form that `pg_hba_file_rules` and `pg_stat_replication.client_addr` show. */
export function formatIpAddress({ family, value }: IpAddress): string {
  return family === 4 ? formatIpv4(value) : formatIpv6(value);
}

/** The mask of the first `bits` bits (0 to 32, or 0 to 128). */
export function prefixMask(family: 4 | 6, bits: number): IpAddress {
  const width = BigInt(addressBits(family));
  const ones = (1n << BigInt(bits)) - 1n;
  return { family, value: ones << (width - BigInt(bits)) };
}

/** How many leading ones a mask has; `undefined` for a mask with holes, which pg_hba.conf allows in the column of its own. */
export function prefixLength(mask: IpAddress): number | undefined {
  const binary = mask.value.toString(2).padStart(addressBits(mask.family), '0');
  const ones = binary.indexOf('0') < 0 ? binary.length : binary.indexOf('0');
  return binary.includes('1', ones) ? undefined : ones;
}

/** 32 or 128. */
export function addressBits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** ifaddr.c, pg_range_sockaddr: the addresses are equal where the mask has ones; an IPv4 address is never in an IPv6 network, mapped or not (hba.c, check_ip). */
export function isInNetwork(address: IpAddress, network: IpAddress, mask: IpAddress): boolean {
  if (address.family !== network.family) return false;
  return ((address.value ^ network.value) & mask.value) === 0n;
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  const numbers: bigint[] = [];
  for (const part of parts) {
    const number = parseCNumber(part);
    if (number === undefined) return undefined;
    numbers.push(number);
  }
  const last = numbers.pop() ?? 0n;
  if (numbers.some((number) => number > 255n)) return undefined;
  const restBits = BigInt(8 * (4 - numbers.length));
  if (last >= 1n << restBits) return undefined;
  const head = numbers.reduce((sum, number) => (sum << 8n) | number, 0n);
  return { family: 4, value: (head << restBits) | last };
}

/** strtoul with base 0: decimal, 0-octal or 0x-hexadecimal. */
function parseCNumber(text: string): bigint | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return BigInt(text);
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`);
  if (/^(?:0|[1-9][0-9]*)$/.test(text)) return BigInt(text);
  return undefined;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left, right] = halves;
  const head = parseGroups(left ?? '', right === undefined);
  const tail = parseGroups(right ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return groups.reduce((sum, group) => (sum << 16n) | group, 0n);
}

function parseGroups(text: string, mayEndInIpv4: boolean): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const words = text.split(':');
  for (const [index, word] of words.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(word)) {
      groups.push(BigInt(`0x${word}`));
    } else if (mayEndInIpv4 && index === words.length - 1 && /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/.test(word)) {
      const ipv4 = parseIpv4(word);
      if (ipv4 === undefined) return undefined;
      groups.push(ipv4.value >> 16n, ipv4.value & 0xffffn);
    } else {
      return undefined;
    }
  }
  return groups;
}

/** glibc, __inet6_scopeid_pton: the name of an interface counts only on a link-local address (which interfaces there are is not known here), a number always. */
function isZone(zone: string, value: bigint): boolean {
  const isLinkLocal = value >> 118n === 0x3fan || ((value >> 112n) & 0xff0fn) === 0xff02n;
  if (isLinkLocal && zone !== '') return true;
  return /^[0-9]+$/.test(zone) && BigInt(zone) <= 0xffffffffn;
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

/** glibc's inet_ntop: the longest run of two or more zero groups is `::`, and addresses that hold an IPv4 address end in its dotted form. */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  const { start, length } = longestZeroRun(groups);
  const holdsIpv4 = start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffffn));
  const words = groups.map((group) => group.toString(16));
  const tail = holdsIpv4 ? [formatIpv4(value & 0xffffffffn)] : words.slice(6);
  const all = [...words.slice(0, 6), ...tail];
  if (length < 2) return all.join(':');
  return `${all.slice(0, start).join(':')}::${all.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly bigint[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  let current = { start: -1, length: 0 };
  for (const [index, group] of groups.entries()) {
    current =
      group !== 0n
        ? { start: -1, length: 0 }
        : { start: current.length === 0 ? index : current.start, length: current.length + 1 };
    if (current.length > best.length) best = current;
  }
  return best;
}
