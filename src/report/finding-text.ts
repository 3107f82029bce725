import type { Evidence, Finding, Frame, Remedy, Risk, Severity, Step } from '../findings/report.ts';
import { capitalized } from '../findings/sentence.ts';
import { acceptedText } from './accepted.ts';
import { columns, indent, justify, padEnd, spaced, wrap } from './layout.ts';
import { inOrOn, machineName, theMachine } from './machines.ts';
import type { Scene } from '../findings/scene.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

/** Where a text stands: the columns that it may take, its colours, the machines that it speaks of. */
export interface TextContext {
  readonly width: number;
  readonly paint: Paint;
  readonly scene: Scene;
}

/** What a finding says is this far from the margin, what can be copied two columns further. */
export const bodyIndent = 9;

/** A root cause with all that belongs to it; `consequences` are the findings that it explains. */
export function findingText(
  finding: Finding,
  consequences: readonly Finding[],
  context: TextContext,
): readonly string[] {
  return [
    ...headline(finding, context),
    ...indent(wrap(finding.message, context.width - bodyIndent), bodyIndent),
    ...acceptedLines(finding, bodyIndent, context),
    ...treeText(consequences, bodyIndent, context),
    ...placeText(finding, bodyIndent, context),
    ...spaced(finding.frame === null ? [] : frameText(finding.frame, bodyIndent, context)),
    ...spaced(evidenceText(shownEvidence(finding), context)),
    ...spaced(remedyText(finding, context)),
  ];
}

/** It is accepted, and still what it is. */
export function acceptedLines(finding: Finding, body: number, { width, paint }: TextContext): readonly string[] {
  const text = acceptedText(finding);
  return text === undefined
    ? []
    : indent(wrap(capitalized(`${text}.`), width - body), body).map((line) => paint.unsure(line));
}

const marks: Readonly<Record<Severity, string>> = { error: '✖ error', warning: '⚠ warning', info: 'ℹ note' };

function headline({ severity, title, rule }: Finding, { width, paint }: TextContext): readonly string[] {
  const mark = padEnd(marks[severity], bodyIndent - 2);
  const start = columns(mark) + 2;
  const lines = wrap(title, width - start);
  const last = lines.at(-1) ?? '';
  const room = justify(`${' '.repeat(start)}${last}`, rule, width);
  const painted = lines.map((line, index) =>
    index === 0
      ? `${paint.severity[severity](mark)}  ${paint.strong(line)}`
      : `${' '.repeat(start)}${paint.strong(line)}`,
  );
  if (room === undefined) return [...painted, paint.quiet(rule.padStart(width))];
  return [...painted.slice(0, -1), `${painted.at(-1) ?? ''}${room.gap}${paint.quiet(rule)}`];
}

/** What follows from a root cause, as a tree under it. */
export function treeText(
  consequences: readonly Finding[],
  body: number,
  { width, paint }: TextContext,
): readonly string[] {
  return consequences.flatMap(({ title, rule }, index) => {
    const branch = index === consequences.length - 1 ? '└─ ' : '├─ ';
    const stem = index === consequences.length - 1 ? '   ' : '│  ';
    const lines = wrap(title, width - body - branch.length);
    const drawn = lines.map((line, at) => `${' '.repeat(body)}${at === 0 ? branch : stem}${line}`);
    const room = justify(drawn.at(-1) ?? '', rule, width);
    if (room === undefined) return [...drawn, paint.quiet(rule.padStart(width))];
    return [...drawn.slice(0, -1), `${drawn.at(-1) ?? ''}${room.gap}${paint.quiet(rule)}`];
  });
}

/** The file that is spoken of, where the message does not name it already. */
export function placeText(
  { where, frame, message }: Finding,
  body: number,
  { paint, scene }: TextContext,
): readonly string[] {
  const file = frame?.file ?? where.file;
  const side = frame?.side ?? where.side;
  if (file === undefined || message.includes(file)) return [];
  const line = file !== where.file || where.line === undefined ? '' : `:${where.line}`;
  const text = `${printable(file)}${line} ${inOrOn(side, scene)} ${theMachine(side, scene)}`;
  return ['', `${' '.repeat(body + 2)}${paint.quiet(text)}`];
}

/** Lines of a file with their numbers, and what is to be said of each beside it, or under it where that is too wide. */
export function frameText(frame: Frame, body: number, { width, paint }: TextContext): readonly string[] {
  const indentation = body + 2;
  const digits = Math.max(...frame.lines.map(({ number }) => String(number).length));
  const rows = frame.lines.map(({ number, text, remark }) => ({
    number: String(number).padStart(digits),
    text: printable(text.replaceAll('\t', '  ')),
    remark: remark === undefined ? undefined : printable(remark),
  }));
  const widest = Math.max(...rows.map(({ text }) => columns(text)));
  const gutter = indentation + digits + 3;
  const beside = rows.every(({ remark }) => remark === undefined || gutter + widest + 3 + columns(remark) <= width);
  return rows.flatMap(({ number, text, remark }) => {
    const line = `${' '.repeat(indentation)}${paint.quiet(`${number} │`)} ${text}`;
    if (remark === undefined) return [line];
    if (beside) return [`${line}${' '.repeat(widest - columns(text) + 3)}${paint.unsure(remark)}`];
    const bar = `${' '.repeat(indentation + digits + 1)}${paint.quiet('│')}`;
    const under = wrap(remark, width - gutter - 2);
    return [line].concat(under.map((part, at) => `${bar} ${paint.unsure(`${at === 0 ? '╰ ' : '  '}${part}`)}`));
  });
}

/** What a frame shows already is not told twice. */
export const shownEvidence = ({ evidence, frame }: Finding): readonly Evidence[] =>
  evidence.filter(({ value }) => frame === null || frame.lines.every(({ text }) => text.trim() !== value.trim()));

export function evidenceText(
  evidence: readonly Evidence[],
  { width, paint }: TextContext,
  body = bodyIndent,
): readonly string[] {
  const indentation = body + 2;
  const rows = evidence.map(({ label, value, source }) => ({
    label: printable(label),
    value: printable(value),
    source: printable(source),
  }));
  const labels = Math.max(0, ...rows.map(({ label }) => columns(label)).filter((length) => length <= widestLabel));
  return rows.flatMap(({ label, value, source }) => {
    const start = `${' '.repeat(indentation)}${paint.quiet(padEnd(label, labels))}  `;
    const startColumns = indentation + Math.max(labels, columns(label)) + 2;
    if (source === '' || source === value) return [`${start}${value}`];
    return startColumns + columns(value) + columns(source) + 4 <= width
      ? [`${start}${value}  ${paint.quiet(`(${source})`)}`]
      : [`${start}${value}`, `${' '.repeat(indentation + labels + 2)}${paint.quiet(`(${source})`)}`];
  });
}

const widestLabel = 32;

function remedyText({ remedy }: Finding, context: TextContext): readonly string[] {
  if (remedy === null) return [];
  return [
    ...wayText('Fix', remedy, context),
    ...(remedy.alternatives ?? []).flatMap((other) => [
      '',
      ...indent(wrap(other.because, context.width - bodyIndent), bodyIndent),
      '',
      ...wayText('Or', other, context),
    ]),
  ];
}

function wayText(
  word: string,
  { summary, risk, steps }: Pick<Remedy, 'summary' | 'risk' | 'steps'>,
  context: TextContext,
): readonly string[] {
  const words = risks[risk];
  const text = `${word}: ${summary.includes(words) ? inSentence(summary) : followedBy(summary, words)}`;
  return [
    ...indent(wrap(text, context.width - bodyIndent), bodyIndent),
    '',
    ...withoutLastBlank(steps.flatMap((step) => stepText(step, context))),
  ];
}

const withoutLastBlank = (lines: readonly string[]): readonly string[] =>
  lines.at(-1) === '' ? lines.slice(0, -1) : lines;

export const risks: Readonly<Record<Risk, string>> = {
  safe: 'no interruption',
  disruptive: 'restarts a server or drops connections',
  destructive: 'moves or overwrites data',
};

/** `Add an entry.` after a colon: `add an entry`; a word in capitals or a name stays as it is. */
export const inSentence = (summary: string): string =>
  (/^[A-Z][a-z]* /u.test(summary) ? summary.charAt(0).toLowerCase() + summary.slice(1) : summary).replace(/\.$/u, '');

/** A summary in a sentence, and in parentheses what it interrupts: before a sentence of the summary that is in parentheses itself. */
export function followedBy(summary: string, words: string): string {
  const [, main, aside] = /^(.*)\. \(([^()]*)\)\.?$/su.exec(summary) ?? [];
  return main === undefined || aside === undefined
    ? `${inSentence(summary)} (${words})`
    : `${inSentence(main)} (${words}). ${aside.replace(/\.$/u, '')}`;
}

/** The prompt says on which machine and to which program a command is typed; the command is never wrapped. */
export function stepText(
  { on, kind, text }: Pick<Step, 'on' | 'kind' | 'text'>,
  { width, paint, scene }: TextContext,
  indentation = bodyIndent + 2,
): readonly string[] {
  const name = machineName(on, scene);
  const margin = ' '.repeat(indentation);
  switch (kind) {
    case 'shell':
      return text.split('\n').map((line, at) => {
        const before = at === 0 ? paint.prompt(`${name}$`) : ' '.repeat(columns(name) + 1);
        return `${margin}${before} ${printable(line)}`;
      });
    case 'sql':
      return text.split('\n').map((line) => `${margin}${paint.prompt(`${name}=#`)} ${printable(line)}`);
    case 'manual': {
      const label = `${name}: `;
      const [sentence, toCopy] = apart(text);
      const hanging = ' '.repeat(indentation + columns(label));
      const lines = [...wrap(sentence, width - indentation - columns(label)), ...toCopy];
      return lines.map((line, at) => {
        if (at === 0) return `${margin}${paint.prompt(label)}${line}`;
        return line === '' ? '' : hanging + line;
      });
    }
  }
}

/** `In that file, write this line:`, a line break, and the lines: what is behind the colon is to be copied as it is. */
function apart(text: string): readonly [sentence: string, toCopy: readonly string[]] {
  const [, sentence, lines] = /^([^\n]*:)\n(.*)$/su.exec(text) ?? [];
  if (sentence === undefined || lines === undefined) return [text, []];
  return [sentence, ['', ...lines.split('\n').map((line) => `  ${printable(line)}`), '']];
}
