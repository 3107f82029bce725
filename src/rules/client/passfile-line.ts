import type { ConnectionPlan } from '../../facts/connection.ts';
import { shellWord } from '../../remedies/quoting.ts';

/** The line of a password file that would match, with a placeholder for the password (fe-connect.c, passwordFromFile). */
export function passfileLine({ hosts, user }: ConnectionPlan): string {
  const [first] = hosts;
  // for libpq's own socket directory the host is `localhost`, for another one its path: `*` is right for both
  const host = first === undefined || first.isSocket ? '*' : first.host === '' ? (first.hostaddr ?? '*') : first.host;
  return [host, String(first?.port ?? 5432), 'replication', user].map(field).concat('<password>').join(':');
}

/** Appends it, whether or not the last line of the file is ended: libpq passes over an empty line. */
export const appending = (line: string, file: string): string =>
  `umask 077; printf '\\n%s\\n' ${shellWord(line)} >> ${shellWord(file)}`;

const field = (text: string): string => text.replaceAll(/[\\:]/g, String.raw`\$&`);
