import type { Answer } from '../answer.ts';

/** The copy of a primary runs, and follows no server. */
export const backupRunsAlone: Answer = {
  id: 'backup-runs-alone',
  kind: 'course',
  means:
    'This base backup was started as a server of its own: it found backup_label, and neither standby.signal nor recovery.signal, and now accepts writes.',
  todo: 'If it was to be a standby, stop it at once: the next one needs standby.signal (pg_basebackup -R makes it). This directory has writes of its own now: make a new base backup. If a copy was wanted, there is nothing to do.',
};

/** Nothing failed before the server was told to stop. */
export const toldToStop: Answer = {
  id: 'told-to-stop',
  kind: 'consequence',
  matters: 5,
  means:
    'The server did not fail: it was told to stop, by a signal from outside. Its own log does not say who sent it.',
  causes: [
    {
      cause: 'In a container or pod: a liveness or startup probe that failed, an operator, an update, docker stop.',
      on: 'client',
      check: 'kubectl describe pod <pod> | tail -20; docker events --since 1h --until 0s --filter event=kill',
    },
    {
      cause: 'On a machine: systemctl, a start timeout of the unit, pg_ctl stop in a script, Patroni or repmgr.',
      on: 'standby',
      check: 'journalctl -u "postgresql*" -u "patroni*" -n 50 --no-pager',
    },
  ],
  todo: 'If it was stopped while it still recovered, give it more time: startupProbe or TimeoutStartSec.',
};

/** The server itself says that it was told to stop at once. */
export const endedByStop: Answer = {
  id: 'ended-by-stop',
  kind: 'course',
  means:
    'An immediate shutdown was requested. Up to 13, its sessions then report the crash of another process, although no process crashed. The server replays its WAL at the next start.',
};

/** It replays what it receives, and the copy it began with is not whole yet. */
export const streamsNotConsistent: Answer = {
  id: 'streams-not-consistent',
  kind: 'consequence',
  matters: 4,
  means:
    'The standby receives WAL from its primary and refuses sessions all the same: it has not reached a consistent state, or hot_standby is off.',
  causes: [
    {
      cause:
        'It still replays up to the end of its base backup or to where it was before: wait and watch the position.',
      on: 'standby',
      check:
        'ps aux | grep "[s]tartup.*recovering"; pg_controldata <data directory> | grep -iE "minimum recovery|backup"',
      rule: 'network/server-starting',
    },
    {
      cause:
        'The copy was made after pg_backup_start (pg_start_backup), and the backup was never stopped: "Backup start location" stays other than 0/0.',
      after: 'backup left open',
      on: 'standby',
      check: 'pg_controldata <data directory> | grep -i backup',
    },
    {
      cause: 'It was rewound with pg_rewind from a primary that writes nothing: it waits for one more record of WAL.',
      on: 'primary',
      check: 'psql -c CHECKPOINT',
    },
    {
      cause: 'hot_standby is off on this standby: it never accepts sessions.',
      on: 'standby',
      check: 'postgres -C hot_standby -D <data directory>',
      rule: 'recovery/hot-standby-off',
    },
  ],
  todo: 'If the backup is still open in a session on the primary, stop it there. If that session is gone, this copy never becomes consistent: make a new base backup with pg_basebackup.',
};

/** What ended the server: WAL that it had to read and could not. */
export const neededWalUnreadable: Answer = {
  id: 'needed-wal-unreadable',
  kind: 'cause',
  matters: 5,
  means:
    'The server had to read WAL at this position again (at the end of recovery, at a promotion or for its last checkpoint) and what it finds there is not valid. With FATAL or PANIC that is no normal end of WAL: the server stops.',
  causes: [
    {
      cause:
        'The segment is incomplete or full of zeros here: promoted or switched to another timeline before it was complete, copied while it was written, or preallocated by an archive tool.',
      on: 'standby',
      check: 'ls -l <data directory>/pg_wal | tail; pg_waldump <data directory>/pg_wal/<segment> | tail -3',
    },
    { cause: 'Storage lost writes in a crash.', on: 'standby', check: 'dmesg -T | grep -iE "i/o error|ext4|xfs"' },
  ],
  todo: 'Look for the whole segment in the archive or on another server of the cluster, set the one here aside, and put the whole one in its place. Otherwise: a standby needs a new base backup; for a primary, fail over or recover from a backup.',
};

/** A server that had stopped in the middle of its work, not a copy that a recovery was begun on. */
export const checkpointAfterCrash: Answer = {
  id: 'checkpoint-after-crash',
  kind: 'cause',
  matters: 5,
  means:
    'The server was not shut down, and the WAL of the checkpoint from which it has to recover is missing or unreadable in pg_wal.',
  causes: [
    {
      cause:
        'The server that always ran here: a crash or power failure in which the storage lost writes, a full disk, a volume snapshot or restore that is not whole.',
      on: 'server',
      check: 'df -h <data directory>; dmesg -T | grep -iE "i/o error|ext4|xfs" | tail',
      rule: 'wal/segment-damaged',
    },
    {
      cause:
        'A directory that was copied from a running server (cp, rsync, a snapshot of parts) without backup_label, or backup_label was removed: it cannot be repaired. Take a base backup with pg_basebackup.',
      on: 'server',
      check: 'ls <data directory>/backup_label*; ls -l <data directory>/pg_wal | tail',
      rule: 'standby/raw-copy',
    },
    {
      cause: 'Files in pg_wal were deleted, or pg_wal is on a disk that is not mounted.',
      on: 'server',
      check: 'ls -ld <data directory>/pg_wal; df -h <data directory>/pg_wal',
    },
  ],
  todo: 'Copy the whole directory aside before anything else. A standby: make a new base backup. A primary: promote its standby, or restore a backup. pg_resetwal is the last resort: it loses data, and the result is only good for a dump.',
};

/** Something is at the place of the checkpoint, and it is no record of WAL. */
export const checkpointOverwritten: Answer = {
  id: 'checkpoint-overwritten',
  kind: 'cause',
  matters: 5,
  means:
    'The control file points to a checkpoint, and the segment is there, but not that record: other bytes are at its place. pg_control and pg_wal are of different moments, or the storage lost writes.',
  causes: [
    {
      cause:
        'A crash, a power failure or a forced stop of the machine, on storage that does not keep what was flushed.',
      on: 'server',
      check: 'dmesg -T | grep -iE "i/o error|ext4|xfs|nvme" | tail; df -h <data directory>',
      rule: 'wal/segment-damaged',
    },
    {
      cause: 'Two servers ran on this directory at once (two containers with one volume).',
      on: 'server',
      check: 'ps -eo pid,lstart,args | grep "[p]ostgres"; docker ps -a',
    },
    {
      cause: 'The directory was copied from a running server, or restored from a snapshot that is not whole.',
      on: 'server',
      check: 'ls <data directory>/backup_label*; ls -l <data directory>/pg_wal | tail',
      rule: 'standby/raw-copy',
    },
  ],
  todo: 'Copy the whole directory aside before anything else. A standby: make a new base backup. A primary: promote its standby, or restore a backup. pg_resetwal is the last resort: it loses data, and the result is only good for a dump.',
};

/** It had replayed WAL as a standby, so that it once was a whole copy. */
export const checkpointOfStandby: Answer = {
  id: 'checkpoint-of-standby',
  kind: 'cause',
  matters: 5,
  means:
    'The standby cannot find the WAL of its last checkpoint: it is not in pg_wal, or unreadable, and restore_command (if one is set) did not bring it.',
  causes: [
    {
      cause: 'Files in pg_wal were deleted or overwritten, or pg_wal is on a disk that is not mounted or was full.',
      on: 'standby',
      check: 'pg_controldata -D <data directory> | grep "REDO WAL"; ls -l <data directory>/pg_wal | tail',
    },
    {
      cause: 'The machine crashed and the storage lost writes.',
      on: 'standby',
      check: 'dmesg -T | grep -iE "i/o error|ext4|xfs" | tail',
    },
    {
      cause: 'pg_control or other files were copied from a running server: a raw copy, or a failed pg_rewind.',
      rule: 'standby/raw-copy',
    },
  ],
  todo: 'If the primary or an archive still has the segment that "REDO WAL file" names, copy it into pg_wal and start again. Otherwise make a new base backup (Patroni: patronictl reinit).',
};

/** Recovery asked the archive, which did not bring the WAL with which it has to begin. */
export const checkpointNotRestored: Answer = {
  id: 'checkpoint-not-restored',
  kind: 'cause',
  matters: 5,
  means:
    'Recovery of this base backup cannot begin: the WAL segment with its first checkpoint is not in pg_wal, and restore_command did not bring it.',
  causes: [
    {
      cause:
        'restore_command fails, looks in another place than the archive, or brings a damaged file. What it printed is in the log, before this message.',
      on: 'standby',
      check: 'cat <data directory>/backup_label; postgres -C restore_command -D <data directory>',
      rule: 'recovery/restore-command-fails',
    },
    {
      cause:
        'The segment never reached the archive: archive_command was failing when the base backup was taken, or the archive was cleaned up.',
      on: 'primary',
      check: 'psql -c "SELECT last_archived_wal, last_failed_wal, last_failed_time FROM pg_stat_archiver"',
    },
  ],
  todo: 'Look in the archive for the segment that backup_label names in START WAL LOCATION, and run restore_command for it by hand as the user of the server. Never remove backup_label. If the segment is nowhere, this base backup is of no use: take a new one with -X stream.',
};

/** The startup process waits, and sessions wait with it. */
export const waitsForWal: Answer = {
  id: 'waits-for-wal',
  kind: 'consequence',
  matters: 4,
  means:
    'The standby accepts no sessions because it has not reached a consistent state, and it waits for WAL that no source has brought yet (the line "waiting for WAL to become available").',
  causes: [
    {
      cause:
        'Neither restore_command nor the primary brings the segment: it is not archived yet, it was removed, or the standby cannot connect to the primary (primary_conninfo missing or refused).',
      on: 'standby',
      check: 'postgres -C primary_conninfo -D <data directory>; ps aux | grep "[w]alreceiver"',
      rule: 'streaming/not-connected',
    },
    {
      cause:
        'The WAL up to the end of the base backup is still being written: the primary switches to the next segment only when it has something to write.',
      on: 'primary',
      check: 'psql -c "SELECT pg_switch_wal()"',
    },
    {
      cause: 'hot_standby is off on this standby: it never accepts sessions.',
      on: 'standby',
      check: 'postgres -C hot_standby -D <data directory>',
      rule: 'recovery/hot-standby-off',
    },
  ],
};
