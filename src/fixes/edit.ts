import type { FileEdit } from '../facts/report.ts';
import type { Answer, Host, Replaced } from '../hosts/host.ts';
import { noAnswer } from '../hosts/host.ts';

/**
 * Makes an edit on the machine, with its copy, or says why not (EBUSY: a line is no longer what it was). A placeholder in
 * its text is to be filled in before.
 */
export async function applyEdit(_host: Host, _edit: FileEdit): Promise<Answer<Replaced>> {
  return noAnswer('ENOSYS', 'not written yet');
}

/**
 * Takes an edit back by its copy, if the file still is what the edit made of it (EBUSY otherwise). The copy stays, and
 * the edited file is kept under the name `editedAs`. `<password>` in the edit's text stands for what was filled in.
 */
export async function undoEdit(_host: Host, _edit: FileEdit, _editedAs: string): Promise<Answer<Replaced>> {
  return noAnswer('ENOSYS', 'not written yet');
}
