import type { RowCount } from '../../facts/streaming.ts';
import { identifier } from '../../postgres/sql-quoting.ts';
import type { Asked } from '../../checks/standby-sessions.ts';

/** Tables of the session's database that are counted: at most five, each of at most 64 MB, which this role may read. */
export async function countedTables(primary: Asked): Promise<readonly Table[]> {
  const answer = await primary.session.simpleQuery(tablesSql);
  if (!answer.ok) return [];
  return (answer.results.at(-1)?.rows ?? []).map(([schema, name]) => ({ schema: schema ?? '', name: name ?? '' }));
}

interface Table {
  readonly schema: string;
  readonly name: string;
}

/** Unlogged tables are empty on a standby, and temporary ones are somebody's own. The largest tell the most. */
const tablesSql = `SELECT n.nspname, c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    AND pg_relation_size(c.oid) <= 64 * 1024 * 1024
  ORDER BY pg_relation_size(c.oid) DESC, n.nspname, c.relname LIMIT 5`;

/** Undefined where the server did not count: no right, a lock, longer than two seconds. */
export async function countRows(asked: Asked, { schema, name }: Table): Promise<bigint | undefined> {
  const answer = await asked.session.simpleQuery(`SELECT count(*) FROM ONLY ${identifier(schema)}.${identifier(name)}`);
  const text = answer.ok ? answer.results.at(-1)?.rows[0]?.[0] : undefined;
  return text === null || text === undefined ? undefined : BigInt(text);
}

/**
 * Counts on the primary, waits until the standby has replayed what the primary had written then, and counts there. Where
 * the two differ the primary is counted once more: a table that is written to meanwhile differs rightly.
 */
export async function compareRows(
  primary: Asked,
  standby: Asked,
  replayed: () => Promise<unknown>,
): Promise<readonly RowCount[]> {
  const tables = await countedTables(primary);
  const before = await each(tables, (table) => countRows(primary, table));
  await replayed();
  const there = await each(tables, (table) => countRows(standby, table));
  const counts: RowCount[] = [];
  for (const [at, table] of tables.entries()) {
    const count = before[at];
    if (count === undefined) continue;
    const other = there[at];
    const primaryAfterwards = other === undefined || other === count ? undefined : await countRows(primary, table);
    counts.push({ table: `${table.schema}.${table.name}`, primary: count, standby: other, primaryAfterwards });
  }
  return counts;
}

/** One after another: a session answers one question at a time. */
async function each<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<readonly U[]> {
  const done: U[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}
