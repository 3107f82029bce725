/**
 * The rows of a view as other programs than psql print them (CSV, JSON, one column a line, a grid's copy, psql's other borders)
 * in psql's own form. What is no view of replication stays as it is.
 */
export function asPsqlPrints(text: string): string {
  const drawn = withPlainBorders(text);
  return text.length > longest || drawn.search(anyColumn) === -1 ? drawn : inOneForm(ofJson(drawn) ?? drawn);
}

/** Beyond that, it is a log or a file. */
const longest = 65_536;

/** Columns that only the views of replication have, or that say what a session waits for. */
const ofViews =
  'slot_name|slot_type|restart_lsn|wal_status|active_pid|confirmed_flush_lsn|(?:sent|write|flush|replay)_(?:lsn|lag|location)|sync_state|sync_priority|application_name|client_addr|received_lsn|flushed_lsn|written_lsn|receive_start_lsn|sender_host|latest_end_lsn|archived_count|failed_count|last_failed_wal|last_archived_wal|subname|subenabled|pg_is_in_recovery|pg_is_wal_replay_paused|wait_event|backend_type|confl_\\w+';
const anyColumn = new RegExp(`\\b(?:${ofViews})\\b`, 'u');
const isColumn = new RegExp(`^(?:${ofViews})$`, 'u');

type Row = readonly (readonly [name: string, value: string])[];

/** psql's `linestyle unicode`, and what Markdown puts around a cell. */
const withPlainBorders = (text: string): string =>
  /[│─`]|\*\*/u.test(text)
    ? text
        .split('\n')
        .map((line) =>
          line.includes('│')
            ? line.replaceAll('│', '|')
            : /^[ ─┼┌┬┐├┤└┴┘]*─[ ─┼┌┬┐├┤└┴┘]*$/u.test(line)
              ? line.replaceAll(/[─]/gu, '-').replaceAll(/[┼┌┬┐├┤└┴┘]/gu, '+')
              : /^\s*\|.*\|\s*$/u.test(line)
                ? line.replaceAll(/(?<=\|\s{0,40})(?:`|\*\*)|(?:`|\*\*)(?=\s{0,40}\|)/gu, '')
                : line,
        )
        .join('\n')
    : text;

/** An array of rows, or an object that has one. */
function ofJson(text: string): string | undefined {
  const start = text.search(/[[{](?=\s*[{"])/u);
  const end = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}')) + 1;
  if (start === -1 || end <= start) return undefined;
  const rows = jsonRows(text.slice(start, end));
  return rows.length === 0 ? undefined : `${text.slice(0, start)}\n${printed(rows)}\n${text.slice(end)}`;
}

function jsonRows(json: string): readonly Row[] {
  const parsed = parse(json);
  return parsed === undefined
    ? json.split('\n').flatMap((line) => rowsIn(parse(line), deepest))
    : rowsIn(parsed, deepest);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function rowsIn(value: unknown, depth: number): readonly Row[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  const parts: readonly (readonly [string, unknown])[] = Object.entries(value);
  const row = parts.flatMap(([name, cell]): Row =>
    typeof cell === 'object' && cell !== null ? [] : [[name, spoken(cell)]],
  );
  return row.some(([name]) => isColumn.test(name)) ? [row] : parts.flatMap(([, part]) => rowsIn(part, depth - 1));
}

const deepest = 4;

/** As psql prints it. */
const spoken = (cell: unknown): string =>
  typeof cell === 'boolean'
    ? cell
      ? 't'
      : 'f'
    : typeof cell === 'string' || typeof cell === 'number'
      ? String(cell).replaceAll(/[|\n]/gu, ' ')
      : '';

const printed = (rows: readonly Row[]): string => {
  const cellsOf = rows.map((row) => new Map(row));
  const names = [...new Set(cellsOf.flatMap((row) => [...row.keys()]))].slice(0, mostColumns);
  return [
    ` ${names.join(' | ')} `,
    names.map((name) => '-'.repeat(name.length + 2)).join('+'),
    ...cellsOf.map((row) => ` ${names.map((name) => row.get(name) ?? '').join(' | ')} `),
    `(${rows.length} row${rows.length === 1 ? '' : 's'})`,
  ].join('\n');
};

/** More than the views of replication have together: rows that have no column in common would make a table of all their columns for each. */
const mostColumns = 120;

/** CSV, borders of other kinds, and one column a line. */
function inOneForm(text: string): string {
  const lines = text.split('\n');
  const done: string[] = [];
  for (let at = 0; at < lines.length;) {
    const { rows, end } = separated(lines, at) ?? underlined(lines, at) ?? oneByOne(lines, at);
    done.push(...(rows.length === 0 ? lines.slice(at, end) : [printed(rows)]));
    at = end;
  }
  return done.join('\n');
}

interface Rows {
  readonly rows: readonly Row[];
  /** The line after them. */
  readonly end: number;
}

/** A head of names with commas, semicolons or TABs between them, and rows with as many cells. */
function separated(lines: readonly string[], at: number): Rows | undefined {
  const head = lines[at] ?? '';
  if (head.includes('|') || !anyColumn.test(head)) return undefined;
  const mark = [',', ';', '\t'].find((each) => head.includes(each));
  if (mark === undefined) return undefined;
  const names = cells(head, mark);
  if (names.length < 2 || !names.every((name) => /^\w+$/u.test(name)) || !names.some((name) => isColumn.test(name)))
    return undefined;
  const rest = lines.slice(at + 1);
  const stop = rest.findIndex((line) => cells(line, mark).length !== names.length);
  const rows = rest.slice(0, stop === -1 ? undefined : stop).map((line) => named(names, cells(line, mark)));
  return rows.length === 0 ? undefined : { rows, end: at + 1 + rows.length };
}

const named = (names: readonly string[], values: readonly string[]): Row =>
  names.map((name, index) => [name, spoken(values[index] ?? '')]);

function cells(line: string, mark: string): readonly string[] {
  const found: string[] = [];
  let cell = '';
  let quoted = false;
  for (const letter of line.trimEnd()) {
    if (letter === '"') quoted = !quoted;
    else if (letter === mark && !quoted) {
      found.push(cell.trim());
      cell = '';
    } else cell += letter;
  }
  return [...found, cell.trim()].map((one) => (/^(?:null|\[null\]|\\N)$/iu.test(one) ? '' : one));
}

/** psql's `border 0`, and what other clients print: the line under the head says where each column begins. */
function underlined(lines: readonly string[], at: number): Rows | undefined {
  const [head = '', rule = ''] = [lines[at], lines[at + 1]];
  if (!/^ *-+(?: +-+)+ *$/u.test(rule) || !anyColumn.test(head)) return undefined;
  const starts = [...rule.matchAll(/-+/gu)].map(({ index }) => index);
  const cut = (line: string): readonly string[] =>
    starts.map((from, index) => line.slice(from, starts[index + 1]).trim());
  const rest = lines.slice(at + 2);
  const stop = rest.findIndex((line) => line.trim() === '' || /^\(\d+ rows?\)/u.test(line.trim()));
  const rows = rest.slice(0, stop === -1 ? undefined : stop).map((line) => named(cut(head), cut(line)));
  return rows.length === 0 ? undefined : { rows, end: at + 2 + rows.length };
}

/** `name: value` or `name = value`, column for column; a name that comes again begins the next row. Without rows: such lines are no view. */
function oneByOne(lines: readonly string[], at: number): Rows {
  const rows: [name: string, value: string][][] = [];
  let end = at;
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? '';
    if (rows.length > 0 && /^\s*\*{3,} *\d+\. row *\*{3,}/u.test(line)) continue;
    const [, name, value = ''] = /^[ \t]*(?:- )?"?([a-z][a-z_\d]*)"?[ \t]*[:=\t][ \t]*(.*)$/u.exec(line) ?? [];
    if (name === undefined) break;
    const row = rows.at(-1);
    const cell: [string, string] = [
      name,
      spoken(
        value
          .replace(/^(["'])(.*)\1,?$/u, '$2')
          .replace(/^(?:null|NULL|\[null\]),?$/u, '')
          .trim(),
      ),
    ];
    if (row === undefined || row.some(([one]) => one === name)) rows.push([cell]);
    else row.push(cell);
  }
  const known = (rows[0] ?? []).filter(([name]) => isColumn.test(name));
  return { rows: (rows[0]?.length ?? 0) >= 3 && known.length >= 2 ? rows : [], end: Math.max(end, at + 1) };
}
