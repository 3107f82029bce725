import type { ConnectionAttempt, ConnectionPlan } from '../facts/connection.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Step } from '../findings/report.ts';
import type { HbaRule } from '../postgres/hba-line.ts';
import { addHbaEntry, usualMethod } from './hba-entry.ts';
import { decide } from '../derived/hba-decision.ts';
import { isWeaker, strongestMeant } from '../derived/hba-strength.ts';
import type { JudgedFacts } from '../facts/facts.ts';

/** What an entry for this role and this address is written from: each helps, and none is indispensable. */
export const entryFacts = [
  'hbaRules',
  'replicationRole',
  'primary',
  'primaryPaths',
  'operatingSystemUser',
  'standbyServerUser',
] as const;

/**
 * The steps that let the connection of `attempt` in, above the line `before` (undefined: the end of the file serves). The
 * entry asks for no less than the lines that are meant for this connection.
 */
export function letIn(
  plan: ConnectionPlan,
  attempt: ConnectionAttempt,
  before: HbaRule | undefined,
  now: Date,
  wanted: JudgedFacts<never, (typeof entryFacts)[number]>,
): readonly Step[] {
  const rules = ifSeen(wanted.hbaRules);
  const standbyUser = ifSeen(wanted.standbyServerUser);
  const who = {
    user: plan.user,
    attempt,
    role: ifSeen(wanted.replicationRole),
    primary: ifSeen(wanted.primary),
    operatingSystemUser: (standbyUser ?? ifSeen(wanted.operatingSystemUser))?.name,
  };
  const meant = rules && strongestMeant(rules, decide(rules, attempt, plan, who.role, who.primary).connection);
  const usual = { method: usualMethod(who), options: [] };
  return addHbaEntry({
    ...who,
    rules,
    paths: ifSeen(wanted.primaryPaths),
    before,
    now,
    demands: meant !== undefined && isWeaker(usual, meant) ? meant : undefined,
    side: standbyUser === undefined ? 'client' : 'standby',
  });
}
