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

/** pcp_node_info, one line for each node; pg_status and pg_role are in it since 4.3 (its manual page). */
export function pcpNodes(text: string): Explanation | undefined {
  const rows = [
    ...text.matchAll(
      /^[ \t]*(\S+) (\d+) [0-3] [\d.]+ (up|down|waiting|unused|quarantine)(?: (up|down|unknown))? (primary|standby|main|replica)(?: (primary|standby|main|replica|unknown))?\b.*$/gmu,
    ),
  ].map(
    ([, hostname = '', port = '', status = '', real = '', role = '', realRole = ''], index) =>
      new Map([
        ['node_id', String(index)],
        ['hostname', hostname],
        ['port', port],
        ['status', status],
        ['pg_status', real],
        ['role', role],
        ['pg_role', realRole],
      ]),
  );
  if (rows.length === 0) return undefined;
  return shape({
    text: 'pcp_node_info',
    means:
      'This is what Pgpool-II thinks of its servers: the first status and role are its own view, the second ones that of PostgreSQL. Numbers of nodes count from 0 in the order of the lines.',
    candidates: [
      ...(rows.length < 2 || rows.some((row) => row.get('role') === 'primary' || row.get('role') === 'main')
        ? []
        : [finding('Pgpool-II knows no primary: it sends no writes anywhere until it finds one.')]),
      ...rows.flatMap(ofServer),
    ],
    where: 'on the server that is not well',
    command: 'standbylint postmortem -D <data directory>',
  });
}

/** pcp_watchdog_info: the Pgpool-II processes, which are not the PostgreSQL servers behind them (its manual page). */
export function watchdogNodes(text: string): Explanation | undefined {
  const rows = [
    ...text.matchAll(/^[ \t]*(\S.*?) (\S+) (\d+) (\d+) \d+ ([A-Z][A-Z ]+?)(?: \d (?:MEMBER|NONMEMBER|\S+))?[ \t]*$/gmu),
  ].map(([, , host = '', , , state = '']) => ({ host, state }));
  if (rows.length === 0 || !/LEADER|MASTER|STANDBY|LOST|DEAD|SHUTDOWN/u.test(rows.map(({ state }) => state).join(' ')))
    return undefined;
  const leader = rows.find(({ state }) => state === 'LEADER' || state === 'MASTER');
  const lost = rows.filter(({ state }) => /LOST|DEAD|SHUTDOWN|ISOLATION|TROUBLE/u.test(state));
  const isMajority = (rows.length - lost.length) * 2 > rows.length;
  return shape({
    text: 'pcp_watchdog_info',
    means: `These are the Pgpool-II processes and their watchdog${leader === undefined ? '; none of them is the leader' : `; ${leader.host} is the leader${isMajority ? ' and holds the virtual address (delegate_ip)' : ''}`}. Leader and standby are said of Pgpool-II here: which PostgreSQL server is the primary, SHOW pool_nodes tells.`,
    candidates: [
      ...lost.map(({ host, state }) =>
        finding(`Pgpool-II on ${host} is ${state}: it does not run there, or the network between them is cut.`),
      ),
      ...(rows.length > 1 && !isMajority
        ? [
            finding(
              `Only ${rows.length - lost.length} of ${rows.length} are left, which is no majority: the virtual address is given up and no failover happens until another one is back (or, with half of them, enable_consensus_with_half_votes = on).`,
            ),
          ]
        : []),
    ],
    where: 'which servers are behind it',
    command: 'psql -h <pgpool host> -p 9999 -U <role> -c "SHOW pool_nodes"',
  });
}

function ofServer(row: ReadonlyMap<string, string>): readonly Finding[] {
  const id = row.get('node_id') ?? '';
  const name = row.get('hostname') ?? '';
  const [status, real, role, realRole] = ['status', 'pg_status', 'role', 'pg_role'].map(
    (column) => row.get(column) ?? '',
  );
  if (status === 'down' && real === 'up' && realRole === 'primary')
    return [
      finding(
        `${name} runs as a primary, and Pgpool-II has detached it. If it is the only primary: pcp_attach_node -n ${id}. If another server was promoted meanwhile, there are two: keep clients from this one, and make it a standby of the other before it is attached. Never recover it (pcp_recovery_node) before you know which of them has the right data.`,
      ),
    ];
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
