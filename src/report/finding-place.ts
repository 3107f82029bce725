import type { Location } from '../findings/report.ts';
import type { Scene } from '../findings/scene.ts';
import { inOrOn, theMachine } from './machines.ts';
import { printable } from './printable.ts';

/** `/etc/postgresql/15/main/pg_hba.conf:97 on db1`, or `on db1` where there is no file. */
export function findingPlace({ side, file, line }: Location, scene: Scene): string {
  const machine = `${inOrOn(side, scene)} ${theMachine(side, scene)}`;
  if (file === undefined) return machine;
  return `${printable(file)}${line === undefined ? '' : `:${line}`} ${machine}`;
}
