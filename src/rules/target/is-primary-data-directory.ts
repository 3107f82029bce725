import { ifSeen, withoutAdmin } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const isPrimaryDataDirectory = defineRule({
  id: 'target/is-primary-data-directory',
  title: "The target directory is the primary's own data directory",
  severity: 'error',
  endangersData: true,
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  wants: ['primaryDataDirectory', 'primary'],
  explains: [
    'target/server-running',
    'target/not-empty',
    'target/not-writable',
    'target/wrong-owner',
    'target/tablespace-collision',
    'target/disk-space',
    'target/port-in-use',
  ],
  docs: {
    what: "Compares device and inode of the target with those of the primary's data_directory when both are on this machine, so that links, `..` and bind mounts are recognized. If the primary does not show its data directory, the control file and the running server in the target are compared with it.",
    why: 'The base backup cannot replace the directory that it copies. Clearing the directory, as is often advised, would destroy the primary.',
    references: [
      'data_directory: https://www.postgresql.org/docs/current/runtime-config-file-locations.html#GUC-DATA-DIRECTORY',
    ],
  },
  judge({ targetDirectory: place, primaryDataDirectory, primary }) {
    const { state } = place;
    if (state.kind !== 'directory') return pass(`${place.path} is not a directory yet`);
    if (state.entries.length === 0) return pass(`${place.path} is empty, so it is not a data directory`);
    const from = ifSeen(primary);
    const own = ifSeen(primaryDataDirectory);
    if (own !== undefined)
      return own.device === state.device && own.inode === state.inode
        ? fault('device and inode', `${own.path} and ${place.path} are the same directory`, 'stat(2)')
        : pass(`${place.path} and ${own.path} are different directories`);
    if (from !== undefined && !from.ownAddress && !from.sameMachine)
      return notApplicable('the primary runs on another machine');
    const { cluster } = state;
    if (cluster === undefined) return pass(`${place.path} is not a data directory`);
    if (from === undefined)
      return unexamined({ kind: 'connection', because: 'no login succeeded, so the primary is not known' });
    if (cluster.systemIdentifier !== undefined && cluster.systemIdentifier !== from.systemIdentifier)
      return pass(`${place.path} belongs to another cluster (system identifier ${cluster.systemIdentifier})`);
    const { postmaster } = cluster;
    if (postmaster === undefined || !['running', 'unknown'].includes(postmaster.process))
      return pass(`no server runs on ${place.path}, but the primary is running`);
    // where its process is known, the number tells; behind a tunnel or in a container it is not
    if (from.postmaster !== undefined && postmaster.process === 'running' && postmaster.pid !== from.postmaster)
      return pass(`the server on ${place.path} (process ${postmaster.pid}) is not the primary`);
    if (from.postmaster !== undefined && postmaster.pid === from.postmaster)
      return fault(
        'running server',
        `process ${postmaster.pid} is the primary, on port ${from.port}`,
        `${place.path}/postmaster.pid`,
      );
    return unexamined(
      withoutAdmin(
        'permission',
        `${place.path} has the primary's system identifier, and the primary does not show its data directory`,
        ', a connection as a superuser or as a member of pg_read_all_settings',
      ),
    );

    function fault(label: string, value: string, source: string) {
      return fail({
        message: `${place.path} is the data directory of the primary itself. A standby needs its own directory.`,
        where: at('client', undefined, place.path),
        evidence: [evidence(label, value, source)],
        remedy: safe(
          'Give the standby another directory.',
          manual('client', `Give -D another directory than ${place.path}, and do not change that one.`),
        ),
      });
    }
  },
});
