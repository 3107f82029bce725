import type { Passfile } from '../facts/connection.ts';
import type { Remedy } from '../findings/report.ts';
import { setParameter } from './command-line.ts';
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

/** Behind "The server asks for a password.": why it has none. */
export const notExpanded = (path: string): string =>
  `Only a shell expands "~": libpq looks for ${path}, which does not exist.`;
