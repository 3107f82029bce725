import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Place, PlaceState } from '../../facts/machine.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Tablespace } from '../../facts/primary.ts';
import type { Change } from '../../remedies/command-line.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { moveAside, namesIn } from '../../remedies/moving-aside.ts';
import type { Fault } from '../../findings/judgement.ts';

export const tablespaceCollision = defineRule({
  id: 'target/tablespace-collision',
  title: 'The target directory of a tablespace is not empty',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['tablespaceTargets', 'baseBackup'],
  wants: ['primary', 'targetDirectory'],
  docs: {
    what: "Checks the target directory of each tablespace: the same path as on the primary, or the path that `-T` gives. Fails if that directory exists and is not empty, and says if it is the primary's own directory because the primary runs on this machine.",
    why: 'In the plain format pg_basebackup writes a tablespace to the same path as on the primary, and stops if that directory is not empty.',
    notes:
      'On the same machine every tablespace needs a `-T`. With `-Ft` tablespaces become separate archives, and the rule does not apply.',
    references: [
      'pg_basebackup, -T: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/bin/pg_basebackup/pg_basebackup.c: verify_dir_is_empty_or_create()',
    ],
  },
  judge({ tablespaceTargets, baseBackup, primary, targetDirectory }) {
    if (tablespaceTargets.length === 0) return notApplicable('the primary has no user-defined tablespaces');
    const sameMachine = ifSeen(primary)?.sameMachine === true;
    const data = ifSeen(targetDirectory)?.path ?? '/var/lib/postgresql';
    const collisions = tablespaceTargets.flatMap(({ tablespace, mapped, place }): readonly Collision[] => {
      const { state } = place;
      if (state.kind !== 'directory' && state.kind !== 'not-a-directory') return [];
      if (state.kind === 'directory' && state.entries.length === 0) return [];
      // whatever -T says, another tablespace of the primary is there
      const isOwn = sameMachine && (!mapped || isLocation(place, tablespaceTargets));
      const elsewhere =
        state.kind === 'directory' && !isOwn
          ? place.subdirectory
          : `${data}-${tablespace.name.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}`;
      return [{ tablespace, place, state, isOwn, elsewhere }];
    });
    // one command line that maps all of those that nothing else can fix
    const mapped = checkAgain(baseBackup, mapping(baseBackup, collisions.filter(needsMapping)));
    const faults = collisions.map((collision): Fault => {
      const { tablespace, place, state, isOwn, elsewhere } = collision;
      return {
        message: isOwn
          ? `Tablespace ${tablespace.name} is in ${place.path}, and the primary runs on this machine: the base backup would have to replace the primary's own files.`
          : `Tablespace ${tablespace.name} must be written to ${place.path}, ${state.kind === 'directory' ? `which contains ${namesIn(state)}` : 'which is not a directory'}.`,
        where: at('client', undefined, place.path),
        evidence: [
          evidence('location on the primary', tablespace.location, 'pg_tablespace_location()'),
          state.kind === 'directory'
            ? evidence('content on this machine', namesIn(state), place.path)
            : evidence('kind', state.is, place.path),
        ],
        remedy:
          isOwn || state.kind !== 'directory'
            ? safe(`Map it to another directory with -T, for example ${elsewhere}.`, mapped)
            : moveAside(place, state, mapped),
      };
    });
    const [first, ...others] = faults;
    if (first === undefined)
      return pass(`${tablespaceTargets.map(({ place }) => place.path).join(', ')}: absent or empty`);
    return fail(first, ...others);
  },
});

const isLocation = ({ path, state }: Place, targets: readonly { readonly tablespace: Tablespace }[]): boolean =>
  targets.some(
    ({ tablespace }) =>
      tablespace.location === path || (state.kind === 'directory' && state.realPath === tablespace.location),
  );

interface Collision {
  readonly tablespace: Tablespace;
  readonly place: Place;
  readonly state: Extract<PlaceState, { kind: 'directory' | 'not-a-directory' }>;
  readonly isOwn: boolean;
  /** Where it can go instead. */
  readonly elsewhere: string;
}

const needsMapping = ({ isOwn, state }: Collision): boolean => isOwn || state.kind !== 'directory' || !state.movable;

/** The -T that are there stay, unless they are of the same tablespace. */
function mapping({ tablespaceMappings }: BaseBackupCommand, collisions: readonly Collision[]): Change {
  const anew = new Set(collisions.map(({ tablespace }) => tablespace.location));
  const kept = tablespaceMappings.filter((one) => one.mapping === undefined || !anew.has(one.mapping.from));
  return {
    without: ['tablespace-mapping'],
    with: [
      ...kept.flatMap(({ written }) => ['-T', written]),
      ...collisions.flatMap(({ tablespace, elsewhere }) => [
        '-T',
        `${escaped(tablespace.location)}=${escaped(elsewhere)}`,
      ]),
    ],
  };
}

/** pg_basebackup.c, tablespace_list_append: an equals sign in a path. */
const escaped = (path: string): string => path.replaceAll('=', String.raw`\=`);
