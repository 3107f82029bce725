import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer, Host, Pieces, Place, Problem } from './host.ts';
import type { Container } from './docker-inspect.ts';
import { inspect } from './docker-inspect.ts';
import { piecesOf } from './local-logs.ts';
import { programStream, run } from './local-programs.ts';
import { shellChannel } from './shell-channel.ts';
import type { ShellProgram } from './shell-channel.ts';
import { greet, prelude } from './shell-greeting.ts';
import { shellHost } from './shell-host.ts';
import { diallingThere } from './shell-socket.ts';
import { word } from './shell-word.ts';

/** A machine that the tool does not run on, the directory that is meant there, and what is left to be ended. */
export interface Reached {
  readonly host: Host;
  readonly dataDirectory: string;
  /** Why it broke off meanwhile, where it did: then nothing that was seen counts. */
  readonly lost: () => Problem | undefined;
  readonly close: () => void;
}

export const dockerName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u;

/**
 * A container. One that runs is looked at from within (`docker exec`). Of one that does not, or that Docker starts again
 * and again, a container beside it of the same image, which has its volumes read-only and its network, shows the files;
 * no process of the other is seen there. Both are root's look.
 */
export async function dockerHost(name: string, path: string | undefined, timeoutMs: number): Promise<Answer<Reached>> {
  const inspected = await inspect(name, timeoutMs);
  if (!inspected.ok) return inspected;
  const container = inspected.value;
  if (container.state === 'paused')
    return noAnswer('paused', `the container ${name} is paused, and its server with it`);
  const dataDirectory = path ?? container.environment['PGDATA'];
  if (dataDirectory === undefined)
    return noAnswer('no-directory', `the container ${name} has no PGDATA in its environment`);
  const runs = container.state === 'running';
  if (!runs && container.mounts.every((mount) => !isWithin(dataDirectory, mount)))
    return noAnswer(
      'not-in-a-volume',
      `the container ${name} is not running, and ${dataDirectory} is in none of its volumes`,
    );
  const beside = `standbylint-${randomBytes(6).toString('hex')}`;
  const within: ShellProgram = { program: 'docker', args: ['exec', '-i', '-u', '0', runs ? name : beside, 'sh'] };
  const channel = shellChannel(runs ? within : besideIt(container, beside), prelude, timeoutMs);
  const there = await greet(channel);
  if (!there.ok) {
    channel.close();
    return there;
  }
  const { environment } = container;
  const place: Place = {
    kind: 'docker',
    name,
    state: container.state,
    image: container.image,
    network: container.network,
    superuser: environment['POSTGRES_USER'] ?? 'postgres',
  };
  const base = shellHost(
    channel,
    { ...there.value, environment },
    {
      label: `the container ${name}`,
      place,
      timeoutMs,
      ...diallingThere(within, `the container ${name}`),
    },
  );
  const output = `docker logs ${name}`;
  const host: Host = {
    ...base,
    ...(runs ? {} : withoutProcesses(base)),
    console: output,
    pieces: (wanted, options) =>
      wanted === output ? Promise.resolve(answer(outputOf(name))) : base.pieces(wanted, options),
  };
  return answer({ host, dataDirectory, lost: () => channel.lost(), close: () => channel.close() });
}

/** It ends, and is gone, with its standard input. */
const besideIt = ({ id, image, network }: Container, name: string): ShellProgram => ({
  program: 'docker',
  args: [
    ...['run', '--rm', '-i', '--name', name, '--pull', 'never', '--log-driver', 'none'],
    ...(network === undefined ? [] : ['--network', network]),
    ...['--volumes-from', `${id}:ro`, '-u', '0', '--entrypoint', 'sh', image],
  ],
});

const isWithin = (path: string, mount: string): boolean =>
  path === mount || posix.normalize(path).startsWith(`${mount.replace(/\/$/u, '')}/`);

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
function outputOf(name: string): Pieces {
  const stream = programStream('sh', ['-c', `exec docker logs --tail ${mostLines} ${word(name)} 2>&1`]);
  stream.end();
  return piecesOf(stream, false);
}

const mostLines = 200_000;

/** Names of the containers here, for who mistyped one. */
export async function containerNames(timeoutMs: number): Promise<readonly string[]> {
  const listed = await run('docker', ['ps', '-a', '--format', '{{.Names}}'], { timeoutMs });
  return listed.ok ? listed.value.stdout.split('\n').filter((line) => line !== '') : [];
}
