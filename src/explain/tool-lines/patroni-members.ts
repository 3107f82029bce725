import type { Answer } from '../answer.ts';

/** What the errors and remarks of Patroni and patronictl mean, by what they are about. */
export const linesOfPatroniMembers: readonly Answer[] = [
  {
    id: 'patroni-timeline-unknown',
    source: 'Patroni 4.0.7, ha.py, _is_healthiest_node',
    kind: 'consequence',
    matters: 3,
    means:
      'check_timeline is on, and Patroni cannot read the timeline of its own server: so this node may not become the leader.',
    causes: [
      {
        cause: 'The server does not run, or refuses the replication login from its own node that Patroni asks it by.',
        on: 'that node',
        check:
          'psql "host=<address of this node> user=<replication role> replication=1" -c IDENTIFY_SYSTEM; tail -n 30 <log of PostgreSQL>',
      },
    ],
  },
  {
    id: 'patroni-standby-leader',
    source: 'Patroni 4.0.7, ha.py',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'This cluster is configured as a standby cluster, so its leader follows another cluster, and Patroni lets none of its members be a primary.',
    causes: [
      {
        cause: 'The configuration says so.',
        on: 'that node',
        check: 'patronictl show-config | grep -A5 standby_cluster',
      },
    ],
    todo: 'Only when the other cluster is given up, and cannot come back as a primary: patronictl edit-config, and remove the section standby_cluster.',
  },
  {
    id: 'patroni-ordinary',
    source: 'Patroni 4.0.7',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'Patroni reports what it does or what it has found. That line needs no attention.',
    causes: [
      { cause: 'The state of all members.', on: 'standby', check: 'patronictl -c /etc/patroni/patroni.yml list' },
    ],
  },
  {
    id: 'patroni-failsafe',
    source: 'Patroni 4.0.7',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The store does not answer. All members can be reached, so with failsafe_mode this leader goes on as the primary meanwhile.',
    causes: [
      {
        cause: 'Whether the store is healthy.',
        on: 'primary',
        check:
          'patronictl -c /etc/patroni/patroni.yml list; grep -nA8 -E "^(etcd3?|consul|zookeeper|kubernetes):" /etc/patroni/patroni.yml',
      },
    ],
    todo: 'Repair the store: when one member cannot be reached either, the leader steps down.',
  },
  {
    id: 'patroni-start-timeout',
    source: 'Patroni 4.0.7',
    matters: 4,
    means:
      'PostgreSQL did not come up within primary_start_timeout (its crash recovery takes longer), and Patroni stopped it so that another member can take over.',
    causes: [
      {
        cause: 'How much it has to replay, and whether another member leads now.',
        on: 'primary',
        check: 'patronictl -c /etc/patroni/patroni.yml list; tail -n 30 <log of PostgreSQL>',
      },
    ],
    todo: 'If no other member could take over and the recovery only needs time: raise it with patronictl edit-config (primary_start_timeout, before 3.0 master_start_timeout; 0 means at once).',
  },
  {
    id: 'patroni-start-failed-line',
    source: 'Patroni 4.0.7',
    matters: 4,
    means: 'PostgreSQL did not start, does not run or could not be stopped under Patroni. Patroni tries again.',
    causes: [
      {
        cause: 'Its own log says why.',
        on: 'standby',
        check: 'tail -n 30 <log of PostgreSQL>; pg_controldata -D <data directory> | grep "cluster state"',
      },
    ],
    todo: 'Do not start it by hand beside Patroni; where that is needed, patronictl pause first.',
  },
  {
    id: 'patroni-system-id-line',
    source: 'Patroni 4.0.7',
    matters: 5,
    means:
      'The data directory of this member is of another cluster than the one in the store: after a restore, an initdb or a wrong directory.',
    causes: [
      {
        cause: 'Compare the identifiers.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep "system identifier"; patronictl -c /etc/patroni/patroni.yml list',
        rule: 'timeline/system-identifier-differs',
      },
    ],
    todo: 'A replica: patronictl reinit <cluster> <member>. If this directory is the right one and the store is stale: patronictl remove <cluster> while no member leads. Be sure which has your data.',
  },
  {
    id: 'patroni-watchdog-line',
    source: 'Patroni 4.0.7',
    matters: 4,
    elsewhere: true,
    means: 'The watchdog device could not be opened, set or closed. With mode: required, this member cannot lead.',
    causes: [
      {
        cause: 'The device, its owner, and its module.',
        on: 'standby',
        check: 'ls -l /dev/watchdog*; lsmod | grep -E "softdog|wdt"; wdctl',
      },
    ],
    todo: 'modprobe softdog, and give the device to the user of Patroni (a udev rule). A watchdog that cannot be disabled resets this machine once Patroni stops.',
  },
  {
    id: 'patroni-unexpected',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means: 'Patroni met an exception that it does not expect. The last line of the traceback below this line names it.',
    causes: [
      {
        cause: 'That line, and what Patroni does in the next rounds.',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager; patronictl -c /etc/patroni/patroni.yml list',
      },
    ],
    todo: 'If the last line speaks of the store or of a connection, that is the cause. Otherwise update Patroni (patroni --version) or report it.',
  },
  {
    id: 'patroni-rest',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means: 'A request to the REST API of Patroni, or from it to another member, failed or was refused.',
    causes: [
      {
        cause:
          'The API of that member by hand; requests that change something need its user and password (restapi.authentication).',
        on: 'standby',
        check: 'curl -sS http://<member>:8008/patroni; grep -nA8 "^restapi:" /etc/patroni/patroni.yml',
      },
    ],
  },
  {
    id: 'patroni-configuration-line',
    source: 'Patroni 4.0.7',
    matters: 4,
    elsewhere: true,
    means:
      'A value in patroni.yml, in the environment or in the configuration in the store cannot be used as it is. Patroni corrects it, leaves it out, or does not start.',
    causes: [
      {
        cause: 'It names the line; and what is in the store.',
        on: 'standby',
        check: 'patroni --validate-config /etc/patroni/patroni.yml; patronictl -c /etc/patroni/patroni.yml show-config',
      },
    ],
    todo: 'Correct it (patronictl edit-config for what is in the store), then patronictl reload.',
  },
  {
    id: 'patroni-no-member',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means:
      'patronictl found no running member of the cluster that it can ask: none runs, or their addresses cannot be reached from here.',
    causes: [
      {
        cause: 'What the store has, and whether the API of a member answers.',
        on: 'standby',
        check: 'patronictl -c /etc/patroni/patroni.yml list; curl -sS http://<member>:8008/patroni',
      },
    ],
  },
  {
    id: 'patroni-consul-service',
    source: 'Patroni 4.0.7',
    kind: 'consequence',
    matters: 2,
    means:
      'Patroni does not register this member as a service in Consul yet: its role is not known while PostgreSQL does not run here.',
    causes: [
      {
        cause: 'What its PostgreSQL does.',
        on: 'standby',
        check: 'patronictl -c /etc/patroni/patroni.yml list; tail -n 30 <log of PostgreSQL>',
      },
    ],
    todo: 'It registers by itself once the server runs.',
  },
  {
    id: 'patroni-scheduling',
    source: 'Patroni 4.0.7',
    matters: 2,
    elsewhere: true,
    means: 'patronictl or the REST API refuses the request as it stands. Nothing was changed.',
    causes: [
      {
        cause:
          'A paused cluster takes no scheduled switchover or restart, and a failover only to a named candidate; resume ends the pause.',
        on: 'standby',
        check: 'patronictl -c /etc/patroni/patroni.yml list',
      },
    ],
    todo: 'Do it at once, or resume first (patronictl -c /etc/patroni/patroni.yml resume): the footer of the list says "Maintenance mode: on" while the cluster is paused.',
  },
  {
    id: 'patroni-candidate',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means:
      'The candidate, leader or member that was named is not what it must be for this: unknown, not the leader, not synchronous, tagged nofailover, not running.',
    causes: [
      {
        cause: 'Names, roles and tags as Patroni has them.',
        on: 'standby',
        check: 'patronictl -c /etc/patroni/patroni.yml list; patronictl -c /etc/patroni/patroni.yml list -e',
      },
    ],
    todo: 'Name a member whose state is streaming (with synchronous_mode: whose role is Sync Standby).',
  },
];
