import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import { table } from './table.ts';

/** pg_stat_subscription and pg_subscription. */
export function subscriptions(text: string): Explanation | undefined {
  const rows =
    table(text, 'subname', 'received_lsn') ??
    table(text, 'subname', 'latest_end_lsn') ??
    table(text, 'subname', 'subenabled');
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_stat_subscription',
    means:
      rows.length === 0
        ? 'This database has no subscription: it receives nothing by logical replication.'
        : 'These are subscriptions: logical replication, on the server that receives.',
    candidates: rows.flatMap((row) => {
      const name = row.get('subname') ?? '';
      if (row.get('subenabled')?.startsWith('f') === true)
        return [
          finding(
            `Subscription "${name}" is disabled and receives nothing; its slot holds WAL on the publisher meanwhile. ALTER SUBSCRIPTION ${name} ENABLE; if disable_on_error has switched it off, the log says at which change.`,
          ),
        ];
      if (!row.has('pid') || (row.get('relid') ?? '') !== '') return [];
      if (row.get('pid') === '')
        return [
          finding(
            `No apply worker runs for subscription "${name}". Either it is disabled (subenabled in pg_subscription), or its worker fails and is started again every few seconds: the log of this server has the ERROR, which names the table or the refused connection.`,
          ),
          finding(
            'No worker is free: max_logical_replication_workers and max_worker_processes are used up ("out of logical replication worker slots" in the log).',
          ),
        ];
      return [finding(`The apply worker of "${name}" runs (pid ${row.get('pid') ?? ''}).`)];
    }),
    where: 'on the subscriber, in this database',
    command:
      'psql -d <database> -c "SELECT subname, subenabled, subslotname, subpublications FROM pg_subscription" -c "SELECT srrelid::regclass, srsubstate FROM pg_subscription_rel"',
  });
}
