import { posix } from 'node:path';

import type { FileEdit, Report, Step } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import type { Secret } from '../postgres/secret.ts';
import { mask } from '../postgres/secret.ts';
import { maskText } from '../postgres/secrets-in-text.ts';
import { applyEdit } from './edit.ts';
import { editedText } from './edited-text.ts';
import { filledEdit, filledSql, needsPassword } from './placeholder.ts';
import { isTypedHere } from './plan.ts';
import type { MergedStep, PlanLimits } from './plan.ts';
import type { Reach, ShellOn, StepResult } from './reach.ts';
import { runInShell } from './run-in-shell.ts';
import { runSql } from './run-sql.ts';

/**
 * Takes one step: SQL must end without an error, a shell command with status 0, and a file must read back as it was
 * planned. Nothing is thrown for what goes wrong outside.
 */
export async function applyStep(
  { step: shown, inner: step }: Pick<MergedStep, 'step' | 'inner'>,
  reach: Reach,
  limits: Pick<PlanLimits, 'placing'>,
  password: Secret | undefined,
): Promise<StepResult> {
  if (isTypedHere(step, limits))
    return reach.here.open ? runInShell(reach.here.shell, shown) : { ok: false, output: reach.here.because };
  if (needsPassword(step) && password === undefined) return { ok: false, output: 'no password is available for it' };
  const result = await taken(step, reach, password);
  return { ...result, output: withoutPassword(result.output, password) };
}

async function taken(step: Step, reach: Reach, password: Secret | undefined): Promise<StepResult> {
  if (step.kind === 'sql') {
    const way = reach.sql(step.on);
    if (!way.open) return { ok: false, output: way.because };
    return runSql(way, password === undefined ? step.text : await filledSql(step, password));
  }
  const way = reach.shell(step.on);
  if (!way.open) return { ok: false, output: way.because };
  return step.edit === undefined ? runInShell(way.shell, step) : edited(step.edit, way.shell, password);
}

async function edited(edit: FileEdit, shell: ShellOn, password: Secret | undefined): Promise<StepResult> {
  const { host } = shell;
  const filled = password === undefined ? edit : filledEdit(edit, password);
  const foreign = await ofAnother(edit, shell);
  if (foreign !== undefined) return { ok: false, output: foreign };
  const before = edit.absent === true ? new Uint8Array() : await bytesOf(host, edit.file);
  if (before === undefined) return { ok: false, output: `${edit.file} could not be read` };
  const planned = editedText(before, filled);
  if (!planned.ok) return { ok: false, output: `${edit.file}, line ${planned.line}: ${planned.because}` };
  const applied = await applyEdit(host, filled);
  if (!applied.ok) return { ok: false, output: applied.problem.message, unsure: brokenOff.has(applied.problem.code) };
  const after = await bytesOf(host, edit.file);
  if (after === undefined || Buffer.compare(after, planned.bytes) !== 0)
    return { ok: false, output: `${edit.file} does not contain what was written: another program changed it` };
  const kept = edit.absent === true ? [] : [`copy of the file before the change: ${edit.copy}`];
  const { notKept } = applied.value;
  return { ok: true, output: [...kept, ...(notKept === undefined ? [] : [notKept])].join('; ') };
}

/** The way to another machine: what was asked there goes on. */
const brokenOff: ReadonlySet<string> = new Set(['EPIPE', 'ETIMEDOUT', 'ECANCELED', 'ECONNRESET']);

/** The files that remedies of a report would edit and that belong to somebody else than whose shell edits them. */
export async function filesOfOthers(
  { findings }: Pick<Report, 'findings'>,
  reach: Reach,
): Promise<ReadonlyMap<string, string>> {
  const edits = findings.flatMap(({ remedy }) => remedy?.steps ?? []).filter(({ edit }) => edit !== undefined);
  const found = await Promise.all(
    edits.map(async ({ on, edit }) => {
      const way = reach.shell(on);
      const because = edit === undefined || !way.open ? undefined : await ofAnother(edit, way.shell);
      return edit === undefined || because === undefined ? [] : [[edit.file, because] as const];
    }),
  );
  return new Map(found.flat());
}

/** As root: the user could have put a link to somebody else's file there. A new file is for the owner of its directory. */
async function ofAnother(
  { file, absent }: FileEdit,
  { host, user: { uid, name } }: ShellOn,
): Promise<string | undefined> {
  if (host.account.uid !== 0) return undefined;
  const owned = absent === true ? posix.dirname(file) : file;
  const status = await host.status(owned, { followLinks: true });
  return status.ok && status.value.uid !== uid
    ? `${owned} is not owned by ${name}, so ${absent === true ? 'nothing is made in it' : 'it is not changed'}`
    : undefined;
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
