import type { HeldProcess, ServerProcesses } from '../../facts/machine.ts';
import type { Remedy } from '../../findings/report.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { goOn, inWords } from '../../remedies/continue-processes.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { containerFacts, throughContainers } from '../../remedies/through-containers.ts';
import { notStreaming } from '../consequences.ts';
import { replacedBy } from '../../derived/replaced-primary.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { serverBehind, silentServerFacts } from '../../derived/silent-server.ts';

export const primaryHangs = defineRule({
  id: 'network/primary-hangs',
  title: 'The primary accepts connections but does not answer',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: [...silentServerFacts, ...containerFacts, ...primaryPlaceFacts],
  explains: [...notStreaming, 'streaming/stalled', 'streaming/lag'],
  docs: {
    what: 'Fails when a connection is accepted but no answer comes, and it is known that a PostgreSQL server runs there: the standby has streamed from that host and port, or the server runs on this machine.',
    why: 'The kernel accepts connections even for a process that makes no progress: it is stopped (SIGSTOP, a frozen container or virtual machine), waits for a disk, or gets no CPU time.',
    notes:
      'If the server is on this machine, the states of its processes are shown. The address is correct, so primary_conninfo does not change. For an unknown service, see network/not-postgresql.',
    references: ['listen(2)'],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    return judgeStage(replicationLogin, 'protocol', (attempt, outcome) => {
      if (outcome.kind !== 'timed-out') return undefined;
      // the kernel accepts connections for what is paused as well
      const near = throughContainers(facts, attempt, ({ state }) => state === 'paused');
      if (near !== undefined) return fail({ ...near, evidence: [...triesOf(replicationLogin), ...near.evidence] });
      const server = serverBehind(facts, attempt);
      if (server === undefined)
        return notApplicable(
          `nothing shows that ${placeOf(attempt)} is a server of PostgreSQL, see network/not-postgresql`,
        );
      const { processes, streamed } = server;
      const stopped = (processes?.held ?? []).filter(({ held }) => held !== 'waiting');
      const place = placeOf(attempt);
      // it would go on as the second primary
      const there = replacedBy(facts, attempt)?.named === true ? leadingToPrimary(facts, attempt) : undefined;
      return fail({
        title: titleOf(place, processes, stopped),
        message: `${place} accepts the connection but does not answer (${outcome.message}). ${reasonOf(processes, stopped, streamed)}`,
        where: at('primary', attempt.host),
        evidence: [
          ...(processes === undefined ? [] : statesOf(processes)),
          ...(streamed === undefined ? [] : [evidence('this standby', streamed, 'the standby')]),
          ...triesOf(replicationLogin),
          ...(there?.seen ?? []),
        ],
        remedy: there?.remedy ?? remedyOf(processes, stopped),
      });
    });
  },
});

const isStopped = ({ postmaster }: ServerProcesses, stopped: readonly HeldProcess[]): boolean =>
  stopped.some(({ pid }) => pid === postmaster);

function titleOf(place: string, processes: ServerProcesses | undefined, stopped: readonly HeldProcess[]): string {
  if (processes !== undefined && isStopped(processes, stopped))
    return `The primary's postmaster is stopped (process ${processes.postmaster})`;
  const whole = `${place} accepts connections and does not answer`;
  return whole.length <= 70 ? whole : 'The primary accepts connections but does not answer';
}

function reasonOf(
  processes: ServerProcesses | undefined,
  stopped: readonly HeldProcess[],
  streamed: string | undefined,
): string {
  if (processes === undefined)
    return `This standby ${streamed ?? 'knows it'}: the address is right, and the server there hangs.`;
  const { postmaster, dataDirectory, count, held } = processes;
  if (isStopped(processes, stopped))
    return stopped.length === 1
      ? `Its postmaster (process ${postmaster} on this host, in ${dataDirectory}) is stopped: the kernel accepts connections for it.`
      : `Its postmaster and ${stopped.length - 1} more of its ${count} processes on this host (in ${dataDirectory}) are stopped: the kernel accepts connections for it.`;
  const waiting = held.find(({ kind }) => kind === 'postmaster');
  if (waiting?.held === 'waiting')
    return `Its postmaster (process ${postmaster} on this host, in ${dataDirectory}) waits in the kernel (state D), as for a disk or a network file system that does not answer.`;
  return `Its postmaster (process ${postmaster} on this host, in ${dataDirectory}) is not stopped: it is busy, or waits for something.`;
}

const statesOf = ({ postmaster, count, held, dataDirectory }: ServerProcesses) => [
  evidence('its processes', `${count} on this host: postmaster ${postmaster}, ${held.length} held up`, dataDirectory),
  ...held
    .slice(0, mostProcesses)
    .map((process) => evidence(inWords(process), words[process.held], `/proc/${process.pid}/stat`)),
];

const mostProcesses = 6;
const words = {
  stopped: 'stopped by a signal (T)',
  traced: 'held by a debugger (t)',
  waiting: 'waits in the kernel (D)',
} as const;

function remedyOf(processes: ServerProcesses | undefined, stopped: readonly HeldProcess[]): Remedy {
  if (processes !== undefined && isStopped(processes, stopped)) return goOn('primary', stopped);
  const where = processes === undefined ? 'On the machine of the primary look' : 'Look';
  return safe(
    'Find out what the primary waits for, and do not change primary_conninfo.',
    manual(
      'primary',
      `${where} at the processes: ps -A -o pid,stat,wchan:32,args | grep [p]ostgres. T is stopped (kill -CONT lets it continue, unless it was stopped on purpose), D waits for a disk. Then look at its log, its disks (df, dmesg), its memory (free, vmstat 1), and whether its container or virtual machine is paused.`,
    ),
  );
}
