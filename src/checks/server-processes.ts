import { setTimeout as pause } from 'node:timers/promises';

import type { HeldProcess, RunningCommand, ServerProcesses } from '../facts/machine.ts';
import type { Host, ProcessStatus } from '../hosts/host.ts';
import { maskText } from '../postgres/secrets-in-text.ts';

/**
 * A postmaster and its children, and which of them do not go on by themselves, at two looks: one moment proves nothing of
 * a process that waits for a disk. Undefined where the system does not show them.
 */
export async function serverProcesses(
  host: Host,
  dataDirectory: string,
  postmaster: number,
  now: Date,
): Promise<ServerProcesses | undefined> {
  const first = await look(host, postmaster);
  if (first === undefined) return undefined;
  const suspects = first.filter(({ held }) => held !== undefined);
  if (suspects.length > 0) {
    await pause(betweenLooksMs);
    host.anew?.();
  }
  const again = await Promise.all(suspects.map(async ({ pid }) => host.processStatus(pid)));
  const held = suspects.flatMap((process, index): readonly HeldProcess[] => {
    const status = again[index];
    return status?.ok === true && process.held !== undefined && status.value.held === process.held
      ? [{ ...process, held: process.held }]
      : [];
  });
  const commands = (await Promise.all(first.map(async (process) => commandsOf(host, process, now)))).flat();
  return { dataDirectory, postmaster, count: first.length, held, commands };
}

/** system(3) starts a shell and waits for it (xlogarchive.c, shell_archive.c). */
async function commandsOf(
  host: Host,
  { pid: parent, kind }: { readonly pid: number; readonly kind: string },
  now: Date,
): Promise<readonly RunningCommand[]> {
  if (kind !== 'startup' && kind !== 'checkpointer' && kind !== 'archiver') return [];
  const children = (await childrenOf(host, parent)) ?? [];
  const found = await Promise.all(
    children.map(async (pid): Promise<readonly RunningCommand[]> => {
      const status = await host.processStatus(pid);
      if (!status.ok) return [];
      const { startedAt, commandLine = [] } = status.value;
      const ageSeconds = startedAt === undefined ? undefined : (now.getTime() - startedAt.getTime()) / 1000;
      return [{ pid, of: kind, parent, text: maskText(commandLine.slice(2).join(' ')), ageSeconds }];
    }),
  );
  return found.flat();
}

const betweenLooksMs = 250;

async function look(host: Host, postmaster: number) {
  const children = await childrenOf(host, postmaster);
  if (children === undefined) return undefined;
  const found = await Promise.all(
    [postmaster, ...children].map(async (pid) => {
      const status = await host.processStatus(pid);
      return status.ok ? [{ pid, held: status.value.held, ...titleOf(status.value, pid === postmaster) }] : [];
    }),
  );
  const processes = found.flat();
  return processes[0]?.pid === postmaster ? processes : undefined;
}

/** `postgres: CLUSTER_NAME: walsender replicator 127.0.0.1(40882) streaming 0/3000148` (utils/misc/ps_status.c). */
function titleOf({ commandLine }: ProcessStatus, isPostmaster: boolean): Pick<HeldProcess, 'kind' | 'title'> {
  if (isPostmaster) return { kind: 'postmaster', title: 'postmaster' };
  const title = (commandLine ?? []).join(' ').trim();
  const [, kind] =
    /^postgres: (?:.*: )?(walreceiver|startup|walsender|checkpointer|background writer|walwriter|archiver)(?: |$)/u.exec(
      title,
    ) ?? [];
  return { kind: kind ?? 'another', title: title.replace(/^postgres: /u, '') };
}

/** The kernel's own list (proc(5), CONFIG_PROC_CHILDREN), or that of ps(1). */
export async function childrenOf(host: Host, pid: number): Promise<readonly number[] | undefined> {
  const listed = await host.read(`/proc/${pid}/task/${pid}/children`, { maxBytes: 64 * 1024 });
  if (listed.ok) return numbersIn(new TextDecoder().decode(listed.value.bytes));
  const asked = await host.run('ps', ['-A', '-o', 'ppid=', '-o', 'pid=']);
  if (!asked.ok || asked.value.exitCode !== 0) return undefined;
  return asked.value.stdout
    .split('\n')
    .map(numbersIn)
    .flatMap(([parent, child]) => (parent === pid && child !== undefined ? [child] : []));
}

const numbersIn = (text: string): readonly number[] => (text.match(/\d+/gu) ?? []).map(Number);
