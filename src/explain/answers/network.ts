import type { Answer } from '../answer.ts';

/** A service's name with a port that a Compose file gives to the host, as in "5433:5432". */
const publishedPort =
  /(?:"(?!localhost")[a-z][\w-]*"(?: \([\d.:a-f]+\))?(?:,| and accepting\s+TCP\/IP connections on) port |^(?!localhost:)[a-z][\w-]*:)(\d{4,5})\b[^]*["'\s:](?!5432:)\1:5432\b/mu;

/** How a server is reached. */
export const answersAboutNetwork: readonly Answer[] = [
  {
    of: ['no-user-in-startup'],
    beside: /unsupported frontend protocol|invalid length of startup packet|received direct SSL connection request/u,
    kind: 'consequence',
    matters: 2,
    means:
      'Something opened the port and sent what is not a login of PostgreSQL: the other lines show the same. A port scan does that; the server has no fault.',
    causes: [
      {
        cause: 'A port scanner or a program of another protocol. Where it comes from:',
        on: 'primary',
        check: 'psql -c "SHOW log_connections" -c "SHOW listen_addresses"',
      },
    ],
    todo: 'Let a firewall keep the port from the internet.',
  },
  {
    of: ['invalid-startup-packet-length'],
    kind: 'course',
    matters: 2,
    means:
      'Something opened the port and sent no login of PostgreSQL. The server goes on, and its replication has nothing to do with it.',
    causes: [
      {
        cause:
          'The check of a load balancer, a proxy or a monitoring that speaks HTTP or TLS, or sends nothing (HAProxy: httpchk, ssl-hello-chk, tcp-check, send-proxy).',
        on: 'host',
        check: 'grep -nE "check|send-proxy" /etc/haproxy/haproxy.cfg',
      },
      {
        cause:
          'A scan of the ports, where the port is open to the internet. With log_connections the log says from where.',
        on: 'primary',
        check: 'psql -c "SHOW log_connections" -c "SHOW listen_addresses"',
      },
    ],
    todo: 'HAProxy: option pgsql-check user <role>, without send-proxy. Where a check is to find the primary, ask Patroni at its own port (8008).',
  },
  {
    of: ['no-user-in-startup'],
    kind: 'cause',
    matters: 3,
    means:
      'The server got a login without a user name. libpq always sends one, so the client is broken, or it is not a client of PostgreSQL.',
    causes: [
      {
        cause:
          'The program runs with parts of two releases of libpq or OpenSSL (a mixed installation): it may crash at the same place.',
        on: 'client',
        check: 'psql --version; ldd "$(command -v psql)" | grep -E "libpq|libssl"',
      },
      { cause: 'A port check or a program of another protocol connects to this port.' },
    ],
    todo: 'Install the client of one release from one repository, and try again.',
  },
  {
    of: ['libpq-errno-refused', 'libpq-conn-failed-tcp'],
    when: /at "(?:127\.0\.0\.1|localhost|::1)"|on host "(?:127\.0\.0\.1|localhost)"/u,
    tool: 'patroni',
    matters: 5,
    means:
      'This node looks for its leader at {server}, and that is this node itself: the leader has published an address that only works on the leader.',
    causes: [
      {
        cause:
          'postgresql.connect_address in the Patroni configuration of the leader is 127.0.0.1 or localhost. It must be an address at which the other nodes reach it.',
        on: 'leader',
        check: 'grep -n connect_address /etc/patroni*.yml /etc/patroni/*.yml',
      },
      { cause: 'If this line is about the server of this node itself: it is not running yet. Its log says why.' },
    ],
    todo: 'Correct connect_address on the leader, then patronictl reload <cluster name> <leader>; this node tries again by itself.',
  },
  {
    of: ['libpq-errno-refused', 'libpq-is-running-tcp', 'libpq-conn-failed-tcp', 'libpq-could-not-connect-13'],
    beside: /^(?![^]*\/pgpool\/)[^]*\b(?:Readiness|Liveness|Startup) probe (?:failed|errored)\b/u,
    kind: 'consequence',
    matters: 4,
    means:
      'The probe of Kubernetes asks the server in the same pod, and none listens there: it is not started yet (a standby makes its copy first), still starting, or it failed. The log of the pod says which.',
    causes: [
      {
        cause: 'It does not start, or the copy of the primary fails: the reason is the last error in its log.',
        on: 'client',
        check: 'kubectl logs <pod> --all-containers --prefix --tail=50; kubectl logs <pod> --previous --tail=50',
      },
      {
        cause:
          'The liveness probe ends it before the copy or the recovery is done, and each restart begins it again: raise failureThreshold of the startup probe, or initialDelaySeconds.',
        on: 'client',
        check: 'kubectl describe pod <pod> | grep -iE "liveness|readiness|startup|restart|unhealthy"',
      },
    ],
    elsewhere: true,
  },
  {
    of: ['libpq-errno-refused', 'libpq-is-running-tcp', 'libpq-conn-failed-tcp', 'libpq-could-not-connect-13'],
    beside: publishedPort,
    matters: 5,
    means:
      'The machine answers, and nothing accepts connections at port {port}. The same text publishes that port: it counts on the host of the containers, and not between them.',
    causes: [
      {
        cause:
          'Between containers use the name of the service and the port on the right of "{port}:<port>" (usually 5432).',
        on: 'standby',
        check: 'pg_isready -h {server} -p 5432',
      },
      {
        cause: 'The server there is not running: its log says why.',
        on: 'client',
        check: 'docker compose logs --tail 50',
      },
    ],
  },
  {
    of: ['libpq-errno-refused', 'libpq-is-running-tcp', 'libpq-conn-failed-tcp', 'libpq-could-not-connect-13'],
    // a standby whose primary is to be on its own machine
    beside:
      /could not connect to the primary server: [^\n]*"(?:localhost|127\.0\.0\.1|::1)"|^[^#\n]*\bprimary_conninfo\b[^\n]*\bhost(?:addr)? ?= ?'*(?:localhost|127\.0\.0\.1|::1)\b/mu,
    matters: 5,
    means:
      'The standby looks for its primary on its own machine: host in primary_conninfo is localhost. Nothing accepts connections there at this port.',
    causes: [
      {
        cause:
          'The standby runs in a container: localhost is that container itself. The name of the primary’s service or container, and the port inside the network (5432, not the published one), lead to the primary.',
        on: 'standby',
        check:
          'grep -n primary_conninfo <data directory>/postgresql*.conf; pg_isready -h <name of the primary> -p 5432',
      },
      {
        cause: 'pg_basebackup was run on the host of the primary with -h localhost, and -R wrote that down.',
        on: 'standby',
        check: 'psql -c "SHOW primary_conninfo"',
      },
      {
        cause: 'It is really there (two servers on one machine, or a tunnel), and is not running or has another port.',
        on: 'standby',
        check: 'ss -ltnp | grep -E ":543[0-9]"',
        rule: 'network/connection-refused',
      },
    ],
    todo: "On the standby: ALTER SYSTEM SET primary_conninfo = 'host=<name of the primary> port=5432 user=<role> …'; then a reload (before 13 a restart). Without a session: the last line of it in postgresql.auto.conf.",
  },
  {
    of: ['libpq-errno-refused', 'win-refused', 'libpq-is-running-tcp', 'libpq-could-not-connect-13'],
    means: 'The machine answers, and nothing accepts connections at that address and port.',
    causes: [
      {
        cause: 'PostgreSQL is not running there, or is still starting, or its start failed.',
        on: 'primary',
        check: 'pg_isready -h {server} -p {port}',
        rule: 'network/connection-refused',
      },
      {
        cause:
          "listen_addresses is 'localhost' (the default), so it listens on 127.0.0.1 only; a change needs a restart.",
        after: 'listens locally',
        on: 'primary',
        check: 'psql -c "SHOW listen_addresses" -c "SHOW port"',
        rule: 'network/listen-addresses',
      },
      {
        cause:
          'Host or port are wrong. In a container, localhost is the container itself: use the service name and the port inside the network, not the published one.',
      },
      { cause: 'A firewall rejects the connection.', on: 'client', check: 'nc -vz {server} {port}' },
    ],
  },
  {
    of: ['libpq-conn-failed-socket'],
    when: /failed: +(?:FATAL|ERROR): /u,
    matters: 4,
    means:
      'A server (or a pooler) answers on this socket and refuses the connection. The text after FATAL is its reason.',
    causes: [
      {
        cause: 'Find out what answers there, and read its log at that minute.',
        on: 'client',
        check: 'ls -la /tmp/.s.PGSQL.* /var/run/postgresql/.s.PGSQL.*; ss -xlp | grep PGSQL',
      },
    ],
  },
  {
    of: [
      'libpq-conn-failed-socket',
      'libpq-is-running-local',
      'libpq-errno-nosuchfile-socket',
      'libpq-could-not-connect-13-socket',
    ],
    means: 'The client looked for a server on a local socket, and no server listens on it.',
    causes: [
      {
        cause: 'The server is not running, or did not start: its log says why.',
        on: 'client',
        check: 'pg_isready; ps aux | grep -i [p]ostgres',
        rule: 'network/connection-refused',
      },
      { cause: 'No host was given (-h, host=), so the local socket was tried instead of the remote server.' },
      {
        cause:
          'The server puts its socket elsewhere (/tmp instead of /var/run/postgresql), or listens on another port.',
        on: 'client',
        check: 'ls -la /tmp/.s.PGSQL.* /var/run/postgresql/.s.PGSQL.*',
      },
    ],
  },
  {
    // as macOS and the BSDs write it
    id: 'operation-timed-out',
    says: ['port %s failed: Operation timed out', 'could not connect to server: Operation timed out'],
    of: ['libpq-errno-timedout', 'win-timedout', 'libpq-timeout-expired', 'operation-timed-out'],
    means: 'No answer came from that address in time: packets are dropped on the way.',
    causes: [
      {
        cause: 'A firewall, a security group or a network policy drops the packets.',
        on: 'client',
        check: 'nc -vz -w 5 {server} {port}',
        rule: 'network/timed-out',
      },
      { cause: 'The address is wrong, or the machine is down.', on: 'client', check: 'ping -c 3 {server}' },
    ],
  },
  {
    of: ['libpq-errno-noroute', 'os-enetunreach'],
    means:
      'There is no route to that address, or a firewall on the way rejects the connection (firewalld answers like this).',
    causes: [
      {
        cause: 'The firewall of the server does not let the port in.',
        on: 'primary',
        check: 'firewall-cmd --list-all',
        rule: 'network/unreachable',
      },
      {
        cause: 'The address is on another network, or the machine is down.',
        on: 'client',
        check: 'ip route get {server}',
      },
    ],
  },
  {
    of: ['libpq-missing-equals', 'walreceiver-invalid-conninfo', 'libpq-unterminated-quote'],
    means:
      'The connection string cannot be read: a keyword without "=", an open quotation mark, or a value with blanks that is not quoted.',
    causes: [
      {
        cause: 'In primary_conninfo, the value is in single quotes, and quotes in it are doubled.',
        on: 'standby',
        check: 'grep -n primary_conninfo <data directory>/postgresql*.conf',
        rule: 'conninfo/malformed',
      },
    ],
  },
  {
    id: 'driver-socket',
    says: [
      'dial unix %s: connect: no such file or directory',
      'connect ENOENT %s/.s.PGSQL.%d',
      'failed to connect to %s: dial error (dial unix %s: connect: no such file or directory)',
    ],
    source: 'Go, net; Node.js',
    kind: 'consequence',
    matters: 4,
    means:
      'A program looked for a server on a local socket, and no server listens on it: it is not running, or not yet.',
    causes: [
      {
        cause: 'The server is starting or does not start: its log says why.',
        on: 'standby',
        check: 'pg_isready; tail -50 "$(ls -t <data directory>/log/* 2>/dev/null | head -1)"',
        rule: 'network/connection-refused',
      },
    ],
  },
  {
    id: 'driver-refused',
    of: ['driver-refused'],
    says: [
      'dial tcp %s: connect: connection refused',
      'connect ECONNREFUSED %s',
      'Connection to %s refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.',
    ],
    among: /postgres|5432|pgsql|5433|postmaster/iu,
    source: 'Go, net; Node.js; pgjdbc',
    matters: 4,
    means: 'The machine answers, and nothing accepts connections at that address and port.',
    causes: [
      {
        cause: 'PostgreSQL is not running there, is still starting, or listens on localhost only.',
        on: 'primary',
        check: 'psql -c "SHOW listen_addresses" -c "SHOW port"',
        rule: 'network/connection-refused',
      },
      { cause: 'Host or port are wrong. In a container, localhost is the container itself.' },
    ],
  },
  {
    id: 'driver-no-address',
    says: ['dial tcp %s: connect: cannot assign requested address', 'connect EADDRNOTAVAIL %s'],
    source: 'Go, net; Node.js',
    matters: 3,
    means:
      'A program tried to connect to an address of a kind that this machine or container does not have, usually ::1 (localhost) where IPv6 is off.',
    todo: 'Connect to 127.0.0.1 instead of localhost. If that is refused, the server is not running there: see its log.',
  },
  {
    of: ['libpq-conn-failed-tcp'],
    matters: 4,
    means:
      'The connection to {server}, port {port}, failed. The rest of the line, which comes from the server or from a pooler or proxy before it, is the reason.',
    causes: [
      {
        cause: 'Find out what answers there.',
        on: 'client',
        check: 'psql -h {server} -p {port} -d postgres -c "SELECT version()"',
      },
    ],
  },
];
