import { posix } from 'node:path';

import type { FileKind, Host } from './host.ts';

type Looked = Pick<Host, 'status' | 'list' | 'workingDirectory'>;

/** The plain files that patterns of a shell name (`*`, `?`, `[…]`), sorted; a path that is there is itself. */
export async function matching(host: Looked, patterns: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    patterns.map(async (pattern) => {
      const path = posix.resolve(host.workingDirectory, pattern);
      const itself = await host.status(path, { followLinks: true });
      return itself.ok ? [path] : below(host, '/', path.split('/').slice(1));
    }),
  );
  const files = await Promise.all(
    [...new Set(found.flat())].map(async (path) => {
      const status = await host.status(path, { followLinks: true });
      return status.ok && status.value.kind === 'file' ? [path] : [];
    }),
  );
  return files.flat().toSorted();
}

async function below(host: Looked, folder: string, parts: readonly string[]): Promise<readonly string[]> {
  const [part, ...rest] = parts;
  if (part === undefined) return [folder];
  if (!/[*?[]/u.test(part)) return below(host, posix.join(folder, part), rest);
  const listing = await host.list(folder, { limit: 20_000 });
  const fits = patternOf(part);
  const names = (listing.ok ? listing.value.entries : [])
    .filter(({ name, kind }) => fits.test(name) && (rest.length === 0 || maybeFolder.has(kind)))
    .map(({ name }) => name);
  return (await Promise.all(names.map((name) => below(host, posix.join(folder, name), rest)))).flat();
}

const maybeFolder: ReadonlySet<FileKind | 'unknown'> = new Set(['directory', 'link', 'unknown']);

/** `*` and `?` stand for anything, and `[…]` for one of these, as in a shell. */
function patternOf(part: string): RegExp {
  const source = part.replaceAll(/\[!?[^\]]+\]|[\s\S]/gu, (sign) => {
    if (sign === '*') return '.*';
    if (sign === '?') return '.';
    if (sign.length > 1) return sign.replace(/^\[!/u, '[^').replaceAll('\\', '\\\\');
    return sign.replace(/[.[\]{}()+^$|\\/]/u, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 'su');
}
