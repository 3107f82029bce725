import { at, disruptive, safe, shell } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { restart, start } from '../../remedies/server-control.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Step } from '../../facts/report.ts';

export const stalePidFile = defineRule({
  id: 'standby/stale-pid-file',
  title: 'postmaster.pid is of a server that is gone',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: ['standbyControl'],
  explains: [...notStreaming],
  says: [
    'lock file "%s" already exists',
    'Is another postmaster (PID %d) running in data directory',
    'bogus data in lock file',
    'lock file "%s" is empty',
  ],
  docs: {
    what: 'Holds postmaster.pid against the processes that run: the number it names may belong to this server, to nobody, or to another program since.',
    why: 'A server that finds the number of a living process of its own user there takes it for a server on this directory, and does not start. An empty or garbled file stops it too.',
    notes:
      'A number that nobody has is only a warning: the last server ended without cleaning up (a crash, a power failure, kill -9), and the next start takes the file away. Nobody should remove it while a server may run on the directory: a server without the file is found by its working directory.',
    references: ['backend/utils/init/miscinit.c, CreateLockFile() and RecheckDataDirLockFile()'],
  },
  judge({ dataDirectory, now, standbyControl }) {
    const { path, postmaster, pidFileUnreadable, owner } = dataDirectory;
    const file = `${path}/postmaster.pid`;
    const where = at('standby', undefined, file);
    const putAside = moved('standby', file, backupName(file, now));
    const control = ifSeen(standbyControl)?.control ?? ({ kind: 'unknown' } as const);
    const go = start('standby', control);
    const state = pidFileUnreadable === undefined ? 'does not exist' : 'names no process';
    if (postmaster?.withoutLockFile === true)
      return fail({
        title: 'The server runs, and its postmaster.pid is gone',
        message: `Process ${postmaster.pid} is the server on ${path}, and ${file} ${state}. The server looks at the file once a minute, and shuts down at once when it is not its own.`,
        where,
        evidence: [
          evidence('working directory', path, `process ${postmaster.pid}`),
          evidence('postmaster.pid', pidFileUnreadable ?? 'not there', file),
        ],
        remedy: disruptive(
          'Stop the server cleanly before it does so itself, and start it again.',
          ...(pidFileUnreadable === undefined ? [] : [putAside]),
          ...(control.kind === 'pg_ctl' || control.kind === 'pg_ctlcluster'
            ? [ended(postmaster.pid, path), go]
            : [restart('standby', control)]),
        ),
      });
    if (pidFileUnreadable !== undefined)
      return fail({
        title: 'postmaster.pid names no process',
        message: `${file} cannot be read as a lock file: ${pidFileUnreadable}. The server does not start while it is there.`,
        where,
        evidence: [evidence('postmaster.pid', pidFileUnreadable, file)],
        remedy: safe('Put it aside, and start the server.', putAside, go),
      });
    if (postmaster === undefined) return pass(`there is no ${file}`);
    const { pid, process, program, uid } = postmaster;
    if (process === 'running') return pass(`process ${pid} is the server on ${path}`);
    if (process === 'unknown')
      return unexamined({
        kind: 'permission',
        because: `process ${pid}, which ${file} names, runs, and the system does not show this user whether it is the server on ${path}`,
        remedy: `run standbylint as ${owner.name} or as root`,
      });
    const shown = [evidence('process number', String(pid), file)];
    if (process === 'gone')
      return fail({
        severity: 'warning',
        message: `${file} names process ${pid}, which is gone: the last server on ${path} ended without cleaning up. The next start takes the file away.`,
        where,
        evidence: shown,
        remedy: safe('Start the server.', go),
      });
    if (process === 'ended')
      return fail({
        title: 'postmaster.pid names a process that has ended and is still listed',
        message: `${file} names process ${pid}. It has ended, and the system keeps its number until its parent asks for its end, which the first process of a container often never does: the server takes it for one on ${path} and does not start.`,
        where,
        evidence: [...shown, evidence('state', 'ended (zombie)', `/proc/${pid}/stat`)],
        remedy: safe('Put the file aside, and start the server.', putAside, go),
      });
    // kill(2) with EPERM counts as gone (miscinit.c): a process of another user is no hindrance
    const hinders = uid === undefined || uid === owner.uid;
    return fail({
      severity: hinders ? 'error' : 'warning',
      title: 'postmaster.pid names a process that is no server on this directory',
      message: `${file} names process ${pid}, and that number belongs to ${program ?? 'another program'} now${hinders ? `: the server takes it for one on ${path} and does not start` : ', of another user: the next start takes the file away'}.`,
      where,
      evidence: [...shown, evidence('program', program ?? 'not shown', `process ${pid}`)],
      remedy: safe('Put the file aside, and start the server.', putAside, go),
    });
  },
});

/** pg_ctl finds no server without the file. INT is a fast shutdown (postmaster.c). */
const ended = (pid: number, path: string): Step =>
  shell('standby', `kill -INT ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 1; done`, 'stop', path);
