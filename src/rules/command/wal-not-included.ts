import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const walNotIncluded = defineRule({
  id: 'command/wal-not-included',
  title: '-X none omits WAL that the base backup needs to start',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  messages: ['archiving-not-enabled-notice', 'could-not-locate-required-checkpoint'],
  docs: {
    what: 'Fails if `-X none` is given; with `-R` it warns.',
    why: 'The server keeps writing during a base backup, so the copied files become consistent only by replaying the WAL of that time. `-X none` omits this WAL: without another source of WAL, the server cannot even read the checkpoint record from which recovery starts. With `-R` the standby asks the primary for it, which may have removed it by then.',
    notes: '`-X stream` is the default, so it is enough to remove `-X`.',
    references: ['pg_basebackup, --wal-method: https://www.postgresql.org/docs/current/app-pgbasebackup.html'],
  },
  judge({ baseBackup }) {
    if (baseBackup.walMethod !== 'none') return pass(`the base backup includes its WAL (-X ${baseBackup.walMethod})`);
    const instead = baseBackup.target === undefined ? 'stream' : 'fetch';
    const asks = baseBackup.writesRecoveryConf;
    return fail({
      severity: asks ? 'warning' : 'error',
      message: `With -X none the base backup lacks the WAL written while it runs, and it is consistent only after replaying that WAL. ${
        asks
          ? 'The standby gets it from the primary only if the primary still has it when the standby starts.'
          : 'A server cannot start on it without another source of WAL.'
      }`,
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
      remedy: safe(
        `Use -X ${instead} instead of -X none.`,
        checkAgain(baseBackup, { without: ['wal-method'], with: ['-X', instead] }),
      ),
    });
  },
});
