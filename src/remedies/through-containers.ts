import { capitalized } from '../findings/sentence.ts';
import type { ConnectionAttempt } from '../facts/connection.ts';
import { wasPrimary } from '../facts/containers.ts';
import type { ContainerNear, Containers } from '../facts/containers.ts';
import { ifSeen } from '../facts/observed.ts';
import type { JudgedFacts } from '../facts/facts.ts';
import type { Evidence, Location, Remedy, Step } from '../findings/report.ts';
import {
  containerOfPrimary,
  leadsToItself,
  namedNetworks,
  runsPrimaryBeside,
} from '../derived/container-of-primary.ts';
import type { ContainerOfPrimary } from '../derived/container-of-primary.ts';
import { at, evidence } from '../findings/judgement.ts';
import { byHand, connectionFacts, connectWith, whereWritten } from './connecting.ts';
import { manual, safe, shell } from './remedy.ts';
import { shellWord } from './quoting.ts';
import { noneWasPromoted } from './unread-containers.ts';

/** What {@link throughContainers} looks at, for a rule's `wants`; it needs `now`. */
export const containerFacts = [...connectionFacts, 'containers', 'controlFile', 'adminServer'] as const;

type Facts = JudgedFacts<'now', (typeof containerFacts)[number]>;

interface Found {
  readonly title: string;
  readonly message: string;
  readonly where: Location;
  readonly evidence: readonly Evidence[];
  readonly remedy: Remedy;
}

/**
 * Of a standby in a container that does not reach the primary's, where the engine tells why: it is stopped or paused, in
 * another network, or has another name or port than the connection says. Undefined where that is not known.
 */
export function throughContainers(
  facts: Facts,
  attempt: ConnectionAttempt,
  isMeant: (container: ContainerNear) => boolean = () => true,
): Found | undefined {
  const containers = ifSeen(facts.containers);
  if (containers === undefined) return undefined;
  const control = ifSeen(facts.controlFile);
  const admin = ifSeen(facts.adminServer);
  const ofStandby = control?.ok === true ? control.value.systemIdentifier : undefined;
  const found = containerOfPrimary(
    containers,
    attempt,
    ofStandby ?? (admin?.inRecovery === false ? admin.systemIdentifier : undefined),
  );
  if (found === undefined) {
    if (leadsToItself(containers.own, attempt)) return whichOne(facts, containers, attempt);
    // a standby's primary may be on another machine
    const isNew = ofStandby === undefined && isOfNoContainer(containers, attempt);
    return isNew ? ofNoContainer(facts, containers, attempt) : undefined;
  }
  if (!isMeant(found.inPlaceOf ?? found.container)) return undefined;
  // the primary that runs elsewhere is what the rule leads to
  if (isBesidePrimary(found, facts)) return undefined;
  const { engine, own } = containers;
  const { container } = found;
  const connected = networkSteps(found, containers);
  const values = {
    ...(found.host === undefined ? {} : { host: found.host, hostaddr: undefined }),
    ...(found.port === undefined ? {} : { port: String(found.port) }),
  };
  const set =
    Object.keys(values).length === 0
      ? []
      : connectWith(facts, values, {
          without: [...(found.host === undefined ? [] : ['host']), ...(found.port === undefined ? [] : ['port'])],
          with: [
            ...(found.host === undefined ? [] : ['-h', found.host]),
            ...(found.port === undefined ? [] : ['-p', String(found.port)]),
          ],
        });
  const isContested = container.state !== 'running' || (found.orElse ?? []).length > 0;
  const isPromoted =
    (!isContested && control?.ok === true && (container.cluster?.timeline ?? 0) > control.value.checkpoint.timeline) ||
    (admin?.inRecovery === false && container.networks.some(({ addresses }) => addresses.includes(admin.address)));
  return {
    ...wordsFor(found, containers, attempt),
    where: container.state === 'running' ? whereWritten(facts) : at('primary', attempt.host),
    evidence: [
      evidence('container', `${container.name}: ${container.state}`, `${engine} inspect`),
      evidence(
        'networks',
        [own, container].map((one) => `${one.name}: ${networksOf(one)}`).join('; '),
        `${engine} inspect`,
      ),
      ...(found.proven && container.cluster !== undefined
        ? [
            evidence(
              'its cluster',
              `system identifier ${container.cluster.systemIdentifier}, that of ${ofStandby === undefined ? '--admin' : 'this standby'}`,
              `global/pg_control in ${container.name}`,
            ),
          ]
        : []),
    ],
    remedy:
      found.inPlaceOf === undefined
        ? isOlder(container, facts)
          ? safe('Find out which server is the primary before any is started.', leftOut(container))
          : safe(summaryOf(found), ...stateSteps(found, containers), ...connected, ...set)
        : isPromoted
          ? safe(
              `Point the standby to ${container.name}. (Start ${found.inPlaceOf.name} only as a standby of it.)`,
              ...connected,
              ...set,
            )
          : safe(
              'Decide which of them is the primary.',
              eitherOf(found.inPlaceOf, [container, ...(found.orElse ?? [])], engine),
            ),
  };
}

const networksOf = ({ networks }: ContainerNear): string => networks.map(({ name }) => name).join(', ') || 'no network';

function wordsFor(found: ContainerOfPrimary, { own }: Containers, { host, port }: ConnectionAttempt) {
  const { container, toItself, sharesNetwork, inPlaceOf } = found;
  const { name } = container;
  if (inPlaceOf !== undefined)
    return {
      title: `Container "${inPlaceOf.name}" ${states[inPlaceOf.state]}, and "${name}" is a primary`,
      message: `The connection leads to the container ${inPlaceOf.name}, which ${states[inPlaceOf.state]}. The container ${name} runs as a primary of the same cluster${container.cluster?.timeline === undefined ? '' : `, on timeline ${container.cluster.timeline}`}. With ${inPlaceOf.name} started beside it, there would be two primaries.`,
    };
  if (container.state !== 'running')
    return {
      title: `Container "${name}" ${states[container.state]}`,
      message: `The connection leads to the container ${name}, which ${states[container.state]}: no server answers there${container.state === 'stopped' ? ', and its name does not resolve' : ''}.`,
    };
  if (!sharesNetwork)
    return {
      title: `Containers "${own.name}" and "${name}" share no network`,
      message: `${own.name} is in ${networksOf(own)}, ${name} in ${networksOf(container)}: containers find each other by name only in a network of both that is not the default one.`,
    };
  if (toItself)
    return {
      title: itselfTitle(host),
      message: `${itself(own, host)}, and not the one of the primary, ${name}.`,
    };
  if (found.host !== undefined)
    return {
      title: `Host "${host}" does not lead to the container "${name}"`,
      message: `The primary of this standby runs in the container ${name}. No container of its networks has the name or address ${host}.`,
    };
  if (container.serverPort !== undefined && !container.published.some(({ outside }) => outside === port))
    return {
      title: `The server in "${name}" listens on port ${container.serverPort}, not ${port}`,
      message: `The server in the container ${name} has the port ${container.serverPort}. Nothing listens on port ${port} there.`,
    };
  return {
    title: `Port ${port} of "${name}" is not open inside its network`,
    message: `${port} is the port that the host of the containers publishes. Between containers, ${name} is reached on its own port, ${found.port}.`,
  };
}

function eitherOf(named: ContainerNear, rivals: readonly ContainerNear[], engine: string): Step {
  const names = rivals.map(({ name }) => name).join(' or ');
  const stops = rivals
    .filter(({ state }) => state === 'running')
    .map(({ name }) => `${engine} stop ${shellWord(name)}`)
    .join('; ');
  const stopped = rivals.filter(({ state }) => state !== 'running').map(({ name }) => name);
  return manual(
    'client',
    `If ${names} was promoted, ${stopped.length === 0 ? '' : `start it (${stopped.join(', ')} ${stopped.length === 1 ? 'does' : 'do'} not run), `}change host in primary_conninfo to it, reload the standby, and start ${named.name} only as a standby. If ${names} was started as a primary by mistake, ${stops === '' ? 'leave it stopped' : `stop it first: ${stops}`}. Then: ${engine} start ${shellWord(named.name)}`,
  );
}

/** It was a primary and does not run, while --admin has reached the one that is a primary of the same cluster now. */
function isBesidePrimary({ container, inPlaceOf }: ContainerOfPrimary, { adminServer, controlFile }: Facts): boolean {
  const [admin, control] = [ifSeen(adminServer), ifSeen(controlFile)];
  if (admin?.inRecovery !== false) return false;
  if (inPlaceOf !== undefined) return admin.timeline > (container.cluster?.timeline ?? 0);
  if (container.state === 'running') return false;
  if (control?.ok === true && control.value.systemIdentifier !== admin.systemIdentifier) return false;
  const { cluster } = container;
  return cluster === undefined
    ? control?.ok === true
    : cluster.systemIdentifier === admin.systemIdentifier && wasPrimary(container);
}

/** It was a primary on an earlier timeline than the standby has come to: another one was promoted since. */
const isOlder = (container: ContainerNear, { controlFile }: Facts): boolean => {
  const control = ifSeen(controlFile);
  return (
    container.state !== 'running' &&
    container.cluster?.timeline !== undefined &&
    wasPrimary(container) &&
    control?.ok === true &&
    control.value.checkpoint.timeline > container.cluster.timeline
  );
};

const leftOut = ({ name, cluster }: ContainerNear): Step =>
  manual(
    'client',
    `${name} was a primary on timeline ${cluster?.timeline}, and this standby has come to a later one: another server was promoted since. Point the standby to that server, and start ${name} only as a standby of it: there would be two primaries.`,
  );

const itselfTitle = (host: string): string =>
  host.startsWith('/')
    ? "Without a host, the standby's own container is asked"
    : `Host "${host}" is the standby's own container`;

const itself = ({ name }: ContainerNear, host: string): string =>
  host.startsWith('/')
    ? `Without a host, the Unix socket ${host} is used, which is in the container ${name} itself`
    : `In the container ${name}, ${host} is that container itself`;

/** The connection ends where it began, and which container has the primary is not known. */
const whichOne = (facts: Facts, containers: Containers, { host }: ConnectionAttempt): Found => ({
  title: itselfTitle(host),
  message: `${itself(containers.own, host)}, and not the one of the primary.`,
  ...byItsName(facts, containers),
});

/** A name of one word that leads nowhere, in a network in which the names of containers lead to them. */
const isOfNoContainer = ({ own, others }: Containers, { host, outcome }: ConnectionAttempt): boolean =>
  outcome.kind === 'not-resolved' &&
  /^[\w-]+$/u.test(host) &&
  own.inNetworkOfAnother !== true &&
  others.some((other) => runsPrimaryBeside(own, other));

const ofNoContainer = (facts: Facts, containers: Containers, { host }: ConnectionAttempt): Found => ({
  title: `No container is called "${host}"`,
  message: `The name ${host} does not resolve in the container ${containers.own.name}: no container has this name or this alias in its networks (${networksOf(containers.own)}).`,
  ...byItsName(facts, containers),
});

function byItsName(facts: Facts, { engine, own, others }: Containers): Omit<Found, 'title' | 'message'> {
  const control = ifSeen(facts.controlFile);
  const mayBe = ({ cluster }: ContainerNear): boolean =>
    control?.ok !== true || cluster?.systemIdentifier === control.value.systemIdentifier;
  const names = others.filter((other) => runsPrimaryBeside(own, other) && mayBe(other)).map(({ name }) => name);
  const which = names.length === 0 ? '' : ` (primaries run in: ${names.join(', ')})`;
  return {
    where: whereWritten(facts),
    evidence: [evidence('networks', `${own.name}: ${networksOf(own)}`, `${engine} inspect`)],
    remedy: safe(
      "Connect to the primary's container by its name.",
      byHand(facts, {
        client: `Give -h the name of the primary's container${which}, which must share a network with ${own.name}.`,
        standby: `set host to the name of the primary's container${which}, and reload the standby: SELECT pg_reload_conf();`,
      }),
    ),
  };
}

const states = {
  running: 'is running',
  stopped: 'is not running',
  restarting: 'restarts again and again',
  paused: 'is paused',
} as const;

function summaryOf({ container, sharesNetwork, host, port }: ContainerOfPrimary): string {
  const compose = container.isOfCompose ? ' (and in its compose file, so that it stays so)' : '';
  const parts = [
    ...(container.state === 'stopped' ? ['start the container of the primary'] : []),
    ...(container.state === 'paused' ? ['let the container of the primary go on'] : []),
    ...(container.state === 'restarting' ? ['find out why the container of the primary restarts'] : []),
    ...(sharesNetwork ? [] : [`connect both containers to one network${compose}`]),
    ...(host === undefined && port === undefined ? [] : ['point the standby to the container of the primary']),
  ];
  const text = parts.join(', and ');
  return `${capitalized(text)}.`;
}

const typed = (text: string): Step => shell('client', text, 'container');

function stateSteps({ container }: ContainerOfPrimary, { engine, others }: Containers): readonly Step[] {
  const { name, state } = container;
  const acts = { stopped: 'start', paused: 'unpause', running: undefined, restarting: undefined } as const;
  const act = acts[state];
  if (act !== undefined) {
    const command = `${engine} ${act} ${shellWord(name)}`;
    const unread = others.filter((one) => one !== container && one.isUnread === true).map((one) => one.name);
    return unread.length === 0 ? [typed(command)] : [afterALook(command, unread, engine)];
  }
  if (state === 'restarting') return [typed(`${engine} logs --tail 30 ${shellWord(name)}`)];
  return [];
}

const afterALook = (command: string, unread: readonly string[], engine: Containers['engine']): Step =>
  manual(
    'client',
    `${noneWasPromoted(unread, engine)} If one with this standby's system identifier is a primary, point the standby to it. Only if none is: ${command}`,
  );

/** Into a network of the other one; each has its own where both are in the default one alone. */
function networkSteps({ container, sharesNetwork }: ContainerOfPrimary, { engine, own }: Containers): readonly Step[] {
  if (sharesNetwork) return [];
  // Docker lets a container out of the network `none` while it runs; Podman does not
  const alone = engine === 'docker' ? [own, container].filter(({ networks }) => isOnlyIn(networks, ['none'])) : [];
  const closed = [own, container].find(
    (one) => !alone.includes(one) && isOnlyIn(one.networks, ['host', 'none', 'slirp4netns', 'pasta']),
  );
  if (closed !== undefined)
    return [
      manual(
        'client',
        `Create the container ${closed.name} again with the same volumes and --network NETWORK, a network of both: one with the network ${networksOf(closed)} cannot be connected to another.`,
      ),
    ];
  const connect = (network: string, { name }: ContainerNear): Step =>
    typed(`${engine} network connect ${shellWord(network)} ${shellWord(name)}`);
  const out = alone
    .filter(({ networks }) => networks.length > 0)
    .map(({ name }) => typed(`${engine} network disconnect none ${shellWord(name)}`));
  const [theirs] = namedNetworks(container);
  if (theirs !== undefined) return [...out, connect(theirs, own)];
  const [ours] = namedNetworks(own);
  if (ours !== undefined) return [...out, connect(ours, container)];
  return [...out, typed(`${engine} network create ${made}`), connect(made, own), connect(made, container)];
}

const isOnlyIn = (networks: ContainerNear['networks'], names: readonly string[]): boolean =>
  networks.every(({ name }) => names.includes(name));

const made = 'replication';
