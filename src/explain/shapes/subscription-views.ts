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

/** pg_subscription_rel: how far the first copy of each table is (i, d, f, s, r). */
export function copiedTables(text: string): Explanation | undefined {
  const rows = table(text, 'srrelid', 'srsubstate');
  if (rows === undefined || rows.length === 0) return undefined;
  const waiting = rows.filter((row) => /^[idfs]$/u.test(row.get('srsubstate') ?? ''));
  const names = (state: RegExp): readonly string[] =>
    waiting.filter((row) => state.test(row.get('srsubstate') ?? '')).flatMap((row) => row.get('srrelid') ?? []);
  const [unready, synced] = [names(/^[id]$/u), names(/^[fs]$/u)];
  return shape({
    text: 'pg_subscription_rel',
    means:
      waiting.length === 0
        ? 'This is output of pg_subscription_rel: all tables are copied and follow (r).'
        : 'This is output of pg_subscription_rel: not all tables are copied yet (i: not begun, d: being copied, f and s: copied, about to follow, r: follows).',
    candidates: [
      ...(unready.length === 0
        ? []
        : [
            finding(
              `The first copy of ${unready.slice(0, 3).join(', ')}${unready.length > 3 ? ` and ${unready.length - 3} more` : ''} is not finished. A large table takes its time; if the copy fails (a key that is there already, a missing column or right), it begins again every few seconds, and the ERROR is in the log of this server.`,
            ),
            finding(
              'No worker is free for it: max_sync_workers_per_subscription, max_logical_replication_workers and max_worker_processes.',
            ),
          ]),
      ...(synced.length === 0
        ? []
        : [finding(`${synced.slice(0, 3).join(', ')}: copied, and about to catch up with the apply worker.`)]),
    ],
    where: 'on the subscriber, in this database',
    command:
      'psql -d <database> -c "SELECT relid::regclass, command, bytes_processed, tuples_processed FROM pg_stat_progress_copy" -c "SELECT subname, pid, relid::regclass FROM pg_stat_subscription"',
  });
}
