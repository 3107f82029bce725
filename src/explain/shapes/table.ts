/** psql's, patronictl's and repmgr's tables: their head and rows. */
export function table(text: string, ...columns: readonly string[]): readonly ReadonlyMap<string, string>[] | undefined {
  if (!columns.every((name) => text.includes(name)) && !/^ ?[-+]{3,} ?\n ?[-+]{3,} ?$/mu.test(text)) return undefined;
  const lines = unbroken(text.split('\n'));
  const expanded = columns.every((name) => new RegExp(`^${name} +\\| ?`, 'mu').test(text));
  if (expanded) return records(text).filter((row) => columns.every((name) => row.has(name)));
  const at = lines.findIndex((line) =>
    columns.every((name) => new RegExp(`(?:^|\\|)\\s*${name}\\s*(?:\\||$)`, 'u').test(line)),
  );
  if (at === -1) return inColumns(lines, columns);
  const names = (lines[at] ?? '').split('|').map((name) => name.trim());
  const end = lines.findIndex((line, index) => index > at && /^\s*\(\d+ rows?\)/u.test(line));
  // a terminal breaks a long head
  const rule = lines.findIndex((line, index) => index > at && index < at + 3 && /^[-+|\s]*-[-+|\s]*$/u.test(line));
  return lines
    .slice(Math.max(at, rule) + 1, end === -1 ? undefined : end)
    .filter((line) => line.includes('|') && !/^[-+\s|]+$/u.test(line))
    .map((line) => new Map(line.split('|').map((cell, index) => [names[index] ?? '', cell.trim()])));
}

/** psql's \x: a name that comes again begins the next record. */
function records(text: string): readonly ReadonlyMap<string, string>[] {
  const rows: Map<string, string>[] = [];
  for (const [, name = '', value = ''] of text.matchAll(/^(\w+) +\| ?(.*)$/gmu)) {
    const row = rows.at(-1);
    if (row === undefined || row.has(name)) rows.push(new Map([[name, value.trim()]]));
    else row.set(name, value.trim());
  }
  return rows;
}

/** Copied from a program with a grid, or from a page: tabs or two blanks are between the columns. */
function inColumns(
  lines: readonly string[],
  columns: readonly string[],
): readonly ReadonlyMap<string, string>[] | undefined {
  const cellsOf = (line: string): readonly string[] => line.trim().split(/ *\t\s*| {2,}/u);
  const at = lines.findIndex((line) => columns.every((name) => cellsOf(line).includes(name)));
  const names = cellsOf(lines[at] ?? '');
  if (at === -1 || names.length < 3) return undefined;
  const rest = lines.slice(at + 1).filter((line) => !/^[-\s]*$/u.test(line));
  const end = rest.findIndex((line) => cellsOf(line).length !== names.length);
  const rows = end === -1 ? rest : rest.slice(0, end);
  return rows.length === 0
    ? undefined
    : rows.map((line) => new Map(cellsOf(line).map((cell, index) => [names[index] ?? '', cell])));
}

/**
 * A terminal that is narrower than the table breaks its head, the line under it and each row at the same place: as many lines as
 * that line has are one.
 */
function unbroken(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line, index) => isRule(line) && isRule(lines[index + 1] ?? ''));
  if (first === -1) return lines;
  const length = lines.slice(first).findIndex((line) => !isRule(line));
  const end = lines.findIndex((line, index) => index > first && /^\s*(?:\(\d+ rows?\))?\s*$/u.test(line));
  const last = end === -1 ? lines.length : end;
  if (length < 2 || first < length || (last - first) % length !== 0) return lines;
  const joined: string[] = [];
  for (let at = first - length; at < last; at += length) joined.push(lines.slice(at, at + length).join(''));
  return [...lines.slice(0, first - length), ...joined, ...unbroken(lines.slice(last))];
}

const isRule = (line: string): boolean => /^[-+]{3,}$/u.test(line.trim()) && line.includes('-');

/** A single row may be all that somebody pasted of a table, unless its frame or its count of rows ends it: what is missing tells nothing. */
export const mayBeExcerpt = (text: string, rows: readonly unknown[]): boolean =>
  rows.length < 2 &&
  !/^[^\S\n]*\(\d+ rows?\)/mu.test(text) &&
  (text.match(/^[^\S\n]*\+[-+]+\+\s*$/gmu) ?? []).length < 2;

/** What was asked, and psql's count of rows without the head of the table. */
export const noRowsOf = (view: string): RegExp =>
  new RegExp(`\\bfrom (?:pg_catalog\\.)?${view}\\b[^\\n]*;[ \\t]*\\n(?:[ \\t]*\\n)?\\(0 rows\\)`, 'iu');
