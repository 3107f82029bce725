import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const noRecoveryConf = defineRule({
  id: 'command/no-recovery-conf',
  title: '-R is missing: the base backup will not start as a standby',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Fails if the option `-R` (`--write-recovery-conf`) is not given.',
    why: 'Only with `-R` does pg_basebackup write `standby.signal` and `primary_conninfo`. Without them, a server started on the base backup becomes a second primary: it accepts writes and diverges from the first one.',
    notes:
      'With `-Ft` the two files are written into `base.tar`. A backup to a server-side target (`-t`) is not a standby yet, and the rule does not apply.',
    references: [
      'pg_basebackup, --write-recovery-conf: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'Log-Shipping Standby Servers: https://www.postgresql.org/docs/current/warm-standby.html',
    ],
  },
  judge({ baseBackup }) {
    if (baseBackup.target !== undefined)
      return notApplicable(`the backup goes to the target ${baseBackup.target}, which is not a standby`);
    if (baseBackup.writesRecoveryConf)
      return pass(
        baseBackup.format === 'tar'
          ? '-R is given: base.tar will contain standby.signal and primary_conninfo'
          : '-R is given: standby.signal and primary_conninfo will be written',
      );
    return fail({
      message:
        'Without -R the base backup contains neither standby.signal nor primary_conninfo. A server started on it becomes a second primary, which accepts writes.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
      remedy: safe('Add -R to the options.', checkAgain(baseBackup, { with: ['-R'] })),
    });
  },
});
