import type { Answer } from '../answer.ts';

/** What pgBackRest says when it finds a fault of its own. */
export const answersAboutPgBackRestItself: readonly Answer[] = [
  {
    id: 'pgbackrest-push-slow',
    says: [
      'unable to push WAL file %s to the archive asynchronously after %d second(s)',
      'unable to push WAL %s asynchronously after %d second(s)',
    ],
    source: 'pgBackRest, src/command/archive/push/push.c (082 ArchiveTimeoutError)',
    matters: 5,
    elsewhere: true,
    means:
      'archive_command waited for the background process of pgBackRest that pushes WAL (archive-async), and it did not finish this segment within archive-timeout. The server tries again. Once in a while that is only slowness; again and again, archiving stands still and pg_wal grows.',
    causes: [
      {
        cause:
          'The background process meets an error: the repository is full, not reachable, or refuses. Its own log says which.',
        on: 'primary',
        check:
          'tail -20 /var/log/pgbackrest/*-archive-push-async.log; psql -c "SELECT archived_count, failed_count, last_failed_wal, last_archived_time FROM pg_stat_archiver"',
      },
      {
        cause:
          'It is too slow for the WAL that is written: raise process-max for archive-push, use a faster compress-type (lz4, zst), or raise archive-timeout.',
        on: 'primary',
        check: 'grep -nE "process-max|compress|archive-timeout|archive-async" /etc/pgbackrest/pgbackrest.conf',
      },
      {
        cause: 'Another user ran pgbackrest (root) and left files in the spool or lock directory.',
        on: 'primary',
        check: 'ls -la /var/spool/pgbackrest /tmp/pgbackrest',
      },
    ],
  },
  {
    id: 'pgbackrest-version-unknown',
    says: ['unexpected WAL magic %d', 'unexpected control version = %d and catalog version = %d'],
    source: 'pgBackRest, src/postgres/interface.c (046 VersionNotSupportedError)',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest does not know the format of this server: it recognizes each major release of PostgreSQL by a number in its WAL and control file, and does not know this one.',
    causes: [
      {
        cause: 'The server is of a major release that came after this version of pgBackRest, or a beta.',
        on: 'primary',
        check: 'pgbackrest version; psql -Atc "SELECT version()"',
      },
      { cause: 'It is a derivative of PostgreSQL with formats of its own, which pgBackRest does not support.' },
    ],
    todo: 'Update pgBackRest on all hosts, to the same version.',
  },
  {
    id: 'pgbackrest-tls-denied',
    says: ["raised from remote-%s tls protocol on '%s': access denied"],
    source: 'pgBackRest, src/command/server/server.c; src/common/type (105 AccessError)',
    matters: 5,
    elsewhere: true,
    means:
      'The TLS server of pgBackRest on that host accepted the certificate of this client and does not let it use this stanza.',
    causes: [
      {
        cause:
          'tls-server-auth on that host has no entry <common name of this client>=<stanza>. Several stanzas of one client go into one entry, separated by commas: of two entries with the same name only one is used.',
        on: 'other host',
        check:
          'grep -n "^tls-server-auth" /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf; openssl x509 -noout -subject -in <certificate of the client>',
      },
    ],
    todo: 'tls-server-auth=<common name>=<stanza 1>,<stanza 2>, then restart the server: systemctl restart pgbackrest.',
  },
  {
    id: 'pgbackrest-tls-cut',
    says: ['TLS error [%d:%d] no details available', 'TLS error [%d:%d]'],
    source:
      'pgBackRest, src/common/io/tls/session.c (SSL_get_error: 5 is SSL_ERROR_SYSCALL, 1 a fault of the protocol)',
    tool: 'pgbackrest',
    matters: 5,
    elsewhere: true,
    means:
      'The other side closed the connection in the middle of the TLS handshake or stream. This side knows no more; the log of the other side does.',
    causes: [
      {
        cause:
          'What listens on that port is not a TLS server (the port of PostgreSQL or of ssh, an http endpoint), or refuses the certificate of this client.',
        on: 'primary',
        check: 'openssl s_client -connect <host>:8432 </dev/null | head -20',
      },
      {
        cause: 'The pgBackRest server there was restarted or killed, or a proxy or firewall cut the connection.',
        on: 'other host',
        check: 'systemctl status pgbackrest --no-pager; tail -20 /var/log/pgbackrest/*-server.log',
      },
    ],
  },
  {
    id: 'pgbackrest-internal',
    says: ['ASSERT: [025]: %s', 'P00 ASSERT: [025]: %s', 'zlib threw error: [%d] %s', 'NOT YET IMPLEMENTED'],
    among: /\[025\]/u,
    source: 'pgBackRest, src/common/error/error.auto.c.inc (025 AssertError)',
    matters: 4,
    elsewhere: true,
    means:
      'pgBackRest found a state that its own code does not expect (025 AssertError) and stopped. That is an error of this release, or another release runs on the other host.',
    causes: [
      {
        cause: 'An older release, or two different ones on the database host and the repository host.',
        on: 'primary',
        check: 'pgbackrest version; ssh <repository host> pgbackrest version',
      },
      { cause: 'A repository on a share (SMB, NFS) that does not behave like a local disk.' },
    ],
    todo: 'Install the same newest release on all hosts and run the command again. If it stays, report it with --log-level-console=debug.',
  },
  {
    id: 'pgbackrest-aborted',
    says: ['%s command end: aborted with exception [%d]'],
    source: 'pgBackRest, src/common/exit.c',
    kind: 'consequence',
    matters: 4,
    means:
      'The command of pgBackRest ended with an error. This line has its number only: the line of ERROR with the same number, before it or on standard error, says what it met.',
    causes: [
      {
        cause:
          'Frequent ones (since 2.0): 41 and 47: may not open or make a file or directory; 50: another command holds the lock; 55: a file is missing; 56 to 59: the database cannot be reached, refuses or is too slow; 82: a segment was not archived in time; 103: the repository.',
        on: 'primary',
        check: 'grep -hB3 "aborted with exception" /var/log/pgbackrest/*.log | tail -20',
      },
      {
        cause:
          'Right after pg_stop_backup (pg_backup_stop): it waited for the WAL of the backup longer than db-timeout, because archiving is slow or fails.',
        on: 'primary',
        check:
          'psql -c "SELECT archived_count, failed_count, last_failed_wal FROM pg_stat_archiver"; grep -n timeout /etc/pgbackrest/pgbackrest.conf',
      },
    ],
  },
  {
    id: 'pgbackrest-two-releases',
    says: ["raised from remote-%s protocol on '%s': expected '{' at '%s'", "expected '{' at '%s'"],
    source: 'pgBackRest, src/protocol/client.c, src/common/type/json.c',
    tool: 'pgbackrest',
    matters: 5,
    elsewhere: true,
    means:
      'The pgBackRest on the other host answers in another form than this one expects: they are of different releases, or something else prints into the connection.',
    causes: [
      {
        cause: 'The releases differ: both hosts (the server and the repository, every image) need the same one.',
        on: 'both',
        check: 'pgbackrest version',
      },
      {
        cause: 'The login of that user prints something (a banner, .bashrc): it must print nothing.',
        on: 'primary',
        check: 'ssh <repository host> true | od -c | head -3',
      },
    ],
    todo: 'Bring both to the same release and run: pgbackrest --stanza=<stanza> check.',
  },
  {
    id: 'pgbackrest-store-certificate',
    says: [
      "unable to verify certificate presented by '%s': %s",
      "unable to find hostname '%s' in certificate common name or subject alternative names",
      '[095]: unable to set user-defined CA certificate location: %s',
      '[095]: unable to set user-defined CA certificate location',
      'unable to set user-defined CA certificate location',
    ],
    source: 'pgBackRest, src/common/io/tls/client.c (095 CryptoError)',
    tool: 'pgbackrest',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest does not trust the certificate of the object store or of the other host, or cannot read the file with the certificate authority. The repository itself may be well.',
    causes: [
      {
        cause:
          'repo1-storage-ca-file (or repo1-storage-ca-path) is not there, or not readable, on this host: a restore or a clone runs in a pod of its own, which needs the file mounted too.',
        on: 'standby',
        check:
          'grep -rnE "storage-(ca|verify)|tls-.*ca" /etc/pgbackrest.conf /etc/pgbackrest/ 2>/dev/null; ls -l <file with the certificate authority>',
      },
      {
        cause: 'The file has another authority than the one that signed the certificate, or no intermediate one.',
        on: 'standby',
        check:
          'openssl s_client -connect <endpoint>:443 -servername <endpoint> -showcerts </dev/null 2>/dev/null | openssl x509 -noout -issuer -subject -enddate',
      },
      { cause: 'The image has no package with the usual authorities (ca-certificates).' },
    ],
    todo: 'Give this host the same file under the same path. repo1-storage-verify-tls=n only shows that it is that, and is no way to leave it.',
  },
];
