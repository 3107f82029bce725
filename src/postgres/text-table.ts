/**
 * A table of texts as its JSON file has it: the first row names the columns; a row of one cell is a remark. The built
 * program has each column as one text instead (scripts/build.mjs): to make 20,000 strings of a file takes longer than to
 * ask for a few.
 */
export type TextTableFile = readonly (readonly string[])[] | Columns;

type Columns = Readonly<Record<string, string>>;

export interface TextTable {
  /** The cells of a column, from the first row to the last. */
  readonly column: (name: string) => readonly string[];
  readonly cell: (row: number, column: string) => string;
}

export function textTable(file: TextTableFile): TextTable {
  const columns = isBuilt(file) ? file : columnsOf(file);
  const made = new Map<string, readonly string[]>();
  const column = (name: string): readonly string[] => {
    const cells = made.get(name) ?? columns[name]?.split(betweenCells) ?? [];
    made.set(name, cells);
    return cells;
  };
  return { column, cell: (row, name) => column(name)[row] ?? '' };
}

/** Where each text stands among the others. */
export function placesOf(texts: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  texts.forEach((text, place) => {
    const before = places.get(text);
    if (before === undefined) places.set(text, [place]);
    else before.push(place);
  });
  return places;
}

export function columnsOf(file: readonly (readonly string[])[]): Columns {
  const [names = [], ...rows] = file.filter((row) => row.length > 1);
  return Object.fromEntries(names.map((name, index) => [name, rows.map((row) => row[index]).join(betweenCells)]));
}

/** The control character DEL, which no text has. */
const betweenCells = '\u007F';

const isBuilt = (file: TextTableFile): file is Columns => !Array.isArray(file);
