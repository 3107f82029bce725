import { ifSeen } from '../../facts/observed.ts';
import { at, safe, shell } from '../../remedies/remedy.ts';
import { addPassfileLine } from '../../remedies/passfile-line.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const passwordOnTheCommandLine = defineRule({
  id: 'command/password-on-the-command-line',
  title: 'A password stands on the command line',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'now'],
  wants: ['connectionPlan'],
  docs: {
    what: 'Fails when the connection string of `-d` holds a password or another secret.',
    why: 'A command line is no place for secrets: everybody on the machine can read it in the list of processes, and the shell writes it into its history. With `-R` the password also ends in `postgresql.auto.conf`.',
    notes:
      'standbylint takes the password out of the options before it runs pg_basebackup, and hands it over in the environment. The password file must belong to the user and have the mode 0600, or libpq leaves it aside.',
    references: ['PostgreSQL manual, section 34.16, The Password File'],
  },
  judge({ baseBackup, now, connectionPlan }) {
    if (!baseBackup.passwordInConnectionString) return pass('no password stands on the command line');
    const plan = ifSeen(connectionPlan);
    const host = plan?.hosts[0];
    const file = plan?.password.passfile.path;
    const leaveOut = shell(
      'client',
      `standbylint preflight ${[baseBackup.program ?? 'pg_basebackup', ...baseBackup.args].map(shellWord).join(' ')}`,
      'check-again',
    );
    return fail({
      message:
        'The connection string of -d holds a password. Everybody on this machine can read it in the list of processes, and the shell keeps it in its history.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given, secrets masked')],
      remedy:
        plan === undefined || host === undefined || file === undefined || file === ''
          ? safe('Leave the password out of -d, and keep it in the password file.', leaveOut)
          : safe(
              'Keep the password in the password file, and leave it out of -d.',
              addPassfileLine('client', plan.password.passfile, { ...host, user: plan.user }, now),
              shell('client', `chmod 600 ${shellWord(file)}`, 'change-mode', file),
              leaveOut,
            ),
    });
  },
});
