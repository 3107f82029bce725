import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { ifSeen } from '../../facts/observed.ts';
import { notStreaming } from '../consequences.ts';

export const directoryBeingWritten = defineRule({
  id: 'platform/directory-being-written',
  title: 'A program is still writing the data directory',
  severity: 'error',
  endangersData: true,
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['directoryWriters', 'dataDirectory', 'targetDirectory'],
  // what is seen of a directory that is not finished says nothing
  explains: [
    ...(['target/not-empty', 'target/waldir-not-empty', 'target/tablespace-collision', 'target/permissions'] as const),
    ...notStreaming,
    ...([
      'standby/not-running',
      'standby/incomplete-backup',
      'standby/not-a-data-directory',
      'standby/raw-copy',
    ] as const),
    ...(['standby/control-file-damaged', 'standby/files-lost', 'standby/wal-directory-missing'] as const),
    ...(['standby/tablespace-link-broken', 'standby/version-mismatch', 'standby/permissions'] as const),
    ...(['standby/signal-missing', 'standby/recovery-signal-instead', 'standby/both-signals'] as const),
    ...([
      'standby/config-file-error',
      'standby/hba-file-error',
      'standby/path-missing',
      'standby/cannot-listen',
    ] as const),
    ...(['standby/library-missing', 'standby/locale-missing', 'standby/memory-too-small'] as const),
    ...(['standby/wrong-owner', 'standby/files-closed', 'standby/shared-storage', 'standby/start-refused'] as const),
    ...(['conninfo/missing', 'conninfo/malformed', 'conninfo/points-at-itself', 'conninfo/no-password'] as const),
    ...(['recovery/settings-lower-than-primary', 'recovery/restore-command-fails', 'slot/missing'] as const),
    ...(['wal/gap', 'wal/segment-removed', 'wal/segment-damaged', 'wal/invalid-record-loop'] as const),
    ...(['timeline/diverged', 'timeline/system-identifier-differs', 'timeline/behind-primary-switch'] as const),
    'log/message',
  ],
  docs: {
    what: 'Looks for a running pg_basebackup, pg_rewind, pg_combinebackup, initdb, pg_upgrade, pg_createsubscriber, pg_checksums that turns checksums on or off, rsync, or restore by pgBackRest or Barman that names the directory on its command line and belongs to its owner or to root.',
    why: 'Until it has ended, the directory is a part of what it will be: files are missing that come last, and others are half written. To move it aside, or to start a server on it, destroys what is being made.',
    notes: 'A program in another container, or one that reaches the directory over the network, is not seen.',
    references: [
      'src/bin/pg_basebackup/pg_basebackup.c: BaseBackup()',
      'pg_rewind: https://www.postgresql.org/docs/current/app-pgrewind.html',
    ],
  },
  judge({ directoryWriters, dataDirectory, targetDirectory }) {
    const standby = ifSeen(dataDirectory);
    if (standby?.postmaster?.process === 'running') return notApplicable('a server runs on the directory');
    if (directoryWriters.status === 'unseen') return unexamined(directoryWriters.why);
    if (directoryWriters.status === 'not-applicable') return notApplicable(directoryWriters.why);
    const [writer] = directoryWriters.value;
    if (writer === undefined) return pass('no program that rewrites the directory runs on it');
    const side = standby === undefined ? 'client' : 'standby';
    const path = standby?.path ?? ifSeen(targetDirectory)?.path ?? 'the directory';
    const { pid, program } = writer;
    return fail({
      title: `${program} is still writing ${path}`,
      message: `Process ${pid} (${program}) is writing ${path}. What is in it until that ends is not what it will be.`,
      where: at(side, undefined, path),
      evidence: [evidence('process', `${program}, PID ${pid}`, '/proc')],
      remedy: safe(
        'Wait until it has ended, then run standbylint again.',
        manual(
          side,
          `Wait until process ${pid} (${program}) has ended, then run standbylint again. Leave the directory as it is until then, and start no server on it.`,
        ),
      ),
    });
  },
});
