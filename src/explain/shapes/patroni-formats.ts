type Row = ReadonlyMap<string, string>;

/** patronictl list -f json, yaml or tsv (patroni/ctl.py, print_output): the same columns as in its table. */
export function membersOfFormats(text: string): readonly Row[] | undefined {
  if (!/\bMember\b/u.test(text)) return undefined;
  const rows = [ofJson, ofYaml, ofTsv].map((read) => read(text).filter(isMember)).find((found) => found.length > 0);
  return rows;
}

const isMember = (row: Row): boolean => ['Member', 'Role', 'State'].every((name) => row.has(name));

function ofJson(text: string): readonly Row[] {
  const start = text.search(/\[\s*\{/u);
  const end = text.lastIndexOf(']') + 1;
  if (start === -1 || end <= start) return [];
  try {
    const parsed: unknown = JSON.parse(text.slice(start, end));
    return Array.isArray(parsed) ? parsed.map(rowOf) : [];
  } catch {
    return [];
  }
}

const rowOf = (value: unknown): Row =>
  new Map(
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, cell]): [string, string][] =>
          typeof cell === 'string' || typeof cell === 'number' ? [[name, String(cell)]] : [],
        )
      : [],
  );

/** A list of mappings, one value a line. */
function ofYaml(text: string): readonly Row[] {
  const rows: Map<string, string>[] = [];
  for (const line of text.split('\n')) {
    const [, dash = '', name, value = ''] = /^ *(- |  )([A-Z][\w ]{0,30}): *(.*)$/u.exec(line) ?? [];
    if (name === undefined) continue;
    if (dash === '- ') rows.push(new Map());
    rows.at(-1)?.set(name, value.trim().replace(/^(["'])(.*)\1$/u, '$2'));
  }
  return rows;
}

function ofTsv(text: string): readonly Row[] {
  const lines = text.split('\n');
  const head = lines.findIndex(
    (line) => line.includes('\t') && isMember(new Map(line.split('\t').map((name) => [name.trim(), '']))),
  );
  if (head === -1) return [];
  const names = (lines[head] ?? '').split('\t').map((name) => name.trim());
  return lines
    .slice(head + 1)
    .filter((line) => line.includes('\t'))
    .map((line) => {
      const cells = line.split('\t');
      return new Map(names.map((name, index) => [name, (cells[index] ?? '').trim()]));
    });
}
