import type { Answer } from '../answer.ts';

/** Names that have no address. */
const inKubernetes = /\bpod (?:"|default\/|\w+-)|\bkubectl\b|\bstatefulsets?\b|\bkubelet\b/iu;

export const answersAboutHostNames: readonly Answer[] = [
  {
    of: ['libpq-translate-host', 'gai-noname', 'gai-again', 'gai-musl'],
    // a pod of a StatefulSet, and its headless service
    when: /\.svc(?:\.|\b)|-headless\b|\b[a-z][a-z0-9-]*-\d+\.[a-z][a-z0-9-]*["' ]/u,
    matters: 4,
    means: '{host|The name} is one of Kubernetes, and the DNS of the cluster has no address for it at this moment.',
    causes: [
      {
        cause:
          'The name is that of a pod behind a headless service. It exists only while that pod does, and without publishNotReadyAddresses only while it is ready: look why that pod is not.',
        on: 'client',
        check: 'kubectl get pods,svc,endpoints -A | grep -E "postgres|headless"',
      },
      {
        cause: 'Another namespace, cluster domain or release name than in this name.',
        on: 'client',
        check: 'kubectl exec <pod> -- cat /etc/resolv.conf',
      },
      { cause: 'The DNS of the cluster does not answer (CoreDNS down, a NetworkPolicy that closes port 53).' },
    ],
  },
  {
    of: ['libpq-translate-host', 'gai-noname', 'gai-again', 'gai-musl'],
    // a pod and its service
    when: /host name "[\w-]+-\d+\.[\w.-]+"/u,
    beside: inKubernetes,
    matters: 4,
    means: '{host} has no address in the DNS of Kubernetes, seen from this pod.',
    causes: [
      {
        cause:
          'The pod is not ready or does not exist: a headless service names only pods that are ready, unless it has publishNotReadyAddresses: true.',
        on: 'client',
        check: 'kubectl get pods,endpoints -A -o wide | grep -i postgres; kubectl describe pod <pod> | tail -20',
      },
      {
        cause:
          'The service behind the dot is not the one that the StatefulSet names (serviceName), is not headless, or is in another namespace.',
        on: 'client',
        check:
          'kubectl get statefulsets -A -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name,SERVICE:.spec.serviceName; kubectl get svc -A',
      },
    ],
  },
  {
    of: ['libpq-translate-host', 'gai-noname', 'gai-again', 'gai-musl'],
    beside: inKubernetes,
    matters: 4,
    means: '{host|The name} has no address in the DNS of Kubernetes, seen from this pod.',
    causes: [
      {
        cause:
          'It is the name of a pod alone. A pod of a StatefulSet has a name in DNS only together with its headless service: <pod>.<service>.<namespace>.svc. To reach whichever is the primary, use the service.',
        on: 'client',
        check: 'kubectl get pods,svc,endpoints -A | grep -iE "postgres|{host|headless}"',
      },
      {
        cause: 'The service is in another namespace: <service>.<namespace>.',
        on: 'client',
        check: 'kubectl get svc -A',
      },
      {
        cause: 'The pod behind the name does not exist or is not ready: look why.',
        on: 'client',
        check: 'kubectl describe pod <pod> | tail -20',
      },
    ],
  },
  {
    of: ['libpq-translate-host', 'gai-noname', 'gai-again', 'gai-musl'],
    // the lines of docker compose logs, and its files
    beside:
      /^(?:[a-z][\w.-]*[-_]\d+|[a-z][\w-]*-\d+) +\| |^[^\S\n]*(?:services|container_name|depends_on):|\bdocker[- ]compose\b/mu,
    matters: 4,
    means:
      '{host|The name} has no address in the network of this container: Docker knows a name only while its container runs.',
    causes: [
      {
        cause: 'That container is stopped, restarts again and again, or has not been started yet: its log says why.',
        on: 'client',
        check: 'docker compose ps -a; docker compose logs --tail 30',
      },
      {
        cause: 'The name is not that of the service in the Compose file, or the two containers share no network.',
        on: 'client',
        check:
          'docker compose config --services; docker network inspect <network> --format "{{range .Containers}}{{.Name}} {{end}}"',
      },
    ],
  },
  {
    of: ['libpq-translate-host', 'gai-noname', 'gai-again', 'gai-musl'],
    // a name that is nobody's domain, and a connection that was there before
    when: /host name "[^".]+"/u,
    beside: /server closed the connection unexpectedly|replication terminated by primary server|started streaming WAL/u,
    matters: 4,
    means:
      '{host|The name} has no address any more. This server was connected a moment before, as the other lines show: the name was right.',
    causes: [
      {
        cause:
          'The container or the machine of that name was stopped, or is being made again: Docker and Kubernetes take its name away with it. Its own log says why it ended.',
        on: 'client',
        check: 'getent hosts {host}; docker ps -a --filter name={host}',
      },
      {
        cause: 'The name service that this machine asks does not answer ("Temporary failure").',
        on: 'client',
        check: 'cat /etc/resolv.conf; getent hosts localhost',
      },
    ],
    todo: 'Start it again. The standby tries every few seconds and goes on by itself.',
  },
  {
    of: ['libpq-translate-host', 'gai-noname', 'gai-again', 'gai-musl', 'gai-noname-mac'],
    means: '{host|The host name} cannot be resolved to an address where this program runs.',
    causes: [
      {
        cause: 'The name is misspelled or known only elsewhere (/etc/hosts of another machine).',
        on: 'client',
        check: 'getent hosts {host}',
        rule: 'network/name-not-resolved',
      },
      {
        cause:
          'In containers: both must be in the same network, and the name is that of the service or container; a stopped container has no name.',
        on: 'client',
        check: 'docker network inspect <network>',
      },
      { cause: 'The whole connection string was taken for the host: a blank, an @ in a password, or missing "host=".' },
    ],
  },
];
