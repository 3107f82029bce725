import type { Host } from './host.ts';

/**
 * What is the machine's, whichever of its servers is looked at: looks that go on side by side, as those of a fleet do, find it
 * out once. None is told what was seen before it began, or longer before than a fleet allows.
 */
export function ofMachine<T>(look: (host: Host) => Promise<T>): (host: Host) => Promise<T> {
  let last: { readonly at: number; readonly found: Promise<T> } | undefined;
  return async (host) => {
    const began = host.lookBegan?.();
    if (began === undefined) return look(host);
    if (last === undefined || last.at < began - (host.sharedMs?.() ?? 0))
      last = { at: performance.now(), found: look(host) };
    return last.found;
  };
}
