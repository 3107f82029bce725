import type { Answer } from '../answer.ts';

/** Images and operators; `source` names the file that prints it. */
export const answersAboutContainers: readonly Answer[] = [
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
    standing: 'consequence',
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
    standing: 'consequence',
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
    ],
    source: 'docker-library/postgres, docker-entrypoint.sh (18 and later)',
    matters: 5,
    means:
      'From 18 on the image keeps its data in a directory named after the release below /var/lib/postgresql; the volume is still mounted at /var/lib/postgresql/data.',
    todo: 'Mount the volume at /var/lib/postgresql. Data of an older release needs pg_upgrade or dump and restore.',
  },
  {
    id: 'bitnami-replication',
    says: [
      'Node configured as a replica but',
      'The POSTGRESQL_REPLICATION_USER',
      'Waiting for replication master to accept connections',
      'Replication master not available',
      "Can't connect to primary",
    ],
    source: 'bitnami/containers, libpostgresql.sh',
    means: 'The Bitnami replica container cannot use its primary: it waits for it, or a variable is missing.',
    causes: [
      {
        cause:
          'POSTGRESQL_MASTER_HOST, POSTGRESQL_MASTER_PORT_NUMBER, POSTGRESQL_REPLICATION_USER or _PASSWORD are missing or differ from the primary.',
        on: 'client',
        check: 'docker inspect <container> --format "{{.Config.Env}}"',
      },
      {
        cause:
          'The primary is not up, or its volume was made with other credentials (they count only on an empty volume).',
      },
    ],
  },
];
