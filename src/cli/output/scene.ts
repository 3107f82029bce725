import { hostname } from 'node:os';

import { isStreamHeld } from '../../derived/held-stream.ts';
import { factOf } from '../../diagnosis/fact-of.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Facts } from '../../facts/facts.ts';
import { addressBehindName, attemptThatCounts } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { RunningStandby } from '../../facts/running-standby.ts';
import type { Place } from '../../hosts/host.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { endpointText, nameOfHost } from '../../report/machines.ts';
import type { PictureRow, Scene } from '../../findings/scene.ts';
import { formatBytes } from '../../postgres/bytes.ts';

/** The machines as the facts tell of them: the hosts by name, what is to be copied, how the standby streams. */
export function sceneOf(facts: Partial<Facts>, place?: Place, thisHost = hostname()): Scene {
  const primary = valueOf(facts.primary);
  const plan = valueOf(facts.connectionPlan);
  const login = valueOf(facts.replicationLogin);
  const attempt = login && attemptThatCounts(login);
  const reached = attempt ?? plan?.hosts[0];
  const endpoint = reached === undefined ? 'no primary' : endpointText(reached.host, reached.port);
  const size = valueOf(facts.copySize);
  const tablespaces = size?.tablespaces.map(({ bytes: ofOne }) => ofOne ?? 0n) ?? [];
  const primaryName = primary?.name ?? nameOfHost(plan?.hosts[0]?.host ?? '');
  return {
    endpoint,
    address: attempt && addressBehindName(attempt),
    primaryName,
    source: primary?.inRecovery === true ? 'standby' : 'primary',
    makesNoStandby: makesNoStandby(valueOf(facts.baseBackup)),
    upstream: primary && `PostgreSQL ${primary.version}, timeline ${primary.timeline}`,
    standby: stateOf(facts),
    ...standbyNames(primaryName, place, thisHost),
    copyBytes: size && Number(tablespaces.reduce((sum, ofOne) => sum + ofOne, size.dataBytes)),
    stream: streamText(facts, endpoint),
    streams: valueOf(facts.runningStandby)?.receiver?.status === 'streaming' && !isHeld(facts),
    picture: pictureOf(facts),
  };
}

const makesNoStandby = (command: BaseBackupCommand | undefined): boolean =>
  command !== undefined &&
  (!command.writesRecoveryConf ||
    command.format === 'tar' ||
    command.target !== undefined ||
    command.incremental !== undefined);

/** In a container what is typed is typed here, and reaches it by its engine; on another machine it is typed there. */
function standbyNames(
  primaryName: string,
  place: Place | undefined,
  thisHost: string,
): Pick<Scene, 'standbyName' | 'clientName' | 'place'> {
  switch (place?.kind) {
    case 'container':
      return { standbyName: place.name, clientName: 'here', place: `the container ${place.name}` };
    case 'pod':
      return { standbyName: place.name, clientName: 'here', place: `the pod ${place.namespace}/${place.name}` };
    case 'ssh':
      return { standbyName: place.destination.replace(/^.*@/u, ''), place: place.destination };
    case undefined:
      return { standbyName: primaryName === 'primary' || primaryName === thisHost ? 'standby' : thisHost };
  }
}

/** What the examined server does now. What its control file says is the state at its last checkpoint, and not shown. */
function stateOf(facts: Partial<Facts>): string | undefined {
  const running = valueOf(facts.runningStandby);
  if (running !== undefined) return running.inRecovery ? 'in recovery' : 'a primary (not in recovery)';
  const directory = valueOf(facts.dataDirectory);
  if (directory === undefined) return undefined;
  return directory.postmaster?.process === 'running' ? 'running' : 'not running';
}

/** `streams from db1:5432, 0 bytes behind`; the positions are in the table below it. */
function streamText(facts: Partial<Facts>, endpoint: string): string | undefined {
  const running = valueOf(facts.runningStandby);
  if (running === undefined) return undefined;
  const { receivedLsn, replayedLsn } = running.replay;
  const from = running.receiver?.status === 'streaming' ? `streams from ${endpoint}` : 'replays from its archive';
  if (replayedLsn === undefined) return from;
  if (receivedLsn === undefined || receivedLsn < replayedLsn)
    return `${from}, replayed up to ${formatLsn(replayedLsn)}`;
  return `${from}, ${formatBytes(receivedLsn - replayedLsn)} behind`;
}

function isHeld(facts: Partial<Facts>): boolean {
  return isStreamHeld({
    runningStandby: factOf(facts, 'runningStandby'),
    ownProcesses: factOf(facts, 'ownProcesses'),
    upstreamProcesses: factOf(facts, 'upstreamProcesses'),
    walSenders: factOf(facts, 'walSenders'),
    slots: factOf(facts, 'slots'),
    standbyConninfo: factOf(facts, 'standbyConninfo'),
  });
}

/** The checks that a manual would have one make by hand, measured on both sides. */
function pictureOf(facts: Partial<Facts>): readonly PictureRow[] {
  const running = valueOf(facts.runningStandby);
  const primary = valueOf(facts.primary);
  if (running === undefined || primary === undefined) return [];
  const directory = valueOf(facts.dataDirectory);
  const local = valueOf(facts.timelines)?.local;
  const streams = running.receiver?.status === 'streaming';
  return [
    {
      what: 'pg_is_in_recovery()',
      primary: primary.inRecovery === undefined ? 'not shown' : String(primary.inRecovery),
      standby: String(running.inRecovery),
      mark: '',
    },
    {
      what: 'standby.signal',
      primary: '-',
      standby: directory?.signals.standby === true ? 'present' : 'missing',
      mark: '',
    },
    {
      what: 'WAL sender, WAL receiver',
      primary: senderState(facts, running),
      standby: running.receiver?.status ?? 'none',
      mark: streams ? '->' : '',
    },
    {
      what: 'LSN written, replayed',
      primary: primary.walPosition === undefined ? 'not shown' : formatLsn(primary.walPosition),
      standby: running.replay.replayedLsn === undefined ? 'none' : formatLsn(running.replay.replayedLsn),
      mark: primary.walPosition !== undefined && primary.walPosition === running.replay.replayedLsn ? '=' : '',
    },
    {
      what: 'timeline',
      primary: String(primary.timeline),
      standby: local === undefined ? 'not shown' : String(local.timeline),
      mark: local?.timeline === primary.timeline ? '=' : '',
    },
  ];
}

function senderState(facts: Partial<Facts>, { receiver }: RunningStandby): string {
  const name = valueOf(facts.standbyConninfo)?.reportsAs;
  const sender = valueOf(facts.walSenders)?.find(({ applicationName }) => applicationName === name);
  return sender?.state ?? (receiver?.status === 'streaming' ? 'streaming' : 'not shown');
}

const valueOf = <T>(fact: Observed<T> | undefined): T | undefined => (fact === undefined ? undefined : ifSeen(fact));
