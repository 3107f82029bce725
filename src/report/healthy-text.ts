import type { TextContext } from './finding-text.ts';
import { columns, padEnd } from './layout.ts';
import { machineName } from './machines.ts';
import { printable } from './printable.ts';

/** What proves that a standby is healthy: the same questions, answered on both sides. */
export function healthyText({ scene, paint }: TextContext): readonly string[] {
  const rows = (scene.picture ?? []).map(({ what, primary, standby, mark }) => ({
    what: printable(what),
    primary: printable(primary),
    standby: printable(standby),
    mark,
  }));
  if (rows.length === 0) return [];
  const names = { primary: machineName('primary', scene), standby: machineName('standby', scene) };
  const table = [{ what: '', ...names, mark: '' }, ...rows];
  const label = Math.max(...table.map(({ what }) => columns(what)));
  const left = Math.max(...table.map(({ primary }) => columns(primary)));
  return [
    '',
    ...table.map(({ what, primary, mark, standby }, at) => {
      const cells = `${padEnd(primary, left)}  ${padEnd(mark, 2)}  ${standby}`;
      return `  ${paint.quiet(padEnd(what, label))}  ${at === 0 ? paint.strong(cells) : cells}`.trimEnd();
    }),
  ];
}
