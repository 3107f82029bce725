import type { Answer } from '../answer.ts';

const source = 'EDB Failover Manager, Notifications (documentation of 3.10 and 4)';
const speaksOfEfm = /\befm\b|failover manager|enterprisedb/iu;
const state = 'efm cluster-status <cluster>; tail -n 50 /var/log/efm-*/<cluster>.log';

/** EDB Failover Manager: the subjects of its notifications, which it also writes to its log. */
export const answersAboutFailoverManager: readonly Answer[] = [
  {
    id: 'efm-no-failover',
    among: speaksOfEfm,
    says: [
      'Standby agent tried to promote, but %s',
      'Standby agent started to promote, but %s',
      'Failover has not occurred',
      'Promotion has not occurred for cluster %s',
      'Potential manual failover required on cluster %s',
    ],
    source,
    matters: 5,
    elsewhere: true,
    means:
      'Failover Manager saw the primary fail, and did not promote a standby: it says so rather than risk two primaries. The words after "but" are its reason.',
    causes: [
      {
        cause: 'Only the agent of the primary ended, or was cut off, and the database there may still run.',
        on: 'primary',
        check: 'psql -Atc "SELECT pg_is_in_recovery()"; systemctl status "edb-efm*" --no-pager',
      },
      {
        cause:
          'The virtual address is still on another node, or the well-known server (ping.server.ip) was not reached from here.',
        on: 'standby',
        check: 'ip -brief address; grep -nE "^(ping.server|virtual.ip|auto.failover)" /etc/edb/efm-*/*.properties',
      },
      { cause: 'auto.failover is false, or no standby may be promoted.', on: 'standby', check: state },
    ],
    todo: 'Promote by hand (efm promote) only after you have seen that the old primary is down, and stays down.',
  },
  {
    id: 'efm-no-protection',
    among: speaksOfEfm,
    says: [
      'No standby agent in cluster for cluster %s',
      'No standbys available for promotion in cluster %s',
      'No promotable standby for cluster %s',
      'Cluster %s has dropped below three nodes',
      'Cluster %s notified that master node has left',
      'Cluster %s notified that primary node has left',
      'Standby agent failed for cluster %s',
      'Witness failure for cluster %s',
      'Idle agent failure for cluster %s',
    ],
    source,
    matters: 3,
    elsewhere: true,
    means:
      'An agent of Failover Manager left the cluster, so there may be no failover now. That is about the agents: the databases and their replication may run on.',
    causes: [
      {
        cause: 'The agent was stopped, or its machine was.',
        on: 'that node',
        check: 'systemctl status "edb-efm*" --no-pager',
      },
      {
        cause: 'The network between the nodes, or their names: the ports of bind.address are closed.',
        on: 'that node',
        check:
          'grep -nE "^(bind.address|admin.port)" /etc/edb/efm-*/*.properties; tail -n 50 /var/log/efm-*/<cluster>.log',
      },
    ],
    todo: 'Start the agent there again. Whether the standby streams: SELECT * FROM pg_stat_replication on the primary.',
  },
  {
    id: 'efm-database',
    among: speaksOfEfm,
    says: [
      'Unable to connect to DB on %s',
      'Standby agent cannot reach database for cluster %s',
      'Master cannot ping local database for cluster %s',
      'Primary cannot ping local database for cluster %s',
      'Standby database failed for cluster %s',
      'Standby database restarted but EFM cannot connect',
    ],
    source,
    matters: 3,
    elsewhere: true,
    means:
      'An agent of Failover Manager cannot log in to its database, and stops watching it. Why, the log of that server says.',
    causes: [
      {
        cause: 'The server is down, or still recovers.',
        on: 'that node',
        check: 'pg_isready; tail -n 30 <log of PostgreSQL>',
      },
      {
        cause: 'The login of db.user: its password (efm encrypt), pg_hba.conf, or no free connection.',
        on: 'that node',
        check: 'grep -nE "^db.(user|port|database)" /etc/edb/efm-*/*.properties; psql -c "SHOW max_connections"',
      },
    ],
    todo: 'When the database answers again: efm resume <cluster> on that node.',
  },
  {
    id: 'efm-isolated',
    among: speaksOfEfm,
    says: [
      'One or more nodes isolated from network for cluster %s',
      'Subset of cluster %s disconnected from master',
      'Subset of cluster %s disconnected from primary',
    ],
    source,
    matters: 4,
    elsewhere: true,
    means:
      'This agent of Failover Manager does not see the majority of the agents, so no failover begins from here. A primary that is cut off in this way may be fenced.',
    causes: [{ cause: 'The network between the nodes.', on: 'that node', check: state }],
  },
  {
    id: 'efm-promotion-failed',
    among: speaksOfEfm,
    says: ['Could not promote standby', 'The promote command failed on node', 'Fencing script error'],
    source,
    matters: 5,
    elsewhere: true,
    means:
      'Failover Manager tried to promote this standby and failed. The cluster may have no primary now. "Error details" or "Results" has the reason.',
    causes: [
      {
        cause: 'pg_ctl promote failed, or the fencing script ended with another status than 0.',
        on: 'standby',
        check: `psql -Atc "SELECT pg_is_in_recovery()"; ${state}`,
      },
    ],
    todo: 'See which server is primary before anything is promoted by hand: pg_is_in_recovery() on each.',
  },
  {
    id: 'efm-address',
    among: speaksOfEfm,
    says: [
      'Virtual IP address assigned to non-master node',
      'Virtual IP address assigned to non-primary node',
      'Virtual IP address not assigned to master node.',
      'Virtual IP address not assigned to primary node.',
    ],
    source,
    matters: 4,
    elsewhere: true,
    means:
      'The virtual address of Failover Manager is not where the primary is. Clients and standbys that go by this address reach the wrong server or none.',
    causes: [
      { cause: 'Which node has it.', on: 'each node', check: 'ip -brief address; efm cluster-status <cluster>' },
    ],
  },
  {
    id: 'efm-authorization',
    says: ['Authorization file not found. Is the local agent running?'],
    source: 'EDB Failover Manager, Troubleshooting (documentation of 3.10)',
    matters: 3,
    elsewhere: true,
    means:
      'The efm command found no file by which it may speak to the agent of this node: the agent does not run, or this user may not use it.',
    causes: [
      { cause: 'The agent does not run.', on: 'that node', check: 'systemctl status "edb-efm*" --no-pager' },
      {
        cause: 'The user is neither root nor efm, nor in the group efm.',
        on: 'that node',
        check: 'id; getent group efm',
      },
    ],
  },
  {
    id: 'efm-replay-paused',
    among: speaksOfEfm,
    says: ['Could not resume replay for standby %s', 'Could not resume replay for cluster %s'],
    source,
    matters: 4,
    elsewhere: true,
    means:
      'Failover Manager paused replay on a standby and could not resume it. As long as it is paused, the standby receives WAL and does not show it.',
    causes: [
      {
        cause: 'Whether it is paused now. "Error:" in the notification says why it could not be resumed.',
        on: 'standby',
        check: 'psql -Atc "SELECT pg_is_in_recovery(), pg_is_wal_replay_paused()"',
      },
    ],
    todo: 'If it is paused: SELECT pg_wal_replay_resume().',
  },
];
