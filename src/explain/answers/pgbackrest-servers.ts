import type { Answer } from '../answer.ts';

/** What pgBackRest says of the servers that it talks to: a repository host that is out of reach, a cluster built with other sizes, a query that PostgreSQL ended. */
export const answersAboutPgBackRestServers: readonly Answer[] = [
  {
    id: 'pgbackrest-store-unreachable',
    says: ["timeout connecting to '%s'", "unable to get address for '%s': %s"],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/common/io/socket/client.c, common.c (HostConnectError)',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest cannot open a connection to the object store or the other host: that it cannot read archive.info follows from it, and the stanza has nothing to do with it.',
    causes: [
      {
        cause:
          'The name does not resolve, or a firewall, a proxy or a network policy drops the connection. Port and host are in the message.',
        on: 'this host',
        check: 'getent hosts <host>; timeout 5 bash -c "</dev/tcp/<host>/<port>" && echo open',
      },
      {
        cause: 'The store is down, or repo1-s3-endpoint (repo1-storage-host, repo1-storage-port) is wrong.',
        on: 'this host',
        check: 'grep -nE "^repo[0-9]+-(s3-endpoint|storage-host|storage-port|host)" /etc/pgbackrest/pgbackrest.conf',
      },
    ],
    todo: 'The primary keeps its WAL until the connection is back: watch the space in pg_wal.',
  },
  {
    id: 'pgbackrest-segment-size',
    says: [
      'wal segment size is %u but must be a power of two between %d and %d inclusive',
      'page size is %u but must be %d',
    ],
    source: 'pgBackRest, src/postgres/interface.c, pgWalSegmentSizeCheck (029 FormatError)',
    tool: 'pgbackrest',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest reads the size of WAL segments and pages from pg_control, and what it finds there is not possible or not supported. The repository has nothing to do with it.',
    causes: [
      {
        cause:
          'The server is not the PostgreSQL of the community (Postgres Pro, EDB and others have a pg_control of their own): an impossible number is read from the wrong place. pg-version-force helps only where the layout is the same.',
        on: 'primary',
        check: 'psql -Atc "SELECT version()" -c "SHOW wal_segment_size" -c "SHOW block_size"; pgbackrest version',
      },
    ],
    todo: 'Use a backup tool that the vendor of this server supports (pg_probackup for Postgres Pro), or a build of pgBackRest by that vendor.',
  },
  {
    id: 'pgbackrest-compiled-size',
    says: ['wal segment size is %u but must be %d for PostgreSQL <= 10'],
    source: 'pgBackRest, src/postgres/interface.c, pgWalSegmentSizeCheck (029 FormatError)',
    tool: 'pgbackrest',
    matters: 5,
    elsewhere: true,
    means:
      'This server was compiled with another size of WAL segments than 16 MB. Up to PostgreSQL 10, pgBackRest does not support that.',
    causes: [
      {
        cause: 'PostgreSQL was configured with --with-wal-segsize.',
        on: 'primary',
        check: 'psql -Atc "SELECT version()" -c "SHOW wal_segment_size"',
      },
    ],
    todo: 'No setting of pgBackRest changes that. Since 11 the size is chosen with initdb --wal-segsize, and is supported: upgrade, or dump and restore into a server with 16 MB; until then use pg_basebackup.',
  },
  {
    id: 'pgbackrest-statement-timeout',
    says: ["query '%s' timed out after %ums", 'statement timed out after %s second(s)', '[059]: %s'],
    source: 'pgBackRest, src/postgres/client.c (057 DbQueryError; 059 DbTimeoutError in releases written in Perl)',
    tool: 'pgbackrest',
    matters: 5,
    elsewhere: true,
    means: 'A statement that pgBackRest sent to PostgreSQL did not end within db-timeout (30 minutes by default).',
    causes: [
      {
        cause:
          'It is pg_stop_backup (pg_backup_stop), which waits until the WAL of the backup is archived: archive_command fails or does not keep up.',
        on: 'primary',
        check:
          'psql -c "SELECT archived_count, failed_count, last_failed_wal, last_archived_wal FROM pg_stat_archiver"; ls <data directory>/pg_wal/archive_status | grep -c ready',
      },
      {
        cause:
          'It is pg_start_backup (pg_backup_start), which waits for a checkpoint: start-fast = y asks for it at once.',
        on: 'primary',
        check: 'psql -c "SHOW checkpoint_timeout" -c "SHOW checkpoint_completion_target"',
      },
    ],
  },
];
