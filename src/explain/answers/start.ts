import type { Answer } from '../answer.ts';

/** Why a server does not start. */
export const answersAboutStart: readonly Answer[] = [
  {
    of: ['could-not-locate-required-checkpoint', 'backup-label-could-not-find-redo'],
    standing: 'cause',
    matters: 5,
    means:
      'backup_label in the data directory says where recovery must begin, and the WAL of that checkpoint is not in pg_wal. What to do depends on what this directory is.',
    causes: [
      {
        cause:
          'A restored copy or base backup whose WAL is missing: NEVER remove backup_label. Bring the WAL: copy it into pg_wal, or create standby.signal (with primary_conninfo) or recovery.signal (with restore_command).',
        on: 'standby',
        check: 'cat <data directory>/backup_label; ls <data directory>/pg_wal',
        rule: 'standby/raw-copy',
      },
      {
        cause:
          'The original server itself, which crashed during an exclusive backup (pg_start_backup; 14 and older): its WAL is complete, and backup_label was left over. Only there: move backup_label aside and start. START TIME in the file is then of the last backup on this very server, and the directory was never copied.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "cluster state|REDO WAL"; ls -l <data directory>/backup_label',
      },
      { cause: 'The base backup was taken with -X none.', rule: 'command/wal-not-included' },
    ],
    todo: 'If in doubt, take a new base backup with pg_basebackup -X stream -R: it brings its WAL.',
  },
  {
    of: ['could-not-locate-valid-checkpoint'],
    standing: 'cause',
    matters: 5,
    means: 'The control file points to a checkpoint whose WAL is missing or unreadable in pg_wal.',
    causes: [
      {
        cause:
          'The directory is a raw copy (cp, rsync, snapshot of parts) of a running server without backup_label, or somebody removed backup_label: make a proper base backup.',
        on: 'standby',
        check: 'ls <data directory>/backup_label*; ls -l <data directory>/pg_wal | tail',
        rule: 'standby/raw-copy',
      },
      {
        cause: 'Files in pg_wal were deleted, or pg_wal is on a disk that is not mounted or was full.',
        on: 'standby',
        check: 'ls -ld <data directory>/pg_wal; df -h <data directory>/pg_wal',
      },
      { cause: 'The machine crashed and the storage lost writes.' },
    ],
    todo: 'A standby: make a new base backup. A primary without backup: copy the whole directory first. pg_resetwal is the last resort, loses data, and only for dumping what is left.',
  },
  {
    of: [
      'invalid-checkpoint-record',
      'invalid-checkpoint-location',
      'invalid-primary-checkpoint',
      'invalid-rmgr-in-checkpoint',
      'invalid-xlinfo-in-checkpoint',
      'invalid-length-of-checkpoint',
      'could-not-find-redo-panic',
    ],
    says: [
      'invalid primary checkpoint record',
      'invalid secondary checkpoint record',
      'could not open file "pg_xlog/%s" (log file %s, segment %s): No such file or directory',
    ],
    id: 'checkpoint-record',
    standing: 'cause',
    matters: 4,
    means: 'The WAL record of the last checkpoint cannot be read: its segment is missing or damaged.',
    causes: [
      {
        cause: 'A copy of a running server without backup mode, or with backup_label removed.',
        on: 'standby',
        check: 'ls <data directory>/backup_label*; ls -l <data directory>/pg_wal | tail',
        rule: 'standby/raw-copy',
      },
      { cause: 'A base backup whose WAL was not copied.', rule: 'wal/gap' },
      { cause: 'Files were removed from pg_wal, or the storage lost writes in a crash.' },
    ],
    todo: 'A standby: make a new base backup. pg_resetwal loses data and is the last resort on a copy.',
  },
  {
    of: ['wal-ends-before-end-of-backup', 'wal-ends-before-consistent'],
    standing: 'cause',
    matters: 5,
    means:
      'Recovery ran out of WAL before the end of the backup: the data directory is not consistent without the rest.',
    causes: [
      {
        cause:
          'The WAL up to the end of the backup is not in pg_wal and not in the archive (backup without -X stream, archive incomplete).',
        on: 'standby',
        check: 'cat <data directory>/backup_label; ls <data directory>/pg_wal | tail',
        rule: 'standby/raw-copy',
      },
      { cause: 'standby.signal or recovery.signal is missing, so that the server does not look for more.' },
      { cause: 'pg_backup_stop was never called, or the copy was taken before it.' },
    ],
    todo: 'Bring the missing WAL (restore_command, or standby.signal with primary_conninfo), or make a new base backup with -X stream.',
  },
  {
    of: ['wal-invalid-pages', 'page-does-not-exist', 'page-uninitialized'],
    means:
      'Replay met a page that is not in the files as the WAL expects: the data directory is not a consistent copy.',
    causes: [
      {
        cause: 'The copy was made without backup mode, or with tools that skipped or truncated files.',
        rule: 'standby/raw-copy',
      },
      {
        cause: 'Storage damage on the standby, or a bug that a newer minor release fixes.',
        on: 'standby',
        check: 'postgres --version',
      },
    ],
    todo: 'Make a new base backup of the standby.',
  },
  {
    of: ['recovery-conf-not-supported'],
    means: 'recovery.conf is in the data directory, and releases from 12 on do not start with it.',
    causes: [
      {
        cause: 'A guide for older releases, or an old tool, wrote it.',
        on: 'standby',
        check: 'cat <data directory>/recovery.conf',
        rule: 'standby/recovery-conf-present',
      },
    ],
    todo: 'Move its settings to postgresql.auto.conf, without standby_mode and trigger_file (that was promote_trigger_file until 15, and is gone since 16). Create standby.signal for a standby, or recovery.signal for a point-in-time recovery. Then move recovery.conf aside.',
  },
  {
    of: ['config-unrecognized-param-file', 'config-unrecognized-param'],
    matters: 5,
    standing: 'cause',
    when: /promote_trigger_file|trigger_file/u,
    means:
      'The configuration sets {parameter}, which this release does not know: trigger_file became promote_trigger_file in 12, and that is gone since 16.',
    todo: 'Remove the line. Promote with pg_ctl promote or SELECT pg_promote().',
    causes: [
      {
        cause: 'The configuration comes from an older release.',
        on: 'standby',
        check: 'grep -rn trigger_file <data directory>/postgresql*.conf',
        rule: 'standby/config-file-error',
      },
    ],
  },
  {
    of: ['config-unrecognized-param-file', 'config-unrecognized-param'],
    matters: 5,
    standing: 'cause',
    when: /wal_keep_segments|checkpoint_segments|standby_mode|stats_temp_directory|replication_timeout|max_files_per|wal_receiver_create_temp|vacuum_defer_cleanup_age|old_snapshot_threshold|db_user_namespace|force_parallel_mode|operator_precedence_warning|promote|wal_keep_size|log_directory|recovery_target|restore_command|primary_conninfo/u,
    means:
      'The configuration sets {parameter}, which this release does not know. Examples: wal_keep_segments is wal_keep_size since 13; checkpoint_segments is max_wal_size since 9.5; standby_mode is the file standby.signal since 12; vacuum_defer_cleanup_age is gone since 17. Before 12, primary_conninfo and restore_command belong in recovery.conf.',
    causes: [
      {
        cause: 'The configuration was written for another release, often by a guide.',
        on: 'standby',
        check: 'postgres --version',
        rule: 'standby/config-file-error',
      },
    ],
    todo: 'Remove or rename the setting in the file and line that the message names, then start again.',
  },
  {
    of: ['config-unrecognized-param-file', 'config-unrecognized-param'],
    matters: 5,
    standing: 'cause',
    means:
      'The configuration sets {parameter}, which this server does not know: misspelled, of another release, or of an extension that is not loaded.',
    causes: [
      {
        cause: 'See the file and line in the message.',
        on: 'standby',
        check: 'postgres --version',
        rule: 'standby/config-file-error',
      },
    ],
    todo: 'Correct or remove the setting, then start again.',
  },
  {
    of: ['config-file-errors', 'config-file-errors-unaffected', 'config-file-errors-none'],
    standing: 'consequence',
    matters: 4,
    means: 'The configuration file {file} has an error; the LOG line before this one names the setting and the line.',
    causes: [
      {
        cause: 'See the lines before.',
        on: 'standby',
        check: 'postgres -C max_connections -D <data directory>',
        rule: 'standby/config-file-error',
      },
    ],
  },
  {
    of: ['config-syntax-token', 'config-syntax-eol'],
    matters: 5,
    means:
      'A configuration file cannot be read at the line that the message names: a missing quotation mark, a missing value, or text that is no setting.',
    causes: [
      {
        cause: 'Values with blanks or special characters stand in single quotes.',
        on: 'standby',
        check: "sed -n '{line}p' {file}",
        rule: 'standby/config-file-error',
      },
    ],
  },
  {
    of: ['must-specify-restore-command'],
    means:
      'recovery.signal is there, and restore_command is not set. A standby that follows a primary needs standby.signal instead.',
    causes: [
      {
        cause: 'The wrong signal file was created (or, before 12, standby_mode is not on in recovery.conf).',
        on: 'standby',
        check: 'ls <data directory>/*.signal',
        rule: 'standby/recovery-signal-instead',
      },
    ],
    todo: 'For a standby: create standby.signal and move recovery.signal aside. For a point-in-time recovery: set restore_command.',
  },
  {
    of: ['neither-conninfo-nor-restore'],
    means:
      'The standby has standby.signal but neither primary_conninfo nor restore_command: it does not know where to get WAL and only reads its own pg_wal.',
    causes: [
      {
        cause: 'pg_basebackup was run without -R, or the settings are in a file that is not read.',
        on: 'standby',
        check: 'postgres -C primary_conninfo -D <data directory>',
        rule: 'conninfo/missing',
      },
    ],
  },
  {
    of: ['lock-file-exists', 'preexisting-shmem', 'preexisting-shmem-win'],
    means:
      'A server is running on this data directory or socket already, or a lock file of a killed server is left over.',
    causes: [
      {
        cause: 'The server is running. Two servers on one directory would destroy it.',
        on: 'standby',
        check: 'ps -ef | grep "[p]ostgres.*-D"',
        rule: 'standby/stale-pid-file',
      },
      {
        cause:
          'postmaster.pid came with a copy or a volume from another machine, or its process id now belongs to another program.',
        on: 'standby',
        check: 'head -1 {file}',
      },
      { cause: 'A container and the host, or two containers, share the volume.' },
    ],
    todo: 'Move the file aside only when no process of PostgreSQL uses this directory, in any container or on any host.',
  },
  {
    of: ['version-incompatible'],
    means: 'The data directory was made by another major release than the one that is started on it.',
    causes: [
      {
        cause: 'The image or package was upgraded ("latest" moved on): the data was not.',
        on: 'standby',
        check: 'cat <data directory>/PG_VERSION; postgres --version',
        rule: 'standby/version-mismatch',
      },
      { cause: 'A standby has another release than its primary, or the PATH finds another one.' },
    ],
    todo: 'Start the release named in PG_VERSION. To change the release: pg_upgrade or dump and restore on the primary, then new base backups.',
  },
  {
    of: ['data-dir-invalid-permissions'],
    says: ['data directory "%s" has group or world access'],
    means: 'The data directory {directory} is accessible to others; the server accepts only 0700 or 0750.',
    causes: [
      {
        cause: 'It was created with another mode (mkdir, a copied directory, an earlier chmod).',
        on: 'standby',
        check: 'ls -ld {directory}',
        rule: 'standby/permissions',
      },
      {
        cause:
          'On a mounted file system without modes (a Windows share, some NFS or cloud volumes; Kubernetes fsGroup) chmod has no effect: use a directory below the mount point or a real volume.',
      },
    ],
  },
  {
    of: ['data-dir-wrong-ownership'],
    means:
      'The data directory {directory} belongs to another operating system user than the one that starts the server.',
    causes: [
      {
        cause: 'pg_basebackup or cp was run as root, or the user ids differ between containers or machines.',
        on: 'standby',
        check: 'ls -ldn {directory}; id postgres',
        rule: 'standby/wrong-owner',
      },
    ],
    todo: 'As root: chown -R postgres: {directory}',
  },
  {
    of: [
      'permission-open-file',
      'hba-could-not-open',
      'config-could-not-open',
      'guc-config-file-access',
      'could-not-open-log-file',
      'lock-file-create',
      'lock-file-write',
      'rewind-could-not-open',
      'bb-open-file',
      'read-file',
      'guc-could-not-access-dir',
      'pgctl-could-not-open-log',
      'os-eacces',
      'create-file-xlog',
      'lock-file-remove',
    ],
    when: /Permission denied/iu,
    standing: 'cause',
    matters: 5,
    means: 'The operating system refuses this program access to the file or directory in the message.',
    causes: [
      {
        cause:
          'It belongs to another user: files were copied or created as root, or user ids differ between containers or hosts.',
        on: 'standby',
        check: 'ls -ln {file}; id',
        rule: 'standby/wrong-owner',
      },
      {
        cause: 'A directory above it is closed to this user, or SELinux or AppArmor forbids it.',
        on: 'standby',
        check: 'namei -l {file}',
      },
      { cause: 'In an archive or restore command: it runs as the user of the server.' },
    ],
    todo: 'As root, give the data directory back to the user of the server: chown -R postgres: <data directory>',
  },
  {
    of: [
      'permission-open-file',
      'could-not-read-pg-control',
      'could-not-find-db-system',
      'not-a-valid-data-dir',
      'pgctl-not-cluster-dir',
      'data-dir-does-not-exist',
      'pgctl-dir-missing',
      'guc-could-not-access-dir',
    ],
    when: /pg_control|PG_VERSION|not a valid data directory|does not exist|could not find the database system|not a database cluster/iu,
    standing: 'cause',
    matters: 5,
    means: 'There is no complete data directory at the path that the server was given.',
    causes: [
      {
        cause: 'The path is wrong, or the volume is not mounted (an empty directory).',
        on: 'standby',
        check: 'ls -la {directory}',
        rule: 'standby/not-a-data-directory',
      },
      {
        cause: 'The base backup or its extraction was broken off: files such as global/pg_control are missing.',
        rule: 'standby/incomplete-backup',
      },
    ],
    todo: 'Correct the path or the mount; if the copy is incomplete, make a new base backup into an empty directory.',
  },
  {
    of: ['required-wal-dir-missing'],
    means: 'pg_wal is missing in the data directory, or its symbolic link leads nowhere on this machine.',
    causes: [
      {
        cause: 'The copy left it out (an rsync --exclude pg_wal), or the link points to a path of the other machine.',
        on: 'standby',
        check: 'ls -ld <data directory>/pg_wal',
        rule: 'standby/wal-directory-missing',
      },
    ],
    todo: 'Create the directory or correct the link (owner postgres, mode 0700). An empty pg_wal is enough only for a standby that gets its WAL from the primary or the archive.',
  },
  {
    of: [
      'tblspc-dir-missing-replay',
      'tblspc-symlink-create-failed',
      'tblspc-unexpected-entry',
      'could-not-read-symlink',
    ],
    means: 'The standby replays a tablespace whose directory does not exist on this machine.',
    causes: [
      {
        cause:
          'CREATE TABLESPACE on the primary names a path that was not created here (it must exist on every standby, owned by postgres).',
        on: 'standby',
        check: 'ls -ld {directory}; ls -l <data directory>/pg_tblspc',
        rule: 'standby/tablespace-link-broken',
      },
    ],
    todo: 'As root: mkdir -p {directory} && chown postgres: {directory} && chmod 0700 {directory} , then start the standby again.',
  },
  {
    of: ['control-incorrect-checksum', 'controldata-crc', 'pgctl-control-corrupt'],
    means: 'global/pg_control is damaged or was written by another release or architecture.',
    causes: [
      {
        cause: 'The file was copied while it was being written, or the copy is damaged.',
        on: 'standby',
        check: 'pg_controldata -D <data directory>',
        rule: 'standby/control-file-damaged',
      },
    ],
    todo: 'A standby: make a new base backup.',
  },
  {
    of: ['extension-library-missing', 'load-library', 'incompatible-library-version'],
    matters: 5,
    means: 'A library cannot be loaded: the message names it.',
    causes: [
      {
        cause:
          'shared_preload_libraries came from the primary, and the extension is not installed here for this release.',
        on: 'standby',
        check: 'ls "$(pg_config --pkglibdir)"',
        rule: 'standby/library-missing',
      },
      { cause: 'It is installed for another major release.' },
    ],
    todo: 'Install the package of the extension on this machine, then start again.',
  },
  {
    of: ['collation-version-mismatch'],
    says: [
      'no actual collation version, but a version was recorded',
      'collation "%s" has no actual version, but a version was recorded',
      'database "%s" has no actual collation version, but a version was recorded',
    ],
    id: 'collation-version',
    matters: 4,
    means:
      'The collations of the operating system (glibc or ICU) differ from those with which the database was written: another distribution release, another image (Debian and Alpine), or a moved volume. Indexes on text may be wrong.',
    causes: [
      {
        cause:
          'The standby (or the new image) has another C library than the primary; "no actual collation version": musl (Alpine) gives none.',
        on: 'standby',
        check: 'ldd --version | head -1',
      },
    ],
    todo: 'Run primary and standby on the same operating system release. After a move: REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION.',
  },
  {
    of: ['locale-incompatible'],
    means: 'A locale that the database uses is not installed on this machine.',
    causes: [
      {
        cause: "The standby's operating system or image lacks the locale.",
        on: 'standby',
        check: 'locale -a',
        rule: 'platform/locale-missing',
      },
    ],
    todo: 'Install or generate the locale (Debian: locale-gen), then start again.',
  },
  {
    of: ['root-not-permitted', 'pgctl-root', 'rewind-root'],
    matters: 5,
    means: 'The server and its tools refuse to run as root.',
    todo: 'Run the command as the user of the server: sudo -u postgres … (in a container: gosu postgres … or su postgres -c …).',
  },
  {
    of: ['shmem-map-failed', 'os-enomem', 'shmem-create-failed', 'could-not-fork', 'could-not-fork-process'],
    matters: 5,
    standing: 'cause',
    means: 'The operating system did not give the server the memory or processes that it asked for.',
    causes: [
      {
        cause:
          'shared_buffers (or huge_pages = on) is larger than this machine or container has; a copied configuration of a bigger primary.',
        on: 'standby',
        check: 'free -m; postgres -C shared_buffers -D <data directory>',
      },
      { cause: 'A limit of the container, systemd unit or user is reached.', on: 'standby', check: 'ulimit -a' },
    ],
  },
  {
    of: ['server-process-signal'],
    when: /signal 9\b/u,
    standing: 'cause',
    matters: 5,
    means:
      'A server process was killed with signal 9: nearly always by the out-of-memory killer of the kernel (or of the container), sometimes by kill -9. All sessions end, and the server recovers.',
    causes: [
      { cause: 'Memory ran out.', on: 'standby', check: 'dmesg -T | grep -iE "out of memory|oom-kill"' },
      { cause: 'Somebody or something used kill -9.' },
    ],
    todo: 'Lower work_mem, max_connections or shared_buffers, give the machine or container more memory, or set vm.overcommit_memory = 2.',
  },
  {
    of: [
      'server-process-signal',
      'server-process-exception',
      'terminating-crash',
      'all-processes-terminated',
      'terminating-other-processes',
    ],
    standing: 'consequence',
    matters: 4,
    means:
      'A server process crashed; the server ends all sessions and recovers. The lines before it name the process and what it was doing.',
    causes: [
      {
        cause: 'Signal 11 or 6: a bug or a faulty extension or library. Signal 7: the disk or /dev/shm is full.',
        on: 'primary',
        check: 'postgres --version; dmesg -T | tail',
      },
    ],
  },
  {
    of: [
      'server-process-exit-code',
      'aborting-startup',
      'shutting-down-startup-failure',
      'pgctl-could-not-start',
      'abnormal-shutdown',
    ],
    says: ['could not start server Examine the log output', 'could not start server'],
    id: 'start-failed',
    standing: 'consequence',
    matters: 4,
    means:
      'The server did not start, or stopped. This line only says so: the reason is the FATAL or PANIC line before it, in the log of the server.',
    causes: [
      {
        cause: 'Read the last lines of the log.',
        on: 'standby',
        check: 'tail -50 "$(ls -t <data directory>/log/* /var/log/postgresql/* 2>/dev/null | head -1)"',
        rule: 'standby/not-running',
      },
      {
        cause: 'With systemd or in a container, it is elsewhere.',
        on: 'standby',
        check: 'journalctl -u "postgresql*" -n 50 --no-pager',
      },
    ],
  },
  {
    of: ['pgctl-not-in-time'],
    means:
      'pg_ctl gave up waiting; the server may still be starting (recovery can take long), or the standby does not open for queries.',
    causes: [
      {
        cause: 'Look at what it is doing.',
        on: 'standby',
        check: 'ps aux | grep -i "[s]tartup"',
        rule: 'network/server-starting',
      },
    ],
    todo: 'Wait longer (pg_ctl -t 600, PGCTLTIMEOUT; TimeoutStartSec of the unit), and read its log.',
  },
  {
    of: ['pgctl-no-pid-file', 'pgctl-no-server', 'pgctl-is-running'],
    means: 'No server is running on that data directory (postmaster.pid does not exist there).',
    causes: [
      {
        cause: 'It stopped or never started: its log says why.',
        on: 'standby',
        check: 'ps -ef | grep "[p]ostgres.*-D"',
        rule: 'standby/not-running',
      },
      { cause: 'The command was given another directory than the one of the running server.' },
    ],
  },
  {
    of: ['pgctl-cannot-promote'],
    means: 'The server is not a standby, so it cannot be promoted.',
    causes: [
      {
        cause:
          'It was started without standby.signal (before 12: without recovery.conf), or it has been promoted already.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
        rule: 'standby/already-primary',
      },
    ],
  },
  {
    of: [
      'received-fast-shutdown',
      'received-smart-shutdown',
      'received-immediate-shutdown',
      'db-is-shut-down',
      'db-was-shut-down',
      'walreceiver-terminated-by-admin',
      'terminating-connection-admin',
      'shutting-down',
      'db-shutting-down',
    ],
    standing: 'course',
    means:
      'The server was told to stop (or restart): somebody, a service manager or a container did so. This is not a failure of its own.',
    todo: 'If nobody meant it, look for who did: the lines before this one, the service manager, the container runtime.',
  },
  {
    of: [
      'starting-server',
      'listening-on',
      'entering-standby-mode',
      'redo-starts',
      'redo-done',
      'consistent-recovery-state',
      'ready-read-only',
      'ready-accept-connections',
      'started-streaming',
      'restarted-streaming',
      'archive-recovery-start',
      'archive-recovery-complete',
      'starting-backup-recovery',
      'completed-backup-recovery',
      'restored-log-file',
      'db-was-interrupted',
      'db-interrupted-in-recovery-logtime',
      'db-shutdown-in-recovery',
      'db-not-properly-shut-down',
      'new-target-timeline',
      'selected-new-timeline',
      'redirecting-log-collector',
      'ending-log-to-stderr',
      'pgbb-completed',
      'rewind-done',
      'verify-ok',
      'connection-received',
      'connection-authorized-replication',
      'received-replication-command',
      'config-param-changed',
      'rewind-diverged-at',
      'incomplete-startup-packet',
      'fetching-timeline-history',
      'waiting-for-wal',
      'received-promote-request',
      'db-interrupted-in-recovery',
      'last-completed-transaction',
      'pgctl-started',
      'pgctl-promoted',
      'pgctl-another-running',
      'slot-acquired-physical',
      'slot-released-physical',
      'checkpoint-starting',
      'checkpoint-complete',
      'unexpected-eof-standby',
      'could-not-receive-from-client',
      'could-not-send-to-client',
      'connection-to-client-lost',
    ],
    standing: 'course',
    means: '',
  },
];
