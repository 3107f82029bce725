import type { Answer } from '../answer.ts';

/** What the commands of Barman refuse or cannot do; `source` names the file that prints it. */
export const answersAboutBarmanCommands: readonly Answer[] = [
  {
    id: 'barman-slot-not-dropped',
    says: [
      "Cannot drop replication slot '%s' on server '%s' because it is in use.",
      "Cannot drop replication slot '%s' on server '%s': %s",
    ],
    source: 'Barman, barman/server.py, drop_repslot',
    matters: 5,
    elsewhere: true,
    means:
      'A connection reads from this slot, and PostgreSQL does not drop a slot that is in use. Nothing has changed.',
    causes: [
      {
        cause: 'receive-wal of this Barman runs (barman cron starts it), or a session of an earlier one hangs.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active_pid, restart_lsn FROM pg_replication_slots" -c "SELECT pid, client_addr, application_name, state FROM pg_stat_replication"',
      },
      { cause: 'A second Barman server, or another program, uses a slot of the same name.' },
    ],
    todo: 'First look who reads: without the slot, that one loses WAL. If it is this Barman and the slot is really to go: barman receive-wal --stop <server> , then barman receive-wal --drop-slot <server> before barman cron runs again.',
  },
  {
    id: 'barman-slot-refused',
    says: [
      "All replication slots for server '%s' are in use",
      "Cannot create replication slot '%s' on server '%s': %s",
      'Unable to create a physical replication slot: streaming connection not configured',
      'Unable to create a physical replication slot: slot_name configuration option required',
      'Unable to drop a physical replication slot: streaming connection not configured',
      'Unable to drop a physical replication slot: slot_name configuration option required',
      "Unable to start receive-wal process: streaming_archiver option set to 'off' in barman configuration file",
    ],
    source: 'barman, server.py, create_physical_repslot, drop_repslot, receive_wal',
    matters: 5,
    elsewhere: true,
    means: 'Barman cannot make or drop its replication slot, or may not receive WAL by streaming.',
    causes: [
      {
        cause: 'The configuration of this server lacks streaming_conninfo, slot_name or streaming_archiver = on.',
        on: 'barman host',
        check: 'barman show-server <server> | grep -E "streaming|slot_name|create_slot"',
      },
      {
        cause: 'max_replication_slots of the server is used up (a change needs a restart).',
        on: 'primary',
        check:
          'psql -c "SHOW max_replication_slots" -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
      },
    ],
  },
  {
    id: 'barman-no-such-server',
    says: [
      'Inactive server: %s',
      "Missing 'conninfo' parameter for server '%s'",
      "Missing 'streaming_conninfo' parameter for server '%s'",
    ],
    among: /barman/iu,
    tool: 'barman',
    source: 'barman, cli.py, get_server; server.py',
    matters: 5,
    elsewhere: true,
    means: 'Barman has no usable configuration of a server with this name.',
    causes: [
      {
        cause: 'The name in brackets in the configuration is another one, or its file does not end in .conf.',
        on: 'barman host',
        check: 'barman list-servers; ls -l /etc/barman.d /etc/barman.conf',
      },
      { cause: 'active = false, or conninfo (streaming_conninfo) is missing or commented out there.' },
    ],
  },
  {
    id: 'barman-wal-not-received',
    says: ['The WAL file %s has not been received in %s seconds'],
    source: 'barman, server.py, switch_wal (--archive, --archive-timeout)',
    matters: 5,
    elsewhere: true,
    means: 'Barman switched the WAL segment on the server and waited in vain for the closed one to arrive.',
    causes: [
      {
        cause: 'receive-wal does not run or is behind, or archive_command fails.',
        on: 'primary',
        check:
          'psql -c "SELECT last_archived_wal, last_failed_wal, last_failed_time FROM pg_stat_archiver" -c "SELECT application_name, state, sent_lsn FROM pg_stat_replication"',
      },
      {
        cause: 'The first file takes longer: repeat it once.',
        on: 'barman host',
        check: 'barman cron; barman check <server>',
      },
    ],
  },
  {
    id: 'barman-put-wal-damaged',
    says: [
      "Bad file checksum '%s' (should be %s) for file '%s' in put-wal for server '%s'",
      "Missing checksum for file '%s' in put-wal for server '%s'",
      "Checksum without corresponding file '%s' in put-wal for server '%s'",
      "Unsupported filename '%s' in put-wal for server '%s'",
      "Unsupported file type '%s' for file '%s' in put-wal for server '%s'",
    ],
    source: 'barman, server.py, put_wal',
    matters: 5,
    elsewhere: true,
    means: 'What barman-wal-archive sent did not arrive whole, and Barman took none of it. PostgreSQL sends it again.',
    causes: [
      {
        cause: 'The connection broke, or the remote shell prints something into it.',
        on: 'primary',
        check: 'sudo -u postgres ssh barman@<barman host> true | wc -c',
      },
      { cause: 'barman-cli on the server and Barman on its host are of very different releases.' },
    ],
  },
  {
    id: 'barman-catalog-file',
    says: [
      'invalid xlog segment name %r HINT: Please run "barman rebuild-xlogdb %s" to solve this issue',
      'Please run "barman rebuild-xlogdb %s" to solve this issue',
      'Please run "barman rebuild-xlogdb',
    ],
    source: 'barman, cli.py, recovery_executor.py, server.py',
    matters: 4,
    elsewhere: true,
    means: 'The list of WAL files that Barman keeps (xlog.db) has a line that it cannot read.',
    causes: [
      {
        cause: 'The disk was full, or the host crashed, while it was written.',
        on: 'barman host',
        check: 'df -h /var/lib/barman',
      },
    ],
    todo: 'barman rebuild-xlogdb <server> makes the list again from the files.',
  },
  {
    id: 'barman-another-runs',
    says: [
      'Another backup process is running',
      'Another process is holding the lock for backup %s of server %s.',
      'Another sync-wal operation is running for server %s',
      'Another synchronisation process for backup %s of server %s is already running.',
      'Cannot delete a running backup (%s %s)',
    ],
    tool: 'barman',
    source: 'barman, server.py (ServerBackupLock and others)',
    matters: 3,
    elsewhere: true,
    means: 'Another Barman process has the lock for this server or backup. Only one does such work at a time.',
    causes: [
      {
        cause: 'An earlier backup or recovery still runs, or hangs.',
        on: 'barman host',
        check: 'pgrep -au barman; barman list-backups <server>',
      },
    ],
    todo: 'Wait for it. A lock file without a process does not matter: the lock ends with its process.',
  },
  {
    id: 'barman-cloud-module',
    says: [
      'Missing required python module: %s',
      'Missing required python module: boto3',
      'Missing required python module: azure-storage-blob',
      'Missing required python module: azure-identity',
      'Missing required python module: google-cloud-storage',
    ],
    source: 'barman, cloud_providers/',
    matters: 5,
    elsewhere: true,
    means: 'barman-cloud needs a Python module for this object store, and the Python that runs it does not have it.',
    causes: [
      {
        cause: 'The module was never installed, or for another Python (another user, a virtual environment).',
        on: 'this host',
        check:
          'head -1 "$(command -v barman-cloud-backup)"; python3 -m pip list 2>/dev/null | grep -iE "boto3|azure|google-cloud"',
      },
    ],
    todo: 'Install it for that Python: python3-boto3 (S3), python3-azure-storage-blob and azure-identity, or google-cloud-storage.',
  },
  {
    id: 'barman-recursion',
    says: ['maximum recursion depth exceeded while calling a Python object', 'maximum recursion depth exceeded'],
    among: /barman|patroni|wal-e\b/iu,
    source: 'Python; seen of barman-cloud-check-wal-archive 3.4',
    matters: 4,
    elsewhere: true,
    means:
      'A Python program ran into its own limit: a fault of this release, or of the library for the object store below it. It says nothing of credentials, the store or the server.',
    causes: [
      {
        cause: 'The releases of Barman, Python and the library.',
        on: 'that host',
        check:
          'barman-cloud-backup --version; python3 --version; python3 -m pip list 2>/dev/null | grep -iE "barman|boto|azure|google-cloud-storage"',
      },
    ],
    todo: 'Update Barman and that library; with an operator, use an image that has newer ones.',
  },
  {
    id: 'barman-cloud-store',
    says: [
      "Can't connect to cloud provider: %s",
      'Bucket %s does not exist',
      'Barman cloud WAL archiver exception: %s',
      'Barman cloud WAL restore exception: %s',
      'Barman cloud backup exception: %s',
      'Barman cloud restore exception: %s',
      'Barman cloud backup list exception: %s',
      'Barman cloud backup delete exception: %s',
      'Barman cloud WAL archive check exception: %s',
      'Invalid s3 URL address: %s',
      'azure blob storage URL %s is malformed',
    ],
    among: /barman|cloud provider|cloud-/iu,
    source: 'barman, clients/cloud_*.py, cloud_providers/',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'barman-cloud could not work with the object store. What stands behind the colon, or on the lines before, is what the store or its library said.',
    causes: [
      {
        cause: 'Credentials, region, endpoint or bucket, as this user and service see them.',
        on: 'this host',
        check:
          'barman-cloud-backup-list --test <URL of the store> <server>; env | grep -E "^(AWS|AZURE|GOOGLE)" | cut -d= -f1',
      },
    ],
  },
  {
    id: 'barman-cloud-destination',
    says: [
      'Destination %s already exists and it is not empty',
      'Backup %s for server %s does not exists',
      'Backup %s for server %s does not exist',
    ],
    among: /barman|cloud|Destination \S+ already/iu,
    source: 'barman, clients/cloud_restore.py, cloud_backup_show.py',
    matters: 5,
    elsewhere: true,
    means:
      'barman-cloud-restore writes into an empty directory only, and restores backups that are in the store under this server name.',
    causes: [
      {
        cause: 'The directory has files: an earlier attempt, or the data directory of a server.',
        on: 'this host',
        check: 'ls -la <directory> | head',
      },
      {
        cause: 'The server name or backup ID differs from the one of the backup.',
        on: 'this host',
        check: 'barman-cloud-backup-list <URL of the store> <server>',
      },
    ],
    todo: 'Move the directory aside (do not delete it before the restore works), and run it again.',
  },
];
