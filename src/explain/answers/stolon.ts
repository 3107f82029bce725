import type { Answer } from '../answer.ts';

/** Stolon; `source` names the file that prints it. */
export const answersAboutStolon: readonly Answer[] = [
  {
    id: 'stolon-resync',
    says: ['db failed to initialize or resync', 'failed to resync from followed instance'],
    source: 'stolon, cmd/keeper/cmd/keeper.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The keeper could not make its copy of the primary: pg_rewind or pg_basebackup failed, or the server did not start on it. It removes the copy and begins again.',
    causes: [
      {
        cause: 'pg_basebackup printed the reason in the lines before (login, pg_hba.conf, connection, disk).',
        on: 'standby',
        check: 'journalctl -u stolon-keeper -n 200 --no-pager | grep -iE "pg_basebackup|FATAL|error"',
      },
      {
        cause:
          'The copy ended, and the server needs longer to become consistent than syncTimeout or initTimeout in the cluster specification allow.',
        on: 'client',
        check: 'stolonctl spec --cluster-name <cluster>',
      },
    ],
  },
  {
    id: 'stolon-rewind',
    says: ['error syncing with pg_rewind'],
    source: 'stolon, cmd/keeper/cmd/keeper.go, resync',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'pg_rewind failed on this keeper; Stolon goes on with a whole copy by pg_basebackup.',
    causes: [
      {
        cause:
          'The message of pg_rewind just before is the reason: often "target server must be shut down cleanly", or missing WAL.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID|wal_log_hints|checksum"',
      },
    ],
  },
  {
    id: 'stolon-no-answer',
    says: ['cannot get configured pg parameters'],
    source: 'stolon, cmd/keeper/cmd/keeper.go, updatePGParameters',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'The keeper cannot ask the server on its node: it is not running, or is starting. By itself this is not an error.',
    causes: [
      {
        cause: 'If it goes on: the server does not start, and its own log says why.',
        on: 'standby',
        check: 'journalctl -u stolon-keeper -n 100 --no-pager; stolonctl status --cluster-name <cluster>',
      },
    ],
  },
  {
    id: 'stolon-start',
    says: ['failed to start postgres', 'failed to start instance'],
    tool: 'stolon',
    source: 'stolon, cmd/keeper/cmd/keeper.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The keeper could not start the server on its node. The text behind "error" or the log of the server has the reason.',
    causes: [
      {
        cause: 'The disk is full, a file belongs to another user, or the server refuses its settings or its WAL.',
        on: 'standby',
        check: 'df -h <data directory>; journalctl -u stolon-keeper -n 100 --no-pager',
      },
    ],
  },
  {
    id: 'stolon-store',
    says: ['error retrieving cluster data', 'failed to update keeper info'],
    tool: 'stolon',
    source: 'stolon, cmd/keeper/cmd/keeper.go, cmd/sentinel/cmd/sentinel.go',
    matters: 4,
    elsewhere: true,
    means: 'This part of Stolon cannot reach its store (etcd, Consul or the Kubernetes API).',
    causes: [
      {
        cause: 'The store is down, slow or has lost its quorum, or the endpoint or a certificate is wrong.',
        on: 'standby',
        check: 'etcdctl endpoint health --cluster',
      },
    ],
  },
  {
    id: 'stolon-no-keepers',
    says: ['cannot choose initial master: no keepers registered', 'no keepers registered'],
    among: /stolon|sentinel|keeper\.go/iu,
    source: 'stolon, cmd/sentinel/cmd/sentinel.go, findInitialKeeper',
    matters: 4,
    elsewhere: true,
    means:
      'The sentinel wants to begin the cluster, and no keeper has reported to the store. At the first start that lasts some seconds; until then no server runs, and the proxy closes each connection.',
    causes: [
      {
        cause: 'The keepers do not run, or cannot reach the store: their log says which.',
        on: 'client',
        check: 'stolonctl status --cluster-name <cluster>; kubectl get pods -l component=stolon-keeper --show-labels',
      },
      {
        cause: 'The keepers have another --cluster-name, --store-backend or store address than the sentinel.',
        on: 'client',
        check:
          'kubectl get pods -l component=stolon-keeper -o yaml | grep -E "CLUSTER_NAME|STORE_|KUBE_"; journalctl -u stolon-keeper -n 50 --no-pager',
      },
    ],
  },
  {
    id: 'stolon-waits-for-standbys',
    says: [
      'not allowing connection as normal users since synchronous replication is enabled, instance was down and not all sync standbys are synced',
      'not allowing connection as normal users since synchronous replication is enabled and instance was down',
      'not allowing connection as normal users since synchronous replication is enabled',
    ],
    source: 'stolon, cmd/keeper/cmd/keeper.go',
    kind: 'consequence',
    matters: 5,
    elsewhere: true,
    means:
      'The server on this node runs again, and the keeper lets only its own roles in (by pg_hba.conf) until all synchronous standbys are in sync with it. Applications are refused meanwhile.',
    causes: [
      {
        cause: 'A synchronous standby is down, or cannot follow: see its keeper and the log of its server.',
        on: 'client',
        check: 'stolonctl status --cluster-name <cluster>',
      },
      {
        cause: 'It is connected and still catches up.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, state, sync_state, replay_lsn FROM pg_stat_replication" -c "SHOW synchronous_standby_names"',
      },
    ],
    todo: 'Bring that standby back. To go on without it at the risk of the last transactions: stolonctl update --cluster-name <cluster> --patch \'{"synchronousReplication": false}\'',
  },
  {
    id: 'stolon-course',
    says: ['current db UID different than cluster data db UID', 'resyncing the database cluster', 'no db assigned'],
    tool: 'stolon',
    source: 'stolon, cmd/keeper/cmd/keeper.go',
    kind: 'course',
    means: 'The keeper is at work on its node.',
  },
  {
    id: 'stolon-loopback',
    says: [
      'provided --pg-listen-address "%s" is a loopback ip. This will be advertized to the other components and communication will fail if they are on different hosts',
    ],
    source: 'stolon, cmd/keeper/cmd/keeper.go',
    matters: 4,
    means:
      'This keeper offers its PostgreSQL server at a loopback address, which the other keepers and proxies cannot reach: no standby on another machine can follow it.',
    todo: 'Start it with --pg-listen-address <address of this machine>, or, if the server must listen elsewhere, with --pg-advertise-address.',
  },
];
