import { ifSeen } from '../../facts/observed.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { disruptive, manual } from '../../remedies/remedy.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const socketMissing = defineRule({
  id: 'standby/socket-missing',
  title: 'The Unix socket of the running server does not exist',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  wants: ['standbyControl', 'runningStandby'],
  docs: {
    what: 'Reads from postmaster.pid which Unix socket the running server listens on, and warns if its file does not exist.',
    why: 'Every program that connects over the socket fails with "No such file or directory": psql without -h, pg_isready, monitoring. The server does not notice, and streaming goes on.',
    notes:
      'Cleaners of /tmp (tmpwatch, systemd-tmpfiles) remove the file. A server with a file system of its own (a container, PrivateTmp=yes of a systemd unit) is looked at through /proc/PID/root. If the server listens on a TCP address of this machine, standbylint asks it there.',
    references: [
      'unix_socket_directories: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-UNIX-SOCKET-DIRECTORIES',
      'src/backend/libpq/pqcomm.c: TouchSocketFiles()',
    ],
  },
  judge({ dataDirectory, ...seen }) {
    const { postmaster, path } = dataDirectory;
    if (postmaster?.process !== 'running') return notApplicable(`no server runs on ${path}`);
    const { missingSocket: socket, pid } = postmaster;
    if (socket === undefined) return pass(`the server on ${path} (process ${pid}) has the socket that it listens on`);
    const directory = socket.slice(0, socket.lastIndexOf('/'));
    const asked = ifSeen(seen.runningStandby) === undefined ? '' : ' It answers over TCP.';
    return fail({
      message: `The server (process ${pid}) listens on ${socket}, but this file does not exist: nothing can connect over it.${asked} A cleaner of ${directory} probably removed it.`,
      where: at('standby', undefined, socket),
      evidence: [evidence(socket, 'does not exist', `${path}/postmaster.pid`)],
      remedy: disruptive(
        'Restart the server, which creates the socket again.',
        intoUse(seen.standbyControl, dataDirectory),
        manual(
          'standby',
          `Exclude ${shellWord(`${directory}/.s.PGSQL.*`)} from the program that cleans ${directory}, or set unix_socket_directories to a directory that is not cleaned, such as /run/postgresql.`,
        ),
      ),
    });
  },
});
