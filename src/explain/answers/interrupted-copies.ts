import type { Answer } from '../answer.ts';

/** Base backups, received WAL and rewound directories that ended half-way, or were asked for in a way that cannot work. */
export const answersAboutInterruptedCopies: readonly Answer[] = [
  {
    of: ['bb-could-not-send-data-13', 'pgbb-bg-pipe'],
    kind: 'consequence',
    means:
      'One side of the backup went away, and the other noticed it while it was sending. This line is not the reason, and what was copied cannot be used.',
    causes: [
      {
        cause:
          'The program on the other side ended with its own error: the first error of pg_basebackup, a few lines before.',
        on: 'client',
        check: 'df -h <target directory>; df -i <target directory>; dmesg -T | grep -iE "out of memory|oom" | tail -3',
        rule: 'target/disk-space',
      },
      { cause: 'It was interrupted (Ctrl-C, a closed ssh session, a time limit of a job).' },
      {
        cause: 'The server ended the connection: a restart, wal_sender_timeout.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()" -c "SHOW wal_sender_timeout"; tail -20 <log of PostgreSQL>',
      },
    ],
    todo: 'Fix the reason, and take the backup again into an empty directory (in tmux or with nohup, if an ssh session may break).',
  },
  {
    of: ['bb-further-failures'],
    means:
      'The file {file} of the server that was copied has more than five damaged pages. The backup holds the same damage.',
    causes: [
      {
        cause: 'Storage, memory or a file system of that server damaged it. Which table or index it is:',
        on: 'primary',
        check:
          'psql -d <database> -c "SELECT pg_filenode_relation(0, <last number of the path>)"; dmesg -T | grep -iE "i/o error|ecc" | tail -3',
      },
    ],
    todo: 'Do not throw older backups away. An index: REINDEX INDEX CONCURRENTLY. A table: compare with a standby or a backup, and restore it from there. Then check the whole server with pg_amcheck (14 and later).',
  },
  {
    of: ['bb-skip-special'],
    kind: 'course',
    means:
      'The backup leaves {file} out, because it is a socket, a pipe or a device. Nothing that PostgreSQL needs is missing.',
    todo: 'If it is the socket of the server, unix_socket_directories can name another directory, but this is not necessary.',
  },
  {
    of: ['bb-tar-name-too-long', 'bb-tar-link-too-long'],
    means:
      'A base backup travels in tar format, in which a name has at most 99 bytes in its last part and the target of a link 99 bytes in all. {value|A name there} is longer, so the whole backup fails.',
    causes: [
      {
        cause: "A file that is not PostgreSQL's is in the data directory: PostgreSQL uses no such names.",
        on: 'primary',
        check: 'find <data directory> -regextype posix-extended -regex ".*/[^/]{100,}" -ls',
        rule: 'primary/foreign-file',
      },
      { cause: 'The path of a tablespace is that long.', on: 'primary', check: 'ls -l <data directory>/pg_tblspc' },
    ],
    todo: 'Find out who uses the file, and move it out of the data directory. The path of a tablespace: a short link to it does not help; move the tablespace to a shorter path (server stopped, link in pg_tblspc corrected).',
  },
  {
    of: ['pgrw-existing-size'],
    means:
      'A WAL file that is to be written, {file}, exists already with {number} bytes; only an empty or a complete one ({number2} bytes) can be continued.',
    causes: [
      {
        cause: 'The disk was full, or the machine crashed, while pg_receivewal wrote it.',
        on: 'client',
        check: 'ls -l {directory}; df -h {directory}',
        rule: 'wal/disk-full',
      },
      {
        cause: 'The directory is that of another cluster, with another segment size, or two programs write into it.',
        on: 'client',
        check: 'ps aux | grep -E "[p]g_receivewal|[b]arman"',
      },
    ],
    todo: 'Make room, move that one file aside (mv {file} {file}.broken) and start pg_receivewal again: it asks the server for the segment from its beginning.',
  },
  {
    of: ['pgrw-disconnected'],
    kind: 'consequence',
    means:
      'pg_receivewal (or pg_recvlogical) lost its connection and tries again every {number} seconds by itself. The error on the line before is the reason.',
    causes: [
      {
        cause: 'The server was restarted or failed over: streaming continues when it is back.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_postmaster_start_time(), pg_is_in_recovery()" -c "SELECT slot_name, active, wal_status FROM pg_replication_slots"',
      },
      { cause: 'It cannot log in, or the WAL that it needs is gone: then the line comes again and again.' },
    ],
    todo: 'If it repeats, look up the error before it. Without a slot (-S) the server may remove WAL that was not received yet.',
  },
  {
    of: ['pgbb-could-not-connect'],
    kind: 'consequence',
    means:
      'The program could not connect. The reason is on the line with "connection to server at" or on the next line.',
    causes: [
      {
        cause: 'Host, port or network.',
        on: 'client',
        check: 'pg_isready -h <primary> -p 5432',
        rule: 'network/connection-refused',
      },
      {
        cause: 'The login.',
        on: 'client',
        check: 'psql "host=<primary> user=<role> dbname=postgres replication=true" -c "IDENTIFY_SYSTEM"',
      },
    ],
    todo: 'Give the whole output to standbylint explain, or look up that line.',
  },
  {
    of: ['pgbb-server-compress-version'],
    means: 'The server is older than 15 and cannot compress a backup itself. Nothing was copied.',
    causes: [
      {
        cause: '--compress=server-… was given.',
        on: 'client',
        check: 'psql "host=<primary> user=<role> dbname=postgres" -Atc "SHOW server_version"; pg_basebackup --version',
        rule: 'command/option-not-supported',
      },
    ],
    todo: 'Compress here instead: -Ft --compress=client-gzip (of a pg_basebackup before 15: -Ft -z), or leave --compress out.',
  },
  {
    of: ['pgbb-needs-slot', 'pgbb-no-stream-tar-stdout'],
    when: /needs a slot|tar mode to stdout/u,
    means:
      'The options on the command line do not go together: {value|WAL cannot be streamed into a tar backup on standard output (-D -)}. Nothing was done.',
    causes: [
      {
        cause: '--create-slot and --drop-slot need the name of the slot: -S <slot>.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active FROM pg_replication_slots"',
        rule: 'command/options-conflict',
      },
      { cause: 'A tar on standard output is one stream. WAL can come in it at the end only: -X fetch.' },
    ],
    todo: 'With --create-slot add -S <slot>. With -D - write -Ft -X fetch, or name a directory.',
  },
  {
    of: ['pgbb-too-many-args'],
    means: 'The command line has the word "{value}", which does not belong to any option. Nothing was done.',
    causes: [
      {
        cause:
          'A path or a password with a blank has no quotes, or a dash is an en dash from a web page or a word processor.',
        on: 'client',
        check: 'history | tail -3 | cat -A | cut -c1-200',
        rule: 'command/options-conflict',
      },
      {
        cause:
          'An option that takes no value was given one (-R, -P, -v, -W), or the target directory is given without -D.',
      },
    ],
    todo: 'Quote what has blanks, type the dashes yourself, and put -D before the directory. pg_basebackup --help lists which options take a value.',
  },
  {
    of: ['pgbb-tar-unsafe-path', 'pgbb-link-unsafe-target'],
    means: 'pg_basebackup refuses "{value}" in what the server sends, because it leads out of the target directory.',
    causes: [
      {
        cause: 'The data directory of the source has a link or a file with such a name.',
        on: 'primary',
        check: 'find <data directory> -type l -ls; ls -l <data directory>/pg_tblspc',
        rule: 'primary/linked-file',
      },
      {
        cause: 'It is not the server that you meant.',
        on: 'client',
        check: 'psql "host=<primary> user=<role> replication=true" -c "IDENTIFY_SYSTEM"',
      },
    ],
    todo: 'Move the foreign file or link out of that data directory. Tablespaces are mapped with absolute paths: -T <old directory>=<new directory>.',
  },
  {
    of: ['backup-already-in-progress', 'backup-not-in-progress'],
    means:
      'A low-level backup belongs to the session that called pg_backup_start (before 15: pg_start_backup). A session can have only one, and must stay connected until pg_backup_stop; otherwise the backup is aborted.',
    causes: [
      {
        cause: 'A script calls psql once for the start and once for the stop: these are two sessions.',
        on: 'primary',
        check:
          'grep -rnE "pg_(backup_start|start_backup|backup_stop|stop_backup)" /etc/cron* /usr/local/bin /opt 2>/dev/null | head',
      },
      { cause: 'The connection broke or went through a pooler in between.' },
    ],
    todo: 'A copy that was made meanwhile cannot be used. Keep one psql open for both calls, with the copy in between (\\! rsync …), and write what pg_backup_stop gives to backup_label and tablespace_map; or let pg_basebackup do all that.',
  },
  {
    of: ['aborting-backup-backend-exit'],
    kind: 'consequence',
    means: 'A backup was aborted because its session ended. What was copied cannot be used; the server has no fault.',
    causes: [
      {
        cause:
          'pg_basebackup failed or was interrupted: its own error, on the line after this one or in its output, is the reason.',
        on: 'client',
        check: 'df -h <target directory>; ls -ld <target directory>',
      },
      {
        cause:
          'A script called pg_backup_start in one psql and wanted to call pg_backup_stop in another: the backup ends with the first one.',
        on: 'primary',
        check: 'grep -rnE "pg_(backup_start|start_backup)" /etc/cron* /usr/local/bin /opt 2>/dev/null | head',
      },
    ],
    todo: 'Fix the reason and take the backup again. With a script: one session for both calls, with the copy in between.',
  },
  {
    of: ['rewind-source-clean'],
    means:
      'The server of the data directory in --source-pgdata is running or was not stopped cleanly. Nothing was changed.',
    causes: [
      {
        cause: 'The server runs.',
        on: 'primary',
        check: 'pg_controldata -D <source directory> | grep -E "cluster state"; pg_ctl -D <source directory> status',
      },
    ],
    todo: 'Leave it running and name it as a server: --source-server="host=<primary> user=postgres dbname=postgres". Only a source that is stopped anyway is named by its directory.',
  },
  {
    of: ['rewind-restore-command-unset', 'rewind-restore-command-read'],
    means:
      'pg_rewind was called with -c (--restore-target-wal), and found no restore_command in the configuration of the server that is to be rewound. Nothing was changed.',
    causes: [
      {
        cause:
          'The configuration is not in the data directory (Debian and Ubuntu: /etc/postgresql), and pg_rewind does not know where.',
        on: 'standby',
        check:
          'postgres -D <data directory> -C restore_command; ls <data directory>/postgresql.conf /etc/postgresql/*/*/postgresql.conf',
      },
      { cause: 'restore_command was never set: the server was a primary.' },
    ],
    todo: "Add --config-file=/etc/postgresql/<release>/<cluster>/postgresql.conf (15 and later). Or write restore_command = '…' into postgresql.auto.conf of this directory, with %f and %p, and run it again.",
  },
  {
    of: ['rewind-single-user-failed'],
    means:
      'This server was not stopped cleanly, so pg_rewind started it in single-user mode to finish its recovery first, and that failed. Its files were not rewound yet.',
    causes: [
      {
        cause:
          'standby.signal is in the directory: single-user mode refuses it ("standby mode is not supported by single-user servers").',
        on: 'standby',
        check:
          'ls <data directory>/*.signal <data directory>/postgresql.conf; pg_controldata -D <data directory> | grep "cluster state"',
      },
      {
        cause:
          'postgresql.conf is not in the directory (Debian and Ubuntu): add --config-file=/etc/postgresql/<release>/<cluster>/postgresql.conf (15 and later).',
      },
      {
        cause:
          'A setting, a library or a damaged file keeps the server from starting: the FATAL line before says which.',
      },
    ],
    todo: "With standby.signal: move it aside, run pg_rewind again, and put it back. Otherwise start this server without TCP connections (-c listen_addresses=''), stop it (pg_ctl stop -m fast), and run pg_rewind again.",
  },
  {
    of: ['rewind-fpw'],
    means:
      'full_page_writes is off on the source server. Pages that are copied from it while it runs could be torn, so pg_rewind refuses. Nothing was changed.',
    causes: [
      {
        cause: 'It was switched off for speed.',
        on: 'primary',
        check: 'psql -c "SHOW full_page_writes"',
        rule: 'primary/full-page-writes-off',
      },
    ],
    todo: 'On the source: ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf(); CHECKPOINT; Then run pg_rewind again.',
  },
  {
    of: ['rewind-remote-files'],
    means:
      'pg_rewind failed while it copied from the source: {reason|see the text after the colon}. This data directory is now neither the old server nor a copy of the new one, and must not be started.',
    causes: [
      {
        cause: 'The connection broke, or the source was restarted meanwhile.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()"; tail -20 <log of PostgreSQL>',
      },
      {
        cause:
          'The role may not read files there: it must be a superuser, or have EXECUTE on pg_read_binary_file and its neighbors.',
        on: 'primary',
        check: 'psql -c "\\du"',
      },
    ],
    todo: 'Move the directory aside and make a new base backup: pg_basebackup -h <primary> -U <role> -D <data directory> -R -X stream -c fast',
  },
  {
    of: ['rewind-incompatible'],
    means:
      'pg_rewind is of another major release than the data directories (or one of them is of another release). Nothing was changed.',
    causes: [
      {
        cause: 'The PATH finds another release.',
        on: 'standby',
        check:
          'pg_rewind --version; cat <data directory>/PG_VERSION; ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null',
      },
      {
        cause: 'The primary was upgraded: a former primary of the old release cannot follow it.',
        on: 'primary',
        check: 'psql -Atc "SHOW server_version"',
      },
    ],
    todo: 'Call the pg_rewind of the right release by its full path: /usr/lib/postgresql/<release>/bin/pg_rewind or /usr/pgsql-<release>/bin/pg_rewind. After an upgrade of the primary, make a new base backup.',
  },
  {
    of: ['fe-restore-failed'],
    means:
      'pg_rewind -c ran restore_command to fetch WAL of this server, and the command failed: {reason|see the text after the colon}. Nothing was changed yet.',
    causes: [
      {
        cause:
          'The segment is not in the archive: this server stopped before it was archived. Then it may still be in pg_wal.',
        on: 'standby',
        check: 'postgres -D <data directory> -C restore_command; ls -l <data directory>/pg_wal | tail',
        rule: 'recovery/restore-command-fails',
      },
      {
        cause: 'The program is not found, or the user that runs pg_rewind may not read the archive.',
        on: 'standby',
        check: 'id; ls -ld <directory of the archive>',
      },
    ],
    todo: 'Run the command by hand as the user of the server, with a real name for %f and /tmp/<segment> for %p. If the WAL is gone, make a new base backup.',
  },
];
