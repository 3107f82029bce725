import type { Keeper } from '../facts/manager.ts';
import type { Step } from '../findings/report.ts';
import { assignedSettings, isOfHba, isOfReplication } from './assigned-setting.ts';
import { isBesideManager } from './beside-manager.ts';
import { inResource } from './in-resource.ts';
import { manual } from './remedy.ts';
import type { Way } from './remedy.ts';

/** What starts the server in a pod or container writes its configuration and standby.signal first, and makes its copies. */
export function throughKeeper<T extends Way>(way: T, manager: Keeper): T {
  const settings = way.steps.flatMap(assignedSettings);
  if (way.steps.some(isOfHba) || settings.some(({ name }) => !isOfReplication(name)))
    return inResource(way, manager.kind, manager.cluster);
  if (manager.kind === 'bitnami') return way;
  const own = way.steps.filter(({ on, kind }) => on === 'standby' && kind !== 'manual');
  if (!own.some(({ does }) => does !== 'look' && does !== 'run')) return way;
  const others = way.steps.filter(({ on }) => on !== 'standby');
  if (own.some(({ does }) => does === 'copy' || does === 'rewind'))
    return {
      ...way,
      summary: 'let a new copy be made by what runs the server',
      risk: 'destructive',
      steps: [...others, { ...manual('standby', anew(manager)), does: 'copy' } satisfies Step],
    };
  return {
    ...way,
    summary: 'let what runs the server start it: it writes its configuration and standby.signal first',
    risk: 'disruptive',
    steps: [
      ...way.steps.filter((step) => step.on !== 'standby' || isBesideManager(step)),
      { ...manual('standby', again(manager)), does: 'restart' } satisfies Step,
    ],
  };
}

function anew({ kind, cluster = 'CLUSTER', member = 'INSTANCE' }: Keeper): string {
  return kind === 'cloudnative-pg'
    ? `kubectl cnpg destroy ${cluster} ${member} removes the instance and its volume, and the operator makes a new one.`
    : 'Stop stolon-keeper, move the data directory aside, and start stolon-keeper: it makes a new copy.';
}

function again({ kind, member = 'POD' }: Keeper): string {
  return kind === 'cloudnative-pg'
    ? `kubectl delete pod ${member}: the operator starts the instance again on its volume.`
    : 'Restart stolon-keeper: it starts the server.';
}
