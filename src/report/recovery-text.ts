import type { Report, Step } from '../facts/report.ts';
import { bodyIndent, stepText } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { indent, wrap } from './layout.ts';
import { printable } from './printable.ts';

/** How a broken standby comes back. The steps are shown where they are others than the findings have already. */
export function recoveryText({ recovery, findings }: Report, context: TextContext): readonly string[] {
  if (recovery === null) return [];
  const { paint, width } = context;
  const words = `How it comes back: ${ways[recovery.way]}. ${printable(recovery.because)}`;
  const shown = new Set(
    findings.filter(({ causedBy }) => causedBy === null).flatMap(({ remedy }) => (remedy?.steps ?? []).map(keyOf)),
  );
  const isShown = recovery.steps.every((step) => shown.has(keyOf(step)));
  const [first = '', ...rest] = indent(wrap(words, width - bodyIndent), bodyIndent);
  return [
    '',
    first.replace('How it comes back:', paint.strong('How it comes back:')),
    ...rest,
    ...(isShown ? [] : ['', ...recovery.steps.flatMap((step) => stepText(step, context))]),
  ];
}

const keyOf = ({ on, kind, text }: Step): string => [on, kind, text].join('\n');

const ways = {
  mend: 'mend the cause',
  'catch-up': 'mend the cause, and it catches up',
  'from-archive': 'from the archive',
  rewind: 'with pg_rewind',
  'new-copy': 'as a new copy',
  unknown: 'not known yet',
} as const;
