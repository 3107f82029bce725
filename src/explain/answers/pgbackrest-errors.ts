import type { Answer } from '../answer.ts';

/** Errors of pgBackRest by their numbers in src/build/error/error.yaml, beside those in pgbackrest.ts. */
export const answersAboutPgBackRestErrors: readonly Answer[] = [
  {
    id: 'pgbackrest-command-line',
    says: [
      'path to copy WAL segment required',
      'WAL segment to get required',
      'WAL segment to push required',
      '[030]: %s',
      '[043]: %s',
      '[048]: %s',
      '[096]: %s',
    ],
    tool: 'pgbackrest',
    source:
      'pgBackRest, src/command/archive/get/get.c and push/push.c (030 CommandRequiredError, 043 ParamRequiredError, 048 CommandInvalidError, 096 ParamInvalidError)',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest was called with a command or an argument missing, misspelled or too many, and did nothing. The message names it.',
    causes: [
      {
        cause:
          'archive-get takes the name of the segment and where to put it (archive-get %f "%p"), archive-push the path only (archive-push %p).',
        on: 'primary',
        check: 'psql -c "SHOW archive_command" -c "SHOW restore_command"',
      },
      { cause: 'An option has no value, so that the next word was taken for it, or a word is not quoted.' },
    ],
    todo: 'The server calls archive-get and archive-push; a person hardly ever has to.',
  },
  {
    id: 'pgbackrest-standby-behind',
    says: [
      'timeout before standby replayed to %s - only reached %s',
      'timeout before standby checkpoint lsn reached %s - only reached %s',
    ],
    source: 'pgBackRest, src/db/db.c, dbReplayWait (082 ArchiveTimeoutError)',
    matters: 5,
    elsewhere: true,
    means:
      'The backup is to be copied from the standby (backup-standby), which must first have replayed up to where the backup begins. It did not within archive-timeout.',
    causes: [
      {
        cause: 'The standby does not stream, or is far behind: its own log says why.',
        on: 'standby',
        check:
          'psql -c "SELECT status, sender_host, flushed_lsn FROM pg_stat_wal_receiver" -c "SELECT pg_last_wal_replay_lsn(), pg_is_wal_replay_paused()"',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'It follows another primary than the one in pgbackrest.conf, or replay is delayed on purpose.',
        on: 'standby',
        check: 'psql -c "SHOW primary_conninfo" -c "SHOW recovery_min_apply_delay"',
      },
    ],
    todo: 'Repair the standby first. Until then, back up from the primary: --no-backup-standby.',
  },
  {
    id: 'pgbackrest-empty-info',
    says: ['no key/value pairs found', '[027]: no key/value pairs found'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/common/ini.c, src/info/info.c',
    matters: 5,
    elsewhere: true,
    means:
      'A file of the repository (backup.info, archive.info or its .copy) is empty: pgBackRest can use neither its backups nor its archive like this.',
    causes: [
      {
        cause: 'The disk of the repository was full, or its host crashed, while the file was written.',
        on: 'repository host',
        check: 'df -h /var/lib/pgbackrest; find /var/lib/pgbackrest -name "*.info*" -exec ls -l {} +',
      },
    ],
    todo: 'Free space. If one of the file and its .copy is whole, copy the whole one over the empty one. Otherwise move the stanza directories of the repository aside, run stanza-create, and take a new full backup.',
  },
  {
    id: 'pgbackrest-pg-control-missing',
    says: ['pg_control must be present in all online backups'],
    source: 'pgBackRest, src/command/backup/backup.c, backupProcess',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest has no pg_control among the files that it copied, and a backup without it cannot be used. It ended the backup.',
    causes: [
      {
        cause:
          'The clock or the timestamps of the file system are wrong (a network or shared file system, clocks of two hosts that differ), so that the file does not seem to have changed.',
        on: 'primary',
        check: 'date -u; stat -c "%y %n" <data directory>/global/pg_control; findmnt -T <data directory>',
      },
    ],
    todo: 'Correct the clocks (chronyc tracking), then take a full backup: pgbackrest --stanza=<stanza> --type=full backup.',
  },
  {
    id: 'pgbackrest-no-primary',
    says: ['unable to find primary cluster - cannot proceed'],
    source: 'pgBackRest, src/db/helper.c (056 DbConnectError)',
    matters: 5,
    elsewhere: true,
    means:
      'Among the servers in pgbackrest.conf (pg1, pg2, …) is no primary that pgBackRest can connect to. Stanza commands and backups need one, also where the files come from a standby.',
    causes: [
      {
        cause:
          'Only the standby is listed ("are all available clusters in recovery?"): the primary must be there, too.',
        on: 'standby',
        check: 'grep -nE "^(pg|db)[0-9]+-" /etc/pgbackrest/pgbackrest.conf; psql -c "SELECT pg_is_in_recovery()"',
      },
      {
        cause:
          'A server is down, pg1-path, pg1-port, pg1-user or pg1-socket-path differ from its own, or ssh (TLS) to pg1-host fails: a WARN line before says "unable to check pg-1".',
        on: 'primary',
        check: 'psql -c "SHOW data_directory" -c "SHOW port" -c "SHOW unix_socket_directories"',
      },
    ],
  },
  {
    id: 'pgbackrest-repository-file',
    says: ["invalid format in '%s', expected %d but found %d", '[026]: %s', '[029]: %s', '[099]: %s'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/info/info.c (026 ChecksumError, 029 FormatError, 099 JsonFormatError)',
    matters: 4,
    elsewhere: true,
    means:
      'A file of the repository, or an answer of the other host, does not have the form that this version of pgBackRest reads.',
    causes: [
      {
        cause: 'Another version of pgBackRest wrote it: all hosts of a repository need the same one.',
        on: 'standby',
        check: 'pgbackrest version; ssh <repository host> pgbackrest version',
      },
      { cause: 'The file is damaged or was edited: pgBackRest keeps a copy beside it (backup.info.copy).' },
    ],
  },
  {
    id: 'pgbackrest-host-file',
    says: [
      '[052]: %s',
      '[053]: %s',
      '[054]: %s',
      '[060]: %s',
      '[061]: %s',
      '[074]: %s',
      '[079]: %s',
      '[083]: %s',
      '[088]: %s',
      '[093]: %s',
      '[097]: %s',
      '[098]: %s',
    ],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/storage/posix/storage.c (052 to 098, the errors of files and directories)',
    matters: 4,
    elsewhere: true,
    means:
      'pgBackRest could not work with a file or directory. The message names it, and the operating system gives the reason in brackets.',
    causes: [
      {
        cause:
          'pgBackRest runs as another user than the one that owns the file (root instead of postgres), the file system is full or read-only, or the path is on a host where it is not mounted.',
        on: 'standby',
        check: 'id; df -h; ls -ld /var/lib/pgbackrest /var/spool/pgbackrest /var/log/pgbackrest /tmp/pgbackrest',
      },
    ],
  },
  {
    id: 'pgbackrest-duplicate',
    says: [
      "WAL file '%s' already exists in the %s archive with a different checksum",
      "WAL file '%s' already exists in the %s archive with the same checksum",
      '[045]: %s',
    ],
    source: 'pgBackRest, src/command/archive/push/file.c (045 ArchiveDuplicateError)',
    matters: 5,
    elsewhere: true,
    means:
      'The archive already has a segment of this name. With the same checksum that is harmless (pushed twice). With a different one, two servers or two histories archive into the same stanza.',
    causes: [
      {
        cause:
          'A restored or promoted copy (a test server, a former primary) pushes to the same stanza with archive_mode on.',
        on: 'primary',
        check: 'psql -c "SHOW archive_command" -c "SELECT pg_is_in_recovery(), pg_walfile_name(pg_current_wal_lsn())"',
      },
      { cause: 'archive_mode = always on a standby that shares the repository with its primary.' },
    ],
    todo: 'Find the second server and turn its archiving off. Delete nothing from the archive before you know whose segment it is.',
  },
  {
    id: 'pgbackrest-archiving-off',
    says: ['archive_mode must be enabled', "archive_command '%s' must contain %s", '[087]: %s', '[068]: %s'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/command/check/common.c (068 ArchiveCommandInvalidError, 087 ArchiveDisabledError)',
    matters: 5,
    means: 'The server does not archive through pgBackRest, and a backup without its WAL could not be restored.',
    causes: [
      {
        cause:
          'archive_mode is off (a change needs a restart), or archive_command is not pgbackrest … archive-push %p.',
        on: 'primary',
        check: 'psql -c "SHOW archive_mode" -c "SHOW archive_command"',
      },
    ],
  },
  {
    id: 'pgbackrest-crypto',
    says: ['cipher header invalid', '[095]: %s'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/common/crypto/cipherBlock.c (095 CryptoError)',
    matters: 5,
    elsewhere: true,
    means: 'pgBackRest could not decrypt a file of the repository, or found one that is not encrypted.',
    causes: [
      {
        cause: 'repo1-cipher-type or repo1-cipher-pass differs from the one that the repository was created with.',
        on: 'standby',
        check: 'grep -n cipher-type /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest.conf',
      },
    ],
  },
  {
    id: 'pgbackrest-target-too-early',
    says: [
      'unable to find backup set with stop time less than %s',
      'unable to find backup set with lsn less than or equal to %s',
    ],
    source: 'pgBackRest, src/command/restore/restore.c, restoreBackupSet (075 BackupSetInvalidError)',
    matters: 5,
    elsewhere: true,
    means:
      'The recovery target is earlier than the end of every backup in the repository. Recovery goes forward only, so it needs a backup that had ended before the target.',
    causes: [
      {
        cause:
          'That backup has expired (repo1-retention-full), or there was none yet. Compare the stop times with the target.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info',
      },
      {
        cause: 'The target has no time zone: it is then read as the local time of this host. Write it as "… +00".',
        on: 'primary',
        check: 'date +%Z; timedatectl | grep -i zone',
      },
    ],
    todo: 'Choose a later target, or an older backup where another repository still has one (--repo=<number>). After "latest backup set will be used" (older releases), what was restored is newer than the target: do not promote it as that state.',
  },
  {
    id: 'pgbackrest-database',
    says: ["unable to query '%s'", "unable to connect to '%s': %s", '[057]: %s', '[058]: %s'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/postgres/client.c (057 DbQueryError, 056 DbConnectError, 058 DbMismatchError)',
    matters: 4,
    elsewhere: true,
    means:
      'pgBackRest reaches the server and cannot work with it as expected: the query fails, or it is another cluster than the stanza says.',
    causes: [
      {
        cause: 'The user of pgBackRest may not log in (pg_hba.conf, local peer) or lacks a right.',
        on: 'primary',
        check: 'sudo -u postgres psql -c "SELECT pg_is_in_recovery()" -c "SHOW data_directory" -c "SHOW port"',
      },
      { cause: 'pg1-path or pg1-port in pgbackrest.conf is that of another cluster on this host.' },
    ],
  },
];
