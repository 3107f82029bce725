import { ofPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

const ofWal = /\b[0-9A-F]{24}\b|\b[0-9A-F]{8}\.history|pg_wal|pg_xlog|wal(?!2json)|archive/u;

/** What the shell, ssh and small programs say. */
export const answersAboutPrograms: readonly Answer[] = [
  {
    id: 'ssh-connect',
    says: ['ssh: connect to host %s port %d: %s'],
    source: 'OpenSSH, sshconnect.c',
    matters: 5,
    means:
      'ssh did not reach the host that a command (archive_command, restore_command, rsync, Barman, repmgr) was to use. PostgreSQL was not asked.',
    causes: [
      {
        cause:
          'The host is down, its ssh listens on another port, or a firewall is between. The text after the last colon says which.',
        on: 'this host',
        check: 'sudo -u postgres ssh -o BatchMode=yes -o ConnectTimeout=5 <host> true',
      },
    ],
    todo: 'Repair that connection; an archive command is run again by itself.',
  },
  {
    id: 'archive-source-missing',
    says: [
      "cp: cannot stat 'pg_wal/%s': No such file or directory",
      'cp: cannot stat ‘pg_wal/%s’: No such file or directory',
      "cp: cannot stat 'pg_xlog/%s': No such file or directory",
      'cp: pg_wal/%s: No such file or directory',
    ],
    source: 'coreutils, src/cp.c',
    matters: 5,
    means:
      'archive_command was to copy a segment out of pg_wal, and cp does not find it there: {value|the path} is relative to the data directory.',
    causes: [
      {
        cause:
          'The command or its script changes the directory, or runs elsewhere (ssh, docker exec), before it uses %p.',
        on: 'primary',
        check: 'psql -Atc "SHOW archive_command"',
        rule: 'primary/archive-failing',
      },
      {
        cause: 'The segment was removed from pg_wal by hand or by a script before it was archived.',
        on: 'primary',
        check: 'ls -l <data directory>/pg_wal | tail; ls <data directory>/pg_wal/archive_status | grep ready | head -3',
      },
    ],
    todo: 'Let the command use %p before it changes the directory. If the segment is really gone, take a new base backup as soon as archiving works: older ones cannot be recovered past it.',
  },
  {
    id: 'command-not-found',
    says: [
      'pg_basebackup: command not found',
      'pg_ctl: command not found',
      'pg_rewind: command not found',
      'pg_ctlcluster: command not found',
      'initdb: command not found',
      'pg_basebackup: not found',
      'pg_receivewal: command not found',
      'psql: command not found',
    ],
    matters: 5,
    means: 'The program is not in the PATH of this user. Packages put it into a directory of its release.',
    causes: [
      {
        cause:
          'Debian: /usr/lib/postgresql/<release>/bin; Red Hat: /usr/pgsql-<release>/bin; or the package is not installed.',
        on: 'standby',
        check: 'ls /usr/lib/postgresql/*/bin /usr/pgsql-*/bin',
      },
    ],
  },
  {
    id: 'python-errno-2',
    among: ofPostgres,
    says: [
      "FileNotFoundError: [Errno 2] No such file or directory: '%s'",
      "[Errno 2] No such file or directory: '%s'",
      '[Errno 2] No such file or directory',
    ],
    source: 'Python, OSError; Ansible, module_utils/basic.py, run_command',
    kind: 'consequence',
    matters: 3,
    means: 'A Python program (Ansible, Patroni, Barman) did not find a file, or a command that it was to run.',
    causes: [
      {
        cause:
          'The command is not in the PATH of the user that runs it: PostgreSQL programs are often in a directory of their own (/usr/pgsql-16/bin, /usr/lib/postgresql/16/bin, or a software collection). Give the whole path.',
        on: 'standby',
        check:
          'ls /usr/pgsql-*/bin/pg_basebackup /usr/lib/postgresql/*/bin/pg_basebackup; sudo -u postgres sh -c "command -v pg_basebackup"',
      },
      { cause: 'The file in the message does not exist on that machine, or a directory is not mounted.' },
    ],
  },
  {
    id: 'program-not-found',
    of: ['program-not-found'],
    among: ofPostgres,
    says: [
      'bash: %s: command not found',
      'bash: line %d: %s: command not found',
      'bash: %s: No such file or directory',
      'sh: %d: %s: not found',
      'sh: %s: command not found',
      'sh: %s: not found',
      'sh: %s: No such file or directory',
      'sh: line %d: %s: No such file or directory',
      'sudo: %s: command not found',
      "'%s' is not recognized as an internal or external command",
      "The term '%s' is not recognized as the name of a cmdlet",
      "env: '%s': No such file or directory",
      'exec: "%s": executable file not found in $PATH',
    ],
    matters: 5,
    means:
      'The shell found no program {value}: it is not installed here, its name is misspelled, or it is not in the PATH.',
    causes: [
      {
        cause:
          'Commands of the server (archive_command, restore_command) and of ssh run with a short PATH: write the whole path of the program.',
        on: 'standby',
        check: "sudo -u postgres sh -c 'command -v {value}; echo $PATH'",
      },
      { cause: 'The setting for the directory of the programs is wrong (pg_bindir, bin_dir, repmgr_bindir).' },
    ],
  },
  {
    of: ['program-not-found'],
    when: /\b(?:pg_\w+|psql|initdb|postgres)(?:\.exe)?' is not recognized as/u,
    matters: 5,
    means:
      'Windows found no program {value}: its directory is not in PATH. The installer of PostgreSQL does not put it there.',
    causes: [
      {
        cause: 'The programs are in the directory bin of the release.',
        on: 'client',
        check: 'dir "C:\\Program Files\\PostgreSQL\\*"; where.exe {value}',
      },
      {
        cause:
          'A command of the server (archive_command, restore_command) runs as the account of the service, with the PATH of the system: write the whole path there.',
      },
    ],
    todo: 'Give the whole path in quotation marks (PowerShell: with & before it): "C:\\Program Files\\PostgreSQL\\<release>\\bin\\{value}".',
  },
  {
    id: 'no-such-file',
    among: ofPostgres,
    says: ['No such file or directory'],
    kind: 'consequence',
    matters: 2,
    means: 'A program did not find {file|a file or directory}.',
    causes: [
      {
        cause: 'The path is wrong on this machine, or the directory is not mounted.',
        on: 'standby',
        check: 'namei -l {file}',
      },
    ],
  },
  {
    id: 'listed-missing',
    among: ofPostgres,
    says: [
      "ls: cannot access '%s': No such file or directory",
      'ls: cannot access %s: No such file or directory',
      'ls: %s: No such file or directory',
    ],
    kind: 'consequence',
    matters: 2,
    means:
      'A script (or a person) looked for {value|a file or directory} that does not exist. Where a base backup follows and completes, that is normal: pg_basebackup makes the directory.',
  },
  {
    id: 'copy-missing',
    among: ofWal,
    says: [
      "cp: cannot stat '%s': No such file or directory",
      'cp: cannot stat ‘%s’: No such file or directory',
      'cp: %s: No such file or directory',
      'scp: %s: No such file or directory',
    ],
    kind: 'consequence',
    matters: 2,
    means:
      'restore_command looked for a file that is not in the archive. At the end of the archived WAL and for a .history file of a next timeline that is normal.',
    causes: [
      {
        cause: 'If recovery does not go on after it: the segment is missing in the archive, or the path is wrong.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
      },
    ],
  },
  {
    id: 'copy-mount-gone',
    among: ofWal,
    says: [
      'cp: %s: Stale file handle',
      'cp: %s: Transport endpoint is not connected',
      'cp: %s: Host is down',
      'cp: %s: Input/output error',
      'cp: %s: Read-only file system',
      'rsync: [%s] %s failed: Stale file handle (116)',
      'rsync: [%s] %s failed: Read-only file system (30)',
      'rsync: [%s] %s failed: Transport endpoint is not connected (107)',
    ],
    source: 'Linux, include/uapi/asm-generic/errno.h',
    matters: 5,
    means:
      'The archive or restore command cannot use the file system of the archive: the words after the last colon are the reason of the operating system. The data directory is not affected.',
    causes: [
      {
        cause:
          '"Stale file handle": the NFS server was restarted or exports another volume. "Transport endpoint is not connected" (s3fs, glusterfs, sshfs) and "Host is down" (SMB): what serves the mount is gone.',
        on: 'server',
        check: 'findmnt -T <directory of the archive>; dmesg -T | grep -iE "nfs|cifs|fuse|i/o error" | tail',
      },
      { cause: '"Read-only file system" or "Input/output error": a mount option, or the storage below it failed.' },
    ],
    todo: 'Unmount and mount the archive again (or repair its storage); the server tries again by itself. Never delete files from pg_wal meanwhile.',
  },
  {
    id: 'copy-denied',
    among: ofWal,
    says: [
      "cp: cannot create regular file '%s': Permission denied",
      'cp: cannot create regular file ‘%s’: Permission denied',
      "cp: cannot create regular file '%s': No such file or directory",
      "cp: cannot open '%s' for reading: Permission denied",
      'rsync: [%s] %s failed: Permission denied (13)',
    ],
    matters: 5,
    means: 'The archive or restore command cannot write or read there: it runs as the user of the server.',
    causes: [
      {
        cause: 'The directory does not exist, belongs to another user, or is not mounted.',
        on: 'primary',
        check: 'sudo -u postgres ls -ld "$(dirname {value})"',
      },
    ],
    todo: 'Create the directory and give it to postgres; the server tries again by itself.',
  },
  {
    id: 'copy-full',
    among: ofWal,
    says: [
      "cp: error writing '%s': No space left on device",
      "cp: cannot create regular file '%s': No space left on device",
      "cp: failed to extend '%s': No space left on device",
      'cp: error writing %s: No space left on device',
    ],
    matters: 5,
    means: 'The archive is full. The server keeps its WAL until archiving works again, so that pg_wal grows.',
    todo: 'Make room in the archive (remove backups and WAL with the tool that made them), not in pg_wal.',
    causes: [{ cause: 'Old WAL is never removed from the archive.', on: 'primary', check: 'df -h' }],
  },
  {
    id: 'host-key',
    among: ofPostgres,
    says: [
      'Host key verification failed',
      'Permission denied (publickey',
      'Permission denied, please try again',
      "%s@%s's password:",
    ],
    matters: 4,
    means:
      'ssh (of an archive or restore command, Barman, pgBackRest or repmgr) cannot log in with a key: the commands run as the user of the server, without a terminal, where a question for a password gets no answer.',
    causes: [
      {
        cause: 'The key or known_hosts entry of that user is missing.',
        on: 'primary',
        check: 'sudo -u postgres ssh -o BatchMode=yes <host> true',
      },
      {
        cause:
          'It logs in as the wrong user: without a name before the host, as the one who runs the command here (for Barman: barman_host=barman@<host> in repmgr.conf, or User in ~/.ssh/config).',
        on: 'standby',
        check: 'sudo -u postgres ssh -G <host> | grep -E "^(user|hostname|identityfile) "',
      },
    ],
  },
  {
    id: 'password-prompt',
    says: ['Password:', 'Password for user %s:'],
    kind: 'consequence',
    matters: 4,
    means:
      'The program asks for a password and waits. In a script, a service or a container, there is no one to answer.',
    causes: [
      {
        cause: 'No password file entry matches (database column: replication or *), and PGPASSWORD is not set.',
        on: 'client',
        check: 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass',
      },
    ],
    todo: 'Put the password into ~/.pgpass of the user that runs the program (mode 0600), and add -w so that it never asks.',
  },
  {
    of: [
      'permission-open-file',
      'guc-could-not-access-dir',
      'guc-config-file-access',
      'config-could-not-open',
      'could-not-open-log-file',
      'lock-file-create',
      'bb-open-file',
      'read-file',
      'os-eacces',
    ],
    when: /Permission denied/iu,
    beside: /\bobject_r:(?!postgresql_)\w+_t\b/u,
    kind: 'cause',
    matters: 5,
    means:
      'The label that ls -Z shows is not one of PostgreSQL: SELinux does not let the server use this directory, whatever its owner and mode.',
    causes: [
      {
        cause: 'The directory is not at the default path of the package, and was never labeled postgresql_db_t.',
        on: 'server',
        check: 'ls -ldZ {file}; ausearch -m avc -ts recent | tail -5',
      },
    ],
    todo: "As root: semanage fcontext -a -t postgresql_db_t '<data directory>(/.*)?'; restorecon -R <data directory>. Then start the server. In a container: mount the directory with :Z.",
  },
];
