import type { Report } from '../../findings/report.ts';
import type { Scene } from '../../findings/scene.ts';
import type { TopologyServer, WalFlow } from '../../findings/topology.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { machineName } from '../machines.ts';

/** A server as the picture shows it. */
export interface ShownServer {
  readonly role: string;
  readonly name: string;
  /** Smaller, below its name. */
  readonly about: readonly string[];
  /** Of the two that were examined. */
  readonly examined: boolean;
  readonly flow?: ShownFlow;
}

export interface ShownFlow extends WalFlow {
  readonly tone: 'good' | 'unsure' | 'bad' | 'quiet';
  /** Of the server that sends, and of the one that receives. */
  readonly timelines: readonly number[];
  readonly word: string;
}

/** More standbys than these, that were only seen from others, are counted instead. */
export const mostOthers = 4;

export function serversOf(
  report: Report,
  scene: Scene,
): { readonly servers: readonly ShownServer[]; readonly others: number } {
  const all = allServersOf(report, scene);
  const others = all.filter(({ known }) => isOther(known));
  // the others come last, so that the places of the rest stay as they are
  const servers = all.filter((server) => !isOther(server.known) || others.indexOf(server) < mostOthers);
  return { servers: servers.map(({ shown }) => shown), others: others.length };
}

/** Each server of the report as it is known, and as it is shown. */
export function allServersOf(
  report: Report,
  scene: Scene,
): readonly { readonly known: TopologyServer; readonly shown: ShownServer }[] {
  const all = report.topology ?? pairOf(report);
  return all.map((known) => ({ known, shown: shown(known, all, report, scene) }));
}

/** It was only seen from the one that it receives WAL from. */
export const isOther = ({ side, receives }: TopologyServer): boolean => side === undefined && receives !== undefined;

/** A report of an earlier version has no topology. */
const pairOf = ({ command, verdict }: Report): readonly TopologyServer[] => [
  { side: 'primary', role: 'primary' },
  command === 'postmortem'
    ? {
        side: 'standby',
        role: 'standby',
        receives: { from: 0, state: verdict === 'healthy' ? 'streaming' : 'unknown' },
      }
    : { side: 'standby', role: 'copy', receives: { from: 0, state: 'planned' } },
];

const roles: Readonly<Record<TopologyServer['role'], string>> = {
  primary: 'primary',
  standby: 'standby',
  copy: 'new standby',
};

function shown(server: TopologyServer, all: readonly TopologyServer[], report: Report, scene: Scene): ShownServer {
  const { receives } = server;
  const flow = receives && {
    ...receives,
    ...flowLook(receives.state, report.verdict),
    timelines: [all[receives.from]?.timeline, server.timeline].filter((one) => one !== undefined),
  };
  return {
    role: roles[server.role],
    examined: server.side !== undefined,
    ...namesOf(server, report, scene),
    ...(flow === undefined ? {} : { flow }),
  };
}

function namesOf(
  { side, role, name, address }: TopologyServer,
  { subject }: Report,
  scene: Scene,
): Pick<ShownServer, 'name' | 'about'> {
  if (side === undefined)
    return { name: name ?? (role === 'primary' ? 'its primary' : 'a standby'), about: [address ?? 'not examined'] };
  switch (side) {
    case 'primary':
      return {
        name: scene.endpoint,
        about: [scene.address, scene.upstream ?? (role === 'primary' ? undefined : 'in recovery')].filter(isSet),
      };
    case 'standby': {
      const version =
        role === 'copy' || subject.serverVersion === null ? undefined : `PostgreSQL ${subject.serverVersion}`;
      const state = [version, scene.standby].filter(isSet).join(', ');
      return {
        name: machineName('standby', scene),
        about: [subject.dataDirectory ?? undefined, state === '' ? undefined : state].filter(isSet),
      };
    }
  }
}

const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';

function flowLook(state: WalFlow['state'], verdict: Report['verdict']): Pick<ShownFlow, 'tone' | 'word'> {
  switch (state) {
    case 'streaming':
      return { tone: 'good', word: 'streaming' };
    case 'catchup':
      return { tone: 'unsure', word: 'catching up' };
    case 'waiting':
      return { tone: 'unsure', word: 'waiting' };
    case 'none':
      // a standby that reads its archive is no less healthy
      return verdict === 'healthy' ? { tone: 'quiet', word: 'not streaming' } : { tone: 'bad', word: 'not streaming' };
    case 'unknown':
      return { tone: 'quiet', word: 'not seen' };
    case 'planned':
      if (verdict === 'ready') return { tone: 'good', word: 'will stream' };
      return verdict === 'blocked' ? { tone: 'bad', word: 'cannot stream yet' } : { tone: 'quiet', word: 'to be made' };
  }
}

/** `streaming`, `slot db2`, `0 bytes behind`, `timeline 1`. */
export function flowWords({ word, slot, lagBytes, timelines }: ShownFlow): readonly string[] {
  const [sent, received] = timelines;
  const timeline =
    sent === undefined
      ? []
      : [`timeline ${sent}${received === undefined || received === sent ? '' : ` ≠ ${received}`}`];
  return [
    word,
    ...(slot === undefined ? [] : [`slot ${slot}`]),
    ...(lagBytes === undefined ? [] : [`${formatBytes(lagBytes)} behind`]),
    ...timeline,
  ];
}
