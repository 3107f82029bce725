import type { Answer, Candidate } from '../answer.ts';

const storage: Candidate = {
  cause: 'A crash with fsync off, a full disk, or storage that loses writes.',
  on: 'server',
  check:
    'dmesg -T | grep -iE "i/o error|ext4|xfs|nvme" | tail -5; df -h <data directory>; grep -n fsync <data directory>/postgresql*.conf',
};

const noReset =
  'Keep the directory as it is. A standby: make a new base backup. A primary: promote a standby, or recover from a backup. pg_resetwal does not repair this.';

/** Small files of a data directory that are damaged or do not belong together. */
export const answersAboutStateFiles: readonly Answer[] = [
  {
    of: ['origin-checkpoint-wrong-magic', 'origin-checkpoint-wrong-checksum'],
    means:
      'The server does not start: pg_logical/replorigin_checkpoint is damaged. The file says how far the subscriptions of this server have come; physical replication does not use it.',
    causes: [
      storage,
      { cause: 'The directory was copied while the server ran, without pg_basebackup or backup mode.' },
    ],
    todo: 'A standby: make a new base backup. A primary without subscriptions: move the file out of the data directory and start the server. With subscriptions, rows could be applied twice: recover from a backup, or copy the subscribed tables again.',
  },
  {
    of: ['slot-file-wrong-magic', 'slot-file-corrupted-length', 'slot-file-checksum-mismatch'],
    means:
      'The server does not start: {file}, which holds the state of a replication slot, is damaged. The slot keeps WAL for one standby or subscriber; the data itself is not affected.',
    causes: [
      {
        cause: 'A full disk or a crash while it was written, or storage that loses writes.',
        on: 'server',
        check: 'cd <data directory> && ls -l {directory}; df -h .; dmesg -T | grep -i "i/o error" | tail -3',
        rule: 'standby/slot-damaged',
      },
    ],
    todo: 'Move only that directory out, and keep it: cd <data directory> && mv {directory} <directory outside>. Start the server. Create the slot again if a standby uses it (primary_slot_name): pg_create_physical_replication_slot() with the name of that directory; WAL that it needs may be gone then. A logical slot: its subscriber must copy its tables again.',
  },
  {
    of: ['relmap-invalid', 'relmap-checksum'],
    means:
      'The file {file}, by which the server finds its own catalogs, is damaged. Without it a database (in global/: the whole server) cannot be opened.',
    causes: [
      storage,
      {
        cause:
          'The directory was copied while the server ran, without pg_basebackup, or files of two servers are mixed in it.',
      },
    ],
    todo: `${noReset} The file of another server does not fit.`,
  },
  {
    of: ['could-not-read-pg-control'],
    when: /pg_replslot/u,
    means:
      'The server does not start: {file}, which holds the state of a replication slot, is cut off ({number} of {number2} bytes). The data itself is not affected.',
    causes: [
      {
        cause: 'The disk was full while it was written.',
        on: 'server',
        check: 'cd <data directory> && ls -l {directory}; df -h .',
        rule: 'standby/slot-damaged',
      },
    ],
    todo: 'Make room, and move only that directory out: cd <data directory> && mv {directory} <directory outside>. Start the server, and create the slot again if a standby uses it (primary_slot_name). A logical slot: its subscriber must copy its tables again.',
  },
  {
    of: ['could-not-read-pg-control'],
    means: 'The file {file} is cut off: {number} of {number2} bytes could be read.',
    causes: [
      {
        cause: 'The copy of this directory was interrupted, or its disk was full.',
        on: 'standby',
        check: 'cd <data directory> && ls -l global/pg_control {file}; df -h .',
        rule: 'standby/control-file-damaged',
      },
      storage,
    ],
    todo: noReset,
  },
  {
    of: [
      'invalid-next-xid',
      'invalid-redo-in-checkpoint',
      'invalid-redo-in-shutdown-checkpoint',
      'unexpected-record-at-redo',
      'unexpected-timeline-shutdown-cp',
    ],
    means:
      'The server does not start: the checkpoint record from which its recovery begins is not valid. pg_control, backup_label and the WAL here are not of one server and one time.',
    causes: [
      {
        cause:
          'Segments of another server or timeline are in pg_wal or in the archive, or the directory is put together from several copies.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep -E "system id|REDO|TimeLineID"; head <data directory>/backup_label; ls <data directory>/pg_wal | head',
        rule: 'recovery/archive-of-another-cluster',
      },
      storage,
    ],
    todo: noReset,
  },
  {
    of: ['control-invalid-checkpoint-location', 'control-invalid-state', 'control-invalid-segsize'],
    means:
      'The server does not start: global/pg_control holds values that no server writes. It is damaged, or is not the file of this cluster.',
    causes: [
      {
        cause: 'What it says. Its checksum is wrong, too, where it was damaged after it was written.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | head -12; ls -l <data directory>/global/pg_control',
        rule: 'standby/control-file-damaged',
      },
      storage,
    ],
    todo: noReset,
  },
  {
    of: ['xlog-flush-not-satisfied'],
    means:
      'A page on disk was changed at {lsn}, and the WAL of this server ends at {lsn2}: the page comes from the future. WAL was lost, or the page is damaged or of another server.',
    causes: [
      {
        cause: 'pg_resetwal was run, or the directory was started without its backup_label or with an old pg_wal.',
        on: 'server',
        check:
          'ls -la --time-style=full-iso <data directory> | head -30; pg_controldata -D <data directory> | grep -i "checkpoint"',
        rule: 'standby/raw-copy',
      },
      {
        cause: 'One page is damaged: CONTEXT names its relation and block.',
        on: 'server',
        check: 'psql -d <database> -c "SELECT pg_filenode_relation(0, <last number of the path in CONTEXT>)"',
      },
    ],
    todo: 'A standby: make a new base backup. A primary: take a file copy of the directory, then move to a standby or a backup from before. A damaged index can be rebuilt with REINDEX.',
  },
  {
    of: ['reading-as-zeroes'],
    means:
      'Replay needed {file}, where the states of transactions are kept, did not find it, and continues as if it were empty.',
    causes: [
      {
        cause:
          'The copy is not consistent yet: later WAL removed the file on the primary. That is harmless, if it ends with "consistent recovery state reached".',
        on: 'standby',
        check: 'grep -n "reading as zeroes\\|consistent recovery state" <log of PostgreSQL> | tail',
      },
      {
        cause:
          'The file was lost or left out of the copy (excludes of rsync, a deletion). Then rows vanish or come back.',
        on: 'primary',
        check: 'cd <data directory> && ls -l {file}',
        rule: 'standby/files-lost',
      },
    ],
    todo: 'If the line comes after the consistent state was reached, or the primary still has the file, do not use this copy: make a new base backup.',
  },
  {
    of: ['backup-label-inconsistent-control'],
    means:
      'backup_label says that this backup was taken from a standby, and pg_control is not one of a standby. The two files are not of one backup.',
    causes: [
      {
        cause:
          'backup_label was put (back) into a directory that has been started as a primary, or was made by initdb.',
        on: 'standby',
        check:
          'head <data directory>/backup_label; pg_controldata -D <data directory> | grep -E "cluster state|Latest checkpoint loc"',
        rule: 'standby/incomplete-backup',
      },
      {
        cause:
          'The files were copied from a standby by hand, and pg_control was not copied last, or came from the primary.',
      },
    ],
    todo: 'Move the directory aside and restore the backup again, or take a new one with pg_basebackup. Removing backup_label would make it start, with damaged data.',
  },
  {
    of: ['invalid-data-in-file'],
    means:
      'The server does not start: {file}, which controls its recovery, cannot be read. DETAIL says which line does not fit, if there is one.',
    causes: [
      {
        cause:
          'It was edited, or has line ends of Windows: a script that wrote what pg_backup_stop gave, a copy over a Windows machine.',
        on: 'standby',
        check: 'cd <data directory> && ls -l {file} && cat -A {file} | head',
        rule: 'standby/incomplete-backup',
      },
      { cause: 'It is of another backup, or was cut off by a full disk.' },
    ],
    todo: 'Take the original of the file from the same backup; with line ends of Windows alone: sed -i "s/\\r$//" on it. Otherwise restore the backup again. Do not start without it.',
  },
  {
    of: ['ignoring-tablespace-map'],
    means:
      'This is a restored backup whose {file2|backup_label} is gone: the server takes it for a crashed one. It starts at the wrong place in the WAL, and its data may be damaged without any error.',
    causes: [
      {
        cause: 'backup_label was removed by a person or a script (HINT of an earlier error), or left out of the copy.',
        on: 'standby',
        check: 'ls -l <data directory>/backup_label* <data directory>/tablespace_map*',
        rule: 'standby/raw-copy',
      },
      { cause: 'The former primary crashed while an exclusive backup ran (13, 14): there it is harmless.' },
    ],
    todo: 'Stop the server. Restore the backup again with all its files, and start it with standby.signal or recovery.signal.',
  },
  {
    of: ['lock-file-wrong-pid'],
    means:
      'Server {number} found the PID of another process, {pid}, in its postmaster.pid: a second server was started on its data directory. It shuts down now to protect the data.',
    causes: [
      {
        cause:
          'Two containers, pods or machines use the same volume. Then each has its own PIDs, and the other one is not visible here.',
        on: 'server',
        check:
          'ps -o pid,lstart,args -p {pid},{number}; docker ps --filter volume=<volume>; findmnt -T <data directory>',
        rule: 'standby/shared-storage',
      },
      {
        cause:
          'A script removed postmaster.pid and started a second server, or a restore wrote into the directory of the running one.',
      },
    ],
    todo: 'Stop both. Start one only, and check the data before it is used: both may have written (pg_amcheck, from 14 on). A standby: make a new base backup.',
  },
  {
    of: ['custom-rmgr-not-registered'],
    means:
      'The WAL has records of an extension with its own kind of WAL (resource manager {number}), and this server does not load that extension, so it cannot replay them and stops.',
    causes: [
      {
        cause: 'The primary loads a library in shared_preload_libraries that the standby does not.',
        on: 'primary',
        check: 'psql -c "SHOW shared_preload_libraries"',
        rule: 'standby/extension-missing',
      },
      {
        cause: 'What this server loads.',
        on: 'standby',
        check: 'postgres -C shared_preload_libraries -D <data directory>',
      },
    ],
    todo: 'Install the same package on the standby, set shared_preload_libraries as on the primary, and start it. Nothing is lost: replay continues at the same record.',
  },
];
