import type { Answer } from '../answer.ts';

/** CloudNativePG; `source` names the file that prints it. What it says of its archive is in barman.ts. */
export const answersAboutCloudNativePg: readonly Answer[] = [
  {
    id: 'cnpg-no-space',
    says: [
      'Detected low-disk space condition, avoid starting the instance',
      'Detected low-disk space condition',
      'Insufficient disk space detected in one or more pods is preventing PostgreSQL from running',
      'Insufficient disk space detected in a pod. PostgreSQL cannot proceed until the PVC group is enlarged',
    ],
    source: 'cloudnative-pg, internal/cmd/manager/instance/run/cmd.go; internal/controller/cluster_controller.go',
    matters: 5,
    elsewhere: true,
    means:
      'The volume for WAL is as good as full, and the operator does not start PostgreSQL until it is larger. Nothing is damaged.',
    causes: [
      {
        cause: 'The primary cannot archive its WAL (object store, credentials), so it keeps it.',
        on: 'client',
        check:
          'kubectl get cluster <name> -o jsonpath="{.status.conditions}"; kubectl logs <pod> --tail=50 | grep -i archive',
      },
      {
        cause: 'A replication slot holds WAL for a standby or subscriber that is gone.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, wal_status, restart_lsn FROM pg_replication_slots"',
      },
      { cause: 'The volume is too small for a burst of writes.' },
    ],
    todo: 'Enlarge the volume (spec.storage.size or spec.walStorage.size; where the storage class cannot, patch or replace the claim), and the instance starts. Then repair the archive or the slot. Delete nothing in pg_wal.',
  },
  {
    id: 'cnpg-no-backup',
    says: ['no target backup found'],
    source: 'cloudnative-pg, pkg/management/postgres/restore.go; barman-cloud, pkg/catalog',
    matters: 5,
    elsewhere: true,
    means:
      'The recovery found no backup in the object store that fits. The backups may be there: under another path or server name.',
    causes: [
      {
        cause:
          'serverName: the backups are in <destinationPath>/<name of the original cluster>, and by default the name of the entry in externalClusters is looked for.',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -A20 externalClusters',
      },
      {
        cause:
          'There is no finished base backup there (WAL alone is not enough), or none from before the recovery target.',
        on: 'client',
        check: 'kubectl get backups; barman-cloud-backup-list <destinationPath> <serverName>',
      },
      { cause: 'destinationPath or endpointURL differs from the one that the backups were written to.' },
    ],
  },
  {
    id: 'cnpg-barman-arguments',
    says: [
      'barman-cloud-restore: error: unrecognized arguments: %s',
      'CLI argument parsing error (exit code 3)',
      'barman-cloud-wal-archive: error: unrecognized arguments: %s',
      'barman-cloud-backup: error: unrecognized arguments: %s',
    ],
    source: 'barman/clients/cloud_cli.py; cloudnative-pg, pkg/management/barman',
    matters: 5,
    elsewhere: true,
    means:
      'The barman-cloud program in the image does not know the arguments that the operator gives it: the two do not fit together.',
    causes: [
      {
        cause: 'An own or third-party PostgreSQL image has another release of Barman than this operator expects.',
        on: 'client',
        check: 'kubectl exec <pod> -c postgres -- barman-cloud-backup --version',
      },
      { cause: 'An additional command argument in the cluster definition is wrong (additionalCommandArgs).' },
    ],
    todo: 'Use an image of the CloudNativePG project, or one with a Barman release that this operator supports.',
  },
  {
    id: 'cnpg-user-id',
    says: ['could not look up effective user ID %d: %s', 'could not look up effective user ID %d: user does not exist'],
    source: 'PostgreSQL, src/common/username.c',
    matters: 5,
    elsewhere: true,
    means:
      'The container runs under a numeric user id that its /etc/passwd does not name, and PostgreSQL programs refuse that.',
    causes: [
      {
        cause:
          'The user id given by the platform or the pod (runAsUser, postgresUID, docker --user) is not the one of postgres in this image.',
        on: 'client',
        check: 'kubectl exec <pod> -- id; kubectl get pod <pod> -o yaml | grep -E "runAsUser|fsGroup"',
      },
    ],
    todo: 'Set the id to that of the image (999 or 70 in the official images, 26 in those of CloudNativePG), or mount a /etc/passwd that names it. The data directory must belong to the same id.',
  },
  {
    id: 'cnpg-bootstrap',
    says: [
      'Error while restoring a backup',
      "Can't restore backup",
      'Error while bootstrapping data directory',
      'error while creating the PostgreSQL instance: %s',
    ],
    among: /logging_pod|cnpg|cloudnative|postgres/iu,
    source: 'cloudnative-pg, internal/cmd/manager/instance/',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The job that makes the first instance of the cluster failed. The field "error" of this line or the lines of initdb, pg_basebackup or barman-cloud-restore before it have the reason.',
    causes: [
      {
        cause: 'See the lines before it.',
        on: 'client',
        check: 'kubectl logs job/<cluster>-1-full-recovery --all-containers --tail=100; kubectl get jobs',
      },
    ],
  },
  {
    id: 'cnpg-set-aside',
    says: [
      'pg_controldata check on existing directory succeeded, renaming the folder',
      'pg_controldata check on existing directory succeeded, renaming the folders',
    ],
    source: 'cloudnative-pg, pkg/management/postgres/initdb.go, CheckTargetDataDirectory',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The volume of this new instance already had a whole data directory. The job renamed it (a time is appended to its name) and goes on with an empty one; nothing was deleted.',
    causes: [
      {
        cause:
          'It is the directory of another instance: two claims lead to the same place (static volumes on one host path or one NFS directory). That other instance then ends with "no such file or directory".',
        on: 'client',
        check:
          'kubectl get pvc -l cnpg.io/cluster=<cluster>; kubectl get pv -o custom-columns=NAME:.metadata.name,PATH:.spec.hostPath.path,LOCAL:.spec.local.path,NFS:.spec.nfs.path,CLAIM:.spec.claimRef.name',
      },
      { cause: 'It was left by an attempt before, or by an instance that was removed: then this is ordinary.' },
    ],
    todo: 'If two instances share a directory: stop at once, give each a volume of its own, and rename the directory back for the instance that it belongs to.',
  },
  {
    id: 'cnpg-course',
    says: ['Waiting for server to be available', 'Recovering from external cluster'],
    among: /logging_pod|cnpg|cloudnative/iu,
    source: 'cloudnative-pg, pkg/management/postgres/',
    kind: 'course',
    means: 'The instance manager of CloudNativePG is at work.',
  },
  {
    id: 'cnpg-wal-restore',
    says: [
      'unexpected failure retrieving "%s" with barman-cloud-wal-restore: %s',
      'failed to run wal-restore command',
      'error while executing barman-cloud-wal-restore',
    ],
    source: 'cloudnative-pg/barman-cloud, pkg/restorer',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The instance could not get a WAL file from the object store, for another reason than that the file is not there.',
    causes: [
      {
        cause:
          'The store cannot be reached or refuses the credentials: the lines with "logger":"barman-cloud-wal-restore" before have its error.',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres | grep -E "wal-restore" | tail -20',
      },
      { cause: 'The Barman release in the image does not fit the operator, or the file in the store is damaged.' },
    ],
  },
  {
    id: 'cnpg-first-wal',
    says: [
      'encountered an error while checking the presence of first needed WAL in the archive: %s',
      'object storage or file not found %s: WAL not found',
    ],
    source: 'cloudnative-pg, pkg/management/postgres/restore.go; plugin-barman-cloud, internal/cnpgi/restore',
    matters: 5,
    elsewhere: true,
    means:
      'The recovery found the base backup and not the first WAL segment that it needs, so it does not even begin. Nothing has been restored.',
    causes: [
      {
        cause:
          'The segment is not archived yet: the backup has just been taken of a quiet server, or archiving went elsewhere or failed while it was taken.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_switch_wal()"; psql -c "SELECT last_archived_wal, last_failed_wal FROM pg_stat_archiver"',
      },
      {
        cause:
          'The WAL is under another path: <destinationPath>/<serverName>/wals. serverName in externalClusters must be the one that it was archived under.',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -A20 externalClusters',
      },
      {
        cause:
          'barman-cloud-wal-restore fails for another reason (credentials, endpoint, compression it does not know).',
      },
    ],
  },
  {
    id: 'cnpg-join',
    says: [
      'source server not available: %s',
      'error in pg_basebackup, %s',
      'Error joining node',
      'DB not available, will retry',
    ],
    among: /logging_pod|cnpg|cloudnative|pg_basebackup/iu,
    source: 'cloudnative-pg, pkg/management/postgres/join.go, internal/cmd/manager/instance/join',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The new instance could not be copied from its source. The field "err" or "error" of the line, or what pg_basebackup printed before it, has the reason.',
    causes: [
      {
        cause:
          'The source cannot be reached or refuses the login (user streaming_replica with its client certificate, or the user of externalClusters).',
        on: 'client',
        check: 'kubectl logs <pod of the join job> --all-containers --tail=50; kubectl get svc',
      },
    ],
  },
  {
    id: 'cnpg-wal-not-found',
    says: ['WAL file not found in the recovery object store', 'WAL file not found'],
    among: /logging_pod|cnpg|cloudnative|barman|wal-restore/iu,
    source: 'cloudnative-pg/barman-cloud, pkg/restorer',
    kind: 'consequence',
    matters: 1,
    elsewhere: true,
    means:
      'The object store does not have this WAL file. At the end of the archived WAL that is normal: a replica then streams from its primary, and asks the store again whenever the stream ends.',
  },
  {
    id: 'cnpg-claim-initializing',
    says: [
      'Selected PVC is not ready yet, waiting for %d second',
      'Selected PVC is not ready yet, waiting for 1 second',
    ],
    source: 'cloudnative-pg, internal/controller/cluster_create.go; the annotation cnpg.io/pvcStatus of the claim',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The operator wants to start an instance on this claim, and the job that fills it (initdb, the join or the recovery) has not marked it as ready.',
    causes: [
      {
        cause: 'The job still runs, or fails: its pod says why.',
        on: 'client',
        check:
          'kubectl get jobs,pods -l cnpg.io/cluster=<cluster>; kubectl logs <pod of the job> --all-containers --tail=50',
      },
      {
        cause:
          'The job was deleted, or ended while the operator was away: the claim then stays marked as "initializing" (cnpg.io/pvcStatus).',
        on: 'client',
        check:
          'kubectl get pvc -l cnpg.io/cluster=<cluster> -o custom-columns=NAME:.metadata.name,STATUS:.metadata.annotations.cnpg\\.io/pvcStatus',
      },
    ],
    todo: 'A new cluster that has no data yet: make it under another name. A replica: kubectl cnpg destroy <cluster> <number of the instance> --keep-pvc, and the operator makes another one.',
  },
];
