/**
 * A picture of what a terminal shows, as SVG: the text is from a golden transcript, its colours from the escapes in it. A line
 * that is longer than the terminal is broken as a terminal breaks it.
 */
export function terminalPicture(transcript: string, columns: number, title: string): string {
  const lines = transcript
    .replace(/\n+$/u, '')
    .split('\n')
    .flatMap((line) => broken(cellsOf(line), columns));
  const width = columns * cell.width + 2 * margin;
  const height = lines.length * cell.height + 2 * margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117" stroke="#30363d"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="13" xml:space="preserve">',
    ...lines.flatMap((cells, at) => runsOf(cells).map((run) => runText(run, margin + (at + 1) * cell.height - 5))),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const cell = { width: 8, height: 18 };
const margin = 16;

interface Style {
  readonly fill: string;
  readonly bold: boolean;
}
interface Cell extends Style {
  readonly character: string;
}
interface Run extends Style {
  readonly from: number;
  readonly text: string;
}

const plain = '#e6edf3';
const quiet = '#8b949e';
/** What chalk writes with 16 colours; 22 ends bold and dim, 39 ends a colour. */
const codes: Readonly<Record<string, Partial<Style>>> = {
  '1': { bold: true },
  '2': { fill: quiet },
  '22': { bold: false, fill: plain },
  '31': { fill: '#ff7b72' },
  '32': { fill: '#3fb950' },
  '33': { fill: '#d29922' },
  '34': { fill: '#58a6ff' },
  '36': { fill: '#39c5cf' },
  '39': { fill: plain },
};

function cellsOf(line: string): readonly Cell[] {
  const [first = '', ...rest] = line.split('\u001b[');
  const cells = Array.from(first, (character): Cell => ({ character, fill: plain, bold: false }));
  let [fill, bold] = [plain, false];
  for (const part of rest) {
    const [, code = '', text = ''] = /^(\d+)m(.*)$/su.exec(part) ?? [];
    const change = codes[code];
    if (change === undefined) throw new Error(`a picture has no colour for ${code}`);
    // bold that ends keeps the colour that began within it
    if (code !== '22' || fill === quiet) fill = change.fill ?? fill;
    bold = change.bold ?? bold;
    const style = { fill, bold };
    cells.push(...Array.from(text, (character) => ({ character, ...style })));
  }
  return cells;
}

function broken(cells: readonly Cell[], columns: number): readonly (readonly Cell[])[] {
  const rows = Math.max(1, Math.ceil(cells.length / columns));
  return Array.from({ length: rows }, (_, at) => cells.slice(at * columns, (at + 1) * columns));
}

/** Neighbours of one style; blanks need no ink. */
function runsOf(cells: readonly Cell[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [at, { character, fill, bold }] of cells.entries()) {
    const last = runs.at(-1);
    const follows = last !== undefined && last.from + Array.from(last.text).length === at;
    if (follows && last.fill === fill && last.bold === bold)
      runs.splice(-1, 1, { ...last, text: last.text + character });
    else runs.push({ from: at, text: character, fill, bold });
  }
  return runs.filter(({ text }) => text.trim() !== '');
}

function runText({ from, text, fill, bold }: Run, y: number): string {
  const start = text.search(/\S/u);
  const shown = Array.from(text.trim());
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${margin + (from + start) * cell.width}" y="${y}" fill="${fill}"${weight} textLength="${shown.length * cell.width}">${escaped(shown.join(''))}</text>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
