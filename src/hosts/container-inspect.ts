import { posix } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import type { ComposeService, ContainerNetwork } from './engine-containers.ts';
import { run } from './local-programs.ts';
import { optionsOf } from './container-options.ts';
import { arrayIn, entriesIn, parsedJson, textAt, valueAt } from './parsed-json.ts';

export type Engine = 'docker' | 'podman';

/** What Docker or Podman tells of a container. */
export interface Container {
  readonly id: string;
  readonly name: string;
  /** That of the image: it is here, whatever its name means by now. */
  readonly image: string;
  readonly state: 'running' | 'stopped' | 'restarting' | 'paused';
  /** Of the container; it may hold passwords. */
  readonly environment: Readonly<Record<string, string>>;
  readonly network: string | undefined;
  /** Its own, in each of its networks, while it runs. */
  readonly addresses: readonly string[];
  readonly networks: readonly ContainerNetwork[];
  /** The container whose network it has, by its id or name. */
  readonly inNetworkOf: string | undefined;
  /** Of Podman: what is in a pod shares a network with nothing else. */
  readonly pod: string | undefined;
  /** Those that its image says that a server listens on (EXPOSE). */
  readonly exposed: readonly number[];
  /** Ports of the machine that lead to ports of its own. */
  readonly published: readonly { readonly outside: number; readonly inside: number }[];
  /** Who its main program is started as; empty: root, or as the image says. */
  readonly user: string;
  readonly mounts: readonly Mount[];
  /** Compose has made it, from its files. */
  readonly compose: ComposeService | undefined;
  /** Who keeps its output, by the engine's name for it. */
  readonly logDriver: string;
  /** Its entrypoint with the words that it is given. */
  readonly command: readonly string[];
  /** What makes another one like it, beside its name, volumes, environment, image and command; undefined: that is not all. */
  readonly options: readonly string[] | undefined;
  /** How its last run ended; undefined while it runs, and of one that was never started. */
  readonly ended: Ended | undefined;
  /** It is gone with its end (--rm). */
  readonly isTemporary: boolean;
}

export interface Ended {
  /** Undefined where it has been started again. */
  readonly exitCode: number | undefined;
  /** What the engine says of a start that came to nothing; empty: it was started. */
  readonly error: string;
  readonly outOfMemory: boolean;
}

/** A volume, or a directory of the machine. */
export interface Mount {
  /** On the machine; empty where that is not told. */
  readonly source: string;
  /** In the container. */
  readonly destination: string;
  readonly readOnly: boolean;
  /** A file or a directory of the machine, and no volume. */
  readonly isBind: boolean;
}

/** All containers that there are; none where the engine does not answer. */
export async function inspectAll(engine: Engine, timeoutMs: number): Promise<readonly Container[]> {
  const listed = await run(engine, ['ps', '-aq', '--no-trunc'], { timeoutMs });
  const ids = listed.ok ? listed.value.stdout.split('\n').filter((line) => line !== '') : [];
  if (ids.length === 0) return [];
  // one that is gone meanwhile makes it end with 1, and the others are told
  const asked = await run(engine, ['container', 'inspect', ...ids], { timeoutMs, maxOutputBytes: 64 * 1024 * 1024 });
  const all = asked.ok ? arrayIn(parsedJson(asked.value.stdout)).flatMap((found) => containerIn(found) ?? []) : [];
  return all.map((one) =>
    inNetworkOf(
      one,
      all.find(({ id, name }) => isNamed(one.inNetworkOf, id, name)),
    ),
  );
}

export async function inspect(engine: Engine, name: string, timeoutMs: number): Promise<Answer<Container>> {
  const asked = await run(engine, ['container', 'inspect', '--', name], { timeoutMs: Math.max(timeoutMs, 10_000) });
  if (!asked.ok)
    return asked.problem.code === 'ENOENT' ? noAnswer('no-engine', `${engine} is not installed here`) : asked;
  const { exitCode, stdout, stderr } = asked.value;
  if (exitCode !== 0)
    return /no such container/iu.test(stderr)
      ? noAnswer('no-container', `there is no container ${name}`)
      : noAnswer('engine', stderr.trim().split('\n').at(-1) ?? `${engine} container inspect ended without a word`);
  const [found] = arrayIn(parsedJson(stdout));
  const container = containerIn(found);
  if (container === undefined) return noAnswer('engine', `what ${engine} container inspect printed is not understood`);
  if (container.inNetworkOf === undefined) return answer(container);
  const other = await inspect(engine, container.inNetworkOf, timeoutMs);
  return answer(inNetworkOf(container, other.ok ? other.value : undefined));
}

const isNamed = (wanted: string | undefined, id: string, name: string): boolean =>
  wanted !== undefined && (wanted === name || (wanted.length >= 12 && id.startsWith(wanted)));

/** In a pod of Podman, or made with `--network container:NAME`: addresses and names are those of the other, while it runs. */
function inNetworkOf(own: Container, other: Container | undefined): Container {
  if (other?.state !== 'running') return own;
  const { name, networks, addresses } = other;
  return { ...own, network: `container:${name}`, networks, addresses };
}

function containerIn(found: unknown): Container | undefined {
  const [state, config, host] = ['State', 'Config', 'HostConfig'].map((key) => valueAt(found, key));
  const [id, image] = [textAt(found, 'Id'), textAt(found, 'Image')];
  if (id === undefined || image === undefined) return undefined;
  const variables = arrayIn(valueAt(config, 'Env')).flatMap((line) => {
    const [, key, value] = typeof line === 'string' ? (/^([^=]+)=([\s\S]*)$/u.exec(line) ?? []) : [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
  const now = stateIn(state, Number(valueAt(found, 'RestartCount') ?? 0));
  const mode = textAt(host, 'NetworkMode') ?? 'default';
  const listed = networksIn(valueAt(valueAt(found, 'NetworkSettings'), 'Networks'));
  // Podman lists no network that it has not made itself
  const [, unlisted] = /^(host|none|slirp4netns|pasta)(?:$|:)/u.exec(mode) ?? [];
  const networks =
    listed.length > 0 || unlisted === undefined ? listed : [{ name: unlisted, aliases: [], addresses: [] }];
  return {
    id,
    name: (textAt(found, 'Name') ?? id).replace(/^\//u, ''),
    image,
    state: now,
    environment: Object.fromEntries(variables),
    network: networkOf(mode, valueAt(valueAt(found, 'NetworkSettings'), 'Networks')),
    mounts: arrayIn(valueAt(found, 'Mounts')).map((mount) => ({
      source: textAt(mount, 'Source') ?? '',
      destination: textAt(mount, 'Destination') ?? '',
      readOnly: valueAt(mount, 'RW') === false,
      isBind: textAt(mount, 'Type') === 'bind',
    })),
    addresses: networks.flatMap(({ addresses }) => addresses),
    networks,
    pod: textAt(found, 'Pod')?.slice(0, 12) || undefined,
    inNetworkOf: /^container:(.+)$/u.exec(mode)?.[1],
    exposed: entriesIn(valueAt(config, 'ExposedPorts')).flatMap(([port]) => portIn(port) ?? []),
    published: publishedIn(valueAt(host, 'PortBindings')),
    user: textAt(config, 'User') ?? '',
    compose: composeIn(valueAt(config, 'Labels')),
    logDriver: textAt(valueAt(host, 'LogConfig'), 'Type') ?? '',
    command: [textAt(found, 'Path') ?? '', ...arrayIn(valueAt(found, 'Args'))].filter(
      (part) => typeof part === 'string',
    ),
    options: optionsOf(found),
    ended: endIn(state, now),
    isTemporary: valueAt(host, 'AutoRemove') === true,
  };
}

/** Podman calls the mode of each network of its own `bridge`, and tells their names beside it. */
function networkOf(mode: string, networks: unknown): string | undefined {
  // one that shares the network of a container that may be gone
  if (mode === 'default' || mode.startsWith('container:')) return undefined;
  const names = typeof networks === 'object' && networks !== null ? Object.keys(networks) : [];
  return mode === 'host' || mode === 'none' || names.includes(mode) ? mode : (names[0] ?? mode);
}

/** Between two starts of a loop it runs for moments: Docker takes ten seconds for a success (moby: restartmanager). */
function stateIn(state: unknown, restarts: number): Container['state'] {
  if (valueAt(state, 'Paused') === true) return 'paused';
  if (valueAt(state, 'Restarting') === true) return 'restarting';
  if (valueAt(state, 'Running') !== true) return 'stopped';
  const [started, ended] = ['StartedAt', 'FinishedAt'].map((key) => Date.parse(textAt(state, key) ?? ''));
  const loops = restarts > 0 && started !== undefined && ended !== undefined && Math.abs(started - ended) < loopMs;
  return loops && Date.now() - started < settledMs ? 'restarting' : 'running';
}

/** The longest pause that Docker makes between two starts. */
const loopMs = 61_000;
const settledMs = 10_000;

function endIn(state: unknown, now: Container['state']): Ended | undefined {
  const error = textAt(state, 'Error') ?? '';
  // Go's zero time
  const isOver = !(textAt(state, 'FinishedAt') ?? '0001').startsWith('0001') || error !== '';
  if (!isOver || now === 'running') return undefined;
  // each start sets the code to 0, and one that is started again and again runs for moments
  const runs = valueAt(state, 'Running') === true && valueAt(state, 'Restarting') !== true;
  return {
    exitCode: runs ? undefined : Number(valueAt(state, 'ExitCode') ?? 0),
    error,
    outOfMemory: valueAt(state, 'OOMKilled') === true,
  };
}

/** Version 1 names its files as they were written, and 2 whole paths. */
function composeIn(labels: unknown): ComposeService | undefined {
  const label = (name: string): string => textAt(labels, `com.docker.compose.${name}`) ?? '';
  const [service, project, directory] = [label('service'), label('project'), label('project.working_dir')];
  if (service === '') return undefined;
  const files = label('project.config_files').split(',').filter(Boolean);
  return {
    service,
    project,
    directory,
    files: posix.isAbsolute(directory) ? files.map((file) => posix.resolve(directory, file)) : [],
    program: label('version').startsWith('1.') ? 'docker-compose' : 'docker compose',
  };
}

function networksIn(networks: unknown): readonly ContainerNetwork[] {
  return entriesIn(networks).map(([name, network]) => ({
    name,
    aliases: ['Aliases', 'DNSNames'].flatMap((key) =>
      arrayIn(valueAt(network, key)).filter((alias) => typeof alias === 'string'),
    ),
    addresses: ['IPAddress', 'GlobalIPv6Address'].flatMap((key) => textAt(network, key) || []),
  }));
}

/** `{ "5432/tcp": [{ "HostIp": "", "HostPort": "5433" }] }`: what was asked for; it holds while the container is stopped, too. */
function publishedIn(bindings: unknown): Container['published'] {
  return entriesIn(bindings).flatMap(([port, places]) => {
    const inside = portIn(port);
    return arrayIn(places).flatMap((place) => {
      const outside = Number(textAt(place, 'HostPort') || Number.NaN);
      return inside === undefined || !Number.isInteger(outside) ? [] : [{ outside, inside }];
    });
  });
}

function portIn(text: string): number | undefined {
  const [, port] = /^(\d+)\/tcp$/u.exec(text) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** Behind an entrypoint or what reaps its children. */
const mainProgram = (command: readonly string[]): string | undefined =>
  command
    .map((word) => posix.basename(word))
    .find((word) => !/^-|entrypoint|^(?:tini|dumb-init|gosu|su-exec)$/u.test(word));

/** Its main program is a server; `pg_dump -U postgres` is none. */
export const startsServer = (command: readonly string[]): boolean => mainProgram(command) === 'postgres';

/** Its main program, where that only keeps a container for a shell in it. */
export function idleProgram(command: readonly string[]): string | undefined {
  const program = mainProgram(command) ?? '';
  const isShell = /^(?:ba|da)?sh$/u.test(program) && command.length === 1;
  return isShell || /^(?:sleep|tail|cat|top)$/u.test(program) ? program : undefined;
}
