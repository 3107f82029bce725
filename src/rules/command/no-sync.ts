import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const noSync = defineRule({
  id: 'command/no-sync',
  title: 'With -N the base backup may not be on disk at the end',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Notes if `-N` (`--no-sync`) is given.',
    why: 'pg_basebackup then ends before the operating system has written everything to disk. If the machine loses power soon afterwards, the base backup can be damaged without any error message.',
    notes: 'The option is useful only for tests, where it saves time.',
    references: ['pg_basebackup, --no-sync: https://www.postgresql.org/docs/current/app-pgbasebackup.html'],
  },
  judge({ baseBackup }) {
    if (!baseBackup.noSync) return pass('pg_basebackup waits until the base backup is on disk (no -N)');
    return fail({
      message:
        'With -N pg_basebackup ends before all files are on disk: an operating system crash soon afterwards can damage the base backup unnoticed. -N is useful only for tests.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
    });
  },
});
