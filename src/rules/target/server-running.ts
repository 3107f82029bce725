import { ifSeen } from '../../facts/observed.ts';
import { program as programIn } from '../../remedies/server-control.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { disruptive, manual } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const serverRunning = defineRule({
  id: 'target/server-running',
  title: 'A PostgreSQL server is running on the target directory',
  severity: 'error',
  endangersData: true,
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  wants: ['installedTools'],
  explains: ['target/not-empty', 'target/port-in-use'],
  docs: {
    what: 'Reads `postmaster.pid` in the target directory and compares it with the running processes: their program, working directory, command line and start time.',
    why: 'The directory is in use. Moving it or writing into it damages the running server.',
    notes:
      'A postmaster.pid whose process has ended, or whose number now belongs to another program, is not a running server. A server in a container is found too if this user can see its processes.',
    references: [
      'src/backend/utils/init/miscinit.c: CreateLockFile()',
      'Database File Layout: https://www.postgresql.org/docs/current/storage-file-layout.html',
    ],
  },
  judge({ targetDirectory: place, installedTools }) {
    if (place.state.kind !== 'directory') return pass(`${place.path} is not a directory, so no server can run on it`);
    const postmaster = place.state.cluster?.postmaster;
    if (postmaster === undefined) return pass(`${place.path} has no postmaster.pid`);
    const { pid, port, program } = postmaster;
    switch (postmaster.process) {
      case 'gone':
      case 'ended':
        return pass(`postmaster.pid names process ${pid}, which has ended`);
      case 'another-program':
        return pass(`postmaster.pid names process ${pid}, which is ${program ?? 'another program'} now`);
      case 'unknown':
        return unexamined({
          kind: 'permission',
          because: `this user cannot see whether process ${pid} (from postmaster.pid) is a server on ${place.path}`,
          remedy: `run standbylint as ${place.state.owner.name}`,
        });
      case 'running': {
        // on PATH there is none where packages keep each release by itself
        const { version } = place.state.cluster ?? {};
        const server = ifSeen(installedTools)?.servers.find(({ major }) => String(major) === version);
        const stop = `${programIn(server?.binDirectory, 'pg_ctl')} stop -D ${shellWord(place.state.realPath)} -m fast`;
        const listens = port === undefined ? '' : ` and listens on port ${port}`;
        return fail({
          message: `Process ${pid} is a PostgreSQL server on ${place.path}${listens}. Copying into its directory would destroy its data.`,
          where: at('client', undefined, place.path),
          evidence: [
            evidence('postmaster.pid', `process ${pid}${port === undefined ? '' : `, port ${port}`}`, place.path),
            evidence('process', program ?? 'postgres', `process ${pid}`),
          ],
          remedy: disruptive('Choose another directory, or stop that server if it is no longer needed.', {
            ...manual(
              'client',
              `Give -D a directory that no server runs on. If the server${port === undefined ? '' : ` on port ${port}`} is no longer needed, stop it first: ${stop}`,
            ),
            stop,
          }),
        });
      }
    }
  },
});
