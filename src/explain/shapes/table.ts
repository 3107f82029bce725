/** psql's, patronictl's and repmgr's tables: their head and rows. */
export function table(text: string, ...columns: readonly string[]): readonly ReadonlyMap<string, string>[] | undefined {
  const lines = text.split('\n');
  const expanded = columns.every((name) => new RegExp(`^${name} +\\| ?`, 'mu').test(text));
  if (expanded)
    return [
      new Map([...text.matchAll(/^(\w+) +\| ?(.*)$/gmu)].map(([, name = '', value = '']) => [name, value.trim()])),
    ];
  const at = lines.findIndex((line) =>
    columns.every((name) => new RegExp(`(?:^|\\|)\\s*${name}\\s*(?:\\||$)`, 'u').test(line)),
  );
  if (at === -1) return undefined;
  const names = (lines[at] ?? '').split('|').map((name) => name.trim());
  const end = lines.findIndex((line, index) => index > at && /^\s*\(\d+ rows?\)/u.test(line));
  // a terminal breaks a long head
  const rule = lines.findIndex((line, index) => index > at && index < at + 3 && /^[-+|\s]*-[-+|\s]*$/u.test(line));
  return lines
    .slice(Math.max(at, rule) + 1, end === -1 ? undefined : end)
    .filter((line) => line.includes('|') && !/^[-+\s|]+$/u.test(line))
    .map((line) => new Map(line.split('|').map((cell, index) => [names[index] ?? '', cell.trim()])));
}

/** A single row may be all that somebody pasted of a table, unless its frame or its count of rows ends it: what is missing tells nothing. */
export const mayBeExcerpt = (text: string, rows: readonly unknown[]): boolean =>
  rows.length < 2 && !/^\s*\(\d+ rows?\)/mu.test(text) && (text.match(/^\s*\+[-+]+\+\s*$/gmu) ?? []).length < 2;
