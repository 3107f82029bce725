import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Place } from '../../facts/machine.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Fault } from '../../findings/judgement.ts';
import type { Step } from '../../findings/report.ts';
import { checkAgainAs } from '../../remedies/command-line.ts';
import { isInContainer } from '../../remedies/in-its-volumes.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import { isForeign } from '../../remedies/foreign-content.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const notWritable = defineRule({
  id: 'target/not-writable',
  title: 'The target directory is not writable',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory', 'operatingSystemUser', 'baseBackup'],
  wants: ['walDirectory'],
  says: [
    'could not create directory "%s": Permission denied',
    'could not access directory "%s": Permission denied',
    'could not create directory "%s": Read-only file system',
  ],
  docs: {
    what: 'Checks whether this user may write in the target directory or, if it does not exist, in its nearest existing parent directory; the same for `--waldir`.',
    why: 'pg_basebackup runs as this user and would stop at the first file.',
    notes:
      'The check uses access(2), so it includes access control lists and read-only mounts, which the mode bits do not show.',
    references: ['access(2)', 'src/port/pgmkdirp.c: pg_mkdir_p()'],
  },
  judge({ targetDirectory: place, operatingSystemUser: user, baseBackup, walDirectory }) {
    const wal = ifSeen(walDirectory);
    if (isForeign(place.state)) return notApplicable(`${place.path} is not touched: it holds other files`);
    const { state, nearest, path } = place;
    if (state.kind === 'not-a-directory' || state.kind === 'dangling-link')
      return pass(`${path} is not a directory, which another rule reports`);
    if (state.kind === 'unreadable')
      return fail({
        message: `${user.name} cannot access ${path}: ${state.message}.`,
        where: at('client', undefined, path),
        evidence: [evidence('opendir', state.message, path)],
        remedy: safe(
          `Run pg_basebackup as the owner of ${path}.`,
          asAnother(path, user.serverUser === user.name ? undefined : user.serverUser, baseBackup),
        ),
      });
    if (nearest.writable && wal !== undefined && isClosed(wal)) return fail(closedWal(wal, user.name));
    if (nearest.writable) return pass(`${user.name} may write in ${nearest.path}`);
    const which = state.kind === 'directory' ? path : `${nearest.path}, where ${path} would be created`;
    if (nearest.readOnlyFileSystem)
      return fail({
        message: `The file system of ${nearest.path} is mounted read-only: ${path} cannot be ${state.kind === 'directory' ? 'written to' : 'created there'}.`,
        where: at('client', undefined, nearest.path),
        evidence: [evidence('mount', `${place.fileSystem?.mountPoint ?? nearest.path} (ro)`, '/proc/self/mountinfo')],
        remedy: safe(
          'Mount it read-write, or choose another directory.',
          manual(
            'client',
            isInContainer(baseBackup)
              ? `Create the container again with the volume of ${place.fileSystem?.mountPoint ?? nearest.path} mounted for writing (without :ro), and otherwise as it is; a restart alone changes nothing. Or give -D another directory.`
              : `As root: mount -o remount,rw ${shellWord(place.fileSystem?.mountPoint ?? nearest.path)}. If it must stay read-only, give -D another directory.`,
          ),
        ),
      });
    return fail({
      message: `pg_basebackup runs as user ${user.name}, who may not write in ${which}.`,
      where: at('client', undefined, nearest.path),
      evidence: [evidence('access(2)', `${user.name} may not write`, nearest.path)],
      remedy:
        state.kind === 'directory' && state.owner.uid === user.uid
          ? safe('Give the owner write permission.', modeSet('client', state.realPath, '0700', state.mode))
          : safe(
              `Create the directory for ${user.name} as root.`,
              asRoot(
                'client',
                `install -d -m 0700 -o ${shellWord(user.name)} ${shellWord(path)}`,
                'make-directory',
                path,
              ),
            ),
    });
  },
});

/** One that is not empty, or no directory, another rule reports. */
const isClosed = ({ state, nearest }: Place): boolean =>
  (state.kind === 'absent' || (state.kind === 'directory' && state.entries.length === 0)) && !nearest.writable;

const closedWal = ({ path, nearest, state }: Place, user: string): Fault => ({
  title: 'The WAL directory (--waldir) is not writable',
  message: `pg_basebackup runs as user ${user}, who may not write in ${state.kind === 'directory' ? path : `${nearest.path}, where ${path} (--waldir) would be created`}.`,
  where: at('client', undefined, nearest.path),
  evidence: [
    evidence('access(2)', nearest.readOnlyFileSystem ? 'mounted read-only' : `${user} may not write`, nearest.path),
  ],
  remedy: nearest.readOnlyFileSystem
    ? safe('Choose another directory.', manual('client', `Give --waldir a directory in which ${user} may write.`))
    : safe(
        `Create the directory for ${user} as root.`,
        asRoot('client', `install -d -m 0700 -o ${shellWord(user)} ${shellWord(path)}`, 'make-directory', path),
      ),
});

const asAnother = (path: string, name: string | undefined, command: BaseBackupCommand): Step =>
  name === undefined
    ? manual('client', `Run this as the owner of ${path}, or give -D a directory in which this user may write.`)
    : checkAgainAs(command, name);
