import type { ConnectionAttempt, ConnectionPlan } from '../facts/connection.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Step } from '../findings/report.ts';
import type { HbaMethod, HbaRule } from '../postgres/hba-line.ts';
import { addHbaEntry, usualMethod } from './hba-entry.ts';
import { addPassfileLine } from './passfile-line.ts';
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
  const demands = meant !== undefined && isWeaker(usual, meant) ? meant : undefined;
  const side = standbyUser === undefined ? 'client' : 'standby';
  const entry = { ...who, rules, paths: ifSeen(wanted.primaryPaths), before, now, demands, side } as const;
  const answers = side === 'standby' && asksForPassword.has((demands ?? usual).method);
  return [...(answers ? passwordOf(plan, attempt, now) : []), ...addHbaEntry(entry)];
}

const asksForPassword: ReadonlySet<HbaMethod> = new Set(['scram-sha-256', 'md5', 'password']);

/** A standby that has none, as after `trust`, would be refused again; whoever runs pg_basebackup is asked for it. */
function passwordOf(
  { password, hosts, user }: ConnectionPlan,
  { host, port }: ConnectionAttempt,
  now: Date,
): readonly Step[] {
  const { from, passfile } = password;
  const isLacking = passfile.state.kind === 'absent' || passfile.state.kind === 'no-match';
  if (from !== 'none' || !isLacking || passfile.path === '' || passfile.hasNoPlace === true) return [];
  const asked = hosts.find((one) => one.host === host && one.port === port) ?? { host, port };
  return [addPassfileLine('standby', passfile, { ...asked, user }, now)];
}
