import type { Answer } from '../answer.ts';

/** Where a server listens, and why it cannot. */
export const answersAboutListening: readonly Answer[] = [
  {
    of: ['could-not-bind'],
    when: /Cannot assign requested address/iu,
    means: 'listen_addresses names an address that this machine does not have.',
    causes: [
      {
        cause: 'The setting was copied from the other server, or the address (a virtual IP) is not here yet.',
        on: 'standby',
        check: 'ip -brief address',
        rule: 'standby/cannot-listen',
      },
    ],
    todo: "Set listen_addresses to an address of this machine, or to '*', and start again.",
  },
  {
    of: ['could-not-bind'],
    when: /Permission denied/iu,
    matters: 5,
    means:
      'The operating system does not let this server listen on that port. The port is not in use: that gives another reason.',
    causes: [
      {
        cause: 'A port below 1024 takes rights that the user of the server does not have.',
        on: 'server',
        check: 'postgres -C port -D <data directory>',
      },
      {
        cause: 'SELinux: the port has no label of PostgreSQL.',
        on: 'server',
        check: 'getenforce; semanage port -l | grep postgresql; ausearch -m avc -c postgres -ts today | tail -3',
      },
      {
        cause:
          'Windows: the port is in a range that is reserved (netsh interface ipv4 show excludedportrange protocol=tcp).',
      },
    ],
    todo: 'Use a port above 1023, or as root: semanage port -a -t postgresql_port_t -p tcp <port>.',
  },
  {
    of: ['could-not-bind'],
    when: /Only one usage of each socket address|An attempt was made to access a socket/u,
    matters: 5,
    means: 'The server could not listen on its address and port: something on this Windows machine has it.',
    causes: [
      {
        cause: 'Another PostgreSQL service, or this one, which runs already.',
        on: 'server',
        check: 'netstat -ano | findstr :{port}',
        rule: 'standby/cannot-listen',
      },
      {
        cause: 'The port is in a range that Windows has reserved (Hyper-V, WSL, Docker Desktop).',
        on: 'server',
        check: 'netsh interface ipv4 show excludedportrange protocol=tcp',
      },
    ],
    todo: 'tasklist /FI "PID eq <number in the last column>" names the program. Stop it, or give this server another port (port = … in postgresql.conf), and start it again.',
  },
  {
    of: ['could-not-bind', 'os-eaddrinuse'],
    matters: 5,
    means: 'The server could not listen on its address and port.',
    causes: [
      {
        cause: 'Another server (often another PostgreSQL cluster on this machine) has the port.',
        on: 'standby',
        check: "ss -ltnp 'sport = :{port}'",
        rule: 'standby/cannot-listen',
      },
      {
        cause: 'This server is running already, or an old one has not ended yet.',
        on: 'standby',
        check: 'ps aux | grep -i [p]ostgres',
      },
      {
        cause: 'listen_addresses names an address that this machine does not have.',
        on: 'standby',
        check: 'ip -brief address',
      },
    ],
    todo: 'Stop the other server, or give this one another port (port = … in its configuration), then start again.',
  },
  {
    of: [
      'could-not-create-listen-socket',
      'could-not-create-any-tcp',
      'no-socket-listening',
      'could-not-create-any-unix',
    ],
    kind: 'consequence',
    means:
      'The server could not listen on any address. The LOG line before this one ("could not bind …") gives the address and the reason.',
    causes: [
      {
        cause: 'Another server has the port.',
        on: 'standby',
        check: 'ss -ltnp | grep 5432',
        rule: 'standby/cannot-listen',
      },
      {
        cause: 'listen_addresses names an address that this machine does not have.',
        on: 'standby',
        check: 'ip -brief address',
      },
    ],
  },
];
