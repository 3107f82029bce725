import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { destructive, manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { moveAside, namesIn } from '../../remedies/moving-aside.ts';

export const waldirNotEmpty = defineRule({
  id: 'target/waldir-not-empty',
  title: 'The WAL directory (--waldir) is not empty',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['walDirectory', 'baseBackup'],
  wants: ['targetDirectory'],
  docs: {
    what: 'Lists the directory given with `--waldir`, including hidden files, and looks whether the copy itself puts files there: in the data directory, its `pg_wal`, `base` and the like.',
    why: 'As with the data directory, pg_basebackup requires that it is empty or does not exist.',
    references: [
      'pg_basebackup, --waldir: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/bin/pg_basebackup/pg_basebackup.c: verify_dir_is_empty_or_create()',
    ],
  },
  judge({ walDirectory: place, baseBackup, targetDirectory }) {
    const { state, path } = place;
    const target = ifSeen(targetDirectory)?.path;
    if (target !== undefined && isFilledByCopy(posix.relative(target, path)))
      return fail({
        title: 'The WAL directory (--waldir) is a place that the copy itself fills',
        message: `--waldir ${path} is in the data directory ${target}, where pg_basebackup puts the link pg_wal and the copied files. The copy fails, or its WAL ends up among its data.`,
        where: at('client', undefined, path),
        evidence: [evidence('command line', baseBackup.printable, 'the options given')],
        remedy: safe(
          'Leave --waldir out: without it, pg_wal is a directory in the data directory.',
          checkAgain(baseBackup, { without: ['waldir'] }),
        ),
      });
    if (state.kind === 'absent') return pass(`${path} does not exist: pg_basebackup will create it`);
    if (state.kind === 'directory' && state.entries.length === 0) return pass(`${path} is empty`);
    if (state.kind === 'directory')
      return fail({
        message: `pg_basebackup writes WAL only into an empty directory, but ${path} contains ${namesIn(state)}.`,
        where: at('client', undefined, path),
        evidence: [evidence('content', namesIn(state), path)],
        remedy: moveAside(
          place,
          state,
          checkAgain(baseBackup, { without: ['waldir'], with: ['--waldir', place.subdirectory] }),
        ),
      });
    const what = whatItIs[state.kind];
    return fail({
      title: 'The WAL directory (--waldir) is not a directory',
      message: `${path} ${what}, but --waldir needs a directory that is empty or does not exist.`,
      where: at('client', undefined, path),
      evidence: [evidence('kind', state.kind === 'not-a-directory' ? state.is : state.kind, path)],
      remedy: destructive('Choose another directory.', manual('client', `Give --waldir another path than ${path}.`)),
    });
  },
});

/** The data directory itself, or one of the directories that a base backup has; another one beside them is empty still. */
const isFilledByCopy = (within: string): boolean =>
  within === '' || /^(?:pg_[a-z_]+|base|global)(?:\/|$)/u.test(within);

const whatItIs = {
  'not-a-directory': 'is not a directory',
  'dangling-link': 'is a broken symbolic link',
  unreadable: 'cannot be read by this user',
} as const;
