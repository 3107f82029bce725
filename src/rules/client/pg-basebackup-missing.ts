import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { installing } from '../../remedies/installing.ts';

export const pgBasebackupMissing = defineRule({
  id: 'client/pg-basebackup-missing',
  title: 'pg_basebackup is not installed on this machine',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['clientTools', 'baseBackup'],
  wants: ['primary'],
  explains: ['client/server-binaries-missing'],
  docs: {
    what: 'Looks for pg_basebackup on PATH and in the usual directories of packages: /usr/lib/postgresql/N/bin, /usr/pgsql-N/bin, /usr/local/pgsql/bin, Homebrew, Postgres.app.',
    why: 'pg_basebackup takes the base backup.',
    notes:
      "Debian's /usr/bin/pg_basebackup is a wrapper that runs the program of one of the installed releases; standbylint follows it. If several releases are installed, standbylint uses one that works with this primary.",
    references: ['pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html', 'pg_wrapper(1)'],
  },
  judge({ clientTools, baseBackup, primary }) {
    const { chosen, basebackups } = clientTools;
    if (chosen !== undefined) return pass(`${chosen.path} is pg_basebackup ${chosen.version}`);
    const { program } = baseBackup;
    const release = ifSeen(primary)?.major;
    const other = basebackups.find(({ major }) => release === undefined || major >= release);
    if (program !== undefined)
      return fail({
        title: `${program} does not exist or is not executable`,
        message: `The command line uses ${program}, but this is not an executable pg_basebackup.`,
        where: at('client', undefined, program),
        evidence: [evidence('program', program, 'the command line')],
        remedy:
          other === undefined
            ? safe('Install pg_basebackup.', manual('client', installing('client', release ?? 18, baseBackup)))
            : safe(`Use ${other.path} (PostgreSQL ${other.version}).`, checkAgain(baseBackup, { program: other.path })),
      });
    return fail({
      message:
        'pg_basebackup is neither on PATH nor in the usual directories of PostgreSQL packages, so no base backup can be taken.',
      where: at('client'),
      evidence: [evidence('looked for', 'pg_basebackup on PATH and in the usual directories', 'this machine')],
      remedy: safe(
        "Install the client programs of the primary's release.",
        manual('client', installing('client', release ?? 18, baseBackup)),
      ),
    });
  },
});
