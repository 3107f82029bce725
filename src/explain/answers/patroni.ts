import type { Answer } from '../answer.ts';

/** Patroni; `source` names the file that prints it. */
export const answersAboutPatroni: readonly Answer[] = [
  {
    id: 'patroni-bootstrap-failed',
    says: [
      "failed to bootstrap from leader '%s'",
      'Error when fetching backup: pg_basebackup exited with code=%d',
      'Error creating replica using method %s: %s exited with code=%d',
      "trying to bootstrap from leader '%s'",
      'pg_basebackup exited with code=%d',
      'failed to bootstrap from leader',
    ],
    source: 'patroni/postgresql/bootstrap.py, ha.py',
    standing: 'consequence',
    matters: 4,
    means:
      'Patroni could not make a replica of the leader: pg_basebackup (or the configured method) failed. Its own message, right before these lines, is the reason.',
    causes: [
      {
        cause:
          'pg_hba.conf of the leader has no replication line for this node, or the replication password differs (postgresql.authentication.replication; pg_hba in the dynamic configuration).',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager | grep -iE "pg_basebackup|FATAL"',
      },
      {
        cause: 'The leader has published no address, or cannot be reached at it (no pg_basebackup message at all).',
        on: 'standby',
        check: 'patronictl list',
      },
      {
        cause: 'The disk of the replica is full, or the data directory is not writable.',
        on: 'standby',
        check: 'df -h',
      },
    ],
  },
  {
    id: 'patroni-waiting-leader',
    says: ['waiting for leader to bootstrap'],
    source: 'patroni/ha.py',
    means:
      'Patroni found the cluster marked as initialized in the DCS (etcd, Consul, Kubernetes) and no leader: it waits, and this node may not start a new cluster.',
    causes: [
      {
        cause: 'An earlier bootstrap failed or the data was removed, and the "initialize" key stayed in the DCS.',
        on: 'standby',
        check: 'patronictl list',
      },
      { cause: 'The node that has the data is down: start it first.' },
    ],
    todo: 'Only if no node has data that is needed: patronictl remove <cluster name> , then start the nodes.',
  },
  {
    id: 'patroni-system-id',
    says: ['system ID mismatch, node %s belongs to a different cluster: %s != %s', 'system ID mismatch, node'],
    source: 'patroni/ha.py',
    matters: 5,
    means:
      "This node's data directory belongs to another cluster than the one in the DCS: the system identifiers differ, and Patroni stops.",
    causes: [
      {
        cause:
          'The directory was made by initdb (by the package, or by an earlier attempt) instead of being a copy of the leader.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "system identifier"',
      },
      { cause: 'The DCS still has the key of an earlier cluster of the same name (scope).' },
    ],
    todo: 'A replica: stop Patroni there, move its data directory aside, start Patroni: it makes a new copy.',
  },
  {
    id: 'patroni-dcs',
    says: [
      'demoting self because DCS is not accessible and I was a leader',
      'demoted self because DCS is not accessible and I was a leader',
      'DCS is not accessible',
      'Failed to get list of machines from',
      'Failed to update leader key in DCS',
      'failed to acquire initialize lock',
    ],
    source: 'patroni/ha.py, patroni/dcs/etcd.py',
    matters: 5,
    means:
      'Patroni cannot reach its DCS (etcd, Consul, ZooKeeper or the Kubernetes API). Without it no node may be primary, so the leader steps down: read-only until it is back.',
    causes: [
      {
        cause: 'The DCS has lost its quorum, is slow (disk), or the network or a certificate is wrong.',
        on: 'standby',
        check: 'etcdctl endpoint health --cluster',
      },
    ],
    todo: 'Bring the DCS back. failsafe_mode: true (Patroni 3.0 and later) keeps the primary up if all members answer.',
  },
  {
    id: 'patroni-not-healthy',
    says: [
      'following a different leader because i am not the healthiest node',
      'Could not take out TTL lock',
      'not healthy enough for leader race',
    ],
    source: 'patroni/ha.py',
    standing: 'consequence',
    means:
      'Patroni did not make this node the leader: another one has the lock, or this one is behind by more than maximum_lag_on_failover.',
    causes: [{ cause: 'See which node leads, and how far each is behind.', on: 'standby', check: 'patronictl list' }],
  },
  {
    id: 'patroni-rewind',
    says: [
      'Failed to rewind from healthy primary: %s',
      'Failed to rewind from healthy master: %s',
      'pg_rewind failed',
      'leader has not run a checkpoint yet',
    ],
    source: 'patroni/postgresql/rewind.py',
    means: 'Patroni could not rewind this former primary to follow the new one. It stays out until it is copied again.',
    causes: [
      {
        cause:
          "pg_rewind's own message in the lines before: no WAL back to the fork, neither wal_log_hints nor checksums, a missing right of the rewind role.",
        on: 'standby',
        check: 'patronictl list',
      },
    ],
    todo: 'patronictl reinit <cluster name> <member> makes a new copy (the old data directory of that member is lost).',
  },
];
