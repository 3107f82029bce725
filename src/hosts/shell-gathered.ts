import { posix } from 'node:path';

import type { Answer } from './host.ts';
import type { FilePart, KnownFiles } from './known-files.ts';
import { lookAtMany } from './shell-ahead.ts';
import type { ShellChannel } from './shell-channel.ts';

/** How a path lies there, and what is in a part of the file. */
export type Gathered = (path: string, part?: Omit<FilePart, 'path'>) => Promise<Answer<KnownFiles>>;

interface Turn {
  /** Each with all that is above it: who may go there, and where links lead, is often what is asked next. */
  readonly paths: Set<string>;
  /** How much of the beginnings of files. */
  readonly beginnings: Map<string, number>;
  readonly parts: FilePart[];
  readonly told: Promise<Answer<KnownFiles>>;
}

/**
 * Questions that come in one turn go as one message, with one program for many files, and one reply answers them. Where
 * there was a look ahead, it is known from then on.
 */
export function gathered(channel: ShellChannel, ahead: Promise<KnownFiles> | undefined): Gathered {
  let turn: Turn | undefined;
  const begin = (): Turn => {
    const begun: Turn = {
      paths: new Set(),
      beginnings: new Map(),
      parts: [],
      told: new Promise<void>((resolve) => {
        setImmediate(resolve);
      }).then(async () => {
        turn = undefined;
        const known = await ahead;
        const { paths, beginnings, parts } = begun;
        const bySize = new Map<number, string[]>();
        for (const [path, length] of beginnings) bySize.set(length, [...(bySize.get(length) ?? []), path]);
        return lookAtMany(channel, [...paths], bySize, parts, known?.isCurrent() === true ? known : undefined);
      }),
    };
    return begun;
  };
  return (path, part) => {
    turn ??= begin();
    for (let at = path; !turn.paths.has(at); at = posix.dirname(at)) turn.paths.add(at);
    if (part?.from === 0) turn.beginnings.set(path, Math.max(part.length, turn.beginnings.get(path) ?? 0));
    else if (part !== undefined) turn.parts.push({ path, ...part });
    return turn.told;
  };
}
