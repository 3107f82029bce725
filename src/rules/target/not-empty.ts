import { timeText } from '../../derived/sighting-evidence.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { FoundCluster, OperatingSystemUser, Place, PlaceState } from '../../facts/machine.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Primary } from '../../facts/primary.ts';
import type { Evidence, Step } from '../../findings/report.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import type { Change } from '../../remedies/command-line.ts';
import { isForeign } from '../../remedies/foreign-content.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { isSystemDirectory } from '../../remedies/system-directories.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { moveAside, namesIn } from '../../remedies/moving-aside.ts';
import type { Fault } from '../../findings/judgement.ts';

type Directory = Extract<PlaceState, { kind: 'directory' }>;

export const notEmpty = defineRule({
  id: 'target/not-empty',
  title: 'The target directory is not empty',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory', 'baseBackup'],
  wants: ['primary', 'operatingSystemUser'],
  messages: ['pgbb-dir-not-empty'],
  docs: {
    what: 'Lists the target directory (`-D`), including hidden files, and says what it contains: other files, a data directory (with its release, system identifier, state and last checkpoint), or an unfinished base backup.',
    why: 'pg_basebackup writes only into a directory that is empty or does not exist, and stops otherwise.',
    notes:
      'A directory that contains other files than PostgreSQL data, or that belongs to the system, is never touched: the fix gives another directory. A data directory is renamed, never deleted. A mount point cannot be renamed, and a new file system contains `lost+found`, so the fix uses a subdirectory. If the entrypoint of a container image ran initdb, the directory contains a new cluster, not a copy of the primary.',
    references: [
      'pg_basebackup, -D: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/bin/pg_basebackup/pg_basebackup.c: verify_dir_is_empty_or_create()',
      'src/port/pgcheckdir.c: pg_check_dir()',
    ],
  },
  judge({ targetDirectory: place, baseBackup, primary, operatingSystemUser }) {
    const { state } = place;
    if (state.kind === 'absent') return pass(`${place.path} does not exist: pg_basebackup will create it`);
    if (state.kind !== 'directory') return notApplicable(`${place.path} is not a directory`);
    if (state.entries.length === 0) return pass(`${place.path} is empty`);
    if (place.dataDirectory !== undefined) return fail(configuration(place, place.dataDirectory, state, baseBackup));
    if (isForeign(state))
      return fail(foreign(place, state, checkAgain(baseBackup, elsewhere(place, operatingSystemUser))));
    const { what, title } = contents(state, ifSeen(primary));
    return fail({
      ...(title === undefined ? {} : { title }),
      message: `pg_basebackup copies only into an empty directory, but ${place.path} contains ${what}.`,
      where: at('client', undefined, place.path),
      evidence: [
        evidence('content', namesIn(state), place.path),
        ...(state.realPath === place.path ? [] : [evidence('real path', state.realPath, 'realpath')]),
        ...clusterEvidence(state.cluster, primary),
      ],
      // under a server, or what may be one, nothing is moved
      remedy: mayBeInUse(state)
        ? safe(
            'Choose another directory.',
            manual('client', `Give -D another directory than ${place.path}: a server may be using that one.`),
          )
        : moveAside(place, state, checkAgain(baseBackup, { without: ['pgdata'], with: ['-D', place.subdirectory] })),
    });
  },
});

/** A server is started on it, and a copy goes to the directory that it names. */
function configuration(place: Place, dataDirectory: string, state: Directory, command: BaseBackupCommand): Fault {
  return {
    title: 'The target directory is one of configuration files, not of data',
    message: `${place.path}/postgresql.conf sets data_directory to ${dataDirectory}: a server may be started with -D ${place.path}, but its data goes there. pg_basebackup copies only into an empty directory.`,
    where: at('client', undefined, place.path),
    evidence: [
      evidence('content', namesIn(state), place.path),
      evidence('data_directory', dataDirectory, `${place.path}/postgresql.conf`),
    ],
    remedy: safe(
      'Copy into the data directory.',
      checkAgain(command, { without: ['pgdata'], with: ['-D', dataDirectory] }),
    ),
  };
}

/** Nothing of it is moved, and nobody else becomes its owner: the copy goes elsewhere. */
function foreign(place: Place, state: Directory, again: Step): Fault {
  return {
    title: 'The target directory contains files that do not belong to PostgreSQL',
    message: `${place.path} contains files that do not belong to PostgreSQL (${namesIn(state)}), but pg_basebackup copies only into an empty directory.`,
    where: at('client', undefined, place.path),
    evidence: [
      evidence('content', namesIn(state), place.path),
      ...(state.realPath === place.path ? [] : [evidence('real path', state.realPath, 'realpath')]),
    ],
    remedy: safe('Choose another directory.', again),
  };
}

/** Beside it, but not among the directories of the system; the copy is made by the user that the server will run as. */
function elsewhere(place: Place, seen: Observed<OperatingSystemUser>): Change {
  const user = ifSeen(seen);
  const { state } = place;
  const isSystem = isSystemDirectory(place.path) || (state.kind === 'directory' && isSystemDirectory(state.realPath));
  // a file system of its own has room for a directory of its own
  const free = state.kind === 'directory' && !state.movable ? place.subdirectory : place.beside;
  return {
    without: ['pgdata'],
    with: ['-D', isSystem ? '/var/lib/postgresql/standby' : free],
    ...(user?.uid === 0
      ? { user: user.serverUser === undefined || user.serverUser === 'root' ? 'postgres' : user.serverUser }
      : {}),
  };
}

/** What lies there, in words that end a sentence. */
function contents(
  directory: Directory,
  primary: Primary | undefined,
): { readonly what: string; readonly title?: string } {
  const { cluster, entries } = directory;
  if (cluster === undefined)
    return entries.length === 1 && entries[0] === 'lost+found'
      ? { what: 'lost+found, which every new file system of this kind has in its root directory' }
      : { what: `files that are not a PostgreSQL data directory: ${namesIn(directory)}` };
  if (cluster.unfinishedBackup)
    return {
      title: 'The target directory contains an unfinished base backup',
      what: 'an unfinished base backup: no server can start on it, and pg_basebackup cannot resume it',
    };
  const release = cluster.version === undefined ? 'PostgreSQL' : `PostgreSQL ${cluster.version}`;
  const state = cluster.state === undefined ? '' : ` (${cluster.state})`;
  if (primary === undefined || cluster.systemIdentifier === undefined)
    return { what: `a data directory of ${release}${state}` };
  if (cluster.systemIdentifier !== primary.systemIdentifier)
    return {
      title: 'The target directory contains another cluster',
      what: `a data directory of ${release}${state} that is not a copy of this primary${freshlyMade(cluster) ? ': initdb created it recently, as the entrypoint of a container image does, and it is almost unused' : ': its system identifier differs'}`,
    };
  return {
    title: 'The target directory already contains a copy of this primary',
    what: `a copy of this primary, ${release}${state}${cluster.hasStandbySignal ? ', set up as a standby. It may only need a start: run standbylint postmortem to find out' : ', without standby.signal'}`,
  };
}

const mayBeInUse = ({ cluster }: Directory): boolean =>
  cluster?.postmaster?.process === 'running' || cluster?.postmaster?.process === 'unknown';

function clusterEvidence(cluster: FoundCluster | undefined, primary: Observed<Primary>): readonly Evidence[] {
  if (cluster === undefined) return [];
  const from = ifSeen(primary);
  return [
    ['PG_VERSION', cluster.version, 'PG_VERSION'],
    ['system identifier of the directory', cluster.systemIdentifier?.toString(), 'global/pg_control'],
    ['system identifier of the primary', from?.systemIdentifier.toString(), 'IDENTIFY_SYSTEM'],
    ['state', cluster.state, 'global/pg_control'],
    ['timeline', cluster.timeline?.toString(), 'global/pg_control'],
    ['last checkpoint', cluster.lastCheckpointAt && timeText(cluster.lastCheckpointAt), 'global/pg_control'],
  ].flatMap(([label, value, source]) =>
    label === undefined || value === undefined || source === undefined ? [] : [evidence(label, value, source)],
  );
}

/** The upper half of a system identifier is the second in which initdb made it (xlog.c, BootStrapXLOG). */
function freshlyMade({ systemIdentifier, lastCheckpointAt, timeline, hasStandbySignal, state }: FoundCluster): boolean {
  // a standby of another cluster is a copy, and not what initdb makes
  if (hasStandbySignal || state?.includes('recovery') === true) return false;
  if (systemIdentifier === undefined || lastCheckpointAt === undefined || timeline?.toString() !== '1') return false;
  const made = Number(systemIdentifier >> 32n);
  return Math.abs(lastCheckpointAt.getTime() / 1_000 - made) < 900;
}
