import { ifSeen } from '../../facts/observed.ts';
import { disruptive, manual } from '../../remedies/remedy.ts';
import { start } from '../../remedies/server-control.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { formatBytes } from '../../postgres/bytes.ts';

export const diskFull = defineRule({
  id: 'wal/disk-full',
  title: "The file system of the standby's WAL is full",
  severity: 'error',
  commands: ['postmortem'],
  needs: ['localWal'],
  wants: ['standbyControl'],
  explains: [...notStreaming, ...replayStands, 'streaming/stalled'],
  messages: ['os-enospc'],
  says: [
    'could not extend file "%s": No space left on device',
    'could not write to file "%s": No space left on device',
  ],
  docs: {
    what: 'Fails when the file system of pg_wal has no space for another segment, or no free inode.',
    why: 'The WAL receiver creates each segment file before it writes to it: without space it exits, and the startup process cannot continue either.',
    notes: 'Messages about a full disk in the logs no longer apply once there is space.',
    references: ['src/backend/access/transam/xlog.c: XLogFileInitInternal()'],
  },
  judge({ localWal, standbyControl }) {
    const { fileSystem, segmentSize, path, bytes: walBytes } = localWal;
    if (localWal.state !== 'directory') return notApplicable(`${path} is not a directory`);
    if (fileSystem === undefined)
      return unexamined({ kind: 'unreadable', because: `${path}: its file system is not known` });
    const wanted = segmentSize ?? 16 * 1024 * 1024;
    const noInode = fileSystem.totalInodes > 0 && fileSystem.freeInodes === 0;
    if (fileSystem.freeBytes >= wanted && !noInode)
      return pass(`${fileSystem.mountPoint} has ${formatBytes(fileSystem.freeBytes)} free`);
    const control = ifSeen(standbyControl);
    return fail({
      ...(noInode ? { title: "The file system of the standby's WAL has no free inode" } : {}),
      message: `${fileSystem.mountPoint === path ? 'The file system' : `${fileSystem.mountPoint}, the file system`} of ${path}${fileSystem.mountPoint === path ? '' : ','} has ${noInode ? 'no inode' : formatBytes(fileSystem.freeBytes)} free: the next segment of ${formatBytes(wanted)} cannot be written.`,
      where: at('standby', undefined, path),
      evidence: [
        evidence(
          'free',
          `${formatBytes(fileSystem.freeBytes)} of ${formatBytes(fileSystem.totalBytes)}`,
          `statfs ${fileSystem.mountPoint}`,
        ),
        evidence('segments in pg_wal', formatBytes(walBytes), path),
      ],
      remedy: disruptive(
        noInode
          ? 'Remove files from that file system, but never from pg_wal itself.'
          : 'Free space on that file system, but never in pg_wal itself.',
        manual(
          'standby',
          noInode
            ? `Remove files that are not PostgreSQL's from ${fileSystem.mountPoint}: "du --inodes -x -d 2 ${fileSystem.mountPoint} | sort -n" shows which directories have the most. Do not touch any file in ${path}.`
            : `Free space on ${fileSystem.mountPoint} (or enlarge it): find logs and other files with "du -x -d 2 ${fileSystem.mountPoint} | sort -n". Do not touch any file in ${path}.`,
        ),
        ...(control === undefined || control.running ? [] : [start('standby', control.control)]),
      ),
    });
  },
});
