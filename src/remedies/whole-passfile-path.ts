import type { ConnectionPlan, Passfile } from '../facts/connection.ts';
import type { Remedy } from '../findings/report.ts';
import { setParameter } from './command-line.ts';
import type { Change } from './command-line.ts';
import { connectWith, connectingSide } from './connecting.ts';
import type { ConnectionFacts } from './connecting.ts';
import { addPassfileLine } from './passfile-line.ts';
import type { PassfileEntry } from './passfile-line.ts';
import { safe } from './remedy.ts';

/** Of a password file whose path begins with `~`: the whole path, and the password in that file where it has none. */
export function wholePassfilePath(
  facts: ConnectionFacts,
  { meant, pathSource }: Passfile,
  entry: PassfileEntry,
): Remedy | undefined {
  if (meant === undefined) return undefined;
  const { path, state } = meant;
  const lacks = state.kind === 'absent' || state.kind === 'no-match';
  return safe(
    `Write the whole path, ${path}${lacks ? ', and put the password in that file' : ''}.`,
    ...(lacks ? [addPassfileLine(connectingSide(facts), { path, state, pathSource }, entry, facts.now)] : []),
    ...connectWith(facts, { passfile: path }, setParameter('passfile', path, pathSource)),
  );
}

/** The same of the files for TLS: undefined where none of these parameters begins with `~`. */
export function wholeTlsPaths(
  facts: ConnectionFacts,
  { meantFiles = {}, sources }: Pick<ConnectionPlan, 'meantFiles' | 'sources'>,
  ...keywords: readonly (keyof NonNullable<ConnectionPlan['meantFiles']>)[]
): Remedy | undefined {
  if (!keywords.some((keyword) => meantFiles[keyword] !== undefined)) return undefined;
  // a certificate without its key would be the next fault
  const changes = tlsFiles.flatMap((keyword) => {
    const path = meantFiles[keyword];
    return path === undefined ? [] : [setParameter(keyword, path, sources[keyword] ?? 'the connection')];
  });
  const merged = (part: 'environment' | 'conninfo'): Change => {
    const all = changes.flatMap((change) => Object.entries(change[part] ?? {}));
    return all.length === 0 ? {} : { [part]: Object.fromEntries(all) };
  };
  return safe(
    `Write the whole path, ${Object.values(meantFiles).join(' and ')}: only a shell expands "~".`,
    ...connectWith(facts, meantFiles, { ...merged('environment'), ...merged('conninfo') }),
  );
}

const tlsFiles = ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl'] as const;

/** Behind "The server asks for a password.": why it has none. */
export const notExpanded = (path: string): string =>
  `Only a shell expands "~": libpq looks for ${path}, which does not exist.`;
