import type { RecordedPlace, Repmgr, RepmgrRecord } from '../facts/manager.ts';
import { ifSeen, notApplicable, seen, unseen, withoutAdmin } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { StandbyConninfo } from '../facts/standby-configuration.ts';
import type { Host } from '../hosts/host.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { literal } from '../postgres/sql-quoting.ts';
import { connect } from '../servers/connect.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { noStandbyYet } from './subject.ts';

/** repmgr's record of this node, in repmgr's own database on the primary: the record on the standby may be an old one. */
export const repmgrRecordCheck = defineCheck({
  brings: ['repmgrRecord'],
  after: ['manager', 'controlFile', 'standbyConninfo'],
  asksServer: true,
  async look({ manager, controlFile, standbyConninfo }, surroundings) {
    if (surroundings.subject.command !== 'postmortem') return { repmgrRecord: noStandbyYet };
    if (manager.status !== 'seen') return { repmgrRecord: manager };
    if (manager.value.kind !== 'repmgr') return { repmgrRecord: notApplicable('repmgr does not manage this server') };
    const control = ifSeen(controlFile);
    const identifier = control?.ok === true ? String(control.value.systemIdentifier) : undefined;
    return { repmgrRecord: await recordOf(manager.value, identifier, ifSeen(standbyConninfo), surroundings) };
  },
});

async function recordOf(
  { node, conninfo: own }: Repmgr,
  identifier: string | undefined,
  conninfo: StandbyConninfo | undefined,
  surroundings: Surroundings,
): Promise<Observed<RepmgrRecord>> {
  const { subject, host } = surroundings;
  if (subject.admin === undefined)
    return { status: 'unseen', why: withoutAdmin('not-asked', 'no --admin connection was given') };
  const database = own['dbname'] ?? 'repmgr';
  const { session } = await connect({ ...subject.admin, database }, surroundings);
  if (session === undefined) return unseen('connection', `--admin could not connect to the database ${database}`);
  try {
    const answer = await session.simpleQuery(
      `SELECT s.system_identifier, pg_is_in_recovery(), n.active, n.type, u.node_name, u.conninfo, u.node_id, n.node_name, n.conninfo, (SELECT min(node_id) FROM repmgr.nodes WHERE type = 'primary' AND active) FROM pg_control_system() s LEFT JOIN repmgr.nodes n ON n.node_id = ${literal(String(node))} LEFT JOIN repmgr.nodes u ON u.node_id = n.upstream_node_id`,
    );
    if (!answer.ok)
      return unseen('tool', `repmgr.nodes: ${answer.kind === 'server' ? answer.error.message : answer.message}`);
    const [found, recovers, active, type, upstream, where, upstreamId, name, reached, primary] =
      answer.results.at(-1)?.rows[0] ?? [];
    if (found !== identifier || recovers !== 'f')
      return unseen('connection', '--admin does not lead to the primary of this standby');
    if (type === null || type === undefined) return seen({ node: undefined }, 'repmgr.nodes');
    const record = { name: name ?? undefined, active: active === 't', type, place: placeIn(reached ?? '') };
    const there = placeIn(where ?? '');
    if (upstream === null || upstream === undefined || there === undefined)
      return seen({ node: { ...record, upstream: undefined, follows: undefined } }, 'repmgr.nodes');
    const known = { name: upstream, ...there, isPrimary: upstreamId === primary, primary: Number(primary) };
    const follows = await leadsThere(host, there, conninfo);
    return seen({ node: { ...record, upstream: known, follows } }, 'repmgr.nodes');
  } finally {
    void session.close();
  }
}

function placeIn(conninfo: string): RecordedPlace | undefined {
  const parsed = parseConninfo(conninfo);
  if (!parsed.ok) return undefined;
  const { host, hostaddr, port } = parsed.value.values;
  return { host: hostaddr ?? host ?? '', port: port ?? '5432' };
}

/** Whether primary_conninfo leads to that server: a name and an address may be one. */
async function leadsThere(
  host: Host,
  upstream: { readonly host: string; readonly port: string },
  conninfo: StandbyConninfo | undefined,
): Promise<boolean | undefined> {
  const named = conninfo?.hosts ?? [];
  const [first] = named;
  if (first === undefined || named.length > 1) return undefined;
  if (String(first.port) !== upstream.port) return false;
  if (first.host === upstream.host) return true;
  // a socket may be one of any server that has this port
  if ([first.host, upstream.host].some((one) => one === '' || one.startsWith('/'))) return undefined;
  const [here, there] = await Promise.all([host.addressesOf(first.host), host.addressesOf(upstream.host)]);
  if (!here.ok || !there.ok) return undefined;
  return here.value.some((address) => there.value.includes(address));
}
