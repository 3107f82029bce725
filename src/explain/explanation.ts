import type { Step } from '../findings/report.ts';
import type { MessageValues } from '../postgres/messages/message-format.ts';
import { stepsFromMessage } from '../remedies/from-message.ts';
import { identifier, shellWord } from '../remedies/quoting.ts';
import { filled } from './answer.ts';
import type { Answer, MessageKind } from './answer.ts';
import type { Seen } from './seen.ts';

/** What a message means, and what fixes it, as far as its own text tells. */
export interface Explanation {
  /** The message as it stands there, on one line: of one that carries another, the innermost. */
  readonly text: string;
  /** Its name in the catalogue of messages; null where a rule alone knows it. */
  readonly message: string | null;
  readonly kind: MessageKind;
  /** The rule that examines this fault, where the message means nothing else. */
  readonly rule: { readonly id: string } | null;
  readonly means: string;
  /** How sure it is that the text is this message. */
  readonly confidence: Confidence;
  /** What may be behind it, the likeliest first. */
  readonly candidates: readonly ExplainedCandidate[];
  /** Of a question that is about no fault, what the candidates are instead of its causes. */
  readonly answers?: 'points' | 'steps';
  /** What can be typed with what the text gives. */
  readonly steps: readonly Step[];
  /** What to do, in words; null where the steps say it all. */
  readonly advice: string | null;
  /** DETAIL, HINT and CONTEXT, as they stand there. */
  readonly quoted: readonly string[];
  /** The commands that look at the servers themselves. */
  readonly next: readonly NextCommand[];
  readonly count: number;
  readonly first: Date | null;
  readonly last: Date | null;
  /** What came after it in the log shows that it is over. */
  readonly over: boolean;
}

export type Confidence = 'high' | 'medium' | 'low';

export interface ExplainedCandidate {
  readonly cause: string;
  readonly confidence: Confidence;
  readonly rule: string | null;
  readonly check: { readonly on: string; readonly command: string } | null;
}

export interface NextCommand {
  /** Where, or when, it is typed. */
  readonly where: string;
  readonly command: string;
}

/** `ruleOf`: the rule that declares the message, for messages without an answer of their own. */
export function explanationOf(seen: Seen, ruleOf: (seen: Seen) => string | undefined, next: NextCommands): Explanation {
  const { answer, recognition, values, partial } = seen;
  const id = recognition?.id ?? answer?.id ?? answer?.of?.[0] ?? null;
  const base = recognition?.entry.variantOf ?? id ?? '';
  const rule = answer === undefined ? ruleOf(seen) : onlyRule(answer);
  // the steps are those of a standby and its primary
  const ofOtherTool = answer?.tool !== undefined && answer.elsewhere === true;
  const steps =
    partial || recognition === undefined || ofOtherTool || answer?.steps === false
      ? []
      : stepsFromMessage(base, values);
  // messages that mean the same are no choice
  const others = seen.others.filter((other) => meaningOf(other) !== meaningOf(seen));
  const own = candidatesOf(seen);
  const ordinary = answer === undefined && kindOf(seen) === 'course';
  const advice = ordinary ? '' : answer === undefined ? (recognition?.entry.fix ?? '') : (answer.todo ?? '');
  return {
    text: oneLine(seen.text),
    message: id,
    kind: kindOf(seen),
    rule: rule === undefined ? null : { id: rule },
    means:
      answer === undefined
        ? named(recognition?.entry.meaning ?? '', values)
        : filled(answer.means, spokenValues(values)),
    confidence: partial ? (others.length > 0 ? 'low' : 'medium') : 'high',
    candidates:
      others.length === 0 ? own : [...(own.length === 0 ? [itself(seen)] : own), ...others.map(otherCandidate)],
    steps,
    advice:
      advice === '' || (steps.length > 0 && answer === undefined)
        ? null
        : answer === undefined
          ? named(advice, values)
          : filled(asStatements(advice, values), spokenValues(values)),
    quoted: seen.parts.map(oneLine),
    next: answer?.elsewhere === true ? [] : next(seen),
    count: seen.count,
    first: seen.first ?? null,
    last: seen.last ?? null,
    over: seen.over,
  };
}

/** More than that something takes its ordinary course. */
export const isAnswer = ({ kind, advice }: Explanation): boolean => kind !== 'course' || advice !== null;

export type NextCommands = (seen: Seen) => readonly NextCommand[];

/** An answer with one cause names its rule; one of several causes is a candidate only. */
const onlyRule = ({ causes = [] }: Answer): string | undefined => causes[0]?.rule;

export function kindOf({ answer, recognition }: Seen): MessageKind {
  if (answer?.kind !== undefined) return answer.kind;
  if (answer !== undefined || recognition === undefined) return 'cause';
  const { topic, severity, matters, part } = recognition.entry;
  if (severity === 'LOG' && (matters < 3 || topic === 'startup-state')) return 'course';
  if (topic === 'startup-state' && matters < 3) return 'course';
  if (part === 'hint' || part === 'detail') return 'consequence';
  return 'cause';
}

function candidatesOf({ answer, values }: Seen): readonly ExplainedCandidate[] {
  const causes = answer?.causes ?? [];
  const known = spokenValues(values);
  return causes.map(({ cause, check, on, rule }, index) => ({
    cause: filled(cause, known),
    confidence: causes.length === 1 ? 'high' : index === 0 ? 'medium' : 'low',
    rule: rule ?? null,
    check: check === undefined ? null : { on: on ?? 'standby', command: inDataDirectory(check, known) },
  }));
}

/** A server names the files of its data directory from there. */
function inDataDirectory(check: string, known: MessageValues): string {
  const command = filled(check, shellValues(known));
  const isRelative = ['file', 'directory'].some(
    (name) => new RegExp(`(?<!<data directory>/)\\{${name}\\b`, 'u').test(check) && ownPath.test(known[name] ?? ''),
  );
  return isRelative && !check.startsWith('cd ') ? `cd <data directory> && ${command}` : command;
}

const ownPath =
  /^(?:\.\/)?(?:base|global|pg_[a-z]+|postmaster\.\w+|backup_label|tablespace_map|backup_manifest|\w+\.signal|postgresql(?:\.auto)?\.conf|PG_VERSION)(?:\/|$)/u;

const meaningOf = ({ text, answer, recognition, values }: Seen): string =>
  filled(answer?.means ?? recognition?.entry.meaning ?? oneLine(text), spokenValues(values));

/** "Or" follows something. */
const itself = (seen: Seen): ExplainedCandidate => ({
  cause: meaningOf(seen),
  confidence: 'medium',
  rule: null,
  check: null,
});

const otherCandidate = (seen: Seen): ExplainedCandidate => ({
  cause: `Or: ${meaningOf(seen)}`,
  confidence: 'low',
  rule: null,
  check: null,
});

/** A name in a statement is quoted where SQL needs that. */
const asStatements = (text: string, { role }: MessageValues): string =>
  role === undefined
    ? text
    : text.replaceAll(/((?:\bROLE|\bTO|\\password) )\{role\}/gu, (_, before: string) => `${before}${identifier(role)}`);

/** A directory is a file, too, and a file is in one. */
const spokenValues = (values: MessageValues): MessageValues => {
  const { directory, file } = values;
  if (directory === undefined && file !== undefined) return { directory: file.replace(/\/[^/]*$/u, ''), ...values };
  return file === undefined && directory !== undefined ? { file: directory, ...values } : values;
};

/** The catalogue's own texts have `<role>` and the like. */
const named = (text: string, values: MessageValues): string =>
  text.replaceAll(/<(role|slot|primary|port|directory|file)>/gu, (whole, name: string) => {
    const value = values[name === 'primary' ? 'server' : name];
    return value === undefined || value === '' ? whole : shellWord(value);
  });

const shellValues = (values: MessageValues): MessageValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shellWord(value)]));

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

const longest = 400;
