import { createdAgain } from '../../remedies/container-again.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { DataDirectory } from '../../facts/data-directory.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';

export const readOnly = defineRule({
  id: 'standby/read-only',
  title: 'The file system of the data directory is mounted read-only',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  wants: ['localWal', 'standbyControl'],
  explains: [
    ...notStreaming,
    ...replayStands,
    'standby/not-running',
    'standby/path-missing',
    'standby/stale-pid-file',
    'wal/disk-full',
    'streaming/stalled',
  ],
  messages: ['os-erofs'],
  says: ['could not create lock file "%s": Read-only file system'],
  docs: {
    what: 'Fails when the file system that the data directory, or its pg_wal, is on is mounted read-only.',
    why: 'A server writes its lock file before anything else, and a standby all the WAL that it receives: it does not start, or stops at the first write.',
    notes:
      'Linux remounts a file system read-only after an I/O error (errors=remount-ro): in that case check the device first. A mount option of a container or of /etc/fstab is the other usual reason.',
    references: ['src/backend/utils/init/miscinit.c: CreateLockFile()'],
  },
  judge({ dataDirectory, localWal, standbyControl }) {
    const { path, postmaster } = dataDirectory;
    const wal = ifSeen(localWal);
    const places: readonly (readonly [string, DataDirectory['fileSystem']])[] = [
      [path, dataDirectory.fileSystem],
      [wal?.path ?? path, wal?.fileSystem],
    ];
    const [where, fileSystem] = places.find(([, one]) => one?.readOnly === true) ?? [];
    if (where === undefined || fileSystem === undefined)
      return pass(`${dataDirectory.fileSystem?.mountPoint ?? path} is mounted for writing`);
    const { mountPoint, source, type } = fileSystem;
    const mounted = createdAgain(
      ifSeen(standbyControl)?.control,
      `the volume of ${mountPoint} mounted for writing (without :ro)`,
    );
    return fail({
      ...(where === path ? {} : { title: 'The file system of pg_wal is mounted read-only' }),
      message: `${where} is on ${mountPoint}, which is mounted read-only: the server cannot write to it.`,
      where: at('standby', undefined, where),
      evidence: [evidence(mountPoint, `${source}, ${type === '' ? '' : `${type}, `}read-only`, '/proc/self/mountinfo')],
      remedy:
        mounted !== undefined
          ? disruptive(`Give the container ${mountPoint} for writing.`, ...mounted)
          : disruptive(
              `Mount ${mountPoint} for writing, and start the server. Look into the kernel's log (dmesg) for I/O errors of ${source} first: after one of them the file system needs a check.`,
              asRoot('standby', `mount -o remount,rw ${shellWord(mountPoint)}`, 'mount', mountPoint),
              ...(postmaster?.process === 'running' ? [] : [intoUse(standbyControl, dataDirectory)]),
            ),
    });
  },
});
