import type { Answer } from '../answer.ts';

export const configuration = '/etc/pgbouncer/pgbouncer.ini';
export const databases = `sed -n "/^\\\\[databases\\\\]/,/^\\\\[pgbouncer\\\\]/p" ${configuration} | sed "s/password=[^ ]*/password=…/"`;
export const admin = 'psql -h <pgbouncer host> -p 6432 -U <admin> pgbouncer';

/** What else the lines of PgBouncer mean, by what they are about. */
export const linesOfPgBouncer: readonly Answer[] = [
  {
    id: 'pgbouncer-tls',
    source: 'PgBouncer 1.24.1',
    matters: 3,
    elsewhere: true,
    means:
      'TLS between the client, PgBouncer and the server does not fit: a file is missing or refused, or one side wants it and the other does not.',
    causes: [
      {
        cause: 'Its settings, and the files.',
        on: 'pgbouncer host',
        check: `grep -nE "_tls_" ${configuration}; ls -l <certificate> <key>`,
      },
    ],
  },
  {
    id: 'pgbouncer-server-without-tls',
    source: 'PgBouncer 1.24.1, src/server.c',
    matters: 4,
    elsewhere: true,
    means: 'server_tls_sslmode asks for TLS, and the server behind PgBouncer does not offer it (ssl = off).',
    causes: [
      {
        cause: 'What the two have.',
        on: 'pgbouncer host',
        check: `grep -nE "^server_tls" ${configuration}; psql -h <server> -p 5432 -c "SHOW ssl"`,
      },
    ],
    todo: 'Turn ssl on at the server. With server_tls_sslmode = prefer PgBouncer goes on without it.',
  },
  {
    id: 'pgbouncer-recycled',
    source: 'PgBouncer 1.24.1, src/janitor.c',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means:
      'PgBouncer reports what it does with connections: it closes those of the server that are old or not needed, and makes new ones. That line needs no attention.',
  },
  {
    id: 'pgbouncer-limit',
    source: 'PgBouncer 1.24.1, src/janitor.c and src/client.c',
    matters: 3,
    elsewhere: true,
    means:
      'A limit or a timeout of PgBouncer ended this connection (max_client_conn, max_db_client_connections, query_timeout, idle_transaction_timeout).',
    causes: [
      {
        cause: 'Who waits, and the limits.',
        on: 'pgbouncer host',
        check: `${admin} -c "SHOW POOLS" -c "SHOW CONFIG"`,
      },
    ],
  },
  {
    id: 'pgbouncer-server-gone',
    source: 'PgBouncer 1.24.1, src/server.c',
    matters: 3,
    elsewhere: true,
    means:
      'The server (or a firewall or proxy between) closed a connection that PgBouncer held. Its client gets this as its error.',
    causes: [
      {
        cause: 'The server was restarted, crashed, or was demoted at a failover; or the session was ended there.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time(), pg_is_in_recovery()"; tail -n 30 <log of PostgreSQL>',
      },
      {
        cause: 'Idle connections are cut on the way: server_idle_timeout, tcp_keepalive.',
        on: 'pgbouncer host',
        check: `grep -nE "^(tcp_|server_idle_timeout|server_lifetime)" ${configuration}`,
      },
    ],
  },
  {
    id: 'pgbouncer-host-name',
    source: 'PgBouncer 1.24.1, src/dnslookup.c',
    matters: 4,
    elsewhere: true,
    means: 'The name of the host in [databases] cannot be resolved on the host of PgBouncer.',
    causes: [
      { cause: 'The name, from there.', on: 'pgbouncer host', check: `${databases}; getent hosts <server>` },
      {
        cause:
          'In Kubernetes or compose: the service is in another namespace or network. PgBouncer keeps a failure for dns_nxdomain_ttl (15 s).',
        on: 'pgbouncer host',
        check: `cat /etc/resolv.conf; ${admin} -c "SHOW DNS_HOSTS"`,
      },
    ],
  },
  {
    id: 'pgbouncer-server',
    source: 'PgBouncer 1.24.1, src/objects.c and src/server.c',
    matters: 3,
    elsewhere: true,
    means:
      'PgBouncer could not connect to the server of this database within server_connect_timeout (15 s), or lost it.',
    causes: [
      {
        cause: 'The address in [databases], from this host.',
        on: 'pgbouncer host',
        check: `${databases}; pg_isready -h <server> -p 5432`,
      },
    ],
  },
  {
    id: 'pgbouncer-no-such-database',
    source: 'PgBouncer 1.24.1, src/client.c',
    matters: 4,
    elsewhere: true,
    means:
      'The database that the client named is not in [databases] of PgBouncer, and there is no "*" for all others; or it was disabled by hand (DISABLE).',
    causes: [{ cause: 'What it has.', on: 'pgbouncer host', check: `${admin} -c "SHOW DATABASES"` }],
    todo: `Add it to [databases] and ${admin} -c RELOAD; or, for a disabled one, ENABLE <database>.`,
  },
  {
    id: 'pgbouncer-auth-file',
    source: 'PgBouncer 1.24.1, src/loader.c',
    matters: 4,
    elsewhere: true,
    means: 'PgBouncer cannot open or fully use auth_file (userlist.txt), so that the roles in it cannot log in.',
    causes: [
      {
        cause: 'Whose it is, and as whom PgBouncer runs.',
        on: 'pgbouncer host',
        check: `grep -n "^auth_file" ${configuration}; ls -l /etc/pgbouncer/userlist.txt; ps -o user= -C pgbouncer`,
      },
    ],
    todo: 'Let the user of PgBouncer, and no one else, read it (mode 0640 or 0600): it holds passwords.',
  },
  {
    id: 'pgbouncer-configuration',
    source: 'PgBouncer 1.24.1',
    matters: 3,
    elsewhere: true,
    means: 'A line in the configuration of PgBouncer cannot be used.',
    causes: [
      {
        cause: 'What it has.',
        on: 'pgbouncer host',
        check: `grep -nvE "^ *(;|#|$)" ${configuration} | sed "s/password=[^ ]*/password=…/"; ${admin} -c "SHOW DATABASES"`,
      },
    ],
  },
  {
    id: 'pgbouncer-startup-options',
    source: 'PgBouncer 1.24.1, src/client.c',
    matters: 4,
    elsewhere: true,
    means:
      'The client sent "options" with its login (PGOPTIONS, options= in its connection string), and PgBouncer takes only settings of the form -c name=value there.',
    causes: [
      {
        cause: 'The connection string or environment of the client.',
        on: 'client',
        check: 'env | grep -E "^PG(OPTIONS|HOST|PORT|DATABASE)"',
      },
    ],
    todo: 'Leave it out there and set it for the role on the server (ALTER ROLE <role> SET …); or ignore_startup_parameters = options in pgbouncer.ini, with which it is dropped.',
  },
  {
    id: 'pgbouncer-already-runs',
    source: 'PgBouncer 1.24.1, src/main.c and src/pooler.c',
    matters: 4,
    elsewhere: true,
    means:
      'PgBouncer does not start, because another one seems to run: its pid file is there, or its port or socket is in use.',
    causes: [
      {
        cause: 'Who has the port, and whether the process in the pid file lives.',
        on: 'pgbouncer host',
        check: `pgrep -af pgbouncer; ss -ltnp | grep 6432; grep -nE "^(pidfile|listen_port|unix_socket_dir)" ${configuration}`,
      },
    ],
    todo: 'One that runs is reloaded (systemctl reload pgbouncer), not started again. Several on one port need so_reuseport=1, and a pidfile and unix_socket_dir of their own.',
  },
  {
    id: 'pgbouncer-root',
    source: 'PgBouncer 1.24.1, src/main.c',
    matters: 4,
    elsewhere: true,
    means: 'PgBouncer was started as root, which it refuses. Nothing else is wrong yet.',
    todo: 'Start it as its own user: systemctl start pgbouncer, or pgbouncer -u <user> /etc/pgbouncer/pgbouncer.ini.',
  },
  {
    id: 'pgbouncer-start',
    source: 'PgBouncer 1.24.1, src/main.c and src/pooler.c',
    matters: 3,
    elsewhere: true,
    means: 'PgBouncer could not start or take over its sockets and files.',
    causes: [
      {
        cause: 'Whose the files are, and who has the port.',
        on: 'pgbouncer host',
        check: 'pgrep -af pgbouncer; ss -ltnp | grep 6432; ls -ld /var/run/postgresql /var/log/postgresql',
      },
    ],
  },
];
