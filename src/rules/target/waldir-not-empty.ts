import { checkAgain } from '../../remedies/command-line.ts';
import { at, destructive, manual } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { moveAside, namesIn } from './moving-aside.ts';

export const waldirNotEmpty = defineRule({
  id: 'target/waldir-not-empty',
  title: 'The directory for WAL is not empty',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['walDirectory', 'baseBackup'],
  docs: {
    what: 'Looks into the directory that `--waldir` names, hidden files included.',
    why: 'pg_basebackup demands of it what it demands of the data directory: that it does not exist, or is empty.',
    references: [
      'PostgreSQL manual, pg_basebackup, `--waldir`',
      'bin/pg_basebackup/pg_basebackup.c, verify_dir_is_empty_or_create()',
    ],
  },
  judge({ walDirectory: place, baseBackup }) {
    const { state, path } = place;
    if (state.kind === 'absent') return pass(`${path} does not exist: pg_basebackup will make it`);
    if (state.kind === 'directory' && state.entries.length === 0) return pass(`${path} is empty`);
    if (state.kind === 'directory')
      return fail({
        message: `pg_basebackup writes WAL only into an empty directory. In ${path} lies ${namesIn(state)}.`,
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
      title: 'The directory for WAL is none',
      message: `${path} ${what}, and --waldir needs a directory that is empty or does not exist.`,
      where: at('client', undefined, path),
      evidence: [evidence('kind', state.kind === 'not-a-directory' ? state.is : state.kind, path)],
      remedy: destructive('Choose another directory.', manual('client', `Give --waldir another path than ${path}.`)),
    });
  },
});

const whatItIs = {
  'not-a-directory': 'is no directory',
  'dangling-link': 'is a link that leads nowhere',
  unreadable: 'cannot be looked at by this user',
} as const;
