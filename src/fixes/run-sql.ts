import type { SqlReach, StepResult } from './reach.ts';

/** errcodes.txt: what a statement names is not there. */
const undefinedObject = '42704';

/** Runs the statements of one step in a session of their own, outside of a transaction block where they are only one. */
export async function runSql(
  { connect }: Extract<SqlReach, { open: true }>,
  text: string,
): Promise<StepResult & { readonly absent?: boolean }> {
  const session = await connect();
  if (typeof session === 'string') return { ok: false, output: session };
  try {
    // what psql does with it: each value is a statement
    const conditional = text.endsWith(' \\gexec');
    const asked = await session.simpleQuery(conditional ? text.slice(0, -' \\gexec'.length) : text);
    const [made] = conditional && asked.ok ? asked.results.flatMap(({ rows }) => rows.flat()) : [];
    const answer = typeof made === 'string' ? await session.simpleQuery(made) : asked;
    if (!answer.ok)
      return answer.kind === 'server'
        ? { ok: false, output: `ERROR: ${answer.error.message}`, absent: answer.error.sqlstate === undefinedObject }
        : { ok: false, output: answer.message, unsure: true };
    const values = answer.results.flatMap(({ rows }) => rows.map((row) => row.map((value) => value ?? '').join(' ')));
    // pg_reload_conf() and pg_terminate_backend() say so when they could not
    if (values.at(-1) === 'f') return { ok: false, output: 'the server reported a failure' };
    return { ok: true, output: values.filter((value) => value !== 't').join('\n') };
  } finally {
    await session.close();
  }
}
