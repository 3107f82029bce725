import type { Answer } from '../answer.ts';

const speaksOfManager = /patroni|postgres|stolon|vip-manager|etcd-client/iu;

/** What the store of a cluster manager refuses, and how its session ends. */
export const answersAboutStoreLogins: readonly Answer[] = [
  {
    id: 'store-login',
    among: speaksOfManager,
    says: [
      'etcdserver: authentication failed, invalid user ID or password',
      'etcdserver: permission denied',
      'etcdserver: user name is empty',
      'etcdserver: invalid auth token',
      'Permission denied: token with AccessorID %s lacks permission %s',
      'rpc error making call: Permission denied',
      'rpc error making call: ACL not found',
    ],
    source: 'etcd, api/v3rpc/rpctypes/error.go; Consul, acl/errors.go',
    matters: 5,
    elsewhere: true,
    means:
      'The store of the cluster manager (etcd or Consul) answers and refuses: this login does not exist there, or may not read or write these keys. Without them no node may become or stay primary. PostgreSQL was not asked.',
    causes: [
      {
        cause:
          'User, password or token in the configuration of the one that asks are missing, old or of another store.',
        on: 'this member',
        check: 'grep -nE "^(etcd3?|consul):" -A12 /etc/patroni/*.yml | grep -viE "password|token"',
      },
      {
        cause: 'The role or policy does not cover the keys of this cluster (namespace and scope), for writing as well.',
        on: 'that host',
        check: 'etcdctl user list; etcdctl role get <role>; consul acl policy list',
      },
    ],
  },
  {
    id: 'zookeeper-session-ended',
    among: new RegExp(`${speaksOfManager.source}|\\d\\d:\\d\\d:\\d\\d,\\d{3} (?:INFO|WARNING): `, 'iu'),
    says: ['Zookeeper session lost, state: %s', 'Zookeeper connection lost'],
    source: 'kazoo, client.py, _session_callback',
    kind: 'cause',
    matters: 4,
    elsewhere: true,
    means:
      'The session of this program with ZooKeeper ended or was interrupted. The key of the leader hangs on it: a Patroni that was the leader steps down unless it has the key again in time.',
    causes: [
      {
        cause: 'ZooKeeper was not reachable, had no majority, or was slow for longer than the session lasts (ttl).',
        on: 'that host',
        check: 'echo srvr | nc <host of ZooKeeper> 2181',
      },
      { cause: 'The machine of this program was stopped or overloaded for as long: a snapshot, memory, the disk.' },
    ],
  },
];
