import type { ConnectionPlan } from '../facts/connection.ts';
import type { ReplicationRole } from '../facts/primary.ts';
import type { Remedy } from '../findings/report.ts';
import { isOfSystem } from '../derived/assumed-role.ts';
import { standbyOf } from './connecting.ts';
import type { ConnectionFacts } from './connecting.ts';
import { manual, safe } from './remedy.ts';

/**
 * Of a pg_basebackup without -U: libpq took the operating system's user, and nobody may have meant a role of that name, so
 * it is neither made nor let in. Undefined where the role was given, or may replicate and so is meant.
 */
export function giveUser(
  plan: ConnectionPlan,
  role: ReplicationRole | undefined,
  facts: ConnectionFacts,
): Remedy | undefined {
  const replicates = role?.exists === true && (role.superuser || role.replication);
  if (!isOfSystem(plan) || replicates || standbyOf(facts) !== undefined) return undefined;
  return safe(
    `Give the replication role with -U. (No user was given: ${plan.user} comes from the operating system's user.)`,
    manual(
      'client',
      `Give the role that is meant for replication with -U. If that is "${plan.user}", give -U ${plan.user}: the next report says what it needs.`,
    ),
  );
}
