import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Evidence, Finding } from '../findings/report.ts';
import { evidence } from '../findings/judgement.ts';
import type { ManagerWord } from '../postgres/manager-log/last-words.ts';
import { managerWords } from '../postgres/manager-log/words.ts';
import type { ManagerWords } from '../postgres/manager-log/words.ts';
import { managerNames } from './manager-text.ts';

/**
 * What the manager says of its member supports what was found, and is no finding of its own: a trouble that a rule knows goes
 * to that rule's error, everything else to the error behind which the standby is down or does not stream. Where there is
 * none, a manager's trouble is past, or not the standby's.
 */
export function withManagerWords(findings: readonly Finding[], facts: Partial<Facts>): readonly Finding[] {
  const log = facts.managerLog;
  const said = log && ifSeen(log);
  if (log?.status !== 'seen' || said === undefined) return findings;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const effect = errors.find(({ rule }) => effects.has(rule));
  const behind = effect?.causedBy ?? effect?.id;
  const added = new Map<string, Evidence[]>();
  for (const word of said.words) {
    const known = knownWords(word);
    // said before the server went down
    if (known?.is === 'well' && errors.some(({ rule }) => rule === 'standby/not-running')) continue;
    const about = known?.about ?? [];
    const id = errors.find(({ rule }) => about.includes(rule))?.id ?? behind;
    if (id === undefined) continue;
    const when = word.since === undefined ? '' : `, ${word.repeatedly ? 'since' : 'at'} ${word.since}`;
    const one = evidence(`the log of ${managerNames[said.by]} says${when}`, word.text, log.source);
    added.set(id, [...(added.get(id) ?? []), one]);
  }
  return findings.map((finding) => {
    const more = added.get(finding.id);
    return more === undefined ? finding : { ...finding, evidence: [...finding.evidence, ...more] };
  });
}

const effects: ReadonlySet<string> = new Set([
  'standby/not-running',
  'streaming/not-connected',
  'streaming/not-seen-by-primary',
  'streaming/breaks-repeatedly',
]);

function knownWords({ id }: ManagerWord): ManagerWords | undefined {
  const all: Readonly<Record<string, ManagerWords>> = managerWords;
  return all[id];
}
