import type { Side, Step } from '../findings/report.ts';
import { identifier, literal, shellWord } from './quoting.ts';
import { shell, sql } from './remedy.ts';
import { modeText } from '../postgres/file-mode.ts';

/** Steps that know what takes them back. Nothing that came there meanwhile is overwritten when they are. */

/** A file or directory under another name. */
export const moved = (on: Side, from: string, to: string): Step => ({
  ...shell(on, `mv ${shellWord(from)} ${shellWord(to)}`, 'move-aside', from, to),
  undo: shell(on, `test ! -e ${shellWord(from)} && mv ${shellWord(to)} ${shellWord(from)}`, 'put-back', from, to),
});

/** @param before the permission bits that it has now */
export const modeSet = (on: Side, path: string, mode: string, before: number): Step => ({
  ...shell(on, `chmod ${mode} ${shellWord(path)}`, 'change-mode', path),
  undo: shell(on, `chmod ${modeText(before)} ${shellWord(path)}`, 'change-mode', path),
});

/** For their owner alone. */
export const directoriesMade = (on: Side, ...paths: readonly string[]): Step => {
  const words = paths.map(shellWord).join(' ');
  return {
    ...shell(on, `mkdir -m 0700 ${words}`, 'make-directory', ...paths),
    undo: shell(on, `rmdir ${words}`, 'put-back', ...paths),
  };
};

/** An empty file; nothing is deleted when it is taken back. */
export const fileMade = (on: Side, path: string): Step => ({
  ...shell(on, `touch ${shellWord(path)}`, 'make-file', path),
  undo: shell(
    on,
    `test ! -e ${shellWord(`${path}.undone`)} && mv ${shellWord(path)} ${shellWord(`${path}.undone`)}`,
    'put-back',
    path,
  ),
});

/** A physical slot that holds WAL back from now on. */
export const slotMade = (name: string): Step => ({
  ...sql('primary', `SELECT pg_create_physical_replication_slot(${literal(name)}, true);`, 'make-slot'),
  undo: sql('primary', `SELECT pg_drop_replication_slot(${literal(name)});`, 'drop-slot'),
});

/** What ALTER ROLE takes: `WITH LOGIN`; `before`, what says the opposite, or what was there. */
export const roleAltered = (name: string, what: string, before: string): Step => ({
  ...sql('primary', `ALTER ROLE ${identifier(name)} ${what};`, 'change-role'),
  undo: sql('primary', `ALTER ROLE ${identifier(name)} ${before};`, 'change-role'),
});

/**
 * @param before what postgresql.auto.conf has of it now; null: nothing; undefined: that was not seen, or is a secret, and the
 *   step cannot be taken back
 */
export function systemAltered(on: Side, name: string, value: string, before: string | null | undefined): Step {
  const set = (text: string): string => `ALTER SYSTEM SET ${name} = ${/^-?\d+$/.test(text) ? text : literal(text)};`;
  const step = sql(on, set(value), 'set-configuration');
  if (before === undefined || before?.includes('***') === true) return step;
  return { ...step, undo: sql(on, before === null ? `ALTER SYSTEM RESET ${name};` : set(before), 'set-configuration') };
}
