import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { copySeconds, walBytesOf } from '../../derived/wal-retention.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const walFetchedAtTheEnd = defineRule({
  id: 'command/wal-fetched-at-the-end',
  title: '-X fetch: the primary may remove WAL before it is copied',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['primarySettings', 'copySize'],
  messages: ['requested-wal-removed', 'bb-no-wal-files', 'bb-wal-file-missing'],
  docs: {
    what: 'Warns if `-X fetch` is given and `wal_keep_size` does not cover the WAL written during the base backup.',
    why: 'With `-X fetch` the WAL is copied after all other files. If the primary has recycled some of it by then, the whole base backup fails.',
    notes:
      'A slot does not help: pg_basebackup accepts one only with `-X stream`. `-X stream` is the default and does not have this problem.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/backup/basebackup.c: perform_base_backup()',
    ],
  },
  judge({ baseBackup, primarySettings, copySize }) {
    if (baseBackup.walMethod !== 'fetch') return pass(`the WAL is not fetched at the end (-X ${baseBackup.walMethod})`);
    if (baseBackup.target !== undefined)
      return notApplicable(`a backup to the target ${baseBackup.target} cannot stream its WAL`);
    if (primarySettings.status === 'unseen') return unexamined(primarySettings.why);
    if (primarySettings.status === 'not-applicable') return notApplicable(primarySettings.why);
    const kept = walBytesOf(primarySettings.value, 'wal_keep_size') ?? 0n;
    const size = ifSeen(copySize);
    const rate = size?.walBytesPerSecond;
    const seconds = size === undefined ? undefined : copySeconds(size.dataBytes, baseBackup.maxRate);
    const written = seconds === undefined || rate === undefined ? undefined : BigInt(Math.round(seconds * rate));
    if (kept > 0n && (written === undefined || written <= kept)) {
      const estimate = written === undefined ? '' : `, and about ${formatBytes(written)} are written in that time`;
      return pass(`wal_keep_size keeps ${formatBytes(kept)} of WAL until the end of the base backup${estimate}`);
    }
    const duration =
      seconds === undefined ? 'the base backup runs' : `the base backup runs (about ${formatDuration(seconds)})`;
    return fail({
      message:
        written === undefined || kept === 0n
          ? `Nothing keeps the WAL that is written while ${duration}: wal_keep_size is 0. If a checkpoint recycles some of it before the end, the base backup fails.`
          : `About ${formatBytes(written)} of WAL are written while ${duration}, but wal_keep_size keeps only ${formatBytes(kept)}. If a checkpoint recycles some of it before the end, the base backup fails.`,
      where: at('client'),
      evidence: [
        evidence('command line', baseBackup.printable, 'the options given'),
        evidence('wal_keep_size', formatBytes(kept), primarySettings.source),
      ],
      remedy: safe(
        'Stream the WAL during the base backup: use -X stream instead of -X fetch.',
        checkAgain(baseBackup, { without: ['wal-method'], with: ['-X', 'stream'] }),
      ),
    });
  },
});
