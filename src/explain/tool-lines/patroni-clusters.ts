import type { Answer } from '../answer.ts';

/** What the errors and remarks of Patroni and patronictl mean, by what they are about. */
export const linesOfPatroniClusters: readonly Answer[] = [
  {
    id: 'patronictl-usage',
    source: 'Patroni 4.0.7',
    matters: 2,
    elsewhere: true,
    means:
      'patronictl was called with options or answers that it does not take, or misses something on this host. Nothing was changed.',
    causes: [
      {
        cause: 'patronictl with the command and --help lists what it takes.',
        on: 'standby',
        check: 'patronictl --help; patronictl -c /etc/patroni/patroni.yml list',
      },
    ],
    todo: 'The name of the cluster is scope in patroni.yml, typed exactly as asked for.',
  },
  {
    id: 'patroni-promotion-put-off',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means:
      'Patroni did not promote this member in this round, or ended its promotion: what decides changed meanwhile, or a script or the watchdog did not allow it. It tries again every loop_wait.',
    causes: [
      {
        cause: 'What it says in the rounds after this, and who leads now.',
        on: 'standby',
        check: 'patronictl -c /etc/patroni/patroni.yml list; journalctl -u patroni -n 50 --no-pager',
      },
      {
        cause: 'A pre_promote script or the watchdog (mode: required) refuses.',
        on: 'standby',
        check: 'patronictl -c /etc/patroni/patroni.yml show-config; ls -l /dev/watchdog',
      },
    ],
  },
  {
    id: 'patroni-leader-lost',
    source: 'Patroni 4.0.7',
    matters: 4,
    means:
      'This member lost the leader key or gave it up, so it stops being the primary (or does not become one). That keeps two primaries from running.',
    causes: [
      {
        cause: 'The store did not answer in time, another member took the key, or PostgreSQL here did not run.',
        on: 'primary',
        check: 'patronictl -c /etc/patroni/patroni.yml list; patronictl -c /etc/patroni/patroni.yml history | tail -5',
      },
      {
        cause: 'Lines of the store (etcd, Consul, ZooKeeper, Kubernetes) before this one.',
        on: 'primary',
        check: 'journalctl -u patroni -n 100 --no-pager',
      },
    ],
  },
  {
    id: 'patroni-sync-short',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means:
      'There are fewer synchronous standbys than wanted, or the list of them had to be corrected. With strict mode, commits wait until one is back.',
    causes: [
      {
        cause: 'Who is synchronous now, and which members stream.',
        on: 'primary',
        check:
          'psql -c "SHOW synchronous_standby_names" -c "SELECT application_name, state, sync_state FROM pg_stat_replication"; patronictl -c /etc/patroni/patroni.yml list',
      },
    ],
    todo: 'Bring the missing replica back, or lower synchronous_node_count (patronictl edit-config).',
  },
  {
    id: 'patroni-copy-failed',
    source: 'Patroni 4.0.7',
    matters: 4,
    means:
      'A member could not be made as a copy of the leader, or the cluster could not be bootstrapped: the method named ended with an error.',
    causes: [
      {
        cause: 'What it printed before this line (pg_basebackup, pgBackRest, WAL-G, a script).',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager',
      },
      {
        cause: 'The login of the replication role, and room.',
        on: 'standby',
        check:
          'psql "host=<leader> user=replicator dbname=postgres replication=1" -c "IDENTIFY_SYSTEM"; df -h <data directory>',
      },
    ],
  },
  {
    id: 'patroni-rewind-parts',
    source: 'Patroni 4.0.7',
    matters: 4,
    means:
      'What Patroni needs to decide about pg_rewind, or to run it, could not be read or cleaned up on this member.',
    causes: [
      {
        cause: 'Whether pg_controldata and pg_waldump of this release run, and whose the files in pg_wal are.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID"; ls -la <data directory>/pg_wal/archive_status | head',
      },
    ],
    todo: 'The directory must belong to the user of PostgreSQL. If it cannot be rewound: patronictl reinit <cluster> <member>.',
  },
  {
    id: 'patroni-slots-loop',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means: 'Patroni could not create, advance, copy or drop a replication slot, or dropped one that is not its own.',
    causes: [
      {
        cause:
          'Which there are. Slots of your own must be named in patroni.yml (slots, or ignore_slots), else Patroni drops them.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, slot_type, active, restart_lsn, xmin FROM pg_replication_slots"; patronictl -c /etc/patroni/patroni.yml show-config',
      },
    ],
  },
  {
    id: 'patroni-store',
    source: 'Patroni 4.0.7',
    matters: 4,
    elsewhere: true,
    means:
      'Patroni does not get proper answers from its store (etcd, Consul, ZooKeeper or Kubernetes). A leader that cannot renew its key steps down.',
    causes: [
      {
        cause: 'Whether the store is healthy and reachable from here, with the addresses and the login in patroni.yml.',
        on: 'standby',
        check:
          'patronictl -c /etc/patroni/patroni.yml list; grep -nA8 -E "^(etcd3?|consul|zookeeper|kubernetes):" /etc/patroni/patroni.yml',
      },
    ],
    todo: 'Repair the store first. patronictl pause keeps Patroni from acting meanwhile, if the store still takes it.',
  },
  {
    id: 'patroni-barman',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means: 'The Barman helper of Patroni did not get what it asked of pg-backup-api.',
    causes: [
      {
        cause: 'Whether that service answers.',
        on: 'barman host',
        check: 'systemctl status pg-backup-api; curl -sS http://<barman host>:7480/diagnose | head -c 300',
      },
    ],
  },
  {
    id: 'patroni-generate-config',
    source: 'Patroni 4.0.7',
    matters: 3,
    elsewhere: true,
    means: 'patroni --generate-config could not read what it needs of the running server.',
    causes: [
      {
        cause: 'It needs a running server and a superuser.',
        on: 'standby',
        check:
          'psql -c "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"; head -1 <data directory>/postmaster.pid',
      },
    ],
  },
  {
    id: 'patroni-sql',
    source: 'Patroni 4.0.7',
    matters: 3,
    means: 'A query or a command of Patroni on this member failed; the reason follows or is in the traceback below.',
    causes: [
      {
        cause: 'Whether PostgreSQL answers, and its log at that time.',
        on: 'standby',
        check: 'pg_isready; tail -n 20 <log of PostgreSQL>',
      },
    ],
  },
  {
    id: 'patroni-remark',
    source: 'Patroni 4.0.7',
    matters: 2,
    elsewhere: true,
    means: 'A note of Patroni.',
    causes: [
      {
        cause: 'The lines after it, and the state of all members.',
        on: 'standby',
        check: 'journalctl -u patroni -n 50 --no-pager; patronictl -c /etc/patroni/patroni.yml list',
      },
    ],
  },
  {
    id: 'patroni-callback',
    source: 'Patroni 4.0.7, postgresql/callback_executor.py, scripts/aws.py',
    matters: 2,
    elsewhere: true,
    means:
      'A script that Patroni calls after a change of role, start or stop ended with an error. PostgreSQL and the cluster are not touched by that; what the script was to do (an address, a label, tags) is not done.',
    causes: [
      {
        cause: 'Run it by hand as the user of Patroni, with the arguments of the message: <action> <role> <scope>.',
        on: 'standby',
        check: 'grep -nA8 "callbacks:" /etc/patroni/patroni.yml',
      },
      {
        cause: 'AWS: the meta-data service of the instance does not answer, or its role may not set tags.',
        on: 'standby',
        check: 'curl -sS -m 2 -o /dev/null -w "%{http_code}\\n" http://169.254.169.254/latest/meta-data/',
      },
    ],
  },
];
