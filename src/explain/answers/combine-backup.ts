import type { Answer } from '../answer.ts';

/** pg_combinebackup and incremental backups, 17 and later; pg_checksums. */
export const answersAboutCombinedBackups: readonly Answer[] = [
  {
    id: 'combine-chain',
    says: [
      'full backup contains unexpected incremental file "%s"',
      'backup manifest version 1 does not support incremental backup',
      'system identifier in backup manifest is %s, but database system identifier is %s',
      'manifest file "%s" contains no entry for file "%s"',
      'file "%s" has bad incremental magic number (0x%x, expected 0x%x)',
    ],
    source: 'PostgreSQL, src/bin/pg_combinebackup/; src/backend/backup/basebackup_incremental.c',
    matters: 5,
    elsewhere: true,
    means:
      'These directories are not one unbroken chain of backups of one server: the full one first, then each incremental one in turn.',
    causes: [
      { cause: 'The order on the command line is wrong, one of the chain is missing, or one is of another server.' },
      {
        cause: 'A file of a backup was changed or lost.',
        on: 'client',
        check: 'pg_verifybackup <directory of the backup>',
      },
    ],
    todo: 'Give all backups of the chain in the order they were made; -o must not exist or be empty. Never start a server on an incremental backup itself.',
  },
  {
    id: 'combine-file-short',
    says: [
      'file "%s" is too short: expected %s, found %s',
      'could not read from file "%s", offset %s: read %d of %d',
      'file "%s" has block count %u in excess of segment size %u',
      'file "%s" has truncation block length %u in excess of segment size %u',
    ],
    among: /pg_combinebackup|incremental|combine/iu,
    source: 'PostgreSQL, src/bin/pg_combinebackup/reconstruct.c',
    matters: 5,
    elsewhere: true,
    means: 'A file of one of the backups is shorter than it was: the copy is not complete or damaged.',
    causes: [
      {
        cause: 'It was moved or copied incompletely (full disk, broken transfer).',
        on: 'client',
        check: 'pg_verifybackup <directory of the backup>',
      },
    ],
    todo: 'Copy that backup again from where it was stored. What pg_combinebackup has written so far cannot be used.',
  },
  {
    id: 'checksums-state',
    of: ['checksums-must-be-shut-down', 'checksums-verify-failed'],
    says: [
      'data checksums are already disabled in cluster',
      'data checksums are already enabled in cluster',
      'data checksums are not enabled in cluster',
    ],
    among: /pg_checksums|checksum/iu,
    source: 'PostgreSQL, src/bin/pg_checksums/pg_checksums.c',
    matters: 4,
    elsewhere: true,
    means: 'pg_checksums tells the state of the data checksums of this directory; the message itself is the answer.',
    causes: [
      {
        cause:
          'To turn them on, stop all servers of the cluster and run pg_checksums -e on each, the primary and every standby, before any is started again: a standby with another setting than its primary is not safe.',
        on: 'standby',
        check: 'pg_controldata <data directory> | grep -i checksum',
      },
    ],
  },
];
