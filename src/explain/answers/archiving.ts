import type { Answer } from '../answer.ts';

/** pgBackRest's message stays in its own log: the server's shows the exit code alone. */
const exitOfPgBackRest = (when: RegExp, says: string, todo: string): Answer => ({
  of: ['archive-command-failed', 'archive-too-many-failures'],
  when,
  matters: 4,
  kind: 'cause',
  means: `The exit code says that ${says}. Until that is repaired the primary keeps its WAL, and pg_wal grows until the disk is full.`,
  causes: [
    {
      cause: 'The whole message is in the log of pgBackRest and in what the check command says.',
      on: 'primary',
      check: 'sudo -u postgres pgbackrest --stanza=<stanza> check',
    },
  ],
  todo,
});

/** archive_command. */
export const answersAboutArchiving: readonly Answer[] = [
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /archive command was: (?:\/\S*\/)?(?:false|exit 1)\b/iu,
    matters: 4,
    kind: 'consequence',
    means:
      'archive_command is set to a command that always fails, so this server archives nothing. Restore jobs and operators do so on purpose while they recover a copy; on a primary, pg_wal grows until the disk is full.',
    causes: [
      {
        cause: 'Find out where the setting comes from.',
        on: 'primary',
        check: `psql -c "SELECT setting, sourcefile, sourceline FROM pg_settings WHERE name = 'archive_command'"`,
      },
    ],
    todo: 'On a primary that should archive: set the real command and reload. In a restore job this message is harmless.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    beside: /^(?:ERROR: \d{4}\/\d\d\/\d\d .*|.*already archived, contents differ.*)$/mu,
    matters: 4,
    kind: 'consequence',
    means:
      'archive_command failed. What its program printed beside this line is the reason. Until that is repaired the primary keeps its WAL, and pg_wal grows until the disk is full.',
    causes: [
      {
        cause: 'The same command by hand, as the user of the server, with the whole path of the segment.',
        on: 'primary',
        check:
          'psql -c "SHOW archive_command" -c "SELECT last_archived_wal, last_failed_wal, failed_count FROM pg_stat_archiver"',
        rule: 'primary/archive-failing',
      },
    ],
    todo: 'A reload is enough after a change of the command. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /exit code 127\b/u,
    matters: 5,
    kind: 'cause',
    means:
      'Exit code 127: the shell did not find the program in archive_command. Until that is repaired the primary keeps its WAL, and pg_wal grows until the disk is full.',
    causes: [
      {
        cause:
          'The program is not installed on this host (or not in this container), or not in the short PATH of the server: write its whole path.',
        on: 'primary',
        check: `psql -Atc "SHOW archive_command"; sudo -u postgres sh -c 'command -v pgbackrest wal-g barman-wal-archive rsync; echo $PATH'`,
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'A script is there, and a program that it calls is not; or its first line names a shell that is missing, or ends in a carriage return (edited on Windows).',
        on: 'primary',
        check: 'head -1 <script> | cat -A',
      },
    ],
    todo: 'Install the program or write its path; a reload is enough. The server then archives the rest by itself. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /exit code 126\b/u,
    matters: 5,
    kind: 'cause',
    means:
      'Exit code 126: the program in archive_command was found and may not be executed by the user of the server. The primary keeps its WAL until that is repaired.',
    causes: [
      {
        cause: 'The user of the server may not execute the file, or not enter its directory.',
        on: 'primary',
        check: 'psql -Atc "SHOW archive_command"; namei -l <script>',
        rule: 'primary/archive-failing',
      },
      {
        cause: 'Its file system is mounted noexec, or SELinux forbids it.',
        on: 'primary',
        check: 'findmnt -T <script>; ausearch -m avc -ts recent',
      },
    ],
    todo: 'chmod a+x <script>, or call it with its shell (sh <script> %p %f). The server then archives the rest by itself. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /exit code 255\b(?!(?:[^]*archive command was: [^\n]*)\b(?:ssh|rsync|scp|sftp|barman)\b)[^]*archive command was: /u,
    matters: 5,
    kind: 'cause',
    means:
      'The command in archive_command ended with 255. The primary cannot archive its WAL and keeps it. What the command printed is in the lines before.',
    causes: [
      {
        cause: 'A script that uses ssh, rsync or scp: ssh ends with 255 when it cannot connect or log in.',
        on: 'primary',
        check: 'sudo -u postgres ssh -o BatchMode=yes <archive host> true',
        rule: 'primary/archive-failing',
      },
      { cause: 'The program itself ends with 255 (-1): run it by hand as the user of the server.' },
    ],
    todo: 'The server archives the rest by itself once the command works. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /exit code 255\b/u,
    matters: 5,
    kind: 'cause',
    means:
      'Exit code 255 is that of ssh when it cannot connect or log in (also below rsync and scp). The primary cannot archive its WAL and keeps it.',
    causes: [
      {
        cause:
          'The user of the server cannot log in on the archive host without a question: no key, an unknown host key, a wrong address, a firewall.',
        on: 'primary',
        check: 'psql -Atc "SHOW archive_command"; sudo -u postgres ssh -o BatchMode=yes <archive host> true',
        rule: 'primary/archive-failing',
      },
      { cause: 'Another program in the command ends with 255 (-1): run it by hand.' },
    ],
    todo: 'Repair the login of that user (ssh-copy-id, known_hosts). The server then archives the rest by itself. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /barman-wal-archive|barman-cloud-wal-archive/iu,
    matters: 4,
    kind: 'cause',
    means:
      'The primary cannot archive its WAL: the archive command of Barman fails, and pg_wal grows until the disk is full. What it printed is in the lines before.',
    causes: [
      {
        cause:
          'barman-wal-archive: ssh from postgres to the Barman host fails, or Barman does not know that server name.',
        on: 'primary',
        check: 'sudo -u postgres barman-wal-archive --test <Barman host> <server> DUMMY',
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'On the Barman host: archiver = on is missing, its disk is full, or its incoming directory is not writable.',
        on: 'barman host',
        check: 'barman check <server>; tail -30 /var/log/barman/barman.log',
      },
    ],
    todo: 'Fix it; the server then archives the rest by itself. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-command-signal'],
    when: /was terminated by signal (?:1|2|3|15)\b|exit code (?:129|130|131|143)\b/u,
    matters: 3,
    kind: 'consequence',
    means:
      'archive_command was told to end while it worked. That is what happens when the server, its service or its container is stopped. The segment is archived again after the next start.',
    causes: [
      {
        cause: 'The server was being stopped or restarted at that moment.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_postmaster_start_time()" -c "SELECT last_archived_wal, last_failed_wal FROM pg_stat_archiver"',
      },
      { cause: 'A time limit in the command itself (timeout) or a person ended it: then it comes again and again.' },
    ],
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures', 'archive-command-signal'],
    when: /exit code (?:129|13\d|14\d)\b|was terminated by signal/u,
    matters: 5,
    kind: 'cause',
    means:
      'The program in archive_command was killed or crashed: exit code 128 + n is signal n (137: killed, often for memory; 139: segmentation fault; 143: terminated). The primary keeps its WAL until archiving works.',
    causes: [
      {
        cause:
          '139 or 134: a fault of the program or of a library that it loads. Run it by hand as the user of the server.',
        on: 'primary',
        check: 'psql -Atc "SHOW archive_command"; dmesg -T | grep -iE "segfault|killed process" | tail',
      },
      { cause: '137: memory ran out, or a limit of the container or service.' },
    ],
    todo: 'Fix or update the program; the server then archives the rest by itself. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /exit code 72\b/u,
    matters: 4,
    kind: 'cause',
    means:
      'The exit code says that pgBackRest takes the database to be on another host: pg1-host is set on the database host itself. The primary keeps its WAL until archiving works.',
    causes: [
      {
        cause: 'pg1-host (and pg1-user) belong in the configuration of the repository host only.',
        on: 'primary',
        check: 'grep -nE "^pg[0-9]+-host" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf',
      },
    ],
    todo: 'Remove pg1-host on the database host; a repository elsewhere is named with repo1-host. The server then archives the rest by itself.',
  },
  exitOfPgBackRest(
    /exit code (?:55|103)\b[^]*\bpgbackrest\b[^\n]*\barchive-push\b/iu,
    'pgBackRest found no archive.info: there is no stanza of this name in the repository, or it looks in another repository (repo1-path, repo1-host, bucket)',
    'If the repository is the right one and the stanza was never created: pgbackrest --stanza=<stanza> stanza-create. The server then archives the rest by itself.',
  ),
  exitOfPgBackRest(
    /exit code (?:28|44)\b[^]*\bpgbackrest\b[^\n]*\barchive-push\b/iu,
    'the stanza belongs to another cluster or release: after initdb, pg_upgrade or a restore the system identifier or version differs',
    'After pg_upgrade: pgbackrest --stanza=<stanza> stanza-upgrade. A recreated cluster needs a stanza of its own. Never delete files from pg_wal.',
  ),
  exitOfPgBackRest(
    /exit code (?:41|42|47|64)\b[^]*\bpgbackrest\b[^\n]*\barchive-push\b/iu,
    'pgBackRest may not read or write a file or directory (repository, spool, log or lock path)',
    'As root, give the directory that the message names to the user of the server. The server then archives the rest by itself.',
  ),
  exitOfPgBackRest(
    /exit code (?:49|101|102|105)\b[^]*\bpgbackrest\b[^\n]*\barchive-push\b/iu,
    'pgBackRest cannot reach its repository host or object store (ssh, TLS, address, credentials)',
    'Try the same connection as the user of the server. The server then archives the rest by itself.',
  ),
  exitOfPgBackRest(
    /exit code (?:2[79]|3[0-7])\b[^]*\bpgbackrest\b[^\n]*\barchive-push\b/iu,
    'an option in archive_command or pgbackrest.conf is wrong or missing',
    'Correct the option. The server then archives the rest by itself.',
  ),
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /\bpgbackrest\b[^\n]*\barchive-push\b/iu,
    matters: 4,
    kind: 'cause',
    means:
      'The primary cannot archive its WAL: pgbackrest archive-push fails, and pg_wal grows until the disk is full. The exit code is the number of the pgBackRest error.',
    causes: [
      {
        cause:
          'Exit code 55 or 103: no stanza in the repository (archive.info is missing), or repo1-path is wrong. 72: pg1-host is set on this host. 44 or 28: the stanza belongs to another cluster or release. 82: the asynchronous push got stuck. 27 to 37: an option is wrong. 50: another pgBackRest process holds the lock. 41, 42, 47, 64: a directory is not writable. 49, 101, 102, 105: the repository host or store cannot be reached.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> check',
        rule: 'primary/archive-failing',
      },
      {
        cause: 'The lines before, or the log of pgBackRest, have the whole message.',
        on: 'primary',
        check: 'tail -30 "$(ls -t /var/log/pgbackrest/*.log | head -1)"',
      },
    ],
    todo: 'Fix what the check command says; the server then archives the rest by itself. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures'],
    when: /exit code 1\b[^]*archive command was: [^\n]*\btest ! -[fe] /iu,
    matters: 5,
    kind: 'cause',
    means:
      'The primary cannot archive its WAL: archive_command ended with status 1, which the "test ! -f" in it gives when the file is in the archive already. It keeps trying, and pg_wal grows until the disk is full.',
    causes: [
      {
        cause:
          'The segment was archived before a crash or restart, and the server does not know: the two files are the same.',
        on: 'primary',
        check:
          'cmp <data directory>/pg_wal/<segment> <directory of the archive>/<segment>; ls -l <directory of the archive> | tail -3',
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'Another server archives into the same directory (an old primary, a restored copy, a promoted standby): the files differ.',
      },
      {
        cause:
          'The copy after the test failed: then cp has printed why in the line before (no directory, no permission, no space).',
        on: 'primary',
        check: 'sudo -u postgres touch <directory of the archive>/.test; df -h <directory of the archive>',
      },
    ],
    todo: 'If the files are the same, move the one in the archive aside, and the server archives it again. If they differ, give each server an archive of its own. Never delete files from pg_wal.',
  },
  {
    of: ['archive-command-failed', 'archive-too-many-failures', 'archive-command-signal'],
    says: [
      'transaction log file "%s" could not be archived: too many failures',
      'archiving transaction log file "%s" failed too many times, will try again later',
    ],
    matters: 5,
    kind: 'cause',
    means:
      'The primary cannot archive its WAL: archive_command fails. It keeps trying, and pg_wal grows until the disk is full.',
    causes: [
      {
        cause:
          'The command itself says why, in the lines before or in the DETAIL: missing directory, permission, a full disk, a file that exists already.',
        on: 'primary',
        check: 'psql -c "SELECT last_failed_wal, last_failed_time FROM pg_stat_archiver" -c "SHOW archive_command"',
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'Exit code 127 or "not found": the program is not installed or not in the PATH of the server. Exit code 126: not executable.',
      },
      {
        cause:
          'A "test ! -f" in the command finds the file already archived, perhaps by another cluster or an old timeline.',
      },
    ],
    todo: 'Run the failing command by hand as the user of the server. Never delete files from pg_wal.',
  },
  {
    of: ['archiving-not-enabled-notice'],
    kind: 'course',
    means:
      'A note at the end of a base backup: nothing is archived on this server, so the WAL of the backup must come with it (pg_basebackup -X stream does that).',
    todo: 'With -X none, or pg_backup_start and pg_backup_stop: copy the WAL from the start to the stop position into pg_wal of the copy before it is started, or take the backup with pg_basebackup -X stream.',
  },
  {
    id: 'rsync-target',
    says: [
      'rsync: change_dir#%d "%s" failed: %s',
      'rsync: [Receiver] change_dir#%d "%s" failed: %s',
      'rsync: mkdir "%s" failed: %s',
      'rsync: [Receiver] mkdir "%s" failed: %s',
    ],
    among: /wal|xlog|archive|backup|postgres|pgsql/iu,
    source: 'rsync, main.c',
    matters: 4,
    elsewhere: true,
    means:
      'rsync does not find (or may not enter) the directory that it is to copy into. A segment is not archived until it exists.',
    causes: [
      {
        cause: 'The directory was never created, or the mount of the backup volume is missing.',
        on: 'target host',
        check: 'ls -ld {file|<directory>}; df -h {file|<directory>}',
      },
    ],
    todo: 'Create it, owned by the user that rsync logs in as. The server then archives the rest by itself.',
  },
];
