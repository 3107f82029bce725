import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { installing } from './installing.ts';

export const pgBasebackupMissing = defineRule({
  id: 'client/pg-basebackup-missing',
  title: 'pg_basebackup is not installed here',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['clientTools', 'baseBackup'],
  wants: ['primary'],
  explains: ['client/server-binaries-missing'],
  docs: {
    what: 'Looks for pg_basebackup on PATH and where packages put it: /usr/lib/postgresql/N/bin, /usr/pgsql-N/bin, /usr/local/pgsql/bin, Homebrew, Postgres.app.',
    why: 'pg_basebackup makes the copy.',
    notes:
      "Debian's /usr/bin/pg_basebackup is a wrapper, which runs the program of one of the installed releases; it is followed. Where several releases are installed, the one that serves this primary is used.",
    references: ['PostgreSQL manual, pg_basebackup', 'pg_wrapper(1)'],
  },
  judge({ clientTools, baseBackup, primary }) {
    const { chosen, basebackups } = clientTools;
    if (chosen !== undefined) return pass(`${chosen.path} is pg_basebackup ${chosen.version}`);
    const { program } = baseBackup;
    const release = ifSeen(primary)?.major;
    const other = basebackups.find(({ major }) => release === undefined || major >= release);
    if (program !== undefined)
      return fail({
        title: `${program} cannot be run`,
        message: `The command line names ${program}, and no pg_basebackup that can be run is there.`,
        where: at('client', undefined, program),
        evidence: [evidence('program', program, 'the command line')],
        remedy:
          other === undefined
            ? safe('Install one.', manual('client', installing('client', release ?? 18)))
            : safe(`Use ${other.path} (PostgreSQL ${other.version}).`, checkAgain(baseBackup, { program: other.path })),
      });
    return fail({
      message: 'pg_basebackup is neither on PATH nor where packages of PostgreSQL put it, and it makes the copy.',
      where: at('client'),
      evidence: [evidence('looked for', 'pg_basebackup on PATH and in the usual places', 'this host')],
      remedy: safe(
        "Install the client programs of the primary's release.",
        manual('client', installing('client', release ?? 18)),
      ),
    });
  },
});
