import { counted, indent, justify, padEnd, wrap } from '../../report/layout.ts';
import type { Paint } from '../../report/paint.ts';
import { printable } from '../../report/printable.ts';
import { sceneOf } from '../../report/machines.ts';
import { verdictSentence, verdictWords } from '../../report/verdict-text.ts';
import type { Changes, KnownFinding, SharedCause } from './causes.ts';
import type { ExaminedTarget } from './examined.ts';

interface Told {
  readonly targets: readonly ExaminedTarget[];
  readonly causes: readonly SharedCause[];
  readonly since: Changes | undefined;
  readonly elapsedMs: number;
}

/** The table by verdict, the worst first, and each root cause once. */
export function fleetText({ targets, causes, since, elapsedMs }: Told, width: number, paint: Paint): string {
  const rows = targets
    .toSorted((a, b) => order.indexOf(wordOf(a)) - order.indexOf(wordOf(b)) || (a.target < b.target ? -1 : 1))
    .map((one) => [wordOf(one), printable(one.target), sentenceOf(one)] as const);
  const [words = 0, names = 0] = [0, 1].map((at) => Math.max(0, ...rows.map((row) => (row[at] ?? '').length)));
  const start = words + names + 6;
  const counts = order.flatMap((word) => {
    const count = rows.filter(([one]) => one === word).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return [
    '',
    ...rows.flatMap(([word, name, sentence]) => {
      const [first = '', ...rest] = wrap(printable(sentence), Math.max(20, width - start));
      return [
        `  ${paint[colorOf(word)](padEnd(word, words))}  ${padEnd(name, names)}  ${first}`,
        ...indent(rest, start),
      ];
    }),
    ...causes.flatMap((cause) => ['', ...causeText(cause, width, paint)]),
    ...(since === undefined ? [] : changesText(since, width, paint)),
    '',
    `  ${counted(targets.length, 'target')} · ${counts.join(', ')} · ${(elapsedMs / 1000).toFixed(2)} s`,
    '',
    '',
  ].join('\n');
}

const order: readonly string[] = [
  ...['BROKEN', 'NOT READY', 'FAILED', 'TIMED OUT', 'INTERRUPTED', 'UNKNOWN', 'DEGRADED', 'HEALTHY', 'READY'],
];

const colorOf = (word: string): 'good' | 'bad' | 'unsure' =>
  word === 'HEALTHY' || word === 'READY' ? 'good' : order.indexOf(word) <= order.indexOf('FAILED') ? 'bad' : 'unsure';

const outcomes = {
  failed: 'FAILED',
  'timed-out': 'TIMED OUT',
  interrupted: 'INTERRUPTED',
  examined: 'UNKNOWN',
} as const;
const wordOf = ({ report, outcome }: ExaminedTarget): string =>
  report === null ? outcomes[outcome] : verdictWords[report.verdict];

const sentenceOf = ({ report, because }: ExaminedTarget): string =>
  report === null ? (because ?? '') : verdictSentence(report, sceneOf(report));

const marks = { error: '✖', warning: '⚠', info: 'ℹ' } as const;

function causeText(
  { severity, title, rule, primary, targets }: SharedCause,
  width: number,
  paint: Paint,
): readonly string[] {
  const lines = wrap(printable(title), width - 4);
  const last = lines.at(-1) ?? '';
  const room = justify(`  ${last}`, rule, width);
  const place = primary === null ? '' : `${printable(primary)}, `;
  const whom = `${place}${counted(targets.length, 'target')}: ${targets.map(printable).join(', ')}`;
  return [
    ...lines.map(
      (line, at) =>
        `${at === 0 ? `${paint.severity[severity](marks[severity])} ` : '  '}${paint.strong(line)}${at === lines.length - 1 && room !== undefined ? `${room.gap}${paint.quiet(rule)}` : ''}`,
    ),
    ...(room === undefined ? [paint.quiet(rule.padStart(width))] : []),
    ...indent(wrap(whom, width - 4), 4),
  ];
}

function changesText(since: Changes, width: number, paint: Paint): readonly string[] {
  const list = (heading: string, findings: readonly KnownFinding[]): readonly string[] =>
    findings.length === 0
      ? []
      : [
          '',
          `  ${paint.strong(heading)}`,
          ...findings.flatMap(({ target, title, rule }) => {
            const [first = '', ...rest] = wrap(printable(`${target}: ${title} [${rule}]`), width - 4);
            return indent([first, ...rest.map((line) => `  ${line}`)], 4);
          }),
        ];
  return [
    ...list('New', since.new),
    ...list('Gone', since.gone),
    ...(since.same.length === 0 ? [] : ['', `  The same as before: ${counted(since.same.length, 'root cause')}`]),
  ];
}
