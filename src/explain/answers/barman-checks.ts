import type { Answer } from '../answer.ts';

const logOfBarman = 'tail -n 40 /var/log/barman/barman.log';

/** The lines of barman check, by the names of the checks (barman, server.py, backup_executor.py, wal_archiver.py). */
export const answersAboutBarmanChecks: readonly Answer[] = [
  {
    id: 'barman-check-ssh',
    says: ['ssh: FAILED (Connection failed using %s)', 'ssh: FAILED', 'ssh output clean: FAILED'],
    source: 'barman, backup_executor.py, check_ssh',
    matters: 5,
    elsewhere: true,
    means:
      'The user barman cannot run a command on the server by ssh_command (or the login there prints something, which would get into the copies). Backups by rsync and recoveries need that.',
    causes: [
      {
        cause: 'The key of barman is not in authorized_keys of postgres on the server, or the host key is not known.',
        on: 'barman host',
        check: 'sudo -u barman ssh postgres@<server> true; echo $?',
      },
      {
        cause: 'ssh output clean: .bashrc or a banner of the remote user prints something without a terminal.',
        on: 'barman host',
        check: 'sudo -u barman ssh postgres@<server> true | wc -c',
      },
    ],
  },
  {
    id: 'barman-check-settings',
    says: [
      "wal_level: FAILED (please set it to a higher level than 'minimal')",
      'wal_level: FAILED',
      'archive_mode: FAILED (please set it to %s)',
      'archive_mode: FAILED',
      'archive_command: FAILED (please set it accordingly to documentation)',
      'archive_command: FAILED',
      'continuous archiving: FAILED',
    ],
    source: 'barman, server.py, check_postgres; wal_archiver.py, FileWalArchiver.check',
    matters: 5,
    elsewhere: true,
    means: 'The server does not archive WAL as Barman is configured to get it (archiver = on).',
    causes: [
      {
        cause: 'wal_level is minimal, archive_mode is off (both need a restart), or archive_command is empty.',
        on: 'primary',
        check: 'psql -c "SHOW wal_level" -c "SHOW archive_mode" -c "SHOW archive_command"',
      },
      {
        cause: 'continuous archiving: archive_command is set, and its last attempts failed.',
        on: 'primary',
        check: 'psql -c "SELECT archived_count, failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver"',
      },
    ],
    todo: "archive_command = 'barman-wal-archive <barman host> <server> %p' (package barman-cli); or, where WAL comes over receive-wal only, archiver = off and streaming_archiver = on in Barman.",
  },
  {
    id: 'barman-check-files-kept',
    says: [
      'archiver errors: FAILED (duplicates: %s; unknown: %s)',
      'archiver errors: FAILED',
      'incoming WALs directory: FAILED (there are too many WALs in queue: %s, max %s)',
      'incoming WALs directory: FAILED',
      'streaming WALs directory: FAILED',
    ],
    source: 'barman, server.py, check_archive, check_archiver_errors',
    matters: 4,
    elsewhere: true,
    means:
      'WAL files stay where Barman received them instead of going into its archive: too many wait, or they were put aside as duplicates or unknown (directory errors).',
    causes: [
      {
        cause: 'barman cron does not run (every minute, as the user barman), or archive-wal ends with an error.',
        on: 'barman host',
        check: `barman archive-wal <server>; ${logOfBarman}`,
      },
      {
        cause:
          'duplicates with other content: another server (a former primary that runs on, a test copy) archives to the same place.',
        on: 'barman host',
        check: 'barman show-server <server> | grep -E "errors_directory|incoming_wals|streaming_wals"',
      },
    ],
    todo: 'Move files of "errors" aside only after you know where they came from.',
  },
  {
    id: 'barman-check-wal-age',
    says: [
      'wal maximum age: FAILED (interval provided: %s, latest wal age: %s)',
      'wal maximum age: FAILED (No WAL files archived for last backup)',
      'wal maximum age: FAILED',
    ],
    source: 'barman, server.py, check_wal_validity (2.18 and later)',
    matters: 4,
    elsewhere: true,
    means:
      'The newest WAL file in Barman is older than last_wal_maximum_age allows: a recovery would lose all that came after it.',
    causes: [
      {
        cause: 'WAL does not arrive any more: receive-wal is not running, or archive_command fails.',
        on: 'primary',
        check:
          'psql -c "SELECT last_archived_wal, last_archived_time, last_failed_wal FROM pg_stat_archiver" -c "SELECT slot_name, active FROM pg_replication_slots"',
      },
      {
        cause: 'The server writes too little to fill a segment: archive_timeout, or barman switch-wal in a job.',
        on: 'barman host',
        check: 'barman switch-wal --force --archive <server>',
      },
      { cause: 'barman cron does not run on the Barman host.' },
    ],
  },
  {
    id: 'barman-check-system-id',
    says: [
      'systemid coherence: FAILED (the system Id of the connected PostgreSQL server changed, stored in "%s")',
      'systemid coherence: FAILED',
      'the system Id of the connected PostgreSQL server changed, stored in "%s"',
      'Primary and standby have same system ID: FAILED',
    ],
    source: 'barman, server.py, check_identity, check_standby',
    matters: 5,
    elsewhere: true,
    means:
      'The server that Barman reaches is another cluster than the one of which it has backups (or than the primary of this standby): it was made by initdb or pg_upgrade, or the connection leads elsewhere.',
    causes: [
      {
        cause:
          'conninfo, streaming_conninfo or primary_conninfo leads to another server: they must all reach one cluster.',
        on: 'barman host',
        check: 'barman show-server <server> | grep -E "conninfo|systemid"',
      },
      { cause: 'The cluster was upgraded (pg_upgrade) or created again (initdb): its backups are a new series.' },
    ],
    todo: 'After an upgrade: a new server section in Barman (another name and directories), and a first backup. The old backups stay usable under the old name.',
  },
  {
    id: 'barman-check-standby-setup',
    says: ['PostgreSQL server is standby: FAILED', 'Primary server is not a standby: FAILED'],
    source: 'barman, server.py, check_standby (3.5 and later)',
    matters: 5,
    elsewhere: true,
    means:
      'primary_conninfo is set in Barman, which says that conninfo is a standby and primary_conninfo its primary. One of them is not what it should be.',
    causes: [
      {
        cause: 'A failover has exchanged the roles.',
        on: 'barman host',
        check:
          'psql "<conninfo>" -c "SELECT pg_is_in_recovery()"; psql "<primary_conninfo>" -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'Exchange the two connection strings in the configuration of Barman, or leave primary_conninfo out and back up the primary.',
  },
  {
    id: 'barman-check-programs',
    says: [
      'pg_basebackup: FAILED',
      'pg_basebackup compatible: FAILED (PostgreSQL version: %s, pg_basebackup version: %s)',
      'pg_basebackup compatible: FAILED',
      'pg_basebackup supports tablespaces mapping: FAILED',
      'pg_receivexlog: FAILED',
      'pg_receivexlog compatible: FAILED (PostgreSQL version: %s, pg_receivexlog version: %s)',
      'pg_receivexlog compatible: FAILED',
      'compression settings: FAILED',
    ],
    source: 'barman, backup_executor.py, wal_archiver.py, backup.py',
    matters: 5,
    elsewhere: true,
    means: 'A program that Barman needs on its own host is missing there, or is too old for this server.',
    causes: [
      {
        cause:
          'The client package of PostgreSQL (pg_basebackup, pg_receivewal) is not installed on the Barman host, or older than the server: it must be of the same major release or newer.',
        on: 'barman host',
        check: 'pg_basebackup --version; ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null',
      },
      {
        cause: 'Several releases are installed and the wrong one is found: path_prefix names the directory.',
        on: 'barman host',
        check: 'barman show-server <server> | grep -E "path_prefix|_path|compatible|compression"',
      },
      { cause: 'compression settings: the program or Python module for compression is missing on the Barman host.' },
    ],
  },
  {
    id: 'barman-check-privileges',
    says: [
      'superuser or standard user with backup privileges: FAILED',
      'no access to backup functions: FAILED (privileges for PostgreSQL backup functions are required (see documentation))',
      'no access to backup functions: FAILED',
      'no access to monitoring functions: FAILED',
    ],
    source: 'barman, server.py, check_postgres',
    matters: 5,
    elsewhere: true,
    means: 'The role in conninfo may not call the functions that begin and end a backup.',
    causes: [
      {
        cause: 'It is not a superuser, and the rights on these functions were not granted in the database of conninfo.',
        on: 'primary',
        check: 'psql -d <database of conninfo> -c "\\du <role>" -c "\\df+ pg_backup_start"',
      },
    ],
    todo: 'In the database of conninfo: GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_switch_wal(), pg_create_restore_point(text) TO <role>; GRANT pg_read_all_settings, pg_read_all_stats TO <role>; (before 15: pg_start_backup(text, boolean, boolean), pg_stop_backup(), pg_stop_backup(boolean, boolean)). Also pg_checkpoint from 15 on.',
  },
  {
    id: 'barman-check-configuration',
    says: [
      'configuration: FAILED',
      'directories: FAILED',
      'retention policy settings: FAILED (see log)',
      'retention policy settings: FAILED',
      'exclusive backup supported: FAILED (exclusive backups not supported on PostgreSQL %s)',
      'exclusive backup supported: FAILED',
    ],
    among: /barman|Server \S+:|: OK\b/u,
    source: 'barman, server.py, check_configuration, check_directories; backup_executor.py',
    matters: 5,
    elsewhere: true,
    means: 'The configuration of this server in Barman is refused, or its directories cannot be made or written.',
    causes: [
      {
        cause:
          'directories, configuration: barman_home or another directory belongs to another user (a command run as root), is full, or two servers have the same one.',
        on: 'barman host',
        check:
          'ls -ld /var/lib/barman /var/lib/barman/*; df -h /var/lib/barman; barman diagnose | grep -A4 errors_list',
      },
      {
        cause: 'retention policy: it is misspelled (REDUNDANCY n, RECOVERY WINDOW OF n DAYS).',
        on: 'barman host',
        check: 'grep -rn retention_policy /etc/barman.conf /etc/barman.d/ /etc/barman/',
      },
      {
        cause: 'exclusive backup: gone since PostgreSQL 15. Set backup_options = concurrent_backup.',
      },
    ],
  },
  {
    id: 'barman-check-backup-label',
    says: [
      "backup_label: FAILED (Check that the PostgreSQL server is up and no 'backup_label' file is in PGDATA.)",
      'backup_label: FAILED',
    ],
    source: 'barman, backup_executor.py, RsyncBackupExecutor',
    matters: 5,
    elsewhere: true,
    means:
      'Barman cannot connect to the server and sees a backup_label in its data directory: an exclusive backup was not ended, and the server may refuse to start because of it.',
    causes: [
      {
        cause: 'The server crashed or was restarted during an exclusive backup (up to 14).',
        on: 'primary',
        check: 'ls -l <data directory>/backup_label; tail -n 20 <log of PostgreSQL>',
      },
    ],
    todo: 'On the original primary only, never on a restored copy: move backup_label aside and start the server. Then use backup_options = concurrent_backup.',
  },
  {
    id: 'barman-check-timeout',
    says: ['check timeout: FAILED (barman check command timed out)', 'barman check command timed out'],
    source: 'barman, server.py, check (check_timeout, 30 s by default)',
    matters: 4,
    elsewhere: true,
    means:
      'One of the checks did not end within check_timeout: a connection hangs, or the catalog is very large or slow.',
    causes: [
      {
        cause: 'The server or ssh to it does not answer (a firewall that drops packets).',
        on: 'barman host',
        check: 'sudo -u barman timeout 10 ssh postgres@<server> true; pg_isready -h <server> -t 5',
      },
      { cause: 'The storage of barman_home is slow (NFS, many WAL files): raise check_timeout.' },
    ],
  },
  {
    id: 'barman-check-snapshots',
    says: [
      'snapshot instance exists in zone: FAILED',
      'snapshot disks attached to instance: FAILED',
      'snapshot disks mounted on instance: FAILED',
    ],
    source: 'barman, backup_executor.py, SnapshotBackupExecutor (3.6 and later)',
    matters: 5,
    elsewhere: true,
    means: 'backup_method = snapshot names a machine or disks that the cloud provider does not show like that.',
    causes: [
      {
        cause:
          'snapshot_instance, snapshot_disks or the zone is misspelled, the disks were exchanged, or the credentials of barman do not see them.',
        on: 'barman host',
        check: 'barman show-server <server> | grep snapshot_',
      },
    ],
  },
];
