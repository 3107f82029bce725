import type { Step } from '../findings/report.ts';
import type { Written } from '../postgres/written-lines.ts';
import { editFile } from './edit-file.ts';

interface Line {
  readonly file: string;
  readonly line: number;
}

/** Lines of the standby's configuration files without effect from now on: each stays where it is, as a comment. */
export function commentOut(
  places: readonly Line[],
  written: Written | undefined,
  now: Date,
  copySuffix = '',
): readonly Step[] {
  const files = [...new Set(places.map(({ file }) => file))];
  return files.map((file) => {
    const lines = places.flatMap((one) => (one.file === file ? [one.line] : []));
    return editFile('standby', { file, now, copySuffix, written: written?.get(file) }, { act: 'comment-out', lines });
  });
}
