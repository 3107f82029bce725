import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import { asUser } from '../../src/throwaway/os-user.ts';
import type { OsUser } from '../../src/throwaway/os-user.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Finding, Step } from '../../src/findings/report.ts';
import { editedText } from '../../src/fixes/edited-text.ts';
import { filledEdit } from '../../src/fixes/placeholder.ts';
import { secret } from '../../src/postgres/secret.ts';

/** Where the steps of a remedy are typed, and what stands for the one placeholder. */
export interface Machines {
  readonly primary: ThrowawayServer;
  /** The standby, or the place for it: its user is also who runs pg_basebackup (`client`). Without one the primary's machine serves. */
  readonly standby?: ThrowawayServer;
  /** Who types the steps of the client, where it is somebody else; `null`: ourselves, who may be root. */
  readonly client?: OsUser | null;
  readonly password?: string;
  /** What a person does for a step of kind `manual`; without it such a step is an error. */
  readonly byHand?: (step: Step) => Promise<void>;
}

/** Does what a finding says, step by step, exactly as printed; stops with the step's own output at the first that does not succeed. */
export async function runRemedy(finding: Pick<Finding, 'rule' | 'remedy'>, machines: Machines): Promise<void> {
  if (finding.remedy === null) throw new Error(`${finding.rule} has no remedy.`);
  for (const [index, step] of finding.remedy.steps.entries()) {
    const { exitCode, output } = await runStep(step, machines);
    if (exitCode !== 0) {
      const place = `step ${index + 1} of ${finding.remedy.steps.length} of ${finding.rule} (${step.kind} on the ${step.on})`;
      throw new Error(`${place} ended with status ${exitCode}:\n${step.text}\n${output}`);
    }
  }
}

export async function runStep(
  step: Step,
  machines: Machines,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const server = step.on === 'primary' ? machines.primary : (machines.standby ?? machines.primary);
  const text = fillIn(step.text, machines.password);
  if (step.kind === 'shell') {
    const user = step.on === 'client' && machines.client !== undefined ? machines.client : await ownerOf(server);
    const isSame = await sameByTheTool(step, machines.password);
    const ran = await runInShell(text, server, user, step.asksPassword === true ? machines.password : undefined);
    if (ran.exitCode === 0) await isSame();
    return ran;
  }
  if (step.kind === 'sql') {
    // psql asks twice; without a terminal it reads the answers where it reads its commands
    const answers = step.asksPassword === true ? `\n${machines.password}\n${machines.password}\n` : '';
    const { exitCode, stdout, stderr } = await server.tryPsql(`${text}${answers}`);
    return { exitCode, output: `${stdout}${stderr}` };
  }
  if (machines.byHand === undefined) throw new Error(`A person would have to do this: ${step.text}`);
  await machines.byHand(step);
  return { exitCode: 0, output: '' };
}

/** A step that edits a file says what the tool itself would make of it: whoever types it must make the same. */
async function sameByTheTool({ text, edit }: Step, password: string | undefined): Promise<() => Promise<void>> {
  // lines that hold a password go from one file into another by the shell alone
  if (edit === undefined && /^cp -p \S+ \S+ &&\n(?!\{ echo; sed -n )/u.test(text))
    throw new Error(`This step edits a file, and does not say how:\n${text}`);
  if (edit === undefined) return async () => undefined;
  const before = edit.absent === true ? Buffer.alloc(0) : await readFile(edit.file);
  const isFilled = edit.secret === true && password !== undefined;
  const made = editedText(before, isFilled ? filledEdit(edit, secret(password)) : edit);
  if (!made.ok) throw new Error(`${edit.file}: ${made.because}\n${JSON.stringify(edit, undefined, 2)}`);
  return async () => {
    const typed = await readFile(edit.file);
    if (!typed.equals(made.bytes))
      throw new Error(
        `${text}\nmakes\n${typed.toString()}\nand the tool itself\n${Buffer.from(made.bytes).toString()}`,
      );
  };
}

function fillIn(text: string, password: string | undefined): string {
  if (!text.includes('<password>')) return text;
  if (password === undefined) throw new Error(`A password is to be filled in, and none was given: ${text}`);
  return text.replaceAll('<password>', password);
}

/** The output goes into a file: a server that is (re)started without `-l` keeps writing there, so that nobody would see the end of a pipe. */
async function runInShell(
  text: string,
  server: ThrowawayServer,
  user: OsUser | null,
  typed: string | undefined,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const file = join(server.folder, `step-${process.hrtime.bigint()}.log`);
  const words = ['sh', text, file];
  const result = await execa(
    'sh',
    ['-c', `exec sh -c "$1" >"$2" 2>&1${typed === undefined ? ' </dev/null' : ''}`, ...words],
    {
      ...(typed === undefined ? {} : { input: `${typed}\n` }),
      ...asUser(user),
      cwd: server.folder,
      env: server.environment,
      extendEnv: false,
      timeout: 60_000,
      reject: false,
    },
  );
  return { exitCode: result.exitCode ?? -1, output: await readFile(file, 'utf8') };
}

/** A remedy's shell steps are for the user that owns the data directory; where there is none yet, for who will own it. */
async function ownerOf(server: ThrowawayServer): Promise<OsUser | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(server.dataDirectory).catch(() => null);
  return owner === null ? server.runAs : { name: String(owner.uid), uid: owner.uid, gid: owner.gid };
}
