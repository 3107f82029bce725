import type { ConnectionAttempt, ConnectionPlan } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Step } from '../../facts/report.ts';
import type { HbaRule } from '../../postgres/hba-line.ts';
import { addHbaEntry } from '../../remedies/hba-entry.ts';
import type { JudgedFacts } from '../rule.ts';

/** What an entry for this role and this address is written from: each helps, and none is indispensable. */
export const entryFacts = [
  'hbaRules',
  'replicationRole',
  'primary',
  'primaryPaths',
  'operatingSystemUser',
  'standbyServerUser',
] as const;

/** The steps that let the connection of `attempt` in, above the line `before` (undefined: the end of the file serves). */
export const letIn = (
  plan: ConnectionPlan,
  attempt: ConnectionAttempt,
  before: HbaRule | undefined,
  now: Date,
  wanted: JudgedFacts<never, (typeof entryFacts)[number]>,
): readonly Step[] =>
  addHbaEntry({
    user: plan.user,
    attempt,
    role: ifSeen(wanted.replicationRole),
    primary: ifSeen(wanted.primary),
    rules: ifSeen(wanted.hbaRules),
    paths: ifSeen(wanted.primaryPaths),
    before,
    operatingSystemUser: (ifSeen(wanted.standbyServerUser) ?? ifSeen(wanted.operatingSystemUser))?.name,
    now,
  });
