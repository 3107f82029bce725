import type { Report } from '../findings/report.ts';
import type { TextContext } from './finding-text.ts';
import { columns, counted, justify } from './layout.ts';

/** The last line: what was counted, how long it took, and where there is more. */
export function footerText(
  { summary, rules, elapsedMs, findings }: Report,
  { width, paint }: TextContext,
  full: boolean,
): readonly string[] {
  const { error, warning, info, passed, unexamined } = summary;
  const crashed = rules.filter(({ outcome }) => outcome === 'crashed').length;
  const found = [
    ...(error > 0 ? [counted(error, 'error')] : []),
    ...(warning > 0 ? [counted(warning, 'warning')] : []),
    ...(info > 0 ? [counted(info, 'note')] : []),
  ];
  const accepted = findings.filter((one) => one.accepted !== undefined).length;
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
