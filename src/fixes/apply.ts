import type { Report, Step } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import type { Secret } from '../postgres/secret.ts';
import { mask } from '../postgres/secret.ts';
import { maskText } from '../postgres/secrets-in-text.ts';
import { applyEdit } from './edit.ts';
import { editedText } from './edited-text.ts';
import { filledEdit, filledSql, needsPassword } from './placeholder.ts';
import type { Reach, ShellOn } from './reach.ts';
import { runInShell } from './run-in-shell.ts';
import { runSql } from './run-sql.ts';

/** Whether a step did what it promised, and what it printed, without secrets. */
export interface StepResult {
  readonly ok: boolean;
  readonly output: string;
}

/**
 * Takes one step: SQL must end without an error, a shell command with status 0, and a file must read back as it was
 * planned. Nothing is thrown for what goes wrong outside.
 */
export async function applyStep(
  step: Step,
  reach: Reach,
  host: Host,
  password: Secret | undefined,
): Promise<StepResult> {
  if (needsPassword(step) && password === undefined) return { ok: false, output: 'no password is available for it' };
  const result = await taken(step, reach, host, password);
  return { ok: result.ok, output: withoutPassword(result.output, password) };
}

async function taken(step: Step, reach: Reach, host: Host, password: Secret | undefined): Promise<StepResult> {
  if (step.kind === 'sql') {
    const way = reach.sql(step.on);
    if (!way.open) return { ok: false, output: way.because };
    return runSql(way, password === undefined ? step.text : await filledSql(step, password));
  }
  const way = reach.shell(step.on);
  if (!way.open) return { ok: false, output: way.because };
  return step.edit === undefined
    ? runInShell(host, way.shell, step)
    : edited(host, step.edit, way.shell.user, password);
}

async function edited(
  host: Host,
  edit: NonNullable<Step['edit']>,
  user: ShellOn['user'],
  password: Secret | undefined,
): Promise<StepResult> {
  const filled = password === undefined ? edit : filledEdit(edit, password);
  const foreign = await ofAnother(host, edit.file, user);
  if (foreign !== undefined) return { ok: false, output: foreign };
  const before = edit.absent === true ? new Uint8Array() : await bytesOf(host, edit.file);
  if (before === undefined) return { ok: false, output: `${edit.file} could not be read` };
  const planned = editedText(before, filled);
  if (!planned.ok) return { ok: false, output: `${edit.file}, line ${planned.line}: ${planned.because}` };
  const applied = await applyEdit(host, filled);
  if (!applied.ok) return { ok: false, output: applied.problem.message };
  const after = await bytesOf(host, edit.file);
  if (after === undefined || Buffer.compare(after, planned.bytes) !== 0)
    return { ok: false, output: `${edit.file} does not contain what was written: another program changed it` };
  const kept = edit.absent === true ? [] : [`copy of the file before the change: ${edit.copy}`];
  const { notKept } = applied.value;
  return { ok: true, output: [...kept, ...(notKept === undefined ? [] : [notKept])].join('; ') };
}

/** The files that remedies of a report would edit and that belong to somebody else than whose shell edits them. */
export async function filesOfOthers(
  { findings }: Pick<Report, 'findings'>,
  reach: Reach,
  host: Host,
): Promise<ReadonlyMap<string, string>> {
  const edits = findings.flatMap(({ remedy }) => remedy?.steps ?? []).filter(({ edit }) => edit !== undefined);
  const found = await Promise.all(
    edits.map(async ({ on, edit }) => {
      const way = reach.shell(on);
      const because = edit === undefined || !way.open ? undefined : await ofAnother(host, edit.file, way.shell.user);
      return edit === undefined || because === undefined ? [] : [[edit.file, because] as const];
    }),
  );
  return new Map(found.flat());
}

/** As root: the user could have put a link to somebody else's file there. */
async function ofAnother(host: Host, file: string, { uid, name }: ShellOn['user']): Promise<string | undefined> {
  if (host.account.uid !== 0) return undefined;
  const status = await host.status(file, { followLinks: true });
  return status.ok && status.value.uid !== uid ? `${file} is not owned by ${name}, so it is not changed` : undefined;
}

async function bytesOf(host: Host, file: string): Promise<Uint8Array | undefined> {
  const read = await host.read(file);
  return read.ok && !read.value.truncated ? read.value.bytes : undefined;
}

function withoutPassword(text: string, password: Secret | undefined): string {
  const secret = password?.reveal() ?? '';
  const shown = maskText(text);
  return secret === '' ? shown : shown.replaceAll(secret, mask);
}
