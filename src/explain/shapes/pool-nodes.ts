import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { mayBeExcerpt, table } from './table.ts';

/** SHOW pool_nodes of Pgpool-II (src/utils/pool_process_reporting.c; pg_status and pg_role since 4.3). */
export function poolNodes(text: string): Explanation | undefined {
  const rows = table(text, 'node_id', 'hostname', 'status', 'role')?.filter(
    (row) => (row.get('hostname') ?? '') !== '',
  );
  if (rows === undefined) return undefined;
  return shape({
    text: 'SHOW pool_nodes',
    means:
      'This is what Pgpool-II thinks of its servers: status and role are its own view, pg_status and pg_role that of PostgreSQL.',
    candidates: [
      ...(mayBeExcerpt(text, rows) || rows.some((row) => row.get('role') === 'primary' || row.get('role') === 'main')
        ? []
        : [finding('Pgpool-II knows no primary: it sends no writes anywhere until it finds one.')]),
      ...rows.flatMap(ofServer),
    ],
    where: 'on the server that is not well',
    command: 'standbylint postmortem -D <data directory>',
  });
}

function ofServer(row: ReadonlyMap<string, string>): readonly Finding[] {
  const id = row.get('node_id') ?? '';
  const name = row.get('hostname') ?? '';
  const [status, real, role, realRole] = ['status', 'pg_status', 'role', 'pg_role'].map(
    (column) => row.get(column) ?? '',
  );
  if (status === 'down' && real === 'up')
    return [
      finding(
        `${name} runs, and Pgpool-II has detached it: after a failover it stays "down" until it is attached again. If it follows the current primary: pcp_attach_node -n ${id}; otherwise make it a standby of it first (pcp_recovery_node -n ${id}).`,
      ),
    ];
  if (status === 'down' && real === '')
    return [
      finding(
        `${name} is down for Pgpool-II: its server does not run, or runs again and was not attached, which Pgpool-II does not do by itself (without auto_failback). If it runs and follows the current primary: pcp_attach_node -n ${id}`,
      ),
    ];
  if (status === 'down' || status === 'quarantine')
    return [
      finding(
        `${name} is ${status} for Pgpool-II: its server does not run or cannot be reached. Its PostgreSQL log says why.`,
      ),
    ];
  if ((realRole === 'primary' && role === 'standby') || (realRole === 'standby' && role === 'primary'))
    return [
      finding(
        `${name} is the ${role} for Pgpool-II and runs as a ${realRole}: it was promoted or made a standby behind its back. If there are two primaries, stop the one that clients do not use before the histories differ further.`,
      ),
    ];
  if (role === 'standby' && row.has('replication_state') && row.get('replication_state') === '')
    return [
      finding(
        `${name} does not stream from the primary: the column replication_state is empty.`,
        'streaming/not-connected',
      ),
    ];
  return [];
}
