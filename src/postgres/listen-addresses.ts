import { parseIpAddress } from './ip-address.ts';

export const namesIn = (listened: string): readonly string[] =>
  listened
    .split(',')
    .map((name) => name.trim().replaceAll('"', ''))
    .filter((name) => name !== '');

/** Whether the list of listen_addresses is for this address, or might be. */
export function listensOn(listened: string, address: string): boolean {
  const isIpv6 = address.includes(':');
  return namesIn(listened).some((name) => {
    if (name === '*' || name === (isIpv6 ? '::' : '0.0.0.0')) return true;
    if (name === 'localhost') return address === '::1' || address.startsWith('127.');
    return name === address || parseIpAddress(name) === undefined;
  });
}
