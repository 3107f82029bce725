import type { Answer } from '../answer.ts';

/** Barman and its cloud commands; `source` names the file that prints it. */
export const answersAboutBarman: readonly Answer[] = [
  {
    id: 'barman-check-failed',
    says: [
      'Impossible to start the backup. Check the log for more details, or run %s',
      'Impossible to start the backup',
    ],
    source: 'barman/server.py',
    kind: 'consequence',
    elsewhere: true,
    means: 'Barman refuses to begin a backup because one of its checks fails.',
    causes: [{ cause: 'The check says which.', on: 'client', check: 'barman check <server>' }],
  },
  {
    id: 'barman-wal-archive',
    says: ['WAL archive: FAILED (please make sure WAL shipping is setup)', 'WAL archive: FAILED'],
    source: 'barman/server.py',
    matters: 4,
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
    id: 'barman-slot-missing',
    says: [
      "replication slot: FAILED (replication slot '%s' doesn't exist. %s)",
      "replication slot '%s' doesn't exist. Please execute '%s'",
    ],
    source: 'barman/server.py, check_replication_slot',
    matters: 5,
    elsewhere: true,
    means:
      'The replication slot {slot} of Barman does not exist on the server that conninfo names, so receive-wal cannot start and no WAL reaches Barman.',
    causes: [
      { cause: 'It was never created: create_slot is not "auto", and receive-wal --create-slot has not been run.' },
      {
        cause:
          'It is gone after a failover, or conninfo leads to a standby, which has slots of its own (then set wal_conninfo and wal_streaming_conninfo, Barman 3.10 and later).',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots" -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'On the Barman host: barman receive-wal --create-slot <server>, barman cron, barman check <server>. After a failover the WAL in between is missing: make a new backup, too.',
  },
  {
    id: 'barman-slot',
    says: [
      "replication slot: FAILED (slot '%s' not initialised: %s)",
      "replication slot: FAILED (slot '%s' not active: %s)",
      'replication slot: FAILED',
      'receive-wal running: FAILED',
    ],
    source: 'barman/server.py, barman/wal_archiver.py',
    matters: 5,
    elsewhere: true,
    means:
      "Barman's replication slot or its receive-wal process is missing, so no WAL reaches Barman. A failed WAL archive check follows from it.",
    causes: [
      {
        cause:
          'receive-wal does not run: barman cron is not scheduled for the user barman, or receive-wal ends with an error.',
        on: 'barman host',
        check: 'barman cron; barman receive-wal <server>',
      },
      {
        cause:
          'The slot was never created, is gone after a failover, or conninfo leads to a standby (then set wal_conninfo and wal_streaming_conninfo, Barman 3.10 and later).',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots" -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'If the slot does not exist: barman receive-wal --create-slot <server>. Then barman cron, and barman check <server>.',
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
        cause: 'The cluster was recreated (or restored) with the same destinationPath and serverName.',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -A8 barmanObjectStore',
      },
    ],
    todo: 'Give the new cluster another serverName or path. Keep the old archive as long as its backups are needed.',
  },
  {
    id: 'barman-receive-wal',
    says: [
      'ArchiverFailure:pg_receivexlog terminated with error code: %d',
      'ArchiverFailure: %s',
      'ArchiverFailure:%s',
    ],
    tool: 'barman',
    source: 'barman/wal_archiver.py',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'receive-wal of Barman ended. The pg_receivewal error before this line is the reason.',
    causes: [
      {
        cause: 'Run it in the foreground to see its messages.',
        on: 'barman host',
        check: 'barman receive-wal <server>',
      },
    ],
  },
  {
    id: 'environment-variable-nul',
    says: ['exec: environment variable contains NUL'],
    source: 'Go, os/exec',
    matters: 5,
    elsewhere: true,
    means: 'A program could not be started: one of its environment variables holds a zero byte.',
    causes: [
      {
        cause: 'A value in a secret (an access key, a password) was encoded wrongly, for example from a UTF-16 file.',
        on: 'client',
        check: 'kubectl get secret <secret> -o jsonpath="{.data}"',
      },
    ],
    todo: 'Create the secret again from plain text (kubectl create secret generic … --from-literal), and restart the pod.',
  },
  {
    id: 'barman-cloud-archive',
    says: [
      'unexpected failure invoking barman-cloud-wal-archive: exit status %d',
      'Error invoking barman-cloud-wal-archive',
      'Error while calling ArchiveWAL, failing',
      'Error invoking barman-cloud-check-wal-archive',
      'barman-cloud-wal-archive: %s',
      'WAL archiving is not working',
    ],
    source: 'cloudnative-pg/barman-cloud, pkg/archiver, pkg/walarchive; barman/clients/cloud_cli.py',
    matters: 4,
    elsewhere: true,
    means:
      'CloudNativePG cannot archive WAL to the object store. The instance keeps its WAL and its volume fills up. Exit status 1: the archive check or the upload failed; 2: cannot connect to the object store or bad credentials; 3: the arguments are wrong; 4: another error, which the log says.',
    causes: [
      {
        cause:
          'In a recovery: before it restores, the new cluster tests the store that it is going to archive to (not the one it restores from). That store needs its own path or serverName, and credentials that may write.',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -B2 -A12 -E "externalClusters|plugins|serverName"',
      },
      {
        cause: 'The line with "logger":"barman-cloud-wal-archive" just before has the error of the object store.',
        on: 'client',
        check: 'kubectl logs <pod> -c postgres | grep -E "barman-cloud|wal-archive" | tail -20',
      },
      {
        cause:
          'The secret with the credentials, endpointURL, destinationPath or the certificate of the store is wrong.',
        on: 'client',
        check: 'kubectl get cluster <name> -o yaml | grep -A12 -E "barmanObjectStore|plugins"',
      },
    ],
  },
  {
    id: 'barman-backup-failed',
    says: [
      'The backup has failed starting backup',
      'Backup failed copying files',
      'Backup failed writing backup label',
      'Backup failed issuing start backup command',
      'Backup failed issuing stop backup command',
    ],
    source: 'barman/backup.py',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The backup in Barman failed at the step that this line names. The DETAILS line or the log of Barman has the reason.',
    causes: [
      {
        cause: 'The last errors in the log.',
        on: 'barman host',
        check: 'grep -E "ERROR|EXCEPTION" /var/log/barman/barman.log | tail -20',
      },
      {
        cause: 'The directory of the backups is full, read-only or belongs to another user.',
        on: 'barman host',
        check: 'df -h; sudo -u barman touch <backup directory>/test',
      },
    ],
  },
  {
    id: 'barman-check-connection',
    says: ['PostgreSQL: FAILED', 'PostgreSQL streaming: FAILED'],
    source: 'barman/server.py',
    matters: 5,
    elsewhere: true,
    means: 'Barman cannot connect to the server: most of the other failed checks follow from that.',
    causes: [
      {
        cause:
          'conninfo or streaming_conninfo is wrong, pg_hba.conf does not let Barman in (the database and "replication"), or ~/.pgpass of the user barman has no matching line.',
        on: 'barman host',
        check: 'sudo -u barman barman check <server>; sudo -u barman cut -d: -f1-4 ~barman/.pgpass',
      },
      {
        cause: 'The log of Barman has the message of the server.',
        on: 'barman host',
        check: 'tail -30 /var/log/barman/barman.log',
      },
    ],
  },
  {
    id: 'barman-receive-wal-runs',
    says: [
      'Another receive-wal process is already running for server %s',
      'Another archive-wal process is already running on server %s',
    ],
    source: 'barman/server.py, receive_wal and archive_wal',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means:
      'receive-wal or archive-wal of Barman runs already for this server (barman cron starts both). This is not an error.',
  },
  {
    id: 'barman-unknown-server',
    says: ["Unknown server '%s'"],
    tool: 'barman',
    source: 'barman/cli.py, get_server',
    matters: 5,
    elsewhere: true,
    means:
      'Barman has no server of this name. If restore_command of a standby or of repmgr asked for it, it gets no WAL from Barman and has only what its primary still keeps.',
    causes: [
      {
        cause:
          'The name in the command (or barman_server in repmgr.conf) must be that of a section [<name>] in the configuration of Barman. It is not a host name.',
        on: 'Barman host',
        check: 'barman list-servers',
      },
      {
        cause:
          'The section is in a file that Barman does not read: configuration_files_directory, name not ending in .conf.',
      },
    ],
    todo: 'Correct the name where it is used. For a standby that means restore_command, then a reload.',
  },
  {
    id: 'barman-get-wal',
    says: ["WAL file '%s' not found in server '%s'", "Remote 'barman get-wal' command has failed!"],
    source: 'barman/server.py (get_wal); barman/clients/walrestore.py',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'restore_command asked Barman for a file that it does not have. At the end of the archived WAL and for .history files that is normal.',
    causes: [
      {
        cause:
          'If recovery stops here: the segment was never archived, or Barman refused the request: the line before says so.',
        on: 'Barman host',
        check: 'barman check <server>; barman status <server>',
      },
    ],
  },
  {
    id: 'barman-ssh',
    says: ['Error executing ssh: %s'],
    source: 'barman/clients/walarchive.py, walrestore.py',
    matters: 4,
    elsewhere: true,
    means: 'barman-wal-archive or barman-wal-restore could not run its command on the Barman host through ssh.',
    causes: [
      {
        cause:
          'The key of postgres is not accepted by barman there, the host key is unknown, or there is no ssh in this image.',
        on: 'primary',
        check: 'sudo -u postgres ssh -o BatchMode=yes barman@<barman host> true',
      },
      {
        cause:
          '"Broken pipe": the command on the other side ended at once: barman is not in the PATH there, or does not know the server.',
        on: 'primary',
        check: 'sudo -u postgres barman-wal-archive --test <barman host> <server> DUMMY',
      },
    ],
  },
];
