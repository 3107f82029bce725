import { namesPostgres, ofPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** Images and operators; `source` names the file that prints it. */
export const answersAboutContainers: readonly Answer[] = [
  {
    id: 'initdb-of-image',
    says: ['The files belonging to this database system will be owned by user "%s".'],
    source: 'PostgreSQL, src/bin/initdb/initdb.c',
    kind: 'course',
    matters: 2,
    means: 'initdb makes a new, empty database cluster here. For a primary that is right.',
    todo: 'If this server was to become a standby, it is a server of its own now: stop it, move its data directory aside, and fill that with pg_basebackup before the first start. The official image runs initdb whenever it finds the directory empty.',
  },
  {
    id: 'cnpg-not-ready',
    says: [
      'Error while extracting the instance status',
      'Instance Status Extraction Error',
      'could not extract instance status',
      'Waiting for the instances to become active',
      'Setting up primary',
    ],
    source: 'cloudnative-pg, internal/controller, pkg/management',
    kind: 'consequence',
    means:
      'The operator cannot ask the instance for its state: the pod is not ready, or the network does not let the operator reach its port 8000.',
    causes: [
      {
        cause: 'The log of the pod says why PostgreSQL is not up; a NetworkPolicy may block the operator.',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres --tail=50',
      },
    ],
  },
  {
    id: 'selinux-relabel',
    says: ['SELinux relabeling of %s is not allowed: %s', 'SELinux relabeling of %s is not allowed'],
    source: 'opencontainers/selinux, go-selinux/label; Docker, Podman',
    matters: 5,
    means:
      'The container was not started: its volume is mounted with :z or :Z, and the file system of the volume (NFS, CIFS, some CSI drivers) cannot hold SELinux labels.',
    todo: 'Leave out :z and :Z for that volume. On the host, allow containers to use it: setsebool -P virt_use_nfs 1 (for CIFS virt_use_samba 1), or mount it with -o context="system_u:object_r:container_file_t:s0".',
  },
  {
    id: 'compose-unhealthy',
    says: [
      'dependency failed to start: container %s is unhealthy',
      'Container "%s" is unhealthy.',
      'dependency failed to start: container %s exited (%d)',
    ],
    among: new RegExp(
      `${namesPostgres.source}|primary|standby|replica|master|slave|database|(?:\\b|_)db(?:\\b|_)`,
      'iu',
    ),
    source: 'docker/compose, pkg/compose/convergence.go, start.go',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'docker compose waited for a container that others depend on, and its health check failed or it ended. The reason is in the log of that container.',
    causes: [
      {
        cause:
          'Its server does not start, or needs longer than the health check allows (start_period): a first base backup or a recovery takes its time.',
        on: 'client',
        check: 'docker compose ps -a; docker compose logs --tail=50 <service>',
      },
    ],
  },
  {
    id: 'image-password',
    says: ['Database is uninitialized and superuser password is not specified'],
    source: 'docker-library/postgres, docker-entrypoint.sh',
    matters: 5,
    means:
      'The image found an empty data directory and wants to make a new database, for which it needs POSTGRES_PASSWORD.',
    causes: [
      {
        cause: 'POSTGRES_PASSWORD is not set in this container.',
        on: 'client',
        check: 'docker inspect <container> --format "{{.Config.Env}}"',
      },
      {
        cause:
          'It should be a standby, or an existing database: the data directory is empty because pg_basebackup has not run yet, or the volume is mounted at another path (from 18 on the image expects it at /var/lib/postgresql).',
      },
    ],
  },
  {
    id: 'image-initialized',
    says: ['PostgreSQL Database directory appears to contain a database; Skipping initialization'],
    source: 'docker-library/postgres, docker-entrypoint.sh',
    kind: 'consequence',
    matters: 3,
    means:
      'The data directory is not empty, so the image runs neither initdb nor the scripts in /docker-entrypoint-initdb.d, and ignores POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB.',
    todo: 'If a role or database from those scripts is missing, create it by hand (psql in the container), or start with an empty volume if the data is not needed.',
  },
  {
    id: 'image-mount-18',
    says: [
      'there appears to be PostgreSQL data in:',
      'in 18+, these Docker images are configured to store database data in a',
      'error mounting "%s" to rootfs at "/var/lib/postgresql/data": change mount propagation through procfd: %s',
    ],
    source: 'docker-library/postgres, docker-entrypoint.sh (18 and later)',
    matters: 5,
    means:
      'From 18 on the image keeps its data in a directory named after the release below /var/lib/postgresql; the volume is still mounted at /var/lib/postgresql/data.',
    todo: 'Mount the volume at /var/lib/postgresql. Data of an older release needs pg_upgrade or dump and restore.',
  },
  {
    id: 'image-no-scripts',
    says: ['ignoring /docker-entrypoint-initdb.d/*'],
    source: 'docker-library/postgres, docker-entrypoint.sh',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The image created a new data directory and found nothing in /docker-entrypoint-initdb.d: no script was run, so roles and databases that they make are missing.',
    causes: [
      {
        cause: 'The directory or file of the host was mounted from another path, or was not copied into the image.',
        on: 'client',
        check:
          'docker exec <container> ls -la /docker-entrypoint-initdb.d; docker inspect --format "{{json .Mounts}}" <container>',
      },
    ],
    todo: 'Scripts run only while the data directory is created. To run them now, use psql -f; nothing has to be deleted.',
  },
  {
    id: 'image-chowns',
    says: [
      'find %s ! -user postgres -exec chown postgres {} +',
      "find %s ! -user postgres -exec chown postgres '{}' +",
    ],
    source: 'docker-library/postgres, docker-entrypoint.sh',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The entrypoint of the image goes through the whole data directory and gives each file to postgres before it starts the server. With many files or on a slow volume that takes long, at each start.',
    todo: 'Once all belongs to postgres, start the container as that user (--user postgres, user: postgres; in Kubernetes runAsUser): then the image leaves this out.',
  },
  {
    id: 'image-user-switch',
    says: ['error: failed switching to "%s": operation not permitted', 'failed switching to "postgres": %s'],
    among: ofPostgres,
    source: 'tianon/gosu, main.go; docker-library/postgres, docker-entrypoint.sh',
    matters: 5,
    means:
      'gosu was to go on as another user and may not: only root can become another user, and the container runs without the right to do so.',
    causes: [
      {
        cause:
          'A script calls gosu although it already runs as postgres: those in /docker-entrypoint-initdb.d do. Leave out gosu there, and what needs root.',
        on: 'client',
        check: 'docker exec <container> id; grep -rn "gosu\\|su-exec" <directory of the scripts>',
      },
      {
        cause:
          'cap_drop: ALL took SETUID and SETGID from the container: give them back (cap_add), or run it as the user of the image (user: "999:999", with a volume of that owner).',
        on: 'client',
        check: 'docker inspect <container> --format "{{.Config.User}} {{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}"',
      },
    ],
  },
  {
    id: 'volume-not-mounted',
    says: ['MountVolume.SetUp failed for volume "%s"', 'pod has unbound immediate PersistentVolumeClaims'],
    among: namesPostgres,
    source: 'Kubernetes, pkg/volume, pkg/controller/volume/attachdetach',
    matters: 5,
    elsewhere: true,
    means: 'Kubernetes cannot give the pod its volume, so PostgreSQL is not even started.',
    causes: [
      {
        cause: 'Unbound: no volume fits the claim (storage class, size, access mode, zone).',
        on: 'client',
        check: 'kubectl get pvc; kubectl describe pvc <claim>',
      },
      {
        cause: 'The mount itself fails: the event has the error of the storage driver.',
        on: 'client',
        check: 'kubectl describe pod <pod>',
      },
    ],
    todo: 'Do not delete the claim: the data is on it.',
  },
  {
    id: 'volume-waited-for',
    says: ['Unable to attach or mount volumes: unmounted volumes=%s', 'Unable to attach or mount volumes'],
    among: namesPostgres,
    source: 'Kubernetes, pkg/kubelet/volumemanager/volume_manager.go',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The kubelet waited in vain for a volume of this pod, so PostgreSQL is not even started. Why it does not come is in another event: of attaching it (FailedAttachVolume), of mounting it (FailedMount), or of the claim.',
    causes: [
      {
        cause: 'All events of the pod and of its claim, in their order.',
        on: 'client',
        check:
          'kubectl get events --sort-by=.lastTimestamp | grep -E "<pod>|<claim>" | tail -20; kubectl get pvc,volumeattachments',
      },
    ],
    todo: 'Do not delete the claim: the data is on it.',
  },
  {
    id: 'pod-unschedulable',
    says: ['%d/%d nodes are available: %s'],
    among: namesPostgres,
    source: 'Kubernetes, pkg/scheduler/framework/types.go, FitError',
    matters: 4,
    elsewhere: true,
    means:
      'Kubernetes has no node on which this pod may run, so that its server, or the job that makes the copy, has not even started. The text says how many nodes failed for which reason.',
    causes: [
      {
        cause:
          "Insufficient cpu or memory: what the pod requests is more than any node has left. didn't match affinity, selector or anti-affinity, untolerated taint: the rules leave no node, as with one node fewer than instances.",
        on: 'client',
        check: 'kubectl describe pod <pod> | tail; kubectl describe nodes | grep -A6 "Allocated resources"',
      },
      {
        cause: 'volume node affinity conflict: its volume is on a node (or in a zone) where the pod may not run.',
        on: 'client',
        check: 'kubectl get pvc,pv -o wide',
      },
    ],
  },
  {
    id: 'probe-failed',
    says: ['Readiness probe failed: %s'],
    among: new RegExp(`${namesPostgres.source}|:8008\\/(?:readiness|liveness|health|primary|replica)\\b`, 'iu'),
    source: 'Kubernetes, pkg/kubelet/prober/prober.go',
    kind: 'consequence',
    matters: 3,
    means:
      'Kubernetes asked the container whether it is well, and the answer was no. A failed liveness or startup probe restarts the container.',
    causes: [
      {
        cause:
          'The server is starting or recovering for longer than the probe allows, or does not start: its log says which.',
        on: 'client',
        check: 'kubectl logs <pod> --previous --tail=50; kubectl logs <pod> --tail=50',
      },
      {
        cause:
          'With Patroni the probe asks its REST API (port 8008), and 503 means: the server does not run or is not ready yet. On the path of another role (/primary asked of a replica) 503 is the right answer.',
        on: 'client',
        check: 'kubectl exec <pod> -- curl -s http://localhost:8008/; kubectl exec <pod> -- patronictl list',
      },
    ],
    todo: 'If recovery only needs time, raise failureThreshold of the startup probe, or it is interrupted again and again.',
  },
];
