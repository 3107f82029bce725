import type { Report } from '../findings/report.ts';
import type { TextContext } from './finding-text.ts';
import { columns, padEnd } from './layout.ts';
import { inOrOn } from './machines.ts';
import { printable } from './printable.ts';
import { formatBytes } from '../postgres/bytes.ts';

/** Who and what: one line for a copy, two for a standby that exists. */
export const headText = (report: Report, context: TextContext): readonly string[] =>
  report.command === 'postmortem' ? pairHead(report, context) : copyHead(report, context);

/** `db1:5432, PostgreSQL 15.18 primary, 22 MB  ->  /srv/standby on this machine`, on two lines where it must. */
function copyHead({ subject }: Report, { width, paint, scene }: TextContext): readonly string[] {
  const version =
    subject.serverVersion === null ? '' : `, PostgreSQL ${printable(subject.serverVersion)} ${scene.source}`;
  const size = scene.copyBytes === undefined ? '' : `, ${formatBytes(scene.copyBytes)}`;
  const from = endpointOf(scene);
  const where = scene.place === undefined ? 'on this machine' : `${inOrOn('standby', scene)} ${printable(scene.place)}`;
  const to = subject.dataDirectory === null ? '' : `${printable(subject.dataDirectory)} ${where}`;
  const left = `  ${paint.strong(from)}${version}${size}`;
  if (to === '') return [left];
  return columns(`  ${from}${version}${size}  →  ${to}`) <= width
    ? [`${left}  →  ${paint.strong(to)}`]
    : [left, `  →  ${paint.strong(to)}`];
}

/** The standby and its primary, one above the other; what is known of each beside it where there is room. */
function pairHead({ subject }: Report, { width, paint, scene }: TextContext): readonly string[] {
  const version = subject.serverVersion === null ? undefined : `PostgreSQL ${printable(subject.serverVersion)}`;
  const what = [version, scene.standby && printable(scene.standby)].filter((part) => part !== undefined).join(', ');
  const standby = printable(subject.dataDirectory ?? 'no data directory');
  const upstream = endpointOf(scene);
  const known = printable(scene.upstream ?? '');
  const left = Math.max(columns(standby), columns(upstream));
  const room = width - 14 - Math.max(columns(what), columns(known));
  const lines = (label: string, name: string, more: string): readonly string[] => {
    const first = `  ${label}  ${paint.strong(name)}`;
    if (more === '') return [first];
    return columns(name) <= room
      ? [`${first}${' '.repeat(Math.min(left, room) - columns(name) + 3)}${more}`]
      : [first, `${padEnd('', 11)}${more}`];
  };
  const { configFile, manager } = subject;
  const named = configFile === undefined ? [] : [`${padEnd('', 11)}the data_directory of ${printable(configFile)}`];
  const managed = manager === undefined ? [] : [`${padEnd('', 11)}managed by ${printable(manager)}`];
  return [...lines('standby', standby, what), ...named, ...managed, ...lines('primary', upstream, known)];
}

/** `db1:5432 (10.0.0.5)`: a name may lead to several servers, and one of them has answered. */
const endpointOf = ({ endpoint, address }: TextContext['scene']): string =>
  printable(address === undefined ? endpoint : `${endpoint} (${address})`);
