import type { Answer } from '../answer.ts';

/** WAL-E and the object stores behind archives; `source` names the file that prints it. */
export const answersAboutArchives: readonly Answer[] = [
  {
    id: 'wal-e-not-found',
    says: ['could no longer locate object while performing wal restore', 'lzop: <stdin>: not a lzop file'],
    source: 'wal_e/blobstore/s3/s3_util.py',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'WAL-E looked for a file that is not in the archive. At the end of the archived WAL, and for .history files, that is normal.',
    causes: [
      {
        cause:
          'If recovery stops here: the prefix differs from the one that the primary archives to, or the segment was never archived.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
      },
    ],
  },
  {
    id: 'object-store-refused',
    says: [
      'AccessDenied: Access Denied',
      'InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records',
      'SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided',
      'NoSuchBucket: The specified bucket does not exist',
      'RequestTimeTooSkewed: The difference between the request time and the current time is too large',
      'NoCredentialProviders: no valid providers in chain',
      'An error occurred (AccessDenied) when calling the %s operation',
      'An error occurred (403) when calling the %s operation',
      'An error occurred (NoSuchBucket) when calling the %s operation',
      'An error occurred (InvalidAccessKeyId) when calling the %s operation',
      'An error occurred (SignatureDoesNotMatch) when calling the %s operation',
      'Unable to locate credentials',
      'ExpiredToken: The provided token has expired',
      'AuthorizationHeaderMalformed: The authorization header is malformed',
      'failed to retrieve credentials',
      'could not find default credentials',
      'Server failed to authenticate the request',
      'ErrorCode:AuthenticationFailed',
      'AuthenticationFailed: Server failed to authenticate the request',
    ],
    among: /wal|backup|archive|barman|pgbackrest|postgres/iu,
    source: 'Amazon S3, error responses; botocore; Azure Storage, common error codes',
    // archive_command failed because of it
    matters: 6,
    elsewhere: true,
    means:
      'The object store refused the request of the archive or backup tool. The server keeps its WAL until archiving works again; a restore finds nothing.',
    causes: [
      {
        cause: 'The credentials are missing, wrong or without a right on this bucket and prefix (list, get, put).',
        on: 'primary',
        check: 'sudo -u postgres env | grep -E "AWS_|WALG_|S3" | cut -d= -f1',
      },
      {
        cause: 'The bucket, region, endpoint or prefix is wrong, or the clock of this machine is.',
        on: 'primary',
        check: 'date -u',
      },
    ],
    todo: 'Try the same credentials by hand, as the user of the server. Commands of the server see its environment only, not that of your shell.',
  },
  {
    id: 'wal-g-environment',
    says: ['envdir: fatal: unable to switch to directory %s: %s'],
    among: /wal-[eg]|WALG|WALE|patroni|spilo|postgres/iu,
    source: 'daemontools, envdir; Spilo, configure_spilo.py',
    matters: 4,
    elsewhere: true,
    means:
      'The directory with the environment for WAL-G (or WAL-E) does not exist, so the archive or restore command does not even start.',
    causes: [
      {
        cause:
          'Backups are not configured on this node (Spilo: WAL_S3_BUCKET, WALG_S3_PREFIX and the like are not set in the pod), and restore_command or the replica method uses them all the same.',
        on: 'standby',
        check: 'ls /run/etc/wal-e.d /home/postgres/etc/wal-e.d; env | grep -E "^(WAL|CLONE|STANDBY)_" | cut -d= -f1',
      },
    ],
  },
  {
    id: 'object-store-unreachable',
    says: ["failed to upload '%s' to bucket '%s': %s", 'RequestError: send request failed'],
    among: /wal|backup|archive|barman|pgbackrest|postgres/iu,
    source: 'WAL-G, pkg/storages/s3; AWS SDK for Go',
    matters: 4,
    elsewhere: true,
    means:
      'The upload to the object store failed. The text behind it says whether the store was reached at all. The server keeps its WAL until archiving works again.',
    causes: [
      {
        cause:
          'The endpoint cannot be reached from this machine: name, port, proxy, certificate ("send request failed").',
        on: 'primary',
        check: 'sudo -u postgres env | grep -E "AWS_ENDPOINT|AWS_REGION|https?_proxy" | cut -d= -f1; date -u',
      },
      { cause: 'The credentials, the bucket or the region are wrong.' },
    ],
  },
  {
    of: ['requested-wal-removed'],
    beside:
      /barman get-wal' command has failed|barman-(?:cloud-)?wal-restore|wal-[ge] wal-fetch|archive-get|restore_command *=|(?:cp|rsync|scp|gzip|gunzip|zstd|lz4|tar|ssh): [^\n]*(?:cannot stat|No such file|unexpected end|not in gzip|denied|link_stat|Connection|closed)/u,
    matters: 5,
    means:
      'The primary has removed WAL segment {segment}, and restore_command does not bring it from the archive either. With the archive repaired, the standby catches up by itself.',
    causes: [
      {
        cause:
          'restore_command fails: what it printed is in the lines before this one (a login, a permission, a damaged or missing file). Run it by hand as the user of the server.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
        rule: 'recovery/restore-command-fails',
      },
      {
        cause: 'The segment was never archived, or the archive was cleaned up.',
        on: 'primary',
        check: 'psql -c "SELECT last_archived_wal, failed_count, last_failed_wal FROM pg_stat_archiver"',
      },
      {
        cause: 'The slot that held it on the primary was dropped.',
        after: 'slot dropped',
        only: true,
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
      },
      {
        cause: 'No slot held it on the primary, and the standby was behind for longer than wal_keep_size lasts.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
        rule: 'wal/segment-removed',
      },
    ],
    todo: 'Look for {segment} in the archive. If it is there, make restore_command work; there is nothing else to do. If it is nowhere, the standby needs a new base backup, and a slot.',
  },
];
