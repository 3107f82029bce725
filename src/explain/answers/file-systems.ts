import { namesPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** What opens, reads, makes or changes files, in the server and its programs. */
const ofFiles = [
  'permission-open-file',
  'bb-open-file',
  'bb-stat-file',
  'hba-could-not-open',
  'read-file',
  'create-file-xlog',
  'write-file',
  'write-block',
  'extend-file',
  'extend-file-fallocate',
  'fsync-file',
  'rename-file',
  'could-not-remove-file',
  'lock-file-create',
  'lock-file-open',
  'lock-file-write',
  'lock-file-remove',
  'wal-write-panic',
  'walreceiver-write-segment-failed',
  'walreceiver-close-segment-failed',
  'could-not-read-wal-segment',
  'walsender-read-segment',
  'archive-status-create',
  'archive-status-write',
  'could-not-create-missing-dir',
  'data-dir-read-permissions',
  'chdir-failed',
  'guc-could-not-access-dir',
  'guc-config-file-access',
  'config-could-not-open',
  'config-could-not-open-dir',
  'could-not-open-log-file',
  'could-not-write-log-file',
  'tblspc-set-perms',
  'pgctl-dir-access',
  'pgctl-could-not-open-log',
  'pgbb-create-dir',
  'pgbb-access-dir',
  'pgbb-create-file',
  'pgbb-write-file',
  'pgbb-finish-wal',
  'pgrw-open-wal',
  'pgrw-write-wal',
  'rewind-could-not-open',
] as const;

/** Reasons of the operating system that mean the same for whatever is written: they go before what is said of single messages. */
export const answersAboutFileSystems: readonly Answer[] = [
  {
    of: [
      'pgbb-write-file',
      'write-file',
      'pgbb-create-dir',
      'pgbb-create-file',
      'create-file-xlog',
      'pgbb-finish-wal',
      'os-enospc',
    ],
    when: /^(?=[^]*\bpg_basebackup\b)[^]*(?:No space left on device|Disk quota exceeded)/u,
    kind: 'cause',
    means:
      'The disk that pg_basebackup writes to is full. The server that is copied has no fault. pg_basebackup removes what it had written, unless --no-clean was given.',
    causes: [
      {
        cause:
          'The target has less room than the primary uses, WAL during the copy included; or its inodes or its quota are used up.',
        on: 'standby',
        check: 'df -h {file|<target directory>} || df -h; df -i; quota 2>/dev/null',
        rule: 'target/disk-space',
      },
      {
        cause: 'How much the primary has (tablespaces included):',
        on: 'primary',
        check:
          'psql -c "SELECT spcname, pg_size_pretty(pg_tablespace_size(oid)) FROM pg_tablespace" -c "SELECT pg_size_pretty(sum(size)) AS wal FROM pg_ls_waldir()"',
      },
      { cause: 'The copy of an earlier attempt is still there.' },
    ],
    todo: 'Make room or choose a larger file system (-D, --waldir for the WAL, -T for a tablespace), and run it again into an empty directory.',
  },
  {
    of: ['pgrw-write-wal', 'pgrw-open-wal', 'pgbb-finish-wal', 'write-file', 'os-enospc'],
    when: /^(?=[^]*\bpg_receivewal\b)[^]*(?:No space left on device|Disk quota exceeded)/u,
    kind: 'cause',
    means:
      'The disk that pg_receivewal writes to is full. It tries again by itself. With a slot, the primary keeps the WAL meanwhile, and its own disk fills up.',
    causes: [
      {
        cause: 'Nothing removes old WAL there, or the clean-up failed (pg_archivecleanup, Barman).',
        on: 'client',
        check: 'df -h <target directory>; df -i <target directory>; ls <target directory> | wc -l',
      },
      {
        cause: 'How much the primary holds back for it:',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept FROM pg_replication_slots"',
        rule: 'slot/at-risk',
      },
    ],
    todo: 'Make room: WAL older than the oldest backup that you keep is not needed any more (pg_archivecleanup -n <directory> <first segment of that backup> shows which).',
  },
  {
    id: 'directory-is-mount-point',
    says: [
      "rm: cannot remove '%s': Device or resource busy",
      "rm: can't remove '%s': Resource busy",
      "mv: cannot move '%s' to '%s': Device or resource busy",
      "rmdir: failed to remove '%s': Device or resource busy",
      'could not remove directory "%s": Device or resource busy',
    ],
    among: namesPostgres,
    source: 'Linux, rmdir(2); coreutils and BusyBox, rm, mv',
    matters: 5,
    elsewhere: true,
    means:
      'The directory is itself a mount point (of a volume or a bind mount), and such a one cannot be removed or renamed while it is mounted. What was in it may be gone already.',
    causes: [
      {
        cause:
          'The data directory of the script or the tool (Patroni renames and removes it, too) is the directory at which the volume is mounted.',
        on: 'standby',
        check: 'findmnt -T <data directory>; ls -la <data directory>',
      },
    ],
    todo: 'Mount the volume one level higher, and let the data directory be a directory in it: PGDATA=<mount point>/pgdata. A script that empties it should move what is inside aside, not the directory.',
  },
  {
    of: ['rename-file', 'could-not-remove-file'],
    when: /Device or resource busy/u,
    kind: 'cause',
    means:
      'The server replaces {value|the file} by renaming a new one over it, and the file is itself a mount point, which cannot be replaced.',
    causes: [
      {
        cause:
          'A single file is mounted into the data directory: docker -v …/postgresql.auto.conf, a ConfigMap or Secret with subPath.',
        on: 'host',
        check:
          'grep -E "postgresql|pg_hba|pgdata" /proc/mounts; docker inspect <container> --format "{{json .Mounts}}"',
      },
      { cause: 'On NFS or Windows: another process has it open.' },
    ],
    todo: 'Mount the file outside the data directory and name it: -c config_file=…, -c hba_file=…, or include in postgresql.conf. postgresql.auto.conf must be a file of the volume itself.',
  },
  {
    of: ['could-not-remove-file'],
    when: /(?:\.signal|backup_label|recovery\.conf)"[^\n]*: Is a directory/u,
    kind: 'cause',
    means:
      '{file} is a directory, and must be a file: the server found it there, ended its recovery, and cannot remove it.',
    causes: [
      {
        cause:
          'Docker makes a directory where a single file that does not exist is mounted (-v ./standby.signal:/…/standby.signal).',
        on: 'standby',
        check: 'cd <data directory> && ls -ld {file}; grep -F {file} /proc/mounts',
        rule: 'standby/signal-is-directory',
      },
      { cause: 'A script used mkdir instead of touch.' },
    ],
    todo: 'Take the mount away, move the directory aside (mv {file} {file}.old), and touch {file} if this is to be a standby. Then start the server.',
  },
  {
    of: [
      'could-not-remove-file',
      'rename-file',
      'tblspc-set-perms',
      'create-file-xlog',
      'write-file',
      'permission-open-file',
      'bb-open-file',
    ],
    when: /Operation not permitted/u,
    kind: 'cause',
    means: 'The operating system forbids the change of {file}, although the modes may allow it.',
    causes: [
      {
        cause:
          'It belongs to another user: only the owner (or root) changes a mode, and removes a file from a directory with the sticky bit.',
        on: 'server',
        check: 'cd <data directory> && ls -ldn {file} "$(dirname {file})"; id; lsattr -d {file}',
        rule: 'standby/wrong-owner',
      },
      { cause: 'It has the attribute i or a (chattr), or a security product protects it.' },
      {
        cause: 'The file system knows no owners and modes (SMB, a Windows folder, NFS with all_squash).',
        on: 'server',
        check: 'findmnt -T <data directory>',
      },
    ],
    todo: 'As root, in the data directory: chown postgres: {file}, or chattr -i {file}. On such a file system a data directory cannot be kept: use a local one or a volume.',
  },
  {
    of: ofFiles,
    when: /Stale file handle|Transport endpoint is not connected|Structure needs cleaning|Host is down\b/u,
    kind: 'cause',
    means:
      'The file system under {file|the directory} no longer works: {error|see the text after the colon}. PostgreSQL and its files may be whole.',
    causes: [
      {
        cause:
          '"Stale file handle": the NFS server was restarted or exports another volume. "Transport endpoint is not connected": the FUSE process (s3fs, glusterfs, sshfs) is dead.',
        on: 'server',
        check: 'findmnt -T {file|<data directory>}; dmesg -T | grep -iE "nfs|fuse|ext4|xfs|i/o error" | tail',
      },
      { cause: '"Structure needs cleaning": the kernel found the file system itself damaged.' },
    ],
    todo: 'Stop the server before anything else. A mount: unmount and mount it again, then start. A damaged file system: copy what can be read to other storage first; a standby gets a new base backup, a primary is failed over.',
  },
  {
    of: ofFiles,
    when: /Too many open files in system/u,
    kind: 'cause',
    means: 'No more files could be opened: the limit of the whole machine is reached, not that of this process.',
    causes: [
      {
        cause: 'The machine: many sessions, each with up to max_files_per_process (1000) files; or another program.',
        on: 'server',
        check:
          'cat /proc/sys/fs/file-nr; psql -c "SHOW max_files_per_process" -c "SELECT count(*) FROM pg_stat_activity"',
      },
    ],
    todo: 'As root: sysctl -w fs.file-max=<a larger number>, and in /etc/sysctl.d for the next boot; no restart is needed. A lower max_files_per_process or fewer sessions (a pooler) need fewer files.',
  },
  {
    id: 'thin-pool-full',
    says: ['switching pool to out-of-data-space', 'snapshots: Invalidating snapshot: Unable to allocate exception'],
    among: /postgres|pg_|\b(?:LOG|FATAL|PANIC|ERROR): {2}/u,
    source: 'Linux, drivers/md/dm-thin.c, dm-snap.c',
    matters: 5,
    means:
      'LVM itself has run out of room below the file system (a thin pool, or a snapshot): writes fail although df shows free space there.',
    causes: [
      {
        cause: 'The pool or the snapshot is full (Data%).',
        on: 'host',
        check: 'lvs -a -o lv_name,vg_name,lv_size,pool_lv,data_percent,metadata_percent,snap_percent; vgs',
      },
    ],
    todo: 'Stop the server. A thin pool: lvextend it, then check the file system before the next start. A snapshot that is invalid holds nothing usable: take the copy again, with a larger one.',
  },
];
