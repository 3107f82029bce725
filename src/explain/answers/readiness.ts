import type { Answer } from '../answer.ts';

/** Servers that run and do not let a session in yet. */
export const answersAboutReadiness: readonly Answer[] = [
  {
    of: ['db-starting-up'],
    kind: 'consequence',
    matters: 4,
    means:
      'The server runs and does not accept connections yet: it replays WAL after a crash, or it is a standby that has not reached a consistent state.',
    causes: [
      {
        cause: 'Recovery takes its time: look at the progress.',
        on: 'standby',
        check: 'ps aux | grep "[s]tartup.*recovering"',
        rule: 'network/server-starting',
      },
      {
        cause: 'hot_standby is off on this standby: it never accepts connections.',
        on: 'standby',
        check: 'postgres -C hot_standby -D <data directory>',
        rule: 'recovery/hot-standby-off',
      },
      {
        cause:
          'The standby waits for WAL that it cannot get: the lines around this one in its log say so (a missing segment, a refused connection to the primary).',
      },
    ],
  },
  {
    of: ['db-starting-up'],
    beside:
      /^(?![\s\S]*(?:already been removed|FATAL: +could not |does not exist))[\s\S]*(?:started streaming WAL|\bpg_stat_replication\b[^.]*\b(?:shows?|streaming|advanc)|replicat\w+ (?:works?|is working|is running)|recovering \w+[^\n]*\n[^\n]*wal ?receiver[^\n]*streaming|\bwal ?receiver(?: process)? +streaming)/iu,
    kind: 'consequence',
    matters: 4,
    means:
      'The standby receives WAL and is not consistent yet, so it accepts no sessions. It becomes consistent when it has replayed the end of its base backup and knows all transactions that ran then.',
    causes: [
      {
        cause:
          'The base backup was never ended on the primary: it was made by hand (a snapshot, rsync, pg_start_backup) without pg_backup_stop (pg_stop_backup). "Backup start location" is set, and the standby waits for an end that does not come.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "Minimum recovery|Backup (start|end)|End-of-backup"',
        rule: 'recovery/backup-not-ended',
      },
      {
        cause: 'It still replays up to that point: the position moves.',
        on: 'standby',
        check: 'ps aux | grep "[s]tartup.*recovering"; sleep 10; ps aux | grep "[s]tartup.*recovering"',
        rule: 'network/server-starting',
      },
      {
        cause: 'hot_standby is off: it never accepts connections.',
        on: 'standby',
        check: 'postgres -C hot_standby -D <data directory>',
        rule: 'recovery/hot-standby-off',
      },
      {
        cause: 'A transaction with more than 64 subtransactions runs on the primary: it must end first.',
        on: 'primary',
        rule: 'recovery/waits-for-transactions',
        check:
          'psql -c "SELECT pid, xact_start, state, left(query, 60) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5"',
      },
    ],
  },
  {
    of: ['db-shutting-down'],
    beside:
      /(?:\b(?:psql|pg_(?:basebackup|receivewal|rewind|dump|isready))\b|\bfailed|could not connect[^\n]*): +(?:error: +)?(?:connection to [^\n]*)?FATAL: +the database system is shutting down/iu,
    kind: 'consequence',
    matters: 4,
    means: 'The server that was asked runs, and is just being stopped: it accepts no new sessions.',
    causes: [
      {
        cause:
          'In a container that starts for the first time: the image starts a server for its scripts, stops it, and starts the real one. Try again a few seconds later.',
        on: 'client',
        check: 'pg_isready -h {server} -p {port}',
      },
      {
        cause:
          'It was stopped, or is restarted, and waits for sessions to end ("received fast shutdown request"): its own log says so.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()"; pg_isready',
      },
    ],
    todo: 'A script that copies the primary should try again until pg_basebackup succeeds; that a port answers is not enough.',
  },
  {
    of: ['db-not-yet-accepting'],
    when: /subtransaction|snapshot|overflow/iu,
    means:
      'The standby is consistent but cannot open for queries: a transaction on the primary has more than 64 subtransactions, and the standby waits for a snapshot without it.',
    causes: [
      {
        cause: 'A long transaction with many savepoints (or exception blocks) runs on the primary.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, xact_start, state, query FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5"',
      },
    ],
    todo: 'Let that transaction end (or end it). This happens in every release; only the wording is new in 18.',
  },
  {
    of: ['db-not-yet-accepting'],
    kind: 'consequence',
    matters: 4,
    means: 'The standby runs and has not reached a consistent state yet: it needs more WAL before it lets queries in.',
    causes: [
      {
        cause:
          'It is still replaying, or waits for WAL that does not come (no connection to the primary, a missing segment).',
        on: 'standby',
        check: 'ps aux | grep -E "[s]tartup|[w]alreceiver"',
        rule: 'network/server-starting',
      },
      {
        cause:
          'A transaction with more than 64 subtransactions runs on the primary: the standby waits for a complete snapshot (every release).',
        on: 'primary',
        check:
          'psql -c "SELECT pid, xact_start, query FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5"',
      },
    ],
  },
  {
    of: ['db-not-accepting-hot-standby-off'],
    means: 'The standby does not accept connections: hot_standby is off.',
    causes: [
      {
        cause: 'hot_standby = off in the configuration.',
        on: 'standby',
        check: 'postgres -C hot_standby -D <data directory>',
        rule: 'recovery/hot-standby-off',
      },
    ],
  },
  {
    of: ['too-many-clients', 'reserved-slots-13', 'reserved-slots-superuser', 'reserved-slots-role'],
    means: 'All connections of the server are taken (max_connections, less those that are reserved).',
    causes: [
      {
        cause: 'Clients open more connections than needed or leave them idle.',
        on: 'primary',
        check: 'psql -c "SELECT usename, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC"',
        rule: 'network/login-not-possible',
      },
    ],
    todo: 'End idle sessions, use a pooler, or raise max_connections. Raise it on every standby first: a standby needs at least the value of its primary.',
  },
  {
    id: 'not-ready',
    says: ['%s - rejecting connections'],
    among: /[\w.\]]:\d{2,5} - rejecting connections/u,
    source: 'PostgreSQL, src/bin/pg_isready/pg_isready.c',
    kind: 'consequence',
    matters: 4,
    means: 'pg_isready says: the server at {value} runs, and does not accept connections yet (or is stopping).',
    causes: [
      {
        cause: 'It is starting or recovering: its log says what it is doing.',
        on: 'server',
        check: 'tail -50 "$(ls -t <data directory>/log/* /var/log/postgresql/* 2>/dev/null | head -1)"',
        rule: 'network/server-starting',
      },
    ],
  },
  {
    id: 'no-response',
    of: ['no-response'],
    says: ['%s - no response'],
    among: /[\w.\]]:\d{2,5} - no response/u,
    source: 'PostgreSQL, src/bin/pg_isready/pg_isready.c',
    kind: 'consequence',
    matters: 4,
    means: 'pg_isready says: no server answers at {value}.',
    causes: [
      {
        cause: 'The server there is not running, or its start failed: its own log says why.',
        on: 'server',
        check: 'pg_isready; ps aux | grep "[p]ostgres -D"',
        rule: 'network/connection-refused',
      },
      {
        cause:
          'The port is not the one it listens on. Inside a container network that is the port in the container (5432), not the published one.',
        on: 'primary',
        check: 'psql -c "SHOW port" -c "SHOW listen_addresses"',
      },
      { cause: 'The name leads to another address, or a firewall drops the packets.' },
    ],
  },
  {
    of: ['no-response'],
    beside: /^(?!localhost:)[a-z][\w-]*:(\d{4,5}) - no response[^]*["'\s:](?!5432:)\1:5432\b/mu,
    kind: 'consequence',
    matters: 5,
    means:
      'pg_isready says: no server answers at {value}. The same text publishes this port: it counts on the host of the containers, and not between them.',
    causes: [
      {
        cause: 'Between containers the port is the one on the right of the colon in "ports", usually 5432.',
        on: 'client',
        check: 'docker compose ps -a; docker compose config | grep -iE "port|host"',
      },
      {
        cause: 'The server there is not running: its log says why.',
        on: 'client',
        check: 'docker compose logs --tail 50',
      },
    ],
  },
  {
    id: 'no-attempt',
    says: ['%s - no attempt'],
    among: /[\w.\]]:\d{2,5} - no attempt/u,
    source: 'PostgreSQL, src/bin/pg_isready/pg_isready.c',
    kind: 'consequence',
    matters: 4,
    means:
      'pg_isready made no attempt to connect: it could make no connection string of its options. In old releases (9.x, 10), a host name without an address ends so, too.',
    causes: [
      {
        cause: 'The host name is not known where pg_isready runs: another network, or the other container is not up.',
        on: 'client',
        check: 'getent hosts <host>',
      },
      {
        cause: 'A variable for the host, port or service in the script is empty or wrong.',
        on: 'client',
        check: 'env | grep ^PG | cut -d= -f1',
      },
    ],
  },
  {
    of: ['db-in-recovery-mode'],
    kind: 'consequence',
    matters: 4,
    means:
      'The server crashed a moment ago and is replaying its WAL. (This is crash recovery, not standby mode.) It accepts connections again when that is done.',
    causes: [
      {
        cause:
          'A server process was killed or crashed: the log of the server has "was terminated by signal" just before.',
        on: 'primary',
        check: 'dmesg -T | grep -iE "out of memory|oom-kill|segfault"',
        rule: 'network/server-starting',
      },
    ],
  },
  {
    id: 'check-postgres-no-standby',
    says: ['POSTGRES_HOT_STANDBY_DELAY UNKNOWN: %s'],
    source: 'check_postgres, check_hot_standby_delay',
    matters: 3,
    means:
      'check_postgres needs one server that is in recovery and one that is not, and did not get their positions. Empty positions (receive, replay) mean that the server asked is not in recovery.',
    causes: [
      {
        cause:
          'Both hosts or ports lead to the same server, or to two primaries; --dbhost2 and --dbport2 are the second one.',
        on: 'client',
        check: 'psql -h <host> -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      { cause: 'An old check_postgres does not know the functions of this release (xlog became wal in 10).' },
    ],
  },
];
