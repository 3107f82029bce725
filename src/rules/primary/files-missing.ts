import type { ConnectionAttempt, ServerError } from '../../facts/connection.ts';
import type { Step } from '../../facts/report.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { judgeStage, placeOf, triesOf } from '../network/reach.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const filesMissing = defineRule({
  id: 'primary/files-missing',
  title: 'The primary has lost files of its data directory',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin'],
  explains: [...notStreaming, 'network/login-not-possible'],
  docs: {
    what: 'Fails when the server refuses a login because it cannot read its own data directory: a file is missing (58P01), cannot be read (58030), or is damaged (XX001, XX002).',
    why: 'Every new session reads the catalogs. A server whose files were deleted, as by an `rm -rf` typed on the wrong machine, keeps running on what it has in memory and lets nobody in. A base backup of it would be worthless.',
    notes:
      'A restart ends such a server for good: it does not start again without its files. It also stops by itself within a minute when postmaster.pid is gone. A standby of it still has all data up to the last WAL that it received.',
    references: [
      'src/backend/utils/cache/relmapper.c: load_relmap_file()',
      'src/backend/utils/init/postinit.c: InitPostgres()',
      'src/backend/utils/init/miscinit.c: RecheckDataDirLockFile()',
    ],
  },
  judge({ replicationLogin }) {
    return judgeStage(replicationLogin, 'login', (attempt, outcome) => {
      if (outcome.kind !== 'server-refused') return undefined;
      const { error, refusal } = outcome;
      if (refusal !== 'server-files-missing')
        return pass(
          `the server at ${placeOf(attempt)} did not complain about its files: it answered "${error.message}"`,
        );
      return fail({
        title: `The server at ${placeOf(attempt)} cannot read its own data directory`,
        message: `It refuses the login: ${whatItSaid(error)} The running server has lost files, or they are damaged: what it writes from now on may be lost, and a base backup of it cannot be trusted.`,
        where: at('primary', attempt.host),
        evidence: [
          evidence('the server says', error.message, 'the replication login'),
          ...(error.detail === undefined ? [] : [evidence('detail', error.detail, 'the replication login')]),
          evidence('SQLSTATE', error.sqlstate, 'the replication login'),
          ...triesOf(replicationLogin),
        ],
        remedy: safe(
          'Stop writing to this server, and do not restart it: it would not start again. Restore it from a backup, or promote a standby that is still good. Take no base backup from it.',
          ...steps(attempt),
        ),
      });
    });
  },
});

const whatItSaid = ({ message, detail }: ServerError): string =>
  `"${message}".${detail === undefined ? '' : ` ${detail}`}`;

/** A look, which changes nothing; what to do then is for a person to decide. */
const steps = ({ port }: ConnectionAttempt): readonly Step[] => [
  manual(
    'primary',
    `Stop the applications that write to this server. Then look at what is left, on the machine where it runs: as root, \`ss -ltnp 'sport = :${port}'\` shows the process that listens on port ${port}, and \`ls -la /proc/PID/cwd/\` with its number for PID lists its data directory.`,
  ),
  manual(
    'primary',
    'If a standby of this server still has its data, keep it running and promote it. Otherwise restore the primary from its latest backup and WAL archive.',
  ),
];
