import type { Answer } from '../answer.ts';

/** What keeps the processes of pgBackRest from running, from one another and from their locks, by the numbers of its errors. */
export const answersAboutPgBackRestProcesses: readonly Answer[] = [
  {
    of: ['pgbackrest-lock'],
    beside: /raised from remote-\d+/u,
    matters: 5,
    elsewhere: true,
    means:
      'A pgBackRest command on another host holds the lock of this stanza. Often it is this very command, which went over that host and came back here: each host has the others as pg-host and the repository as its own.',
    causes: [
      {
        cause:
          'pgbackrest.conf on the database servers names the other servers (pg1-host …) and a repository too. Only a repository host lists them all; the servers have their own pg1-path and repo1-host.',
        on: 'standby',
        check: 'grep -nE "^(pg|repo)[0-9]+-(host|path|type)" /etc/pgbackrest/pgbackrest.conf',
      },
      {
        cause: 'A backup or another command is really at work there.',
        on: 'primary',
        check: 'ps aux | grep "[p]gbackrest"',
      },
    ],
    todo: 'Run backups from one place: a repository host, from where pgBackRest connects to every server.',
  },

  {
    id: 'pgbackrest-other-host',
    says: ['%s process on %s terminated unexpectedly [%d]: %s', 'remote-0 process on %s terminated unexpectedly'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/common/exec.c, execCheckStatusError; src/protocol/helper.c',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest starts itself on the other host by ssh (or pgbackrest server, with TLS), and that ended at once. What ssh or the other pgBackRest said stands behind the number; 255 is from ssh.',
    causes: [
      {
        cause:
          'ssh does not get there: the host or port (repo1-host-port, pg1-host-port) is wrong, or a firewall or network policy closes it.',
        on: 'this host',
        check: 'timeout 5 bash -c "</dev/tcp/<host>/<port>" && echo open',
      },
      {
        cause:
          'ssh asks for a password or does not know the host key: the key of this user must be in authorized_keys there.',
        on: 'this host',
        check: 'sudo -u postgres ssh -o BatchMode=yes <user>@<host> pgbackrest version',
      },
      { cause: 'pgBackRest is not installed there, or of another version or path (repo1-host-cmd, pg1-host-cmd).' },
    ],
  },
  {
    id: 'pgbackrest-stopped',
    says: ['stop file exists for all stanzas', 'stop file exists for stanza %s', '[062]: %s'],
    source: 'pgBackRest, src/common/lock.c, lockStopTest (062 StopError)',
    matters: 5,
    elsewhere: true,
    means:
      'pgBackRest was stopped with "pgbackrest stop" on the host that says so, and does nothing there until it is started again: no archive-push, no archive-get, no backup.',
    causes: [
      {
        cause: 'A person or a maintenance script ran pgbackrest stop, with or without --stanza, and not start.',
        on: 'primary',
        check: 'ls -l /tmp/pgbackrest/*.stop',
      },
    ],
    todo: 'When nothing speaks against it: pgbackrest start, or pgbackrest --stanza=<stanza> start, as the same user on that host.',
  },
  {
    id: 'pgbackrest-protocol',
    says: [
      "client state is '%s' but expected '%s'",
      "expected value '%s' for greeting key '%s' but got '%s'",
      '[039]: %s',
    ],
    source: 'pgBackRest, src/protocol/client.c (039 ProtocolError)',
    matters: 4,
    elsewhere: true,
    means: 'The two pgBackRest processes, here and on the other host, do not understand each other.',
    causes: [
      {
        cause: 'pgBackRest has another version on the two hosts ("greeting key \'version\'"): they must be equal.',
        on: 'standby',
        check: 'pgbackrest version; ssh <repository host> pgbackrest version',
      },
      {
        cause: 'The connection ended in between, or a login script on the other host prints something.',
        on: 'standby',
        check: 'ssh <repository host> true',
      },
    ],
  },
  {
    id: 'pgbackrest-remote-unknown',
    says: ['remote process terminated on %s host: %s', '[125]: %s', '[124]: %s'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/build/error/error.yaml (125 UnknownError)',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'The pgBackRest process on the other host ended. What it says behind this number is the reason.',
    causes: [
      {
        cause: 'Run a simple command of pgBackRest on the other host as the same user.',
        on: 'standby',
        check: 'ssh <repository host> pgbackrest --stanza=<stanza> info',
      },
    ],
  },
  {
    id: 'pgbackrest-terminated',
    says: ['terminated on signal [SIGTERM]', 'terminated on signal %s', '[063]: %s'],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/common/exit.c (063 TermError)',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means: 'pgBackRest was told to end: the server was stopped, a service or a time limit ended it, or a person did.',
  },
  {
    id: 'pgbackrest-local-server',
    says: ["unable to connect to 'dbname=%s': %s"],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/postgres/client.c, pgClientOpen (056 DbConnectError)',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'pgBackRest cannot log in to the server whose data directory is pg1-path. What follows the connection string is what libpq says of it.',
    causes: [
      {
        cause: 'pg1-port, pg1-socket-path or pg1-user in pgbackrest.conf are not those of the server, or it is down.',
        on: 'primary',
        check:
          'psql -c "SHOW port" -c "SHOW unix_socket_directories" -c "SHOW data_directory"; grep -rn "^pg1" /etc/pgbackrest.conf /etc/pgbackrest/ 2>/dev/null',
      },
    ],
  },
  {
    id: 'pgbackrest-lock-denied',
    says: [
      "unable to acquire lock on file '%s': Permission denied",
      "HINT: does the user running pgBackRest have permissions on the '%s' file?",
      "HINT: does '%s:%s' running pgBackRest have permissions on the '%s' file?",
    ],
    tool: 'pgbackrest',
    source: 'pgBackRest, src/common/lock.c (050 LockAcquireError)',
    matters: 5,
    elsewhere: true,
    means: 'pgBackRest may not open its own lock file: an earlier run as another user, often as root, made it.',
    causes: [
      {
        cause: 'The directory or a file in it belongs to that other user.',
        on: 'primary',
        check: 'ls -la /tmp/pgbackrest; id -un',
      },
    ],
    todo: 'Run pgBackRest always as the user of the server (postgres). As root, once: chown -R postgres: /tmp/pgbackrest (and the same for its log directory, if that is refused next).',
  },
];
