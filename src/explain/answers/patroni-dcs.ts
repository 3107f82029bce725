import { managerWords } from '../../postgres/manager-log/words.ts';
import type { Answer } from '../answer.ts';

/** What Patroni finds in the store of its cluster, and that it cannot reach it. */
export const answersAboutPatroniDcs: readonly Answer[] = [
  {
    of: ['os-eacces'],
    tool: 'patroni',
    beside: /\/secrets\/kubernetes\.io\/serviceaccount\//u,
    matters: 5,
    means:
      'The user that this program runs as may not read the token of its service account, which Kubernetes mounts into the pod as a file. Without it the program cannot ask Kubernetes for anything, and ends.',
    causes: [
      {
        cause: 'The container runs as another user than root, and the token is for root only: the pod has no fsGroup.',
        on: 'client',
        check:
          'kubectl get pod <pod> -o jsonpath="{.spec.securityContext} {.spec.containers[*].securityContext}"; kubectl exec <pod> -- ls -lL /var/run/secrets/kubernetes.io/serviceaccount/',
      },
      { cause: 'SELinux or AppArmor on that node: on another node it works.' },
    ],
    todo: "Set fsGroup in the securityContext of the pod to the group of the image's user (103 in Spilo: spilo_fsgroup of Zalando's operator).",
  },
  {
    of: ['os-eacces'],
    tool: 'patroni',
    beside: /^(?![^]*\[Errno 13\])[^]*patroni\/dcs\/kubernetes\.py/u,
    matters: 5,
    means:
      'Kubernetes refused a request of Patroni (403 Forbidden): the service account of the pod may not read or change its pods, endpoints or config maps. No file is meant. Without that, Patroni holds no leader lock, and no member follows or is promoted.',
    causes: [
      {
        cause:
          'The role of this service account is missing, is not bound in this namespace, or is older than the image or the chart.',
        on: 'client',
        check:
          'kubectl auth can-i --list --as=system:serviceaccount:<namespace>:<account> -n <namespace>; kubectl get pod <pod> -o jsonpath="{.spec.serviceAccountName}"',
      },
      {
        cause:
          'On OpenShift, to write endpoints needs the resource endpoints/restricted in addition, because Patroni puts addresses of pods into them.',
        on: 'client',
        check:
          'kubectl auth can-i create endpoints/restricted --as=system:serviceaccount:<namespace>:<account> -n <namespace>',
      },
    ],
    todo: 'Add what is missing to the role (verbs create, get, list, patch, update, watch), or let Patroni use config maps (KUBERNETES_USE_CONFIGMAPS in Spilo, kubernetes.use_endpoints: false).',
  },
  {
    id: 'patroni-kubernetes-timeout',
    says: [
      'ReadTimeoutError("HTTPSConnectionPool(host=\'%s\', port=443): Read timed out. (read timeout=%s)"',
      'ReadTimeoutError("HTTPSConnectionPool',
      "HTTPSConnectionPool(host='%s', port=443): Read timed out.",
    ],
    source: 'Patroni, patroni/dcs/kubernetes.py; urllib3',
    among: /patroni|spilo|read[- ]only|demot|leader|lock owner|postgres/iu,
    matters: 4,
    means:
      'Patroni got no answer from the Kubernetes API in time. If that goes on for longer than ttl, it cannot renew the lock of the leader and demotes the primary: read-only until the API answers.',
    causes: [
      {
        cause: 'The control plane (its etcd, its load) is slow or being restarted or upgraded at those minutes.',
        on: 'client',
        check: 'kubectl get --raw "/readyz?verbose" | tail -15; kubectl get events -A --sort-by=.lastTimestamp | tail',
      },
      {
        cause: 'The network of this node to the API is cut now and then (CNI, kube-proxy, conntrack).',
        on: 'client',
        check: 'kubectl logs <pod> --since=2h | grep -cE "ReadTimeoutError|demoted"',
      },
    ],
    todo: 'Steady the control plane; meanwhile raise ttl, loop_wait and retry_timeout (ttl at least loop_wait + 2 × retry_timeout). failsafe_mode: true (3.0 and later) keeps the primary if all members answer.',
  },
  {
    of: ['patroni-system-id'],
    beside: /Lock owner: None\b/u,
    matters: 5,
    means:
      "This node's data directory belongs to another cluster than the one in the DCS: the system identifiers differ (the first is the DCS's, the second this directory's), and Patroni stops. No member is the leader.",
    causes: [
      {
        cause:
          'The DCS still has the key of an earlier cluster of the same name (scope): the cluster was created again, or restored, with new data.',
        on: 'standby',
        check: 'patronictl list; pg_controldata -D <data directory> | grep "system identifier"',
      },
      {
        cause:
          'The member with the right data is down, and this directory was made by initdb (by the package, or by an earlier attempt): start that member first.',
      },
    ],
    todo: 'Only if this directory has the data that is wanted: patronictl remove <cluster name> (it removes the record in the DCS, no data), then start Patroni here first.',
  },
  {
    id: 'patroni-system-id',
    of: ['patroni-system-id'],
    says: managerWords['patroni-system-id'].says,
    source: 'patroni/ha.py',
    matters: 5,
    means:
      "This node's data directory belongs to another cluster than the one in the DCS: the system identifiers differ (the first is the DCS's, the second this directory's), and Patroni stops.",
    causes: [
      {
        cause:
          'The directory was made by initdb (by the package, or by an earlier attempt) instead of being a copy of the leader.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "system identifier"',
      },
      {
        cause:
          'The DCS still has the key of an earlier cluster of the same name (scope): the cluster was created again, or restored, with new data. No member is its leader then.',
        on: 'standby',
        check: 'patronictl list',
      },
    ],
    todo: 'There is a leader: stop Patroni on this node, move its data directory aside, start Patroni: it makes a new copy. There is none, and this directory has the data that is wanted: patronictl remove <cluster name> (it removes the record in the DCS, no data), then start Patroni here first.',
  },
  {
    id: 'patroni-dcs',
    of: ['patroni-dcs'],
    says: managerWords['patroni-dcs'].says,
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
    of: ['patroni-dcs'],
    when: /CERTIFICATE_VERIFY_FAILED|certificate verify failed|unknown ca\b|UNKNOWN_CA|self[- ]signed certificate|Hostname mismatch|doesn't match/iu,
    matters: 5,
    means:
      'Patroni reaches its DCS and does not accept its certificate, or its own is not accepted. Without a DCS no node may be primary.',
    causes: [
      {
        cause:
          'The authority that signed the certificate of etcd (Consul, …) is not the one in cacert of this section of patroni.yml, or cacert is missing.',
        on: 'standby',
        check:
          'grep -nA12 -E "^(etcd3?|consul|zookeeper):" <patroni.yml>; openssl s_client -connect <host of etcd>:2379 -CAfile <cacert> </dev/null 2>&1 | grep -E "subject|issuer|Verify"',
      },
      {
        cause:
          'The name or address by which Patroni calls it is not in the certificate (Subject Alternative Name), or the certificate has expired.',
        on: 'standby',
        check: 'openssl x509 -in <certificate of etcd> -noout -dates -ext subjectAltName',
      },
    ],
    todo: 'Correct cacert or the certificate, then: curl --cacert <cacert> https://<host of etcd>:2379/health',
  },
  {
    of: ['patroni-dcs'],
    when: /alert bad certificate|alert certificate (?:required|unknown|expired)|CERTIFICATE_REQUIRED|BAD_CERTIFICATE|handshake failure/iu,
    matters: 5,
    means:
      'The DCS refuses the client certificate of Patroni, or gets none: etcd was started with client-cert-auth. Without a DCS no node may be primary.',
    causes: [
      {
        cause:
          'cert and key in this section of patroni.yml are missing, expired, or of another authority than trusted-ca-file of etcd.',
        on: 'standby',
        check:
          'grep -nA12 -E "^(etcd3?|consul):" <patroni.yml>; openssl x509 -in <cert> -noout -subject -issuer -dates -ext extendedKeyUsage',
      },
      {
        cause:
          'The certificate is for servers only: its extended key usage lacks clientAuth (TLS Web Client Authentication).',
      },
    ],
    todo: 'The log of etcd says which of them ("remote error: tls: bad certificate"). Test with the same files: curl --cacert <cacert> --cert <cert> --key <key> https://<host of etcd>:2379/health',
  },
  {
    of: ['patroni-dcs'],
    when: /RemoteDisconnected|BadStatusLine|WRONG_VERSION_NUMBER|wrong version number|without response|UNKNOWN_PROTOCOL/u,
    matters: 5,
    means:
      'Something answers at the address of the DCS and speaks otherwise than Patroni expects: http against https, or another version of its interface. Without a DCS no node may be primary.',
    causes: [
      {
        cause: 'Patroni speaks http and etcd https, or the reverse: protocol: https in this section of patroni.yml.',
        on: 'standby',
        check:
          'grep -nA8 -E "^(etcd3?|consul):" <patroni.yml>; curl -s http://<host of etcd>:2379/version; curl -sk https://<host of etcd>:2379/version',
      },
      {
        cause: 'etcd since 3.4 has no v2 interface unless it is switched on: the section must be etcd3:, not etcd:.',
        on: 'standby',
        check: 'etcdctl version',
      },
      {
        cause: 'A proxy or load balancer, or an overloaded etcd, closes the connection.',
        on: 'standby',
        check: 'etcdctl endpoint status --cluster -w table',
      },
    ],
  },
  {
    id: 'tls-plain-client',
    says: [
      'tls: first record does not look like a TLS handshake',
      'http: server gave HTTP response to HTTPS client',
      'client sent an HTTP request to an HTTPS server',
    ],
    source: 'Go, crypto/tls/conn.go, net/http/client.go, net/http/server.go',
    matters: 4,
    means:
      'One side speaks TLS and the other one plain text. In a cluster of PostgreSQL this is etcd, Consul or an operator: its address is given with http where it wants https, or the reverse.',
    causes: [
      {
        cause:
          'Patroni: protocol: https is missing in the section etcd3: (or etcd:), or it is there and etcd listens with http://.',
        on: 'standby',
        check:
          'grep -nA8 -E "^(etcd3?|consul):" <patroni.yml>; grep -nE "listen-client-urls|advertise-client-urls" /etc/etcd/* /etc/default/etcd 2>/dev/null',
      },
      {
        cause: 'ETCDCTL_ENDPOINTS or --endpoints has the wrong scheme.',
        on: 'client',
        check: 'echo $ETCDCTL_ENDPOINTS',
      },
    ],
  },
  {
    id: 'patroni-raft-waits',
    says: ['waiting on raft'],
    source: 'patroni/dcs/raft.py, Raft',
    matters: 4,
    means:
      'Patroni keeps its state in Raft, and more than half of the members in partner_addrs do not answer: without them there is no leader, and no server is started as primary.',
    causes: [
      {
        cause: 'The Patroni processes on the other members are down, or their port (self_addr, often 2222) is blocked.',
        on: 'standby',
        check: 'grep -A8 "^raft:" /etc/patroni/*.yml; ss -tlnp | grep 2222',
      },
      {
        cause: 'partner_addrs still names members that are gone for good: they count for the majority.',
        on: 'standby',
        check: 'syncobj_admin -conn <self_addr> -status',
      },
    ],
    todo: 'Bring enough members back. A lost member is taken out with syncobj_admin -conn <a living member> -remove <its address>, and then from partner_addrs.',
  },
  {
    id: 'etcd-space',
    says: ['mvcc: database space exceeded', 'alarm:NOSPACE', 'NOSPACE alarm'],
    source: 'etcd, server/etcdserver/errors.go',
    matters: 5,
    means:
      'etcd has reached its quota (2 GB unless set otherwise) and takes no writes. A Patroni that keeps its state there cannot renew the leader key: the leader steps down, and the database is read-only until etcd writes again.',
    causes: [
      {
        cause: 'Old revisions were never compacted, or much else is kept in this etcd.',
        on: 'standby',
        check: 'etcdctl endpoint status --cluster -w table; etcdctl alarm list',
      },
    ],
    todo: 'On one member: etcdctl compact $(etcdctl endpoint status -w json | grep -o \'"revision":[0-9]*\' | head -1 | cut -d: -f2); on each: etcdctl defrag; then etcdctl alarm disarm. Set --auto-compaction-retention so that it does not come back.',
  },
  {
    id: 'etcd-slow',
    says: [
      'etcdserver: request timed out',
      'etcdserver: no leader',
      'etcdserver: leader changed',
      'sync duration of %s, expected less than %s',
      'slow fdatasync',
      'apply request took too long',
    ],
    source: 'etcd, server/etcdserver/errors.go, server/storage/wal/wal.go',
    matters: 5,
    means:
      'etcd answers too late, or has no leader: its disk or its network is too slow, or too few members run. A Patroni leader that cannot renew its key within ttl steps down.',
    causes: [
      {
        cause:
          'Its disk is slow (shared with PostgreSQL, a snapshot of the virtual machine): etcd wants a disk of its own that syncs within 10 ms.',
        on: 'standby',
        check:
          'journalctl -u etcd -n 100 --no-pager | grep -iE "took too long|sync duration|fdatasync|elected|lost leader"; iostat -x 5 2',
      },
      {
        cause: 'A member is down or not reachable: two of three must run.',
        on: 'standby',
        check: 'etcdctl endpoint health --cluster; etcdctl endpoint status --cluster -w table',
      },
    ],
    todo: 'Repair etcd first. failsafe_mode: true (Patroni 3.0 and later) keeps the leader as long as it reaches all members.',
  },
  {
    id: 'etcd-not-lessor',
    says: ["'not a primary lessor'", 'not a primary lessor'],
    among: /patroni|etcd/iu,
    source: 'etcd, server/lease/lessor.go',
    kind: 'cause',
    matters: 4,
    means:
      'etcd was changing its leader when Patroni renewed its lock: it could not extend the lease at that moment. If no renewal succeeds within retry_timeout, Patroni demotes the primary.',
    causes: [
      {
        cause:
          'The leader of etcd stopped for some seconds: a slow disk, a snapshot of its virtual machine, a network that was cut.',
        on: 'etcd host',
        check:
          'etcdctl endpoint status --cluster -w table; journalctl -u etcd -n 100 --no-pager | grep -iE "elected|took too long|heartbeat"',
      },
    ],
    todo: 'Give etcd a fast disk of its own and keep it off the machines that are snapshotted; raise ttl and retry_timeout of Patroni together if pauses cannot be avoided.',
  },
  {
    of: ['patroni-not-healthy'],
    beside: /(?::8500|\bconsul\b)[^]*(?:" (?:500|404)|invalid session|session\/renew)/iu,
    kind: 'cause',
    matters: 4,
    means:
      'Patroni wanted the lock of the leader, and Consul refused: its session there is gone or not valid. That happens when the local agent of Consul was restarted or lost its state; Patroni makes a new session.',
    causes: [
      {
        cause:
          'The agent on this node was restarted, is not joined to the servers, or its node failed a health check, which ends all its sessions.',
        on: 'standby',
        check: 'consul members; curl -s http://localhost:8500/v1/session/list; journalctl -u consul -n 50 --no-pager',
      },
      { cause: 'The servers of Consul have no leader.', on: 'standby', check: 'consul operator raft list-peers' },
    ],
    todo: 'Bring the agent back, with a data_dir that survives a restart, and look whether a leader appears (patronictl list). ttl must be longer than a restart of the agent takes.',
  },
];
