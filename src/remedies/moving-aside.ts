import type { Place, PlaceState } from '../facts/machine.ts';
import type { Remedy, Step } from '../findings/report.ts';
import { shellWord } from './quoting.ts';
import { destructive, safe, shell } from './remedy.ts';

type Directory = Extract<PlaceState, { kind: 'directory' }>;

/**
 * Gets what lies there out of the way and deletes nothing: the directory is renamed, and pg_basebackup makes a new one.
 * A mount point, or a directory whose parent this user may not write in, cannot be renamed: then the copy goes into a new
 * directory below it. `toSubdirectory` is the step that names that one.
 */
export function moveAside(place: Place, directory: Directory, toSubdirectory: Step): Remedy {
  if (!directory.movable) {
    const why = directory.isMountPoint ? 'it is a mount point' : 'this user may not write in the parent directory';
    return safe(
      `Copy into the new subdirectory ${place.subdirectory}: ${place.path} itself cannot be renamed, because ${why}.`,
      toSubdirectory,
    );
  }
  return destructive('Move the directory aside under a new name.', ...movingAside(place, directory));
}

/** pg_basebackup does not follow a link to nowhere: where the place is a link, what it leads to is made again. */
export const movingAside = (place: Place, { realPath }: Directory): readonly Step[] => [
  shell('client', `mv ${shellWord(realPath)} ${shellWord(place.aside)}`, 'move-aside', realPath, place.aside),
  ...(realPath === place.path
    ? []
    : [shell('client', `mkdir -m 0700 ${shellWord(realPath)}`, 'make-directory', realPath)]),
];

/** The first of the names that lie in a directory, and how many more there are. */
export function namesIn({ entries, more }: Pick<Directory, 'entries' | 'more'>): string {
  const shown = entries.toSorted().slice(0, 6);
  const others = entries.length - shown.length;
  const list = shown.map((name) => JSON.stringify(name).slice(1, -1)).join(', ');
  if (more) return `${list} and more than ${others} others`;
  return others === 0 ? list : `${list} and ${others} ${others === 1 ? 'other' : 'others'}`;
}
