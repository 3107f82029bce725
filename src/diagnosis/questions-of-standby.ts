import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { RunningStandby, StandbyProcesses } from '../facts/running-standby.ts';
import { parseWalFileName } from '../postgres/lsn.ts';
import { delaySeconds } from '../derived/replay-delay.ts';
import { isOn } from '../postgres/settings.ts';
import { inForce } from '../derived/in-force.ts';
import { catchingUp } from '../derived/catching-up.ts';
import { fromOutside } from '../derived/stream-from-outside.ts';
import { factOf } from './fact-of.ts';
import { holds, notShown } from './main-question.ts';
import type { Answer, Examined, MainQuestion } from './main-question.ts';

/** What `healthy` claims of a standby. */
export const questionsOfStandby: readonly MainQuestion[] = [
  {
    claim: 'its server is running',
    needs: ['dataDirectory', 'runningStandby'],
    rules: ['standby/not-running'],
    answer: ({ facts }) => {
      if (factOf(facts, 'runningStandby').status === 'seen') return holds;
      const directory = factOf(facts, 'dataDirectory');
      if (ifSeen(directory)?.postmaster?.process === 'running') return holds;
      return notShown(whyNot(directory, 'no server is known to be running on it'));
    },
  },
  {
    claim: 'it accepts connections',
    needs: ['runningStandby', 'standbyConfiguration', 'dataDirectory'],
    // a server with hot_standby off refuses them on purpose
    rules: ['recovery/hot-standby-off'],
    answer: ({ facts }) => {
      const server = factOf(facts, 'runningStandby');
      return server.status === 'seen' || isClosed(facts) ? holds : notShown(whyNot(server, 'it was not queried'));
    },
  },
  {
    claim: 'it is in recovery',
    needs: ['runningStandby', 'standbyProcesses'],
    rules: ['standby/already-primary'],
    answer: ({ facts }) => {
      const server = factOf(facts, 'runningStandby');
      if (server.status === 'seen')
        return server.value.inRecovery ? holds : notShown('pg_is_in_recovery() says that it is a primary');
      // only a server in recovery has a startup process, or a WAL receiver that its primary lists
      const processes = factOf(facts, 'standbyProcesses');
      if (isClosed(facts) && (processes.status === 'seen' || outsideOf(facts).stream.kind === 'streams')) return holds;
      return notShown(whyNot(server, 'it was not queried'));
    },
  },
  {
    claim: 'WAL arrives',
    needs: ['runningStandby', 'standbyConninfo', 'standbyConfiguration', 'archive', 'timelines', 'replicationLogin'],
    rules: ['streaming/not-connected', 'streaming/not-seen-by-primary', 'timeline/system-identifier-differs'],
    answer: arrival,
  },
  {
    claim: 'what arrived is replayed',
    needs: ['runningStandby', 'standbyProcesses', 'controlFile', 'standbyConfiguration'],
    rules: ['recovery/replay-paused', 'streaming/replay-stuck', 'streaming/lag'],
    answer: replay,
  },
];

const whyNot = (fact: Observed<unknown>, otherwise: string): string =>
  fact.status === 'unseen' ? fact.why.because : fact.status === 'not-applicable' ? fact.why : otherwise;

/** hot_standby is off, and no session could be had because of that. */
function isClosed(facts: Partial<Facts>): boolean {
  if (factOf(facts, 'runningStandby').status !== 'unseen') return false;
  const set = inForce('hot_standby', settingsIn(facts));
  return set !== undefined && !isOn(set.value);
}

const settingsIn = (facts: Partial<Facts>) => ({
  standbyConfiguration: factOf(facts, 'standbyConfiguration'),
  runningStandby: factOf(facts, 'runningStandby'),
  dataDirectory: factOf(facts, 'dataDirectory'),
});

const outsideOf = (facts: Partial<Facts>) =>
  fromOutside({
    ...settingsIn(facts),
    standbyProcesses: factOf(facts, 'standbyProcesses'),
    walSenders: factOf(facts, 'walSenders'),
    slots: factOf(facts, 'slots'),
    standbyConninfo: factOf(facts, 'standbyConninfo'),
    serverLog: factOf(facts, 'serverLog'),
  });

/**
 * From the primary, or from the archive. A WAL receiver that streams has compared the system identifiers itself
 * (walreceiver.c, WalReceiverMain).
 */
function arrival({ facts, resultOf }: Examined): Answer {
  const timelines = ifSeen(factOf(facts, 'timelines'));
  if (timelines?.sameSystem === false)
    return notShown(`the server that answers has another system identifier (${timelines.upstreamIdentifier})`);
  const server = factOf(facts, 'runningStandby');
  if (server.status !== 'seen' && !isClosed(facts)) return notShown(whyNot(server, 'it was not queried'));
  const stream = resultOf('streaming/not-connected');
  if (stream?.outcome === 'passed') return holds;
  const archive = factOf(facts, 'archive');
  const hasArchive = archive.status === 'seen' && archive.value.program.found && archive.value.program.executable;
  const inside = ifSeen(server);
  const replays = inside !== undefined && catchingUp(inside, factOf(facts, 'serverLog')) !== undefined;
  // it replays what it has, or what its archive has, and connects at the end of that
  if (replays && (hasArchive || ifSeen(factOf(facts, 'replicationLogin'))?.outcome.accepted === true)) return holds;
  const conninfo = factOf(facts, 'standbyConninfo');
  const set = inForce('primary_conninfo', settingsIn(facts))?.value ?? ifSeen(conninfo)?.text ?? '';
  if (conninfo.status === 'seen' && set === '' && hasArchive && ifSeen(server)?.inRecovery === true) return holds;
  return notShown(
    stream?.outcome === 'unexamined' ? stream.because : 'no WAL was seen to arrive from a WAL receiver or the archive',
  );
}

function replay({ facts, resultOf }: Examined): Answer {
  const server = factOf(facts, 'runningStandby');
  if (server.status === 'seen') return replayInside(server.value, facts, resultOf);
  if (!isClosed(facts)) return notShown(whyNot(server, 'it was not queried'));
  if ((delaySeconds(settingsIn(facts)) ?? 0) > 0) return holds;
  const { sender } = outsideOf(facts);
  if (sender.kind === 'found') {
    const { replayLsn, flushLsn } = sender.sender;
    if (replayLsn !== undefined && flushLsn !== undefined && replayLsn >= flushLsn) return holds;
  }
  const processes = factOf(facts, 'standbyProcesses');
  if (processes.status === 'seen' && hasReachedStream(processes.value, facts)) return holds;
  return notShown('no session and no process title shows how far it has replayed');
}

function replayInside(
  { replay, inRecovery }: RunningStandby,
  facts: Partial<Facts>,
  resultOf: Examined['resultOf'],
): Answer {
  const { receivedLsn, replayedLsn, moves, pauseState, again } = replay;
  if (!inRecovery) return notShown('it is not in recovery');
  if (pauseState !== undefined && pauseState !== 'not paused') return notShown('replay is paused');
  if (moves === true) return holds;
  if (replayedLsn === undefined) return notShown('no replayed position is shown (pg_last_wal_replay_lsn)');
  // without a receiver there is nothing beside the archive, which is asked for each next file
  if (receivedLsn === undefined || replayedLsn >= receivedLsn) return holds;
  if (again?.replayedLsn !== undefined && again.replayedLsn >= receivedLsn) return holds;
  if ((delaySeconds(settingsIn(facts)) ?? 0) > 0) return holds;
  // a query that the server itself ends soon
  const stuck = resultOf('streaming/replay-stuck');
  if (stuck?.outcome === 'failed' && stuck.faults.every(({ severity }) => severity === 'info')) return holds;
  return notShown('received WAL is not replayed, and replay did not progress between two samples');
}

/** By the process titles: the file that the startup process reads is that in which the received WAL ends, or a later one. */
function hasReachedStream({ receiver, startup }: StandbyProcesses, facts: Partial<Facts>): boolean {
  const control = ifSeen(factOf(facts, 'controlFile'));
  if (control?.ok !== true || startup.file === undefined || receiver?.streamed === undefined) return false;
  const { walSegmentSize } = control.value;
  const file = parseWalFileName(startup.file, walSegmentSize);
  return file?.kind === 'segment' && file.start + BigInt(walSegmentSize) >= receiver.streamed;
}
