import type { FactName, Facts } from '../facts/facts.ts';
import type { Manager } from '../facts/manager.ts';
import type { AdminServer } from '../facts/identity.ts';
import type { Remedy } from '../findings/report.ts';
import type { Way } from './remedy.ts';
import { ifSeen } from '../facts/observed.ts';
import { textOf } from '../facts/settings.ts';
import { throughAutoFailover } from './under-auto-failover.ts';
import { throughKeeper } from './under-keeper.ts';
import { throughPatroni } from './under-patroni.ts';
import { throughRepmgr } from './under-repmgr.ts';

/** What is looked at beside the manager. */
export const managerFacts = [
  'manager',
  'standbyConninfo',
  'standbyConfiguration',
  'runningStandby',
  'walSenders',
  'adminServer',
] as const satisfies readonly FactName[];

/**
 * What is done behind a manager's back is undone: a remedy goes through it, and `--fix` takes the same steps. What a step
 * does decides, and no rule has to think of it.
 */
export function throughManager(remedy: Remedy, facts: Partial<Facts>): Remedy {
  const manager = ifSeen(facts.manager);
  if (manager === undefined) return remedy;
  const { alternatives, ...itself } = remedy;
  const way = through(itself, manager, facts);
  const others = alternatives?.map((other) => ({ ...other, ...through(other, manager, facts) }));
  const first = JSON.stringify(way.steps);
  // several ways by hand can be one way of the manager
  const different = others?.filter(({ steps }) => JSON.stringify(steps) !== first);
  return different === undefined || different.length === 0 ? way : { ...way, alternatives: different };
}

/** Patroni sets cluster_name to the `scope` of its members. */
const clusterOf = (admin: AdminServer | undefined): string | undefined =>
  admin === undefined || admin.inRecovery ? undefined : textOf(admin.settings, 'cluster_name');

function through<T extends Way>(way: T, manager: Manager, facts: Partial<Facts>): T {
  switch (manager.kind) {
    case 'patroni':
      return throughPatroni(way, manager, {
        conninfo: ifSeen(facts.standbyConninfo),
        senders: ifSeen(facts.walSenders) ?? [],
        leaderOf: clusterOf(ifSeen(facts.adminServer)),
      });
    case 'repmgr':
      return throughRepmgr(way, manager, {
        conninfo: ifSeen(facts.standbyConninfo),
        configuration: ifSeen(facts.standbyConfiguration),
        recovers: ifSeen(facts.runningStandby)?.inRecovery === true,
      });
    case 'pg_auto_failover':
      return throughAutoFailover(way, manager);
    case 'cloudnative-pg':
    case 'stolon':
    case 'bitnami':
      return throughKeeper(way, manager);
  }
}
