import { at } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const tarFormat = defineRule({
  id: 'command/tar-format',
  title: '-Ft makes archives, not a directory that a server can start on',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Remarks that `-Ft` was given.',
    why: 'The tar format leaves `base.tar`, one archive for each tablespace and, with `-X stream`, `pg_wal.tar`. They are a backup to keep. For a standby each must be unpacked into its place first.',
    references: ['PostgreSQL manual, pg_basebackup, `--format`'],
  },
  judge({ baseBackup }) {
    if (baseBackup.target !== undefined) return notApplicable(`the backup goes to the target ${baseBackup.target}`);
    if (baseBackup.format === 'plain') return pass('the plain format makes a directory that a server can start on');
    return fail({
      message:
        'With -Ft the copy consists of archives: base.tar, one for each tablespace, and pg_wal.tar. For a standby, leave -Ft out, or unpack each archive into its place afterwards.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
    });
  },
});
