import type { Host } from './host.ts';

/**
 * What is the machine's, whichever of its servers is looked at: looks that go on side by side, as those of a fleet do, find it
 * out once. None is told what was seen before it began, or longer before than a fleet allows.
 */
export function ofMachine<T>(look: (host: Host) => Promise<T>): (host: Host) => Promise<T> {
  const ofIt = ofMachineAt(look);
  return async (host) => ofIt(host);
}

/** The same of a part of it, whose name follows: a folder that several of its servers are in. */
export function ofMachineAt<T, Part extends readonly string[]>(
  look: (host: Host, ...part: Part) => Promise<T>,
): (host: Host, ...part: Part) => Promise<T> {
  const kept = new Map<string, { readonly at: number; readonly found: Promise<T> }>();
  return async (host, ...part) => {
    const began = host.lookBegan?.();
    if (began === undefined) return look(host, ...part);
    const key = part.join('\0');
    const last = kept.get(key);
    if (last !== undefined && last.at >= began - (host.sharedMs?.() ?? 0)) return last.found;
    const now = { at: performance.now(), found: look(host, ...part) };
    // first those that are the oldest
    kept.delete(key);
    kept.set(key, now);
    for (const oldest of kept.keys()) if (kept.size > mostParts) kept.delete(oldest);
    return now.found;
  };
}

const mostParts = 64;
