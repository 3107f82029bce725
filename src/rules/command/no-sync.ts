import { at } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const noSync = defineRule({
  id: 'command/no-sync',
  title: '-N does not wait until the copy is safely on disk',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Remarks that `-N` (`--no-sync`) was given.',
    why: 'pg_basebackup then ends before the operating system has written everything. If the machine loses power soon afterwards, the copy can be damaged, and nobody is told.',
    notes: 'It is meant for tests, where it saves time.',
    references: ['PostgreSQL manual, pg_basebackup, `--no-sync`'],
  },
  judge({ baseBackup }) {
    if (!baseBackup.noSync) return pass('pg_basebackup waits until the copy is on disk (no -N)');
    return fail({
      message:
        'With -N pg_basebackup ends before the copy is safely on disk: a crash of this machine soon afterwards can damage it unnoticed. Leave -N out unless this is a test.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
    });
  },
});
