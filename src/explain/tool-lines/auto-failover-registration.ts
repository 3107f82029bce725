import type { Answer } from '../answer.ts';

/** What the monitor of pg_auto_failover knows of a node, and how a node comes to it. */
export const linesOfAutoFailoverRegistrations: readonly Answer[] = [
  {
    id: 'pg-autoctl-nodes-file',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means:
      'pg_autoctl could not read or write its list of the other nodes (a file that it keeps beside its state), or the list has two nodes where one is meant.',
    causes: [
      {
        cause: 'Where it is, and whether postgres may write there.',
        on: 'standby',
        check: 'pg_autoctl show file --pgdata <data directory>; df -h ~postgres',
      },
      {
        cause: 'Without a monitor (--disable-monitor) the list is written by hand and must be current.',
        on: 'standby',
        check: 'pg_autoctl show state --local --pgdata <data directory>',
      },
    ],
    todo: 'With a monitor the list is fetched again by itself: see to the directory, then systemctl restart pgautofailover. PostgreSQL goes on meanwhile only where it was running.',
  },
  {
    id: 'pg-autoctl-monitor-uri',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means: 'The connection string of the monitor cannot be read or was not saved.',
    causes: [
      {
        cause:
          'It is to be like postgres://autoctl_node@<host>:<port>/pg_auto_failover?sslmode=…; characters such as @ or / in a password must be written as %40, %2F.',
        on: 'standby',
        check: 'pg_autoctl config get --pgdata <data directory> pg_autoctl.monitor | sed "s/:[^:@]*@/:…@/"',
      },
      {
        cause: 'As the monitor itself prints it.',
        on: 'monitor',
        check: 'pg_autoctl show uri --pgdata <directory of the monitor>',
      },
    ],
    todo: 'On the node: pg_autoctl config set --pgdata <data directory> pg_autoctl.monitor "<connection string>", then pg_autoctl reload --pgdata <data directory>.',
  },
  {
    id: 'pg-autoctl-no-node',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means: 'The monitor has no such node, or none at all in this formation and group.',
    causes: [
      {
        cause: 'What is registered, and under which name.',
        on: 'monitor',
        check: 'pg_autoctl show state --pgdata <directory of the monitor>',
      },
      {
        cause: 'pg_autoctl does not run on the node, so that it has never reported.',
        on: 'standby',
        check: 'systemctl status pgautofailover --no-pager; pg_autoctl status --pgdata <data directory>',
      },
    ],
    todo: 'The first node is made by pg_autoctl create postgres on its host, and pg_autoctl run has to run there before a second one joins.',
  },
  {
    id: 'pg-autoctl-failover-refused',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means: 'The monitor did not begin the failover or the maintenance that was asked for. Nothing was changed.',
    causes: [
      {
        cause: 'A change is under way: it begins none before every node has the same current and assigned state.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show events --count 20 --pgdata <directory of the monitor>',
      },
      {
        cause:
          'No standby may take over: all have candidate priority 0, or are not healthy or too far behind. Maintenance of a primary needs --allow-failover.',
        on: 'monitor',
        check: 'pg_autoctl show settings --pgdata <directory of the monitor>',
      },
      {
        cause: 'The line above has its refusal.',
      },
    ],
    todo: 'Wait until the states are equal, then repeat the command. A node that is down for good is dropped first: pg_autoctl drop node --pgdata <directory of the monitor> --name <node>.',
  },
  {
    id: 'pg-autoctl-registration',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means: 'The node could not be registered on the monitor; the line above says why. Its server was not changed.',
    causes: [
      {
        cause: 'The monitor is not reachable, or does not let autoctl_node in from here.',
        on: 'standby',
        check: 'psql "<connection string of the monitor>" -c "SELECT 1"',
      },
      {
        cause: 'It is registered already, under this name or this host and port.',
        on: 'monitor',
        check: 'pg_autoctl show state --pgdata <directory of the monitor>',
      },
      {
        cause:
          'The data directory is that of a standby, or of another cluster than the group: a standby cannot be taken in.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"; pg_controldata -D <data directory> | grep "system identifier"',
      },
    ],
    todo: 'A primary of your own is registered with its data. A standby is made new: pg_autoctl create postgres with an empty --pgdata.',
  },
];
