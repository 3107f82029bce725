import { ofPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** What the drivers of applications say in words of their own. */
export const answersAboutDrivers: readonly Answer[] = [
  {
    id: 'driver-no-such-server',
    says: [
      'Could not find a server with specified targetServerType: %s',
      'No suitable host was found.',
      'No suitable host was found, see inner exception for details',
      'ValidateConnect failed: read only connection',
      'ValidateConnect failed: connection is not read only',
      'ValidateConnect failed: server is not in hot standby mode',
      'ValidateConnect failed: server is in standby mode',
    ],
    among: /postgres|npgsql|targetServerType|Target ?Session|ValidateConnect failed/iu,
    source: 'pgjdbc, ConnectionFactoryImpl.java; Npgsql, MultiHostDataSource; pgx, pgconn/pgconn.go',
    matters: 4,
    means:
      'The driver asked the servers of its connection string for their role, and none has the one that it wants (a primary, or a standby).',
    causes: [
      {
        cause:
          'It wants a primary, and only standbys answer: the primary is down or a failover is under way; or the list has no primary in it.',
        on: 'client',
        check: 'for h in <host 1> <host 2>; do psql -h $h -Atc "SELECT pg_is_in_recovery()"; done',
      },
      {
        cause:
          'It wants a standby (secondary), and there is none: preferSecondary (JDBC) and prefer-standby take the primary in that case.',
      },
      {
        cause:
          'The driver remembers for a while what it saw (JDBC: hostRecheckSeconds, 10 s): after a failover it needs another try.',
      },
    ],
  },
  {
    id: 'driver-lost-connection',
    says: [
      'failed to receive message: unexpected EOF',
      'An I/O error occurred while sending to the backend.',
      'Exception while reading from stream',
      'connection was closed in the middle of operation',
    ],
    among: new RegExp(`${ofPostgres.source}|pgx|pgconn|failed to connect to|npgsql|asyncpg|jdbc`, 'iu'),
    source: 'pgx, pgconn; pgjdbc, QueryExecutorImpl.java; Npgsql; asyncpg',
    kind: 'consequence',
    matters: 3,
    saysNotWhy: true,
    means:
      'The connection was closed from the other side without a message. The client does not know why; the log of the server (or of the pooler) at that minute does.',
    causes: [
      {
        cause: 'The server was restarted or failed over, or its process crashed or was killed.',
        on: 'server',
        check: 'psql -Atc "SELECT pg_postmaster_start_time()"; dmesg -T | grep -i "killed process" | tail -3',
      },
      { cause: 'A pooler, proxy, load balancer or firewall closed a connection that was idle.' },
      { cause: 'TLS was asked for where plain text is spoken, or what listens there is not PostgreSQL.' },
    ],
  },
  {
    id: 'npgsql-stream-ended',
    says: ['Received backend message CommandComplete while expecting CopyDataMessage'],
    source: 'Npgsql, issue 5752',
    kind: 'consequence',
    matters: 3,
    saysNotWhy: true,
    means:
      'The server ended the replication stream in good order, which Npgsql takes for a break of the protocol. That happens when the server is shut down or restarted; its log at that second says so.',
    causes: [
      {
        cause: 'The server was stopped or restarted.',
        on: 'server',
        check: 'psql -Atc "SELECT pg_postmaster_start_time()"',
      },
    ],
    todo: 'Connect again from the last position that was confirmed: a slot that is not temporary has kept the WAL.',
  },
];
