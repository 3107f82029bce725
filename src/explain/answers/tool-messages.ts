import type { Answer } from '../answer.ts';

/** What PostgreSQL's own tools say of their options and of what they are given. */
export const answersAboutToolMessages: readonly Answer[] = [
  {
    id: 'tool-options-exclude',
    says: [
      'cannot use --create-slot together with --drop-slot',
      'cannot use --synchronous together with --no-sync',
      'cannot specify both format and backup target',
      'WAL directory location cannot be specified along with a backup target',
      'options %s and %s cannot be used together',
      'transfer rate must be greater than zero',
      'transfer rate "%s" is not a valid value',
      'invalid --max-rate unit: "%s"',
    ],
    source: 'PostgreSQL, src/bin/pg_basebackup (pg_basebackup.c, pg_receivewal.c, pg_createsubscriber.c)',
    matters: 5,
    means: 'The options of this command line contradict each other, or a value is not valid. Nothing has been done.',
    todo: 'Leave out one of the options that the message names, or correct the value (--max-rate: 32kB to 1024MB a second, with k or M behind the number).',
  },
  {
    id: 'reset-wal-value',
    says: [
      'OID (-o) must not be 0',
      'transaction ID epoch (-e) must not be -1',
      'oldest transaction ID (-u) must be greater than or equal to %u',
      'transaction ID (-x) must be greater than or equal to %u',
      'transaction ID (-c) must be either %u or greater than or equal to %u',
      'oldest multitransaction ID (-m) must not be 0',
      'multitransaction ID (-m) must not be 0',
      'multitransaction offset (-O) must not be -1',
      'multitransaction offset (-O) must be between 0 and %u',
      'argument of %s must be a power of two between 1 and 1024',
    ],
    source: 'PostgreSQL, src/bin/pg_resetwal/pg_resetwal.c, main',
    matters: 5,
    means: 'An option of pg_resetwal has a value that is not possible. Nothing has been changed.',
    causes: [
      {
        cause:
          'pg_resetwal is the last resort for a server that has no standby and no backup: it loses data. For a standby it is never the way: make a new base backup.',
        on: 'server',
        check: 'pg_resetwal --dry-run -D <data directory>',
      },
    ],
    todo: 'Copy the whole data directory aside first. --dry-run shows the values that pg_resetwal finds by itself; give none of them by hand unless the manual says how to determine it.',
  },
  {
    id: 'control-file-of-another-build',
    says: [
      '%s: unexpected control file version',
      'unexpected control file version',
      'unexpected control file size %d, expected %d',
      'The byte ordering used to store the pg_control file might not match the one used by this program.',
      'cluster is not compatible with this version of pg_checksums',
      'database cluster is not compatible',
    ],
    source:
      'PostgreSQL, src/common/controldata_utils.c; pg_checksums.c, pg_rewind.c, pg_verifybackup.c, pg_combinebackup.c',
    matters: 5,
    means:
      'The tool is of another major release than the data directory or backup that it was given, or pg_control there is damaged.',
    causes: [
      {
        cause: 'The PATH finds the tool of another release.',
        on: 'server',
        check:
          'cat <data directory>/PG_VERSION; pg_controldata --version; ls /usr/lib/postgresql /usr/pgsql-* 2>/dev/null',
        rule: 'standby/version-mismatch',
      },
      {
        cause: 'The directory is not the data directory, or the copy of global/pg_control is not whole.',
        on: 'server',
        check: 'ls -l <data directory>/global/pg_control',
        rule: 'standby/control-file-damaged',
      },
    ],
    todo: 'Run the tool of the release that PG_VERSION names, by its full path.',
  },
  {
    id: 'verify-tar-backup',
    of: ['verify-tar-waldump'],
    says: [
      'You must use -n/--no-parse-wal when verifying a tar-format backup.',
      'invalid backup format "%s", must be "plain" or "tar"',
    ],
    source: 'PostgreSQL 18, src/bin/pg_verifybackup/pg_verifybackup.c',
    matters: 5,
    means:
      'pg_verifybackup can check the files of a backup in tar format, but not its WAL. Nothing is said about the backup yet.',
    todo: 'Run it with -n (--no-parse-wal). To check the WAL as well, unpack the backup and verify the directory.',
  },
  {
    id: 'verify-tar-damaged',
    says: [
      'file "%s" in archive "%s" should contain %lu bytes, but %lu bytes were read',
      'input file does not appear to be a valid tar archive',
      'pax extensions to tar format are not supported',
      'could not decompress file "%s": %s',
      'could not read compressed file "%s": read %d of %zu',
    ],
    among: /pg_\w+|postgres|base\.tar|pg_wal/u,
    source: 'PostgreSQL, src/fe_utils/astreamer_tar.c; pg_verifybackup.c, pg_receivewal.c',
    matters: 5,
    means:
      'A compressed or tar file of the backup is cut off, damaged, or was made by another program than PostgreSQL.',
    causes: [
      {
        cause: 'The backup was broken off, the disk was full, or the file was cut off while it was copied.',
        on: 'client',
        check: 'ls -l <backup directory>; df -h <backup directory>',
      },
      { cause: 'The file was packed again by hand (tar with pax headers). Use the file that pg_basebackup wrote.' },
    ],
    todo: 'Do not restore from it. Take a new base backup and verify that one.',
  },
  {
    id: 'combine-other-checksums',
    of: ['combine-checksums-mixed'],
    says: ['Disable, and optionally reenable, checksums on the output directory to avoid failures.'],
    source: 'PostgreSQL 17, src/bin/pg_combinebackup/pg_combinebackup.c, check_control_files',
    matters: 4,
    means:
      'Data checksums were switched on or off between the backups that are combined. The result is complete, and some of its pages have no valid checksum.',
    todo: 'On the result, before the first start: pg_checksums --disable -D <output directory>; then, if you want them, pg_checksums --enable -D <output directory>.',
  },
  {
    id: 'subscriber-counts',
    says: [
      'The number of specified publication names (%d) must match the number of specified database names (%d).',
      'The number of specified subscription names (%d) must match the number of specified database names (%d).',
      'The number of specified replication slot names (%d) must match the number of specified database names (%d).',
      'wrong number of publication names specified',
      'wrong number of subscription names specified',
      'wrong number of replication slot names specified',
    ],
    source: 'PostgreSQL 17, src/bin/pg_basebackup/pg_createsubscriber.c, main',
    matters: 5,
    means:
      'pg_createsubscriber needs as many names of publications, subscriptions and slots as databases, or none. Nothing has been changed.',
    todo: 'Give --publication, --subscription and --replication-slot once for each --database, in the same order, or leave them out: it then makes names by itself.',
  },
  {
    id: 'subscriber-publication-exists',
    says: ['publication "%s" already exists'],
    source: 'PostgreSQL 17, src/bin/pg_basebackup/pg_createsubscriber.c, create_publication; catalog/pg_publication.c',
    matters: 5,
    means: 'A publication {publication|of that name} exists in that database already.',
    causes: [
      {
        cause: 'An earlier attempt made it and then failed.',
        on: 'primary',
        check: 'psql -d <database> -c "SELECT pubname, puballtables FROM pg_publication"',
      },
      { cause: 'It belongs to another subscription: choose another name (--publication).' },
    ],
    todo: 'If nothing uses it: DROP PUBLICATION in that database, and run the command again.',
  },
  {
    id: 'subscriber-left-over',
    says: [
      'could not drop replication slot "%s" in database "%s": %s',
      'could not drop publication "%s" in database "%s": %s',
      'could not drop failover replication slot',
      'Drop the failover replication slots on subscriber soon to avoid retention of WAL files.',
      'Drop this replication slot soon to avoid retention of WAL files.',
    ],
    source: 'PostgreSQL 17, src/bin/pg_basebackup/pg_createsubscriber.c',
    kind: 'consequence',
    matters: 4,
    means:
      'pg_createsubscriber left a publication or a replication slot behind. A slot that nothing uses keeps WAL until the disk is full.',
    causes: [
      {
        cause: 'See what is left, and whether something uses it (active).',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active, restart_lsn FROM pg_replication_slots"',
      },
    ],
    todo: "Drop only what pg_createsubscriber has made and nothing uses: SELECT pg_drop_replication_slot('<slot>'). The message before this one says why the run failed.",
  },
  {
    id: 'subscriber-slot-limit',
    says: [
      'publisher requires WAL size must not be restricted',
      'Set the configuration parameter "%s" to -1 to ensure that required WAL files are not prematurely removed.',
    ],
    source: 'PostgreSQL 17, src/bin/pg_basebackup/pg_createsubscriber.c, check_publisher',
    matters: 4,
    means:
      'max_slot_wal_keep_size is limited on the publisher: if pg_createsubscriber takes long, the WAL for its slots may be removed, and the new subscriber cannot catch up.',
    todo: "On the publisher, for the time of the conversion: ALTER SYSTEM SET max_slot_wal_keep_size = '-1'; SELECT pg_reload_conf(); and set it back afterwards.",
  },
  {
    id: 'rewind-link-on-one-side',
    of: ['rewind-different-type'],
    tool: 'pg_rewind',
    when: /"(?:[^"]*\/)?pg_(?:wal|xlog)"/u,
    matters: 5,
    means:
      'pg_wal is a directory on one server and a symbolic link on the other, and pg_rewind stops at that. It had not changed anything yet.',
    causes: [
      {
        cause: 'One of them was created with --waldir, or its pg_wal was moved by hand.',
        on: 'standby',
        check: 'ls -ld <data directory>/pg_wal',
      },
    ],
    todo: 'Make the two alike (with the server stopped, move pg_wal and put a link in its place, or the reverse), or make a new base backup.',
  },
  {
    id: 'rewind-file-kinds',
    says: ['could not decide what to do with file "%s"', 'invalid action (CREATE) for regular file'],
    source: 'PostgreSQL, src/bin/pg_rewind/filemap.c, file_ops.c',
    matters: 5,
    means: 'pg_rewind found an entry that is a file on one server and a directory or link on the other.',
    causes: [
      {
        cause: 'Files or links were put into the data directory by hand.',
        on: 'standby',
        check: 'find <data directory> -maxdepth 1 -type l -exec ls -l {} +',
      },
    ],
    todo: 'Make the two alike, or make a new base backup.',
  },
];
