import type { Step } from '../facts/report.ts';
import { indent, wrap } from './layout.ts';
import { printable } from './printable.ts';

/** What explain prints of a message. */
export interface ExplainedText {
  readonly text: string;
  readonly message: string | null;
  readonly rule: { readonly id: string; readonly title: string } | null;
  readonly means: string;
  readonly steps: readonly Step[];
  readonly advice: string | null;
  readonly next: readonly { readonly where: string; readonly command: string }[];
  readonly count: number;
  readonly first: Date | null;
  readonly last: Date | null;
  readonly over: boolean;
}

/** The message and who knows it, what it means, what to type, where to look next. */
export function explanationText(explained: ExplainedText, width: number): readonly string[] {
  const { text, rule, message, means, steps, advice, next } = explained;
  const paragraph = (words: string): readonly string[] => ['', ...indent(wrap(words, width - 2), 2)];
  const name = rule?.id ?? `log/${message ?? ''}`;
  return [
    ...wrap(text, width),
    ...indent(wrap(`${name}${rule === null ? '' : `: ${rule.title}`}${seenText(explained)}`, width - 2), 2),
    ...(means === '' ? [] : paragraph(means)),
    ...(advice === null ? [] : paragraph(`What to do: ${advice}`)),
    ...(steps.length === 0 ? [] : ['', '  What to do, as far as the text tells:', '', ...steps.flatMap(stepText)]),
    '',
    '  To look further:',
    '',
    ...next.flatMap(({ where, command }) => [`    ${where}:`, `      ${printable(command)}`]),
    ...(rule === null ? [] : ['    the rule:', `      standbylint explain ${rule.id}`]),
  ];
}

function seenText({ count, first, last, over }: ExplainedText): string {
  const often = count === 1 ? '' : `; ${count} times`;
  const when =
    last === null
      ? ''
      : count === 1 || first === null
        ? `; at ${timeText(last)}`
        : `, ${timeText(first)} to ${timeText(last)}`;
  return `${often}${when}${over ? '; over since, as the lines after it tell' : ''}`;
}

const timeText = (time: Date): string => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function stepText({ on, kind, text }: Step): readonly string[] {
  const mark = { shell: `${on}$ `, sql: `${on}=# `, manual: `${on}: ` }[kind];
  const [first = '', ...rest] = text.split('\n');
  return [`    ${mark}${printable(first)}`, ...rest.map((line) => `      ${printable(line)}`)];
}
