import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const noRecoveryConf = defineRule({
  id: 'command/no-recovery-conf',
  title: '-R is missing: the copy would not know that it is a standby',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Fails when `-R` (`--write-recovery-conf`) is not among the options.',
    why: 'Only with `-R` does pg_basebackup write `standby.signal` and `primary_conninfo`. A server that is started on a copy without them comes up as a second primary: it accepts writes, and its history parts from that of the first.',
    notes:
      'With `-Ft` the two files are written into `base.tar`. A copy to a server-side target (`-t`) is no standby yet, and the rule does not apply.',
    references: [
      'PostgreSQL manual, pg_basebackup, `--write-recovery-conf`',
      'PostgreSQL manual, section 26.2, Log-Shipping Standby Servers',
    ],
  },
  judge({ baseBackup }) {
    if (baseBackup.target !== undefined)
      return notApplicable(`the backup goes to the target ${baseBackup.target}, where no standby is set up`);
    if (baseBackup.writesRecoveryConf)
      return pass(
        baseBackup.format === 'tar'
          ? '-R is given: standby.signal and primary_conninfo will stand in base.tar'
          : '-R is given: standby.signal and primary_conninfo will be written',
      );
    return fail({
      message:
        'Without -R the copy holds neither standby.signal nor primary_conninfo. A server that is started on it becomes a second primary, which accepts writes of its own.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
      remedy: safe('Add -R to the options.', checkAgain(baseBackup, { with: ['-R'] })),
    });
  },
});
