import type { SqlReach, StepResult } from './reach.ts';

/** Runs the statements of one step in a session of their own, outside of a transaction block where they are only one. */
export async function runSql({ connect }: Extract<SqlReach, { open: true }>, text: string): Promise<StepResult> {
  const session = await connect();
  if (typeof session === 'string') return { ok: false, output: session };
  try {
    const answer = await session.simpleQuery(text);
    if (!answer.ok)
      return { ok: false, output: answer.kind === 'server' ? `ERROR: ${answer.error.message}` : answer.message };
    const values = answer.results.flatMap(({ rows }) => rows.map((row) => row.map((value) => value ?? '').join(' ')));
    // pg_reload_conf() and pg_terminate_backend() say so when they could not
    if (values.at(-1) === 'f') return { ok: false, output: 'the server reported a failure' };
    return { ok: true, output: values.filter((value) => value !== 't').join('\n') };
  } finally {
    await session.close();
  }
}
