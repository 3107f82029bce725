import { backupName } from '../../remedies/edit-file.ts';
import { safe } from '../../remedies/remedy.ts';
import { fileMade, moved } from '../../remedies/reversible.ts';
import { start } from '../../remedies/server-control.ts';
import { ifSeen } from '../../facts/observed.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const signalIsDirectory = defineRule({
  id: 'standby/signal-is-directory',
  title: 'The signal file is a directory',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: ['serverLog', 'standbyControl'],
  explains: [...notStreaming, 'standby/not-running'],
  says: [
    'could not remove file "standby.signal": Is a directory',
    'could not remove file "recovery.signal": Is a directory',
  ],
  docs: {
    what: 'Warns when standby.signal or recovery.signal is a directory. Docker creates a directory when a file that does not exist is mounted.',
    why: 'The server checks only that the name exists, so it runs as a standby. At a promotion it must remove the file, which fails for a directory: the server stops, and does not become the primary.',
    references: [
      'src/backend/access/transam/xlogrecovery.c: readRecoverySignalFile()',
      'src/backend/access/transam/xlog.c: CleanupAfterArchiveRecovery(), StartupXLOG()',
    ],
  },
  judge({ dataDirectory, now, serverLog, standbyControl }) {
    const { path, signals, postmaster } = dataDirectory;
    const [first, ...others] = signals.directories ?? [];
    if (first === undefined) return pass(`no signal file in ${path} is a directory`);
    const log = ifSeen(serverLog);
    const ended = log === undefined ? undefined : startFailureIn(log.summary)?.record.message;
    const hasFailed =
      postmaster?.process !== 'running' && ended?.startsWith(`could not remove file "${first}"`) === true;
    const control = ifSeen(standbyControl)?.control ?? { kind: 'unknown' as const };
    return fail({
      severity: hasFailed ? 'error' : 'warning',
      title: `${first} is a directory`,
      message: `${path}/${first} is a directory. ${
        hasFailed
          ? 'The server could not remove it when it was promoted, and stopped.'
          : 'The server runs as a standby with it, but when it is promoted, it cannot remove it and stops.'
      }`,
      where: at('standby', undefined, `${path}/${first}`),
      evidence: [first, ...others].map((name) => evidence(name, 'a directory', path)),
      remedy: safe(
        hasFailed
          ? 'Make it a file, start the server as a standby, and then promote it again if it should become the primary. If it is a mount, remove the mount from the container or from /etc/fstab first.'
          : 'Make it a file. The running server does not need a restart. If it is a mount, remove the mount from the container or from /etc/fstab first.',
        ...[first, ...others].flatMap((name) => [
          moved('standby', `${path}/${name}`, backupName(`${path}/${name}`, now)),
          fileMade('standby', `${path}/${name}`),
        ]),
        ...(hasFailed ? [start('standby', control)] : []),
      ),
    });
  },
});
