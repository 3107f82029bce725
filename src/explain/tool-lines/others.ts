import type { Answer } from '../answer.ts';

/** What PAF and pglogical report, by what it is about. */
export const linesOfOthers: readonly Answer[] = [
  {
    id: 'paf-no-standby',
    source: 'PAF 2.3.0, pgsqlms',
    matters: 3,
    means: 'No standby streams from the primary: PAF sets no score, and Pacemaker has no node to fail over to.',
    causes: [
      {
        cause: 'Who streams, and under which application_name (the name of the node in Pacemaker).',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"; crm_mon -1 -A',
      },
    ],
    todo: 'Look into the log of the standby: its receiver says why it does not connect.',
  },
  {
    id: 'paf-self',
    source: 'PAF 2.3.0, pgsqlms',
    matters: 4,
    means:
      'The primary streams to itself: primary_conninfo leads to the address that is here too (the virtual address).',
    causes: [{ cause: 'Where it leads.', on: 'standby', check: 'psql -c "SHOW primary_conninfo"; ip addr' }],
    todo: 'Put a pg_hba.conf line before the others that rejects replication from its own addresses, as the manual of PAF has it.',
  },
  {
    id: 'paf-settings',
    source: 'PAF 2.3.0, pgsqlms',
    matters: 4,
    elsewhere: true,
    means: 'PAF refuses to work with these settings of the resource or of PostgreSQL.',
    causes: [
      {
        cause: 'What they are.',
        on: 'standby',
        check: 'pcs resource config; psql -c "SHOW primary_conninfo" -c "SHOW recovery_target_timeline"',
      },
    ],
    todo: 'notify=true, master-max=1 (promoted-max=1); recovery_target_timeline = latest; primary_conninfo with application_name=<name of the node>.',
  },
  {
    id: 'paf-lsn',
    source: 'PAF 2.3.0, pgsqlms',
    matters: 4,
    means: 'PAF could not compare how far the nodes are before a promotion, so that it is not done.',
    causes: [
      {
        cause: 'What each node has received.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"; crm_mon -1 -A',
      },
    ],
    todo: 'A node that does not answer: pcs resource cleanup, once PostgreSQL runs there.',
  },
  {
    id: 'paf-state-line',
    source: 'PAF 2.3.0, pgsqlms',
    matters: 4,
    means:
      'PAF found PostgreSQL on this node in another state than Pacemaker expects, or could not start or stop it. The reason is in the log of the server.',
    causes: [
      {
        cause: 'Its state and its log.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep "cluster state"; tail -n 30 <log of PostgreSQL>; crm_mon -1 -A',
      },
    ],
    todo: 'When its cause is gone: pcs resource cleanup.',
  },
  {
    id: 'paf-ordinary',
    source: 'PAF 2.3.0, pgsqlms',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'PAF reports what it does. That line is no fault.',
  },
  {
    id: 'pglogical-slot-fails',
    source: 'pglogical 2.4.5',
    matters: 4,
    means: 'pglogical could not make, find or use the replication slot, origin or snapshot of a subscription.',
    causes: [
      {
        cause: 'The slots on the provider, the origins on the subscriber.',
        on: 'primary',
        check:
          'psql -d <database> -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots"; psql -h <subscriber> -d <database> -c "SELECT * FROM pg_replication_origin"',
      },
    ],
  },
  {
    id: 'pglogical-worker',
    source: 'pglogical 2.4.5',
    matters: 4,
    means: 'A worker of pglogical could not start, ended, or could not be reached.',
    causes: [
      {
        cause: 'max_worker_processes must have room for one for each database and one or more for each subscription.',
        on: 'standby',
        check:
          'psql -c "SHOW max_worker_processes" -c "SELECT * FROM pglogical.show_subscription_status()"; tail -n 30 <log of PostgreSQL>',
      },
    ],
  },
  {
    id: 'pglogical-setup',
    source: 'pglogical 2.4.5',
    matters: 3,
    means:
      'pglogical refuses what was asked: an object, a node, a set or a table is missing, is there already, or has no key that it needs.',
    causes: [
      {
        cause: 'What there is.',
        on: 'primary',
        check:
          'psql -d <database> -c "SELECT * FROM pglogical.node" -c "SELECT * FROM pglogical.replication_set" -c "SELECT * FROM pglogical.tables"',
      },
    ],
  },
  {
    id: 'pglogical-parameters',
    source: 'pglogical 2.4.5',
    matters: 4,
    means:
      'Provider and subscriber of pglogical are of releases that do not speak with each other, or an option of the protocol is not accepted.',
    causes: [
      {
        cause: 'The release on both.',
        on: 'primary',
        check: 'psql -d <database> -c "SELECT extversion FROM pg_extension WHERE extname = \'pglogical\'"',
      },
    ],
    todo: 'Install the same release of pglogical on both, then ALTER EXTENSION pglogical UPDATE.',
  },
  {
    id: 'pglogical-remark',
    source: 'pglogical 2.4.5',
    matters: 2,
    means: 'An error of pglogical.',
    causes: [
      {
        cause: 'The state of its subscriptions.',
        on: 'standby',
        check: 'psql -d <database> -c "SELECT * FROM pglogical.show_subscription_status()"',
      },
    ],
  },
];
