import type { AdminRefusal, ConnectionAttempt, ReplicationLogin, ServerError } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Evidence, Step } from '../../findings/report.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { at, defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const filesMissing = defineRule({
  id: 'primary/files-missing',
  title: 'The primary has lost files of its data directory',
  severity: 'error',
  endangersData: true,
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin'],
  wants: ['adminRefusal'],
  explains: [...notStreaming, 'network/login-not-possible'],
  docs: {
    what: 'Fails if the server refuses the replication login or the --admin login because it cannot read its own data directory: a file is missing (58P01), cannot be read (58030), or is damaged (XX001, XX002).',
    why: 'Every new session reads the catalogs. A server whose files were deleted, for example by `rm -rf` on the wrong machine, keeps running with what it has in memory but accepts no new sessions. A base backup of it is worthless.',
    notes:
      'Do not restart such a server: it cannot start without its files. It also stops by itself within a minute if postmaster.pid is missing. A standby of it still has all data up to the last WAL that it received.',
    references: [
      'src/backend/utils/cache/relmapper.c: load_relmap_file()',
      'src/backend/utils/init/postinit.c: InitPostgres()',
      'src/backend/utils/init/miscinit.c: RecheckDataDirLockFile()',
    ],
  },
  judge({ replicationLogin, adminRefusal }) {
    const admin = ifSeen(adminRefusal);
    if (admin?.refusal === 'server-files-missing' && isSameServer(admin, replicationLogin))
      return lost(admin.attempt, admin.error, '--admin', []);
    return judgeStage(replicationLogin, 'login', (attempt, outcome) => {
      if (outcome.kind !== 'server-refused') return undefined;
      const { error, refusal } = outcome;
      return refusal === 'server-files-missing'
        ? lost(attempt, error, 'the replication login', triesOf(replicationLogin))
        : notApplicable(`the server at ${placeOf(attempt)} refused the login for another reason: "${error.message}"`);
    });
  },
});

/** The replication login came through on the same port and address, or both are of this machine. */
function isSameServer({ attempt, own }: AdminRefusal, { outcome }: ReplicationLogin): boolean {
  if (!outcome.accepted) return false;
  const { attempt: other, ownAddress } = outcome.session;
  return attempt.port === other.port && (attempt.address === other.address || (own && ownAddress));
}

const lost = (attempt: ConnectionAttempt, error: ServerError, by: string, tries: readonly Evidence[]) =>
  fail({
    title: `The server at ${placeOf(attempt)} cannot read its own data directory`,
    message: `It refuses ${by === '--admin' ? 'the --admin login' : 'the login'}: ${whatItSaid(error)} Files of the running server are missing or damaged: new changes may be lost, and a base backup of it is not reliable.`,
    where: at('primary', attempt.host),
    evidence: [
      evidence('the server says', error.message, by),
      ...(error.detail === undefined ? [] : [evidence('detail', error.detail, by)]),
      evidence('SQLSTATE', error.sqlstate, by),
      ...tries,
    ],
    remedy: safe(
      'Stop writing to this server, and do not restart it: it may not start again. Restore it from a backup, or promote an intact standby. Do not take a base backup from it.',
      ...steps(attempt),
    ),
  });

const whatItSaid = ({ message, detail }: ServerError): string =>
  `"${message}".${detail === undefined ? '' : ` ${detail}`}`;

/** A look, which changes nothing; what to do then is for a person to decide. */
const steps = ({ port }: ConnectionAttempt): readonly Step[] => [
  manual(
    'primary',
    `Stop the applications that write to this server. Then check what is left on the machine where it runs: as root, \`ss -ltnp 'sport = :${port}'\` shows the process that listens on port ${port}, and \`ls -la /proc/PID/cwd/\` with its process ID as PID lists its data directory.`,
  ),
  manual(
    'primary',
    'If a standby of this server still has its data, keep it running and promote it. Otherwise restore the primary from its latest backup and WAL archive.',
  ),
];
