import type { Answer } from '../answer.ts';

/** Zalando's operator, and Spilo, the image that it and others run; `source` names the file that prints it. */
export const answersAboutZalando: readonly Answer[] = [
  {
    of: ['auth-password-failed'],
    beside: /bootstrap_standby_leader|bootstrap a new standby leader/u,
    matters: 5,
    means:
      'The first member of this standby cluster logs in at the source cluster, and the password in its own secret is not the one that the source has: each cluster of the operator makes passwords of its own.',
    causes: [
      {
        cause:
          'The secrets of the roles standby and postgres were not copied from the source before this cluster was created.',
        on: 'client',
        check: 'kubectl get secrets -A | grep credentials',
      },
      {
        cause: 'They were copied under other names: the name of the secret contains that of the new cluster.',
      },
    ],
    todo: 'Make the secrets of the source for the new cluster (kubectl get secret … -o yaml, other cluster name and namespace, kubectl apply), and create the standby cluster again. Do not change the password at the source: its own replicas use it.',
  },

  {
    id: 'zalando-pod-label',
    says: [
      'could not recreate replica pod "%s": pod label wait timeout',
      'could not recreate master pod "%s": pod label wait timeout',
      'pod label wait timeout',
    ],
    source: 'zalando/postgres-operator, pkg/cluster/pod.go, recreatePod, and util.go, waitForPodLabel',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'During a rolling update the operator recreated this pod, and Patroni in it did not set the label spilo-role within pod_label_wait_timeout (10 min): it did not come up. The other pods are left as they are, and the operator tries again at the next sync.',
    causes: [
      {
        cause: 'The pod is not placed, or its volume or image is missing.',
        on: 'client',
        check: 'kubectl get pods,pvc -l application=spilo -L spilo-role; kubectl describe pod <pod> | tail -20',
      },
      {
        cause: 'PostgreSQL does not start in it, or its new copy takes longer than that.',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres --tail=50; kubectl exec <pod> -c postgres -- patronictl list',
      },
      {
        cause: 'The service account of the pods may not set labels.',
        on: 'client',
        check: 'kubectl auth can-i patch pods --as=system:serviceaccount:<namespace>:postgres-pod -n <namespace>',
      },
    ],
  },
  {
    id: 'zalando-patroni-api',
    says: [
      'could not reach Patroni API to set Postgres options: failed on every pod (%d total)',
      'could not set cluster-wide PostgreSQL configuration options: %s',
      'could not patch postgres parameters with a pod %s: %s',
      'could not call Patroni API: cluster has no pods',
    ],
    source: 'zalando/postgres-operator, pkg/cluster/sync.go, checkAndSetGlobalPostgreSQLConfiguration (since 1.2)',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The operator could not hand settings of the manifest (max_connections, wal_level and the like) to Patroni in the pods. PostgreSQL goes on with the old ones.',
    causes: [
      {
        cause: 'No pod runs, or Patroni in it does not answer at port 8008: its log says why.',
        on: 'client',
        check:
          'kubectl get pods -l cluster-name=<cluster> -L spilo-role; kubectl exec <pod> -- patronictl list; kubectl logs <pod> --tail=40',
      },
      {
        cause: 'A NetworkPolicy keeps the operator away from port 8008 of the pods.',
        on: 'client',
        check: 'kubectl get networkpolicy -A',
      },
    ],
  },
  {
    id: 'kubernetes-api-slow',
    says: [
      'the server was unable to return a response in the time allotted, but may still be processing the request (%s)',
      'the server was unable to return a response in the time allotted, but may still be processing the request',
      'etcdserver: request timed out',
    ],
    among: /postgres|pgsql|patroni|acid\.zalan|cnpg|crunchydata|\bpg[-_]/iu,
    source: 'Kubernetes, staging/src/k8s.io/apimachinery/pkg/api/errors; etcd',
    matters: 4,
    elsewhere: true,
    means:
      'The Kubernetes API (or the etcd below it) did not answer in time. The operator cannot look after its clusters meanwhile; PostgreSQL itself is not affected, except that Patroni with Kubernetes as its DCS demotes a leader that cannot renew its lock.',
    causes: [
      {
        cause: 'The control plane is overloaded, or the disks of etcd are slow.',
        on: 'client',
        check: 'kubectl get --raw "/readyz?verbose" | tail -n 5; kubectl get events -A --sort-by=.lastTimestamp | tail',
      },
    ],
  },
  {
    id: 'zalando-not-ready',
    says: [
      'pod labels error: still failing after %d retries',
      'stateful set error: still failing after %d retries',
      'could not init db connection: still failing after %d retries',
      'could not sync roles: could not init db connection: %s',
    ],
    source: 'zalando/postgres-operator, pkg/cluster/util.go, database.go, pkg/util/retryutil',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The operator waited in vain for a primary of this cluster: no pod became ready with the label spilo-role=master, or the service of the primary accepted no connection. It tries again at the next sync. Why is in the pods.',
    causes: [
      {
        cause: 'A pod is not placed, or its volume or image is missing: then it has no log yet.',
        on: 'client',
        check: 'kubectl get pods,pvc -l application=spilo -L spilo-role; kubectl describe pod <pod> | tail -20',
      },
      {
        cause:
          'Patroni in the pod has no leader: PostgreSQL does not start there, the copy or restore failed, or Patroni may not write its endpoints or labels (service account).',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres --tail=50; kubectl exec <pod> -c postgres -- patronictl list',
      },
    ],
  },
  {
    id: 'runit-gave-up',
    says: ['%s: exceeded maximum number of restarts %d', '%s: finished with code=%d signal=%d'],
    among: /runsvdir|patroni|spilo|pgqd|pgbouncer/iu,
    source: 'zalando/spilo, postgres-appliance/runit (also in the images of KubeBlocks)',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'runit, which runs Patroni in this image, started it again and again and gave up. Patroni ended by itself: the reason is in its lines before these.',
    causes: [
      {
        cause: 'The last ERROR, CRITICAL or traceback of Patroni, above all "Failed to bootstrap cluster".',
        on: 'client',
        check: 'kubectl logs <pod> --all-containers --prefix --tail=200 | grep -E "ERROR|CRITICAL|FATAL|Error:"',
      },
    ],
  },
  {
    id: 'operator-restarts-later',
    says: [
      'errors while restarting Postgres in pods via Patroni API: %s',
      'could not restart Postgres in %s pod %s: %s',
      'could not restart Postgres server within %s pod: %s',
    ],
    source: 'zalando/postgres-operator, pkg/cluster/sync.go',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The operator wanted to restart a server through the REST API of Patroni, and Patroni refused for the reason at the end of the line. The operator tries again at its next sync.',
    causes: [
      {
        cause:
          '"currently being initialized": that replica is still being copied. It begins with the new settings anyway.',
        on: 'client',
        check: 'kubectl exec <pod> -- patronictl list',
      },
    ],
  },
  {
    id: 'spilo-clone-unset',
    says: [
      'Cloning with WAL-E is only possible when %s are set.',
      'Cloning with WAL-E is only possible when CLONE_WALE_*_PREFIX or CLONE_WALG_*_PREFIX or CLONE_WAL_*_BUCKET and CLONE_SCOPE are set.',
    ],
    source: 'zalando/spilo, postgres-appliance/scripts/configure_spilo.py',
    matters: 5,
    elsewhere: true,
    means:
      'The pod was told to clone another cluster (CLONE_METHOD, CLONE_SCOPE) and not from where, so it makes a new, empty cluster with initdb instead.',
    causes: [
      {
        cause:
          'The operator sets CLONE_WAL_S3_BUCKET (or that of GS, WAL-G) only where it has a bucket itself: wal_s3_bucket in its configuration, or CLONE_WALG_S3_PREFIX and the AWS variables in pod_environment_configmap.',
        on: 'client',
        check: 'kubectl exec <pod> -c postgres -- env | grep -E "^(CLONE|WAL|AWS|USE_WALG)" | cut -d= -f1',
      },
      {
        cause: 'Only logical backups (pg_dump) exist: a clone needs a base backup and WAL. Restore those with psql.',
      },
    ],
    todo: 'What it made is empty: make the cluster again once the variables are there.',
  },
  {
    id: 'spilo-clone-no-backup',
    says: [
      'Could not find any backups prior to the point in time %s',
      'wal-e could not found any backups prior to the point in time %s',
      'wal-e could not found any backups',
      'Exception: Could not find any backups',
      'No backups available in %s',
    ],
    source: 'zalando/spilo, postgres-appliance/bootstrap/clone_with_wale.py',
    matters: 5,
    elsewhere: true,
    means:
      'The pod was to be made from a backup of another cluster, and WAL-G (or WAL-E) lists none where it looks: "Trying …" in the lines before names the place. Nothing was restored.',
    causes: [
      {
        cause:
          'The prefix is another: the uid of the source cluster is a part of it, and so is its release (…/wal/13). A bucket prefix or a scope that was set on the source must be set here, too.',
        on: 'client',
        check:
          'kubectl exec <pod> -c postgres -- bash -c "ls /run/etc/wal-e.d/; envdir /run/etc/wal-e.d/env-clone-<cluster> wal-g backup-list"',
      },
      {
        cause: 'Region, endpoint or credentials of the clone are not those of the bucket (CLONE_AWS_…).',
        on: 'client',
        check: 'kubectl exec <pod> -c postgres -- env | grep -E "^CLONE_" | cut -d= -f1',
      },
      { cause: 'There is no finished base backup, or none from before the timestamp.' },
    ],
  },
];
