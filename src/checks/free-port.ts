import type { Host } from '../hosts/host.ts';

/** The next port of this machine after one that is taken. */
export async function nextFreePort(host: Host, taken: number): Promise<number | undefined> {
  for (let port = taken + 1; port < Math.min(taken + 100, 65_536); port += 1) {
    const inUse = await host.portInUse(port);
    if (inUse.ok && !inUse.value) return port;
  }
  return undefined;
}
