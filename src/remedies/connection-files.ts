import { posix } from 'node:path';

import { parseConninfo } from '../postgres/conninfo.ts';
import { changed } from './connecting.ts';

const keywords = ['passfile', 'sslcert', 'sslkey', 'sslrootcert', 'sslcrl'] as const;

interface ConnectionFile {
  readonly keyword: (typeof keywords)[number];
  /** Its path within the directory. */
  readonly name: string;
}

/** What primary_conninfo names that lies in the data directory, where the server stands when it looks for a relative path. */
export function connectionFilesIn(directory: string, conninfo: string): readonly ConnectionFile[] {
  const parsed = parseConninfo(conninfo);
  if (!parsed.ok) return [];
  return keywords.flatMap((keyword) => {
    const value = parsed.value.values[keyword] ?? '';
    const name = posix.relative(directory, posix.resolve(directory, value));
    return value === '' || value === 'system' || name === '' || name.startsWith('../') ? [] : [{ keyword, name }];
  });
}

/** The connection of somebody who stands elsewhere, with these files where they are now. */
export const withFilesIn = (directory: string, files: readonly ConnectionFile[], conninfo: string): string =>
  files.length === 0
    ? conninfo
    : (changed(
        conninfo,
        Object.fromEntries(files.map(({ keyword, name }) => [keyword, posix.join(directory, name)])),
      ) ?? conninfo);
