import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Evidence, Step } from '../findings/report.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import { startFailureOver } from '../derived/start-failure-over.ts';
import { inFull, timeText } from '../derived/sighting-evidence.ts';
import { ruleOfMessage } from '../rules/recognise.ts';
import type { AnyRule } from '../rules/rule.ts';
import { factOf } from './fact-of.ts';
import type { Judged } from './judge.ts';
import { evidence } from '../findings/judgement.ts';
import type { Fault } from '../findings/judgement.ts';
import type { Moment } from '../postgres/log/moment.ts';

/**
 * How an effect is told that no finding explains: as a cause that was not found, with the server's last words in full, with
 * what was ruled out, and with where to look next. An effect is no cause, and its remedy is of no use before there is one.
 */
export function unexplainedIn(
  judged: readonly Judged[],
  facts: Partial<Facts>,
): (rule: AnyRule, fault: Fault) => Fault {
  return (rule, fault) => {
    const { unexplained } = fault;
    if (unexplained === undefined || (fault.severity ?? rule.severity) !== 'error') return fault;
    const over = whyOver(rule, fault, judged) ?? startOver(facts, rule);
    if (over !== undefined && unexplained.afterwards !== undefined)
      return { ...fault, message: `${fault.message} That cause is gone: ${over}.` };
    const { title, mayBe, look, afterwards } = unexplained;
    const reason = over === undefined ? unexplained.reason : undefined;
    const ruledOut = mayBe.flatMap((id) => {
      const result = judged.find((one) => one.rule.id === id)?.result;
      return result?.outcome === 'passed' ? [evidence('ruled out', result.because, id)] : [];
    });
    const seeking: Step = { on: 'standby', kind: 'manual', does: 'by-hand', text: look };
    return {
      ...fault,
      title: reason === undefined ? `${title}: cause not found` : `${title}: ${reason}`,
      message: `${fault.message} ${reason === undefined ? 'The cause was not found.' : 'Its log says how the last attempt ended.'}`,
      evidence: [...lastWords(facts), ...fault.evidence, ...ruledOut.slice(0, mostRuledOut)],
      remedy: {
        summary: 'Find the cause first.',
        risk: 'safe',
        steps: [seeking, ...(afterwards === undefined ? [] : [afterwards])],
      },
    };
  };
}

const mostRuledOut = 8;

/** Effects whose last attempt ended with something that is over since: whether it is over for them, too, is not known yet. */
export function withoutWhatIsOver(judged: readonly Judged[]): readonly Judged[] {
  return judged.map(({ rule, result }) => {
    if (result.outcome !== 'failed') return { rule, result };
    const [fault] = result.faults;
    const ifOver = fault?.unexplained?.ifOver;
    if (fault === undefined || ifOver === undefined || isExplained(rule, judged)) return { rule, result };
    const over = whyOver(rule, fault, judged);
    if (over === undefined) return { rule, result };
    const because = `${ifOver.because}; the cause of the failure is gone: ${over}`;
    return { rule, result: { outcome: 'unexamined', because, remedy: ifOver.remedy } };
  });
}

/** An error that leads to it was found, no effect itself: whatever the last attempt ended with, the next one ends with that. */
const isExplained = (effect: AnyRule, judged: readonly Judged[]): boolean =>
  judged.some(
    ({ rule, result }) =>
      rule.effect === undefined &&
      (effect.effect === 'of-any' || rule.explains?.includes(effect.id) === true) &&
      result.outcome === 'failed' &&
      result.faults.some(({ severity }) => (severity ?? rule.severity) === 'error'),
  );

/**
 * The rule that knows the message which the last attempt ended with looked at the thing itself, and it holds now. Of a
 * start that is no rule about the primary: its pg_hba.conf says nothing of the standby's own, which has the same messages.
 */
function whyOver(effect: AnyRule, { unexplained }: Fault, judged: readonly Judged[]): string | undefined {
  const says = unexplained?.says;
  if (says === undefined) return undefined;
  const known = ruleOfMessage(
    says,
    judged.map(({ rule }) => rule).filter((rule) => effect.id !== 'standby/not-running' || !isOfWay(rule)),
  );
  const result = judged.find(({ rule }) => rule === known)?.result;
  return result?.outcome === 'passed' ? result.because : undefined;
}

/** For a server that is down: the configuration names no more what its last start did not find. */
const startOver = (facts: Partial<Facts>, { id }: AnyRule): string | undefined =>
  id === 'standby/not-running' ? startFailureOver(facts) : undefined;

/** A rule about the primary, or about the way to it. */
export const isOfWay = ({ id }: AnyRule): boolean => /^(?:hba|primary|role|network|tls)\//u.test(id);

/** What the server said last that may be about it. */
function lastWords(facts: Partial<Facts>): readonly Evidence[] {
  const log = factOf(facts, 'serverLog');
  if (log.status !== 'seen')
    return [evidence('its log', log.status === 'unseen' ? log.why.because : log.why, 'what was read from it')];
  const { summary } = log.value;
  const source = log.value.files.at(-1)?.path ?? log.source;
  const said = (record: LogRecord, { time }: Moment): Evidence =>
    evidence(`its log says${time === undefined ? '' : `, at ${timeText(time)}`}`, inFull(record), source);
  const failures = [summary.startFailure, summary.receiverFailure].flatMap((failure) => failure ?? []);
  const sightings = summary.sightings.filter(({ healed, record }) => !healed && record.severity !== 'LOG');
  const words = [
    ...failures.map((failure) => ({ record: failure.record, last: failure })),
    ...sightings.filter(({ harmless }) => !harmless),
    ...sightings.filter(({ harmless }) => harmless),
    ...summary.sightings,
  ].filter(({ last }, index, all) => all.findIndex((one) => one.last.position === last.position) === index);
  if (words.length > 0) return words.slice(0, mostWords).map(({ record, last }) => said(record, last));
  const until = ifSeen(log)?.summary.lastTime;
  return [evidence('its log', `nothing about this${until === undefined ? '' : ` until ${timeText(until)}`}`, source)];
}

const mostWords = 3;
