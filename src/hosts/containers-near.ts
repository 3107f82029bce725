import { posix } from 'node:path';

import { inspectAll } from './container-inspect.ts';
import type { Container, Engine } from './container-inspect.ts';
import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import type { ContainerNear, ContainersNear } from './engine-containers.ts';
import { programStream } from './local-programs.ts';

/**
 * The containers of an engine, and of those with a PGDATA the control file, which tells what cluster each has. It comes by
 * `docker cp`, which needs no program in the container and works also while it is stopped.
 */
export async function containersNear(
  engine: Engine,
  ownId: string,
  timeoutMs: number,
): Promise<Answer<ContainersNear>> {
  const all = (await inspectAll(engine, timeoutMs)).filter(({ isTemporary, id }) => !isTemporary || id === ownId);
  const own = all.find(({ id }) => id === ownId);
  if (own === undefined) return noAnswer('no-container', `${engine} does not list the container any more`);
  const near = async (container: Container): Promise<ContainerNear> => ({
    id: container.id,
    name: container.name,
    state: container.state,
    networks: container.networks,
    ...(container.inNetworkOf === undefined ? {} : { inNetworkOfAnother: true }),
    exposed: container.exposed,
    published: container.published,
    isOfCompose: container.compose !== undefined,
    controlFile: container === own ? undefined : await controlFileOf(engine, container, timeoutMs),
  });
  const others = all.filter((one) => one !== own).slice(0, most);
  const [first, ...rest] = await Promise.all([own, ...others].map(near));
  return first === undefined
    ? noAnswer('no-container', 'none was listed')
    : answer({ engine, own: first, others: rest });
}

const most = 32;

async function controlFileOf(
  engine: Engine,
  { id, environment: { PGDATA } }: Container,
  timeoutMs: number,
): Promise<Uint8Array | undefined> {
  if (PGDATA === undefined) return undefined;
  const stream = programStream(engine, ['cp', `${id}:${posix.join(PGDATA, 'global/pg_control')}`, '-']);
  stream.end();
  const late = setTimeout(() => stream.destroy(), timeoutMs);
  const chunks: Uint8Array[] = [];
  try {
    // a tar archive of one file: a block that names it, and its content
    for await (const chunk of stream) if (chunk instanceof Uint8Array) chunks.push(chunk);
  } catch {
    return undefined;
  } finally {
    clearTimeout(late);
  }
  const archive = Buffer.concat(chunks);
  return archive.length < tarBlock + controlFileBytes
    ? undefined
    : archive.subarray(tarBlock, tarBlock + controlFileBytes);
}

const tarBlock = 512;
/** pg_control.h, PG_CONTROL_FILE_SIZE */
const controlFileBytes = 8_192;
