import type { Answer } from '../answer.ts';

/** Nothing more special is known of the file. */
export const answersAboutMissingFiles: readonly Answer[] = [
  {
    of: [
      'permission-open-file',
      'bb-open-file',
      'hba-could-not-open',
      'read-file',
      'rewind-could-not-open',
      'could-not-read-wal-segment',
      'walsender-read-segment',
    ],
    when: /(?:\b[0-9A-F]{24}\b)[^\n]*No such file or directory/u,
    kind: 'cause',
    means: 'A WAL segment is needed that is not in pg_wal: {file|the one in the message}.',
    causes: [
      {
        cause:
          'Files were removed from pg_wal by hand or by a script (a full disk), or pg_wal is a link or mount whose target is missing.',
        on: 'server',
        check: `ls -ld <data directory>/pg_wal/.; ls <data directory>/pg_wal | grep -v "[a-z]" | sed -n '1p;$p'; pg_controldata -D <data directory> | grep "REDO WAL"`,
        rule: 'standby/wal-directory-missing',
      },
      {
        cause:
          'The copy came without its WAL (pg_basebackup -X none, a file copy without backup mode), or its backup_label was removed.',
        on: 'standby',
        check: 'ls -l <data directory>/backup_label* <data directory>/*.signal',
        rule: 'standby/incomplete-backup',
      },
      { cause: 'pg_rewind: the server has recycled it. Then only the archive has it (-c).' },
    ],
    todo: 'Look for it in the archive and in pg_wal of the other server, and copy it back (owner postgres, mode 0600); a standby with restore_command or primary_conninfo fetches it itself. If no copy exists: new base backup (standby), backup (primary). Not pg_resetwal.',
  },
  {
    of: ['guc-config-file-access'],
    tool: 'pg_rewind',
    kind: 'cause',
    matters: 5,
    means:
      'pg_rewind starts the server of the data directory by itself (to finish its recovery, or to ask for restore_command), and looks for postgresql.conf in that directory only. It is not there: {file}. Nothing was rewound.',
    causes: [
      {
        cause: 'Debian and Ubuntu keep the configuration in /etc/postgresql.',
        on: 'standby',
        check: 'ls -l /etc/postgresql/*/*/postgresql.conf; pg_rewind --version',
      },
    ],
    todo: 'Add --config-file=/etc/postgresql/<release>/<cluster>/postgresql.conf (15 and later). Before 15: start the server with pg_ctlcluster, stop it cleanly (pg_ctlcluster <release> <cluster> stop -m fast), and run pg_rewind again without -c.',
  },
  {
    of: ['could-not-open-log-file'],
    when: /No such file or directory/u,
    kind: 'cause',
    means:
      'The server cannot write its log, because the directory of {file} does not exist. A starting server does not start.',
    causes: [
      {
        cause:
          'log_directory names a directory of another machine; one without a leading / is in the data directory. pg_basebackup copies nothing from outside.',
        on: 'server',
        check: 'grep -nE "^ *log_(directory|filename)" <data directory>/postgresql*.conf; namei -l {file}',
        rule: 'standby/path-missing',
      },
      { cause: 'It was removed while the server ran (a clean-up of logs), or its volume is not mounted.' },
    ],
    todo: 'As root: install -d -o postgres -g postgres -m 0700 <directory of the log> and start the server, or correct log_directory.',
  },
  {
    of: ['could-not-write-log-file'],
    kind: 'cause',
    means:
      'The server runs and cannot write its own log: {error|see the text after the colon}. Messages are lost meanwhile.',
    causes: [
      {
        cause:
          'The file system of the log is full, or went read-only. If the data directory is on it, the server stops next.',
        on: 'server',
        check:
          'psql -c "SELECT pg_current_logfile()" -c "SHOW log_directory"; df -h <data directory> <directory of the log>; dmesg -T | grep -iE "i/o error|remount" | tail -3',
        rule: 'wal/disk-full',
      },
      {
        cause: 'log_statement = all or log_min_duration_statement = 0 fills it.',
        on: 'server',
        check:
          "psql -c \"SELECT name, setting FROM pg_settings WHERE name IN ('log_statement', 'log_min_duration_statement', 'log_rotation_age', 'log_rotation_size')\"",
      },
    ],
    todo: 'Compress or move away old log files (never those of pg_wal). The server resumes writing by itself.',
  },
  {
    of: ['hba-could-not-open', 'usermap-open-failed'],
    when: /ident[^\n/]*": No such file or directory/u,
    kind: 'cause',
    means:
      'The file {file}, which maps names of the operating system, of certificates and of Kerberos to roles, is not there. The server starts without it; only logins by lines of pg_hba.conf with map=… fail.',
    causes: [
      {
        cause:
          'Debian and Ubuntu keep it in /etc/postgresql, and a base backup brings only what is in the data directory.',
        on: 'server',
        check:
          'grep -nE "^ *ident_file" <data directory>/postgresql*.conf /etc/postgresql/*/*/postgresql.conf; psql -c "SELECT line_number, auth_method, options FROM pg_hba_file_rules WHERE options::text LIKE \'%map=%\'"',
      },
    ],
    todo: 'If a line has map=…, copy the file from the primary (owner postgres, mode 0640); otherwise an empty one ends the message. Then SELECT pg_reload_conf();',
  },
  {
    of: ['hba-could-not-open'],
    when: /hba[^\n]*: No such file or directory/u,
    kind: 'cause',
    means:
      'The file {file}, which says who may log in, is not there. A starting server does not start; a running one keeps its rules.',
    causes: [
      {
        cause:
          'Debian and Ubuntu keep it in /etc/postgresql, and a base backup brings only what is in the data directory.',
        on: 'server',
        check:
          'grep -nE "^ *hba_file" <data directory>/postgresql*.conf /etc/postgresql/*/*/postgresql.conf; ls -l {file} <data directory>/pg_hba.conf',
        rule: 'standby/hba-file-error',
      },
      {
        cause:
          'hba_file came with the configuration of another machine, or an include in it (16 and later) names a file that is not here.',
      },
    ],
    todo: 'Copy the file from the primary (owner postgres, mode 0640), or create the cluster with pg_createcluster, or correct hba_file. Then start or reload.',
  },
  {
    of: ['config-could-not-open-dir'],
    kind: 'cause',
    means:
      'include_dir in the configuration names {directory}, and it cannot be read: {error|see the text after the colon}. The server does not start with it.',
    causes: [
      {
        cause: 'The directory is outside the data directory, and a base backup does not copy it.',
        on: 'server',
        check:
          'grep -rn "^ *include" <data directory>/postgresql*.conf /etc/postgresql/*/*/postgresql.conf; namei -l {directory}',
        rule: 'standby/path-missing',
      },
    ],
    todo: 'As root: install -d -o postgres -g postgres {directory} (empty is enough), copy its files from the primary if they matter here, or comment the include_dir line out.',
  },
  {
    of: ['guc-could-not-access-dir', 'pgctl-dir-access', 'data-dir-read-permissions', 'pgbb-access-dir'],
    when: /No such file or directory|Not a directory/u,
    kind: 'cause',
    means: 'The data directory {directory} does not exist here, as seen by the user that runs the program.',
    causes: [
      {
        cause: 'The path is another one, or its volume is not mounted.',
        on: 'server',
        check:
          'namei -l {directory}; findmnt -T {directory}; pg_lsclusters 2>/dev/null; ls -d /var/lib/postgresql/*/* /var/lib/pgsql/*/data 2>/dev/null',
        rule: 'standby/not-a-data-directory',
      },
      { cause: 'The base backup that should have created it failed and removed its files.' },
    ],
    todo: 'Correct -D or PGDATA, or mount the volume. For a standby: pg_basebackup -h <primary> -U <role> -D {directory} -R -X stream -c fast. Not initdb.',
  },
  {
    of: ['archive-status-create', 'archive-status-write', 'could-not-create-missing-dir'],
    kind: 'cause',
    means:
      'The server cannot write in pg_wal: {error|see the text after the colon}. Without its files in archive_status, WAL is not archived.',
    causes: [
      {
        cause:
          'pg_wal/archive_status is missing (pg_wal was emptied, moved or made by hand), or pg_wal is a link to somewhere else.',
        on: 'server',
        check:
          'ls -ldn <data directory>/pg_wal/. <data directory>/pg_wal/archive_status; id postgres; df -h <data directory>/pg_wal',
        rule: 'standby/wal-directory-missing',
      },
      { cause: 'It belongs to another user, or the disk is full or read-only.' },
    ],
    todo: 'As root: install -d -o postgres -g postgres -m 0700 <data directory>/pg_wal/archive_status. A server that starts makes the missing directory itself, if pg_wal is its own.',
  },
  {
    of: ['restore-stat-after-success'],
    kind: 'cause',
    means:
      'restore_command reported success, and the file is not where the server asked for it ({file}). The server continues as if the archive did not have it.',
    causes: [
      {
        cause:
          'The command writes somewhere else than to %p, or ends with 0 although it failed ("|| true", "; exit 0", a pipe whose first part failed).',
        on: 'standby',
        check: 'psql -Atc "SHOW restore_command" || postgres -D <data directory> -C restore_command',
        rule: 'recovery/restore-command-fails',
      },
    ],
    todo: 'Let it write to %p (relative to the data directory), and end with a status other than 0 when there is no such file: cp <directory of the archive>/%f %p',
  },
  {
    of: ['auth-ident-connect'],
    kind: 'cause',
    means:
      'A line of pg_hba.conf has the method ident for {host}: the server asks that machine which user connects, and nothing answers on its port {port}. Most machines have no ident service.',
    causes: [
      {
        cause: 'The line is from an old example, or ident was meant for local connections, where it means peer.',
        on: 'primary',
        check:
          'psql -c "SELECT line_number, type, database, user_name, address FROM pg_hba_file_rules WHERE auth_method = \'ident\'"',
        rule: 'hba/shadowed',
      },
    ],
    todo: 'Write scram-sha-256 instead of ident on that line, give the role a password if it has none, and SELECT pg_reload_conf();',
  },
  {
    of: ['chdir-failed'],
    when: /"(?:\/root|\/home\/[^"]*)"/u,
    kind: 'consequence',
    means:
      'The program was started by sudo or su while the shell was in {directory}, which the new user may not enter. By itself this is harmless: the command continues.',
    causes: [
      { cause: 'sudo -u postgres keeps the directory of the shell.', on: 'client', check: 'pwd; namei -l {directory}' },
    ],
    todo: 'cd /tmp before the command. If the command failed, the reason is on another line.',
  },
  {
    of: ['chdir-failed'],
    kind: 'cause',
    means: 'The program cannot enter {directory}: {error|see the text after the colon}.',
    causes: [
      {
        cause:
          'It is the data directory or a part of the way to it, and does not exist, is not mounted, or is closed to this user.',
        on: 'server',
        check: 'id; namei -l {directory}; findmnt -T {directory}',
        rule: 'standby/wrong-owner',
      },
      { cause: 'It is where the shell was, when sudo or su was called: then it is harmless (cd /tmp).' },
    ],
    todo: 'As root: chown postgres: {directory}. If a parent directory is closed to postgres (/root, a home directory), use another place. Correct -D if the path is wrong.',
  },
  {
    of: ['out-of-fds'],
    kind: 'cause',
    means:
      'The server cannot open more files, closes some, and continues: {error|see the text after the colon}. It may be slow, and sessions may fail.',
    causes: [
      {
        cause: 'The limit of the machine ("in system") or of the process is too low for this number of sessions.',
        on: 'server',
        check:
          'cat /proc/sys/fs/file-nr; grep "open files" /proc/"$(head -1 <data directory>/postmaster.pid)"/limits; psql -c "SHOW max_files_per_process"',
      },
    ],
    todo: 'LimitNOFILE=65536 in the unit (systemctl edit), --ulimit nofile=65536 for a container, fs.file-max for the machine; then restart the server.',
  },
  {
    of: ['libpq-could-not-send', 'libpq-ssl-syscall', 'os-epipe'],
    kind: 'cause',
    means:
      'The connection was open, and the other side ended it or became unreachable while this side sent. Why, only the log of the other side says.',
    causes: [
      {
        cause: 'The server process ended: a restart, a crash, out of memory, pg_terminate_backend, wal_sender_timeout.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_postmaster_start_time()" -c "SHOW wal_sender_timeout"; dmesg -T | grep -i "killed process" | tail -3; tail -20 <log of PostgreSQL>',
      },
      { cause: 'A firewall, NAT, VPN or proxy closed a connection that was quiet for long.' },
      {
        cause: 'What listens there does not speak PostgreSQL, or hangs up on TLS.',
        on: 'client',
        check:
          'pg_isready -h {server|<primary>} -p 5432; psql "host={server|<primary>} user=<role> dbname=postgres" -c "SELECT version()"',
      },
    ],
    todo: 'A standby connects again by itself. If it comes again after the same time of silence: keepalives_idle=60 keepalives_interval=10 in primary_conninfo.',
  },
  {
    of: ['pgbb-symlink'],
    kind: 'cause',
    means:
      'The link of a tablespace ({value} to {value2}) could not be made in the target: {error|see the text after the colon}.',
    causes: [
      {
        cause: 'The file system has no symbolic links, or forbids them (SMB, vfat, a Windows folder).',
        on: 'standby',
        check: 'findmnt -T <target directory>',
      },
      {
        cause: 'The directory belongs to another user, or is read-only.',
        on: 'standby',
        check: 'id; ls -ldn <target directory> <target directory>/pg_tblspc',
        rule: 'target/not-writable',
      },
    ],
    todo: 'Copy into a local file system, as the user of the server.',
  },
  {
    of: [
      'permission-open-file',
      'bb-open-file',
      'hba-could-not-open',
      'bb-stat-file',
      'read-file',
      'create-file-xlog',
      'write-file',
      'write-block',
      'fsync-file',
      'rename-file',
      'could-not-remove-file',
      'lock-file-create',
      'rewind-could-not-open',
      'pgbb-create-dir',
      'pgbb-create-file',
      'pgctl-could-not-open-log',
      'pgrw-open-wal',
      'tblspc-set-perms',
    ],
    when: /No such file or directory/u,
    kind: 'cause',
    means: '{file} does not exist on this machine, where the program looks for it.',
    causes: [
      {
        cause: 'Something on the way to it is missing: a directory, a link, or a mount that is not there.',
        on: 'server',
        check: 'cd <data directory> && namei -l {file}',
        rule: 'standby/path-missing',
      },
      { cause: 'The copy is incomplete: it was interrupted, made by hand, or parts of it were deleted.' },
      {
        cause: 'A setting that came with the copy names a path of the other machine.',
        on: 'server',
        check: 'grep -nE "^ *[a-z_]+ *= *.?/" <data directory>/postgresql.conf <data directory>/postgresql.auto.conf',
      },
    ],
    todo: 'A configuration file, certificate or log: put it there, or correct the setting. A file of the cluster (base, global, pg_…): compare with the primary; if it has the file, this standby needs a new base backup.',
  },
];
