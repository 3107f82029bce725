import type { Answer } from '../answer.ts';

/** PgBouncer, and what others' connections are not; `source` names the file that prints it. */
export const answersAboutPoolers: readonly Answer[] = [
  {
    of: ['auth-password-failed'],
    when: /port 6432\b/u,
    means:
      'Port 6432 is that of a pooler (PgBouncer): it refuses the password for role {role}, or the server behind it refused the pooler. The log of the pooler says which.',
    causes: [
      {
        cause:
          'auth_file (userlist.txt) or auth_query of the pooler has another password for the role than the client, or an older one.',
        on: 'pooler',
        check: 'grep -nE "^auth_" /etc/pgbouncer/pgbouncer.ini; cut -d" " -f1 /etc/pgbouncer/userlist.txt',
      },
      {
        cause: 'The client itself sends a wrong password: try the server without the pooler.',
        on: 'client',
        check: 'psql -h <host of the server> -p 5432 -U {role} -d postgres -c "SELECT 1"',
      },
    ],
    todo: 'Bring auth_file up to date and reload the pooler. The password on the server stays as it is. Standbys and pg_basebackup connect to the server itself.',
  },
  {
    of: ['walsender-no-sql-physical'],
    matters: 5,
    means:
      'Ordinary SQL was sent on a physical replication connection (replication=true), which knows the commands of replication only.',
    causes: [
      {
        cause:
          'A pooler or proxy is between (Pgpool-II, PgBouncer before 1.23, Odyssey): it asks the server its own questions on the connection of the standby or of pg_basebackup.',
        on: 'client',
        check: 'psql "host=<primary itself> user=<role> replication=true dbname=postgres" -c "IDENTIFY_SYSTEM"',
      },
      { cause: "A program of one's own: replication=database takes SQL, replication=true does not." },
    ],
    todo: 'Lead replication and pg_basebackup to the port of the server itself, not to that of the pooler.',
  },
  {
    id: 'pgbouncer-replication',
    says: [
      'unsupported startup parameter: replication',
      'no such database: replication',
      'unsupported startup parameter in options: %s',
      'unsupported startup parameter: %s',
      "unsupported options startup parameter: only '-c config=val' is allowed",
    ],
    source: 'pgbouncer, src/client.c',
    matters: 5,
    means:
      'The connection reached PgBouncer, and it does not pass this on. Before 1.23 it does not know replication connections; other startup parameters (extra_float_digits, options) must be in ignore_startup_parameters.',
    causes: [
      {
        cause: 'Host and port lead to the pooler (often 6432) instead of to the server.',
        on: 'client',
        check: 'psql -h <host> -p 6432 -U <role> pgbouncer -c "SHOW VERSION"',
        rule: 'network/pooler',
      },
    ],
    todo: 'For pg_basebackup and standbys: connect to the server itself (port 5432).',
  },
  {
    id: 'pgbouncer-down',
    says: [
      'server login has been failing, try again later (server_login_retry)',
      'server login failed: %s',
      'query_wait_timeout',
      'client_login_timeout (server down)',
      'pgbouncer cannot connect to server',
    ],
    source: 'pgbouncer, src/janitor.c, src/server.c',
    kind: 'consequence',
    matters: 4,
    means: 'PgBouncer is up, and cannot log in to the server behind it. Its own log has the reason of the server.',
    causes: [
      {
        cause:
          'The server is down, the address in [databases] is wrong, or the password or pg_hba.conf does not let the pooler in.',
        on: 'client',
        check: 'psql -p 6432 pgbouncer -c "SHOW SERVERS" -c "SHOW DATABASES"',
      },
    ],
  },
  {
    id: 'pgbouncer-login',
    says: [
      'failed: FATAL: login rejected',
      'login rejected',
      'unix socket login rejected',
      '"trust" authentication failed',
      'bouncer config error',
      'no such database: %s',
      'no more connections allowed (max_client_conn)',
      'auth_query response contained null user name',
      'error response from auth_query',
    ],
    among: /pgbouncer|6432|6543|bouncer|login rejected/iu,
    source: 'pgbouncer, src/client.c, src/objects.c',
    matters: 4,
    means:
      'PgBouncer itself refuses this client: it did not get as far as the PostgreSQL server. Its log names the reason, and its rules are in its own configuration.',
    causes: [
      {
        cause:
          '"login rejected": auth_type = hba, and no line of auth_hba_file fits, or one says reject. "no such database": it is missing in [databases]. "max_client_conn": raise it.',
        on: 'client',
        check: 'grep -nE "^(auth_|max_client_conn|\\[databases)" /etc/pgbouncer/pgbouncer.ini',
      },
      {
        cause:
          'The user is not in auth_file, or auth_query cannot be asked because the server behind it is down or a standby.',
      },
    ],
    todo: 'A connection for replication goes to the PostgreSQL server itself, not through the pooler.',
  },
  {
    id: 'haproxy-down',
    says: [
      'Server %s is DOWN, reason: %s, check duration: %s',
      "backend '%s' has no server available!",
      "proxy '%s' has no server available!",
      'backend %s has no server available!',
      'proxy %s has no server available!',
    ],
    source: 'HAProxy, src/checks.c, src/server.c',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'HAProxy asks each node whether it may be used. With Patroni that is its REST API: a node answers 200 for its own role and 503 for the other one, so in the list for the primary all replicas are DOWN, and that is right.',
    causes: [
      {
        cause:
          '"no server available" in the list for the primary: there is no leader, or Patroni itself does not run on it.',
        on: 'standby',
        check: 'patronictl list; curl -s -o /dev/null -w "%{http_code}\\n" http://<node>:8008/primary',
      },
      {
        cause:
          'Layer4 connection problem, Connection refused: Patroni on that node is stopped, or its port (8008) is blocked.',
      },
      {
        cause:
          'Layer7 invalid response, an empty response, reset by peer: the check speaks another protocol than that port. Where the REST API has a certificate (restapi.certfile), the server line needs check-ssl verify none (or ca-file); and the check belongs to port 8008, not to that of PostgreSQL.',
        on: 'standby',
        check: 'curl -sS -o /dev/null -w "%{http_code}\\n" http://<node>:8008/; curl -sSk https://<node>:8008/',
      },
    ],
  },
  {
    of: ['libpq-errno-refused', 'libpq-errno-timedout', 'libpq-errno-noroute', 'libpq-errno-reset'],
    when: /reason: Layer[4-7]/u,
    matters: 4,
    elsewhere: true,
    means:
      'HAProxy cannot connect to the port that it checks on this node, and sends nothing there. With Patroni that port is the REST API (8008): PostgreSQL itself may run.',
    causes: [
      {
        cause: 'Patroni is stopped on that node, or was too busy to answer (memory, disk, its store out of reach).',
        on: 'that node',
        check:
          'systemctl status patroni --no-pager; journalctl -u patroni -n 50 --no-pager; ss -ltnp | grep -E ":(8008|5432) "',
      },
      {
        cause: 'The address or check port in haproxy.cfg is wrong, or a firewall closes it.',
        on: 'haproxy host',
        check:
          'grep -nE "check port|httpchk" /etc/haproxy/haproxy.cfg; curl -sS -o /dev/null -w "%{http_code}\\n" http://<node>:8008/',
      },
    ],
    todo: 'patronictl list says which node leads. While its REST API does not answer, HAProxy has no primary although PostgreSQL accepts writes.',
  },
  {
    of: ['libpq-errno-refused', 'libpq-is-running-tcp'],
    when: /port 6432\b/u,
    means:
      'The machine answers, and nothing accepts connections at port 6432: by default that is the port of PgBouncer.',
    causes: [
      {
        cause: 'PgBouncer does not run there, or listens on another address (listen_addr) or port.',
        on: 'primary',
        check: 'systemctl status pgbouncer --no-pager; ss -ltnp | grep -E ":(6432|5432) "',
      },
      {
        cause: 'Host or port are wrong, or a firewall rejects the connection.',
        on: 'client',
        check: 'nc -vz {server} 6432',
      },
    ],
    todo: 'A standby and pg_basebackup connect to the server itself (5432), not to the pooler.',
  },
  {
    id: 'extended-protocol',
    says: ['extended query protocol not supported in a replication connection'],
    source: 'PostgreSQL, src/backend/tcop/postgres.c, forbidden_in_wal_sender',
    matters: 4,
    means:
      'The client (or a pooler between) used prepared statements on a replication connection. The server accepts only simple queries there.',
    causes: [
      {
        cause: 'A pooler kept the replication connection and gave it to an ordinary client, or the other way round.',
        on: 'client',
        check: 'psql -h <host> -p 6432 -U <role> pgbouncer -c "SHOW VERSION"',
      },
      { cause: 'A driver: use its own replication interface, which sends simple queries.' },
    ],
    todo: 'Connect to the server itself for replication, not through the pooler.',
  },
  {
    id: 'statement-of-mysql',
    says: [
      'SHOW SLAVE STATUS',
      'SHOW REPLICA STATUS',
      'SHOW MASTER STATUS',
      'SHOW BINARY LOG STATUS',
      'SHOW SLAVE HOSTS',
      'CHANGE MASTER TO',
      'CHANGE REPLICATION SOURCE TO',
      'START SLAVE',
      'STOP SLAVE',
      'RESET SLAVE',
    ],
    among: /syntax error at or near|unrecognized configuration parameter/u,
    source: 'PostgreSQL, src/backend/parser/gram.y (no such statements)',
    matters: 5,
    means: 'This is a statement of MySQL. PostgreSQL shows its replication in views and configures it in files.',
    causes: [
      {
        cause: 'On the primary, pg_stat_replication has a line for each connected standby.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state, sent_lsn, replay_lsn FROM pg_stat_replication"',
      },
      {
        cause: 'On the standby, pg_stat_wal_receiver shows the connection to the primary.',
        on: 'standby',
        check:
          'psql -c "SELECT status, sender_host, slot_name, latest_end_lsn FROM pg_stat_wal_receiver" -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'To make a server a standby: pg_basebackup -R writes standby.signal and primary_conninfo; there is no statement for it. It stops being one with SELECT pg_promote().',
  },
  {
    id: 'not-a-replication-session',
    says: [
      'syntax error at or near "IDENTIFY_SYSTEM"',
      'syntax error at or near "START_REPLICATION"',
      'syntax error at or near "BASE_BACKUP"',
      'syntax error at or near "CREATE_REPLICATION_SLOT"',
    ],
    source: 'PostgreSQL, src/backend/parser/scan.l',
    matters: 4,
    means: 'A replication command was sent on an ordinary connection: the server took it for SQL.',
    causes: [
      {
        cause:
          'replication=1 did not reach libpq. In psql it must be inside the connection string, before other arguments.',
        on: 'client',
        check: 'psql "host={host} user={role} dbname=postgres replication=1" -c IDENTIFY_SYSTEM',
      },
      { cause: 'A pooler or proxy between does not pass it on.' },
    ],
  },
];
