import { ofPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** Operators of Kubernetes that have few messages of their own, and kubectl. */
export const answersAboutOperators: readonly Answer[] = [
  {
    id: 'pgo-initial-backup',
    says: ['Pgreplica processing pending the creation of the initial backup', 'pgreplica Pending init'],
    source: 'CrunchyData/postgres-operator 4, internal/controller/pgreplica',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The operator makes replicas from a pgBackRest backup, and the first backup of this cluster does not exist yet: stanza-create and that backup must succeed first.',
    causes: [
      {
        cause: 'The job of stanza-create or of the backup failed, or was never made.',
        on: 'client',
        check:
          'kubectl get jobs,pods; kubectl logs job/<cluster>-stanza-create; kubectl logs job/backrest-backup-<cluster>',
      },
      {
        cause:
          'The repository cannot be written: credentials, bucket or certificate of S3, or the volume of the repository.',
        on: 'client',
        check: 'kubectl exec <pod> -c database -- pgbackrest info',
      },
    ],
    todo: 'Once a backup is there ("pgbackrest info" shows it), the operator makes the replicas by itself.',
  },
  {
    id: 'pgo-startup',
    says: [
      "install: cannot change permissions of '%s': No such file or directory",
      "install: cannot create directory '%s': Permission denied",
      "install: cannot change permissions of '%s': Operation not permitted",
    ],
    among: /pgdata|pgwal|postgres/iu,
    source: 'CrunchyData/postgres-operator 5, internal/postgres/config.go (container postgres-startup)',
    matters: 5,
    elsewhere: true,
    means:
      'The init container cannot make {directory|the data directory} on its volume: the volume does not let the user of the image (26, or the one that OpenShift gives) write.',
    causes: [
      {
        cause: 'NFS or a host path: the owner of the export decides, and fsGroup does not change it (root_squash).',
        on: 'client',
        check: 'kubectl get pvc,storageclass; kubectl logs <pod> -c postgres-startup',
      },
      {
        cause: 'The driver of the storage does not apply fsGroup (fsGroupPolicy: None).',
        on: 'client',
        check: 'kubectl get csidrivers -o custom-columns=NAME:.metadata.name,FSGROUP:.spec.fsGroupPolicy',
      },
    ],
    todo: 'Give the exported directory to 26:26, or to a group of its own and name that in spec.supplementalGroups of the cluster.',
  },
  {
    id: 'kubegres-timed-out',
    says: [
      'Last attempt to deploy a Primary DB StatefulSet has timed-out after %s seconds',
      'Last deployment attempt of a Replica DB StatefulSet has timed-out after %s seconds',
      'Replica DB StatefulSet deployment timed-out',
      'The new Replica DB is still NOT ready. It must be fixed manually',
    ],
    source: 'reactive-tech/kubegres, ReplicaDbCountSpecEnforcer',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'Kubegres waited for the new server and it did not become ready. Kubegres does nothing more until that is repaired. The reason is in the log of that pod.',
    causes: [
      {
        cause:
          'Its copy fails: the init container runs pg_basebackup as the role replication against the service of the primary.',
        on: 'client',
        check: 'kubectl logs <pod> --all-containers --prefix --tail=50',
      },
      {
        cause: 'Its volume cannot be bound or mounted, or the probes give up before a large copy is done.',
        on: 'client',
        check: 'kubectl describe pod <pod> | tail -20; kubectl get pvc',
      },
    ],
  },
  {
    id: 'kubegres-skips-copy',
    says: ['Skipping copy from Primary DB because Replica DB already exists'],
    source: 'reactive-tech/kubegres, BaseConfigMapTemplate.yaml (copy_primary_data_to_replica.sh)',
    kind: 'consequence',
    matters: 3,
    means:
      'The volume of this replica is not empty, so Kubegres makes no copy. If an earlier copy was interrupted, what lies there is half a copy and does not start.',
    causes: [
      {
        cause: 'The server does not start after this line: its log says what is missing.',
        on: 'client',
        check: 'kubectl logs <pod> --all-containers --prefix --tail=50',
      },
    ],
    todo: 'Only for a replica whose copy is broken: give it a new volume (scale the replicas down, delete the claim of this replica, never that of the primary, and scale up again).',
  },
  {
    id: 'charm-stanza',
    says: [
      'Stanza was not initialised',
      'failed to initialize stanza, check your S3 settings',
      'failed to access/create the bucket, check your S3 settings',
      'the S3 repository has backups from another cluster',
    ],
    among: /juju|charm|unit-|postgresql|pgbackrest/iu,
    source: 'canonical/postgresql-operator, canonical/postgresql-k8s-operator, src/backups.py',
    matters: 5,
    elsewhere: true,
    means:
      'The charm has no stanza of pgBackRest for this cluster, so it makes no backup: it creates one when it is related to s3-integrator with parameters that work.',
    causes: [
      {
        cause: 'The relation to s3-integrator is missing, or bucket, endpoint, region or credentials are wrong.',
        on: 'client',
        check: 'juju status --relations; juju config s3-integrator',
      },
      {
        cause:
          'Backups of another cluster are under this path: give this one a path of its own (juju config s3-integrator path=…).',
      },
    ],
  },
  {
    id: 'supabase-unhealthy',
    says: [
      '%s container is not ready: unhealthy',
      '%s container is not ready: starting',
      '%s container is not running: exited',
    ],
    among: /supabase_db_/u,
    source: 'supabase/cli, internal/start, internal/status',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The command line of Supabase waited for its PostgreSQL container, and its health check fails. The reason is in the log of that container.',
    causes: [
      {
        cause:
          'PostgreSQL does not start: the volume has data of another release, or is damaged. Or it only needs longer than the command waits.',
        on: 'client',
        check: 'docker ps -a --filter name=supabase_db; docker logs --tail 50 supabase_db_<project>',
      },
    ],
    todo: 'supabase stop keeps the volume, and supabase start makes the containers again; --ignore-health-check leaves them up to be looked at.',
  },
  {
    id: 'kubeblocks-no-candidate',
    says: [
      'operation precheck failed: candidate is not set and has no other healthy members',
      'operation precheck failed: %s',
    ],
    among: /switchover|kubeblocks|lorry|kbcli/iu,
    source: 'apecloud/kubeblocks, pkg/lorry/operations/replica/switchover.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'KubeBlocks did not begin the switchover: it found no other member that may become the primary. Nothing was changed.',
    causes: [
      {
        cause: 'The standbys are not healthy, or too far behind: what each of them does is in its log.',
        on: 'client',
        check: 'kbcli cluster list-instances <cluster>; kubectl exec <pod> -c postgresql -- patronictl list',
      },
    ],
  },
  {
    id: 'kubeblocks-role-probe',
    says: ['Role probe timeout, check whether the application is available'],
    source: 'apecloud/kubeblocks, controllers/apps, the condition of a component',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'KubeBlocks learns from each pod whether it is primary or secondary, and this one did not say it in time: its server does not run, or is not ready.',
    causes: [
      {
        cause: 'PostgreSQL or Patroni does not come up in that pod: a restore or copy that failed, or that still runs.',
        on: 'client',
        check:
          'kubectl logs <pod> --all-containers --prefix --tail=50; kubectl exec <pod> -c postgresql -- patronictl list',
      },
    ],
  },
  {
    id: 'crunchy-role-label',
    says: ['Unable to set mode on pod, label command failed: %s', 'Unable to set mode on pod, label command failed:'],
    source: 'CrunchyData/crunchy-containers, bin/postgres/start.sh, role_discovery',
    matters: 4,
    elsewhere: true,
    means:
      'This image of Crunchy Data learns from the number of its pod whether it is primary or replica, and writes that as a label to its own pod. Kubernetes refused that, and the container ends before a server is started.',
    causes: [
      {
        cause:
          'The service account of the pod may not get and patch pods: its role or the binding is missing in this namespace.',
        on: 'client',
        check:
          'kubectl auth can-i patch pods --as=system:serviceaccount:<namespace>:<account> -n <namespace>; kubectl get pod <pod> -o jsonpath="{.spec.serviceAccountName}"',
      },
    ],
  },
  {
    id: 'charm-waits',
    says: [
      'awaiting for member to start',
      'awaiting for cluster to start',
      'awaiting for primary endpoint to be ready',
    ],
    source: 'canonical/postgresql-operator, canonical/postgresql-k8s-operator, src/charm.py',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The charm waits until Patroni says that the member of this unit runs. Why it does not is in the logs of Patroni and of PostgreSQL on that unit.',
    causes: [
      {
        cause:
          'It is being copied from the primary: with much data that takes its time, or it is interrupted and begins again.',
        on: 'client',
        check:
          'juju ssh <unit> "sudo -u snap_daemon patronictl -c /var/snap/charmed-postgresql/current/etc/patroni/patroni.yaml list"',
      },
      {
        cause: 'pg_basebackup is refused, or the server does not start (WAL that is gone, a diverged timeline).',
        on: 'client',
        check: 'juju ssh <unit> "sudo tail -50 /var/snap/charmed-postgresql/common/var/log/patroni/patroni.log"',
      },
      {
        cause: 'Patroni has no quorum ("waiting on raft"): too few units run.',
        on: 'client',
        check: 'juju status',
      },
    ],
  },
  {
    id: 'kubectl-container',
    says: [
      'unable to upgrade connection: container not found ("%s")',
      'container %s is not valid for pod %s',
      'cannot exec into a container in a completed pod; current phase is %s',
      'cannot exec in a stopped container',
      'error: unable to upgrade connection: %s',
    ],
    among: new RegExp(`${ofPostgres.source}|\\("(?:database|postgres\\w*|patroni)"\\)|pgo|stanza`, 'iu'),
    source: 'Kubernetes, pkg/kubelet/kubelet_pods.go, RunInContainer',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'A command was to run in a container that does not run at the moment: it is still starting, or has ended. An operator that does so tries again.',
    causes: [
      {
        cause: 'The container of the server ends again and again: its log says why.',
        on: 'client',
        check: 'kubectl get pods; kubectl logs <pod> --all-containers --previous --tail=50',
      },
      { cause: 'It was too early: once the container runs, start the failed job or command again.' },
    ],
  },
];
