import type { ConnectionAttempt } from '../facts/connection.ts';
import type { OtherContainer } from '../facts/machine.ts';
import type { Host } from '../hosts/host.ts';

/**
 * Whether a connection stays on this machine as far as its address tells: a socket, a loopback address, or an address of one
 * of its interfaces. What answers there may still be a tunnel to another one: served-here.ts proves where a server runs.
 */
export function isOwnAddress(
  { address }: Pick<ConnectionAttempt, 'address'>,
  host: Host,
  /** The machine that it was dialled from, where that is another one: its loopback is not ours. */
  from?: Host,
): boolean {
  if (address === undefined) return false;
  const isLocal = from === undefined || from === host;
  if (isLocal && /^[/@]|^127\.|^::1$|^::ffff:127\./u.test(address)) return true;
  return host.interfaces().some((one) => one.address === address);
}

/** The container with that address, where both are of one engine: what they say to each other stays on its machine. */
export function containerAt(
  { address }: Pick<ConnectionAttempt, 'address'>,
  { place }: Host,
): OtherContainer | undefined {
  return place?.kind === 'container' && address !== undefined ? place.others?.get(address) : undefined;
}
