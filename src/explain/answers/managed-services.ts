import type { Answer } from '../answer.ts';

const ofReplica = /replica|postgres|rds|cloud ?sql|flexible[- _]?server|master|primary/iu;

/** What the interfaces of managed services refuse; there, the provider makes the standby. */
export const answersAboutManagedServices: readonly Answer[] = [
  {
    id: 'rds-backups-off',
    says: [
      'Automated backups are not enabled for this database instance',
      'DB Backups not supported on a read replica for engine %s',
    ],
    among: ofReplica,
    source: 'Amazon RDS, CreateDBInstanceReadReplica, ModifyDBInstance',
    matters: 5,
    elsewhere: true,
    means:
      'RDS makes a read replica from an automated backup of the source, so the source needs backups, and the replica itself is made with backups off.',
    causes: [
      {
        cause: 'backup_retention_period of the source is 0.',
        on: 'client',
        check:
          'aws rds describe-db-instances --query "DBInstances[].[DBInstanceIdentifier,BackupRetentionPeriod,DBInstanceStatus,ReadReplicaSourceDBInstanceIdentifier]" --output table',
      },
      {
        cause:
          'It is set for the replica of an old engine release, where replicas have no backups: leave it out there (Terraform: no backup_retention_period, or 0).',
      },
    ],
    todo: 'Set the backup retention of the source to 1 day or more, wait until it is "available", and make the replica again.',
  },
  {
    id: 'rds-replica-inherits',
    says: [
      "A parameter group can't be specified during Read Replica creation",
      'Cannot change master user password on an RDS %s Read Replica',
      "ManageMasterUserPassword isn't supported for read replica",
      'it uses physical replication and therefore cannot differ from its parent',
      '"%s": conflicts with replicate_source_db',
    ],
    source: 'Amazon RDS, CreateDBInstanceReadReplica, ModifyDBInstance',
    matters: 5,
    elsewhere: true,
    means:
      'A read replica takes over what its source has (roles and passwords, database name, in the same region parameter group and subnet group), and RDS refuses a request that sets it for the replica.',
    causes: [
      {
        cause:
          'The tool or module sends the setting for the replica, too (password, manage_master_user_password, username, parameter_group_name, db_subnet_group_name).',
        on: 'client',
        check: 'terraform plan',
      },
      {
        cause:
          'A release of the Terraform provider sends it although it is not written there: another release may help.',
      },
    ],
    todo: 'Leave the setting out for the replica and change it on the source. What a replica may have of its own (a parameter group) is set after it was made: aws rds modify-db-instance.',
  },
  {
    id: 'rds-state',
    says: [
      'InvalidDBInstanceState: %s',
      'An error occurred (InvalidDBInstanceState) when calling the %s operation: %s',
      'Database instance is not in available state',
    ],
    source: 'Amazon RDS',
    matters: 4,
    elsewhere: true,
    means:
      'RDS does not do this while the instance is in its present state; the text behind it says which state or condition.',
    causes: [
      {
        cause: 'The source or the replica is being created, modified, backed up or rebooted, or has stopped.',
        on: 'client',
        check:
          'aws rds describe-db-instances --query "DBInstances[].[DBInstanceIdentifier,DBInstanceStatus]" --output table',
      },
      {
        cause:
          'What was asked for is not possible with a replica at all (the text says so): promote it first, or ask the source.',
      },
    ],
  },
  {
    id: 'rds-replication-stopped',
    says: ['Streaming replication has stopped.', 'Streaming replication has been terminated.'],
    among: /\brds\b|aws|cloud ?sql|read replica/iu,
    source: 'Amazon RDS, events of read replicas',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'RDS reports that the replica does not stream any more. Its own log (postgresql.log, in the console or by the command) says why.',
    causes: [
      {
        cause:
          'The source removed WAL that the replica still needed (a long pause, a small max_slot_wal_keep_size or wal_keep_size): the replica takes it from the archive or must be made again.',
        on: 'client',
        check:
          'aws rds describe-events --source-type db-instance --source-identifier <replica> --duration 1440; aws rds download-db-log-file-portion --db-instance-identifier <replica> --log-file-name error/postgresql.log --output text',
      },
      {
        cause: 'Storage is full on one of the two, or replication was stopped for more than 30 days.',
      },
    ],
  },
  {
    id: 'cloud-sql-backups-off',
    says: ['Cannot create replica because the master instance does not have backups enabled'],
    source: 'Google Cloud SQL Admin API, instances.insert',
    matters: 5,
    elsewhere: true,
    means:
      'Cloud SQL makes a replica only of an instance that has automated backups and point-in-time recovery, and this one lacks them.',
    causes: [
      {
        cause: 'They were never switched on for the primary.',
        on: 'client',
        check: 'gcloud sql instances describe <primary> --format="yaml(settings.backupConfiguration)"',
      },
    ],
    todo: 'gcloud sql instances patch <primary> --backup-start-time=03:00 --enable-point-in-time-recovery (it can restart the instance; Terraform: backup_configuration of the primary), then make the replica again.',
  },
  {
    id: 'cloud-sql-refused',
    says: [
      'googleapi: Error %d: The incoming request contained invalid data., invalidRequest',
      'googleapi: Error %d: Invalid request: %s',
      'googleapi: Error 403: The client is not authorized to make this request., notAuthorized',
    ],
    among: /sql|replica|postgres/iu,
    source: 'Google Cloud SQL Admin API, instances.insert',
    matters: 4,
    elsewhere: true,
    means: 'Cloud SQL refuses the request, and says little of why.',
    causes: [
      {
        cause:
          'master_instance_name names no instance of this project that exists and runs, or has the wrong form (403 "not authorized" means that, too).',
        on: 'client',
        check: 'gcloud sql instances list',
      },
      {
        cause:
          'The replica is given what is not for PostgreSQL or not for replicas: replica_configuration with user, password or failover_target (MySQL), a backup configuration, another database_version, a smaller disk.',
        on: 'client',
        check: 'gcloud sql instances describe <primary>',
      },
      { cause: 'The primary has no automated backups or no point-in-time recovery (WAL archiving).' },
    ],
  },
  {
    id: 'azure-replica-refused',
    says: [
      'ReadReplicaAlreadyExistWithGivenName',
      "Cannot create read replica '%s' because a server with that name already exists",
      'could not locate postgres replica server with name %s',
      "Server '%s' is busy with another operation",
    ],
    source: 'Azure Database for PostgreSQL, flexible server',
    matters: 4,
    elsewhere: true,
    means: 'Azure refuses the request for a replica; the text says what is in the way.',
    causes: [
      {
        cause: 'Another operation on the source or on its replicas is under way: Azure makes one replica at a time.',
        on: 'client',
        check: 'az postgres flexible-server list --query "[].[name,state,replicationRole]" -o table',
      },
      {
        cause: 'A replica of that name exists already, from an earlier attempt that the tool does not know of.',
        on: 'client',
        check: 'az postgres flexible-server replica list --name <primary> --resource-group <group> -o table',
      },
    ],
    todo: 'Make replicas one after the other (Terraform: depends_on), and take one that exists into the state (terraform import) instead of making it again.',
  },
  {
    id: 'set-by-superuser-only',
    of: ['permission-denied-set-param'],
    says: [
      'must be superuser to execute ALTER SYSTEM command',
      'must be superuser to set parameter "%s"',
      'permission denied to perform ALTER SYSTEM RESET ALL',
    ],
    source: 'PostgreSQL, src/backend/utils/misc/guc.c',
    matters: 4,
    means:
      'The role may not change this setting: it takes a superuser, or from 15 on a role that was granted it (GRANT SET, ALTER SYSTEM ON PARAMETER).',
    causes: [
      {
        cause:
          'A managed service gives out no superuser: settings are changed in its console (Amazon RDS: parameter group; Cloud SQL: flags; Azure: server parameters).',
      },
      {
        cause: 'On your own server: the statement was not run as a superuser.',
        on: 'server',
        check: 'psql -c "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user"',
      },
    ],
  },
  {
    id: 'neon-endpoint',
    says: [
      'Endpoint ID is not specified',
      'endpoint is not specified. Either please upgrade the postgres client library',
    ],
    source: 'Neon, proxy/src/auth/credentials.rs',
    matters: 5,
    elsewhere: true,
    means:
      'Neon finds the database by the host name that the client sends at the beginning of TLS (SNI), and this client sent none.',
    causes: [
      {
        cause: 'The client library is older than libpq 14, or another driver without SNI.',
        on: 'client',
        check: 'psql --version',
      },
      { cause: 'The connection goes to an address instead of the host name, or through a proxy that ends TLS.' },
    ],
    todo: 'Use the host name and a newer client, or name the endpoint in the connection string: options=endpoint%3D<first part of the host name>. A physical standby of Neon outside is not possible.',
  },
];
