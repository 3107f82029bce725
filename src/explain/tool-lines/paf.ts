import type { Answer } from '../answer.ts';

const source = 'PAF 2.3.0, script/pgsqlms';
const state =
  'pg_controldata -D <data directory> | grep "cluster state"; tail -n 30 <log of PostgreSQL>; crm_mon -1 -A';

/** What PAF (the resource agent pgsqlms of Pacemaker) reports, by what it is about. */
export const linesOfPaf: readonly Answer[] = [
  {
    id: 'paf-no-standby',
    source,
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
    id: 'paf-forbidden',
    source: `${source}, _check_locations`,
    matters: 3,
    means:
      'This standby is connected and does not stream yet (pg_stat_replication shows startup, backup or catchup), so PAF gives it a score of -1: it may not be promoted until it does.',
    causes: [
      {
        cause: 'It catches up, or what is connected under its name is a pg_basebackup. That is over by itself.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, client_addr, state, pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) AS bytes FROM pg_stat_replication"',
      },
    ],
  },
  {
    id: 'paf-self',
    source,
    matters: 4,
    means:
      'The primary streams to itself: primary_conninfo leads to the address that is here too (the virtual address).',
    causes: [{ cause: 'Where it leads.', on: 'standby', check: 'psql -c "SHOW primary_conninfo"; ip addr' }],
    todo: 'Put a pg_hba.conf line before the others that rejects replication from its own addresses, as the manual of PAF has it.',
  },
  {
    id: 'paf-pacemaker-version',
    source: `${source}, pgsql_validate_all`,
    matters: 4,
    elsewhere: true,
    means:
      'The agent refuses to work, because the Pacemaker that runs it is older than 1.1.13, or did not say which it is (crm_feature_set).',
    causes: [
      { cause: 'The release of Pacemaker.', on: 'that node', check: 'pacemakerd --version; crmadmin --version' },
      {
        cause:
          'The agent was run without the environment that Pacemaker gives it: by hand, or with debug-start and debug-promote of an older pcs. Then the message is not the fault.',
        on: 'that node',
        check: 'crm_mon -1 -A -f; journalctl -u pacemaker -n 50 --no-pager',
      },
    ],
    todo: 'Where Pacemaker is too old, PAF 1.x is the one for it.',
  },
  {
    id: 'paf-settings',
    source,
    matters: 4,
    elsewhere: true,
    means: 'PAF refuses to work with these settings of the resource or of PostgreSQL.',
    causes: [
      {
        cause: 'What they are.',
        on: 'standby',
        check:
          'pcs resource config; psql -c "SHOW primary_conninfo" -c "SHOW recovery_target_timeline" -c "SHOW hot_standby"',
      },
    ],
    todo: 'notify=true, master-max=1 (promoted-max=1); bindir with the programs of PostgreSQL; hot_standby = on; recovery_target_timeline = latest; primary_conninfo with application_name=<name of the node>; no recovery template from 12 on.',
  },
  {
    id: 'paf-query',
    source: `${source}, _query and _confirm_role`,
    matters: 4,
    means:
      'The agent could not ask the server on its node: its psql (as system_user, on pghost and pgport of the resource) was refused, or its query failed. So it does not know whether that is a primary or a standby.',
    causes: [
      {
        cause:
          'pg_hba.conf has no line that lets that user in over the local socket without a password, or another one comes before it.',
        on: 'that node',
        check: 'sudo -u postgres psql -d postgres -c "SELECT pg_is_in_recovery()"; pcs resource config',
      },
      {
        cause: 'The server has no connection left (max_connections), or does not answer.',
        on: 'that node',
        check: 'tail -n 30 <log of PostgreSQL>',
      },
    ],
    todo: 'When its cause is gone: pcs resource cleanup.',
  },
  {
    id: 'paf-control-data',
    source: `${source}, _controldata`,
    matters: 4,
    means:
      'The agent could not read the state of this node with pg_controldata: it did not run, or its output was not what is expected.',
    causes: [
      {
        cause: 'bindir is of another release than the data directory, or pgdata is wrong or not mounted.',
        on: 'that node',
        check: 'pcs resource config; pg_controldata -D <data directory> | head -n 5; cat <data directory>/PG_VERSION',
      },
    ],
  },
  {
    id: 'paf-files',
    source: `${source}, _query`,
    matters: 4,
    means: 'The agent could not write its temporary file, or give it to the user of PostgreSQL.',
    causes: [
      {
        cause: '/tmp is full, read-only, or forbidden to it (SELinux).',
        on: 'that node',
        check: 'df -h /tmp; ls -ld /tmp; getenforce',
      },
    ],
  },
  {
    id: 'paf-recovers',
    source: `${source}, pgsql_notify_pre_promote and pgsql_notify_pre_start`,
    kind: 'consequence',
    matters: 2,
    means:
      'The server on this node had crashed or was killed. PAF starts it once, so that it recovers, and Pacemaker then keeps it in its role: no other node is promoted for that.',
    causes: [{ cause: 'Why it crashed.', on: 'that node', check: state }],
  },
  {
    id: 'paf-promote-fails',
    source: `${source}, pgsql_promote`,
    kind: 'consequence',
    matters: 4,
    means:
      'pg_ctl promote failed on this node, or the server could not be promoted in its state. Pacemaker tries again, or on another node.',
    causes: [{ cause: 'What its log says at that minute.', on: 'that node', check: state }],
    todo: 'Make sure that only one node is a primary before anything is started by hand.',
  },
  {
    id: 'paf-lsn',
    source,
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
    source,
    matters: 4,
    means:
      'PAF found PostgreSQL on this node in another state than Pacemaker expects, or could not start or stop it. The reason is in the log of the server.',
    causes: [{ cause: 'Its state and its log.', on: 'standby', check: state }],
    todo: 'When its cause is gone: pcs resource cleanup.',
  },
  {
    id: 'paf-ordinary',
    source,
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'PAF reports what it does. That line needs no attention.',
  },
];
