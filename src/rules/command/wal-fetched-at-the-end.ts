import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { copySeconds, formatBytes, formatSeconds, walBytesOf } from '../primary/retention.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const walFetchedAtTheEnd = defineRule({
  id: 'command/wal-fetched-at-the-end',
  title: '-X fetch takes the WAL only at the end, when the primary may have removed it',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['primarySettings', 'copySize'],
  says: [
    'requested WAL segment %s has already been removed',
    'could not find any WAL files',
    'could not find WAL file "%s"',
  ],
  docs: {
    what: 'Warns when `-X fetch` is given and `wal_keep_size` does not cover the WAL that is written while the copy is made.',
    why: 'The WAL is collected after all files have been copied. What the primary has recycled by then is missing, and the whole copy was in vain.',
    notes:
      'No slot helps: pg_basebackup takes one only together with `-X stream`. `-X stream` is the default and has not this weakness.',
    references: [
      'https://www.postgresql.org/docs/current/app-pgbasebackup.html',
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
      const estimate = written === undefined ? '' : `, and about ${formatBytes(written)} are written meanwhile`;
      return pass(`wal_keep_size keeps ${formatBytes(kept)} of WAL until the end of the copy${estimate}`);
    }
    const duration = seconds === undefined ? 'the copy lasts' : `the copy lasts (about ${formatSeconds(seconds)})`;
    return fail({
      message:
        written === undefined || kept === 0n
          ? `Nothing keeps the WAL that is written while ${duration}: wal_keep_size is 0. If a checkpoint recycles some of it before the end, pg_basebackup stops there and the copy was in vain.`
          : `About ${formatBytes(written)} of WAL are written while ${duration}, and wal_keep_size keeps ${formatBytes(kept)}. What is recycled before the end is missing in the copy.`,
      where: at('client'),
      evidence: [
        evidence('command line', baseBackup.printable, 'the options given'),
        evidence('wal_keep_size', formatBytes(kept), primarySettings.source),
      ],
      remedy: safe(
        'Let the WAL come while it is written: -X stream in the place of -X fetch.',
        checkAgain(baseBackup, { without: ['wal-method'], with: ['-X', 'stream'] }),
      ),
    });
  },
});
