import type { Step } from '../findings/report.ts';
import type { ExplainedText } from './explained-text.ts';
import { columns, indent, wrap } from './layout.ts';
import { isSetup, setupsText } from './setup-text.ts';
import { printable } from './printable.ts';

/** The likeliest causes in full, what follows from them in a line each. */
export function explanationsText(explained: readonly ExplainedText[], width: number): readonly string[] {
  const causes = explained
    .filter(({ kind, over }) => kind === 'cause' && !over)
    // what was said of one is not said again of another
    .filter((one, index, all) => all.findIndex((other) => isSaidAlike(other, one)) === index);
  // what comes first is told in full, whatever it is: what else the text shows may stand below it
  const head = explained.slice(0, 1).filter(({ kind, over, means }) => kind === 'consequence' && !over && means !== '');
  const full =
    causes.length > 0
      ? [...head, ...causes].slice(0, mostInFull)
      : explained.filter(({ means }) => means !== '').slice(0, 1);
  if (head.length === 0 && full.length > 1 && full.every(isSetup)) return setupsText(causes, width);
  const rest = explained.filter(
    (one) =>
      !full.some(
        (told) =>
          told === one ||
          told.text.includes(one.text) ||
          one.text.startsWith(told.text) ||
          // two lines of one message, for which the same is to be said
          (told.means === one.means && told.message !== one.message),
      ),
  );
  const named = new Set<string>();
  const told = full.flatMap((one, index) => {
    const next = one.next.filter(({ command }) => !named.has(command));
    for (const { command } of next) named.add(command);
    return [...(index === 0 ? [] : ['']), ...explanationText({ ...one, next }, width)];
  });
  const list = rest.slice(0, mostInBrief).flatMap((one) => brief(one, width));
  if (list.length === 0) return told;
  return [
    ...told,
    ...(told.length === 0 ? [] : ['']),
    told.length === 0 ? 'Nothing in this text is an error:' : 'Also in this text:',
    '',
    ...list,
  ];
}

/** The same message with other values (a second setting, a second slot) is named after that. */
const isSaidAlike = (one: ExplainedText, other: ExplainedText): boolean =>
  one.means === other.means || (one.message !== null && one.message === other.message);

const mostInFull = 3;
const mostInBrief = 5;

function brief(one: ExplainedText, width: number): readonly string[] {
  const name = one.over ? 'over' : { cause: 'another cause', consequence: 'consequence', course: 'sequence' }[one.kind];
  const [first = '', ...more] = wrap(
    `${name}: ${shortened(one.text, 160)}${one.count === 1 ? '' : ` (${one.count} times)`}`,
    width - 4,
  );
  return [`  - ${first}`, ...indent(more, 4)];
}

/** On a terminal of the usual size nothing of one message scrolls away. */
const screen = 24;

function explanationText(explained: ExplainedText, width: number): readonly string[] {
  const whole = linesOf(explained, width);
  return rowsOf(whole, width) > screen ? linesOf({ ...explained, next: explained.next.slice(0, 1) }, width) : whole;
}

/** A command longer than the screen is wide takes several rows. */
const rowsOf = (lines: readonly string[], width: number): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(columns(line) / width)), 0);

/** Of settings there can be many more. */
const mostCandidates = 8;

/** The message, what it means, why it came, what to do, where to look next. */
function linesOf(explained: ExplainedText, width: number): readonly string[] {
  const { text, rule, means, steps, advice, next, candidates, quoted } = explained;
  const paragraph = (words: string): readonly string[] => ['', ...indent(wrap(words, width - 2), 2)];
  const seen = seenText(explained);
  return [
    ...wrap(text, width),
    ...quoted.slice(0, 3).flatMap((part) => indent(wrap(shortened(part, 240), width - 2), 2)),
    ...(seen === '' ? [] : [`  (${seen})`]),
    ...(means === '' ? [] : paragraph(means)),
    ...(candidates.length === 0
      ? []
      : [
          '',
          `  ${headingOf(explained)}:`,
          ...candidates
            .slice(0, mostCandidates)
            .flatMap((one, index) => candidateText(one, candidates.length === 1 ? '- ' : `${index + 1}. `, width)),
          ...(candidates.length > mostCandidates
            ? [`    ${candidates.length - mostCandidates} more are in the JSON (--format json).`]
            : []),
        ]),
    ...(advice === null ? [] : paragraph(`What to do: ${advice}`)),
    ...(steps.length === 0 ? [] : [...(advice === null ? ['', '  What to do:'] : []), ...steps.flatMap(stepText)]),
    ...(next.length === 0 && rule === null ? [] : ['', '  To investigate:']),
    ...next.flatMap(({ where, command }) => [`    ${where}: ${printable(command)}`]),
    ...(rule === null ? [] : [`    more: standbylint explain ${rule.id}`]),
  ];
}

/** What a question is answered with are no reasons of anything. */
function headingOf({ answers, message, kind, candidates }: ExplainedText): string {
  if (answers !== undefined) return { points: 'In detail', steps: 'Step by step' }[answers];
  if (message === null && kind === 'cause') return 'Notable';
  return candidates.length === 1 ? 'Why' : 'Why, most likely first';
}

function candidateText(
  { cause, check }: ExplainedText['candidates'][number],
  mark: string,
  width: number,
): readonly string[] {
  const [first = '', ...more] = wrap(cause, width - 4 - mark.length);
  return [
    `    ${mark}${first}`,
    ...indent(more, 4 + mark.length),
    ...(check === null ? [] : [`${' '.repeat(4 + mark.length)}${check.on}$ ${printable(check.command)}`]),
  ];
}

function seenText({ count, first, last, over }: ExplainedText): string {
  const often = count === 1 ? [] : [`${count} times`];
  const when =
    last === null
      ? []
      : count === 1 || first === null
        ? [`at ${timeText(last)}`]
        : [`${timeText(first)} to ${timeText(last)}`];
  return [...often, ...when, ...(over ? ['resolved since, as this text shows'] : [])].join(', ');
}

const timeText = (time: Date): string => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function stepText({ on, kind, text }: Step): readonly string[] {
  const mark = { shell: `${on}$ `, sql: `${on}=# `, manual: `${on}: ` }[kind];
  const [first = '', ...rest] = text.split('\n');
  return [`    ${mark}${printable(first)}`, ...rest.map((line) => `      ${printable(line)}`)];
}

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
