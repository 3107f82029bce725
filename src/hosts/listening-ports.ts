import { answer, noAnswer } from './host.ts';
import type { Answer, Host } from './host.ts';

/** Whether something listens on a port, at an address or at any: /proc/net/tcp and tcp6 (proc(5)), state 0A. */
export async function listening(host: Host, port: number, address: string | undefined): Promise<Answer<boolean>> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return noAnswer('ERANGE', `${port} is not a TCP port`);
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => host.read(path, { maxBytes })));
  const [first] = tables;
  if (first?.ok === false) return first;
  const rows = tables.flatMap((table) => (table.ok ? Buffer.from(table.value.bytes).toString().split('\n') : []));
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return answer(
    rows.some((row) => {
      const [, local = '', , state] = row.trim().split(/\s+/u);
      const [at = '', ofPort] = local.split(':');
      return state === '0A' && ofPort === wanted && (address === undefined || covers(at, address));
    }),
  );
}

/** Those that listen come first (Linux, net/ipv4/tcp_ipv4.c, tcp_get_idx): thousands of connections behind them are not read. */
const maxBytes = 1024 * 1024;

/** The kernel shows an address in words of 32 bits, each in the byte order of the machine; all zeros are every address. */
function covers(shown: string, address: string): boolean {
  if (/^0+$/u.test(shown)) return true;
  if (address.includes(':')) return shown.length === 32 && /^0{24}01000000$/u.test(shown) === (address === '::1');
  const bytes = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return shown.endsWith(bytes.toReversed().join(''));
}
