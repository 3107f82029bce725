/** With a capital first letter, unless a name comes first: `pg_wal`, `backup_label` and `postgresql.conf` keep their case. */
export function capitalized(text: string): string {
  const [first = ''] = /^\S*/u.exec(text) ?? [];
  return isWord.test(first) && first !== 'postgres' ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}

const isWord = /^[a-z]+(?:['’-][a-z]+)*[,:;.]?$/u;

/** `a`, `a and b`, `a, b and c`. */
export const allOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
