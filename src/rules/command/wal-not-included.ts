import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const walNotIncluded = defineRule({
  id: 'command/wal-not-included',
  title: '-X none leaves out the WAL without which the copy cannot start',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  says: [
    'WAL archiving is not enabled; you must ensure that all required WAL segments are copied through other means',
    'could not locate required checkpoint record',
  ],
  docs: {
    what: 'Fails when `-X none` is given.',
    why: 'A base backup is a picture that was taken while the server went on working. It becomes consistent only by replaying the WAL that was written in the meantime, and `-X none` leaves that out: the server cannot even read the checkpoint that it has to begin with.',
    notes: '`-X stream` is the default: leaving `-X` out is enough.',
    references: ['PostgreSQL manual, pg_basebackup, `--wal-method`'],
  },
  judge({ baseBackup }) {
    if (baseBackup.walMethod !== 'none') return pass(`the WAL comes with the copy (-X ${baseBackup.walMethod})`);
    const instead = baseBackup.target === undefined ? 'stream' : 'fetch';
    return fail({
      message:
        'With -X none the copy comes without the WAL that was written while it was made. It is consistent only after replaying that, so the standby cannot start on it.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
      remedy: safe(
        `Write -X ${instead} in the place of -X none.`,
        checkAgain(baseBackup, { without: ['wal-method'], with: ['-X', instead] }),
      ),
    });
  },
});
