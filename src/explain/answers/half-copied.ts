import type { Answer } from '../answer.ts';

const listed = 'ls -la <data directory> <data directory>/base';

/** The catalog knows it, and the files are not there. */
const databaseWithoutFiles = {
  kind: 'cause',
  matters: 5,
  means:
    'The catalog has this database, and its files are not there: the data directory is incomplete on the server that printed this.',
  causes: [
    {
      cause: 'The copy of a standby or a restore was broken off, or left a tablespace out.',
      on: 'server',
      check: `${listed} <data directory>/pg_tblspc`,
      rule: 'standby/files-lost',
    },
    { cause: 'The directory was deleted or moved by hand, or the tablespace it is in is not mounted.' },
  ],
  todo: 'A standby: make a new base backup. A primary: bring the tablespace back, or restore a backup. Do not create the directory by hand.',
} satisfies Answer;

/** A data directory that lacks something, and Windows, which does not let go of it. */
export const answersAboutHalfCopies: readonly Answer[] = [
  {
    id: 'version-file-missing',
    says: ['File "%s/PG_VERSION" is missing.', 'File "%s/PG_VERSION" does not contain valid data.'],
    source: 'PostgreSQL, src/backend/utils/init/miscinit.c, ValidatePgVersion',
    matters: 5,
    means:
      'The file PG_VERSION, with which every data directory (and every directory in base) begins, is missing or unreadable: there is no complete data directory at that path.',
    causes: [
      {
        cause: 'A base backup failed and removed what it had copied, or the copy is not finished.',
        on: 'server',
        check: listed,
      },
      {
        cause:
          'The path is that of the parent directory or of a subdirectory (a volume with lost+found, data instead of data/pgdata), or the volume is not mounted.',
        on: 'server',
        check: 'findmnt -T <data directory>',
      },
    ],
    todo: 'A standby: make the base backup again. Do not write the file by hand: the rest is missing as well.',
  },
  { ...databaseWithoutFiles, of: ['database-does-not-exist'], when: /database subdirectory "[^"]+" is missing/u },
  {
    ...databaseWithoutFiles,
    id: 'database-directory-missing',
    says: ['The database subdirectory "%s" is missing.'],
    source: 'PostgreSQL, src/backend/utils/init/postinit.c, InitPostgres',
  },
  {
    id: 'empty-directories-lost',
    of: ['install-dir-missing'],
    when: /"(?:[^"\n]*\/)?(?:pg_(?:replslot|tblspc|twophase|notify|stat|stat_tmp|snapshots|serial|dynshmem|commit_ts|wal|xlog)|pg_logical\/(?:snapshots|mappings)|pg_(?:wal|xlog)\/archive_status|global|base)\/?": No such file/u,
    kind: 'cause',
    matters: 5,
    means:
      'A directory that every data directory has is missing. It is usually empty, and some ways of copying leave empty directories out.',
    causes: [
      {
        cause:
          'The copy was made by a tool that drops empty directories (git, an object store, some archivers), or with an exclude that took the directory instead of its contents.',
        on: 'server',
        check: 'ls -la <data directory>; ls -ld <data directory>/pg_wal',
      },
      { cause: 'pg_wal is a symbolic link, and its target does not exist on this machine.' },
    ],
    todo: 'An otherwise whole copy: create the missing directories with mode 0700 and the owner of the server (pg_notify, pg_replslot, pg_serial, pg_snapshots, pg_stat, pg_stat_tmp, pg_tblspc, pg_twophase, pg_dynshmem, pg_commit_ts, pg_logical/snapshots, pg_logical/mappings). In doubt, make a new base backup: never create pg_wal, base or global like this.',
  },
  {
    of: ['lock-file-create'],
    when: /\.s\.PGSQL[^]*No such file/u,
    kind: 'cause',
    matters: 5,
    means:
      'The directory of the socket does not exist, so the server cannot make its lock file there, and does not start.',
    causes: [
      {
        cause:
          'It is in /run or /var/run, which is empty after every start of the machine, and the server was started without the unit (or container) that makes it.',
        on: 'server',
        check: 'ls -ld /var/run/postgresql; postgres -C unix_socket_directories -D <data directory>',
      },
      { cause: 'unix_socket_directories came with the configuration of another machine.' },
    ],
    todo: 'Start the server through its unit, or make the directory (install -d -o postgres -g postgres -m 2775 /var/run/postgresql), or set unix_socket_directories to one that is there.',
  },
  {
    id: 'windows-shared-memory',
    says: [
      'could not reattach to shared memory (key=%s, addr=%s): error code %d',
      'could not reserve shared memory region (addr=%s) for child %s: error code %d',
      'could not create shared memory segment: error code %d',
      'could not map shared memory: error code %d',
    ],
    source: 'PostgreSQL, src/backend/port/win32_shmem.c',
    matters: 4,
    means:
      'Windows: a new server process could not get the shared memory at the address where the server has it, so that connection or process failed. The server itself runs on.',
    causes: [
      {
        cause: 'A virus scanner or another program puts a library into every process, at that address (error 487).',
        on: 'server',
        check: 'tasklist /M /FI "IMAGENAME eq postgres.exe"',
      },
      { cause: 'Memory is short (error 1450, 1455): the page file is too small, or shared_buffers too large.' },
    ],
    todo: 'Exclude postgres.exe and the data directory from the virus scanner, restart the service, and install the latest minor release.',
  },
  {
    id: 'windows-other-server',
    says: ['this data directory appears to be running a pre-existing postmaster'],
    source: 'PostgreSQL before 13, src/bin/pg_ctl/pg_ctl.c',
    matters: 5,
    means: 'pg_ctl started nothing: a server runs on this data directory already, or its postmaster.pid says so.',
    causes: [
      {
        cause: 'The server is running, as a service for example.',
        on: 'server',
        check: 'pg_ctl status -D <data directory>',
        rule: 'standby/stale-pid-file',
      },
      { cause: 'postmaster.pid is left from a crash, or came with a copy.' },
    ],
    todo: 'Stop the running server with pg_ctl stop. Move postmaster.pid aside only when no PostgreSQL uses this directory.',
  },
  {
    of: ['checkpoints-too-frequent', 'checkpoints-too-frequent-singular'],
    kind: 'consequence',
    matters: 2,
    means:
      'So much was written that checkpoints come sooner than checkpoint_timeout. It costs speed, and is no error: during a load, an initial copy or a restore it is normal.',
    causes: [
      {
        cause: 'max_wal_size is small for what is written.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_size" -c "SHOW checkpoint_timeout"',
      },
    ],
    todo: 'Raise max_wal_size (a reload is enough). It does not keep WAL for a standby: that is what a slot or wal_keep_size is for.',
  },
  {
    of: ['pg13-exclusive-backup-in-progress'],
    matters: 4,
    means:
      'An exclusive backup (14 and older) is open on this server: backup_label is in its data directory, and a second one cannot begin.',
    causes: [
      {
        cause: 'A backup script called pg_start_backup() and was broken off before pg_stop_backup().',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_backup(), pg_backup_start_time()"; cat <data directory>/backup_label',
      },
      { cause: 'Another backup is running at this moment: ask who started it.' },
    ],
    todo: 'If none is running: SELECT pg_stop_backup(); on that server. Then use pg_basebackup, or the non-exclusive form, which several backups can use at once.',
  },
  {
    of: ['slot-cannot-advance-backwards'],
    matters: 3,
    means:
      'A slot was to be moved to a place before the one where it is already. Nothing was changed: the slot is further than asked for.',
    causes: [
      {
        cause:
          'A tool copies the positions of slots between servers (Patroni, CloudNativePG, a script), and this server is ahead of the position that it was given: then it is harmless.',
        on: 'server',
        check:
          'psql -c "SELECT slot_name, slot_type, active, restart_lsn, confirmed_flush_lsn FROM pg_replication_slots"',
      },
    ],
    todo: 'A slot cannot go back. A consumer that needs older changes needs a new slot and a new copy of the data.',
  },
];
