import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const tarFormat = defineRule({
  id: 'command/tar-format',
  title: '-Ft writes archives, not a data directory',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Notes if `-Ft` is given.',
    why: 'The tar format writes `base.tar`, one archive for each tablespace and, with `-X stream`, `pg_wal.tar`. This is useful for a backup. For a standby, each archive must first be unpacked into its directory.',
    references: ['pg_basebackup, --format: https://www.postgresql.org/docs/current/app-pgbasebackup.html'],
  },
  judge({ baseBackup }) {
    if (baseBackup.target !== undefined) return notApplicable(`the backup goes to the target ${baseBackup.target}`);
    if (baseBackup.format === 'plain')
      return pass('the plain format writes a data directory on which a server can start');
    return fail({
      message:
        'With -Ft the base backup consists of archives: base.tar, one for each tablespace, and pg_wal.tar. A standby cannot start until each archive is unpacked into its directory.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
    });
  },
});
