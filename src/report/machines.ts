import { capitalized } from '../findings/sentence.ts';
import type { Report, Side, Step } from '../findings/report.ts';
import type { Scene } from '../findings/scene.ts';

import { printable } from './printable.ts';

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

/** `On db1, in psql as a superuser`; of what a person does, the machine alone. */
export function whereTyped({ on, kind }: Pick<Step, 'on' | 'kind'>, scene: Scene): string {
  const place = capitalized(`${inOrOn(on, scene)} ${theMachine(on, scene)}`);
  switch (kind) {
    case 'manual':
      return place;
    case 'sql':
      return `${place}, in psql as a superuser`;
    case 'shell':
      return `${place}, ${on === 'client' ? 'in a shell' : 'as the owner of the data directory'}`;
  }
}

const thisMachine = /^(localhost|127\.\d+\.\d+\.\d+|::1|\/.*|@.*|)$/u;

/** The report's own scene, or what a report of an earlier version tells of it: `subject.primary` is `host:port`. */
export function sceneOf({ scene, subject: { primary, primaryAddress } }: Pick<Report, 'scene' | 'subject'>): Scene {
  if (scene !== undefined) return scene;
  const host = (primary ?? '').replace(/:\d+$/u, '');
  return {
    endpoint: primary ?? 'no primary',
    ...(primaryAddress === undefined ? {} : { address: primaryAddress }),
    primaryName: nameOfHost(host),
    source: 'primary',
  };
}

/** A host and its port, or a socket directory and the port that names the socket in it. */
export const endpointText = (host: string, port: number): string =>
  host.startsWith('/') || host.startsWith('@')
    ? `port ${port} in ${host}`
    : `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** A host as a prompt can name it: loopback addresses and socket directories are this machine. */
export const nameOfHost = (host: string): string => (thisMachine.test(host) ? 'primary' : host);
