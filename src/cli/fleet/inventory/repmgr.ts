import { parseConninfo } from '../../../postgres/conninfo.ts';
import type { Inventory, Row } from './inventory.ts';
import { valuesOf } from './inventory.ts';

/** The standbys of repmgr's table of nodes (repmgr--5.3.sql). */
export const repmgr: Inventory = {
  kind: 'repmgr',
  value: 'CONNINFO',
  does: "standbys of repmgr's table of nodes, in the database of this connection",
  each: { pgdata: 'ssh:{host}' },
  read: async (conninfo, ask) => {
    const rows = await ask.rows(
      conninfo,
      'SELECT node_id::text AS id, node_name AS name, type, conninfo, location, upstream_node_id::text AS upstream FROM repmgr.nodes ORDER BY node_id',
    );
    const primary = serverOf(rows.find(({ type }) => type === 'primary'));
    return rows
      .filter(({ type }) => type === 'standby')
      .map((row) => ({
        name: row['name'] ?? '',
        values: valuesOf({
          ...serverOf(row),
          location: row['location'],
          primaryHost: primary.host,
          primaryPort: primary.port,
        }),
      }));
  },
};

function serverOf(row: Row | undefined): { readonly host?: string | undefined; readonly port?: string | undefined } {
  const parsed = parseConninfo(row?.['conninfo'] ?? '');
  if (row === undefined || !parsed.ok) return {};
  const { host, hostaddr, port } = parsed.value.values;
  return { host: host?.toString() ?? hostaddr?.toString(), port: port?.toString() ?? '5432' };
}
