import { ifSeen, seen, unseen } from '../facts/observed.ts';
import type { AdminServer } from '../facts/identity.ts';
import type { Observed } from '../facts/observed.ts';
import type { PrimaryFiles } from '../facts/primary-files.ts';
import { isLeftOut } from '../postgres/base-backup-files.ts';
import { defineCheck } from './check.ts';
import { finishedLook, whyOf } from './primary/look-by-sql.ts';
import type { LookBySql } from './primary/look-by-sql.ts';
import { noCopyIsMade } from './subject.ts';
import { walked } from './walked-directory.ts';

/**
 * Goes through what a base backup will read: the files themselves where the primary's data directory is on this machine
 * and may be listed, else as the server sees them over --admin.
 */
export const primaryFilesCheck = defineCheck({
  brings: ['primaryFiles'],
  after: ['primary', 'primaryDataDirectory', 'adminServer', 'overAdmin'],
  goesBy: async ({ primary, primaryDataDirectory, adminServer, overAdmin }, { subject }) =>
    subject.command === 'postmortem' ? undefined : [primary, primaryDataDirectory, adminServer, overAdmin],
  async look({ primary, primaryDataDirectory, adminServer, overAdmin }, surroundings) {
    if (surroundings.subject.command === 'postmortem') return { primaryFiles: noCopyIsMade };
    if (primary.status !== 'seen') return { primaryFiles: primary };
    const here = ifSeen(primaryDataDirectory);
    const files = here && (await walked(surroundings.host, here.path));
    if (here !== undefined && files !== undefined) return { primaryFiles: seen(files, here.path) };
    return { primaryFiles: shownBy(finishedLook(overAdmin), ifSeen(adminServer)) };
  },
});

function shownBy(bySql: LookBySql, server: AdminServer | undefined): Observed<PrimaryFiles> {
  if (!bySql.seen) return { status: 'unseen', why: bySql.why };
  if (server?.identity.is !== 'the-upstream')
    return unseen('connection', server?.because ?? '--admin was not compared with the replication connection');
  const { walk, settings } = bySql.catalogue;
  if (walk === undefined) return unseen('unreadable', 'the data directory of the primary has moved meanwhile');
  if (!walk.seen) return { status: 'unseen', why: whyOf(walk) };
  const { examined, complete, unreadable, names } = walk.value;
  return seen(
    {
      dataDirectory: settings.get('data_directory')?.value ?? '',
      serverUser: undefined,
      examined,
      complete,
      unreadable: unreadable.map(({ path, directory, because }) => ({
        path,
        kind: directory ? 'directory' : 'file',
        owner: undefined,
        because,
      })),
      links: undefined,
      names: names.filter((path) => !isLeftOut(path)),
    },
    'pg_ls_dir() and pg_read_binary_file()',
  );
}
