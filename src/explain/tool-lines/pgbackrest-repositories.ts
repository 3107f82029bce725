import type { Answer } from '../answer.ts';

const settings = (what: string): string =>
  `grep -nE "${what}" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf`;

/** What pgBackRest says of the backups in its repository: what is wrong with them, what is missing, how long they are kept. */
export const linesOfPgBackRestRepositories: readonly Answer[] = [
  {
    id: 'pgbackrest-forced-offline',
    source: 'pgBackRest 2.45, src/command/backup/backup.c',
    matters: 5,
    elsewhere: true,
    means:
      'An offline backup was forced (--no-online --force) while postmaster.pid is there. If PostgreSQL runs, its files change during the copy: this backup is not consistent, and not to be restored.',
    causes: [
      {
        cause: 'PostgreSQL runs. (The file may also be left over from a crash.)',
        on: 'primary',
        check: 'pg_ctl -D <data directory> status; head -n 1 <data directory>/postmaster.pid',
      },
    ],
    todo: 'Take an online backup, without --no-online and --force. Later backups of type incr and diff depend on this one: make it one of type full.',
  },
  {
    id: 'pgbackrest-retention',
    source: 'pgBackRest 2.45, src/config/load.c and src/command/expire/expire.c',
    kind: 'consequence',
    matters: 1,
    elsewhere: true,
    means:
      'No retention is set for this repository, so that pgBackRest expires no backup or no WAL in it. Backups and archiving work; the repository grows until its disk is full.',
    causes: [
      {
        cause: 'What is set.',
        on: 'repository host',
        check: `${settings('^ *repo[0-9]*-retention')}; df -h <repository path>`,
      },
    ],
    todo: 'Set repo1-retention-full (how many full backups, or how many days with repo1-retention-full-type=time) in [global]. The next expire, which runs after each backup, then removes what is older.',
  },
  {
    id: 'pgbackrest-expire-set',
    source: 'pgBackRest 2.45, src/command/expire/expire.c',
    matters: 3,
    elsewhere: true,
    means:
      'expire --set names the last full backup (or the latest backup) of a repository. Without another full backup nothing later can be restored, so pgBackRest refuses that, or warns of it.',
    causes: [
      {
        cause: 'Which backups each repository has.',
        on: 'repository host',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info',
      },
    ],
    todo: 'Take a new full backup first; expire the old one afterwards.',
  },
  {
    id: 'pgbackrest-verify-line',
    source: 'pgBackRest 2.45, src/command/verify/verify.c',
    matters: 4,
    elsewhere: true,
    means:
      'verify found something in the repository that is not as its lists say: a backup of another cluster or without its files, or WAL that is there twice. What it skips it has not verified.',
    causes: [
      {
        cause: 'What it says of each backup and archive at its end.',
        on: 'repository host',
        check:
          'sudo -u pgbackrest pgbackrest --stanza=<stanza> verify --output=text --verbose; sudo -u pgbackrest pgbackrest --stanza=<stanza> info',
      },
      {
        cause: 'Files of the repository were copied, moved or deleted by hand, or two clusters archive to one stanza.',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery(), (pg_control_system()).system_identifier"',
      },
    ],
    todo: 'Take a new full backup. Do not repair files of the repository by hand.',
  },
  {
    id: 'pgbackrest-lost-backup',
    source: 'pgBackRest 2.45, src/info/infoBackup.c',
    matters: 4,
    elsewhere: true,
    means:
      'A backup that backup.info lists has no usable manifest in the repository any more, so pgBackRest dropped it from its list (with those that depend on it), or did not take it in.',
    causes: [
      {
        cause:
          'Files of the repository were deleted without pgBackRest (a lifecycle rule of the bucket, rm, a clean-up job), or a copy of the repository is not complete.',
        on: 'repository host',
        check: 'sudo -u pgbackrest pgbackrest --stanza=<stanza> repo-ls backup/<stanza>',
      },
    ],
    todo: 'Stop what deletes there, let pgBackRest expire backups (repo1-retention-full), and take a full backup.',
  },
  {
    id: 'pgbackrest-nothing-changed',
    source: 'pgBackRest 2.45, src/command/backup/backup.c',
    matters: 3,
    elsewhere: true,
    means:
      'No file of the data directory differs from the last backup. Of an offline backup that is made twice in a row that is true, and no new backup is needed. Of a running server it cannot be.',
    causes: [
      {
        cause: 'The server is stopped, and the last backup was offline, too (--no-online).',
        on: 'primary',
        check: 'pg_ctl -D <data directory> status',
      },
      {
        cause: 'pg1-path names another directory than the one of the server.',
        on: 'primary',
        check: `psql -c "SHOW data_directory"; ${settings('^ *pg[0-9]*-path')}`,
      },
    ],
  },
  {
    id: 'pgbackrest-no-control-file',
    source: 'pgBackRest 2.45, src/command/restore/restore.c',
    matters: 5,
    elsewhere: true,
    means: 'The backup has no global/pg_control, so what was restored of it does not start.',
    causes: [
      {
        cause: 'Files of this backup are missing or were excluded: verify says which.',
        on: 'repository host',
        check: 'sudo -u pgbackrest pgbackrest --stanza=<stanza> verify',
      },
    ],
    todo: 'Restore another backup (--set). Never make a pg_control of your own for it (pg_resetwal).',
  },
  {
    id: 'pgbackrest-repository-format',
    source: 'pgBackRest 2.45, src/info/info.c',
    matters: 4,
    elsewhere: true,
    means: 'The repository was written by a release of pgBackRest with another format than this one reads.',
    causes: [
      {
        cause: 'The releases on the hosts differ.',
        on: 'primary',
        check: 'pgbackrest version; ssh <repository host> pgbackrest version',
      },
    ],
    todo: 'Install the same release everywhere.',
  },
  {
    id: 'pgbackrest-delta-off',
    source: 'pgBackRest 2.45, src/command/restore/restore.c',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means:
      'The restore goes on as into an empty directory: this one has neither PG_VERSION nor backup.manifest, so --delta and --force are off. In an empty directory that needs no attention; where files are there, the restore stops and leaves them.',
  },
  {
    id: 'pgbackrest-archive-mode-always',
    source: 'pgBackRest 2.45, src/command/check/common.c',
    matters: 4,
    elsewhere: true,
    means:
      'archive_mode is "always", so that standbys archive, too. pgBackRest does not support that: two servers would push the same segment.',
    causes: [{ cause: 'What is set.', on: 'primary', check: 'psql -c "SHOW archive_mode"' }],
    todo: 'Set archive_mode = on and restart the server. Only where standbys archive to another repository on purpose: archive-mode-check=n (since 2.32).',
  },
  {
    id: 'pgbackrest-start-fast',
    source: 'pgBackRest 2.45, src/db/db.c',
    matters: 2,
    elsewhere: true,
    means:
      'The backup begins with the next checkpoint of the server, and that may come later (checkpoint_timeout) than pgBackRest waits for a query (db-timeout). It may fail for that alone.',
    causes: [
      {
        cause: 'What is set.',
        on: 'primary',
        check: `psql -c "SHOW checkpoint_timeout"; ${settings('start-fast|db-timeout')}`,
      },
    ],
    todo: 'Set start-fast=y, or raise db-timeout (and protocol-timeout, which must be greater).',
  },
];
