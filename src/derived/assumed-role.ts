import type { ConnectionAttempt, ConnectionPlan } from '../facts/connection.ts';
import type { HbaRules, Primary } from '../facts/primary.ts';
import { decide } from './hba-decision.ts';

/** Neither the connection nor PGUSER gives the role: libpq took the operating system's user. */
export const isOfSystem = ({ sources }: Pick<ConnectionPlan, 'sources'>): boolean =>
  sources['user'] === "the operating system's user";

/** Nobody gave the role with the connection: libpq took the operating system's user, or PGUSER. */
export const isAssumed = (plan: Pick<ConnectionPlan, 'sources'>): boolean =>
  plan.sources['user'] === 'PGUSER' || isOfSystem(plan);

/**
 * The role that was probably meant where none was given: the only one that pg_hba.conf names for replication and lets in
 * from there. Undefined: there is none, or more than one.
 */
export function meantRole(
  plan: ConnectionPlan,
  attempt: ConnectionAttempt,
  rules: HbaRules | undefined,
  primary: Primary | undefined,
): string | undefined {
  if (rules === undefined || !isAssumed(plan)) return undefined;
  const named = rules.lines
    .filter((line) => line.kind === 'rule')
    .filter(({ databases }) => databases.some(({ text, quoted }) => text === 'replication' && quoted !== true))
    .flatMap(({ users }) => users.map(({ text }) => text))
    .filter((name) => name !== 'all' && name !== plan.user && !/^[+/@]/u.test(name));
  const [only, ...others] = [...new Set(named)].filter((user) => {
    const { matched, certain } = decide(rules, attempt, { user }, undefined, primary).match;
    return certain && matched !== undefined && matched.method !== 'reject';
  });
  return others.length === 0 ? only : undefined;
}
