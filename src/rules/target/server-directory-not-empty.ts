import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { namesIn } from '../../remedies/moving-aside.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const serverDirectoryNotEmpty = defineRule({
  id: 'target/server-directory-not-empty',
  title: 'The directory on the server for the base backup (--target) is not empty',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['serverTarget', 'primary', 'primaryPaths'],
  messages: ['bb-target-dir-not-empty'],
  docs: {
    what: 'With `--target=server:DIRECTORY`, lists this directory on the server: over `--admin`, or on this machine if the server runs here.',
    why: 'The server itself writes the base backup. It needs a directory that is empty, or creates one in a directory that exists; otherwise pg_basebackup fails.',
    notes:
      'A file, a directory that the server cannot access, and one whose parent does not exist either, fail too. Nothing is removed: the fix gives another directory.',
    references: [
      'pg_basebackup, --target: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/backup/basebackup_server.c: bbsink_server_new()',
    ],
  },
  judge({ baseBackup, serverTarget: observed, primary, primaryPaths }) {
    if (observed.status === 'not-applicable') return notApplicable(observed.why);
    if (observed.status === 'unseen') return unexamined(observed.why);
    const { value: target, source } = observed;
    const { path, is, problem, entries, hasParent, free } = target;
    const into = (directory: string) =>
      checkAgain(baseBackup, { without: ['target'], with: ['--target', `server:${directory}`] });
    const where = at('primary', ifSeen(primary)?.name, path);
    if (is === 'absent' && hasParent) return pass(`${path} does not exist on the server, which creates it`);
    if (is === 'absent')
      return fail({
        title: 'The directory on the server for the base backup (--target) cannot be created',
        message: `${path} does not exist on the server, nor does ${posix.dirname(posix.resolve(path))}: the server creates only the last directory of the path.`,
        where,
        evidence: [evidence(path, 'does not exist', source)],
        remedy: safe(
          'Choose a directory whose parent exists.',
          manual(
            'client',
            `Give --target server:DIRECTORY, with a DIRECTORY on the server that is empty, or whose parent exists and belongs to the user of the server.`,
          ),
        ),
      });
    if (is === 'not-accessible')
      return fail({
        title: 'The server cannot use the directory for the base backup (--target)',
        message: `The server writes the base backup itself (--target), and cannot access ${path}.`,
        where,
        evidence: [evidence('the server says', problem ?? '', source)],
        remedy: safe(
          'Choose a directory that the user of the server can write to.',
          manual(
            'client',
            'Give --target server:DIRECTORY, with a DIRECTORY on the server that is empty and belongs to the user of the server.',
          ),
        ),
      });
    if (is === 'not-a-directory')
      return fail({
        title: 'The directory on the server for the base backup (--target) is not a directory',
        message: `${path} on the server is not a directory.`,
        where,
        evidence: [evidence(path, 'not a directory', source)],
        remedy: safe('Choose another directory.', manual('client', `Give --target another directory than ${path}.`)),
      });
    if (entries.length === 0) return pass(`${path} is empty on the server`);
    return fail({
      message: `The server writes the base backup (--target) only into an empty directory, but ${path} on it contains ${namesIn(target)}.`,
      where,
      evidence: [evidence('content', namesIn(target), source)],
      remedy:
        entries.includes('PG_VERSION') || isWithin(path, ifSeen(primaryPaths)?.dataDirectory)
          ? safe(
              'Choose another directory.',
              manual('client', `Give --target another directory than ${path}, which is one of a server.`),
            )
          : safe('Write the base backup into a directory of its own.', into(free)),
    });
  },
});

/** Nothing is added to the files of the server. */
const isWithin = (path: string, dataDirectory: string | undefined): boolean =>
  dataDirectory !== undefined && posix.resolve(path).startsWith(`${dataDirectory}/`);
