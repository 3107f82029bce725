import { decode } from '../servers/decoder.ts';
import type { Decoder } from '../servers/decoder.ts';
import type { OpenSession } from '../servers/session.ts';

/** What a statement that gives one JSON value came to. */
export type Answered<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly kind: 'timed-out' | 'connection' | 'tool'; readonly because: string };

export async function ask<T>(session: OpenSession, statements: string, decoder: Decoder<T>): Promise<Answered<T>> {
  const answer = await session.simpleQuery(statements);
  if (!answer.ok) {
    if (answer.kind === 'server')
      return {
        ok: false,
        kind: answer.error.sqlstate === '57014' ? 'timed-out' : 'tool',
        because: answer.error.message,
      };
    return { ok: false, kind: answer.kind === 'lost' ? 'connection' : 'timed-out', because: answer.message };
  }
  const decoded = decode(decoder, answer.results.at(-1)?.rows[0]?.[0] ?? 'null');
  return decoded.ok ? decoded : { ok: false, kind: 'tool', because: `it is not understood: ${decoded.message}` };
}
