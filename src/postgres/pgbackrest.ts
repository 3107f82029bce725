import { shellWords } from './restore-command.ts';

/** One line of a pgbackrest.conf that gives an option. */
export interface PgBackRestLine {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** pgBackRest, src/common/ini.c: sections, `name=value`, and comments that begin a line. */
export function readPgBackRestConfiguration(text: string): readonly PgBackRestLine[] {
  let section = '';
  return text.split('\n').flatMap((raw, at) => {
    const line = raw.trim();
    const [, named] = /^\[(.*)\]$/u.exec(line) ?? [];
    if (named !== undefined) section = named;
    const [, name, value] = /^([^#=[]+)=(.*)$/u.exec(line) ?? [];
    return name === undefined || value === undefined
      ? []
      : [{ section, name: name.trim(), value: value.trim(), line: at + 1 }];
  });
}

/** The options on the command line of a pgBackRest that a restore_command runs; undefined where it runs another program. */
export function pgBackRestOptions(command: string): ReadonlyMap<string, string> | undefined {
  const words = shellWords(command);
  const at = words.findIndex((word) => /(?:^|\/)pgbackrest$/u.test(word));
  if (at === -1) return undefined;
  return new Map(
    words.slice(at + 1).flatMap((word) => {
      const [, name, value] = /^--([a-z0-9-]+)=(.*)$/su.exec(word) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** An option of archive-get: the command line first, then the sections from the closest (src/config/parse.c). */
export function pgBackRestOption(
  name: string,
  options: ReadonlyMap<string, string>,
  lines: readonly PgBackRestLine[],
): { readonly value: string; readonly line?: number } | undefined {
  const given = options.get(name);
  if (given !== undefined) return { value: given };
  const stanza = options.get('stanza') ?? '';
  for (const section of [`${stanza}:archive-get`, stanza, 'global:archive-get', 'global']) {
    const found = lines.find((one) => one.section === section && one.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The stanzas that a configuration has a section for. */
export const stanzasIn = (lines: readonly PgBackRestLine[]): readonly string[] => [
  ...new Set(
    lines.flatMap(({ section }) => {
      const [name = ''] = section.split(':');
      return name === '' || name === 'global' ? [] : [name];
    }),
  ),
];

/** `000000010000000000000003-8333…f1800.gz` (src/command/archive/common.h): the segment that it holds. */
export const segmentInRepository = (name: string): string | undefined =>
  /^([0-9A-F]{24})-[0-9a-f]{40}(?:\.(?:gz|lz4|zst|bz2))?$/u.exec(name)?.[1];
