import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { table } from './table.ts';

type Row = ReadonlyMap<string, string>;

/** pg_autoctl show state (src/bin/pg_autoctl, nodestate_utils.c; older releases call the reported state the current one). */
export function autoFailoverNodes(text: string): Explanation | undefined {
  const rows = table(text, 'Name', 'Assigned State')?.filter((row) => (row.get('Name') ?? '') !== '');
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_autoctl show state',
    means: 'This is the list of the nodes of a pg_auto_failover formation.',
    candidates: rows.flatMap(ofNode),
    where: 'on the node that is not well',
    command: postmortem,
  });
}

function ofNode(row: Row): readonly Finding[] {
  const name = row.get('Name') ?? '';
  const state = row.get('Reported State') ?? row.get('Current State') ?? '';
  const assigned = row.get('Assigned State') ?? '';
  const unreachable = (row.get('Connection') ?? '').endsWith('!');
  return [
    ...(unreachable ? [finding(`The monitor cannot connect to the PostgreSQL server of ${name}.`)] : []),
    ...(state !== assigned && state !== ''
      ? [
          finding(
            `${name} is to go from ${state} to ${assigned} and has not got there: the log of pg_autoctl on ${name} says what fails.`,
          ),
        ]
      : (states[state] ?? []).map((said) => finding(`${name} ${said}`))),
  ];
}

/** What those states mean that are not the aim: primary, secondary, single. */
const states: Readonly<Record<string, readonly string[]>> = {
  wait_primary: [
    'is the primary and has no healthy standby: it accepts writes and waits for no standby, and nothing could take over.',
  ],
  join_primary: ['is the primary, and a new standby is joining.'],
  catchingup: [
    'is a standby that has not caught up: it becomes "secondary" when it streams and is close enough. If it stays like this, its PostgreSQL log says why it does not stream.',
  ],
  wait_standby: ['waits until the primary lets it connect: pg_autoctl on the primary must be running.'],
  demoted: ['is a former primary, and its server is stopped until a new primary is there.'],
  demote_timeout: ['is a former primary, and its server is stopped until a new primary is there.'],
  draining: ['is a primary that is being replaced: its server is stopped.'],
  maintenance: ['is in maintenance: pg_autoctl disable maintenance brings it back.'],
  report_lsn: ['has lost its primary and waits for the monitor to choose the node that takes over.'],
};
