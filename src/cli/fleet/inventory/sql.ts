import { UsageError } from '../../usage-error.ts';
import type { Inventory } from './inventory.ts';

/** The rows of a query: the column `name`, and others, each of which is a value for `{…}`, or an option where --each does not name it. */
export const sql: Inventory = {
  kind: 'sql',
  value: 'FILE',
  does: 'rows of the query in FILE, on the server that PGHOST, PGSERVICE and the like name: name, host, …',
  each: { pgdata: 'ssh:{host}' },
  read: async (file, ask) => {
    const query = await ask.file(file);
    if (query.trim() === '') throw new UsageError(`${file} has no query.`);
    const rows = await ask.rows('', query);
    return rows.map(({ name, ...values }, at) => {
      if (name === undefined)
        throw new UsageError(`${file}: row ${at + 1} has no name.`, 'Select a column "name" that is not NULL.');
      return { name, values };
    });
  },
};
