/** A word of a POSIX shell, whatever is in it. */
export const word = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
