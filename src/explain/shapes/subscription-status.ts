import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { table } from './table.ts';

type Row = ReadonlyMap<string, string>;

/**
 * pglogical.show_subscription_status() (pglogical_functions.c, pglogical_show_subscription_status) and Spock's
 * sub_show_status(), which is made from it (src/spock_functions.c): the same columns and states.
 */
export function subscriptionStatus(text: string): Explanation | undefined {
  const rows = table(text, 'subscription_name', 'status')?.filter((row) => row.get('subscription_name') !== '');
  if (rows === undefined || rows.length === 0) return undefined;
  const extension = /\bspock\b|sub_show_status|\bspk_/u.test(text) ? 'Spock' : 'pglogical';
  return shape({
    text: extension === 'Spock' ? 'spock.sub_show_status()' : 'pglogical.show_subscription_status()',
    means: `These are the subscriptions of ${extension} on this subscriber. The status says whether its worker runs here, not how far it is.`,
    candidates: rows.flatMap((row) => ofSubscription(row, extension)),
    where: 'on the subscriber, why a worker ended',
    command: `grep -nE "${extension === 'Spock' ? 'spock' : 'pglogical'}|apply worker" <log of PostgreSQL> | tail -40`,
  });
}

function ofSubscription(row: Row, extension: 'Spock' | 'pglogical'): readonly Finding[] {
  const name = row.get('subscription_name') ?? '';
  const slot = row.get('slot_name') ?? '';
  const provider = row.get('provider_node') ?? '';
  switch (row.get('status') ?? '') {
    case 'down':
      return [
        {
          ...finding(
            `Subscription ${name} is enabled, and its apply worker does not run: it ended with an ERROR (a conflict, a table that differs, the provider unreachable), or no worker was free. The log of this server has that ERROR shortly before "exited with exit code 1". Meanwhile ${slot === '' ? 'its slot' : `slot ${slot}`} keeps WAL on ${provider === '' ? 'the provider' : provider}.`,
          ),
          check: { on: 'subscriber', command: 'psql -c "SHOW max_worker_processes"' },
        },
      ];
    case 'disabled':
      return [
        finding(
          `Subscription ${name} is disabled: nothing is applied until it is enabled (${
            extension === 'Spock'
              ? `SELECT spock.sub_enable('${name}');`
              : `SELECT pglogical.alter_subscription_enable('${name}');`
          }). ${
            extension === 'Spock'
              ? 'Spock disables it by itself after an error it could not apply (spock.exception_behaviour): see spock.exception_log first. '
              : ''
          }Its slot keeps WAL on the provider meanwhile.`,
        ),
      ];
    case 'initializing':
      return [
        finding(
          `Subscription ${name} makes its first copy of the tables. If it stays so, the log says what it waits for.`,
        ),
      ];
    case 'unknown':
      return [
        finding(
          `The worker of ${name} runs and has no record of its first copy yet: it has just begun, or failed before it.`,
        ),
      ];
    default:
      return [];
  }
}
