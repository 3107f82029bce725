import type { Answer } from '../answer.ts';

/** pgBackRest; the numbers are those of its src/build/error/error.yaml. */
export const answersAboutPgBackRest: readonly Answer[] = [
  {
    id: 'pgbackrest-no-standby',
    says: [
      'option backup-standby is enabled but standby is not properly configured - backups will be performed from the %s',
      'option backup-standby is enabled but standby is not properly configured',
      "option '%s' is enabled but standby is not properly configured",
    ],
    source: 'pgBackRest, src/command/backup/backup.c, src/command/check/check.c',
    matters: 4,
    elsewhere: true,
    means:
      'backup-standby is on, and pgBackRest found no standby to copy from: it makes the backup from the primary instead.',
    causes: [
      {
        cause:
          'pgbackrest.conf lists one server only. Run from the repository host, it needs both: pg1-host and pg1-path of one, pg2-host and pg2-path of the other.',
        on: 'repository host',
        check: 'grep -nE "^(pg[0-9]|backup-standby)" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf 2>/dev/null',
      },
      { cause: 'The standby is listed and cannot be reached, or is not in recovery any more.' },
    ],
    todo: 'List the standby (or set backup-standby=n), then: pgbackrest --stanza=<stanza> check.',
  },
  {
    id: 'pgbackrest-raised-elsewhere',
    says: ['raised from remote-%s: %s', 'raised from local-%s: %s'],
    source: 'pgBackRest, src/protocol/client.c',
    tool: 'pgbackrest',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'Another process of pgBackRest, here or on the other host, met this error. The text after the last colon is what happened.',
  },
  {
    id: 'pgbackrest-not-found',
    says: ['unable to find %s in the archive'],
    source: 'pgBackRest, command/archive/get/get.c',
    tool: 'pgbackrest',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'archive-get found no such file in the repository. At the end of the archived WAL, and for the .history file of a next timeline, that is normal: recovery goes on from pg_wal or from the primary.',
    causes: [
      {
        cause:
          'If recovery does not go on after it: the segment was never archived, or the stanza or repository differs from that of the archiving server.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info',
      },
    ],
  },
  {
    id: 'pgbackrest-file',
    says: [
      "unable to open missing file '%s' for read",
      "unable to open file '%s' for read",
      "unable to open file '%s' for write: %s",
      "unable to create path '%s': %s",
      '[041]: %s',
      '[042]: %s',
      '[047]: %s',
      '[055]: %s',
      '[064]: %s',
    ],
    source:
      'pgBackRest, storage/ (041 FileOpenError, 042 FileReadError, 047 PathCreateError, 055 FileMissingError, 064 FileWriteError)',
    tool: 'pgbackrest',
    matters: 3,
    elsewhere: true,
    means:
      'pgBackRest cannot read or write a file or directory: it does not exist, belongs to another user, or the disk is full.',
    causes: [
      {
        cause:
          'The command was run as another user than postgres (or pgbackrest on the repository host), often once as root.',
        on: 'primary',
        check: 'ls -ld /var/lib/pgbackrest /var/log/pgbackrest /tmp/pgbackrest; df -h /var/lib/pgbackrest',
      },
      {
        cause:
          'archive.info is missing: the stanza was not created in this repository (pgbackrest --stanza=<stanza> stanza-create).',
      },
    ],
  },
  {
    id: 'pgbackrest-not-tls',
    says: [
      'TLS error [%s] packet length too long',
      'TLS error [%s] wrong version number',
      'TLS error [%s] http request',
    ],
    among: /pgbackrest|\[101\]|P\d\d +(?:ERROR|WARN)/iu,
    source: 'pgbackrest, src/common/io/tls/common.c; OpenSSL, include/openssl/sslerr.h',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest speaks TLS to a port that answers without TLS: an object store over plain HTTP, or another service than the TLS server of pgBackRest.',
    causes: [
      {
        cause: 'MinIO or a similar store runs without TLS: pgBackRest always uses TLS for S3.',
        on: 'standby',
        check:
          'curl -sv https://<endpoint>:<port> 2>&1 | tail -5; curl -s -o /dev/null -w "%{http_code}\\n" http://<endpoint>:<port>',
      },
      {
        cause: 'repo1-storage-port, repo1-s3-endpoint or repo1-host-port names the wrong port or a plain proxy.',
        on: 'standby',
        check: 'grep -nE "endpoint|storage-port|host-port|host-type" /etc/pgbackrest/pgbackrest.conf',
      },
    ],
    todo: 'Give the store a certificate (repo1-storage-ca-file names its authority, or repo1-storage-verify-tls=n in a test), or put a proxy with TLS before it.',
  },
  {
    id: 'pgbackrest-connect',
    says: ['[049]: %s', '[101]: %s', '[102]: %s', '[105]: %s', 'unable to connect to %s: %s'],
    source:
      'pgBackRest, common/io, protocol/ (049 HostConnectError, 101 ServiceError, 102 ExecuteError, 105 AccessError)',
    tool: 'pgbackrest',
    matters: 4,
    elsewhere: true,
    means: 'pgBackRest cannot reach the other host or the object store, or is not allowed to use it.',
    causes: [
      {
        cause: 'ssh or TLS between the hosts, or the endpoint, key or certificate of the object store.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> --log-level-console=detail check',
      },
    ],
  },
  {
    id: 'pgbackrest-archive-timeout',
    says: [
      'WAL segment %s was not archived before the %dms timeout',
      'could not find WAL segment %s after %d second(s)',
      'WAL segment %s did not reach the archive:%s',
      'WAL segment %s did not reach the archive',
      '[082]: %s',
    ],
    source:
      'pgBackRest, command/archive/common.c (082 is ArchiveTimeoutError); before 2.0, lib/pgBackRest/Archive/ArchiveCommon.pm',
    matters: 5,
    elsewhere: true,
    means: 'pgBackRest waited for a WAL segment to be archived, and it did not come: archive_command does not work.',
    causes: [
      {
        cause:
          'archive_command is not pgbackrest … archive-push, or the server was not reloaded (archive_mode: not restarted).',
        on: 'primary',
        check:
          'psql -c "SHOW archive_mode" -c "SHOW archive_command" -c "SELECT last_failed_wal, failed_count FROM pg_stat_archiver"',
      },
      {
        cause: 'The repository cannot be reached or written by the user of the server.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> check',
      },
      {
        cause:
          'The WAL goes to another repository than the one this command waits in: the primary archives to its own repo1-path or repo1-host, for example when the backup is begun on a standby.',
        on: 'standby',
        check:
          'grep -nE "^repo[0-9]+-(path|host|type)" /etc/pgbackrest/pgbackrest.conf; sudo -u postgres pgbackrest info',
      },
    ],
  },
  {
    of: ['pgbackrest-repository'],
    // a server that restores: somebody has made the repository
    beside: /\barchive-get\b/u,
    matters: 4,
    elsewhere: true,
    means: 'archive-get finds no repository of this stanza where this server looks for it.',
    causes: [
      {
        cause:
          'The repository is on another host or in an object store, and the configuration of this server does not say so: without repo1-host (or repo1-type and what belongs to it) pgBackRest looks in /var/lib/pgbackrest on this machine.',
        on: 'standby',
        check:
          'grep -vE "^ *(#|$)" /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest.conf 2>/dev/null | grep -v "key\\|pass"',
      },
      {
        cause: 'repo1-path or the name of the stanza is another one than on the primary.',
        on: 'primary',
        check: 'psql -c "SHOW archive_command"; sudo -u postgres pgbackrest info',
      },
      { cause: 'The stanza was never created: pgbackrest --stanza=<stanza> stanza-create on the repository host.' },
    ],
    todo: 'Give this server the same repo1-… settings as the one that restored or archives; recovery tries again by itself.',
  },
  {
    id: 'pgbackrest-repository',
    of: ['pgbackrest-repository'],
    says: [
      'unable to find a valid repository',
      "unable to load info file '%s' or '%s'",
      'archive.info does not exist but is required to push/get WAL segments',
      '[103]: %s',
      'HINT: has a stanza-create been performed?',
    ],
    source: 'pgBackRest, command/archive/push/push.c, info/info.c (103 is RepoInvalidError)',
    matters: 4,
    elsewhere: true,
    means: 'pgBackRest finds no usable repository for this stanza.',
    causes: [
      {
        cause: 'The stanza was not created, or repo1-path differs between the hosts.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info',
      },
      {
        cause:
          'ArchiveMismatchError: the repository belongs to another cluster or release (after initdb or pg_upgrade): stanza-upgrade for a real upgrade, another path otherwise.',
      },
    ],
    todo: 'If it was never created: pgbackrest --stanza=<stanza> stanza-create on the repository host, then pgbackrest --stanza=<stanza> check.',
  },
  {
    id: 'pgbackrest-mismatch',
    says: [
      'PostgreSQL version %s, system-id %s do not match repo%d stanza version %s, system-id %s',
      'PostgreSQL version %s, system-id %s do not match stanza version %s, system-id %s',
      'backup and archive info files exist but do not match the database',
      '[044]: %s',
      '[028]: %s',
      '[051]: %s',
    ],
    source: 'pgBackRest, command/archive/push/push.c, command/stanza/common.c',
    matters: 5,
    elsewhere: true,
    means: 'The stanza of pgBackRest was made for another cluster or release than the server that uses it now.',
    causes: [
      {
        cause: 'The cluster was upgraded or recreated, or pg1-path points to another cluster.',
        on: 'primary',
        check: 'psql -c "SELECT system_identifier FROM pg_control_system()"; pgbackrest info',
      },
    ],
    todo: 'After a major upgrade: pgbackrest --stanza=<stanza> stanza-upgrade. For a new cluster: a new stanza.',
  },
  {
    id: 'pgbackrest-restore-not-empty',
    says: [
      "unable to restore to path '%s' because it contains files",
      '[040]: %s',
      'unable to restore while PostgreSQL is running',
    ],
    source: 'pgBackRest, command/restore/restore.c (040 is PathNotEmptyError, 038 PgRunningError)',
    matters: 5,
    elsewhere: true,
    means: 'pgBackRest does not restore into a directory that has files in it (or while the server runs).',
    todo: 'Stop the server and move the directory aside, or use --delta to bring it to the state of the backup (what differs is overwritten).',
  },
  {
    id: 'pgbackrest-lock',
    of: ['pgbackrest-lock'],
    says: [
      "unable to acquire lock on file '%s'",
      'unable to acquire archive-get lock on file %s',
      'unable to acquire %s lock on file %s',
      '[050]: %s',
    ],
    source: 'pgBackRest, common/lock.c (050 is LockAcquireError)',
    elsewhere: true,
    means: 'Another pgBackRest command of this stanza is running, or the lock path is not writable.',
    causes: [
      { cause: 'A backup or an asynchronous push is at work.', on: 'primary', check: 'ps aux | grep "[p]gbackrest"' },
    ],
  },
  {
    id: 'pgbackrest-host',
    says: ['[056]: %s'],
    source: 'pgBackRest, db/helper.c (056 is DbConnectError)',
    elsewhere: true,
    means: 'pgBackRest cannot connect to the server that it is to back up.',
    causes: [
      {
        cause: 'The server is down, pg1-path, pg1-port or pg1-socket-path differ from its own, or ssh to it fails.',
        on: 'primary',
        check: 'psql -c "SHOW data_directory" -c "SHOW port"',
      },
    ],
  },
  {
    id: 'pgbackrest-remarks',
    says: [
      "unable to open log file '%s': No such file or directory",
      "--delta or --force specified but unable to find 'PG_VERSION' or 'backup.manifest' in '%s'",
    ],
    tool: 'pgbackrest',
    source: 'pgbackrest, src/command/restore/restore.c, src/common/log.c',
    kind: 'course',
    means:
      'A remark of pgBackRest: it goes on without its log file, or restores into an empty directory as without --delta.',
  },
];
