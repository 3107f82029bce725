import { ifSeen } from '../../facts/observed.ts';
import { safe, shell } from '../../remedies/remedy.ts';
import { addPassfileLine } from '../../remedies/passfile-line.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const passwordOnTheCommandLine = defineRule({
  id: 'command/password-on-the-command-line',
  title: 'Password on the command line',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'now'],
  wants: ['connectionPlan'],
  docs: {
    what: 'Fails if the connection string of `-d` contains a password or another secret.',
    why: 'Command lines are not secret: all users of the machine can read them in the process list, and the shell writes them to its history. With `-R` the password is also written to `postgresql.auto.conf`.',
    notes:
      'standbylint removes the password from the options before it runs pg_basebackup, and passes it in the environment. The password file must belong to the user and have mode 0600; otherwise libpq ignores it.',
    references: ['The Password File: https://www.postgresql.org/docs/current/libpq-pgpass.html'],
  },
  judge({ baseBackup, now, connectionPlan }) {
    if (!baseBackup.passwordInConnectionString) return pass('the command line contains no password');
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
        'The connection string of -d contains a password. All users of this machine can read it in the process list, and the shell writes it to its history.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given, secrets masked')],
      remedy:
        plan === undefined || host === undefined || file === undefined || file === ''
          ? safe('Remove the password from -d, and put it in the password file.', leaveOut)
          : safe(
              'Put the password in the password file, and remove it from -d.',
              addPassfileLine('client', plan.password.passfile, { ...host, user: plan.user }, now),
              shell('client', `chmod 600 ${shellWord(file)}`, 'change-mode', file),
              leaveOut,
            ),
    });
  },
});
