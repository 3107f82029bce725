/**
 * What Patroni and repmgrd log that decides what becomes of a member, in the form of PostgreSQL's formats; by the names that
 * `explain` has for them.
 */
export interface ManagerWords {
  readonly by: 'patroni' | 'repmgr';
  /** What is wrong, that what was wrong is over, that it works as it should, or that the program has started. */
  readonly is: 'trouble' | 'over' | 'well' | 'start';
  readonly says: readonly string[];
  /** Of trouble: what it keeps from being done. */
  readonly with?: Work;
  /** What else it ends: trouble with this work is over. */
  readonly heals?: readonly Work[];
  /** The rules whose findings it supports. */
  readonly about?: readonly string[];
}

export type Work = 'start' | 'rewind' | 'copy' | 'store' | 'upstream';

const trouble = (by: ManagerWords['by'], work: Work, says: readonly string[], ...about: string[]): ManagerWords => ({
  by,
  is: 'trouble',
  with: work,
  says,
  about,
});

export const managerWords = {
  'patroni-system-id': trouble(
    'patroni',
    'start',
    ['system ID mismatch, node %s belongs to a different cluster: %s != %s', 'system ID mismatch, node'],
    'timeline/system-identifier-differs',
  ),
  'patroni-system-id-invalid': trouble('patroni', 'start', [
    'data dir for the cluster is not empty, but system ID is invalid; consider doing reinitialize',
    'system ID is invalid',
  ]),
  'patroni-same-name': trouble('patroni', 'start', ["Can't start; there is already a node named '%s' running"]),
  'patroni-rest-taken': trouble('patroni', 'start', [
    "Couldn't start a service on '%s', please check your `restapi.listen` configuration",
  ]),
  'patroni-postmaster-gone': trouble('patroni', 'start', ['postmaster is not running']),
  'patroni-start-failed': trouble('patroni', 'start', ['failed to start postgres']),
  'patroni-not-started': trouble('patroni', 'start', ['postgres is not running'], 'manager/paused'),
  'patroni-bootstrap-failed': trouble('patroni', 'copy', [
    "failed to bootstrap from leader '%s'",
    "failed to bootstrap from replica '%s'",
    'failed to bootstrap from remote member %s',
    'failed to bootstrap from remote master %s',
    'Error when fetching backup: %s exited with code=%d',
    'Error while fetching backup: %s exited with code=%d',
    'Error creating replica using method %s: %s exited with code=%d',
    'failed to bootstrap (without leader)',
    'failed to bootstrap from leader',
    'pg_basebackup exited with code=%d',
  ]),
  'patroni-cannot-run': trouble('patroni', 'copy', [
    'Error when fetching backup with pg_basebackup: %s',
    'Error when fetching backup with pg_basebackup',
    'Error when creating replica with method %s: %s',
  ]),
  'patroni-waiting-leader': trouble('patroni', 'copy', [
    'waiting for leader to bootstrap',
    'waiting for standby_leader to bootstrap',
  ]),
  'patroni-rewind': trouble('patroni', 'rewind', [
    'Failed to rewind from healthy primary: %s',
    'Failed to rewind from healthy master: %s',
    // as it is written until 3.0
    'Failed to rewind from healty primary: %s',
    'Failed to rewind from healty master: %s',
    'pg_rewind exit code=%d',
    'leader has not run a checkpoint yet',
  ]),
  'patroni-rewind-waits': trouble('patroni', 'rewind', [
    'Waiting for checkpoint on %s before rewind',
    'Can not use %s for rewind: %s',
  ]),
  'patroni-rewind-unreachable': trouble('patroni', 'rewind', [
    'Failed to rewind because primary %s become unreachable',
    'Failed to rewind because master %s become unreachable',
  ]),
  'patroni-rewind-wal': trouble('patroni', 'rewind', ['Failed to fetch WAL segment %s required for pg_rewind']),
  'patroni-dcs': trouble(
    'patroni',
    'store',
    [
      'demoting self because DCS is not accessible and I was a leader',
      'demoted self because DCS is not accessible and I was a leader',
      'DCS is not accessible',
      'Failed to get list of machines from',
      'waiting on etcd',
      'waiting on consul',
      'waiting on exhibitor',
      'Failed to update leader key in DCS',
    ],
    'manager/store-silent',
  ),
  'patroni-rewound': { by: 'patroni', is: 'over', says: ['pg_rewind exit code=0'], heals: ['rewind'] },
  'patroni-copied': {
    by: 'patroni',
    is: 'over',
    says: ['replica has been created using %s', 'bootstrapped from %s'],
    heals: ['copy', 'rewind', 'start'],
  },
  // it has read the configuration store
  'patroni-has-store': { by: 'patroni', is: 'over', says: ['Lock owner: %s; I am %s'], heals: ['store'] },
  // said of a server that runs and answers, wherever its WAL comes from, and whether it comes
  'patroni-follows': {
    by: 'patroni',
    is: 'well',
    says: [
      'no action. I am (%s), the leader with the lock',
      'no action. I am (%s), a secondary, and following a leader (%s)',
    ],
    heals: ['start', 'store', 'copy'],
  },
  'repmgr-upstream': trouble('repmgr', 'upstream', [
    'unable to connect to upstream node "%s" (ID: %d)',
    'unable to reconnect to node %d after %d attempts',
    'unable to reconnect to node "%s" (ID: %d) after %d attempts',
    'unable to connect to upstream node: %s',
    'no record found for upstream node (ID: %d)',
    'no record found for upstream node',
    'unable to connect to node "%s" (ID: %d)',
    'connection to database failed',
    'could not find a valid primary',
    'unable to ping "%s"',
    'PQping() returned "%s"',
  ]),
  'repmgr-local-node': trouble(
    'repmgr',
    'start',
    ['unable to connect to local node "%s" (ID: %d)', 'unable to connect to local node'],
    'standby/not-running',
  ),
  'repmgrd-paused': trouble('repmgr', 'upstream', [
    'repmgrd on this node is paused',
    'no failover will be carried out',
  ]),
  'repmgrd-inactive': trouble('repmgr', 'start', [
    'this node is marked as inactive and cannot be used as a failover target',
  ]),
  'repmgrd-no-new-primary': trouble('repmgr', 'upstream', [
    'no notification received from new primary after %i seconds',
  ]),
  'repmgrd-starts': { by: 'repmgr', is: 'start', says: ['repmgrd (%s %s) starting up'] },
  'repmgrd-local-back': {
    by: 'repmgr',
    is: 'over',
    says: ['reconnected to local node'],
    heals: ['start'],
  },
  'repmgrd-follows': {
    by: 'repmgr',
    is: 'over',
    says: [
      'reconnected to upstream node',
      'reconnected to node "%s" (ID: %i)',
      'upstream node %i has recovered',
      'node "%s" (ID: %i) has recovered, reconnecting',
      'monitoring connection to upstream node "%s" (ID: %i)',
      'node "%s" (ID: %i) monitoring upstream node "%s" (ID: %i) in normal state',
      'node "%s" (ID: %i) now following new upstream node "%s" (ID: %i)',
    ],
    heals: ['upstream', 'start'],
  },
} as const satisfies Readonly<Record<string, ManagerWords>>;
