import type { Answer } from '../answer.ts';

const image = /[Bb]itnami|postgresql-repmgr|==>|POSTGRESQL_|REPMGR_/u;

/** The scripts of the Bitnami images. */
export const answersAboutBitnami: readonly Answer[] = [
  {
    id: 'bitnami-exited',
    says: ['%s exited with code %d'],
    tool: 'bitnami',
    source: 'bitnami/containers, postgresql and postgresql-repmgr, libpostgresql.sh (postgresql_start_bg)',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The container ended. While it sets itself up, this image starts PostgreSQL in the background and does not show what the server says: the reason is hidden.',
    causes: [
      {
        cause:
          'Show it: set BITNAMI_DEBUG=true (in the chart image.debug=true), start again and read the lines of the server.',
        on: 'client',
        check: 'docker logs --tail 100 <container>',
      },
      { cause: 'The volume has data of an earlier attempt or of another release, or does not belong to user 1001.' },
    ],
  },
  {
    of: ['bitnami-replication'],
    beside: /^[^\S\n]*-\s+(?:POSTGRESQL_MASTER_HOST|REPMGR_PRIMARY_HOST)=["'][^"'\n]+["']\s*$/mu,
    kind: 'consequence',
    matters: 4,
    means:
      'This container is to become a standby and waits for its primary, whose name here has quotes in it: in a list of a compose file, quotes within an item belong to the value.',
    causes: [
      {
        cause:
          "It looks for a host whose name begins with a quote. Write - NAME=value without them, or quote the whole item: - 'NAME=value'.",
        on: 'client',
        check: 'docker compose config | grep -E "_HOST"',
      },
    ],
  },
  {
    id: 'bitnami-replication',
    of: ['bitnami-replication'],
    says: [
      'Slave replication failed after trying for %d seconds',
      'PostgreSQL master is not ready after %d seconds',
      'Backup command failed. Sleeping and trying again',
      'Waiting for replication master to accept connections (%s timeout)',
      'Waiting for primary node...',
      "Host '%s' is not accessible",
      'Schema %s is still not accessible',
    ],
    among: image,
    source: 'bitnami/containers, libpostgresql.sh (postgresql_slave_init_db), librepmgr.sh (repmgr_wait_primary_node)',
    kind: 'consequence',
    matters: 4,
    means:
      'This container is to become a standby and waits for its primary: it asks again until a timeout, then the container ends and is started again.',
    causes: [
      {
        cause: 'The primary is not up, or its name does not resolve: see its own log first.',
        on: 'client',
        check: 'kubectl logs <primary pod> --tail=50; kubectl get pods,svc',
      },
      {
        cause:
          'The user or password differs. Those in the environment count only for an empty volume: an old volume keeps its roles and passwords.',
        on: 'client',
        check: 'kubectl get pvc; docker volume ls',
      },
      {
        cause: 'The reason is hidden: set BITNAMI_DEBUG=true on this container and look again.',
      },
    ],
  },
  {
    id: 'bitnami-settings',
    says: [
      'Slave replication mode chosen without setting the environment variable %s',
      "Invalid replication mode. Available options are 'master/slave'",
      'The %s environment variable is empty or not set. Set the environment variable ALLOW_EMPTY_PASSWORD=yes',
      'The list of partner nodes cannot be empty. Set the environment variable REPMGR_PARTNER_NODES',
      'The initial primary host is required. Set the environment variable REPMGR_PRIMARY_HOST',
      'The node name does not follow the required format. Valid format',
      'The node name is required. Set the environment variable REPMGR_NODE_NAME',
      'The node id is required. Set the environment variable REPMGR_NODE_ID',
      'The node network name is required. Set the environment variable REPMGR_NODE_NETWORK_NAME',
      'The repmgr credentials are mandatory. Set the environment variables REPMGR_USERNAME and REPMGR_PASSWORD',
      'In order to use a custom PostgreSQL user you need to set the environment variable POSTGRESQL_DATABASE as well',
      'The password cannot be longer than %d characters. Set the environment variable %s with a shorter value',
    ],
    source: 'bitnami/containers, libpostgresql.sh (postgresql_validate), librepmgr.sh (repmgr_validate)',
    matters: 5,
    means:
      'The start script refuses the settings of this container and ends before PostgreSQL is started. The message names the variable.',
    causes: [
      {
        cause:
          'The variable is missing, empty or misspelled in this service, or the secret it comes from has no such key.',
        on: 'client',
        check: 'docker compose config; kubectl get pod <pod> -o yaml | grep -A3 -E "POSTGRESQL_|REPMGR_"',
      },
      {
        cause:
          'Its value is a reference that was not replaced: $(NAME) stays as it is where Kubernetes finds no variable NAME earlier in the same env list. The node id is taken from the number at the end of REPMGR_NODE_NAME.',
      },
    ],
    todo: 'Set it as the message says. ALLOW_EMPTY_PASSWORD=yes is for tests only.',
  },
  {
    id: 'bitnami-two-primaries',
    says: [
      "Conflict of pretending primary role nodes (previously: '%s', now: '%s')",
      "There were more than one primary when getting primary from node '%s'",
    ],
    source: 'bitnami/containers, librepmgr.sh (repmgr_get_upstream_node)',
    matters: 5,
    means:
      'The nodes do not agree on which of them is the primary: there are two, or the metadata of repmgr on one of them is old.',
    causes: [
      {
        cause: 'Two servers are primaries after a failover.',
        on: 'client',
        check: 'kubectl exec <pod> -- psql -U postgres -Atc "SELECT pg_is_in_recovery(), pg_current_wal_lsn()"',
      },
      {
        cause: 'Only the record is wrong: each node shows what it believes.',
        on: 'client',
        check: 'kubectl exec <pod> -- repmgr -f /opt/bitnami/repmgr/conf/repmgr.conf cluster show',
      },
    ],
    todo: 'Keep clients from both until it is clear which has the right data. The other one then becomes a standby again (repmgr node rejoin, or a new clone).',
  },
  {
    id: 'bitnami-rewind',
    says: ['pg_rewind failed, resorting to data cloning'],
    source: 'bitnami/containers, librepmgr.sh (repmgr_rewind)',
    kind: 'consequence',
    matters: 3,
    means:
      'The old primary could not be rewound, so the image copies the whole database again from the current primary. That replaces the data directory of this node.',
    causes: [{ cause: 'What pg_rewind printed before it is the reason (no wal_log_hints or checksums, missing WAL).' }],
  },
  {
    id: 'bitnami-not-ready',
    says: ['PostgreSQL is not ready after %d seconds', 'Lack of permissions on data directory!'],
    among: image,
    source: 'bitnami/containers, libpostgresql.sh (postgresql_start_bg, postgresql_initialize)',
    kind: 'consequence',
    matters: 4,
    means:
      'PostgreSQL in this container does not become ready in the time given. Its own messages are hidden by default.',
    causes: [
      {
        cause: 'The server does not start, or recovers for longer: set BITNAMI_DEBUG=true, or read its log file.',
        on: 'client',
        check: 'docker exec <container> tail -50 /opt/bitnami/postgresql/logs/postgresql.log',
      },
      {
        cause: 'The volume does not belong to the user of the image (1001).',
        on: 'client',
        check: 'ls -ldn <directory of the volume on the host>',
      },
    ],
    todo: 'If recovery only needs time, raise POSTGRESQL_INIT_MAX_TIMEOUT.',
  },
  {
    of: ['guc-config-file-access', 'config-could-not-open'],
    when: /No such file or directory/iu,
    beside: /bitnami/iu,
    matters: 5,
    means:
      'The server was started with {file} as its configuration, and the Bitnami images keep that file elsewhere: in /opt/bitnami/postgresql/conf.',
    causes: [
      {
        cause:
          'pg_ctl was called without the configuration file of the image: by hand, or by repmgr, whose pg_ctl_options or service_start_command must name it.',
        on: 'standby',
        check:
          'grep -nE "pg_ctl_options|service_.*_command" /opt/bitnami/repmgr/conf/repmgr.conf; ls /opt/bitnami/postgresql/conf',
      },
      {
        cause:
          'The volume is mounted over the directory of the configuration, or the container starts as another user.',
      },
    ],
    todo: "By hand: pg_ctl -D /bitnami/postgresql/data -o '--config-file=/opt/bitnami/postgresql/conf/postgresql.conf --hba_file=/opt/bitnami/postgresql/conf/pg_hba.conf' start. Better: restart the container.",
  },
  {
    of: ['not-a-valid-data-dir', 'pgctl-not-cluster-dir'],
    when: /PG_VERSION|not a valid data directory|not a database cluster/iu,
    beside: /\bexistingClaim\b["']?: *["']?[\w-]/u,
    kind: 'cause',
    matters: 5,
    elsewhere: true,
    means:
      'A part of the data directory is missing. This text names an existingClaim: where more than one pod of the chart uses it, they all work in the same directory, and each start of one destroys the files of the others.',
    causes: [
      {
        cause: 'Several pods mount the claim (possible with ReadWriteMany, such as NFS or NAS, or on one node).',
        on: 'client',
        check: 'kubectl describe pvc <claim> | grep -A4 "Used By"; kubectl get pods -o wide',
      },
      {
        cause: 'Only one uses it: then the volume has other content than a data directory, or half a copy.',
        on: 'client',
        check: 'kubectl exec <pod> -- ls -la /bitnami/postgresql/data',
      },
    ],
    todo: 'Stop all pods but the one with the data (scale the StatefulSet to 1, or to 0) and secure the volume before anything else. With several replicas leave existingClaim out: each pod gets a claim of its own from volumeClaimTemplates.',
  },
  {
    id: 'bitnami-half-copied',
    says: ["Error executing 'postInstallation': Path '%s' does not exists", "Path '%s' does not exists"],
    among: image,
    source: 'bitnami/bitnami-docker-postgresql, images of 2017 to 2019 (nami)',
    matters: 5,
    elsewhere: true,
    means:
      'The image found a data directory on the volume and did not find in it a file that every data directory has: an earlier start was interrupted, and what is there is half a copy.',
    causes: [
      {
        cause: 'The liveness probe (or a timeout) ended the container while it still copied the primary.',
        on: 'client',
        check: 'kubectl describe pod <pod> | tail -20',
      },
    ],
    todo: 'For a replica only: give it an empty volume, and a liveness probe whose initialDelaySeconds is longer than the copy takes.',
  },
  {
    id: 'bitnami-persisted',
    says: ['Deploying PostgreSQL with persisted data...', 'Deploying PostgreSQL with persisted data'],
    source: 'bitnami/containers, libpostgresql.sh (postgresql_initialize)',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'The volume already has a data directory, so the image used it as it is and created nothing in it: no database, no role, no password, no script of /docker-entrypoint-initdb.d. It does write pg_hba.conf and the replication settings again.',
    causes: [
      {
        cause:
          'Credentials that were changed in the environment do not apply (POSTGRESQL_PASSWORD, POSTGRESQL_USERNAME, POSTGRESQL_DATABASE, POSTGRESQL_REPLICATION_USER and _PASSWORD): the data directory keeps those of its first start.',
        on: 'primary',
        check: 'psql -U postgres -c "\\du" -c "\\l"',
      },
      {
        cause:
          'A volume of an earlier attempt: a replica that was to be copied again starts with the old data, possibly as a server of its own.',
        on: 'standby',
        check: 'psql -U postgres -c "SELECT pg_is_in_recovery()"; docker volume ls; kubectl get pvc',
      },
    ],
    todo: 'Change a password with ALTER ROLE on the primary (its clients need the new one, too). For a replica that is to be copied again: give it an empty volume. Keep the volume of the primary: it is the database.',
  },
  {
    id: 'bitnami-course',
    says: [
      "Skipping: failed to get primary from the node '%s'!",
      'Skipping: failed to get information about primary nodes!',
      'There are no nodes with primary role. Assuming the primary role...',
      'This node was acting as a primary before restart!',
      'Can not find new primary. Starting PostgreSQL normally...',
      'Querying all partner nodes for common upstream node...',
    ],
    source: 'bitnami/containers, librepmgr.sh',
    kind: 'course',
    means: 'The start script asks the partner nodes which of them is the primary.',
  },
  {
    id: 'bitnami-unregisters-first',
    says: ['node %d (specified with --node-id) not found'],
    among: /Unregistering standby node/u,
    source: 'bitnami/containers, librepmgr.sh (repmgr_initialize); repmgr, repmgr-action-standby.c',
    kind: 'course',
    means:
      'The image unregisters each standby before it registers it, and the first time there is no such node yet. This is not a failure: it only matters whether the registration that follows succeeds.',
    todo: 'Nothing, if "successfully registered" follows.',
  },
];
