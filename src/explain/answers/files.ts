import type { Answer } from '../answer.ts';

/** Files and file systems: what the machine must have for them. */
export const answersAboutFiles: readonly Answer[] = [
  {
    id: 'rsync-vanished',
    says: [
      'rsync: link_stat "%s" failed: No such file or directory',
      'rsync: [sender] link_stat "%s" failed: No such file or directory',
      'file has vanished: "%s"',
      'some files vanished before they could be transferred',
    ],
    among: /postgres|pgsql|barman|backup|\bbase\/|pg_/iu,
    source: 'rsync, flist.c, cleanup.c (status 24: files vanished)',
    matters: 5,
    means:
      'A file was there when rsync made its list, and gone when it came to copy it. In a running server that is normal: temporary files and dropped tables. The WAL of the backup makes up for it.',
    causes: [
      {
        cause: 'Temporary files (base/pgsql_tmp, pg_internal.init): leave them out of the copy.',
        on: 'primary',
        check: 'ls <data directory>/base/pgsql_tmp | head',
      },
      { cause: 'A name given on the command line does not exist at all: then the path is wrong.' },
    ],
    todo: 'A copy between pg_backup_start and pg_backup_stop is good in spite of it: treat status 24 as success (Barman does in later releases). pg_basebackup leaves such files out by itself.',
  },
  {
    id: 'rsync-may-not-read',
    says: [
      'rsync: send_files failed to open "%s": %m',
      'rsync: opendir "%s" failed: %m',
      'rsync: [sender] send_files failed to open "%s": %m',
    ],
    source: 'rsync, sender.c, flist.c, main.c',
    matters: 5,
    means: 'rsync cannot read {file|a file} on the host that it copies from. The receiving side is not the reason.',
    causes: [
      {
        cause:
          'Permission denied: the user that rsync (or ssh) logs in as may not read it. pg_hba.conf and the data directory are readable by the user of the server only.',
        on: 'primary',
        check: 'namei -l {file}',
      },
      { cause: 'No such file or directory: the path is another one on that host.' },
    ],
    todo: 'Let the copy log in there as the operating system user of the server (postgres), or correct the path.',
  },
  {
    of: ['os-erofs'],
    when: /\b(?:pg_wal|pg_xlog|base|global|pg_xact|pg_multixact)\/[^\n]*Read-only file system/u,
    matters: 5,
    means:
      'The file system of the data directory has become read-only, and the server cannot write WAL or data any more.',
    causes: [
      {
        cause: 'The kernel made it read-only after an error of the disk or of the file system.',
        on: 'host',
        check: 'dmesg -T | grep -iE "i/o error|remount|ext4|xfs" | tail; findmnt -T <data directory>',
      },
      { cause: 'In a container: the volume is mounted read-only, or the data directory is not on a volume.' },
    ],
    todo: 'Do not repair the file system under a running server. A standby: replace the storage and make a new base backup. A primary: fail over to a standby, or copy what can be read to other storage first.',
  },
  {
    of: ['os-erofs'],
    matters: 5,
    means: 'The file system is read-only where this program writes.',
    causes: [
      {
        cause:
          'In a container: the path is not on a volume, and the root file system is read-only (readOnlyRootFilesystem), or the volume is mounted read-only.',
        on: 'host',
        check: 'findmnt -T <directory>',
      },
      {
        cause: 'The kernel made it read-only after an I/O error.',
        on: 'host',
        check: 'dmesg -T | grep -iE "i/o error|remount|ext4|xfs" | tail',
      },
    ],
    todo: 'Use a path on a writable volume. After an I/O error, replace the storage before anything else.',
  },
  {
    of: ['lock-file-write', 'extend-file-short', 'write-block'],
    when: /No space left/u,
    matters: 5,
    means: 'The file system is full where the server writes, so it cannot start or go on.',
    causes: [
      {
        cause:
          'pg_wal has grown because archiving fails or an inactive replication slot holds WAL; or logs or other files fill the volume.',
        on: 'standby',
        check: 'df -h <data directory>; du -sh <data directory>/pg_wal <data directory>/log',
      },
    ],
    todo: 'Make room or enlarge the volume, without deleting anything from pg_wal by hand. Then start the server again.',
  },
  {
    id: 'locale-differs',
    says: [
      'lc_collate values for database "%s" do not match: old "%s", new "%s"',
      'lc_ctype values for database "%s" do not match: old "%s", new "%s"',
      'encodings for database "%s" do not match: old "%s", new "%s"',
      'locale providers for database "%s" do not match: old "%s", new "%s"',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/info.c, check.c',
    matters: 5,
    means:
      'pg_upgrade: the new cluster was created with another locale or encoding than the old one. Nothing has been changed.',
    todo: 'Create the new cluster again, with the values of the old one: initdb --locale=<old lc_collate> --encoding=<old encoding> (and --lc-ctype if it differs), then run pg_upgrade again.',
  },
  {
    of: ['os-eacces'],
    beside: /Could not (?:remove|rename) data directory/u,
    kind: 'consequence',
    matters: 5,
    means:
      'Patroni could not remove or rename {file|the data directory}: its user may not write in the parent directory. What it wanted to replace the directory for is in the lines before.',
    causes: [
      {
        cause:
          'The parent directory belongs to root or another user: the data directory is a mount point, or was made by hand.',
        on: 'standby',
        check: 'ls -ld {file} {file}/..; findmnt -T {file}',
      },
    ],
    todo: 'Put the data directory one level below a directory (or mount point) that belongs to the user of Patroni.',
  },
  {
    id: 'config-file-elsewhere',
    says: ['cannot access the server configuration file "%s"'],
    source: 'PostgreSQL before 9.5, src/backend/utils/misc/guc.c',
    matters: 5,
    means: 'The server does not find or may not read its configuration at {file}.',
    causes: [
      {
        cause:
          'Debian and Ubuntu keep postgresql.conf in /etc/postgresql/<release>/<cluster>, so that pg_ctl alone does not find it. repmgr: set service_start_command and the other service commands.',
        on: 'standby',
        check: 'pg_lsclusters; ls -l {file}',
      },
      { cause: 'The directory is not the data directory, or is empty.', on: 'standby', check: 'ls -la {directory}' },
    ],
    todo: 'Start it the way this machine does: pg_ctlcluster <version> <name> start, or systemctl start postgresql.',
  },
  {
    of: ['guc-config-file-access', 'config-could-not-open'],
    when: /No such file or directory/iu,
    matters: 5,
    means: 'The server is told to read its configuration from {file}, and that file does not exist on this machine.',
    causes: [
      {
        cause:
          'Debian and Ubuntu keep postgresql.conf in /etc/postgresql/<release>/<cluster>, outside the data directory, and a base backup does not copy it.',
        on: 'standby',
        check: 'ls -l {file} <data directory>/postgresql.conf; pg_lsclusters',
      },
      {
        cause:
          'config_file in postgresql.conf, on the command line or in the Patroni configuration names a path of another machine.',
      },
    ],
    todo: 'Create the cluster there with the tools of the distribution (pg_createcluster), copy the file from the other node, or set config_file (Patroni: postgresql.config_dir) to the right path.',
  },
  {
    of: ['permission-open-file', 'bb-open-file', 'bb-stat-file', 'read-file', 'os-eacces'],
    // a path from ./ on is one of the server that copies: its working directory is its data directory
    when: /(?:COPY (?:data|stream)|base ?backup|replication command)[^\n]*: (?:ERROR|FATAL): [^\n]*could not (?:open|read|stat)[^\n]*Permission denied|could not (?:open|read|stat)[^\n]* "\.\/[^"\n]+": Permission denied/iu,
    kind: 'cause',
    matters: 5,
    means:
      'The source server may not read {file|a file} in its own data directory, so the base backup stops there. The fault is on the source, not in the target directory.',
    causes: [
      {
        cause:
          'A person or a script (a certificate tool, a backup, root) put the file there, and it belongs to another user. A base backup reads every file of the data directory.',
        on: 'primary',
        check: 'find <data directory> ! -user postgres -exec ls -ld {} +',
        rule: 'primary/unreadable-file',
      },
    ],
    todo: 'On the source: move the file out of the data directory if PostgreSQL does not need it; otherwise give it to the user of the server (chown postgres). Then run the backup again.',
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
    kind: 'cause',
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
        cause:
          'A parent directory is closed to this user, or SELinux or AppArmor forbids it (a directory of the host in a container: mount it with :Z).',
        on: 'standby',
        check: 'namei -l {file}',
      },
      { cause: 'In an archive or restore command: it runs as the user of the server.' },
    ],
    todo: 'As root, give {file} to the user that runs the program. In a container or pod that is the user id of the image, on the mounted directory or volume (fsGroup in Kubernetes).',
  },
  {
    of: ['read-file'],
    when: /: (?:Success|No error information)\b/u,
    matters: 5,
    means: 'The file {file} is shorter than it must be, or empty: what was in it is lost.',
    causes: [
      {
        cause: 'The machine crashed or its disk was full while the file was written, or it was copied like this.',
        on: 'standby',
        check: 'ls -l <data directory>/{file}; df -h <data directory>; dmesg -T | grep -iE "i/o error|ext4|xfs" | tail',
      },
    ],
    todo: 'A standby: make a new base backup. A primary: fail over to a standby, or recover from a backup; keep this directory as it is until then.',
  },
  {
    id: 'recovery-conf-gone',
    says: [
      "No such file or directory: '%s/recovery.conf'",
      '%s/recovery.conf: No such file or directory',
      'could not open file "%s/recovery.conf": No such file or directory',
      'could not open file "recovery.conf": No such file or directory',
    ],
    source: 'PostgreSQL 12, release notes',
    matters: 4,
    means:
      'A script or tool looks for recovery.conf. Since PostgreSQL 12 there is no such file: its settings are in postgresql.conf or postgresql.auto.conf, and an empty standby.signal or recovery.signal puts the server into recovery.',
    causes: [
      {
        cause: 'The tool is older than the server, or was configured for a release before 12.',
        on: 'standby',
        check: 'cat <data directory>/PG_VERSION; ls <data directory>/*.signal',
      },
    ],
    todo: 'Update the tool. Do not create the file: a server from 12 on does not start with it.',
  },
  {
    id: 'directory-not-opened',
    of: ['install-dir-missing'],
    kind: 'cause',
    matters: 3,
    means: 'The server cannot open directory {directory}, which it needs. The text after the colon says why.',
    causes: [
      {
        cause: 'It does not exist or is not mounted on this machine, or it does not belong to the user of the server.',
        on: 'standby',
        check: 'namei -l {directory}',
      },
    ],
  },
  {
    id: 'stats-directory',
    of: ['install-dir-missing'],
    when: /pg_stat_tmp/u,
    source: 'PostgreSQL before 15, src/backend/postmaster/pgstat.c',
    matters: 4,
    means:
      'The directory for temporary statistics (stats_temp_directory, before 15) does not exist or is not writable. On Debian it is below /var/run, which is empty after a reboot.',
    causes: [
      {
        cause:
          'The service that creates it at boot (pg_ctlcluster) does not start this server: Patroni or a script does.',
        on: 'standby',
        check: 'grep -rn stats_temp_directory <data directory>/postgresql*.conf /etc/postgresql',
      },
    ],
    todo: "Set stats_temp_directory = 'pg_stat_tmp' (the default, in the data directory), or create the directory at boot (tmpfiles.d), owned by postgres.",
  },
  {
    id: 'stats-files',
    says: [
      'could not open temporary statistics file "%s": %s',
      'could not write temporary statistics file "%s": %s',
      'could not rename temporary statistics file "%s" to "%s": %s',
    ],
    source: 'PostgreSQL before 15, src/backend/postmaster/pgstat.c',
    kind: 'consequence',
    matters: 3,
    means: 'The statistics collector (before 15) cannot write its temporary file. Replication does not depend on it.',
    causes: [
      {
        cause: 'Its directory (stats_temp_directory) is full, does not exist or does not belong to the server.',
        on: 'standby',
        check: 'psql -c "SHOW stats_temp_directory"; df -h {directory}',
      },
    ],
  },
  {
    id: 'statistics-corrupted',
    says: ['corrupted statistics file "%s"'],
    source: 'PostgreSQL, src/backend/utils/activity/pgstat.c',
    kind: 'consequence',
    matters: 2,
    means:
      'The server was not shut down cleanly, so its usage statistics start again from zero. The data is not affected, and nothing needs to be done.',
  },
  {
    of: ['fsync-file'],
    when: /Invalid argument/u,
    matters: 5,
    means:
      'The file system of this directory does not support what PostgreSQL needs to make files durable. It is not suited for a data directory; the storage itself need not be broken.',
    causes: [
      {
        cause:
          'A folder of the host that is shared into a container or virtual machine (Windows, macOS, CIFS, some FUSE and network file systems).',
        on: 'host',
        check: 'findmnt -T {directory}',
      },
    ],
    todo: 'Use a named volume or a local disk (ext4, xfs). Do not turn fsync off.',
  },
];
