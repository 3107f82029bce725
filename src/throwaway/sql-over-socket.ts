import { Client } from 'pg';

import type { Socket } from './lock-file.ts';

/** A row as the server sent it: text, or null. */
export type TextRow = Readonly<Record<string, string | null>>;

interface Login {
  readonly user: string;
  readonly database: string;
}

/** Runs one statement on a connection of its own. */
export async function queryAt(
  socket: Socket,
  login: Login,
  sql: string,
  parameters: readonly string[],
): Promise<readonly TextRow[]> {
  const client = new Client({
    ...socket,
    ...login,
    ssl: false,
    application_name: 'throwaway server',
    types: { getTypeParser: () => (text: string | Buffer) => text },
  });
  client.on('error', () => undefined); // a server that stops in the middle: the query's own promise tells
  await client.connect();
  try {
    const { rows } = await client.query<TextRow>(sql, [...parameters]);
    return rows;
  } finally {
    await client.end();
  }
}

/** psql for a script: no habits of its user, nothing but rows, and an end at the first error. */
export const psqlOptions = ({ host, port }: Socket, { user, database }: Login): readonly string[] => [
  ...['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'],
  ...['-h', host, '-p', String(port), '-U', user, '-d', database],
];
