import type { Answer } from '../answer.ts';

const ofPostgres = /postgres|pgsql|\bpg_|pgdata|pgbackrest|patroni|barman|repmgr|archive_command|restore_command/iu;
const ofWal = /\b[0-9A-F]{24}\b|\b[0-9A-F]{8}\.history|pg_wal|pg_xlog|wal|archive/u;

/** What the programs around PostgreSQL say; `source` names the file that prints it. */
export const answersAboutTools: readonly Answer[] = [
  {
    id: 'patroni-bootstrap-failed',
    says: [
      "failed to bootstrap from leader '%s'",
      'Error when fetching backup: pg_basebackup exited with code=%d',
      'Error creating replica using method %s: %s exited with code=%d',
      "trying to bootstrap from leader '%s'",
      'pg_basebackup exited with code=%d',
      'failed to bootstrap from leader',
    ],
    source: 'patroni/postgresql/bootstrap.py, ha.py',
    standing: 'consequence',
    matters: 4,
    means:
      'Patroni could not make a replica of the leader: pg_basebackup (or the configured method) failed. Its own message, right before these lines, is the reason.',
    causes: [
      {
        cause:
          'pg_hba.conf of the leader has no replication line for this node, or the replication password differs (postgresql.authentication.replication; pg_hba in the dynamic configuration).',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager | grep -iE "pg_basebackup|FATAL"',
      },
      {
        cause: 'The leader has published no address, or cannot be reached at it (no pg_basebackup message at all).',
        on: 'standby',
        check: 'patronictl list',
      },
      {
        cause: 'The disk of the replica is full, or the data directory is not writable.',
        on: 'standby',
        check: 'df -h',
      },
    ],
  },
  {
    id: 'patroni-waiting-leader',
    says: ['waiting for leader to bootstrap'],
    source: 'patroni/ha.py',
    means:
      'Patroni found the cluster marked as initialized in the DCS (etcd, Consul, Kubernetes) and no leader: it waits, and this node may not start a new cluster.',
    causes: [
      {
        cause: 'An earlier bootstrap failed or the data was removed, and the "initialize" key stayed in the DCS.',
        on: 'standby',
        check: 'patronictl list',
      },
      { cause: 'The node that has the data is down: start it first.' },
    ],
    todo: 'Only if no node has data that is needed: patronictl remove <cluster name> , then start the nodes.',
  },
  {
    id: 'patroni-system-id',
    says: ['system ID mismatch, node %s belongs to a different cluster: %s != %s', 'system ID mismatch, node'],
    source: 'patroni/ha.py',
    matters: 5,
    means:
      "This node's data directory belongs to another cluster than the one in the DCS: the system identifiers differ, and Patroni stops.",
    causes: [
      {
        cause:
          'The directory was made by initdb (by the package, or by an earlier attempt) instead of being a copy of the leader.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "system identifier"',
      },
      { cause: 'The DCS still has the key of an earlier cluster of the same name (scope).' },
    ],
    todo: 'A replica: stop Patroni there, move its data directory aside, start Patroni: it makes a new copy.',
  },
  {
    id: 'patroni-dcs',
    says: [
      'demoting self because DCS is not accessible and I was a leader',
      'demoted self because DCS is not accessible and I was a leader',
      'DCS is not accessible',
      'Failed to get list of machines from',
      'Failed to update leader key in DCS',
      'failed to acquire initialize lock',
    ],
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
    id: 'patroni-not-healthy',
    says: [
      'following a different leader because i am not the healthiest node',
      'Could not take out TTL lock',
      'not healthy enough for leader race',
    ],
    source: 'patroni/ha.py',
    standing: 'consequence',
    means:
      'Patroni did not make this node the leader: another one has the lock, or this one is behind by more than maximum_lag_on_failover.',
    causes: [{ cause: 'See which node leads, and how far each is behind.', on: 'standby', check: 'patronictl list' }],
  },
  {
    id: 'patroni-rewind',
    says: [
      'Failed to rewind from healthy primary: %s',
      'Failed to rewind from healthy master: %s',
      'pg_rewind failed',
      'leader has not run a checkpoint yet',
    ],
    source: 'patroni/postgresql/rewind.py',
    means: 'Patroni could not rewind this former primary to follow the new one. It stays out until it is copied again.',
    causes: [
      {
        cause:
          "pg_rewind's own message in the lines before: no WAL back to the fork, neither wal_log_hints nor checksums, a missing right of the rewind role.",
        on: 'standby',
        check: 'patronictl list',
      },
    ],
    todo: 'patronictl reinit <cluster name> <member> makes a new copy (the old data directory of that member is lost).',
  },
  {
    id: 'repmgr-not-standby',
    says: ['this node should be a standby (%s)', 'this node should be a standby'],
    source: 'repmgr-action-standby.c',
    means: 'repmgr wanted to register a standby, and this server runs as a primary.',
    causes: [
      {
        cause:
          'The server was started without standby.signal (before 12: recovery.conf), or it is an initdb cluster and not the clone: a package may have started its own data directory.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SHOW data_directory"',
      },
      {
        cause: 'conninfo in repmgr.conf leads to the primary instead of to this node.',
        on: 'standby',
        check: 'grep conninfo /etc/repmgr*.conf',
      },
    ],
  },
  {
    id: 'repmgr-target-exists',
    says: ['target data directory appears to be a PostgreSQL data directory'],
    source: 'repmgr-action-standby.c',
    matters: 5,
    means: 'repmgr standby clone does not write into a directory that holds a data directory already.',
    causes: [
      {
        cause: 'An earlier clone, or the cluster that the package created.',
        on: 'standby',
        check: 'ls -la <data directory>',
      },
    ],
    todo: 'Make sure that no server runs on it and that nothing in it is needed, move it aside, and run the clone again. -F overwrites it.',
  },
  {
    id: 'repmgr-upstream',
    says: [
      'unable to connect to upstream node "%s" (ID: %d)',
      'unable to connect to upstream node: %s',
      'no record found for upstream node (ID: %d)',
      'no record found for upstream node',
      'unable to connect to node "%s" (ID: %d)',
      'connection to database failed',
      'could not find a valid primary',
      'unable to connect to local node',
    ],
    source: 'repmgrd-physical.c, repmgr-action-standby.c',
    standing: 'consequence',
    matters: 4,
    means: 'repmgr cannot reach the other node with the conninfo that is registered for it.',
    causes: [
      {
        cause: 'The node is down, or not reachable from here.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause:
          'pg_hba.conf there does not let the repmgr role in (database repmgr and replication), or its password is missing in ~/.pgpass of this user.',
      },
      { cause: 'The upstream was never registered: repmgr primary register comes first.' },
    ],
  },
  {
    id: 'pgbackrest-archive-timeout',
    says: [
      'WAL segment %s was not archived before the %dms timeout',
      'unable to push WAL file %s to the archive asynchronously after %d second(s)',
      '[082]: %s',
    ],
    source: 'pgBackRest, command/archive/common.c (082 is ArchiveTimeoutError)',
    matters: 5,
    elsewhere: true,
    means: 'pgBackRest waited for a WAL segment to be archived, and it did not come: archive_command does not work.',
    causes: [
      {
        cause:
          'archive_command is not pgbackrest … archive-push, or the server was not reloaded (archive_mode: not restarted).',
        on: 'primary',
        check:
          'psql -c "SHOW archive_mode" -c "SHOW archive_command" -c "SELECT last_failed_wal, failed_count FROM pg_stat_archiver"',
      },
      {
        cause: 'The repository cannot be reached or written by the user of the server.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> check',
      },
    ],
  },
  {
    id: 'pgbackrest-repository',
    says: [
      'unable to find a valid repository',
      "unable to load info file '%s' or '%s'",
      'archive.info does not exist but is required to push/get WAL segments',
      '[103]: %s',
      'HINT: has a stanza-create been performed?',
    ],
    source: 'pgBackRest, command/archive/push/push.c, info/info.c (103 is RepoInvalidError)',
    matters: 5,
    elsewhere: true,
    means: 'pgBackRest finds no usable repository for this stanza.',
    causes: [
      {
        cause: 'The stanza was not created, or repo1-path differs between the hosts.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info',
      },
      {
        cause:
          'ArchiveMismatchError: the repository belongs to another cluster or release (after initdb or pg_upgrade): stanza-upgrade for a real upgrade, another path otherwise.',
      },
    ],
    todo: 'pgbackrest --stanza=<stanza> stanza-create , then check.',
  },
  {
    id: 'pgbackrest-mismatch',
    says: [
      'PostgreSQL version %s, system-id %s do not match stanza version %s, system-id %s',
      'backup and archive info files exist but do not match the database',
      '[044]: %s',
      '[028]: %s',
      '[051]: %s',
    ],
    source: 'pgBackRest, command/archive/push/push.c, command/stanza/common.c',
    matters: 5,
    elsewhere: true,
    means: 'The stanza of pgBackRest was made for another cluster or release than the server that uses it now.',
    causes: [
      {
        cause: 'The cluster was upgraded or made anew, or pg1-path points to another cluster.',
        on: 'primary',
        check: 'psql -c "SELECT system_identifier FROM pg_control_system()"; pgbackrest info',
      },
    ],
    todo: 'After a major upgrade: pgbackrest --stanza=<stanza> stanza-upgrade. For a new cluster: a new stanza.',
  },
  {
    id: 'pgbackrest-restore-not-empty',
    says: [
      "unable to restore to path '%s' because it contains files",
      '[040]: %s',
      'unable to restore while PostgreSQL is running',
    ],
    source: 'pgBackRest, command/restore/restore.c (040 is PathNotEmptyError, 038 PgRunningError)',
    matters: 5,
    elsewhere: true,
    means: 'pgBackRest does not restore into a directory that has files in it (or while the server runs).',
    todo: 'Stop the server and move the directory aside, or use --delta to bring it to the state of the backup (what differs is overwritten).',
  },
  {
    id: 'pgbackrest-lock',
    says: ["unable to acquire lock on file '%s'", '[050]: %s'],
    source: 'pgBackRest, common/lock.c (050 is LockAcquireError)',
    elsewhere: true,
    means: 'Another pgBackRest command of this stanza is running, or the lock path is not writable.',
    causes: [
      { cause: 'A backup or an asynchronous push is at work.', on: 'primary', check: 'ps aux | grep "[p]gbackrest"' },
    ],
  },
  {
    id: 'pgbackrest-host',
    says: [
      'unable to find primary cluster - cannot proceed',
      '[056]: %s',
      'remote-0 process on %s terminated unexpectedly',
    ],
    source: 'pgBackRest, db/helper.c (056 is DbConnectError)',
    elsewhere: true,
    means: 'pgBackRest cannot connect to the server that it is to back up.',
    causes: [
      {
        cause: 'The server is down, pg1-path, pg1-port or pg1-socket-path differ from its own, or ssh to it fails.',
        on: 'primary',
        check: 'psql -c "SHOW data_directory" -c "SHOW port"',
      },
    ],
  },
  {
    id: 'barman-check-failed',
    says: [
      'Impossible to start the backup. Check the log for more details, or run %s',
      'Impossible to start the backup',
    ],
    source: 'barman/server.py',
    standing: 'consequence',
    elsewhere: true,
    means: 'Barman refuses to begin a backup because one of its checks fails.',
    causes: [{ cause: 'The check says which.', on: 'client', check: 'barman check <server>' }],
  },
  {
    id: 'barman-wal-archive',
    says: ['WAL archive: FAILED (please make sure WAL shipping is setup)', 'WAL archive: FAILED'],
    source: 'barman/server.py',
    matters: 5,
    elsewhere: true,
    means: 'Barman has not received a complete WAL segment of this server yet.',
    causes: [
      {
        cause: 'The server is new or idle: switch a segment.',
        on: 'client',
        check: 'barman switch-wal --force --archive <server>',
      },
      {
        cause: 'WAL shipping does not work: archive_command, or receive-wal (streaming_archiver) with its slot.',
        on: 'primary',
        check: 'psql -c "SELECT * FROM pg_stat_archiver" -c "SELECT slot_name, active FROM pg_replication_slots"',
      },
    ],
  },
  {
    id: 'barman-slot',
    says: [
      "replication slot: FAILED (replication slot '%s' doesn't exist. %s)",
      'replication slot: FAILED',
      'receive-wal running: FAILED',
      "replication slot: FAILED (slot '%s' not initialised: %s)",
    ],
    source: 'barman/server.py',
    matters: 5,
    elsewhere: true,
    means: "Barman's replication slot or its receive-wal process is missing.",
    causes: [
      {
        cause: 'The slot was not created (or is gone after a failover), or barman cron does not run.',
        on: 'client',
        check: 'barman receive-wal --create-slot <server>; barman cron',
      },
    ],
  },
  {
    id: 'wal-archive-not-empty',
    says: ['WAL archive check failed for server %s: Expected empty archive', 'Expected empty archive'],
    source: 'barman cloud, barman/cloud.py; CloudNativePG',
    matters: 5,
    elsewhere: true,
    means:
      'The archive in the object store already has WAL of another cluster under the same path, and a new cluster must not mix its WAL with it.',
    causes: [
      {
        cause: 'The cluster was made anew (or restored) with the same destinationPath and serverName.',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -A8 barmanObjectStore',
      },
    ],
    todo: 'Give the new cluster another serverName or path. Keep the old archive as long as its backups are needed.',
  },
  {
    id: 'wal-g',
    says: [
      "Archive '%s' does not exist",
      "Archive '%s' does not exist.",
      'No backups found',
      'Failed to fetch backup: %s',
    ],
    source: 'wal-g, internal/ (ArchiveNonExistenceError)',
    standing: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'WAL-G did not find a file in the archive. At the end of recovery and for .history files that is normal.',
    causes: [
      {
        cause:
          'If recovery stops here: the prefix (WALG_S3_PREFIX and the like) or credentials differ from those of the archiving server, or the segment was never pushed.',
        on: 'standby',
        check: 'wal-g wal-show',
      },
    ],
  },
  {
    id: 'pg-auto-failover',
    says: [
      'Failed to connect to the monitor',
      'Failed to register node %s:%d',
      'The monitor does not have any node in this group',
      'Monitor assigned new state "%s"',
      'Failed to ensure empty tablespaces',
    ],
    source: 'pg_auto_failover, src/bin/pg_autoctl/',
    means: 'pg_autoctl cannot work with its monitor.',
    causes: [
      {
        cause: 'The monitor is down, its address is wrong, or pg_hba.conf there does not let autoctl_node in.',
        on: 'standby',
        check: 'pg_autoctl show state; pg_autoctl show uri',
      },
    ],
  },
  {
    id: 'pgbouncer-replication',
    says: [
      'unsupported startup parameter: replication',
      'no such database: replication',
      'unsupported startup parameter in options: %s',
      'unsupported startup parameter: %s',
    ],
    source: 'pgbouncer, src/client.c',
    matters: 5,
    means:
      'The connection reached PgBouncer, and it does not pass this on. Before 1.23 it does not know replication connections; other startup parameters (extra_float_digits, options) must be in ignore_startup_parameters.',
    causes: [
      {
        cause: 'Host and port lead to the pooler (often 6432) instead of to the server.',
        on: 'client',
        check: 'psql -h <host> -p 6432 -U <role> pgbouncer -c "SHOW VERSION"',
        rule: 'network/pooler',
      },
    ],
    todo: 'For pg_basebackup and standbys: connect to the server itself (port 5432).',
  },
  {
    id: 'pgbouncer-down',
    says: [
      'server login has been failing, try again later (server_login_retry)',
      'server login failed: %s',
      'query_wait_timeout',
      'client_login_timeout (server down)',
      'pgbouncer cannot connect to server',
    ],
    source: 'pgbouncer, src/janitor.c, src/server.c',
    standing: 'consequence',
    matters: 4,
    means: 'PgBouncer is up, and cannot log in to the server behind it. Its own log has the reason of the server.',
    causes: [
      {
        cause:
          'The server is down, the address in [databases] is wrong, or the password or pg_hba.conf does not let the pooler in.',
        on: 'client',
        check: 'psql -p 6432 pgbouncer -c "SHOW SERVERS" -c "SHOW DATABASES"',
      },
    ],
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
          'It was to be a standby, or an existing database: the data directory is empty because pg_basebackup has not run yet, or the volume is mounted at another path (from 18 on the image expects it at /var/lib/postgresql).',
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
  {
    id: 'command-not-found',
    says: [
      'pg_basebackup: command not found',
      'pg_ctl: command not found',
      'pg_rewind: command not found',
      'pg_ctlcluster: command not found',
      'initdb: command not found',
      'pg_basebackup: not found',
    ],
    matters: 5,
    means: 'The program is not in the PATH of this user. Packages put it into a directory of its release.',
    causes: [
      {
        cause:
          'Debian: /usr/lib/postgresql/<release>/bin; Red Hat: /usr/pgsql-<release>/bin; or the package is not installed.',
        on: 'standby',
        check: 'ls /usr/lib/postgresql/*/bin /usr/pgsql-*/bin',
      },
    ],
  },
  {
    id: 'copy-missing',
    among: ofWal,
    says: [
      "cp: cannot stat '%s': No such file or directory",
      'cp: cannot stat ‘%s’: No such file or directory',
      'cp: %s: No such file or directory',
      'scp: %s: No such file or directory',
    ],
    standing: 'consequence',
    matters: 2,
    means:
      'restore_command looked for a file that is not in the archive. At the end of the archived WAL and for a .history file of a next timeline that is normal.',
    causes: [
      {
        cause: 'If recovery does not go on after it: the segment is missing in the archive, or the path is wrong.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
      },
    ],
  },
  {
    id: 'copy-denied',
    among: ofWal,
    says: [
      "cp: cannot create regular file '%s': Permission denied",
      'cp: cannot create regular file ‘%s’: Permission denied',
      "cp: cannot create regular file '%s': No such file or directory",
      "cp: cannot open '%s' for reading: Permission denied",
      'rsync: [%s] %s failed: Permission denied (13)',
    ],
    matters: 5,
    means: 'The archive or restore command cannot write or read there: it runs as the user of the server.',
    causes: [
      {
        cause: 'The directory does not exist, belongs to another user, or is not mounted.',
        on: 'primary',
        check: 'sudo -u postgres ls -ld "$(dirname {value})"',
      },
    ],
    todo: 'Create the directory and give it to postgres; the server tries again by itself.',
  },
  {
    id: 'copy-full',
    among: ofWal,
    says: [
      "cp: error writing '%s': No space left on device",
      "cp: failed to extend '%s': No space left on device",
      'cp: error writing %s: No space left on device',
    ],
    matters: 5,
    means: 'The archive is full. The server keeps its WAL until archiving works again, so that pg_wal grows.',
    todo: 'Make room in the archive (remove backups and WAL with the tool that made them), not in pg_wal.',
    causes: [{ cause: 'Old WAL is never removed from the archive.', on: 'primary', check: 'df -h' }],
  },
  {
    id: 'host-key',
    among: ofPostgres,
    says: ['Host key verification failed', 'Permission denied (publickey', 'Permission denied, please try again'],
    matters: 4,
    means:
      'ssh (of an archive or restore command, Barman, pgBackRest or repmgr) cannot log in: the commands run as the user of the server, without a terminal.',
    causes: [
      {
        cause: 'The key or known_hosts entry of that user is missing.',
        on: 'primary',
        check: 'sudo -u postgres ssh -o BatchMode=yes <host> true',
      },
    ],
  },
  {
    id: 'password-prompt',
    says: ['Password:', 'Password for user %s:'],
    standing: 'consequence',
    matters: 4,
    means: 'The program asks for a password and waits. In a script, a service or a container nobody answers.',
    causes: [
      {
        cause: 'No password file entry matches (database column: replication or *), and PGPASSWORD is not set.',
        on: 'client',
        check: 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass',
      },
    ],
    todo: 'Put the password into ~/.pgpass of the user that runs the program (mode 0600), and add -w so that it never asks.',
  },
  {
    id: 'service-failed',
    among: ofPostgres,
    says: [
      'Job for %s.service failed because the control process exited with error code',
      'Failed to start PostgreSQL',
      'Failed with result %s',
      'Main process exited, code=exited, status=%s',
      'The PostgreSQL server failed to start. Please check the log output',
      'Error: /usr/lib/postgresql/%s/bin/pg_ctl %s exited with status %d',
      'Process exited with status %d',
    ],
    standing: 'consequence',
    matters: 4,
    means: 'The service manager only says that the server did not start. The reason is in the log of the server.',
    causes: [
      { cause: 'Show its last lines.', on: 'standby', check: 'journalctl -u "postgresql*" -n 50 --no-pager' },
      {
        cause: 'With logging_collector they are in a file.',
        on: 'standby',
        check: 'tail -50 "$(ls -t /var/log/postgresql/* /var/lib/pgsql/*/data/log/* 2>/dev/null | head -1)"',
      },
    ],
  },
  {
    id: 'container-exited',
    among: ofPostgres,
    says: ['Back-off restarting failed container', 'CrashLoopBackOff'],
    standing: 'consequence',
    matters: 2,
    means: 'The container ended and is started again. Its own log has the reason.',
    causes: [
      { cause: 'Show the log of the run before.', on: 'client', check: 'docker logs --tail 50 <container>' },
      { cause: 'In Kubernetes:', on: 'client', check: 'kubectl logs <pod> --previous --tail=50' },
    ],
  },
  {
    id: 'oom-killed',
    says: [
      'Out of memory: Killed process %d (postgres)',
      'Out of memory: Kill process %d (postgres)',
      'OOMKilled',
      'Memory cgroup out of memory: Killed process %d (postgres)',
    ],
    source: 'Linux, mm/oom_kill.c',
    matters: 5,
    means: 'The kernel ended a PostgreSQL process because memory ran out.',
    todo: 'Lower shared_buffers, work_mem or max_connections, raise the limit of the container, or set vm.overcommit_memory = 2 on the machine.',
  },
];
