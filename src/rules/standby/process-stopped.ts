import { ifSeen } from '../../facts/observed.ts';
import type { HeldProcess } from '../../facts/machine.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { goOn, inWords } from '../../remedies/continue-processes.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import type { Fault } from '../../findings/judgement.ts';

export const processStopped = defineRule({
  id: 'standby/process-stopped',
  title: 'A process of the standby is stopped',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['ownProcesses'],
  wants: ['runningStandby'],
  explains: [...notStreaming, ...replayStands, 'streaming/stalled', 'streaming/conflicts', 'slot/at-risk'],
  docs: {
    what: 'Fails when the postmaster, the WAL receiver or the startup process of a running standby is stopped by a signal (state T) or held by a debugger (state t) in two samples. Other processes of the server cause a warning.',
    why: 'A stopped process does nothing, and no timeout ends it. `pg_stat_wal_receiver` still shows a stopped WAL receiver as streaming, a stopped startup process replays nothing, and a stopped postmaster accepts no connections.',
    notes:
      'Usual sources of SIGSTOP: `kill -STOP`, Ctrl-Z in the terminal where the server runs, a debugger, a program that freezes machines or containers.',
    references: ['signal(7)'],
  },
  judge({ ownProcesses: server, runningStandby }) {
    const stopped = server.held.filter(({ held }) => held !== 'waiting');
    if (stopped.length === 0)
      return pass(`none of the ${server.count} processes of the server is stopped (postmaster ${server.postmaster})`);
    const main = stopped.filter(({ kind }) => kind in does);
    // of a server that answers the session is no such process
    const named = main.length > 0 ? main : stopped;
    return fail(faultOf(named, stopped, main.length > 0, ifSeen(runningStandby) !== undefined));
  },
});

/** What stays undone without them. */
const does: Readonly<Record<string, string>> = {
  postmaster: 'the server accepts no new connections',
  walreceiver: 'no WAL is received, although pg_stat_wal_receiver still says streaming',
  startup: 'no WAL is replayed',
};

function faultOf(
  named: readonly HeldProcess[],
  stopped: readonly HeldProcess[],
  isMain: boolean,
  answers: boolean,
): Fault {
  const [first] = named;
  const isTraced = stopped.some(({ held }) => held === 'traced');
  const what = named.map(inWords).join(', ');
  const effects = named.flatMap(({ kind }) => does[kind] ?? []);
  return {
    title:
      first === undefined ? 'A process is stopped' : `${titles[first.kind] ?? 'A process of the standby'} is stopped`,
    ...(isMain ? {} : { severity: 'warning' }),
    message: `On the standby, ${what} ${named.length === 1 ? 'is' : 'are'} ${isTraced ? 'held by a debugger (state t)' : 'stopped by a signal (state T)'}: ${
      effects.length > 0 ? effects.join('; ') : 'it does nothing, but may hold locks'
    }. ${answers ? 'The rest of the server is running.' : 'The server was not queried.'} The primary is not the cause.`,
    where: at('standby'),
    evidence: stopped.map((process) =>
      evidence(`process ${process.pid}`, `${process.title}: ${stateWords[process.held]}`, '/proc/PID/stat'),
    ),
    remedy: goOn('standby', stopped),
  };
}

const titles: Readonly<Record<string, string>> = {
  postmaster: "The standby's postmaster",
  walreceiver: 'The WAL receiver',
  startup: 'The startup process',
};

const stateWords = { stopped: 'stopped (T)', traced: 'traced (t)', waiting: 'waits in the kernel (D)' } as const;
