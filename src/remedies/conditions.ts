import type { FactName, Facts } from '../facts/facts.ts';
import type { Remedy, Step } from '../findings/report.ts';
import { noRoom, roomFacts } from './room-for-copy.ts';
import { manual, safe } from './remedy.ts';
import { managerFacts } from './through-manager.ts';
import { isOfOthers } from './storage-of-others.ts';
import { secondPrimaryFacts, startsSecondPrimary } from './second-primary.ts';
import { takesOver } from './taken-over.ts';
import type { Refusal, Condition } from './refusal.ts';

/**
 * A remedy is printed only where each of its steps may be taken: a condition belongs to what a step does, so that no rule
 * can forget it. One that does not hold makes a sentence of the remedy, which says why and what to do instead; another way
 * of the same remedy that does not hold is left out.
 */
export function conditioned(remedy: Remedy, facts: Partial<Facts>): Remedy {
  const why = whyNot(remedy.steps, facts);
  if (why !== undefined) return safe(why.summary, manual(why.on, why.text));
  const { alternatives, ...itself } = remedy;
  const others = alternatives?.filter(({ steps }) => whyNot(steps, facts) === undefined);
  return others === undefined || others.length === 0 ? itself : { ...itself, alternatives: others };
}

/** What the conditions go by, whatever rules are chosen. */
export const conditionFacts = [
  ...roomFacts,
  'sharedStorage',
  'adminServer',
  'standbyControl',
  ...managerFacts,
  'targetDirectory',
  'dataDirectoryPlace',
  'walDirectory',
  'tablespaceTargets',
  ...secondPrimaryFacts,
] as const satisfies readonly FactName[];

/** The first that does not hold is told. */
const conditions: readonly Condition[] = [takesOver, isOfOthers, noRoom, startsSecondPrimary];

function whyNot(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  for (const condition of conditions) {
    const refusal = condition(steps, facts);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
