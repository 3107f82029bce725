import type { Answer } from '../answer.ts';

/** pg_rewind and pg_verifybackup. */
export const answersAboutRewind: readonly Answer[] = [
  {
    id: 'rewind-not-regular',
    of: ['rewind-source-not-regular', 'rewind-different-type'],
    says: ['"%s" is not a regular file'],
    tool: 'pg_rewind',
    source: 'PostgreSQL, src/bin/pg_rewind/filemap.c',
    matters: 5,
    means:
      'pg_rewind found something in a data directory that is not a plain file where one should be (a socket, a link, a pipe), and stopped. It had not changed anything yet.',
    causes: [
      {
        cause:
          'unix_socket_directories puts the socket (.s.PGSQL.<port>) into the data directory. Use another directory.',
        on: 'standby',
        check:
          'grep -n unix_socket_directories <data directory>/postgresql*.conf; find <data directory> -type s -o -type p',
      },
      { cause: 'A link or another special file was put there by hand: move it out of the data directory.' },
    ],
    todo: 'Move it out (both servers have the same setting), then run pg_rewind again.',
  },
  {
    of: ['libpq-server-closed', 'libpq-errno-reset', 'libpq-ssl-eof', 'libpq-ssl-closed', 'libpq-could-not-receive'],
    tool: 'pg_rewind',
    when: /fetching remote file|could not fetch|error running query/u,
    matters: 5,
    means:
      'The connection to the source server was cut while pg_rewind was copying: this data directory is now neither the old server nor a copy of the new one. It must not be started.',
    causes: [
      {
        cause:
          'The source was restarted, failed over or crashed, or a proxy or firewall cut the connection: its log at this minute says which.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time(), pg_is_in_recovery()"',
      },
    ],
    todo: 'Do not start the server and do not run pg_rewind again. Move the directory aside and make a new base backup (Patroni: patronictl reinit <cluster name> <member>).',
  },
  {
    of: ['rewind-write-file', 'rewind-target-open'],
    tool: 'pg_rewind',
    when: /No space left|quota exceeded/iu,
    matters: 5,
    means:
      'The disk filled up while pg_rewind was changing files: this data directory is now neither the old server nor a copy of the new one. It must not be started.',
    causes: [
      {
        cause: 'pg_rewind also copies the WAL of the source into pg_wal, and the old WAL is still there.',
        on: 'standby',
        check: 'df -h; du -sh <data directory>/pg_wal',
      },
    ],
    todo: 'Do not start the server. Make room (not by deleting from pg_wal of the source), move the directory aside, and make a new base backup.',
  },
  {
    of: [
      'rewind-remove-file',
      'slot-could-not-remove-dir',
      'rewind-write-file',
      'rewind-target-open',
      'remove-directory',
    ],
    tool: 'pg_rewind',
    matters: 5,
    means:
      'pg_rewind failed while it was changing files: this data directory is now neither the old server nor a copy of the new one. It must not be started.',
    causes: [
      {
        cause:
          'Something else works in the directory: an archive tool that prefetches into pg_wal (wal-g), a running server, or a directory that is a mount point.',
        on: 'standby',
        check: 'ps aux | grep -E "[p]ostgres|[w]al-g"; ls -la {directory}',
      },
      {
        cause: 'The disk is full, or a file belongs to another user.',
        on: 'standby',
        check: 'df -h; ls -ln {directory}',
      },
    ],
    todo: 'Do not start the server and do not run pg_rewind again. Move the directory aside and make a new base backup. Before the next rewind, stop the archive tool and set its prefetch directory outside pg_wal (WALG_PREFETCH_DIR).',
  },
  {
    of: ['rewind-source-recovery-13'],
    matters: 5,
    means:
      'pg_rewind 13 and older needs a primary as its source, and the server it was given is in recovery: a standby, or just promoted.',
    causes: [
      {
        cause: 'The source is a standby (or the leader of a standby cluster).',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'Use the primary as the source, after a CHECKPOINT on it. From 14 on, a standby can be the source. Otherwise make a new base backup. Nothing has been changed yet.',
  },
  {
    of: ['pgctl-program-missing'],
    matters: 5,
    means:
      'The program looks for another program of the same release in its own directory and does not find it. Nothing has been changed.',
    causes: [
      {
        cause:
          'The program was started through a link or a copy in another directory (/usr/bin), so it looks there. Start it by its full path: /usr/lib/postgresql/<release>/bin or /usr/pgsql-<release>/bin.',
        on: 'standby',
        check: 'command -v pg_rewind pg_ctl; ls /usr/lib/postgresql/*/bin /usr/pgsql-*/bin',
      },
      { cause: 'Only the client package is installed: install the server package of this release.' },
    ],
  },
  {
    of: ['rewind-target-clean'],
    // as pg_rewind said before it came into PostgreSQL
    says: ['target master must be shut down cleanly'],
    means: 'pg_rewind needs a target that was shut down cleanly.',
    causes: [
      {
        cause: 'The old primary crashed, or is still running.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "cluster state"',
      },
    ],
    todo: 'From 13 on pg_rewind runs crash recovery by itself (unless --no-ensure-shutdown is given). Before: start the server once without letting clients in, stop it with pg_ctl stop -m fast, then run pg_rewind.',
  },
  {
    of: ['rewind-needs-checksums'],
    means:
      'pg_rewind cannot be used for this cluster: neither data checksums nor wal_log_hints were on when it was written.',
    todo: 'Make a new base backup this time. Then set wal_log_hints = on (restart) or enable checksums on every server.',
    causes: [
      {
        cause: 'Both are off.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "wal_log_hints|checksum"',
      },
    ],
  },
  {
    of: ['rewind-could-not-find-previous', 'rewind-could-not-read-wal'],
    when: /incorrect prev-link|invalid (?:record length|magic number|info bits|resource manager|contrecord)|unexpected pageaddr|data checksum in record/u,
    matters: 5,
    means:
      'pg_rewind reads the WAL of this server from the point of divergence on, and came to a place that holds no valid record: the segment is there, and it has other WAL in it, or its WAL ends before pg_control says.',
    causes: [
      {
        cause:
          'A segment that the server had recycled for later (it still has older WAL in it) is read where the right one was removed. If the right one is in the archive, run pg_rewind with --restore-target-wal (-c, 13 and later).',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "cluster state|checkpoint location|REDO WAL file"; ls -l <data directory>/pg_wal | tail -5',
      },
      {
        cause: 'An earlier pg_rewind or a start in between left the directory half-way.',
        on: 'standby',
        check: 'ls -l <data directory>/backup_label* <data directory>/*.signal',
      },
    ],
    todo: 'Without the right segment: make a new base backup (Patroni: patronictl reinit <cluster name> <member>). If pg_rewind has already begun to copy, do not run it again or start the server.',
  },
  {
    of: ['rewind-could-not-find-previous', 'rewind-could-not-read-wal', 'rewind-could-not-open'],
    matters: 5,
    means:
      'pg_rewind needs WAL of the old server back to the point where the timelines separated, and a segment of it is gone.',
    causes: [
      {
        cause:
          'The segment was recycled. If it is in the archive, run pg_rewind with --restore-target-wal (-c, 13 and later), or copy it back.',
        on: 'standby',
        check: 'ls <data directory>/pg_wal',
      },
    ],
    todo: 'Without the segment: make a new base backup. If pg_rewind has already begun to copy, do not run it again or start the server: a new base backup is needed.',
  },
  {
    of: ['rewind-different-systems'],
    matters: 5,
    means:
      'The two servers are not copies of one another: their system identifiers differ. pg_rewind cannot help, and has changed nothing.',
    causes: [
      {
        cause: 'The source is another server than the one that was meant (host, port, an address that moved).',
        on: 'primary',
        check: 'psql -Atc "SELECT system_identifier FROM pg_control_system()"',
        rule: 'timeline/system-identifier-differs',
      },
      {
        cause: 'This directory was made by initdb (an image that found it empty), or restored by dump and restore.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "system identifier"',
      },
    ],
    todo: 'Correct --source-server. If it is the right one, move this directory aside, if its data is not needed, and make a new base backup: pg_basebackup -h <primary> -U <role> -D <data directory> -R -X stream -c fast',
  },
  {
    of: ['rewind-no-rewind-required', 'rewind-same-timeline'],
    kind: 'course',
    matters: 5,
    means:
      'pg_rewind found both servers on the same history and changed nothing. If this server accepted writes without being promoted (started without standby.signal), their difference does not show here: then make a new base backup.',
    causes: [
      {
        cause:
          'The other server was promoted moments ago and has had no checkpoint since: before 16, its control file still names the old timeline, and pg_rewind is misled by it. CHECKPOINT there, then run pg_rewind again.',
        on: 'primary',
        check: 'psql -c CHECKPOINT -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
    ],
    todo: 'Otherwise create standby.signal, set primary_conninfo, and start it. If it does not follow: its log names the reason.',
  },
  {
    of: [
      'rewind-fetch-remote-file',
      'rewind-error-running-query',
      'rewind-fetch-file-list',
      'rewind-write-file',
      'rewind-target-open',
    ],
    matters: 4,
    means:
      'pg_rewind failed while it was working. If it had begun to copy files, the target is neither the old server nor the new one.',
    causes: [
      {
        cause: 'Permission: the role needs EXECUTE on pg_ls_dir, pg_stat_file and pg_read_binary_file, or superuser.',
        on: 'primary',
        check: 'psql -c "\\du"',
      },
      {
        cause: 'The connection was cut, the disk is full, or a file cannot be written.',
        on: 'standby',
        check: 'df -h',
      },
    ],
    todo: 'If copying had begun: do not start the server and do not run pg_rewind again. Make a new base backup.',
  },
  {
    says: ['pg_rewind: fatal: %s', 'pg_rewind: error: could not %s'],
    id: 'pg-rewind-failed',
    kind: 'consequence',
    means: 'pg_rewind failed. If it had begun to copy files, the target directory is unusable.',
    todo: 'If copying had begun, do not start the server and do not run pg_rewind again: make a new base backup.',
  },
  {
    of: ['verify-in-manifest-not-disk', 'verify-size', 'verify-checksum-mismatch', 'verify-present-not-manifest'],
    means: 'The directory differs from the manifest of its backup.',
    causes: [
      {
        cause:
          'The server was started on it, or files were changed after the backup: check a backup before its first start.',
      },
      {
        cause: 'The copy is incomplete or damaged.',
        on: 'standby',
        check: 'pg_verifybackup --exit-on-error <directory>',
      },
    ],
  },
  {
    of: ['rewind-no-ancestor'],
    matters: 5,
    means:
      'pg_rewind compared the timeline histories of both servers and found no common point. Nothing has been changed.',
    causes: [
      {
        cause: 'A .history file is missing or wrong in pg_wal of one of them, so a common timeline cannot be seen.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_wal/*.history',
      },
      {
        cause:
          'The servers have been apart for more than one failover, or one of them was restored from a backup: they have no usable common history.',
        on: 'primary',
        check: 'psql -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
    ],
    todo: 'Copy missing .history files from the archive or the other server and try again; otherwise make a new base backup.',
  },
  {
    id: 'rewind-link-9.3',
    says: ['"%s" is not a directory.', '"%s" is not a symbolic link.', '"%s" is not a regular file.'],
    tool: 'pg_rewind',
    source: 'pg_rewind for 9.3 to 9.6, filemap.c',
    matters: 5,
    means:
      'A path is of one kind on the source and of another on this server (a directory here, a link there), and pg_rewind stops. pg_xlog that was moved with initdb -X is such a link.',
    causes: [
      {
        cause: 'What it is here, and on the source.',
        on: 'standby',
        check: 'ls -ld <data directory>/pg_xlog <data directory>/pg_tblspc/*',
      },
    ],
    todo: 'With the server stopped, make the two alike: put the directory in the place of the link (or the reverse), and run pg_rewind again; move the link back afterwards. Or make a new base backup.',
  },
];
