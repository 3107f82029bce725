import { posix } from 'node:path';

import { inspectAll } from './container-inspect.ts';
import type { Container, Engine } from './container-inspect.ts';
import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import type { ContainerNear, ContainersNear } from './engine-containers.ts';
import { programStream, run } from './local-programs.ts';

/**
 * The containers of an engine, and of those with a PGDATA the control file, which tells what cluster each has. It comes by
 * `docker cp`, which needs no program in the container and works also while it is stopped.
 */
export async function containersNear(
  engine: Engine,
  ownId: string,
  timeoutMs: number,
): Promise<Answer<ContainersNear>> {
  const listed = await inspectAll(engine, timeoutMs);
  const all = listed.filter((one) => one.id === ownId || !isBeside(one, listed));
  const own = all.find(({ id }) => id === ownId);
  if (own === undefined) return noAnswer('no-container', `${engine} does not list the container any more`);
  const near = async (container: Container, until: number): Promise<ContainerNear> => ({
    id: container.id,
    name: container.name,
    state: container.state,
    networks: container.networks,
    ...(container.inNetworkOf === undefined ? {} : { inNetworkOfAnother: true }),
    exposed: container.exposed,
    published: container.published,
    command: container.command,
    environmentPort: container.environment['PGPORT'],
    isOfCompose: container.compose !== undefined,
    ...(container === own ? { controlFile: undefined } : await controlFileOf(engine, container, until)),
    ...(container === own ? {} : await lockFileOf(engine, container, until)),
  });
  // what runs, and what this one talks to, first: an engine with many containers may not get through with them all
  const rank = ({ state, networks }: Container): number =>
    (state === 'running' ? 0 : 1) +
    (networks.some(({ name }) => own.networks.some((ours) => ours.name === name)) ? 0 : 2);
  const waiting = all.filter((one) => one !== own).toSorted((a, b) => rank(a) - rank(b));
  const until = performance.now() + Math.max(timeoutMs, atLeastMs);
  const others: ContainerNear[] = [];
  const copyOneByOne = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) others.push(await near(next, until));
  };
  await Promise.all(Array.from({ length: atOnce }, copyOneByOne));
  return answer({ engine, own: await near(own, until), others });
}

/** What one engine copies at the same time; with all of them at once it is late with each. */
const atOnce = 4;
const atLeastMs = 8_000;

/** It was run for a moment on the volumes of another one (`run --rm --volumes-from`), as this program does. */
const isBeside = ({ id, isTemporary, mounts }: Container, all: readonly Container[]): boolean =>
  isTemporary &&
  all.some(
    (other) =>
      other.id !== id &&
      !other.isTemporary &&
      other.mounts.some(({ source, isBind }) => !isBind && mounts.some((mount) => mount.source === source)),
  );

type ControlFileSeen = Pick<ContainerNear, 'controlFile' | 'isUnread'>;

const unread: ControlFileSeen = { controlFile: undefined, isUnread: true };

/** Where its environment does not say it: the file in which a server that runs has written its port. */
async function lockFileOf(
  engine: Engine,
  { id, environment: { PGDATA, PGPORT }, state }: Container,
  until: number,
): Promise<Pick<ContainerNear, 'lockFile'>> {
  if (PGDATA === undefined || PGPORT !== undefined || state !== 'running' || performance.now() > until) return {};
  const archive = await copied(engine, id, posix.join(PGDATA, 'postmaster.pid'), until);
  const text = archive?.subarray(tarBlock).toString('utf8').replace(/\0+$/u, '') ?? '';
  return text === '' ? {} : { lockFile: text };
}

async function controlFileOf(
  engine: Engine,
  { id, environment: { PGDATA }, exposed, state, ended }: Container,
  until: number,
): Promise<ControlFileSeen> {
  // an image that keeps its data elsewhere names the port all the same
  if (PGDATA === undefined) return exposed.includes(5_432) ? unread : { controlFile: undefined };
  if (until - performance.now() <= 0) return unread;
  const file = posix.join(PGDATA, 'global/pg_control');
  const archive = await copied(engine, id, file, until);
  if (archive === undefined) return unread;
  if (archive.length >= tarBlock + controlFileBytes)
    return { controlFile: archive.subarray(tarBlock, tarBlock + controlFileBytes) };
  // one that was never started has promoted nothing
  if (state !== 'running' && ended === undefined) return { controlFile: undefined };
  const again = await run(engine, ['cp', `${id}:${file}`, '-'], { timeoutMs: Math.max(1, until - performance.now()) });
  return again.ok && isAbsent.test(again.value.stderr) ? { controlFile: undefined } : unread;
}

/** A tar archive of one file: a block that names it, and its content. Undefined where it does not come in time. */
async function copied(engine: Engine, id: string, file: string, until: number): Promise<Buffer | undefined> {
  const stream = programStream(engine, ['cp', `${id}:${file}`, '-']);
  stream.end();
  const late = setTimeout(() => stream.destroy(), until - performance.now());
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of stream) if (chunk instanceof Uint8Array) chunks.push(chunk);
  } catch {
    return undefined;
  } finally {
    clearTimeout(late);
  }
  return Buffer.concat(chunks);
}

/** Docker: `Could not find the file`; Podman: `could not be found on container`, `no such file or directory`. */
const isAbsent = /could not find the file|could not be found|no such file/iu;

const tarBlock = 512;
/** pg_control.h, PG_CONTROL_FILE_SIZE */
const controlFileBytes = 8_192;
