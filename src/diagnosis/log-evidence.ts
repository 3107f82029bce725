import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Sighting } from '../postgres/log/sightings.ts';
import { startFailureOver } from '../derived/start-failure-over.ts';
import { messageIn, sightingEvidence } from '../derived/sighting-evidence.ts';
import { ruleOfMessage } from '../rules/recognise.ts';
import type { AnyRule } from '../rules/rule.ts';
import { isOfWay } from './unexplained.ts';
import type { Judged } from './judge.ts';

/**
 * Gives the log its place: messages that a rule knows support that rule's findings, and are no findings of their own where
 * the rule could be judged, whatever it came to: it looked at the thing itself. A message that ends in the words of the
 * operating system (%m) has many reasons: a rule that passed has looked at another one.
 */
export function withLogEvidence(judged: readonly Judged[], facts: Partial<Facts>): readonly Judged[] {
  const log = facts.serverLog && ifSeen(facts.serverLog);
  if (log === undefined) return judged;
  const rules = judged.map(({ rule }) => rule);
  const source = log.files.at(-1)?.path ?? '';
  const supporting = new Map<AnyRule, Sighting[]>();
  for (const sighting of log.summary.sightings) {
    if (sighting.healed || sighting.harmless) continue;
    const rule = ruleOfMessage(messageIn(sighting.recognition), rules);
    if (rule !== undefined) supporting.set(rule, [...(supporting.get(rule) ?? []), sighting]);
  }
  const isStartOver = startFailureOver(facts) !== undefined;
  const open = new Set(judged.filter(({ result }) => result.outcome === 'unexamined').map(({ rule }) => rule));
  const found = new Set(judged.filter(({ result }) => result.outcome === 'failed').map(({ rule }) => rule));
  return judged.map(({ rule, result }) => {
    if (result.outcome !== 'failed') return { rule, result };
    const faults = result.faults.filter(({ says, lasting, isFailedStart }) => {
      // what a rule has found now, in a file or in a directory, is not over because of that
      if (isFailedStart === true && isOfLog(rule) && isStartOver) return false;
      // the files of a server have the messages of those of a client
      const knowing = isFailedStart === true ? rules.filter((one) => !isOfWay(one)) : rules;
      const other = says === undefined ? undefined : ruleOfMessage(says, knowing);
      const isElsewhere = lasting === true || says?.format.includes('%m') === true;
      return other === undefined || open.has(other) || (isElsewhere && !found.has(other));
    });
    if (faults.length === 0)
      return {
        rule,
        result: { outcome: 'passed', because: 'the current messages of the log are explained by other findings' },
      };
    const sightings = (supporting.get(rule) ?? []).slice(0, mostSightings);
    const support = sightings.map((sighting) => sightingEvidence(sighting, source));
    const [first, ...others] = faults;
    const supported = first === undefined ? [] : [{ ...first, evidence: [...first.evidence, ...support] }, ...others];
    return { rule, result: { outcome: 'failed', faults: supported } };
  });
}

const isOfLog = ({ id }: AnyRule): boolean => id.startsWith('log/');

/** The latest of each rule: one message is mostly enough. */
const mostSightings = 3;
