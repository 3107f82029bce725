import { ifSeen } from '../../facts/observed.ts';
import type { HeldProcess } from '../../facts/machine.ts';
import { at } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import type { Fault } from '../rule.ts';
import { goOn, inWords } from '../shared-processes.ts';
import { notStreaming, replayStands } from '../streaming/consequences.ts';

export const processStopped = defineRule({
  id: 'standby/process-stopped',
  title: 'A process of the standby is stopped',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['ownProcesses'],
  wants: ['runningStandby'],
  explains: [...notStreaming, ...replayStands, 'streaming/stalled', 'streaming/conflicts', 'slot/at-risk'],
  docs: {
    what: 'Fails when the postmaster, the WAL receiver or the startup process of a standby that runs is stopped by a signal (state T) or held by a debugger (state t), at two looks. Of another process of the server it warns.',
    why: 'A stopped process does nothing, and ends at no time-out. A stopped WAL receiver still counts as streaming in `pg_stat_wal_receiver`, a stopped startup process replays nothing, and a stopped postmaster accepts no session.',
    notes:
      'SIGSTOP comes from somebody: `kill -STOP`, Ctrl-Z in the terminal of a server that runs there, a debugger, a program that freezes machines or containers.',
    references: ['https://man7.org/linux/man-pages/man7/signal.7.html'],
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
  postmaster: 'the server accepts no new session',
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
      effects.length > 0 ? effects.join('; ') : 'it does nothing, and may hold locks'
    }. ${answers ? 'The rest of the server runs.' : 'The server was not asked.'} The primary is not the cause.`,
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
