import type { FileEdit } from '../facts/report.ts';

/** The bytes after an edit, or which line is no longer what it was when it was looked at. */
export type EditedText =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly line: number; readonly because: string };

/** What an edit makes of a file's bytes. No other byte than those that the changes name becomes another one. */
export function editedText(_before: Uint8Array, _edit: FileEdit): EditedText {
  return { ok: false, line: 0, because: 'not written yet' };
}
