import type { Host } from '../hosts/host.ts';

/** A directory, whatever links and mounts lead to it: itself and every directory above it, by device and inode. */
export interface DirectoryIdentity {
  readonly itself: string;
  /** The nearest first. */
  readonly above: readonly string[];
}

/** Undefined where it is no directory, or cannot be looked at. */
export async function identityOf(host: Host, path: string): Promise<DirectoryIdentity | undefined> {
  const chain = await chainFrom(host, path);
  const [itself, ...above] = chain;
  return itself === undefined ? undefined : { itself, above };
}

/** `..` is resolved by the system, and so it is right behind a link and in another mount namespace. */
async function chainFrom(host: Host, path: string): Promise<readonly string[]> {
  const chain: string[] = [];
  for (let here = path; chain.length < deepest; here = `${here}/..`) {
    const status = await host.status(here, { followLinks: true });
    if (!status.ok || status.value.kind !== 'directory') break;
    const identity = `${status.value.device}:${status.value.inode}`;
    // the root is its own parent
    if (identity === chain.at(-1)) break;
    chain.push(identity);
  }
  return chain;
}

const deepest = 40;

export type Relation = 'same' | 'within' | 'around';

export function relationOf(ours: DirectoryIdentity, theirs: DirectoryIdentity): Relation | undefined {
  if (ours.itself === theirs.itself) return 'same';
  if (ours.above.includes(theirs.itself)) return 'within';
  return theirs.above.includes(ours.itself) ? 'around' : undefined;
}
