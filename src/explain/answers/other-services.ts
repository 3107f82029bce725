import { namesPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

interface Service {
  readonly name: string;
  /** Where it listens, as its own documentation has it. */
  readonly ports: string;
  /** What in a URL can only be its own. */
  readonly path?: string;
  /** What its client says before the reason. */
  readonly said?: string;
  readonly matters: string;
  /** On its own host. */
  readonly there?: string;
  readonly check: string;
}

const services: readonly Service[] = [
  {
    name: 'etcd',
    ports: '2379|2380',
    path: '/v[23]/(?:keys|machines)|/v3(?:alpha|beta)?/(?:kv|watch|lease)',
    matters:
      'Patroni and its relatives keep their state there: without a majority of its members no node may be primary.',
    there: 'systemctl status etcd --no-pager',
    check: 'etcdctl endpoint status --cluster -w table',
  },
  {
    name: 'Consul',
    ports: '8300|8301|8302|8500|8501',
    path: '/v1/(?:kv|agent|session|health|catalog)/',
    matters:
      'Patroni keeps its state there, and asks the agent on its own node: without it a leader steps down when its time is over.',
    there: 'systemctl status consul --no-pager',
    check: 'consul members; consul operator raft list-peers',
  },
  {
    name: 'ZooKeeper',
    ports: '2181|2182|2281',
    // kazoo, protocol/connection.py
    said: 'Connection dropped: socket connection error: ',
    matters: 'Patroni keeps its state there: without a majority of its servers no node may be primary.',
    there: 'systemctl status zookeeper --no-pager',
    check: 'echo srvr | nc {server|<host of ZooKeeper>} {port|2181}',
  },
  {
    name: 'The REST API of Patroni',
    ports: '8008|8009',
    path: '/(?:patroni|primary|master|leader|replica|standby-leader|sync|async|liveness|readiness)(?=["\' ])',
    matters: 'That is Patroni itself and not its server: PostgreSQL may run there all the same.',
    there: 'systemctl status patroni --no-pager',
    check: 'patronictl list; grep -nA4 "^restapi:" /etc/patroni/*.yml | grep -v -i password',
  },
  {
    name: 'The API of Kubernetes',
    ports: '6443|10250',
    path: '/apis?/[\\w.]*/?v1(?:beta\\d)?/(?:namespaces|pods|nodes)',
    matters:
      'What runs the pods asks it who leads, and writes there: an operator or Patroni in a pod works only with it.',
    there: 'systemctl status kubelet --no-pager',
    check: 'kubectl get --raw /readyz; kubectl get nodes',
  },
  {
    name: 'A web service (object storage, the API of a cloud)',
    ports: '80|443|9000',
    path: '',
    matters: 'Backups, WAL archives or addresses that are kept there cannot be read or written now.',
    check: 'curl -sS -o /dev/null -w "%{http_code}\\n" <URL in the line>',
  },
];

const reasons = '(?:refused|timed out|No route to host|reset by peer)';

/** The last address before the reason is the one that did not answer. */
function whereListens({ ports, path, said }: Service): RegExp {
  const address = [
    String.raw`(?::|\bport[ =])(?:${ports})\b`,
    ...(path === undefined ? [] : [String.raw`https?://(?![^\s"'/]*:5432\b)[^\s"']*${path}`]),
  ].join('|');
  const between = String.raw`(?:(?!(?::|\bport[ =])\d{3,5}\b)[^\n])*?`;
  return new RegExp(`${said === undefined ? '' : `${said}|`}(?:${address})${between}\\b${reasons}`, 'iu');
}

const answerFor = (service: Service): Answer => ({
  of: ['libpq-errno-refused', 'libpq-errno-timedout', 'libpq-errno-noroute', 'libpq-errno-reset', 'driver-refused'],
  when: whereListens(service),
  elsewhere: true,
  matters: 5,
  means: `${service.name} does not answer at {server|the address in the line}. PostgreSQL was not asked. ${service.matters}`,
  causes: [
    {
      cause: 'It is stopped, still starting, or listens on another address or port.',
      ...(service.there === undefined
        ? {}
        : { on: 'that host', check: `${service.there}; ss -ltnp | grep -E ":(${service.ports}) "` }),
    },
    {
      cause:
        'A firewall or a network policy is between the two, or the address in the configuration of the one that asks is wrong.',
      on: 'the host that asks',
      check: service.check,
    },
  ],
});

const cannotListen: Answer = {
  elsewhere: true,
  matters: 4,
  means:
    'The program that says this (PgBouncer, HAProxy, Patroni with its REST API, etcd, …) could not listen: another process has its address and port. That is not the port of PostgreSQL unless the line names it.',
  causes: [
    {
      cause: 'It runs already, or an earlier one has not ended.',
      on: 'that host',
      check: 'ss -ltnp; systemctl list-units --type=service --state=running --no-pager',
    },
    { cause: 'Another program was given the same port: change one of them in its configuration.' },
  ],
};

/** The port in a line says which program was asked: "connection refused" of another service says nothing of a server. */
export const answersAboutOtherServices: readonly Answer[] = [
  ...services.map(answerFor),
  // PgBouncer's, Python's (Patroni) and Go's (etcd, exporters) words for it
  {
    ...cannotListen,
    of: ['os-eaddrinuse'],
    when: /\bcannot listen on \S+: bind\(\)|\[Errno 98\]|\blisten tcp[46]? (?!\S*:543\d\b)\S+: bind: /iu,
  },
  {
    ...cannotListen,
    id: 'haproxy-cannot-listen',
    says: ['Starting frontend %s: cannot bind socket', 'Starting proxy %s: cannot bind socket'],
    among: namesPostgres,
    source: 'HAProxy, src/proto_tcp.c',
  },
];
