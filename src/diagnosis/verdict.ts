import type { Subject } from '../checks/subject.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import type { Finding, Report } from '../findings/report.ts';
import { isProblem } from '../findings/report.ts';
import type { Judged } from './judge.ts';
import type { MainQuestion } from './main-question.ts';
import { questionsOfCopy } from './questions-of-copy.ts';
import { questionsOfStandby } from './questions-of-standby.ts';

export interface Verdict {
  readonly verdict: Report['verdict'];
  /** Rules that were not examined, that would have made it unknown, and that the caller accepts so. */
  readonly accepted: readonly string[];
  /** What a good verdict claims and was not shown to hold, a sentence for each reason. */
  readonly notShown: readonly string[];
}

export interface Judgements {
  readonly command: Subject['command'];
  readonly judged: readonly Judged[];
  readonly findings: readonly Finding[];
  readonly facts: Partial<Facts>;
  /** `--accept-unexamined`: rules, or {@link needsAdmin} */
  readonly accept: readonly string[];
  /** pg_basebackup made the copy: what it needs is proven. */
  readonly copied: boolean;
}

/**
 * What it all comes to. `healthy` and `ready` are claims, and each of their main questions was answered by evidence: where
 * one was not, or where a fault of severity error may be there unseen, the verdict is `unknown`.
 */
export function verdictOf({ command, judged, findings, facts, accept, copied }: Judgements): Verdict {
  const isAccepted = ({ rule, result }: Judged): boolean =>
    result.outcome === 'unexamined' &&
    (accept.includes(rule.id) || (result.needsAdmin === true && accept.includes(needsAdmin)));
  const hiding = judged.filter(mayHideAnError);
  const byId = new Map(judged.map((one) => [one.rule.id, one]));
  const resultOf = (id: string): Judged['result'] | undefined => byId.get(id)?.result;
  const open = (copied ? [] : questionsOf(command)).flatMap((question) => {
    const answer = question.answer({ facts, resultOf });
    return answer.holds || isTold(question, findings) ? [] : [{ question, because: answer.because }];
  });
  const excusedBy = ({ rules }: MainQuestion): readonly Judged[] =>
    rules.flatMap((id) => byId.get(id) ?? []).filter(isAccepted);
  const unanswered = open.filter(({ question }) => excusedBy(question).length === 0);
  const accepted = [...hiding.filter(isAccepted), ...open.flatMap(({ question }) => excusedBy(question))];
  const isUnknown = unanswered.length > 0 || hiding.some((one) => !isAccepted(one));
  return {
    verdict: word(command, findings, isUnknown),
    accepted: [...new Set(accepted.map(({ rule }) => rule.id))],
    notShown: sentences(unanswered),
  };
}

/** Stands for every rule that only a connection given with --admin could examine. */
export const needsAdmin = 'needs-admin';

const questionsOf = (command: Subject['command']): readonly MainQuestion[] =>
  command === 'postmortem' ? questionsOfStandby : questionsOfCopy;

/** The facts that the verdict of a command rests on, whatever rules are chosen. */
export const mainFacts = (command: Subject['command']): readonly FactName[] =>
  questionsOf(command).flatMap(({ needs }) => needs);

function word(command: Subject['command'], findings: readonly Finding[], isUnknown: boolean): Report['verdict'] {
  const has = (verdict: Report['verdict']): boolean => findings.some((finding) => isProblem(finding, verdict));
  if (command !== 'postmortem') return has('blocked') ? 'blocked' : isUnknown ? 'unknown' : 'ready';
  if (has('broken')) return 'broken';
  if (isUnknown) return 'unknown';
  return has('degraded') || findings.some(contradicts) ? 'degraded' : 'healthy';
}

/** An accepted warning about what `healthy` claims: nothing makes the claim true. */
const contradicts = ({ rule, severity }: Finding): boolean =>
  severity !== 'info' && questionsOfStandby.some(({ rules }) => rules.some((id) => id === rule));

/** A finding says already that it does not hold; the verdict goes by its severity. */
const isTold = ({ rules }: MainQuestion, findings: readonly Finding[]): boolean =>
  findings.some(({ rule, severity }) => severity !== 'info' && rules.some((id) => id === rule));

/** A fault of severity error may be there unseen. */
function mayHideAnError({ rule, result }: Judged): boolean {
  if (result.outcome === 'unexamined') return (result.severity ?? rule.severity) === 'error';
  return result.outcome === 'crashed' && rule.severity === 'error';
}

/** `that it accepts connections, that WAL arrives (root may not log in)` */
function sentences(open: readonly { readonly question: MainQuestion; readonly because: string }[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { question, because } of open) reasons.set(because, [...(reasons.get(because) ?? []), question.claim]);
  return [...reasons].map(([because, claims]) => `${claims.map((claim) => `that ${claim}`).join(', ')} (${because})`);
}
