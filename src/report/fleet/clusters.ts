import type { FleetReport } from '../../findings/fleet-report.ts';
import type { Report } from '../../findings/report.ts';
import { allServersOf, isOther } from '../html/servers.ts';
import type { ShownServer } from '../html/servers.ts';
import { sceneOf } from '../machines.ts';
import { isPlaceholder, serverKeys } from './server-keys.ts';
import type { ServerKeys } from './server-keys.ts';

/** Servers of one system identifier, each behind the one that it receives WAL from. */
export interface Cluster {
  readonly systemIdentifier: string | undefined;
  readonly servers: readonly ShownServer[];
}

interface Node {
  readonly shown: ShownServer;
  readonly systemIdentifier: string | undefined;
  /** The key of the server that it receives WAL from. */
  readonly from: string | undefined;
}

/** Standbys of one server that its list does not tell apart: how many there are, and how many of them were examined. */
interface Alike {
  readonly from: string;
  readonly shown: ShownServer;
  readonly count: number;
}

/**
 * The clusters of a fleet. A standby that only its upstream told of is another one than those that were examined.
 */
export function clustersOf({ targets }: Pick<FleetReport, 'targets'>): readonly Cluster[] {
  const nodes = new Map<string, Node>();
  const seen = new Map<string, Alike>();
  const examined = new Map<string, number>();
  const keyOf = serverKeys(targets);
  for (const { target, report } of targets)
    if (report !== null) addReport(target, report, { nodes, seen, examined, keyOf });
  for (const [alike, { from, shown, count }] of seen)
    for (let nth = examined.get(alike) ?? 0; nth < count; nth += 1)
      nodes.set(`${alike} ${nth}`, { shown, from, systemIdentifier: undefined });
  const trees = [...nodes]
    .filter(
      ([key, node]) => !nodes.has(node.from ?? '') && !(isPlaceholder(key) && receiversOf(nodes, key).length === 0),
    )
    .map(([key]) => clusterFrom(key, nodes));
  return together(trees);
}

/** A primary that two addresses lead to, and two primaries, are one cluster. */
function together(trees: readonly Cluster[]): readonly Cluster[] {
  const clusters = new Map<string, Cluster>();
  for (const [at, tree] of trees.entries()) {
    const { systemIdentifier, servers } = tree;
    const key = systemIdentifier ?? String(at);
    const before = clusters.get(key)?.servers ?? [];
    const moved = servers.map(({ flow, ...rest }) =>
      flow === undefined ? rest : { ...rest, flow: { ...flow, from: flow.from + before.length } },
    );
    clusters.set(key, { systemIdentifier, servers: [...before, ...moved] });
  }
  return [...clusters.values()];
}

interface Gathered {
  readonly nodes: Map<string, Node>;
  readonly seen: Map<string, Alike>;
  readonly examined: Map<string, number>;
  readonly keyOf: ServerKeys;
}

function addReport(target: string, report: Report, { nodes, seen, examined, keyOf }: Gathered): void {
  const servers = allServersOf(report, sceneOf(report));
  const keys = servers.map(({ known }, at) => keyOf(known, target, at));
  const here = new Map<string, Alike>();
  for (const [at, { known, shown }] of servers.entries()) {
    const key = keys[at] ?? '';
    const from = known.receives && keys[known.receives.from];
    const alike = JSON.stringify([from, known.name, known.address]);
    if (isOther(known) && from !== undefined) {
      here.set(alike, { from, shown, count: (here.get(alike)?.count ?? 0) + 1 });
      continue;
    }
    if (known.side === 'standby' && known.name !== undefined && !isKnown(nodes.get(key))) {
      examined.set(alike, (examined.get(alike) ?? 0) + 1);
      // its own report lists it among the others only here
      const own = here.get(alike);
      here.set(alike, { from: from ?? '', shown, count: (own?.count ?? 0) + 1 });
    }
    // the name of this machine tells nothing where all of them are on it
    const machine = shown.name === shown.role ? [] : [shown.name];
    const named = known.side === 'standby' ? { ...shown, name: target, about: [...machine, ...shown.about] } : shown;
    const node: Node = { shown: named, from, systemIdentifier: known.systemIdentifier };
    const before = nodes.get(key);
    // the look at a server itself tells more of it than the one at what receives from it
    if (before === undefined || known.side === 'standby')
      nodes.set(key, {
        ...node,
        from: from ?? before?.from,
        systemIdentifier: node.systemIdentifier ?? before?.systemIdentifier,
      });
  }
  for (const [alike, one] of here) if (one.count > (seen.get(alike)?.count ?? 0)) seen.set(alike, one);
}

const isKnown = (node: Node | undefined): boolean =>
  node?.shown.examined === true && node.from !== undefined && !isPlaceholder(node.from);

const receiversOf = (nodes: ReadonlyMap<string, Node>, key: string): readonly string[] =>
  [...nodes].filter(([, { from }]) => from === key).map(([one]) => one);

function clusterFrom(root: string, nodes: ReadonlyMap<string, Node>): Cluster {
  const order: string[] = [root];
  for (let at = 0; at < order.length; at += 1)
    order.push(...receiversOf(nodes, order[at] ?? '').filter((key) => !order.includes(key)));
  const found = order.flatMap((key) => nodes.get(key) ?? []);
  return {
    systemIdentifier: found.find(({ systemIdentifier }) => systemIdentifier !== undefined)?.systemIdentifier,
    servers: found.map(({ shown: { flow, ...rest }, from }) => {
      const index = from === undefined ? -1 : order.indexOf(from);
      return flow === undefined || index === -1 ? rest : { ...rest, flow: { ...flow, from: index } };
    }),
  };
}
