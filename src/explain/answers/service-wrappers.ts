import type { Answer } from '../answer.ts';

/** What starts a server for the packages of Red Hat, for Windows and for pg_ctl says of it when it does not come up. */
export const answersAboutServiceWrappers: readonly Answer[] = [
  {
    id: 'rpm-no-data-directory',
    says: [
      '"%s" is missing or empty. Use "%s" to initialize the database cluster.',
      'Use "postgresql-setup --initdb" to initialize the database cluster',
      'postgresql-check-db-dir%s is missing or empty',
      '"%s" is missing or empty.',
    ],
    among: /postgres|pgsql|initdb|initialize the database cluster/iu,
    source: 'postgresql-setup, postgresql-check-db-dir.in; RPM of postgresql.org, postgresql-NN-check-db-dir',
    matters: 5,
    means:
      'The unit of the package looks at the data directory before it starts the server, and there is none at the place that the unit names (PGDATA).',
    causes: [
      {
        cause: 'The standby is in another directory than the unit expects.',
        on: 'standby',
        check: 'systemctl show -p Environment "postgresql*"; ls -ld /var/lib/pgsql/data /var/lib/pgsql/*/data',
      },
      { cause: 'The base backup was not made yet, failed, or its disk is not mounted.', on: 'standby' },
    ],
    todo: 'For a standby do not run initdb: it would make another cluster. Run pg_basebackup as postgres into that directory, or name the right one: systemctl edit the unit: [Service], Environment=PGDATA=<data directory>.',
  },
  {
    id: 'rpm-old-format',
    says: ['An old version of the database format was found', 'An old data format version was found'],
    source: 'postgresql-setup, postgresql-check-db-dir.in',
    matters: 5,
    means:
      'The data directory was made by another major release than the one that the package has now: its unit does not start the server.',
    causes: [
      {
        cause: 'The package was upgraded to another major release, and the data was not.',
        on: 'standby',
        check: 'cat <data directory>/PG_VERSION; postgres --version',
      },
    ],
    todo: 'A standby: install the release of its primary, or make a new base backup with it. A primary: postgresql-setup --upgrade (pg_upgrade), and new base backups for its standbys.',
  },
  {
    id: 'systemd-no-pid-file',
    says: ["Can't open PID file %s (yet?) after start: %s", 'PID file %s not readable (yet?) after start: %s'],
    among: /postgres|pgsql/iu,
    source: 'systemd, src/core/service.c',
    kind: 'consequence',
    matters: 3,
    means:
      'systemd looked for the number of the server process and found none: the server had ended by then, or had not begun. The reason is in the log of the server.',
    causes: [
      {
        cause: 'Show the last lines of the unit and of the log.',
        on: 'standby',
        check:
          'journalctl -u "postgresql*" -n 50 --no-pager; tail -50 "$(ls -t /var/log/postgresql/* /var/lib/pgsql/*/data/log/* 2>/dev/null | head -1)"',
      },
    ],
  },
  {
    id: 'windows-service',
    says: [
      'Error 1053: The service did not respond to the start or control request in a timely fashion',
      'The %s service on Local Computer started and then stopped',
      'The %s - PostgreSQL Server %s service terminated unexpectedly.',
      'The %s service terminated unexpectedly.',
      'Windows could not start the %s service on Local Computer',
      'Timed out waiting for server startup',
      'Could not start the %s service on Local Computer',
      'The %s service could not be started.',
      'A service specific error occurred: %d.',
    ],
    among: /postgres/iu,
    source: 'Windows, service control manager; PostgreSQL, src/bin/pg_ctl/pg_ctl.c, pgwin32_ServiceMain',
    kind: 'consequence',
    matters: 4,
    saysNotWhy: true,
    means:
      'Windows only says that the service of PostgreSQL did not come up. The reason is in the newest file of the directory log in the data directory, or in the event viewer (Application).',
    causes: [
      {
        cause:
          'The account of the service (NETWORK SERVICE) may not write the data directory: a base backup made as another user.',
        on: 'standby',
        check: 'icacls "<data directory>"',
      },
      { cause: 'A line in postgresql.conf or pg_hba.conf is wrong, or the port is in use.', on: 'standby' },
      {
        cause: 'Recovery takes longer than Windows waits: the server itself may go on. Look at its log first.',
        on: 'standby',
      },
    ],
    todo: 'Give the account full access to the directory: icacls "<data directory>" /grant "NETWORK SERVICE":(OI)(CI)F /T. Or start it by hand to see the reason: pg_ctl -D "<data directory>" start.',
  },
  {
    id: 'pgctl-stopped-waiting',
    says: ['waiting for server to start%s stopped waiting'],
    source: 'src/bin/pg_ctl/pg_ctl.c, do_start',
    kind: 'consequence',
    matters: 4,
    means:
      'pg_ctl gave up waiting (-t, 60 s by default) or found that the server had ended. A server in recovery may still be on its way: its log says which.',
    causes: [
      {
        cause: 'It is still recovering, or waits for WAL: the startup process shows where it is.',
        on: 'standby',
        check: 'pg_ctl -D <data directory> status; ps -o pid,args -C postgres | grep startup',
      },
      {
        cause: 'It has ended: the last lines of its log have the reason.',
        on: 'standby',
        check: 'tail -50 <log of PostgreSQL>',
      },
    ],
  },
  {
    id: 'pgctl-no-shutdown',
    says: ['waiting for server to shut down%s failed'],
    source: 'src/bin/pg_ctl/pg_ctl.c, do_stop',
    matters: 4,
    means:
      'The server was told to stop and did not within 60 s (-t). It takes no new connections, and ends when what it waits for is over.',
    causes: [
      {
        cause: 'A smart shutdown (-m smart) waits for every session to end.',
        on: 'primary',
        check: 'ps -o pid,args -C postgres',
      },
      {
        cause:
          'The last checkpoint takes its time, or a WAL sender still sends the rest to a standby that is slow or hangs.',
        on: 'primary',
        check: 'ps -o pid,args -C postgres | grep -E "checkpointer|walsender"',
      },
    ],
    todo: 'Wait, or end the sessions: pg_ctl -D <data directory> stop -m fast. Not kill -9: then the next start has to recover, and what is left of the processes keeps it from starting.',
  },
  {
    id: 'systemd-pid-file',
    says: ['New main PID %d does not belong to service, and PID file is not owned by root. Refusing'],
    among: /postgres|pgsql/iu,
    source: 'systemd, src/core/service.c, service_load_pid_file',
    matters: 5,
    means:
      'The server may have started, and systemd does not accept it as that of this unit: it is not among the processes that the unit started, or the PID file does not show it. So the start "times out", and systemd stops what it knows.',
    causes: [
      {
        cause:
          'A server was running already, started outside of systemd (pg_ctl, pg_ctlcluster --skip-systemctl-redirect, Patroni): its PID is in postmaster.pid.',
        on: 'standby',
        check: 'ps -eo pid,ppid,lstart,cgroup,cmd | grep "[p]ostgres.* -D"',
      },
      {
        cause: 'systemd runs in a container without control groups of its own.',
        on: 'standby',
        check: 'systemd-detect-virt --container',
      },
      {
        cause: 'PIDFile in the unit names another data directory than the server has.',
        on: 'standby',
        check: 'systemctl cat "postgresql*" | grep -nE "PIDFile|PGDATA|ExecStart"',
      },
    ],
    todo: 'Stop the server the way it was started (pg_ctl stop -m fast), then start it with systemctl only.',
  },
  {
    of: ['os-eacces'],
    when: /\/run\/user\/\d+/u,
    beside: /Permission denied/iu,
    kind: 'cause',
    matters: 5,
    elsewhere: true,
    means:
      'The program looks for its files in the directory of another login session: XDG_RUNTIME_DIR still names {file|/run/user/…} of the user who typed su or sudo.',
    causes: [
      {
        cause:
          'The user was changed with su or sudo -u without a login, which keeps XDG_RUNTIME_DIR of the first user (often root, /run/user/0).',
        on: 'this host',
        check: 'id -un; echo "$XDG_RUNTIME_DIR"',
      },
    ],
    todo: 'Log in as that user (su - postgres, sudo -iu postgres), or type: unset XDG_RUNTIME_DIR. Do not change the owner of the directory under /run/user.',
  },
];
