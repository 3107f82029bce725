import type { Side } from '../findings/report.ts';
import { printable } from './printable.ts';

/** What a report needs to know of the machines beside what the public report says. */
export interface Scene {
  /** Where the server is, as the head line names it: `db1:5432`, `port 5432 in /var/run/postgresql`. */
  readonly endpoint: string;
  /** The address that a name in it led to. */
  readonly address?: string | undefined;
  /** The primary as the user knows it: its host name, or `primary` when it is this very machine. */
  readonly primaryName: string;
  /** `primary`, or `standby` for a source that is itself in recovery. */
  readonly source: 'primary' | 'standby';
  /** What is to be copied, in bytes. */
  readonly copyBytes: bigint | undefined;
  /** post-mortem: what is known of the primary: `PostgreSQL 15.18, timeline 1`. */
  readonly upstream?: string | undefined;
  /** post-mortem: what the standby is now, in words: `in recovery`. */
  readonly standby?: string | undefined;
  /** The name of the machine that the standby is on, where a prompt can tell it from the primary's; else `standby`. */
  readonly standbyName?: string | undefined;
  /** The name of the machine that the report is read on, where that is not the standby's. */
  readonly clientName?: string | undefined;
  /** Where the standby is, where that is not the machine that the report is read on: `the container pg-standby`. */
  readonly place?: string | undefined;
  /** healthy: `streams from db1:5432, 0 bytes behind`. */
  readonly stream?: string | undefined;
  /** healthy: what proves it, measured on both sides. */
  readonly picture?: readonly PictureRow[] | undefined;
}

/** A measure that is taken on both sides; `mark` is between the two: `=`, `->`. */
export interface PictureRow {
  readonly what: string;
  readonly primary: string;
  readonly standby: string;
  readonly mark: string;
}

/** How a prompt names the machine to type on: never one name for two machines. */
export function machineName(side: Side, scene: Scene): string {
  switch (side) {
    case 'primary':
      return printable(scene.primaryName);
    case 'standby':
      return printable(scene.standbyName ?? 'standby');
    case 'client':
      return printable(scene.clientName ?? scene.standbyName ?? 'standby');
  }
}

/** The same in a sentence: `db1`, `the standby`. */
export function theMachine(side: Side, scene: Scene): string {
  const name = machineName(side, scene);
  if (side === 'standby' && scene.place !== undefined) return printable(scene.place);
  return name === 'primary' || name === 'standby' ? `the ${name}` : name;
}

/** What is in a container is not on it. */
export const inOrOn = (side: Side, { place = '' }: Scene): 'in' | 'on' =>
  side === 'standby' && place.startsWith('the container ') ? 'in' : 'on';

const thisMachine = /^(localhost|127\.\d+\.\d+\.\d+|::1|\/.*|@.*|)$/u;

/** The scene as far as a bare report tells it: `subject.primary` is `host:port`. */
export function sceneOf(primary: string | null): Scene {
  const host = (primary ?? '').replace(/:\d+$/u, '');
  return { endpoint: primary ?? 'no primary', primaryName: nameOfHost(host), source: 'primary', copyBytes: undefined };
}

/** A host and its port, or a socket directory and the port that names the socket in it. */
export const endpointText = (host: string, port: number): string =>
  host.startsWith('/') || host.startsWith('@')
    ? `port ${port} in ${host}`
    : `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** A host as a prompt can name it: loopback addresses and socket directories are this machine. */
export const nameOfHost = (host: string): string => (thisMachine.test(host) ? 'primary' : host);
