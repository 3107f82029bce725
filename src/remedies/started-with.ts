import type { ServerControl } from '../facts/primary.ts';
import { readServerArguments } from '../postgres/postmaster-files.ts';

/**
 * The server with other settings on its command line, which beats every file and is read again at each start: the options
 * of its last start with these values, or without the option where there is no value. Undefined where it is not started by
 * pg_ctl, or one of them is not among its options: then a person has to change what starts it.
 */
export function startedWith(
  control: ServerControl,
  changes: ReadonlyMap<string, string | undefined>,
): ServerControl | undefined {
  if (control.kind !== 'pg_ctl') return undefined;
  const units = unitsOf(control.options ?? []);
  const isThere = [...changes.keys()].every((name) => units.some((unit) => unit.name === name));
  return isThere ? { ...control, options: changedArguments(control.options ?? [], changes), changed: true } : undefined;
}

/** Arguments of a server with other values, or without an option where there is no value. */
export function changedArguments(
  given: readonly string[],
  changes: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const units = unitsOf(given);
  const last = (name: string): number => units.findLastIndex((unit) => unit.name === name);
  const added = [...changes].filter(([name]) => last(name) === -1);
  return [
    ...units.flatMap(({ name, words }, index) => {
      if (name === undefined || !changes.has(name)) return words;
      const value = changes.get(name);
      return value === undefined || index !== last(name) ? [] : ['-c', `${name}=${value}`];
    }),
    ...added.flatMap(([name, value]) => (value === undefined ? [] : ['-c', `${name}=${value}`])),
  ];
}

interface Unit {
  /** The setting that it sets. */
  readonly name: string | undefined;
  readonly words: readonly string[];
}

/** Options as getopt parts them: one word, or a letter and its value in two. */
function unitsOf(options: readonly string[]): readonly Unit[] {
  const units: Unit[] = [];
  for (let index = 0; index < options.length; index += 1) {
    const word = options[index] ?? '';
    const next = options[index + 1];
    const isHalf = /^-[BCcDdfhkNprStW]$/u.test(word) && next !== undefined;
    const words = isHalf ? [word, next] : [word];
    if (isHalf) index += 1;
    units.push({ name: readServerArguments('postgres', words).settings[0]?.name, words });
  }
  return units;
}
