import { needsEscapes, unprintable } from '../postgres/unprintable.ts';

/** Quoting for the three languages that remedies are written in: SQL identifiers, SQL literals, POSIX shell words. */
export { identifier, literal } from '../postgres/sql-quoting.ts';

/** A POSIX shell word, quoted only where it must be. One with control characters is made by printf(1), so that it can be typed. */
export function shellWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  // a line break at the end would be lost in $(…)
  if (!needsEscapes(word) || word.endsWith('\n')) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const format = word
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('%', '%%')
    .replaceAll("'", String.raw`'\''`)
    .replaceAll(unprintable, (character) =>
      [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    );
  return `"$(printf '${format}')"`;
}
