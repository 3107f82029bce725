import { posix } from 'node:path';

import { inspectAll } from './container-inspect.ts';
import type { Container, Engine } from './container-inspect.ts';
import type { Host } from './host.ts';

/** A container, and where a directory of this machine is in it. */
export interface ContainerDirectory {
  readonly engine: Engine;
  readonly name: string;
  readonly path: string;
}

/**
 * The container that has a directory of this machine as its own, by a volume or a bind mount: its log, its names and its
 * programs are there. Undefined where the engine does not tell, or several containers could be meant. Asks the engine
 * only where something points to it: the place of its volumes, or an owner who is no server's user here.
 */
export async function containerOfDirectory(
  host: Host,
  directory: string,
  timeoutMs: number,
): Promise<ContainerDirectory | undefined> {
  const real = await host.realPath(directory);
  const path = real.ok ? real.value : posix.resolve(host.workingDirectory, directory);
  const engine = await engineFor(host, path);
  if (engine === undefined) return undefined;
  const containers = await inspectAll(engine, timeoutMs);
  const found = containers.flatMap((container) => {
    const inIt = pathIn(container, path);
    return inIt === undefined || container.isTemporary ? [] : [{ container, path: inIt }];
  });
  // a container that makes backups has the volume as well
  const own = found.filter(({ container, path: inIt }) => container.environment['PGDATA'] === inIt);
  const [first, ...others] = own.length > 0 ? own : found;
  if (first === undefined || others.length > 0) return undefined;
  return { engine, name: first.container.name, path: first.path };
}

async function engineFor(host: Host, path: string): Promise<Engine | undefined> {
  if (/\/containers\/storage\/volumes\/[^/]+\/_data(?:\/|$)/u.test(path)) return 'podman';
  if (/\/volumes\/[^/]+\/_data(?:\/|$)/u.test(path)) return 'docker';
  const status = await host.status(path, { followLinks: true });
  if (!status.ok || status.value.uid === host.account.uid) return undefined;
  if (
    host.environment['DOCKER_HOST'] === undefined &&
    !(await host.status('/var/run/docker.sock', { followLinks: true })).ok
  )
    return undefined;
  const owner = await host.userName(status.value.uid);
  return owner.ok && owner.value === 'postgres' ? undefined : 'docker';
}

/** Of the mounts that hold a path, the innermost. */
function pathIn({ mounts }: Container, path: string): string | undefined {
  const [mount] = mounts
    .filter(({ source }) => source !== '' && (path === source || path.startsWith(`${source.replace(/\/$/u, '')}/`)))
    .toSorted((a, b) => b.source.length - a.source.length);
  return mount === undefined ? undefined : posix.join(mount.destination, posix.relative(mount.source, path));
}
