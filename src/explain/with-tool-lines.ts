import { withoutSource } from './paste/common-source.ts';
import { maskLines } from '../postgres/secrets-in-text.ts';
import { kindOf } from './explanation.ts';
import type { Found } from './phrases/phrases.ts';
import { literalWords } from './phrases/phrase-words.ts';
import type { Seen } from './seen.ts';
import type { ToolLine } from './tool-lines/table.ts';
import { toolsIn } from './tools.ts';
import { seenOfTool, withRemarks } from './unknown/unknown-tools.ts';
import { unescaped } from './paste/without-formatting.ts';

/**
 * What is seen in a text, and what else the tools around PostgreSQL say in it: each line that is, from its label to its end, a
 * message of theirs. The table of these is read only where a text speaks of such a tool, or has nothing that is known.
 */
export async function withToolLines(text: string, seen: readonly Seen[]): Promise<readonly Seen[]> {
  if (text.length > longest) return seen;
  const clean = maskLines(withoutSource(unescaped(text)));
  const tools: ReadonlySet<string> = toolsIn(clean);
  if (tools.size === 0 && seen.some(isSure)) return seen;
  // of prose, no line can be one of theirs
  const lines = [...linesOf(clean)].filter(
    ({ head }, _, all) => tools.size > 0 || all.length <= fewLines || (head !== '' && label.test(head)),
  );
  if (lines.length === 0) return seen;
  const { toolPhrases } = await import('./tool-lines/table.ts');
  const said = lines.flatMap(({ line, head, at }) => {
    const own = saidIn(line, head) ?? (head === '' ? undefined : saidIn(line, ''));
    return own === undefined ? [] : [{ ...own, at: at + own.at }];
  });
  if (said.length === 0) return seen;
  return together(seen, said, clean);

  /** A prefix may have a word that a message begins with. */
  function saidIn(line: string, head: string): Said | undefined {
    const message = line.slice(head.length);
    const found = best(toolPhrases.within(message), head, message, tools);
    if (found === undefined) return undefined;
    const own = message.slice(found.from).trim();
    return {
      ...found,
      line,
      own: isJson.test(line) ? (value.exec(own)?.[0] ?? own) : own,
      at: head.length + found.from,
    };
  }
}

/** A record, whose "msg" and "error" are two messages. */
const isJson = /^[^"{}]*\{"/u;
const value = /^(?:[^"\\]|\\.)+(?=")/u;

/** Some thousand lines. */
const longest = 65_536;

interface Said extends Found<ToolLine> {
  readonly line: string;
  /** What stands in the line without its prefix. */
  readonly own: string;
  readonly at: number;
}

const isSure = (one: Seen): boolean => !one.partial && kindOf(one) !== 'course';

const isUnknown = ({ answer }: Seen): boolean => answer?.id?.startsWith('unknown-of-') === true;

interface Line {
  readonly line: string;
  /** What stands before the message. */
  readonly head: string;
  readonly at: number;
}

const fewLines = 4;

function* linesOf(text: string): Generator<Line> {
  let at = 0;
  for (const whole of text.split('\n')) {
    const line = withoutRemarks(unquoted(whole));
    if (line.length < longestLine && /[a-z]{3}/iu.test(line)) yield { line, head: prefix.exec(line)?.[0] ?? '', at };
    at += whole.length + 1;
  }
}

/** A row of an exported table of lines, or a line of a log as the engine of containers and the journal keep it. */
const unquoted = (line: string): string =>
  /^".*"\s*$/u.test(line)
    ? line.trim().slice(1, -1).replaceAll('""', '"')
    : (wrapped.exec(line)?.[1]?.replaceAll(/\\n$/gu, '').replaceAll('\\"', '"') ?? line);

const wrapped = /^[^"{}]*\{.*?"(?:log|MESSAGE|textPayload|line)": ?"((?:[^"\\]|\\.)*)"/u;

/** What collects logs puts the next lines of a message behind it. */
function withoutRemarks(line: string): string {
  const end = line.search(/\s(?:DETAIL|HINT): /u);
  return /[a-z]{3}/u.test(line.slice(0, Math.max(end, 0))) ? line.slice(0, end) : line;
}

const longestLine = 2048;

/** Time, process, level and the like; pgBackRest's code, PgBouncer's connection. */
const prefix =
  /^.{0,200}?(?:\b(?:ERROR|WARN|WARNING|FATAL|INFO|NOTICE|LOG|CRITICAL|Error)\b\]?:? +)(?:\[\d{3}\]: +|[CS]-0x[\da-f]+: \S+ (?:closing because: )?)?/u;

/** What stands before a message: nothing, a bullet, a label, a time with a level, the line of a source, or JSON's "msg". */
const before =
  /(?:^\W*|[:\])>] *|\b(?:ERROR|WARN|WARNING|FATAL|INFO|NOTICE|LOG|CRITICAL)\b:? *|"(?:msg|message|error)": ?"|@[\w.:-]+ |\.go:\d+\s+|^[\d/]+ \d\d:\d\d:\d\d(?:\.\d+)? )$/u;

/** What may stand behind a message. */
const behind = /^(?: \([^()]{0,80}\))?[\s"'.,;:!)}\]]*(?:$|","|" \w+=|\(age=|\s\{"\w| thrown at )/u;

function best(
  found: readonly Found<ToolLine>[],
  head: string,
  line: string,
  tools: ReadonlySet<string>,
): Found<ToolLine> | undefined {
  const isOf = ({ of }: Found<ToolLine>): boolean => tools.has(of.tool) || (forms[of.tool]?.test(head + line) ?? false);
  return found
    .filter((one) => {
      const start = line.slice(0, one.from);
      if (!before.test(start) || !behind.test(line.slice(one.to))) return false;
      return isOf(one) || (/^\W*$/u.test(start) && label.test(head) && one.of.words >= (head === '' ? 5 : 4));
    })
    .toSorted((a, b) => Number(isOf(b)) - Number(isOf(a)) || b.of.words - a.of.words)[0];
}

/** Nothing but a time, a process and a level. */
const label =
  /^[\s\d:.,TZ+\-[\]]*(?:UTC )?(?:\[\d+\] )?(?:\[?(?:ERROR|WARN|WARNING|FATAL|INFO|NOTICE|CRITICAL|Error)\]?:? +)?$/u;

/** How their logs begin a line. */
const forms: Readonly<Record<string, RegExp>> = {
  repmgr: /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[[A-Z]+\] /u,
  pg_auto_failover: /^\d\d:\d\d:\d\d \d+ (?:ERROR|FATAL|WARN|INFO) /u,
  barman: /\[\d+\] barman\.\S+ [A-Z]+: /u,
  pgbackrest: /\bP\d\d +(?:ERROR|WARN|INFO)|\bERROR: \[\d{3}\]: /u,
  pgpool: /\bpid \d+: [A-Z]+: {2}/u,
  pgbouncer: /\[\d+\] (?:LOG|WARNING|ERROR|FATAL) [^ :]/u,
  pacemaker: /\bpgsqlms\b/u,
  stolon: /\b(?:keeper|sentinel|proxy|postgresql)\.go:\d+/u,
};

/**
 * Of one line, what has more words of its own; but what a message carries as its reason is the cause of it, and so is all else
 * that is known by its own words.
 */
function together(seen: readonly Seen[], said: readonly Said[], text: string): readonly Seen[] {
  const told = said.filter(
    (one) => !seen.some((other) => !other.partial && isIn(other, one) && saysMore(other, one) && !carries(other, one)),
  );
  const kept = seen.filter((one) => !told.some((other) => isIn(one, other) && isLess(one, other)));
  const known = kept.some(
    (one) =>
      (isSure(one) || told.some((other) => isCarried(one, other))) &&
      !one.over &&
      !isUnknown(one) &&
      kindOf(one) === 'cause',
  );
  return [...kept, ...oneOfEach(told).map((one) => seenOf(one, text, known))];
}

const isIn = (one: Seen, { line, own }: Said): boolean => {
  const [first = ''] = one.text.trim().split('\n');
  const whole = isJson.test(line) && !own.includes('","') ? own : line;
  return (
    first !== '' &&
    (whole.includes(first) || first.includes(whole.trim()) || (isUnknown(one) && own !== '' && first.includes(own)))
  );
};

/** It says who failed, and its last value is what that one says. */
const carries = ({ values, answer }: Seen, { own }: Said): boolean =>
  answer?.kind === 'consequence' && Object.values(values).join('\n').includes(own);

const isCarried = (one: Seen, { values }: Said): boolean =>
  Object.values(values).some(
    (value) =>
      value !== undefined &&
      (value.includes(one.text.trim()) ||
        // a part of it, which was shortened
        (one.partial && ownWords(one).length > 2 && ownWords(one).filter((word) => value.includes(word)).length > 2)),
  );

/** Half of the words, and what is said of them is said of this message alone. */
const saysMore = (one: Seen, other: Said): boolean =>
  !isCarried(one, other) && ownWords(one).length * 2 >= other.of.words && !isWithin(one, other);

/** A program that has taken a message of PostgreSQL over, into a longer one or in lines of its own form. */
function isWithin(one: Seen, { of, line }: Said): boolean {
  if (one.recognition === undefined) return false;
  const words = literalWords(of.format);
  const own = ownWords(one);
  const isLonger = own.length < words.length || (forms[of.tool]?.test(line) ?? false);
  return isLonger && words.join(' ').includes(own.join(' '));
}

const isLess = (one: Seen, other: Said): boolean =>
  isUnknown(one) || (!isCarried(one, other) && (one.partial || !saysMore(one, other)));

/** Of the wording that was found. */
const ownWords = ({ answer, recognition, form }: Seen): readonly string[] =>
  literalWords((recognition?.entry.format ?? answer?.says?.[form] ?? '').replaceAll(/\[\d{3}\]/gu, ''));

/** Each once: its last line, and how often. */
function oneOfEach(said: readonly Said[]): readonly (Said & { readonly count: number })[] {
  const byAnswer = new Map<string, Said & { readonly count: number }>();
  for (const one of said) {
    const id = one.of.answer.id ?? '';
    byAnswer.set(id, { ...one, count: (byAnswer.get(id)?.count ?? 0) + 1 });
  }
  return [...byAnswer.values()];
}

function seenOf({ of, values, own, at, count }: Said & { readonly count: number }, text: string, known: boolean): Seen {
  const answer = known && kindOfLine(of) === 'cause' ? { ...of.answer, kind: 'consequence' as const } : of.answer;
  const over = answer.overAfter?.test(text.slice(at)) === true;
  const seen = { ...seenOfTool(answer, own, at), values, count, over, partial: false };
  return kindOfLine(of) === 'course' ? seen : withRemarks(seen, text);
}

const kindOfLine = ({ answer }: ToolLine): string => answer.kind ?? 'cause';
