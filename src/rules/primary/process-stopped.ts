import { seen } from '../../facts/observed.ts';
import { heldSender } from '../../derived/held-stream.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { goOn, inWords } from '../../remedies/continue-processes.ts';

export const primaryProcessStopped = defineRule({
  id: 'primary/process-stopped',
  title: 'A process of the primary is stopped',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['upstreamProcesses'],
  wants: ['runningStandby', 'walSenders', 'slots', 'standbyConninfo'],
  explains: ['streaming/stalled', 'streaming/lag'],
  docs: {
    what: 'If the primary runs on this machine and answers: warns when one of its processes is stopped by a signal (state T) or held by a debugger (state t) in two samples. Before a base backup, a stopped checkpointer is an error, and so is the stopped WAL sender of the examined standby.',
    why: 'A stopped WAL sender sends nothing, a stopped checkpointer completes no checkpoint, which every base backup waits for, and a stopped session may hold locks.',
    notes: 'For a stopped postmaster, which answers no connection, see network/primary-hangs.',
    references: ['signal(7)'],
  },
  judge(facts) {
    const { upstreamProcesses: server } = facts;
    const stopped = server.held.filter(({ held }) => held !== 'waiting');
    if (stopped.some(({ pid }) => pid === server.postmaster))
      return notApplicable('the postmaster itself is stopped, see network/primary-hangs');
    if (stopped.length === 0)
      return pass(`none of the ${server.count} processes of the server is stopped (postmaster ${server.postmaster})`);
    const checkpointer = stopped.find(({ kind }) => kind === 'checkpointer');
    const sender = heldSender({ ...facts, upstreamProcesses: seen(server, '/proc') });
    const effects = [
      ...(checkpointer === undefined ? [] : ['no checkpoint completes, and a base backup waits for one']),
      ...(sender === undefined ? [] : ['this standby is sent nothing']),
    ];
    return fail({
      ...(checkpointer !== undefined
        ? { title: "The primary's checkpointer is stopped", severity: 'error' }
        : sender !== undefined
          ? { title: 'The WAL sender of this standby is stopped', severity: 'error' }
          : {}),
      message: `On the primary, ${stopped.map(inWords).join(', ')} ${stopped.length === 1 ? 'is' : 'are'} stopped${
        effects.length === 0 ? '' : `: ${effects.join('; ')}`
      }.`,
      where: at('primary'),
      evidence: stopped.map((process) =>
        evidence(`process ${process.pid}`, `${process.title}: ${process.held}`, '/proc/PID/stat'),
      ),
      remedy: goOn('primary', stopped),
    });
  },
});
