import type { Answer } from '../answer.ts';

/** The programs that make, check and change copies: what they say besides the messages of the catalogue. */
export const answersAboutCopyTools: readonly Answer[] = [
  {
    id: 'tool-compression',
    of: ['pgbb-no-support-compression', 'bb-unrecognized-compression', 'bb-invalid-compression-spec'],
    says: [
      'this build does not support %s compression',
      'this build does not support lz4 compression',
      'this build does not support zstd compression',
      'unrecognized compression option: "%s"',
      'compression algorithm "%s" does not accept a compression level',
      'compression algorithm "%s" does not accept a worker count',
      'compression algorithm "%s" does not support long-distance mode',
      'compression algorithm "%s" expects a compression level between %d and %d (default at %d)',
      'compression option "%s" requires a value',
      'value for compression option "%s" must be an integer',
      'could not initialize compression library: %s',
      'could not set compression worker count to %d: %s',
      'compression with %s is not yet supported',
    ],
    source: 'PostgreSQL, src/common/compression.c; src/bin/pg_basebackup',
    matters: 4,
    means:
      'The compression that was asked for (-Z, --compress) is not possible as written, or the program or the server was built without that library. Nothing has been copied yet.',
    causes: [
      {
        cause:
          'The word or the level is wrong: gzip:1-9, lz4:1-12, zstd:1-22, each with client- or server- before it (15 and later).',
      },
      {
        cause: 'The library is missing in this build: client-… needs it here, server-… on the server.',
        on: 'client',
        check: 'pg_config --configure | grep -oE "with-(lz4|zstd|zlib)[^ ]*"',
      },
    ],
    todo: 'Use -Z gzip, which nearly every build has, or leave -Z out. For a standby with -F plain, compression only saves network traffic and must be server-….',
  },
  {
    id: 'rewind-source-moved',
    says: [
      'received data for file "%s", when requested for "%s"',
      'received more data chunks than requested',
      'received more than requested for file "%s"',
      'unexpected null values in result while fetching remote files',
      'unexpected result set while fetching remote files',
      'unexpected number of data chunks received',
      'unexpected result set while fetching file list',
      'unexpected EOF while reading file "%s"',
      'source file list is empty',
      'could not send file list: %s',
      'unexpected page modification for non-regular file "%s"',
    ],
    source: 'PostgreSQL, src/bin/pg_rewind/libpq_source.c, filemap.c',
    matters: 4,
    means:
      'pg_rewind broke off while it read from the source server. If it had begun to copy, the target is neither the old nor the new directory and must not be started.',
    causes: [
      {
        cause: 'The connection goes through a pooler or a load balancer, which mixes sessions: use the server itself.',
        on: 'client',
        check:
          'psql "<source connection string>" -c "SELECT inet_server_addr(), inet_server_port(), pg_is_in_recovery()"',
      },
      { cause: 'The source server was stopped, or failed over, meanwhile.' },
      { cause: 'The disk of the source has a damaged or vanished file; its own log says which.' },
    ],
    todo: 'If it had said "rewinding from last common checkpoint", make a new base backup. Otherwise run it again, directly to the source.',
  },
  {
    id: 'manifest-unreadable',
    of: ['verify-manifest-version', 'verify-two-lines'],
    says: [
      'could not parse backup manifest: %s',
      'parsing failed: %s',
      'manifest checksum mismatch',
      'manifest has no checksum',
      'invalid manifest checksum: "%s"',
      'manifest version not an integer',
      'invalid checksum for file "%s": "%s"',
      'could not decode file name',
      'The input string ended unexpectedly.',
    ],
    among: /manifest|verifybackup|combinebackup/u,
    source: 'PostgreSQL, src/common/parse_manifest.c',
    matters: 4,
    means:
      'The file backup_manifest cannot be read as one: it is cut off, was changed, or is not from a release that this program knows. The backup itself may be whole; it cannot be proven.',
    causes: [
      {
        cause: 'The backup was interrupted, or the disk was full: the manifest is written last.',
        on: 'client',
        check: 'ls -l <backup directory>/backup_manifest; tail -c 200 <backup directory>/backup_manifest',
      },
      { cause: 'It was edited, or changed by a transfer in text mode.' },
      { cause: 'The program is older than the release that made the backup: use the newer one.' },
    ],
    todo: 'Take a new backup if the file is cut off. An incremental backup needs the manifest of its predecessor exactly as it was.',
  },
  {
    id: 'combine-options',
    says: [
      'file cloning not supported on this platform',
      'copy_file_range not supported on this platform',
      'cannot generate a manifest because no manifest is available for the final input backup',
      'error while cloning file "%s" to "%s": %s',
      'tablespaces with OIDs %u and %u both point at directory "%s"',
      'file "%s" has block number %u in excess of segment size %u',
    ],
    source: 'PostgreSQL 17 and later, src/bin/pg_combinebackup',
    matters: 4,
    means: 'pg_combinebackup could not write the full backup the way it was told to. The input backups are unchanged.',
    causes: [
      {
        cause:
          '--clone, --copy-file-range and --link need a file system and a platform that have it, and input and output on the same file system.',
      },
      { cause: 'The last backup has no manifest: give --no-manifest.' },
      { cause: 'Two tablespaces are mapped to one directory (-T): give each its own.' },
    ],
    todo: 'Run it again into a new output directory and leave the option out: a plain copy always works.',
  },
  {
    id: 'createsubscriber-failed',
    says: [
      'could not create replication slot "%s" in database "%s": %s',
      'could not create publication "%s" in database "%s": %s',
      'could not create subscription "%s" in database "%s": %s',
      'could not enable subscription "%s": %s',
      'could not set replication progress for subscription "%s": %s',
      'could not obtain publisher settings: %s',
      'could not obtain subscriber settings: %s',
      'could not reset WAL on subscriber: %s',
      'could not change system identifier of subscriber: %s',
      'subscriber requires %d replication slots, but only %d remain',
      'If pg_createsubscriber fails after this point, you must recreate the physical replica before continuing.',
    ],
    source: 'PostgreSQL 17 and later, src/bin/pg_basebackup/pg_createsubscriber.c',
    matters: 4,
    means:
      'pg_createsubscriber could not finish making a logical subscriber of this standby. The text after the last colon is the reason.',
    causes: [
      {
        cause:
          'A setting or a privilege is missing: wal_level = logical, enough max_replication_slots and max_wal_senders on the publisher, a superuser role.',
        on: 'primary',
        check:
          "psql -c \"SELECT name, setting FROM pg_settings WHERE name IN ('wal_level','max_replication_slots','max_wal_senders')\"",
      },
      { cause: 'A publication, slot or subscription of that name is left from an earlier attempt.' },
    ],
    todo: 'After it has promoted the standby, the directory is not a standby any more: make it again with pg_basebackup. Drop the slots that it created on the publisher (pg_createsubscriber_…), since they keep WAL.',
  },
  {
    id: 'pgctl-usage',
    says: [
      'no operation specified',
      'unrecognized operation mode "%s"',
      'unrecognized shutdown mode "%s"',
      'missing arguments for kill mode',
      'option file "%s" must have exactly one line',
      'old server process (PID: %d) seems to be gone',
    ],
    among: /pg_ctl/u,
    source: 'PostgreSQL, src/bin/pg_ctl/pg_ctl.c',
    matters: 3,
    means:
      'The command line of pg_ctl is not complete or not right, or the server that it was to restart was not running any more. pg_ctl goes on with a start in the last case.',
    todo: 'pg_ctl -D <data directory> start, stop, restart, reload, status or promote. On Debian: pg_ctlcluster <version> <name> start.',
  },
];
