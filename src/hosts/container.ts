import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer, Host, Pieces, Place } from './host.ts';
import type { ContainerEnded, ContainerMade, OtherContainer } from './engine-containers.ts';
import { idleProgram, inspect, inspectAll, startsServer } from './container-inspect.ts';
import type { Container, Engine } from './container-inspect.ts';
import { inAllItsNetworks, networkOfServers } from './container-networks.ts';
import { containersNear } from './containers-near.ts';
import { piecesOf } from './local-logs.ts';
import { programStream, run } from './local-programs.ts';
import { aheadFor } from './reached.ts';
import type { Purpose, Reached } from './reached.ts';
import { shellChannel } from './shell-channel.ts';
import { greet, prelude } from './shell-greeting.ts';
import { shellHost } from './shell-host.ts';
import { diallerThere } from './shell-socket.ts';
import { shellsTogether } from './shells-together.ts';
import type { ShellProgram } from './shells-together.ts';
import { word } from './shell-word.ts';

export const containerName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u;

/**
 * A container. One that runs is looked at from within (`docker exec`). Of one that does not, or that is started again
 * and again, a container beside it of the same image, which has its volumes read-only and its network, shows the files;
 * no process of the other is seen there. Both are root's look; to fix something, the volumes can be written to. Before a
 * copy is made it is the look of the user who will make it, with the volumes as the copy will have them.
 */
export async function containerHost(
  engine: Engine,
  asked: string,
  path: string | undefined,
  timeoutMs: number,
  purpose: Purpose,
): Promise<Answer<Reached>> {
  const inspected = await inspect(engine, asked, timeoutMs);
  if (!inspected.ok) return inspected;
  const container = inspected.value;
  const { id } = container;
  const name = asked === id ? container.name : asked;
  if (container.state === 'paused')
    return noAnswer('paused', `the container ${name} is paused, and its server with it`);
  if (purpose === 'session' && container.state !== 'running')
    return noAnswer(
      'not-running',
      `the container ${name} ${container.state === 'restarting' ? 'restarts again and again' : 'is not running'}`,
    );
  const dataDirectory = path ?? container.environment['PGDATA'];
  if (dataDirectory === undefined)
    return noAnswer('no-directory', `the container ${name} has no PGDATA in its environment`);
  const runs = container.state === 'running' && purpose !== 'copy';
  if (!runs && container.mounts.every(({ destination }) => !isWithin(dataDirectory, destination)))
    return noAnswer(
      'not-in-a-volume',
      `${purpose === 'copy' ? `the copy is made by a container beside ${name}` : `the container ${name} is not running`}, and ${dataDirectory} is in none of its volumes${container.mounts.length === 0 ? '' : ` (${container.mounts.map(({ destination }) => destination).join(', ')})`}`,
    );
  // the images start as root, and their servers as this user
  const user = purpose !== 'preflight' && purpose !== 'copy' ? '0' : isRoot(container) ? 'postgres' : container.user;
  const beside = `standbylint-${randomBytes(6).toString('hex')}`;
  const within: ShellProgram = { program: engine, args: ['exec', '-i', '-u', user, runs ? id : beside, 'sh'] };
  const first = runs ? within : besideIt(engine, container, beside, user, purpose, within);
  const shells = shellsTogether(first);
  const channel = shellChannel(first, prelude, timeoutMs, shells);
  const label = `the container ${name}`;
  const dialler = diallerThere(shells, label, () => channel.lost());
  const close = (): void => {
    dialler.close();
    channel.close();
    shells.close();
  };
  const ahead = aheadFor(purpose, dataDirectory);
  const greeting = greet(channel, ahead);
  // as many as over ssh, but each takes its time of the engine, which brings the first shell at this moment
  if (runs && ahead !== undefined) dialler.prepare(1, 2);
  // who only asks its server asks nothing of the containers beside it
  const [there, all] = await Promise.all([greeting, purpose === 'session' ? [] : inspectAll(engine, timeoutMs)]);
  if (!there.ok) {
    close();
    // it may have ended, or been started again, since it was inspected
    const now = runs ? await inspect(engine, id, timeoutMs) : inspected;
    if (now.ok && runs && now.value.state !== 'running') return containerHost(engine, asked, path, timeoutMs, purpose);
    return runs
      ? there
      : noAnswer('not-beside', `no container of its image could show its volumes: ${there.problem.message}`);
  }
  if (!runs) await inAllItsNetworks(engine, beside, container, timeoutMs);
  const { environment } = container;
  const shared = othersOn(dataDirectory, container, all);
  const place: Place = {
    kind: 'container',
    engine,
    state: container.state,
    image: container.image,
    network: networkOfServers(container, all),
    ...(container.pod === undefined ? {} : { pod: container.pod }),
    ...namedAs(container, name, dataDirectory),
    sharedWith: shared.map((other) => other.name),
    servesToo:
      runs && startsServer(container.command)
        ? shared.filter((other) => servesOn(other, dataDirectory, container)).map((other) => other.name)
        : [],
    ended: container.state === 'running' ? undefined : await endOf(engine, container, timeoutMs),
    others: new Map(all.flatMap((other) => other.addresses.map((address) => [address, namedAs(other)] as const))),
  };
  const base = shellHost(
    channel,
    { ...there.value, environment },
    {
      label,
      place,
      timeoutMs,
      shell: within,
      ...dialler.dialling,
    },
  );
  const output = `${engine} logs ${name}`;
  const host: Host = {
    ...base,
    ...(runs ? {} : { ...withoutProcesses(base), ...withItsOwnModes(base, container) }),
    console: output,
    containers: () => containersNear(engine, container.id, timeoutMs),
    // libpq's variables of the container, which one beside it does not have
    start: (program, args, options) =>
      base.start(program, args, {
        ...options,
        environment: { ...(runs ? {} : variablesOfLibpq(environment)), ...options?.environment },
      }),
    pieces: (wanted, options) =>
      wanted === output ? Promise.resolve(outputOf(engine, container)) : base.pieces(wanted, options),
  };
  return answer({ host, dataDirectory, containerId: id, lost: () => channel.lost(), close });
}

const isRoot = ({ user }: Container): boolean => /^(?:|0|root)(?:$|:)/u.test(user);

/** An entrypoint that ends before there is a server says why, and not in the form of a server's log. */
async function endOf(engine: Engine, container: Container, timeoutMs: number): Promise<ContainerEnded | undefined> {
  const { ended, id, environment } = container;
  if (ended === undefined) return undefined;
  const { exitCode, error, outOfMemory } = ended;
  const ran = error === '' ? await run(engine, ['logs', '--tail', '20', '--timestamps', id], { timeoutMs }) : undefined;
  const lines = ran?.ok === true ? linesOf(`${ran.value.stdout}\n${ran.value.stderr}`).toSorted() : [];
  const last = error === '' ? lastWords(lines.map((line) => line.replace(/^\S+ ?/u, ''))) : error;
  return { exitCode, outOfMemory, said: last === '' ? undefined : withoutSecrets(last, environment) };
}

/** What comes behind the last line of a server, from where an error is named on. */
function lastWords(lines: readonly string[]): string {
  const own = lines
    .slice(lines.findLastIndex((line) => isOfServer.test(line)) + 1)
    .filter((line) => line.trim() !== '');
  const first = own.findLastIndex((line) => /error|denied|not found|cannot|no such/iu.test(line));
  return own
    .slice(first)
    .slice(0, 3)
    .map((line) => line.trim())
    .join(' ');
}

const isOfServer = /\b(?:DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT):\s/u;

const withoutSecrets = (text: string, environment: Container['environment']): string =>
  Object.entries(environment)
    .filter(([name, value]) => /pass|secret|key|token/iu.test(name) && value !== '')
    .reduce((rest, [, value]) => rest.replaceAll(value, '***'), text);

const variablesOfLibpq = (environment: Container['environment']): Container['environment'] =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => /^PG(?!DATA$)[A-Z]+$/u.test(name)));

/** What is mounted from this machine is changed on this machine: in the container its directory is the image's, and often root's. */
const namedAs = (
  container: Container,
  name = container.name,
  directory = container.environment['PGDATA'] ?? '',
): OtherContainer => ({
  name,
  superuser: superuserOf(container),
  pgdata: container.environment['PGDATA']?.replace(/(?<=.)\/+$/u, ''),
  made: madeOf(container),
  binds: container.mounts.filter(
    ({ isBind, source, destination }) => isBind && !isWithin(directory, destination) && existsSync(source),
  ),
});

const madeOf = (container: Container): ContainerMade => ({
  command: container.command,
  image: container.image,
  // a file of variables has one a line
  options: Object.values(container.environment).some((value) => value.includes('\n')) ? undefined : container.options,
  isTemporary: container.isTemporary,
  idle: idleProgram(container.command),
  user: isRoot(container) ? undefined : container.user,
  compose: container.compose,
  volumes: container.mounts.map(({ source, destination }) => ({
    directory: destination,
    hasName: !/\/volumes\/[0-9a-f]{64}\/_data$/u.test(source),
  })),
});

const superuserOf = ({ environment }: Container): string => environment['POSTGRES_USER'] ?? 'postgres';

/** It ends, and is gone, with its standard input. */
const besideIt = (
  engine: Engine,
  { id, image, network, pod }: Container,
  name: string,
  user: string,
  purpose: Purpose,
  another: ShellProgram,
): ShellProgram => ({
  program: engine,
  // a storage driver that copies the image takes its time
  startMs: 60_000,
  another,
  args: [
    ...['run', '--rm', '-i', '--name', name, '--pull', 'never', '--log-driver', 'none'],
    ...(pod !== undefined ? ['--pod', pod] : network === undefined ? [] : ['--network', network]),
    ...['--volumes-from', purpose === 'postmortem' ? `${id}:ro` : id, '-u', user, '--entrypoint', 'sh', image],
  ],
});

export const isWithin = (path: string, mount: string): boolean =>
  path === mount || posix.normalize(path).startsWith(`${mount.replace(/\/$/u, '')}/`);

/** Sidecars that copy or watch the files are no servers. */
function othersOn(directory: string, own: Container, all: readonly Container[]): readonly Container[] {
  const sources = sourcesOf(directory, own);
  return all
    .filter(({ id, state }) => id !== own.id && (state === 'running' || state === 'restarting'))
    .filter(({ environment, command }) => 'PGDATA' in environment || command.some((one) => /postgres/u.test(one)))
    .filter(({ mounts }) =>
      mounts.some(
        ({ source, readOnly }) =>
          !readOnly && source !== '' && sources.some((one) => isWithin(one, source) || isWithin(source, one)),
      ),
    );
}

/** Its main program is a server, which goes on: one that had found the directory in use would have ended. */
const servesOn = ({ state, command, environment, ...other }: Container, directory: string, own: Container): boolean =>
  state === 'running' &&
  startsServer(command) &&
  sourcesOf(environment['PGDATA'] ?? '', other).some((source) => sourcesOf(directory, own).includes(source));

/** Where a directory of a container lies on the machine. */
const sourcesOf = (directory: string, { mounts }: Pick<Container, 'mounts'>): readonly string[] =>
  mounts.flatMap(({ source, destination }) =>
    source !== '' && isWithin(directory, destination)
      ? [posix.join(source, posix.relative(destination, directory))]
      : [],
  );

/** The container beside it may only read: whether its own may write, its volumes say. */
const withItsOwnModes = (base: Host, { mounts }: Container): Partial<Host> => ({
  fileSystem: async (path) => {
    const seen = await base.fileSystem(path);
    if (!seen.ok) return seen;
    const { mountPoint } = seen.value;
    const own = mounts.find(({ destination }) => destination === mountPoint);
    return answer({ ...seen.value, readOnly: own === undefined ? seen.value.readOnly : own.readOnly });
  },
});

/** Its numbers count in a container that is gone: those beside it are of others. */
const withoutProcesses = (base: Host): Partial<Host> => ({
  processStatus: (pid) => Promise.resolve(noAnswer('ESRCH', `no process has the number ${pid}`)),
  list: (path, options) =>
    path === '/proc' ? Promise.resolve(noAnswer('ENOENT', 'no process runs')) : base.list(path, options),
  mayListen: (address, port) =>
    /^(?:0\.0\.0\.0|::|127\..*|::1)$/u.test(address)
      ? base.mayListen(address, port)
      : Promise.resolve(noAnswer('ENOTSUP', 'the container that is not running has no address')),
});

/** Both of its outputs, as they came. */
function outputOf(engine: Engine, { id, name, logDriver }: Container): Answer<Pieces> {
  if (logDriver === 'none' || logDriver === 'passthrough')
    return noAnswer(
      'ENOTSUP',
      `${engine} keeps no output of the container ${name} (its log driver is ${logDriver})`,
      'create the container with a log driver that keeps it, or set logging_collector = on',
    );
  const stream = programStream('sh', ['-c', `exec ${engine} logs --tail ${mostLines} ${word(id)} 2>&1`]);
  stream.end();
  return answer(piecesOf(stream, false));
}

/** What it has put out since; undefined where that is nothing. */
export async function outputSince(
  engine: Engine,
  name: string,
  since: Date,
  timeoutMs: number,
): Promise<string | undefined> {
  const words = ['logs', '--since', since.toISOString(), '--tail', '200', name];
  const ran = await run(engine, words, { timeoutMs });
  const text = ran.ok ? `${ran.value.stdout}${ran.value.stderr}`.trim() : '';
  return text === '' ? undefined : text;
}

const mostLines = 200_000;

/** Names of the containers here, for who mistyped one. */
export async function containerNames(engine: Engine, timeoutMs: number): Promise<readonly string[]> {
  const listed = await run(engine, ['ps', '-a', '--format', '{{.Names}}'], { timeoutMs });
  return listed.ok ? linesOf(listed.value.stdout) : [];
}

/**
 * The name of the one container of a service of Compose, `[PROJECT/]SERVICE`, by the labels that Compose gives it. Where
 * several projects have the service, the one that Compose itself would mean here counts.
 */
export async function containerOfService(written: string, timeoutMs: number): Promise<Answer<string>> {
  const [service = '', project] = written.split('/').toReversed();
  const labels = [`service=${service}`, 'oneoff=False', ...(project === undefined ? [] : [`project=${project}`])];
  const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
  const shown = ['', '.working_dir'].map((end) => `{{.Label "com.docker.compose.project${end}"}}`);
  const listed = await run('docker', ['ps', '-a', ...filters, '--format', ['{{.Names}}', ...shown].join('\t')], {
    timeoutMs,
  });
  if (!listed.ok) return listed;
  const { exitCode, stdout, stderr } = listed.value;
  if (exitCode !== 0) return noAnswer('engine', linesOf(stderr).at(-1) ?? 'docker ps ended without a word');
  const [found, ...others] = ofThisProject(linesOf(stdout).map((line) => line.split('\t')));
  if (found === undefined) return noAnswer('no-container', `no container of the service ${written} exists`);
  const [name = ''] = found;
  if (others.length > 0)
    return noAnswer(
      'many-containers',
      `${others.length + 1} containers are of the service ${written}: ${[name, ...others.map(([other]) => other)].join(', ')}`,
    );
  return answer(name);
}

/** Of rows of name, project and the directory of its files: those of the project that is worked in here; all, where none is. */
function ofThisProject(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const { COMPOSE_PROJECT_NAME: named, PWD = '' } = process.env;
  if (new Set(rows.map(([, project]) => project)).size < 2) return rows;
  const byName = rows.filter(([, project]) => project === named);
  if (byName.length > 0) return byName;
  const here = [process.cwd(), PWD];
  const above = rows.filter(([, , directory = '']) => directory !== '' && here.some((one) => isWithin(one, directory)));
  const nearest = Math.max(...above.map(([, , directory = '']) => directory.length));
  return above.length === 0 ? rows : above.filter(([, , directory = '']) => directory.length === nearest);
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
