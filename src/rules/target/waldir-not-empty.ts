import { checkAgain } from '../../remedies/command-line.ts';
import { destructive, manual } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { moveAside, namesIn } from '../../remedies/moving-aside.ts';

export const waldirNotEmpty = defineRule({
  id: 'target/waldir-not-empty',
  title: 'The WAL directory (--waldir) is not empty',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['walDirectory', 'baseBackup'],
  docs: {
    what: 'Lists the directory given with `--waldir`, including hidden files.',
    why: 'As with the data directory, pg_basebackup requires that it is empty or does not exist.',
    references: [
      'pg_basebackup, --waldir: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/bin/pg_basebackup/pg_basebackup.c: verify_dir_is_empty_or_create()',
    ],
  },
  judge({ walDirectory: place, baseBackup }) {
    const { state, path } = place;
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

const whatItIs = {
  'not-a-directory': 'is not a directory',
  'dangling-link': 'is a broken symbolic link',
  unreadable: 'cannot be read by this user',
} as const;
