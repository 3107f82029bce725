import type { FileEdit } from '../findings/report.ts';
import { maskedLine } from '../postgres/masked-line.ts';
import { mask } from '../postgres/secret.ts';
import { editedRows } from './edited-text.ts';
import type { NotEdited, Row } from './edited-text.ts';

/**
 * The edit as a unified diff, for people to read: secrets are masked, and bytes that are no UTF-8 are replaced. It is text
 * from outside, to be escaped where it is printed.
 *
 * @param before the file's bytes as they are; of a file that is not there: none
 */
export function unifiedDiff(
  before: Uint8Array,
  edit: FileEdit,
): { readonly ok: true; readonly lines: readonly string[] } | NotEdited {
  const rows = editedRows(before, edit);
  if ('ok' in rows) return rows;
  const hunks = hunksOf(rows, edit.secret === true ? 0 : 3);
  return {
    ok: true,
    lines: [
      `--- ${edit.absent === true ? '/dev/null' : edit.file}`,
      `+++ ${edit.file}`,
      ...hunks.flatMap(({ from, to }) => hunkText(rows, from, to, edit.secret === true)),
    ],
  };
}

interface Hunk {
  /** Of the first row, and of that after the last. */
  readonly from: number;
  readonly to: number;
}

function hunksOf(rows: readonly Row[], context: number): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const [at, { act }] of rows.entries()) {
    if (act === 'keep') continue;
    const [from, to] = [Math.max(0, at - context), Math.min(rows.length, at + 1 + context)];
    const last = hunks.at(-1);
    if (last !== undefined && from <= last.to) hunks.splice(-1, 1, { from: last.from, to });
    else hunks.push({ from, to });
  }
  return hunks;
}

function hunkText(rows: readonly Row[], from: number, to: number, secret: boolean): readonly string[] {
  const inHunk = rows.slice(from, to);
  const range = (other: Row['act']): string => {
    const first = rows.slice(0, from).filter(({ act }) => act !== other).length;
    const count = inHunk.filter(({ act }) => act !== other).length;
    // a range without lines is named by the line before it
    return `${count === 0 ? first : first + 1},${count}`;
  };
  return [
    `@@ -${range('plus')} +${range('minus')} @@`,
    ...oldBeforeNew(inHunk).flatMap((row) => {
      const text = `${signs[row.act]}${shown(row, secret)}`;
      return row.text.endsWith('\n') ? [text] : [text, String.raw`\ No newline at end of file`];
    }),
  ];
}

const signs = { keep: ' ', minus: '-', plus: '+' } as const;

function shown(row: Row, secret: boolean): string {
  if (row.shown !== undefined) return row.shown;
  return secret ? mask : maskedLine(Buffer.from(row.text.replace(/\r?\n$/u, ''), 'latin1').toString());
}

/** Of lines that follow one another all that go, then all that come. */
function oldBeforeNew(rows: readonly Row[]): readonly Row[] {
  const out: Row[] = [];
  let come: Row[] = [];
  for (const row of rows) {
    if (row.act === 'keep') {
      out.push(...come, row);
      come = [];
    } else if (row.act === 'minus') out.push(row);
    else come.push(row);
  }
  return [...out, ...come];
}
