import type { Answer } from '../answer.ts';

/** Barman: recoveries, retention, its configuration and its receiver; `source` names the file that prints it. */
export const answersAboutBarmanWork: readonly Answer[] = [
  {
    id: 'barman-slot-in-use',
    says: ["replication slot '%s' is already in use"],
    source: 'Barman, barman/wal_archiver.py, StreamingWalArchiver',
    matters: 5,
    elsewhere: true,
    means:
      'The slot {slot|of Barman} has a reader already, so a second receive-wal cannot use it. Usually that reader is the receive-wal that barman cron has started: then all is well.',
    causes: [
      {
        cause: 'receive-wal of this or of another Barman runs already, or one that hangs.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active_pid, restart_lsn FROM pg_replication_slots" -c "SELECT pid, client_addr, application_name FROM pg_stat_replication"',
      },
    ],
    todo: 'barman check <server>: if "receive-wal running" is OK, leave it. Otherwise barman receive-wal --stop <server> , then barman cron. Two Barman servers need two slots.',
  },
  {
    id: 'barman-recovery-refused',
    says: [
      "Cannot recover from backup '%s' of server '%s': backup status is not DONE",
      "Unknown backup '%s' for server '%s'",
      'Could not find backup_id %s',
      'The requested target time %s is before the backup end time %s',
      'Unable to parse the target time parameter %s: %s',
      'You cannot specify multiple targets for the recovery operation',
      "Can't enable recovery target action when PITR is not required",
      "unable to initialise destination directory '%s': %s",
      "unable to initialise tablespace directory '%s': %s",
      "Unable to connect to the target host using the command '%s'",
      '%s is not a valid timeline keyword',
    ],
    source: 'Barman, barman/cli.py, barman/recovery_executor.py',
    matters: 5,
    elsewhere: true,
    means:
      'Barman cannot recover as asked: the backup, the target or the destination does not fit. What it has copied so far must not be started.',
    causes: [
      {
        cause: 'The backup failed or is not finished, or its name is wrong; the target time must be after its end.',
        on: 'barman host',
        check: 'barman list-backup <server>; barman show-backup <server> latest | grep -E "Status|End time|Timeline"',
      },
      { cause: 'ssh to the destination fails, or its directory cannot be written there.' },
    ],
    todo: 'Choose a backup with status DONE and a target after its end time, and an empty destination.',
  },
  {
    id: 'barman-recovery-copy',
    says: ['Failure copying base backup: %s', 'Failure copying WAL files: %s'],
    source: 'Barman, barman/recovery_executor.py, recover',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The copy of this recovery broke off. What is in the destination is not complete and must not be started. The line of rsync or ssh beside this one has the reason.',
    causes: [
      {
        cause: 'The destination is full, or the connection to it ended.',
        on: 'barman host',
        check: 'ssh postgres@<destination> "df -h <data directory>"; tail -n 40 /var/log/barman/barman.log',
      },
    ],
    todo: 'When its cause is gone, run barman recover again: rsync copies only what is missing.',
  },
  {
    id: 'barman-receiver-position',
    says: [
      'The receive-wal position is ahead of PostgreSQL current WAL lsn (%s > %s)',
      'failed opening the PostgreSQL streaming connection for server %s',
      'Truncating partial file %s that has wrong size %s while %s was expected.',
      '%s version not compatible with PostgreSQL server version',
      '%s not present in $PATH',
    ],
    among: /barman|receive-?(?:wal|xlog)|streaming/iu,
    source: 'Barman, barman/wal_archiver.py, barman/server.py',
    matters: 4,
    elsewhere: true,
    means: 'receive-wal of Barman cannot go on from where it is, or cannot start.',
    causes: [
      {
        cause:
          'The server was restored, or another one answers at that address: Barman has WAL that this one has not written.',
        on: 'barman host',
        check: 'barman show-server <server> | grep -E "systemid|current_lsn|pg_receivexlog|streaming_conninfo"',
      },
      { cause: 'pg_receivewal of the release of the server (or newer) is not in path_prefix.' },
    ],
    todo: 'If the server is the right one and was restored: barman receive-wal --reset <server>, then take a new backup.',
  },
  {
    id: 'barman-configuration-error',
    says: [
      'Missing or invalid ssh_command in barman configuration for server %s',
      'Invalid primary_ssh_command in barman configuration for server %s',
      'Local copy requires ssh_command in barman configuration to be empty for server %s',
      'Parameter "%s" is required in [%s] section.',
      "Ignoring invalid configuration value '%s' for key %s in %s: %s",
      'Cannot connect to postgres: "%s" is not a valid connection string',
      'Barman does not support pg_basebackup compression: %s',
      "Skipping inactive server '%s'",
      "Skipping temporarily disabled server '%s'",
      "Unable to run cron on server '%s', please look in the barman log file for more details.",
    ],
    source: 'Barman, barman/config.py, barman/server.py, barman/backup_executor.py',
    matters: 4,
    elsewhere: true,
    means:
      'The configuration of Barman for this server is not complete or not right, so Barman leaves the server out or stops.',
    causes: [
      {
        cause:
          'rsync needs ssh_command, postgres (pg_basebackup) needs streaming_conninfo; a server is off with active = false or after another error.',
        on: 'barman host',
        check: 'barman show-server <server> | grep -E "active|disabled|msg_list|conninfo|ssh_command"',
      },
    ],
  },
  {
    id: 'barman-retention-keeps',
    says: [
      'Skipping delete of backup %s for server %s due to minimum redundancy requirements',
      'Skipping delete of backup %s for server %s as it has a current keep request.',
      'Keeping obsolete backup %s for server %s (older than %s) due to minimum redundancy requirements',
      'Keeping obsolete backup %s for server %s (older than %s) due to keep status: %s',
      'Retention policy redundancy (%s) is lower than the required minimum redundancy (%s). Enforce %s',
    ],
    source: 'Barman, barman/backup.py, barman/retention_policies.py',
    matters: 3,
    elsewhere: true,
    means: 'Barman does not delete this backup, because the rules say that it must stay. There is nothing to repair.',
    todo: 'Take a newer backup first, or change minimum_redundancy (barman keep --release for a kept one).',
  },
  {
    id: 'barman-incoming',
    says: [
      "empty incoming directory: FAILED ('%s' must be empty when archiver=off)",
      "empty streaming directory: FAILED ('%s' must be empty when streaming_archiver=off)",
    ],
    source: 'barman/server.py',
    matters: 4,
    elsewhere: true,
    means:
      'WAL arrives at Barman by a way that its configuration does not use: archive_command of the server still ships to it while archiver is off (or the receiver while streaming_archiver is off).',
    causes: [
      {
        cause: 'archive_command of the server copies into the incoming directory.',
        on: 'primary',
        check: 'psql -c "SHOW archive_mode" -c "SHOW archive_command"',
      },
      {
        cause: 'Files are left from the time when that way was used.',
        on: 'barman host',
        check:
          'barman show-server <server> | grep -E "archiver|incoming|streaming"; ls -l {file|<directory of the message>} | tail -3',
      },
    ],
    todo: 'Use it: archiver = on in the configuration of this server. Or stop it at the source (archive_mode = off needs a restart of PostgreSQL), and move the files aside once their WAL is archived by the other way.',
  },
  {
    id: 'barman-finalizes',
    says: ['Asking PostgreSQL server to finalize the backup'],
    among: /finalize the backup\.?\s*$/u,
    source: 'barman, backup_executor.py',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'Barman has copied the files and asks the server to end the backup. If nothing follows, the server waits until the last WAL of the backup is archived.',
    causes: [
      {
        cause:
          'The backup is taken from a standby: it ends when the primary has finished the segment. With few writes that takes until it is switched; primary_conninfo in the configuration lets Barman do so (3.1 and later).',
        on: 'primary',
        check: 'psql -c "SELECT pg_switch_wal()"',
      },
      {
        cause: 'Nothing at all is written on the primary: a switch does nothing then. Write something first.',
        on: 'primary',
        check: 'psql -c "SELECT pg_logical_emit_message(true, \'barman\', \'switch\')" -c "SELECT pg_switch_wal()"',
      },
      {
        cause: 'archive_command fails.',
        on: 'primary',
        check: 'psql -c "SELECT archived_count, failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'primary/archive-failing',
      },
    ],
  },
  {
    id: 'barman-too-few-backups',
    says: [
      'minimum redundancy requirements: FAILED (have %s backups, expected at least %s)',
      'minimum redundancy requirements: FAILED (have %s non-incremental backups, expected at least %s)',
      'minimum redundancy requirements: FAILED',
      'backup maximum age: FAILED (interval provided: %s, latest backup age: %s)',
      'backup maximum age: FAILED',
      'backup minimum size: FAILED',
    ],
    source: 'barman/server.py, check_backup_validity, check_configuration',
    matters: 3,
    elsewhere: true,
    means:
      'Barman has fewer or older good backups than minimum_redundancy or last_backup_maximum_age ask for. That is true of every new server until its first backup.',
    causes: [
      {
        cause: 'None was made yet, or the last ones failed.',
        on: 'barman host',
        check: 'barman list-backups <server>; crontab -l | grep barman',
      },
    ],
    todo: 'Repair what the other FAILED checks name first, then: barman backup <server>.',
  },
  {
    id: 'barman-failed-backups',
    says: ['failed backups: FAILED (there are %s failed backups)', 'failed backups: FAILED'],
    source: 'barman/server.py',
    matters: 3,
    elsewhere: true,
    means:
      'Earlier backups of this server ended in an error and are still listed. They are of no use, and a good backup beside them is.',
    causes: [
      {
        cause: 'Why: the log at their time.',
        on: 'barman host',
        check: 'barman list-backups <server> | grep FAILED; barman show-backup <server> <backup>',
      },
    ],
    todo: 'When a newer one is good: barman delete <server> <backup> for each failed one.',
  },
  {
    id: 'barman-put-wal-again',
    says: [
      "Impossible to write already existing file '%s' in put-wal for server '%s'",
      "Impossible to write already existing file '%s' in put-wal",
    ],
    source: 'barman, server.py, put_wal',
    matters: 4,
    elsewhere: true,
    means:
      'barman-wal-archive sent a WAL file that is in the incoming directory of Barman already. Barman overwrites nothing, so archive_command fails, and PostgreSQL sends the same file again and again.',
    causes: [
      {
        cause:
          'The file was received, and barman cron (archive-wal) has not moved it from there yet: cron does not run as barman, or the archiving of the file fails.',
        on: 'barman host',
        check:
          'barman show-server <server> | grep incoming_wals_directory; barman archive-wal <server>; tail -n 20 /var/log/barman/barman.log',
      },
      {
        cause:
          'The file system of barman_home cannot do what the end of a transfer needs (CIFS, some NFS): the file was written, and the answer was an error.',
        on: 'barman host',
        check: 'findmnt -T /var/lib/barman',
      },
      { cause: 'Two servers, or a former primary and the new one, send to the same server name of Barman.' },
    ],
    todo: 'barman archive-wal <server> empties the directory; the next attempt of PostgreSQL then succeeds. If it fails there, repair what its message names; do not delete the file by hand.',
  },
];
