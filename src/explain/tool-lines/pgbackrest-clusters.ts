import type { Answer } from '../answer.ts';

/** What the errors and remarks of pgBackRest mean, by what they are about. */
export const linesOfPgBackRestClusters: readonly Answer[] = [
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
    means: 'pgBackRest reports what it does. That line needs no attention.',
  },
];
