import { ifSeen } from '../../facts/observed.ts';
import { at, disruptive, manual } from '../../remedies/remedy.ts';
import { start } from '../../remedies/server-control.ts';
import { notStreaming, replayStands } from '../streaming/consequences.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { bytes } from '../target/bytes.ts';

export const diskFull = defineRule({
  id: 'wal/disk-full',
  title: "The file system of the standby's WAL is full",
  severity: 'error',
  commands: ['postmortem'],
  needs: ['localWal'],
  wants: ['standbyControl'],
  explains: [...notStreaming, ...replayStands, 'streaming/stalled'],
  says: [
    'could not extend file "%s": No space left on device',
    'could not write to file "%s": No space left on device',
    'No space left on device',
  ],
  docs: {
    what: 'Fails when the file system that pg_wal lies on has no room for one more segment, or no inode.',
    why: 'The WAL receiver makes a new segment file before it writes: without room it ends, and the startup process cannot go on either.',
    notes: 'Messages of a full disk in the logs are history once there is room.',
    references: ['src/backend/access/transam/xlog.c: XLogFileInitInternal()'],
  },
  judge({ localWal, standbyControl }) {
    const { fileSystem, segmentSize, path, bytes: walBytes } = localWal;
    if (localWal.state !== 'directory') return notApplicable(`${path} is no directory`);
    if (fileSystem === undefined)
      return unexamined({ kind: 'unreadable', because: `${path}: its file system is not known` });
    const wanted = segmentSize ?? 16 * 1024 * 1024;
    const noInode = fileSystem.totalInodes > 0 && fileSystem.freeInodes === 0;
    if (fileSystem.freeBytes >= wanted && !noInode)
      return pass(`${fileSystem.mountPoint} has ${bytes(fileSystem.freeBytes)} free`);
    const control = ifSeen(standbyControl);
    return fail({
      ...(noInode ? { title: "The file system of the standby's WAL has no inode left" } : {}),
      message: `${fileSystem.mountPoint}, where ${path} lies, has ${noInode ? 'no inode' : bytes(fileSystem.freeBytes)} left: the next segment of ${bytes(wanted)} cannot be written.`,
      where: at('standby', undefined, path),
      evidence: [
        evidence(
          'free',
          `${bytes(fileSystem.freeBytes)} of ${bytes(fileSystem.totalBytes)}`,
          `statfs ${fileSystem.mountPoint}`,
        ),
        evidence('segments in pg_wal', bytes(walBytes), path),
      ],
      remedy: disruptive(
        'Make room there, and never in pg_wal itself.',
        manual(
          'standby',
          `Free space on ${fileSystem.mountPoint} (or make it larger): look for logs and other files with "du -x -d 2 ${fileSystem.mountPoint} | sort -n". Leave every file in ${path} where it is.`,
        ),
        ...(control === undefined || control.running ? [] : [start('standby', control.control)]),
      ),
    });
  },
});
