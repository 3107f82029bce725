import type { FileEdit, Step } from '../findings/report.ts';
import { answer, noAnswer } from '../hosts/host.ts';
import type { Answer, Host, Replaced } from '../hosts/host.ts';
import { withCopy } from '../remedies/edit-file.ts';
import { editedText } from './edited-text.ts';

/**
 * Makes an edit on the machine and keeps the file as it was under the copy's name, or says why not (EBUSY: a line is no
 * longer what it was, or somebody else changes the file right now). A placeholder in its text is to be filled in before.
 */
export async function applyEdit(host: Host, edit: FileEdit): Promise<Answer<Replaced>> {
  const { file, copy } = edit;
  const expected = edit.absent === true ? null : await whole(host, file);
  if (expected !== null && !expected.ok) return expected;
  const edited = editedText(expected?.value ?? new Uint8Array(), edit);
  if (!edited.ok) return noAnswer('EBUSY', `${file}: ${edited.because}`);
  return host.replaceFile(file, { expected: expected?.value ?? null, content: edited.bytes, copy });
}

/**
 * The step with a name for its copy that is free: two remedies of one moment may edit the same file, and each keeps the file
 * as it found it.
 */
export async function withFreeCopy(host: Host, step: Step): Promise<Step> {
  const { edit } = step;
  if (edit === undefined) return step;
  const free = await freeName(host, edit.copy);
  return free === edit.copy ? step : withCopy(step, free);
}

async function freeName(host: Host, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await host.status(name)).ok) return name;
  }
}

/**
 * Takes an edit back by its copy, if the file still is what the edit made of it (EBUSY otherwise), or says that it is as it was
 * before: `unsure`, the edit may not have happened. The copy stays, and
 * the edited file is kept under the name `editedAs`, or one like it where that is taken. `<password>` in the edit's text stands for what was filled in.
 */
export async function undoEdit(
  host: Host,
  edit: FileEdit,
  { editedAs, unsure }: { readonly editedAs: string; readonly unsure: boolean },
): Promise<Answer<Replaced | 'as before'>> {
  const { file, copy } = edit;
  const now = await whole(host, file);
  if (!now.ok) return edit.absent === true && now.problem.code === 'ENOENT' ? answer('as before') : now;
  const was = edit.absent === true ? answer(new Uint8Array()) : await whole(host, copy);
  if (!was.ok) {
    // the copy is there before the file is changed
    if (unsure && was.problem.code === 'ENOENT' && editedText(now.value, edit).ok) return answer('as before');
    return was;
  }
  if (edit.absent !== true && Buffer.compare(now.value, was.value) === 0) return answer('as before');
  const made = editedText(was.value, edit);
  if (!made.ok || !isMade(now.value, made.bytes))
    return noAnswer('EBUSY', `${file} was changed since the edit, so it is not changed`);
  const kept = await freeName(host, editedAs);
  if (edit.absent === true) return putAside(host, file, kept);
  return host.replaceFile(file, { expected: now.value, content: was.value, copy: kept });
}

/** The largest file that is edited, in bytes. */
const limit = 16 * 1024 * 1024;

async function whole(host: Host, file: string): Promise<Answer<Uint8Array>> {
  const content = await host.read(file, { maxBytes: limit });
  if (!content.ok) return noAnswer(content.problem.code, `${file}: ${content.problem.message}`);
  return content.value.truncated
    ? noAnswer('EFBIG', `${file} is larger than ${limit} bytes, too large for a configuration file`)
    : answer(content.value.bytes);
}

function isMade(now: Uint8Array, made: Uint8Array): boolean {
  const [one, other] = [now, made].map((bytes) => Buffer.from(bytes).toString('latin1'));
  if (one === undefined || other === undefined) return false;
  const [before, after, ...more] = other.split('<password>');
  if (before === undefined || after === undefined) return one === other;
  return (
    more.length === 0 &&
    one.startsWith(before) &&
    one.endsWith(after) &&
    one.length >= before.length + after.length &&
    !one.slice(before.length, one.length - after.length).includes('\n')
  );
}

/** A file that an edit made: where there was none there is none again. */
async function putAside(host: Host, file: string, aside: string): Promise<Answer<Replaced>> {
  const moved = await host.run('mv', ['--', file, aside]);
  if (!moved.ok) return moved;
  return moved.value.exitCode === 0
    ? answer({ file, notKept: undefined })
    : noAnswer('EIO', `${file} could not be moved aside: ${moved.value.stderr.trim()}`);
}
