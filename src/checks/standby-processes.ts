import { setTimeout as pause } from 'node:timers/promises';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { StandbyProcesses } from '../facts/running-standby.ts';
import type { Host } from '../hosts/host.ts';
import { parseProcessTitle } from '../postgres/process-titles.ts';
import { defineCheck } from './check.ts';
import { childrenOf } from './server-processes.ts';
import { noStandbyYet } from './subject.ts';

/** What the processes of a server that lets no session in say of themselves: for the rules of the stream. */
export const standbyProcessesCheck = defineCheck({
  brings: ['standbyProcesses'],
  after: ['dataDirectory', 'runningStandby'],
  async look({ dataDirectory, runningStandby }, { subject, host, now }) {
    if (subject.command !== 'postmortem') return { standbyProcesses: noStandbyYet };
    if (runningStandby.status !== 'unseen')
      return { standbyProcesses: notApplicable('the server itself was asked, or does not run') };
    const postmaster = ifSeen(dataDirectory)?.postmaster;
    if (postmaster?.process !== 'running')
      return { standbyProcesses: unseen('unreadable', 'the processes of the server are not known') };
    let found = await processesOf(host, postmaster.pid, now());
    // between two attempts to connect there is none either
    if (found !== undefined && found.receiver === undefined) {
      await pause(betweenLooksMs);
      host.anew?.();
      found = await processesOf(host, postmaster.pid, now());
    }
    return {
      standbyProcesses:
        found === undefined
          ? unseen('permission', 'the system does not show the processes of the server', `run standbylint on its host`)
          : seen(found, 'the process titles (ps)'),
    };
  },
});

const betweenLooksMs = 250;

async function processesOf(host: Host, postmaster: number, now: Date): Promise<StandbyProcesses | undefined> {
  const pids = await childrenOf(host, postmaster);
  if (pids === undefined) return undefined;
  const processes = await Promise.all(
    pids.map(async (pid) => {
      const status = await host.processStatus(pid);
      const title = status.ok ? parseProcessTitle((status.value.commandLine ?? []).join(' ').trimEnd()) : undefined;
      const startedAt = status.ok ? status.value.startedAt : undefined;
      const ageSeconds = startedAt === undefined ? undefined : (now.getTime() - startedAt.getTime()) / 1000;
      return { pid, title, ageSeconds };
    }),
  );
  const startup = processes.find(({ title }) => title?.kind === 'startup');
  // without the startup process it is no server in recovery, or its titles are not shown
  if (startup?.title?.kind !== 'startup') return undefined;
  const receiver = processes.find(({ title }) => title?.kind === 'walreceiver');
  return {
    ...(receiver?.title?.kind === 'walreceiver'
      ? { receiver: { pid: receiver.pid, streamed: receiver.title.streamed, ageSeconds: receiver.ageSeconds } }
      : { receiver: undefined }),
    startup: { pid: startup.pid, doing: startup.title.doing, file: startup.title.file, ageSeconds: startup.ageSeconds },
  };
}
