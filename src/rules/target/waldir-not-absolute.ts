import { manual, safe } from '../../remedies/remedy.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const waldirNotAbsolute = defineRule({
  id: 'target/waldir-not-absolute',
  title: '--waldir is not an absolute path',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['walDirectory'],
  explains: ['target/waldir-not-empty'],
  messages: ['pgbb-waldir-absolute'],
  docs: {
    what: 'Fails if the path given with `--waldir` does not begin with a slash.',
    why: 'pg_basebackup refuses it: the path becomes a symbolic link in the data directory, where a relative path would point to another place.',
    references: [
      'pg_basebackup, --waldir: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/bin/pg_basebackup/pg_basebackup.c: main()',
    ],
  },
  judge({ baseBackup, walDirectory }) {
    const given = baseBackup.walDirectory;
    if (given === undefined) return notApplicable('no --waldir is given');
    if (given.startsWith('/')) return pass(`--waldir ${given} is an absolute path`);
    const absolute = ifSeen(walDirectory)?.path;
    return fail({
      message: `--waldir ${given} is a relative path, which pg_basebackup refuses.`,
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
      remedy: safe(
        'Give the absolute path.',
        absolute === undefined
          ? manual('client', 'Give --waldir an absolute path.')
          : checkAgain(baseBackup, { without: ['waldir'], with: ['--waldir', absolute] }),
      ),
    });
  },
});
