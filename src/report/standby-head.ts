import type { Report } from '../facts/report.ts';
import type { TextContext } from './finding-text.ts';
import { columns } from './layout.ts';
import { printable } from './printable.ts';

/** `/var/lib/postgresql/15/main  PostgreSQL 15.18, a standby that streams   ←   db1:5432`, on two lines where it must. */
export function standbyHead({ subject }: Report, { width, paint, scene }: TextContext): readonly string[] {
  const directory = printable(subject.dataDirectory ?? 'no data directory');
  const version = subject.serverVersion === null ? undefined : `PostgreSQL ${printable(subject.serverVersion)}`;
  const what = [version, scene.standby].filter((part) => part !== undefined).join(', ');
  const own = what === '' ? '' : `  ${what}`;
  const upstream = printable(scene.endpoint);
  const left = `  ${paint.strong(directory)}${own}`;
  return columns(`  ${directory}${own}   ←   ${upstream}`) <= width
    ? [`${left}   ←   ${paint.strong(upstream)}`]
    : [left, `  ←  ${paint.strong(upstream)}`];
}
