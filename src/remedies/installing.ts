import type { BaseBackupCommand } from '../facts/base-backup.ts';
import { isInContainer } from './in-its-volumes.ts';

/** How a package of PostgreSQL is installed on the usual systems, in words. */
export const installing = (
  what: 'client' | 'server',
  major: number,
  command: Pick<BaseBackupCommand, 'place'> = {},
): string => {
  if (isInContainer(command))
    return `Create the container again with an image of PostgreSQL ${major}, and otherwise as it is: the copy is made with the programs of its image, and its server starts only on data of its own release.`;
  const debian = what === 'client' ? `postgresql-client-${major}` : `postgresql-${major}`;
  const fedora = what === 'client' ? `postgresql${major}` : `postgresql${major}-server`;
  return `As root: apt-get install ${debian} (Debian, Ubuntu) or dnf install ${fedora} (RPM packages of postgresql.org); on macOS: brew install postgresql@${major}. For releases that the system does not have, see https://www.postgresql.org/download/.`;
};
