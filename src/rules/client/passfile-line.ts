import type { ConnectionPlan } from '../../facts/connection.ts';

/** The line of a password file that would match, with a placeholder for the password (fe-connect.c, passwordFromFile). */
export function passfileLine({ hosts, user }: ConnectionPlan): string {
  const [first] = hosts;
  // for libpq's own socket directory the host is `localhost`, for another one its path: `*` is right for both
  const host = first === undefined || first.isSocket ? '*' : first.host === '' ? (first.hostaddr ?? '*') : first.host;
  return [host, String(first?.port ?? 5432), 'replication', user].map(field).concat('<password>').join(':');
}

const field = (text: string): string => text.replaceAll(/[\\:]/g, String.raw`\$&`);
