import type { Answer } from '../answer.ts';

/** What the errors and remarks of pgBackRest mean, by what they are about. */
export const linesOfPgBackRest: readonly Answer[] = [
  {
    id: 'pgbackrest-backup-set',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means: 'No backup in the repository fits what was asked for: the label, the time or the LSN.',
    causes: [
      {
        cause: 'Which there are, with their times.',
        on: 'repository host',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info',
      },
    ],
    todo: 'Give a label with --set, or a target later than the end of a backup (with its time zone).',
  },
  {
    id: 'pgbackrest-standby-behind-line',
    source: 'pgBackRest 2.45',
    matters: 3,
    means: 'The standby had not reached the start of the backup in its data files: its restartpoint is older.',
    causes: [
      {
        cause: 'Whether it replays.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), (pg_control_checkpoint()).redo_lsn"',
      },
    ],
    todo: 'Run CHECKPOINT on the primary, then on the standby, and repeat the backup.',
  },
  {
    id: 'pgbackrest-clock',
    source: 'pgBackRest 2.45',
    matters: 3,
    elsewhere: true,
    means:
      'The clock of this machine does not advance as it should, or jumped back: pgBackRest names backups after it.',
    causes: [{ cause: 'Whether it is synchronized.', on: 'primary', check: 'timedatectl; date -u' }],
    todo: 'Correct the clock on all hosts (chrony, ntp), then repeat the backup.',
  },
  {
    id: 'pgbackrest-delta-on',
    source: 'pgBackRest 2.45',
    kind: 'course',
    matters: 2,
    elsewhere: true,
    means:
      'pgBackRest compares checksums for this backup instead of times, as something changed since the last one. That costs time, and is no fault.',
    todo: 'A timeline switch is normal after a failover or a restore; with other reasons, look at the clock and at who writes into the data directory.',
  },
  {
    id: 'pgbackrest-changed-by-itself',
    source: 'pgBackRest 2.45',
    kind: 'course',
    matters: 2,
    elsewhere: true,
    means: 'pgBackRest changed or ignored something by itself and goes on. It is no fault.',
    todo: 'If that is not what you want: correct the option in pgbackrest.conf.',
  },
  {
    id: 'pgbackrest-standby-missing',
    source: 'pgBackRest 2.45',
    matters: 4,
    means: 'backup-standby is on, and among the configured pg<n> hosts no running standby was found that can be asked.',
    causes: [
      {
        cause: 'Which hosts are configured, whether the standby runs, and whether it is one.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery()"; grep -nE "^pg[0-9]+-(host|path|port)|backup-standby" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf',
      },
    ],
    todo: 'A WARN line above says why a host could not be checked. Until it is repaired: pgbackrest --stanza=<stanza> --no-backup-standby backup.',
  },
  {
    id: 'pgbackrest-standby-changed',
    source: 'pgBackRest 2.45',
    matters: 4,
    means:
      'The primary or the standby changed its role or its timeline while the backup ran. This backup is not usable.',
    causes: [
      {
        cause: 'Who is what now.',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery(), (pg_control_checkpoint()).timeline_id"',
      },
    ],
    todo: 'Wait until the failover is over, then take the backup again.',
  },
  {
    id: 'pgbackrest-two-primaries',
    source: 'pgBackRest 2.45',
    matters: 5,
    means:
      'More than one of the configured hosts runs as a primary, or several archive to this stanza: there are two primaries, or two clusters share a stanza.',
    causes: [
      {
        cause: 'Which.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_is_in_recovery(), (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id"; grep -nE "^pg[0-9]+-" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf',
        rule: 'standby/already-primary',
      },
    ],
    todo: 'Keep clients off the wrong one and make it a standby again (pg_rewind or a new copy) before the next backup.',
  },
  {
    id: 'pgbackrest-wrong-cluster',
    source: 'pgBackRest 2.45',
    matters: 5,
    means:
      'The stanza is of another cluster or release of PostgreSQL than the server (system identifier or version differ).',
    causes: [
      {
        cause: 'Compare.',
        on: 'primary',
        check:
          'pg_controldata -D <data directory> | grep "system identifier"; psql -c "SHOW data_directory"; sudo -u postgres pgbackrest --stanza=<stanza> info',
        rule: 'timeline/system-identifier-differs',
      },
    ],
    todo: 'After pg_upgrade: pgbackrest --stanza=<stanza> stanza-upgrade. A different cluster needs a stanza of its own.',
  },
  {
    id: 'pgbackrest-stanza-info',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means:
      'A file of the repository that pgBackRest needs (archive.info, backup.info, a manifest) is missing, damaged, encrypted with another key, or does not fit the other.',
    causes: [
      {
        cause: 'What the repository has.',
        on: 'repository host',
        check:
          'sudo -u pgbackrest pgbackrest --stanza=<stanza> info; sudo -u pgbackrest pgbackrest --stanza=<stanza> verify',
      },
    ],
    todo: 'Where the stanza was never created: stanza-create. Where a copy of the file (.copy) is whole, pgBackRest takes that by itself.',
  },
  {
    id: 'pgbackrest-async',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means:
      'The background process of archive-push or archive-get did not deliver this WAL file in time (archive-timeout); its own log has the reason.',
    causes: [
      {
        cause: 'That log.',
        on: 'primary',
        check:
          'tail -n 40 /var/log/pgbackrest/<stanza>-archive-push-async.log /var/log/pgbackrest/<stanza>-archive-get-async.log',
      },
      {
        cause: 'Errors that it left.',
        on: 'primary',
        check: 'ls -la /var/spool/pgbackrest/archive/<stanza>/out /var/spool/pgbackrest/archive/<stanza>/in',
      },
    ],
    todo: 'PostgreSQL repeats the command. Nothing is lost while the file stays in pg_wal.',
  },
  {
    id: 'pgbackrest-archive-command',
    source: 'pgBackRest 2.45',
    matters: 4,
    means: 'archive_command or restore_command calls pgBackRest in a wrong way, or in the wrong directory.',
    causes: [
      {
        cause: 'As the server has them.',
        on: 'primary',
        check: 'psql -c "SHOW archive_command" -c "SHOW restore_command" -c "SHOW data_directory"',
      },
    ],
    todo: "archive_command = 'pgbackrest --stanza=<stanza> archive-push %p'; restore_command = 'pgbackrest --stanza=<stanza> archive-get %f \"%p\"'.",
  },
  {
    id: 'pgbackrest-get',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means: 'pgBackRest could not get or push a WAL file: for each repository the reason stands in the lines below.',
    causes: [
      {
        cause: 'Whether each repository can be reached and is whole.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> --log-level-console=detail check',
      },
    ],
  },
  {
    id: 'pgbackrest-restore-target',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means:
      'The restore does not fit the directory or the options: files are there, links or tablespaces go elsewhere, the owner is another one, or the recovery type needs another release.',
    causes: [
      {
        cause: 'What is there, and where links lead.',
        on: 'standby',
        check: 'ls -la <data directory> <data directory>/pg_tblspc',
      },
    ],
    todo: 'Into an old data directory: --delta. Links: --link-map or --link-all; tablespaces: --tablespace-map=<name or id>=<path>.',
  },
  {
    id: 'pgbackrest-damaged',
    source: 'pgBackRest 2.45',
    matters: 5,
    elsewhere: true,
    means: 'A file in the database or in the repository does not have the content that its checksum says.',
    causes: [
      {
        cause: 'Pages in the database: which, and whether the disk reports errors.',
        on: 'primary',
        check:
          'dmesg -T | grep -iE "i/o error|nvme|sd[a-z]" | tail; psql -c "SELECT datname, checksum_failures FROM pg_stat_database"',
      },
    ],
    todo: 'Do not overwrite older backups. Verify the repository (pgbackrest verify), and compare with a standby.',
  },
  {
    id: 'pgbackrest-running',
    source: 'pgBackRest 2.45',
    matters: 3,
    elsewhere: true,
    means:
      'pgBackRest refuses because PostgreSQL runs, a stop file is in force, or another pgBackRest process holds the lock.',
    causes: [{ cause: 'Which of them.', on: 'primary', check: 'pgrep -af pgbackrest; pg_isready; ls /tmp/pgbackrest' }],
    todo: 'A stop file is taken away with pgbackrest start. Let the other backup end.',
  },
  {
    id: 'pgbackrest-database-line',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means: 'pgBackRest could not ask PostgreSQL, or its query failed.',
    causes: [
      {
        cause: 'The same by hand, as the user of pgBackRest.',
        on: 'primary',
        check:
          'sudo -u postgres psql -d postgres -c "SELECT pg_is_in_recovery()"; grep -nE "^pg[0-9]+-" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf',
      },
    ],
    todo: 'The role needs pg_read_all_settings and EXECUTE on the functions for backups, or is a superuser.',
  },
  {
    id: 'pgbackrest-option',
    source: 'pgBackRest 2.45',
    matters: 3,
    elsewhere: true,
    means:
      'An option of pgBackRest (command line, environment, pgbackrest.conf) is missing, unknown, or has a value that it does not take. The message names it. Nothing was done.',
    causes: [
      {
        cause: 'Where it is set. An unknown option is often one of a newer release.',
        on: 'primary',
        check:
          'pgbackrest version; pgbackrest help; grep -nvE "^ *(#|;|$)" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf; env | grep PGBACKREST | cut -d= -f1',
      },
    ],
  },
  {
    id: 'pgbackrest-child',
    source: 'pgBackRest 2.45',
    matters: 3,
    elsewhere: true,
    means: 'A process that pgBackRest started (ssh to another host, a worker) ended or did not answer.',
    causes: [
      {
        cause: 'ssh as the user of pgBackRest, and the same release on both hosts.',
        on: 'primary',
        check: 'sudo -u postgres ssh <host> pgbackrest version; pgbackrest version',
      },
    ],
  },
  {
    id: 'pgbackrest-file-line',
    source: 'pgBackRest 2.45',
    matters: 3,
    elsewhere: true,
    means: 'pgBackRest could not read, write, create, move or remove a file or directory; the reason follows.',
    causes: [{ cause: 'Owner, mode and room.', on: 'primary', check: 'namei -l <path>; df -h <path>' }],
  },
  {
    id: 'pgbackrest-ordinary',
    source: 'pgBackRest 2.45',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'pgBackRest reports what it does. That line is no fault.',
  },
  {
    id: 'pgbackrest-remark',
    source: 'pgBackRest 2.45',
    matters: 2,
    elsewhere: true,
    means: 'A remark or an error of pgBackRest.',
    causes: [
      {
        cause: 'The same with more in its log.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> --log-level-console=detail check',
      },
    ],
  },
];
