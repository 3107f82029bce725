import type { Passfile } from '../facts/connection.ts';
import type { Side, Step } from '../facts/report.ts';
import { editFile } from './edit-file.ts';
import { shellWord } from './quoting.ts';
import { shell } from './remedy.ts';

/** Puts a line into a password file, which is made where there is none: for its owner alone, or libpq leaves it aside. */
export function addPassfileLine(on: Side, { path, state, written }: Passfile, line: string, now: Date): Step {
  if (state.kind === 'not-asked' || state.kind === 'not-seen')
    return shell(on, `(umask 077 && printf '\\n%s\\n' ${shellWord(line)} >> ${shellWord(path)})`, 'edit-file', path);
  return editFile(
    on,
    { file: path, now, written, absent: state.kind === 'absent', secret: true },
    { act: 'append', lines: [line] },
  );
}
