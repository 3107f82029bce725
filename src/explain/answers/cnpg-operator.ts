import type { Answer } from '../answer.ts';

/** What the operator of CloudNativePG and its instance manager say of a running cluster. */
export const answersAboutCnpgOperator: readonly Answer[] = [
  {
    id: 'cnpg-no-credentials',
    says: ['failed to get envs: cache miss'],
    source: 'cloudnative-pg, internal/cmd/manager/walarchive, walrestore; internal/management/cache',
    matters: 5,
    elsewhere: true,
    means:
      'The instance manager has no credentials for the object store in its memory, so no WAL is archived or restored. The store itself was not asked.',
    causes: [
      {
        cause:
          'The secret that the backup section names did not exist, or lacked the key, when the instance was set up.',
        on: 'client',
        check:
          'kubectl get cluster <name> -o yaml | grep -A14 -E "s3Credentials|azureCredentials|googleCredentials"; kubectl get secret <secret> -o jsonpath="{.data}" | tr "," "\\n" | cut -d: -f1',
      },
      {
        cause:
          'The instance was not able to read it (RBAC), or the backup section was removed while archiving went on.',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres | grep -iE "credential|secret|forbidden" | tail',
      },
    ],
    todo: 'Create or correct the secret. If the message goes on, restart the instance (kubectl cnpg restart <cluster> <pod>), or it will not read the secret again.',
  },
  {
    id: 'cnpg-unrecoverable',
    says: [
      'refusing to create the primary instance while the latest generated serial is not zero',
      'refusing to create the master instance while the latest generated serial is not zero',
      'One or more instances were previously created, but no PersistentVolumeClaims (PVCs) exist',
      'Cluster is in an unrecoverable state, needs manual intervention',
      'Cluster is unrecoverable and needs manual intervention',
    ],
    source: 'cloudnative-pg, internal/controller/cluster_create.go',
    matters: 5,
    elsewhere: true,
    means:
      'The cluster had instances before and now has no volume (PersistentVolumeClaim) of any of them. The operator does not put a new, empty primary in their place.',
    causes: [
      {
        cause:
          'The claims were deleted, or never became ready: a first recovery or initdb that failed, a full or unbound volume.',
        on: 'client',
        check: 'kubectl get pvc,pv,pods -l cnpg.io/cluster=<name>; kubectl get events --sort-by=.lastTimestamp | tail',
      },
      { cause: 'A volume is still there as a PersistentVolume (reclaim policy Retain) and can be bound again.' },
    ],
    todo: 'If there was data: keep every volume that is left, and make a new Cluster from the latest backup (bootstrap.recovery). If there never was any: delete this Cluster resource and create it again after the reason of the first failure is gone.',
  },
  {
    id: 'cnpg-status-unreachable',
    says: [
      'Instance Status Extraction Error: HTTP communication issue',
      'The operator was unable to receive the status from all the ready instances',
      'Failed to extract instance status from ready instances. Attempting to requeue...',
    ],
    source: 'cloudnative-pg, internal/controller/cluster_controller.go',
    matters: 5,
    elsewhere: true,
    means:
      'The operator cannot ask the pods of the cluster for their status (port 8000), so it makes no decision: no failover, no new replica, no update. PostgreSQL itself may run well.',
    causes: [
      {
        cause:
          'A NetworkPolicy or the network plugin does not let the namespace of the operator reach port 8000 of the pods.',
        on: 'client',
        check:
          'kubectl get networkpolicy -A; kubectl -n cnpg-system logs deployment/cnpg-controller-manager --tail=50 | grep 8000',
      },
      {
        cause:
          'The certificates that operator and pods check each other with do not fit together ("x509" in the log of the operator).',
      },
      { cause: 'The instance manager in the pod does not run or hangs: its own log says why.' },
    ],
    todo: 'Allow traffic from the namespace of the operator to port 8000 (status) and 5432 of the pods of the cluster.',
  },
  {
    id: 'cnpg-waiting-receivers',
    says: [
      'Waiting for all WAL receivers to be down to elect a new primary',
      'Waiting for the all WAL receivers to be down to elect a new primary',
      'wal receivers are still running',
    ],
    source: 'cloudnative-pg, internal/controller/replicas.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The operator wants to promote another instance, and the standbys still receive WAL from the old primary: it waits until that has ended, so that nothing is lost.',
    causes: [
      {
        cause:
          'The old primary is shutting down and waits for its clients (connection pools): up to smartShutdownTimeout, 180 seconds by default.',
        on: 'client',
        check: 'kubectl get cluster <name> -o jsonpath="{.spec.smartShutdownTimeout} {.spec.stopDelay}"',
      },
      { cause: 'The old primary runs and only its probe or its node fails: see its pod and the node.' },
    ],
    todo: 'If failovers take too long because of idle clients, lower smartShutdownTimeout.',
  },
  {
    id: 'cnpg-failover',
    says: [
      "Current primary isn't healthy, initiating a failover",
      "Current primary isn't healthy, waiting for the delay before triggering a failover",
      "Target primary isn't healthy, switching target",
      "Current target primary isn't healthy, failing over",
    ],
    source: 'cloudnative-pg, internal/controller/replicas.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The operator promotes another instance because the primary is not ready. The log of its pod and the events say why, not this line.',
    causes: [
      {
        cause: 'PostgreSQL stopped there (a full volume, memory), the node failed, or a probe timed out.',
        on: 'client',
        check: 'kubectl describe pod <old primary> | tail -20; kubectl logs <old primary> --previous --tail=50',
      },
    ],
  },
  {
    id: 'cnpg-postgres-exited',
    says: [
      'PostgreSQL process exited with errors',
      'Error waiting on the PostgreSQL process',
      'Error waiting on PostgreSQL process',
    ],
    source: 'cloudnative-pg, internal/cmd/manager/instance/run',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'PostgreSQL ended in this pod, and the instance manager ends with it: Kubernetes starts the pod again. The reason is the last FATAL or PANIC record ("logger":"postgres") before this line.',
    causes: [
      {
        cause: 'Show it.',
        on: 'client',
        check: `kubectl logs <pod> --previous | grep -E '"error_severity":"(FATAL|PANIC)"' | tail -5`,
      },
    ],
  },
  {
    of: ['rewind-restore-command-unset'],
    tool: 'cloudnative-pg',
    matters: 5,
    means:
      'The instance manager calls pg_rewind with --restore-target-wal, and the file that holds restore_command in the data directory (override.conf) is empty or has not been written yet. Nothing was rewound.',
    causes: [
      {
        cause: 'A fault of releases before 1.25.1 (and 1.24.3): they did not write that file before pg_rewind.',
        on: 'client',
        check:
          'kubectl get deployment -A -o wide | grep -iE "cnpg|cloudnative"; kubectl exec <pod> -c postgres -- ls -l /var/lib/postgresql/data/pgdata/override.conf',
      },
    ],
    todo: 'Update the operator. To have the standby back at once: kubectl cnpg destroy <cluster> <number of the instance> --keep-pvc. The operator then copies a new one, and the old volume stays.',
  },
  {
    id: 'cnpg-rewind',
    says: [
      'pg_rewind failed, starting the server to complete the crash recovery',
      'Failed to execute pg_rewind',
      'error executing pg_rewind: exit status %d',
    ],
    source: 'cloudnative-pg, internal/management/controller/instance_startup.go; pkg/management/postgres/instance.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'A former primary is to become a standby, and the first pg_rewind failed. The instance manager completes the crash recovery and tries once more: only a second failure matters.',
    causes: [
      { cause: 'The message of pg_rewind before it is the reason (missing WAL, no common ancestor, a full volume).' },
    ],
    todo: 'If it fails again and again: kubectl cnpg destroy <cluster> <number of the instance> --keep-pvc. The operator then makes a new standby, and the old volume stays.',
  },
  {
    id: 'cnpg-server-certificate',
    says: ['Error accessing server TLS Certificate. Retrying with exponential backoff.'],
    source: 'cloudnative-pg, internal/management/controller/instance_startup.go',
    matters: 4,
    elsewhere: true,
    means: 'The instance cannot read the secret with its server certificate, and does not start PostgreSQL without it.',
    causes: [
      {
        cause:
          'The secret named in spec.certificates.serverTLSSecret does not exist in this namespace, or the operator has not made it yet.',
        on: 'client',
        check: 'kubectl get secret; kubectl get cluster <name> -o jsonpath="{.status.certificates}"',
      },
      { cause: 'The ServiceAccount of the cluster may not read it (RBAC), or the pod does not reach the API server.' },
    ],
  },
  {
    id: 'cnpg-tablespace-mount',
    says: ['mountpoint for tablespaces is missing', 'could not create data dir in tablespace mount'],
    tool: 'cloudnative-pg',
    source: 'cloudnative-pg, internal/management/controller/instance_startup.go',
    matters: 4,
    elsewhere: true,
    means: 'The volume of a tablespace in spec.tablespaces is not mounted in this pod, or cannot be written to.',
    causes: [
      {
        cause: 'Its PersistentVolumeClaim is not bound, or the pod was made before the tablespace was added.',
        on: 'client',
        check: 'kubectl get pvc -l cnpg.io/cluster=<name>; kubectl describe pod <pod> | grep -A12 Volumes',
      },
    ],
  },
  {
    id: 'cnpg-wal-restore-course',
    says: [
      'end-of-wal-stream flag found.Exiting with error once to let Postgres try switching to streaming replication',
      'Set end-of-wal-stream flag as one of the WAL files to be prefetched was not found',
      'tried restoring WALs, but no backup was configured',
      'WAL restore command completed (parallel)',
      'Restored WAL file from spool (parallel)',
      'This is an old primary instance, waiting for the switchover to finish',
      'First primary instance bootstrap, marking myself as primary',
      'Waiting for the new primary to notice the promotion request',
    ],
    source: 'cloudnative-pg, internal/cmd/manager/walrestore/cmd.go, internal/management/controller',
    kind: 'course',
    means: 'CloudNativePG is at work. Where a WAL file is not in the object store, the standby goes on with streaming.',
  },
  {
    id: 'cnpg-configuration-differs',
    says: ['Waiting for all Pods to have the same PostgreSQL configuration'],
    source: 'cloudnative-pg, internal/controller/cluster_controller.go',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The settings of the cluster were changed, and not every instance reports yet that it has them: until then the operator makes no other change.',
    causes: [
      {
        cause: 'The pod of one instance is not ready, or its instance manager does not answer.',
        on: 'client',
        check: 'kubectl cnpg status <cluster>; kubectl get pods -l cnpg.io/cluster=<cluster>',
      },
      {
        cause:
          'An instance has the change and cannot apply it: its log says so ("invalid value", a setting that needs a restart).',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres --tail=100 | grep -iE "error|reload|pending"',
      },
    ],
  },
  {
    id: 'cnpg-file-based',
    says: ['Standby (file based)', 'Standby (starting up)'],
    source: 'cloudnative-pg, internal/cmd/plugin/status/status.go, printInstancesStatus',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'This instance does not stream from the primary: pg_stat_replication has no row for it ("file based": it accepts connections and takes WAL from the archive at most; "starting up": it does not accept any yet).',
    causes: [
      {
        cause:
          'Its WAL receiver is refused or finds its WAL gone, often after a failover (another timeline, a removed segment): the log of the instance says which.',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres | grep -E "FATAL|could not|requested" | tail -5',
      },
      {
        cause: 'A network policy or a mesh keeps the pod from port 5432 of the primary.',
        on: 'client',
        check: 'kubectl exec <pod> -c postgres -- pg_isready -h <cluster>-rw',
      },
    ],
    todo: 'If its WAL is gone or its timeline forked: delete the pod and its claim (never those of the primary), and the operator makes a new copy.',
  },
  {
    id: 'cnpg-creates-replica',
    says: ['Creating a new replica', 'Creating replica %s-%d'],
    among: /cnpg|cloudnative|INSTANCES|Primary instance|kubectl|controllerKind/u,
    source: 'cloudnative-pg, api/v1/cluster_types.go, PhaseCreatingReplica',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The operator makes a new replica: a pod whose name ends in "-join" copies the primary. If the cluster stays in this phase, that pod waits or fails, or the operator cannot ask the instances for their state.',
    causes: [
      {
        cause: 'The join pod is Pending (no room, no volume), or its copy fails: its events and its log say which.',
        on: 'client',
        check:
          'kubectl get pods | grep -- -join; kubectl describe pod <join pod> | tail -20; kubectl logs <join pod> --tail=30',
      },
      {
        cause: 'The primary is not up, so there is nothing to copy from.',
        on: 'client',
        check: 'kubectl cnpg status <cluster>',
      },
      {
        cause: 'A NetworkPolicy keeps the operator from port 8000 of the pods.',
        on: 'client',
        check: 'kubectl get networkpolicy -A',
      },
    ],
  },
];
