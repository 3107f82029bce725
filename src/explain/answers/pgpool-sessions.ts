import type { Answer } from '../answer.ts';

/** Pgpool-II: what a session meets when its backends do not answer alike. */
export const answersAboutPgpoolSessions: readonly Answer[] = [
  {
    id: 'pgpool-socket-taken',
    says: [
      'failed to bind a socket: "%s"',
      'bind socket failed with error: "Address already in use"',
      'failed to bind INET socket',
    ],
    among: /pgpool|\.s\.PGSQL|bind socket failed|\bpid \d+:/u,
    source: 'pgpool-II, src/main/pgpool_main.c',
    matters: 6,
    elsewhere: true,
    means:
      'Pgpool-II could not open its own socket, and does not start. The PostgreSQL servers behind it have nothing to do with that.',
    causes: [
      {
        cause:
          'A socket file is left over from a run that was killed (kill -9, a container that was restarted): where no pgpool runs, remove that file.',
        on: 'client',
        check: 'pgrep -a pgpool; ls -la /tmp/.s.PGSQL.9999 /tmp/.s.PGSQL.9898 /var/run/postgresql/',
      },
      {
        cause: 'Another pgpool or PostgreSQL has that port: give one of them another (port, pcp_port).',
        on: 'client',
        check: 'ss -ltnp | grep -E ":(5432|9999|9898) "',
      },
    ],
  },
  {
    id: 'pgpool-backend-stops',
    says: [
      'postmaster on DB node %d was shutdown by administrative command',
      'error message from main backend:the database system is shutting down',
      'error message from master backend:the database system is shutting down',
      'error message from main backend:terminating connection due to administrator command',
      'error message from master backend:terminating connection due to administrator command',
    ],
    source: 'pgpool-II, src/protocol/pool_process_query.c, src/context/pool_process_context.c',
    matters: 4,
    elsewhere: true,
    means:
      'The PostgreSQL server of this node was stopped or restarted, or its sessions were ended by hand. Pgpool-II passes that on, and may mark the node as down.',
    causes: [
      {
        cause:
          'A stop or restart (an update of the pods, a maintenance): the log of that server at this minute says which.',
        on: 'primary',
        check:
          'psql -h <backend_hostname> -p <backend_port> -c "SELECT pg_postmaster_start_time(), pg_is_in_recovery()"',
      },
      {
        cause:
          'Pgpool-II takes pg_terminate_backend() for a stop, too: with failover_on_backend_shutdown = off (4.3 and later) it does not.',
        on: 'pgpool host',
        check: 'grep -nE "^failover_on_backend_(shutdown|error)" /etc/pgpool2/pgpool.conf',
      },
    ],
    todo: 'When the server is back and follows the current primary: pcp_attach_node -n <node id>.',
  },
  {
    id: 'pgpool-kind-mismatch',
    says: [
      'kind does not match between main(%x) slot[%d] (%x)',
      'kind does not match between master(%x) slot[%d] (%x)',
    ],
    source: 'pgpool-II, src/protocol/pool_process_query.c, read_kind_from_backend',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The backends answered differently: one accepted what another refused. The message of the refusing one is in the lines before.',
    causes: [
      {
        cause: 'One of them is starting, shutting down, or refuses the login (pg_hba.conf, password).',
        on: 'pgpool host',
        check: 'psql -h <backend_hostname> -p <backend_port> -U <role> -c "SELECT 1"',
      },
    ],
  },
  {
    id: 'pgpool-standbys-not-owned',
    says: ['verify_backend_node_status: primary %d owns only %d standbys out of %d'],
    source: 'pgpool-II, src/main/pgpool_main.c, verify_backend_node_status',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'Pgpool-II asks each standby (pg_stat_wal_receiver) from whom it streams, and counts those whose host and port are those of the primary in pgpool.conf. Some are not.',
    causes: [
      {
        cause: 'These standbys do not stream, or follow another server (an old primary, after a failover).',
        on: 'standby',
        check: 'psql -c "SELECT status, sender_host, sender_port, conninfo FROM pg_stat_wal_receiver"',
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'They stream, and primary_conninfo names the primary in another way than backend_hostname does (an address, another name), so Pgpool-II does not see that it is the same.',
        on: 'pgpool host',
        check: 'grep -nE "^backend_(hostname|port)" /etc/pgpool2/pgpool.conf',
      },
      {
        cause: 'sr_check_user may not read the view: it needs pg_monitor.',
        on: 'primary',
        check: 'psql -c "\\du"',
      },
    ],
    todo: 'With detach_false_primary = on a server is taken out of use for this: correct it before.',
  },
  {
    of: ['libpq-timeout-expired'],
    beside: /Checking pgpool health/u,
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The health check of the Pgpool-II container got no session in time. Pgpool-II itself runs; it waits for a backend that does not answer, and the probe restarts the pod.',
    causes: [
      {
        cause:
          'A backend is down or unreachable, and Pgpool-II tries it for each new session until connect_timeout is over.',
        on: 'client',
        check: 'kubectl logs <pgpool pod> --tail=50 | grep -iE "failed to connect|health check"; kubectl get pods',
      },
    ],
    todo: 'Bring that backend back or take it out of the list; give the probe a longer timeout than connect_timeout and the health check together.',
  },
];
