import type { Answer } from '../answer.ts';

/** Barman's copies by rsync, and exclusive backups; `source` names the file that prints it. */
export const answersAboutBarmanCopies: readonly Answer[] = [
  {
    id: 'barman-recovered-settings',
    says: [
      'These settings have been modified to prevent data losses',
      'You are required to review the following options as potentially dangerous',
    ],
    source: 'barman, output.py, result_recovery',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'barman recover has succeeded, and changed settings of the recovered server that could do harm: archive_command is false there, so that it does not write into the archive of the original.',
    causes: [
      {
        cause:
          'With archive_command = false nothing is archived: pg_wal grows, and a backup that waits for its WAL to be archived hangs.',
        on: 'recovered server',
        check: 'psql -c "SHOW archive_command" -c "SELECT failed_count, last_failed_wal FROM pg_stat_archiver"',
      },
    ],
    todo: 'When this server takes the place of the original: set archive_command again, correct the listed paths (data_directory, hba_file, certificates), and take a new backup. A standby or a test server: leave it, or set archive_mode = off.',
  },
  {
    id: 'barman-check-standby',
    says: ['not in recovery: FAILED (cannot perform exclusive backup on a standby)', 'not in recovery: FAILED'],
    source: 'barman/server.py (before 3.0)',
    matters: 5,
    elsewhere: true,
    means:
      'Barman is to back up a standby with an exclusive backup, which only a primary allows. The other failed checks (no backup yet) follow from it.',
    causes: [
      {
        cause: 'conninfo leads to a standby, and backup_options is exclusive_backup (the default before 3.0).',
        on: 'barman host',
        check: 'barman show-server <server> | grep -E "conninfo|backup_method|backup_options"',
      },
    ],
    todo: 'Set backup_options = concurrent_backup (or backup_method = postgres), or let conninfo lead to the primary.',
  },
  {
    id: 'barman-remote-command',
    says: [
      'rm execution failed',
      'mkdir execution failed',
      'Unable to create write check file',
      "Connection failed using '%s' return code %d",
    ],
    tool: 'barman',
    source: 'barman/fs.py, UnixLocalCommand and UnixRemoteCommand',
    matters: 5,
    elsewhere: true,
    means:
      'A command that Barman ran for itself (rm, mkdir, touch; over ssh, where a remote command is given) failed. For a restore that is on the destination.',
    causes: [
      {
        cause:
          'The user there may not write in the parent directory of the destination, or the destination is a mount point, which cannot be removed.',
        on: 'destination',
        check: 'id; ls -ld <destination> "$(dirname <destination>)"; findmnt <destination>',
      },
      {
        cause: 'A server still runs in the destination, or ssh lands at another user than expected.',
        on: 'Barman host',
        check: 'sudo -u barman ssh postgres@<host> "id; ps aux | grep [p]ostgres"',
      },
    ],
    todo: 'The log of Barman has the output of the command. Restore into a directory that is empty and belongs to that user.',
  },
  {
    id: 'rsync-source',
    says: [
      'rsync: change_dir "%s" failed: No such file or directory',
      'rsync: [sender] change_dir "%s" failed: No such file or directory',
    ],
    among: /barman|backup|postgres|pgsql|wal/iu,
    source: 'rsync, flist.c (change_dir without a number: on the side that sends)',
    matters: 5,
    elsewhere: true,
    means:
      'rsync logged in, and the directory {directory|that it is to copy} does not exist on the host where it landed.',
    causes: [
      {
        cause:
          'The server runs in a container: it reports the path inside the container, and ssh lands on the host. backup_method = postgres needs no ssh.',
        on: 'barman host',
        check: 'sudo -u barman ssh <server> "ls -ld <data directory>"; psql -h <server> -c "SHOW data_directory"',
      },
      { cause: 'ssh_command leads to another host than conninfo.' },
    ],
  },
  {
    id: 'rsync-filter-rule',
    says: ['unexpected end of filter rule: %s'],
    among: /rsync/iu,
    source: 'rsync, exclude.c (before 3.1)',
    matters: 5,
    elsewhere: true,
    means: 'This rsync does not understand the filter rules that Barman gives it: it is too old.',
    causes: [
      {
        cause: 'rsync before 3.1, on the Barman host or on the server.',
        on: 'barman host',
        check: 'rsync --version | head -1; ssh postgres@<server> "rsync --version | head -1"',
      },
    ],
    todo: 'Install a newer rsync on both, or use backup_method = postgres.',
  },
  {
    id: 'rsync-connection',
    says: [
      'rsync: connection unexpectedly closed (%d bytes received so far)',
      'rsync: [%s] write error: Broken pipe',
      'rsync: writefd_unbuffered failed to write %d bytes to socket [%s]: Broken pipe',
      'rsync: [%s] write error: Connection reset by peer',
    ],
    among: /barman|backup|postgres|pgsql|wal/iu,
    source: 'rsync, io.c',
    matters: 5,
    elsewhere: true,
    means: 'The rsync on the other side ended, or the connection to it was cut. This side does not know why.',
    causes: [
      {
        cause:
          '0 bytes received: ssh was refused, a login script printed something, or there is no rsync on the other side.',
        on: 'this host',
        check: 'ssh <other host> "command -v rsync; id"',
      },
      {
        cause: 'In the middle of the copy: the disk on the other side is full, or memory ran out there.',
        on: 'other host',
        check: 'df -h; dmesg -T | grep -i "killed process" | tail',
      },
      { cause: 'A firewall or proxy cuts long or idle connections: ServerAliveInterval 30 in the ssh configuration.' },
    ],
    todo: 'What has been copied is not complete. Run the whole command again.',
  },
  {
    id: 'barman-connection-lost',
    says: ['Connection lost, reconnection not allowed'],
    source: 'barman/postgres.py',
    matters: 5,
    elsewhere: true,
    means:
      'The session in which Barman began the backup ended before the copy did. A concurrent backup must be ended in the same session, so this one is void.',
    causes: [
      {
        cause:
          'The idle session was cut: a firewall or NAT, idle_session_timeout (PostgreSQL 14 and later; newer releases of Barman turn it off for their session), or a pooler between.',
        on: 'barman host',
        check: 'sudo -u barman psql "<conninfo>" -c "SHOW idle_session_timeout" -c "SHOW tcp_keepalives_idle"',
      },
      {
        cause: 'The server was restarted during the copy.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()"',
      },
    ],
    todo: 'keepalives_idle=60 in conninfo keeps the session alive; backup_method = postgres does not need it.',
  },
  {
    id: 'exclusive-backup-gone',
    says: ['exclusive backup not in progress', 'Cannot terminate exclusive backup'],
    source: 'PostgreSQL before 15, src/backend/access/transam/xlog.c; barman/backup_executor.py',
    matters: 5,
    elsewhere: true,
    means: 'An exclusive backup was to be ended, and the server has none in progress: the copy is not usable.',
    causes: [
      {
        cause:
          'Another session or backup job called pg_stop_backup() in between, or the server was restarted during the copy.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()" -c "SHOW server_version"',
      },
    ],
    todo: 'Use concurrent backups (backup_options = concurrent_backup) and begin a new one. Exclusive backups are gone since PostgreSQL 15.',
  },
  {
    id: 'rsync-protocol',
    says: [
      'Overflow in read_varint()',
      'protocol version mismatch -- is your shell clean?',
      'unexpected tag %d [%s]',
      'invalid message %d:%d',
    ],
    among: /rsync/iu,
    source: 'rsync, io.c, compat.c',
    matters: 5,
    elsewhere: true,
    means:
      'The two rsync do not understand each other: something else than their protocol arrived. Nothing usable was copied.',
    causes: [
      {
        cause: 'The two releases differ, and one of them has a bug.',
        on: 'client',
        check: 'rsync --version | head -1; ssh <other host> "rsync --version | head -1"',
      },
      {
        cause: 'The shell on the other side prints something at login (.bashrc, a banner): the output must be empty.',
        on: 'client',
        check: 'ssh <other host> true | wc -c',
      },
    ],
    todo: 'Install the same newer rsync on both, or use backup_method = postgres (pg_basebackup), which does without rsync.',
  },
  {
    id: 'rsync-other-side',
    says: [
      'rsync: [sender] write error: Broken pipe (%d)',
      'rsync: [generator] write error: Broken pipe (%d)',
      'rsync: writefd_unbuffered failed to write %d bytes to socket [%s]: Broken pipe (%d)',
      'rsync: connection unexpectedly closed (%d bytes received so far) [%s]',
      'rsync error: unexplained error (code 255)',
    ],
    among: /barman|base backup|backup|pgdata|pgsql|postgres|RsyncPgData/iu,
    source: 'rsync, io.c; 255 is the exit code of ssh',
    matters: 5,
    elsewhere: true,
    means:
      'The rsync or ssh on the other side ended in the middle of the copy, so that this one writes into nothing. Why is to be found there, not here. What was copied is not complete.',
    causes: [
      {
        cause: 'The file system on the other side is full.',
        on: 'the other host',
        check: 'df -h <data directory>; df -i <data directory>',
      },
      {
        cause: 'The process there was killed: no memory, a limit of the session, a restart.',
        on: 'the other host',
        check:
          'journalctl -k --since "2 hours ago" | grep -iE "out of memory|killed process"; journalctl -u ssh -u sshd -n 30 --no-pager',
      },
      {
        cause:
          'The network or a firewall cut the connection after a time without traffic: ServerAliveInterval in the configuration of ssh keeps it.',
        on: 'this host',
        check: 'ssh -G <other host> | grep -i alive',
      },
    ],
  },
  {
    id: 'rsync-failed',
    says: [
      'rsync error: some files/attrs were not transferred (see previous errors) (code 23)',
      'rsync error: error in rsync protocol data stream (code 12)',
      'rsync error: syntax or usage error (code 1)',
      'rsync error: some files vanished before they could be transferred (code 24)',
      'rsync error: error in socket IO (code 10)',
      'rsync error: timeout in data send/receive (code 30)',
    ],
    among: /barman|base backup|backup|pgdata|pgsql|postgres|RsyncPgData/iu,
    source: 'rsync, errcode.h, log.c',
    matters: 4,
    elsewhere: true,
    means:
      'rsync did not finish its copy. Code 1: the two rsync do not understand the options; 10, 12, 30: the connection or the rsync on the other side ended; 23: some files could not be read or written; 24: files vanished, which is normal while a server runs.',
    causes: [
      {
        cause:
          'The lines before name the files or the reason: rights, a full disk, temporary files that vanished (with code 23 by an old rsync), a bug of one rsync release.',
        on: 'barman host',
        check: 'rsync --version | head -1; ssh postgres@<server> "rsync --version | head -1"; df -h',
      },
    ],
    todo: 'A copy that ended with 23 is complete only if the missing files do not matter; take it again after the cause is gone. backup_method = postgres does without rsync.',
  },
];
