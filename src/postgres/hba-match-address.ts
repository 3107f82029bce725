import { differs } from './hba-connection.ts';
import type { HbaAddress } from './hba-line.ts';
import { formatHbaAddress } from './hba-line.ts';
import type { IpAddress } from './ip-address.ts';
import { addressBits, formatIpAddress, isInNetwork, parseIpAddress, prefixMask } from './ip-address.ts';
import type { HbaConnection, HbaInterface, HbaJudgement } from './hba-connection.ts';

/** hba.c, check_hba: the address column (check_ip, check_same_host_or_net, check_hostname). */
export function judgeHbaAddress(address: HbaAddress, connection: HbaConnection): HbaJudgement {
  if (address.kind === 'local' || address.kind === 'all' || connection.address === 'local')
    return { verdict: 'matches', because: '' };
  const client = connection.address === undefined ? undefined : parseIpAddress(connection.address);
  if (client === undefined)
    return { verdict: 'unknown', because: 'the client address that the server receives is not known' };
  switch (address.kind) {
    case 'network':
      return judgeNetwork(address, client);
    case 'host-name':
      return judgeHostName(address.name, client, connection.hostNames);
    case 'samehost':
    case 'samenet':
      return judgeInterfaces(address.kind, client, connection.serverInterfaces);
  }
}

function judgeNetwork(network: Extract<HbaAddress, { kind: 'network' }>, client: IpAddress): HbaJudgement {
  const shown = formatIpAddress(client);
  if (client.family !== network.address.family) {
    const mapped = client.family === 6 && client.value >> 32n === 0xffffn;
    const because = mapped
      ? `${shown} arrives as IPv6, this network is IPv4`
      : `${shown} is IPv${client.family}, this network is IPv${network.address.family}`;
    return differs(because);
  }
  if (isInNetwork(client, network.address, network.netmask))
    return { verdict: 'matches', because: `${shown} is within ${formatHbaAddress(network)}` };
  return differs(`${shown} is outside this network`);
}

/** hba.c, hostname_match and check_hostname: names are compared without regard to case, and must resolve back to the address. */
function judgeHostName(pattern: string, client: IpAddress, hostNames: readonly string[] | undefined): HbaJudgement {
  const shown = formatIpAddress(client);
  if (hostNames === undefined)
    return { verdict: 'unknown', because: `what ${shown} resolves to on the server is not known` };
  const wanted = lowerAscii(pattern);
  const name = hostNames.find((candidate) =>
    wanted.startsWith('.') ? lowerAscii(candidate).endsWith(wanted) : lowerAscii(candidate) === wanted,
  );
  if (name !== undefined) return { verdict: 'matches', because: `${shown} is ${name}` };
  const because =
    hostNames.length === 0 ? `${shown} resolves to no name` : `${shown} is ${hostNames.join(', ')}, not ${pattern}`;
  return differs(because);
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The loopback interface is there whenever a connection comes through it. */
const loopback: readonly HbaInterface[] = [
  { address: '127.0.0.1', netmask: '255.0.0.0' },
  { address: '::1', netmask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
];

function judgeInterfaces(
  kind: 'samehost' | 'samenet',
  client: IpAddress,
  interfaces: readonly HbaInterface[] | undefined,
): HbaJudgement {
  const shown = formatIpAddress(client);
  const isLoopback = loopback.some((one) => interfaceCovers(one, 'samenet', client));
  const known = interfaces ?? (isLoopback ? loopback : undefined);
  if (known === undefined)
    return { verdict: 'unknown', because: "the addresses of the server's network interfaces are not known" };
  if (known.some((one) => interfaceCovers(one, kind, client))) {
    return {
      verdict: 'matches',
      because: kind === 'samehost' ? `${shown} is the server itself` : `${shown} is in a network of the server`,
    };
  }
  const because =
    kind === 'samehost'
      ? `${shown} is not an address of the server`
      : `${shown} is in none of the networks of the server`;
  return differs(because);
}

/** ifaddr.c, run_ifaddr_callback: a mask that is missing, zero or of the other family counts as a full one. */
function interfaceCovers({ address, netmask }: HbaInterface, kind: 'samehost' | 'samenet', client: IpAddress): boolean {
  const own = parseIpAddress(address);
  if (own === undefined) return false;
  const full = prefixMask(own.family, addressBits(own.family));
  const mask = parseIpAddress(netmask);
  const isUsable = kind === 'samenet' && mask !== undefined && mask.family === own.family && mask.value !== 0n;
  return isInNetwork(client, own, isUsable ? mask : full);
}
