/** Quoting for the three languages that remedies are written in: SQL identifiers, SQL literals, POSIX shell words. */
export { identifier, literal } from '../postgres/sql-quoting.ts';

/** A POSIX shell word, quoted only where it must be. */
export const shellWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
