import type { FileEdit } from '../facts/report.ts';
import type { EditedText } from './edited-text.ts';

/**
 * The edit as a unified diff, for people to read: secrets in the lines are masked, and characters that are not valid UTF-8
 * are replaced. What it gives is text from outside: it is escaped where it is printed.
 *
 * @param before the file's bytes as they are; of a file that is not there: none
 */
export function unifiedDiff(
  _before: Uint8Array,
  _edit: FileEdit,
): { readonly ok: true; readonly lines: readonly string[] } | Extract<EditedText, { readonly ok: false }> {
  return { ok: false, line: 0, because: 'not written yet' };
}
