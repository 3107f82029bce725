import { disruptive, safe, shell } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { restart, start } from '../../remedies/server-control.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Step } from '../../findings/report.ts';

export const stalePidFile = defineRule({
  id: 'standby/stale-pid-file',
  title: 'postmaster.pid is left over from a server that no longer runs',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: ['standbyControl'],
  explains: [...notStreaming],
  messages: ['lock-file-exists', 'lock-file-bogus', 'lock-file-empty', 'preexisting-shmem'],
  says: ['Is another postmaster (PID %d) running in data directory'],
  docs: {
    what: 'Compares postmaster.pid with the running processes: its PID may belong to this server, to no process, or to another program. If the server is gone, it looks for its other processes by their working directory.',
    why: 'If the PID belongs to a running process of its own user, the server assumes that another server runs on this directory and does not start. An empty or damaged file stops it too.',
    notes:
      'A PID without a process is only a warning: the last server ended without cleaning up (a crash, a power failure, kill -9), and the next start removes the file. Do not remove it while a server may be running on the directory: a server without the file is found by its working directory.',
    references: ['src/backend/utils/init/miscinit.c: CreateLockFile(), RecheckDataDirLockFile()'],
  },
  judge({ dataDirectory, now, standbyControl }) {
    const { path, postmaster, pidFileUnreadable, owner } = dataDirectory;
    const file = `${path}/postmaster.pid`;
    const where = at('standby', undefined, file);
    const putAside = moved('standby', file, backupName(file, now));
    const control = ifSeen(standbyControl)?.control ?? ({ kind: 'unknown' } as const);
    const go = start('standby', control);
    const state = pidFileUnreadable === undefined ? 'does not exist' : 'contains no PID';
    if (postmaster?.withoutLockFile === true)
      return fail({
        title: 'The server is running, but its postmaster.pid is gone',
        message: `Process ${postmaster.pid} is the server on ${path}, but ${file} ${state}. The server checks the file once a minute, and shuts down immediately if it is not its own.`,
        where,
        evidence: [
          evidence('working directory', path, `process ${postmaster.pid}`),
          evidence('postmaster.pid', pidFileUnreadable ?? 'does not exist', file),
        ],
        remedy: disruptive(
          'Restart the server before it shuts itself down.',
          ...(pidFileUnreadable === undefined ? [] : [putAside]),
          ...(control.kind === 'pg_ctl' || control.kind === 'pg_ctlcluster'
            ? [ended(postmaster.pid, path), go]
            : [restart('standby', control)]),
        ),
      });
    if (pidFileUnreadable !== undefined)
      return fail({
        title: 'postmaster.pid contains no PID',
        message: `${file} is not a valid lock file: ${pidFileUnreadable}. The server does not start while it exists.`,
        where,
        evidence: [evidence('postmaster.pid', pidFileUnreadable, file)],
        remedy: safe('Move it aside, and start the server.', putAside, go),
      });
    if (postmaster === undefined) return pass(`${file} does not exist`);
    const { pid, process, program, uid } = postmaster;
    if (process === 'running') return pass(`process ${pid} is the server on ${path}`);
    if (process === 'unknown')
      return unexamined({
        kind: 'permission',
        because: `process ${pid} from ${file} is running, but this user cannot see whether it is the server on ${path}`,
        remedy: `run standbylint as ${owner.name} or as root`,
      });
    const shown = [evidence('process number', String(pid), file)];
    const left = postmaster.leftBehind ?? [];
    if (process === 'gone' && left.length > 0)
      return fail({
        title: 'Processes of a server that has crashed are still running',
        message: `The server on ${path} (process ${pid}) is gone, but ${left.length === 1 ? 'one of its processes still uses' : `${left.length} of its processes still use`} its shared memory. No server starts on the directory until ${left.length === 1 ? 'it ends' : 'they end'}.`,
        where,
        evidence: [...shown, evidence('processes left', left.join(', '), '/proc')],
        remedy: disruptive(
          `End ${left.length === 1 ? 'it' : 'them'}, and start the server.`,
          endedLeft(left, path),
          go,
        ),
      });
    if (process === 'gone')
      return fail({
        severity: 'warning',
        message: `${file} contains PID ${pid}, which no longer exists: the last server on ${path} ended without cleaning up. The next start removes the file.`,
        where,
        evidence: shown,
        remedy: safe('Start the server.', go),
      });
    if (process === 'ended')
      return fail({
        title: 'postmaster.pid contains the PID of a zombie process',
        message: `${file} contains PID ${pid}. That process has ended, but its parent has not reaped it (often process 1 of a container): the server assumes that another server runs on ${path} and does not start.`,
        where,
        evidence: [...shown, evidence('state', 'ended (zombie)', `/proc/${pid}/stat`)],
        remedy: safe('Move the file aside, and start the server.', putAside, go),
      });
    // kill(2) with EPERM counts as gone (miscinit.c): a process of another user is no hindrance
    const hinders = uid === undefined || uid === owner.uid;
    return fail({
      severity: hinders ? 'error' : 'warning',
      title: 'The PID in postmaster.pid belongs to another process',
      message: `${file} contains PID ${pid}, which now belongs to ${program ?? 'another program'}${hinders ? `: the server assumes that another server runs on ${path} and does not start` : ' of another user: the next start removes the file'}.`,
      where,
      evidence: [...shown, evidence('program', program ?? 'not shown', `process ${pid}`)],
      remedy: safe('Move the file aside, and start the server.', putAside, go),
    });
  },
});

/** pg_ctl finds no server without the file. INT is a fast shutdown (postmaster.c). */
const ended = (pid: number, path: string): Step =>
  shell('standby', `kill -INT ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 1; done`, 'stop', path);

/** QUIT ends a process at once, and one that is stopped when it continues; one that waits for a disk may not end. */
const endedLeft = (left: readonly number[], path: string): Step => {
  const pids = left.join(' ');
  return shell(
    'standby',
    `kill -QUIT ${pids}; kill -CONT ${pids}; for second in 1 2 3 4 5 6 7 8 9 10; do kill -0 ${pids} 2>/dev/null || break; sleep 1; done`,
    'stop',
    path,
  );
};
