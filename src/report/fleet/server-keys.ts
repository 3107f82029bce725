import type { ExaminedTarget } from '../../findings/fleet-report.ts';
import type { TopologyServer } from '../../findings/topology.ts';
import { isOther } from '../html/servers.ts';

/** By which a server of a report is the same as one of another report. */
export type ServerKeys = (server: TopologyServer, target: string, at: number) => string;

/**
 * A server is the same where its system identifier, its address and its port are. A primary that several addresses lead to is
 * known by its standbys: one lists a standby, and that one says that it receives from the other.
 */
export function serverKeys(targets: readonly Pick<ExaminedTarget, 'target' | 'report'>[]): ServerKeys {
  const listedBy = new Map<string, string>();
  const upstreamOf = new Map<string, string>();
  for (const { target, report } of targets)
    for (const server of report?.topology ?? []) {
      const { name, address, receives, side } = server;
      const upstream = receives && report?.topology?.[receives.from];
      if (upstream?.role !== 'primary' || upstream.side === undefined || name === undefined) continue;
      // two primaries of one cluster may have standbys that are called the same
      const standby = JSON.stringify([upstream.systemIdentifier, upstream.timeline, name, address]);
      const key = keyOf(upstream, target, receives?.from ?? 0);
      if (isOther(server)) listedBy.set(standby, key);
      else if (side === 'standby') upstreamOf.set(standby, key);
    }
  const same = new Map<string, string>();
  const firstOf = (key: string): string => {
    const other = same.get(key);
    return other === undefined ? key : firstOf(other);
  };
  for (const [standby, key] of upstreamOf) {
    const [one = '', other = ''] = [key, listedBy.get(standby) ?? key].map(firstOf).toSorted();
    if (one !== other) same.set(other, one);
  }
  return (server, target, at) => firstOf(keyOf(server, target, at));
}

function keyOf({ side, role, systemIdentifier, address, port }: TopologyServer, target: string, at: number): string {
  if (systemIdentifier !== undefined && address !== undefined && port !== undefined)
    return JSON.stringify([systemIdentifier, address, port]);
  return side === undefined && role === 'primary' ? `above ${target}` : `${target} ${at}`;
}

/** The primary above a cascade, which its standby alone does not tell of. */
export const isPlaceholder = (key: string): boolean => key.startsWith('above ');
