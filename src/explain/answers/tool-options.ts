import type { Answer } from '../answer.ts';

const ofTools =
  /\b(?:pg_(?:basebackup|ctl|rewind|receivewal|receivexlog|recvlogical|verifybackup|combinebackup|createsubscriber|waldump|archivecleanup|checksums|resetwal|upgrade|dump)|initdb|psql|postgres)(?:\.exe)?\b/u;

const ownOptions = {
  on: 'client',
  check: 'type -a {program|pg_basebackup}; {program|pg_basebackup} --version; {program|pg_basebackup} --help',
} as const;

/** What PostgreSQL's programs say of a command line that they cannot read, and those that look after an archive. */
export const answersAboutToolOptions: readonly Answer[] = [
  {
    id: 'tool-option-unknown',
    says: [
      "unrecognized option '%s'",
      'unrecognized option `%s',
      "invalid option -- '%s'",
      'illegal option -- %s',
      "option '%s' requires an argument",
      "option requires an argument -- '%s'",
      'unrecognized checkpoint argument "%s", must be "fast" or "spread"',
      'invalid xlog-method option "%s", must be "fetch" or "stream"',
      'invalid compression level "%s"',
      'invalid status interval "%s"',
    ],
    among: ofTools,
    source: 'getopt_long of the C library; PostgreSQL, src/bin/pg_basebackup/pg_basebackup.c',
    matters: 5,
    means:
      'The program does not know this option, or not with this value. Nothing has been done. Options differ between releases.',
    causes: [
      {
        cause:
          'The command was written for another release: --xlog-method and -x are --wal-method (-X) since 10, --xlogdir is --waldir; --create-slot came with 11, --no-verify-checksums with 11, --target with 15, --incremental with 17.',
        ...ownOptions,
      },
      {
        cause:
          'An older program comes first in the PATH, or the dash was changed to another sign by a web page (–, —).',
      },
    ],
    todo: 'Take the option from the --help of the program that is called, or call the one of the right release by its full path.',
  },
  {
    id: 'pooler-instead-of-server',
    says: ['could not determine server setting for integer_datetimes'],
    source: 'PostgreSQL before 16, src/bin/pg_basebackup/streamutil.c, GetConnection',
    matters: 5,
    means:
      'What answered does not report its settings as PostgreSQL does: a pooler or proxy is between, and not the server itself.',
    causes: [
      {
        cause: 'The port is that of PgBouncer, Pgpool-II or Odyssey (often 6432, 9999).',
        on: 'client',
        check: 'psql "host=<primary> port=5432 user=<role> dbname=postgres replication=true" -c "IDENTIFY_SYSTEM"',
      },
    ],
    todo: 'Connect to the port of PostgreSQL itself.',
  },
  {
    id: 'archive-directory-missing',
    says: [
      'archive location "%s" does not exist',
      'could not open archive location "%s": %s',
      'must specify oldest kept WAL file',
    ],
    source: 'PostgreSQL, src/bin/pg_archivecleanup/pg_archivecleanup.c',
    matters: 4,
    means:
      'pg_archivecleanup removed nothing: it needs the directory of the archive, and the name of the oldest file to keep.',
    causes: [
      {
        cause:
          'archive_cleanup_command runs on the standby, as the user of the server: the archive must be there under this path, and writable.',
        on: 'standby',
        check:
          'postgres -C archive_cleanup_command -D <data directory>; sudo -u postgres ls -ld <directory of the archive>',
      },
    ],
    todo: "archive_cleanup_command = 'pg_archivecleanup <directory of the archive> %r'. Only if no other standby and no backup needs that archive.",
  },
  {
    id: 'wal-link-refused',
    says: ['could not link file "%s" to "%s": %s', 'could not link file "%s" to "%s" (initialization of log file): %s'],
    source: 'PostgreSQL before 16, src/backend/access/transam/xlog.c, durable_rename_excl',
    matters: 4,
    means:
      'The server could not give a new WAL segment its name by a hard link, which releases before 16 want. The text after the last colon is the reason.',
    causes: [
      {
        cause:
          'The file system knows no hard links, or forbids them (some network shares, FUSE, exFAT, Windows folders in a virtual machine).',
        on: 'server',
        check: 'findmnt -T <data directory>/pg_wal',
      },
      {
        cause:
          'File exists: on a standby, harmless where it happens now and then while WAL comes from the archive; otherwise another server or a copy job works in the same pg_wal.',
        on: 'server',
        check: 'ps aux | grep "[p]ostgres.*-D"',
      },
    ],
    todo: 'File exists alone needs nothing, if no second server runs there. Otherwise put the data directory on a local file system of this machine (a named volume instead of a shared folder).',
  },
  {
    of: ['install-dir-missing', 'pgbb-open-dir'],
    when: /^pg_receivewal$|^pg_receivexlog$/mu,
    matters: 5,
    means: 'pg_receivewal cannot open the directory in which it collects WAL. The text after the colon says why.',
    causes: [
      {
        cause: 'It has to be there before the first start, and belong to the user that runs the program.',
        on: 'client',
        check: 'ls -ld {directory|<directory of -D>}; id',
      },
    ],
    todo: 'Make it (install -d -m 0700 <directory>) as that user. The slot of pg_receivewal keeps the WAL meanwhile.',
  },
  {
    of: ['permission-open-file', 'read-file'],
    when: /"(?:[^"\n]*\/)?backup_manifest"[^]*No such file/u,
    matters: 5,
    means:
      'The backup has no backup_manifest, so it cannot be verified, and cannot be the base of an incremental backup.',
    causes: [
      {
        cause:
          'It was taken with --no-manifest, from a server before 13, or not by pg_basebackup; or the directory is not the one of a backup.',
        on: 'client',
        check: 'ls -la <directory of the backup>',
      },
    ],
    todo: 'The backup may be whole nevertheless: start a copy of it to see. Take the next one with a manifest.',
  },
];
