import { posix } from 'node:path';

import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { ExaminedPlace } from '../facts/machine.ts';
import { shellWord } from './quoting.ts';

type Container = Extract<ExaminedPlace, { readonly kind: 'container' }>;

/** The copy is made by a container, with the programs of its image. */
export const isInContainer = ({ place }: Pick<BaseBackupCommand, 'place'>): boolean =>
  /^(?:docker|podman|compose):/u.test(place ?? '');

export const volumeOf = (path: string, { made }: Container): string | undefined =>
  made?.volumes.find(({ directory }) => `${path}/`.startsWith(`${directory}/`))?.directory;

/** What is changed there by a container beside this one is gone with that one. */
export const isLost = (path: string, container: Container): boolean =>
  path.startsWith('/') && container.made !== undefined && volumeOf(path, container) === undefined;

/** Created, and not started: a start is a step of its own. */
export function withVolume(path: string, { name, engine }: Container): string {
  const own = shellWord(name);
  const old = shellWord(`${name}-old`);
  return `${path} is in none of the volumes of container ${name}: while it does not run, nothing can be changed there. Create the container ${name} again with the volume or the directory that has ${path} (-v VOLUME:${posix.dirname(path)}), and otherwise as it is: ${engine} rename ${own} ${old} && ${engine} update --restart no ${old}, then ${engine} create --name ${own} with --volumes-from ${old}, that volume, and the same image, network and options.`;
}
