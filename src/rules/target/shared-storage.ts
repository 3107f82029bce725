import { ifSeen } from '../../facts/observed.ts';
import { clusterText } from '../../facts/shared-storage.ts';
import type { SharedDirectory } from '../../facts/shared-storage.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import type { Fault } from '../../findings/judgement.ts';

export const targetSharedStorage = defineRule({
  id: 'target/shared-storage',
  title: 'The target directory belongs to another server',
  severity: 'error',
  endangersData: true,
  commands: ['preflight', 'clone'],
  needs: ['sharedStorage'],
  wants: ['primary'],
  explains: [
    'target/not-empty',
    'target/not-writable',
    'target/wrong-owner',
    'target/permissions',
    'target/disk-space',
    'target/tablespace-collision',
    'target/tablespace-not-writable',
    'target/waldir-not-empty',
  ],
  docs: {
    what: 'Compares -D, `--waldir` and the directory of each tablespace (after `-T`) with the data directory, pg_wal and the tablespaces of every cluster on this machine: whether two are the same directory, or one contains the other. Directories are compared by device and inode, after all links and mounts are resolved.',
    why: 'Two servers that write to the same files destroy each other. A data directory inside another one is included in its base backups, and is lost with it.',
    notes:
      'target/server-running covers a server that runs on -D itself. A directory that is only next to those of another cluster, or inside a tablespace directory, is not reported.',
    references: [
      'Tablespaces: https://www.postgresql.org/docs/current/manage-ag-tablespaces.html',
      'pg_basebackup, -T, --waldir: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
    ],
  },
  judge({ sharedStorage: { shared, others }, primary }) {
    const upstream = ifSeen(primary)?.postmaster;
    const faults = shared.filter((one) => isFault(one, upstream)).map(faultOf);
    const [first, ...more] = faults;
    if (first !== undefined) return fail(first, ...more);
    return pass(
      others.length === 0
        ? 'no other cluster was found on this machine'
        : `the target directories share nothing with ${others.map(({ dataDirectory }) => dataDirectory).join(', ')}`,
    );
  },
});

function isFault({ ours, theirs, relation, cluster }: SharedDirectory, upstream: number | undefined): boolean {
  // pg_basebackup writes a folder of its own there, and refuses a directory that is not empty
  if (relation === 'within') return theirs.part !== 'tablespace';
  if (relation === 'around') return true;
  // told by target/server-running, and by target/tablespace-collision where the place of the primary's own was not changed
  if (ours.part === 'data-directory' && theirs.part === 'data-directory') return false;
  return !(
    ours.part === 'tablespace' &&
    theirs.part === 'tablespace' &&
    upstream !== undefined &&
    cluster.pid === upstream
  );
}

function faultOf({ ours, theirs, relation, cluster }: SharedDirectory): Fault {
  const [option, example] = options[ours.part];
  const owner = clusterText(cluster);
  const what = `${words[theirs.part]} of ${owner}`;
  return {
    endangersData: true,
    title: `${option} is storage of another server`,
    message:
      relation === 'around'
        ? `${ours.path} contains ${theirs.path}, ${what}: the base backup would overwrite another server's files.`
        : `${ours.path} is ${relation === 'within' ? 'within ' : ''}${words[theirs.part]}${relation === 'within' ? ` (${theirs.path})` : ''} of ${owner}: ${relation === 'within' ? 'its base backups would include the new standby, which would be lost with it.' : "two servers that write to the same files destroy each other's data."}`,
    where: at('client', undefined, ours.path),
    evidence: [evidence(`${ours.path}, ${relation}`, theirs.path, `device and inode; ${owner}`)],
    remedy: safe(
      'Choose a directory that no other server uses.',
      manual(
        'client',
        `Give ${option} a directory outside ${cluster.dataDirectory} and its tablespaces and WAL${example}, and do not change ${theirs.path}.`,
      ),
    ),
  };
}

const options = {
  'data-directory': ['-D', ''],
  pg_wal: ['--waldir', ''],
  tablespace: ['-T', ' (-T OLD=NEW)'],
} as const;

const words = {
  'data-directory': 'the data directory',
  pg_wal: 'pg_wal',
  tablespace: 'a tablespace directory',
} as const;
