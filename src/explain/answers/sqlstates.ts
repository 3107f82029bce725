import type { Answer } from '../answer.ts';

/** How drivers and pools print a code without its message. */
const printed = (code: string): readonly string[] => [
  `(Error: ${code})`,
  `SQLSTATE ${code}`,
  `SQLSTATE[${code}]`,
  `SQLSTATE: ${code}`,
  `SQLState: ${code}`,
  `SQL state: ${code}`,
  `code: '${code}'`,
  `"code": "${code}"`,
];

/** Where the server's own words stand beside it, they say more. */
const alone =
  /^(?![^]*(?:the database system is|terminating connection|too many clients|remaining connection slots|connection slots are reserved|read-only transaction|authentication failed|pg_hba\.conf|is active for PID|does not exist))/iu;

const source = 'PostgreSQL, src/backend/utils/errcodes.txt';

/** The server's error codes, where a program shows only them. */
export const answersAboutSqlStates: readonly Answer[] = [
  {
    id: 'sqlstate-57P01',
    says: [...printed('57P01'), ...printed('57P02')],
    among: alone,
    source,
    kind: 'consequence',
    matters: 3,
    means:
      'The server ended this session: it was stopped, restarted or demoted (57P01), or another of its processes crashed (57P02). The program must connect again.',
    causes: [
      {
        cause:
          'A restart, a switchover or a failover at that minute. After a failover the program must reach the new primary.',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_postmaster_start_time()"; tail -n 50 <log of PostgreSQL>',
      },
      { cause: 'An administrator or a pooler ended it (pg_terminate_backend).' },
    ],
    todo: 'A reader of a logical slot finds its slot on the new primary only if it was copied there (failover slots, 17 and later).',
  },
  {
    id: 'sqlstate-57P03',
    says: printed('57P03'),
    among: alone,
    source,
    kind: 'consequence',
    matters: 3,
    means:
      'The server runs and does not accept connections at the moment: it is starting, recovering or stopping. Its log says which.',
    causes: [
      {
        cause: 'It replays WAL after a crash, or is a standby that has not reached a consistent state.',
        on: 'standby',
        check: 'pg_isready; tail -n 30 <log of PostgreSQL>',
      },
    ],
    todo: 'Let the program try again after a while.',
  },
  {
    id: 'sqlstate-53300',
    says: printed('53300'),
    among: alone,
    source,
    matters: 3,
    means:
      'All connections of the server are taken (53300, max_connections), or all WAL senders (max_wal_senders), or those that the role or database may have (CONNECTION LIMIT).',
    causes: [
      {
        cause: 'Clients open more than needed, or leave them idle.',
        on: 'primary',
        check:
          'psql -c "SELECT backend_type, usename, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC"',
      },
    ],
    todo: 'End idle sessions or use a pooler. Raise max_connections on every standby before the primary.',
  },
  {
    id: 'sqlstate-25006',
    says: printed('25006'),
    among: alone,
    source,
    matters: 3,
    means:
      'The program wants to write, and this session is read-only (25006): the server is a standby, or default_transaction_read_only is on.',
    causes: [
      {
        cause: 'After a failover the address leads to a server that is a standby now.',
        on: 'client',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SHOW default_transaction_read_only"',
      },
    ],
    todo: 'List all servers in the connection string with target_session_attrs=read-write (JDBC: targetServerType=primary).',
  },
  {
    id: 'sqlstate-login',
    says: [...printed('28P01'), ...printed('28000')],
    among: alone,
    source,
    matters: 3,
    means:
      'The login was refused: a wrong password (28P01), or no matching line in pg_hba.conf or no such role (28000). The log of the server says which.',
    causes: [
      {
        cause: 'Role, password, address or database differ from what pg_hba.conf and pg_authid have.',
        on: 'primary',
        check:
          'tail -n 20 <log of PostgreSQL>; psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
    ],
  },
  {
    id: 'driver-connection-ended',
    says: [
      'Error: Connection terminated unexpectedly',
      'Error: Connection terminated',
      'Connection terminated due to connection timeout',
    ],
    source: 'node-postgres, packages/pg/lib/client.js',
    kind: 'consequence',
    matters: 3,
    means:
      'The driver (node-postgres) lost its connection without a word from the server. The log of the server at that minute says why.',
    causes: [
      {
        cause:
          'wal_sender_timeout: a replication client that does not send its status in time is ended ("terminating walsender process").',
        on: 'primary',
        check: 'psql -c "SHOW wal_sender_timeout"; grep -n "terminating walsender" <log of PostgreSQL> | tail -3',
      },
      { cause: 'The server was restarted, or a proxy, NAT or load balancer closed the connection.' },
    ],
  },
];
