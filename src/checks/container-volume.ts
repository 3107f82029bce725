import { posix } from 'node:path';

import type { Host } from '../hosts/host.ts';
import type { ContainerEnded, ContainerMade } from '../hosts/engine-containers.ts';
import { textFile } from './text-file.ts';

/** The container that a directory of this machine is a volume of, by Docker's names. */
export interface ContainerSeen {
  readonly name?: string;
  readonly volume?: string;
  readonly engine?: 'docker' | 'podman';
  readonly pgdata?: string;
  readonly made?: ContainerMade;
  readonly ended?: ContainerEnded;
  readonly sharedWith?: readonly string[];
  readonly others?: readonly { readonly path: string; readonly hasStandbySignal: boolean }[];
}

/** The container that is looked at. */
export async function containerOfPlace(host: Host, dataDirectory: string): Promise<ContainerSeen | undefined> {
  const { place } = host;
  if (place?.kind !== 'container') return undefined;
  const { name, engine, made, ended, pgdata, servesToo = [] } = place;
  const others = made === undefined ? [] : await dataDirectoriesIn(host, made, dataDirectory);
  return {
    ...{ name, engine, others },
    ...(pgdata === undefined ? {} : { pgdata }),
    ...(made === undefined ? {} : { made }),
    ...(ended === undefined ? {} : { ended }),
    ...(servesToo.length === 0 ? {} : { sharedWith: servesToo }),
  };
}

/** In its volumes, and two levels below: a volume is mounted one too high or too low. */
async function dataDirectoriesIn(host: Host, { volumes }: ContainerMade, own: string) {
  const depths = ['', '/*', '/*/*'];
  const patterns = volumes.flatMap(({ directory }) => depths.map((depth) => `${directory}${depth}/global/pg_control`));
  const found = await host.glob(patterns);
  const paths = found.ok ? [...new Set(found.value.map((file) => posix.dirname(posix.dirname(file))))] : [];
  return Promise.all(
    paths
      .filter((path) => path !== own)
      .map(async (path) => ({
        path,
        hasStandbySignal: (await host.status(posix.join(path, 'standby.signal'))).ok,
      })),
  );
}

/**
 * Whose volume a directory is in, where it is in one and read from outside of the container: the programs of this machine
 * are not those that its server runs with. Docker's own files tell the container's name, where they can be read.
 */
export async function containerOfVolume(host: Host, path: string): Promise<ContainerSeen | undefined> {
  const [, root, volume] = volumePath.exec(path) ?? [];
  if (root === undefined || volume === undefined) return undefined;
  const name = await containerUsing(host, root, volume);
  return { volume, ...(name === undefined ? {} : { name }) };
}

/** `…/volumes/NAME/_data` (Docker: volume/local/local.go; Podman's storage has the same form). */
const volumePath = /^(\/.+)\/volumes\/([^/]+)\/_data(?:\/|$)/u;

/** config.v2.json of a container (moby: container/container.go). */
async function containerUsing(host: Host, root: string, volume: string): Promise<string | undefined> {
  const source = posix.join(root, 'volumes', volume, '_data');
  const files = await host.glob([`${root}/containers/*/config.v2.json`]);
  for (const file of files.ok ? files.value : []) {
    const text = await textFile(host, file, 1024 * 1024);
    const name = text.ok ? nameWithMount(text.value, source, volume) : undefined;
    if (name !== undefined) return name;
  }
  return undefined;
}

function nameWithMount(text: string, source: string, volume: string): string | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(read) || typeof read['Name'] !== 'string' || !isRecord(read['MountPoints'])) return undefined;
  const mounts = Object.values(read['MountPoints']).filter(isRecord);
  const uses = mounts.some(
    (mount) => mount['Source'] === source || (mount['Type'] === 'volume' && mount['Name'] === volume),
  );
  return uses ? read['Name'].replace(/^\//u, '') : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
