import { ifSeen } from '../../facts/observed.ts';
import { at, destructive, manual } from '../../remedies/remedy.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import type { Fault } from '../rule.ts';
import { moveAside, namesIn } from './moving-aside.ts';

export const tablespaceCollision = defineRule({
  id: 'target/tablespace-collision',
  title: 'Something lies where a tablespace is to be written',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['tablespaceTargets'],
  wants: ['primary', 'targetDirectory'],
  says: ['directory "%s" exists but is not empty'],
  docs: {
    what: "Looks at the directory that each of the primary's tablespaces will be written to: the same path as on the primary, or where `-T` puts it. It fails when that directory exists and is not empty, and says when it is the primary's own because the primary runs on this machine.",
    why: 'In the plain format pg_basebackup writes a tablespace to the path that it has on the primary, and stops when something lies there.',
    notes:
      'On the same machine every tablespace needs a `-T`. With `-Ft` tablespaces are archives beside the others, and the rule does not apply.',
    references: [
      'PostgreSQL manual, pg_basebackup, `-T`',
      'bin/pg_basebackup/pg_basebackup.c, verify_dir_is_empty_or_create()',
    ],
  },
  judge({ tablespaceTargets, primary, targetDirectory }) {
    if (tablespaceTargets.length === 0) return notApplicable('the primary has no tablespaces of its own');
    const sameMachine = ifSeen(primary)?.sameMachine === true;
    const data = ifSeen(targetDirectory)?.path;
    const faults = tablespaceTargets.flatMap(({ tablespace, mapped, place }): readonly Fault[] => {
      const { state } = place;
      if (state.kind !== 'directory' && state.kind !== 'not-a-directory') return [];
      if (state.kind === 'directory' && state.entries.length === 0) return [];
      const isOwn = sameMachine && !mapped;
      const elsewhere = `${data ?? '/var/lib/postgresql'}-${tablespace.name.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}`;
      const old = tablespace.location.replaceAll('=', String.raw`\=`);
      return [
        {
          message: isOwn
            ? `Tablespace ${tablespace.name} lies in ${place.path}, and the primary runs on this very machine: the copy would have to go where the primary's own files are.`
            : `Tablespace ${tablespace.name} is to be written to ${place.path}, ${state.kind === 'directory' ? `where ${namesIn(state)} lie` : 'which is no directory'}.`,
          where: at('client', undefined, place.path),
          evidence: [
            evidence('location on the primary', tablespace.location, 'pg_tablespace_location()'),
            state.kind === 'directory'
              ? evidence('content here', namesIn(state), place.path)
              : evidence('kind', state.is, place.path),
          ],
          remedy:
            isOwn || state.kind !== 'directory'
              ? destructive(
                  'Let -T put it elsewhere.',
                  manual('client', `Add -T ${shellWord(`${old}=${elsewhere}`)} to the options.`),
                )
              : moveAside(place, state, '-T'),
        },
      ];
    });
    const [first, ...others] = faults;
    if (first === undefined)
      return pass(`${tablespaceTargets.map(({ place }) => place.path).join(', ')}: absent or empty`);
    return fail(first, ...others);
  },
});
