import type { FileEdit, LineChange } from '../findings/report.ts';
import { exchanged } from './exchanged-line.ts';

/** The bytes after an edit, or which line is no longer what it was when it was looked at. */
export type EditedText = { readonly ok: true; readonly bytes: Uint8Array } | NotEdited;

export interface NotEdited {
  readonly ok: false;
  readonly line: number;
  readonly because: string;
}

/** A line of the file before (`minus`), after (`plus`) or both, with what ends it. A character stands for a byte (latin1). */
export interface Row {
  readonly act: 'keep' | 'minus' | 'plus';
  readonly text: string;
  /** The change's own words for the line, where it has some: its secrets are masked. */
  readonly shown?: string;
}

/** What an edit makes of a file's bytes. No other byte than those that the changes name becomes another one. */
export function editedText(before: Uint8Array, edit: FileEdit): EditedText {
  const rows = editedRows(before, edit);
  if ('ok' in rows) return rows;
  const text = rows.map((row) => (row.act === 'minus' ? '' : row.text)).join('');
  return { ok: true, bytes: Buffer.from(text, 'latin1') };
}

/** The edit line by line, in the order of the file; of a line that is replaced the old one comes first. */
export function editedRows(before: Uint8Array, edit: FileEdit): readonly Row[] | NotEdited {
  const end = edit.crlf === true ? '\r\n' : '\n';
  const plus = (text: string): Row => ({ act: 'plus', text: `${asBytes(text)}${end}`, shown: text });
  const lines =
    Buffer.from(before)
      .toString('latin1')
      .match(/[^\n]*\n|[^\n]+$/gu) ?? [];
  const atLines = edit.changes.filter(isAtLine);
  const beyond = atLines.find(({ line }) => line < 1 || line > lines.length);
  if (beyond !== undefined) return notAsSeen(beyond.line);

  const rows: Row[] = [];
  for (const [index, line] of lines.entries()) {
    const [, content = '', ending = ''] = /^(.*?)(\r?\n?)$/su.exec(line) ?? [];
    let now = content;
    let shown: { readonly was: string; readonly text: string } | undefined;
    for (const change of atLines.filter((one) => one.line === index + 1)) {
      const text = exchanged(now, change.was, change.act === 'replace' ? change.text : change.was);
      if (text === undefined) return notAsSeen(change.line);
      if (change.act === 'insert-before') rows.push(plus(change.text));
      else [now, shown] = [text, { was: shown?.was ?? change.was, text: change.text }];
    }
    if (shown === undefined) rows.push({ act: 'keep', text: line });
    else
      rows.push(
        { act: 'minus', text: line, shown: shown.was },
        { act: 'plus', text: `${now}${ending}`, shown: shown.text },
      );
  }
  const added = edit.changes.flatMap((change) => (change.act === 'append' ? [plus(change.text)] : []));
  if (added.length === 0) return rows;
  return [...(edit.absent === true ? rows : endedBy(end, rows)), ...added];
}

const isAtLine = (change: LineChange): change is Exclude<LineChange, { readonly act: 'append' }> =>
  change.act !== 'append';

const notAsSeen = (line: number): NotEdited => ({
  ok: false,
  line,
  because: `line ${line} has changed since it was read`,
});

/**
 * What is appended comes after an empty line; in a file whose last line is not ended, that line is ended instead. So the
 * command that is printed need not look.
 */
function endedBy(end: string, rows: readonly Row[]): readonly Row[] {
  const last = rows.at(-1);
  if (last === undefined || last.text.endsWith('\n')) return [...rows, { act: 'plus', text: end, shown: '' }];
  const ended: Row = { ...last, act: 'plus', text: `${last.text}${end}` };
  return [...rows.slice(0, -1), ...(last.act === 'keep' ? [{ ...last, act: 'minus' } as const] : []), ended];
}

const asBytes = (text: string): string => Buffer.from(text).toString('latin1');
