import type { Report } from '../findings/report.ts';
import type { TextContext } from './finding-text.ts';
import { columns, counted, justify } from './layout.ts';

const named = [
  ['error', 'error'],
  ['warning', 'warning'],
  ['info', 'note'],
] as const;

/** The last line: what was counted, how long it took, and where there is more. */
export function footerText(
  { summary, rules, elapsedMs, findings }: Report,
  { width, paint }: TextContext,
  full: boolean,
): readonly string[] {
  const { passed, unexamined } = summary;
  const crashed = rules.filter(({ outcome }) => outcome === 'crashed').length;
  const open = findings.filter((one) => one.accepted === undefined);
  // as many as the verdict speaks of: what follows from another finding is no problem of its own
  const roots = open.filter(({ causedBy }) => causedBy === null);
  const found = named.flatMap(([severity, name]) => {
    const count = roots.filter((one) => one.severity === severity).length;
    return count > 0 ? [counted(count, name)] : [];
  });
  const accepted = findings.length - open.length;
  const counts = [
    ...(found.length > 0 ? [found.join(', ')] : []),
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
    `${passed} passed`,
    ...(unexamined > 0 ? [`${unexamined} not checked`] : []),
    ...(crashed > 0 ? [`${crashed} crashed`] : []),
    `${(elapsedMs / 1000).toFixed(2)} s`,
  ];
  const left = `  ${counts.join(' · ')}`;
  if (full) return [left];
  const more = '--full for everything';
  const room = justify(left, more, width);
  return room === undefined
    ? [left, paint.quiet(`${' '.repeat(width - columns(more))}${more}`)]
    : [`${left}${room.gap}${paint.quiet(more)}`];
}
