import { shellWord } from '../../remedies/quoting.ts';
import { at, disruptive, manual } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const serverRunning = defineRule({
  id: 'target/server-running',
  title: 'A PostgreSQL server runs on the target directory',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  explains: ['target/not-empty', 'target/port-in-use'],
  docs: {
    what: 'Reads `postmaster.pid` in the target directory and holds it against the processes that run: their program, their working directory, their command line, and when they began.',
    why: 'The directory is in use. To move it away under a running server, or to write into it, damages that server.',
    notes:
      'A postmaster.pid that names a process that is gone, or another program that was given the number since, is no running server. A server in a container is found too where this user may see its processes.',
    references: [
      'backend/utils/init/miscinit.c, CreateLockFile()',
      'PostgreSQL manual, section 66.1, Database File Layout',
    ],
  },
  judge({ targetDirectory: place }) {
    if (place.state.kind !== 'directory') return pass(`${place.path} is no directory that a server could run on`);
    const postmaster = place.state.cluster?.postmaster;
    if (postmaster === undefined) return pass(`there is no postmaster.pid in ${place.path}`);
    const { pid, port, program } = postmaster;
    switch (postmaster.process) {
      case 'gone':
      case 'ended':
        return pass(`postmaster.pid names process ${pid}, which is gone`);
      case 'another-program':
        return pass(`postmaster.pid names process ${pid}, which is ${program ?? 'another program'} now`);
      case 'unknown':
        return unexamined({
          kind: 'permission',
          because: `whether process ${pid}, which postmaster.pid names, is a server on ${place.path} is not shown to this user`,
          remedy: `run standbylint as ${place.state.owner.name}`,
        });
      case 'running': {
        const listens = port === undefined ? '' : ` and listens on port ${port}`;
        return fail({
          message: `Process ${pid} is a PostgreSQL server on ${place.path}${listens}. A copy into its directory would destroy what it serves.`,
          where: at('client', undefined, place.path),
          evidence: [
            evidence('postmaster.pid', `process ${pid}${port === undefined ? '' : `, port ${port}`}`, place.path),
            evidence('process', program ?? 'postgres', `process ${pid}`),
          ],
          remedy: disruptive(
            'Choose another directory, or stop that server if it is no longer wanted.',
            manual(
              'client',
              `Give -D a directory that no server runs on. If the server${port === undefined ? '' : ` on port ${port}`} is no longer wanted, stop it first: pg_ctl stop -D ${shellWord(place.state.realPath)} -m fast`,
            ),
          ),
        });
      }
    }
  },
});
