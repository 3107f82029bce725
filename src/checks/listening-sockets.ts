import type { Host } from '../hosts/host.ts';
import { addressBits, parseIpAddress } from '../postgres/ip-address.ts';
import { textFile } from './text-file.ts';

/** Whether a process listens at an address and port of this machine, or at all of its addresses (proc(5), /proc/net/tcp). */
export async function listensAt(host: Host, pid: number, address: string, port: number): Promise<boolean> {
  const [own, four, six] = await Promise.all([
    socketsOf(host, pid),
    textFile(host, `/proc/${pid}/net/tcp`, 4 * 1024 * 1024),
    textFile(host, `/proc/${pid}/net/tcp6`, 4 * 1024 * 1024),
  ]);
  const wanted = inKernelForm(address);
  return [four, six]
    .flatMap((file) => (file.ok ? file.value.split('\n').slice(1) : []))
    .some((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/u);
      const [at = '', hexadecimal = ''] = local.split(':');
      const isListening = state === '0A' && Number.parseInt(hexadecimal, 16) === port && own.has(inode);
      return isListening && (/^0+$/u.test(at) || wanted.includes(at));
    });
}

/** The inodes of its sockets: `socket:[12345]`. */
async function socketsOf(host: Host, pid: number): Promise<ReadonlySet<string>> {
  const listing = await host.list(`/proc/${pid}/fd`);
  if (!listing.ok) return new Set();
  const links = await Promise.all(
    listing.value.entries.map(async ({ name }) => host.readLink(`/proc/${pid}/fd/${name}`)),
  );
  return new Set(links.flatMap((link) => (link.ok ? (/^socket:\[(\d+)\]$/u.exec(link.value)?.[1] ?? []) : [])));
}

/** Words of 32 bits, as this machine has them in its memory: 127.0.0.1 is `0100007F` on a little-endian one. */
function inKernelForm(address: string): readonly string[] {
  const parsed = parseIpAddress(address);
  if (parsed === undefined) return [];
  const digits = parsed.value
    .toString(16)
    .padStart(addressBits(parsed.family) / 4, '0')
    .toUpperCase();
  const swapped = digits.replaceAll(/.{8}/gu, (word) => (word.match(/../gu) ?? []).toReversed().join(''));
  return [digits, swapped];
}
