import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import type { Fault } from '../../findings/judgement.ts';

export const tablespaceNotWritable = defineRule({
  id: 'target/tablespace-not-writable',
  title: 'The target directory of a tablespace is not writable',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['tablespaceTargets', 'operatingSystemUser'],
  says: ['could not create directory "%s": Permission denied'],
  docs: {
    what: 'Checks whether this user may write in the target directory of each tablespace, or create it.',
    why: 'pg_basebackup creates these directories itself, at the same path as on the primary or at the path that `-T` gives, and stops if it may not.',
    notes: 'The check uses access(2), so it includes access control lists and read-only mounts.',
    references: ['pg_basebackup, -T: https://www.postgresql.org/docs/current/app-pgbasebackup.html'],
  },
  judge({ tablespaceTargets, operatingSystemUser: user }) {
    if (tablespaceTargets.length === 0) return notApplicable('the primary has no user-defined tablespaces');
    const faults = tablespaceTargets.flatMap(({ tablespace, place }): readonly Fault[] => {
      const { state, nearest } = place;
      if (state.kind === 'not-a-directory' || nearest.writable) return [];
      const why = nearest.readOnlyFileSystem
        ? 'its file system is mounted read-only'
        : `${user.name} may not write there`;
      return [
        {
          message: `Tablespace ${tablespace.name} must be written to ${place.path}, but ${nearest.path} is not writable: ${why}.`,
          where: at('client', undefined, place.path),
          evidence: [evidence('access(2)', why, nearest.path)],
          remedy: safe(
            `Create the directory for ${user.name} as root, or map the tablespace to another directory with -T.`,
            nearest.readOnlyFileSystem
              ? manual(
                  'client',
                  `As root: mount -o remount,rw ${shellWord(place.fileSystem?.mountPoint ?? nearest.path)}. If it must stay read-only, add a -T that maps ${tablespace.location} to another file system.`,
                )
              : asRoot(
                  'client',
                  `install -d -m 0700 -o ${shellWord(user.name)} ${shellWord(place.path)}`,
                  'make-directory',
                  place.path,
                ),
          ),
        },
      ];
    });
    const [first, ...others] = faults;
    if (first === undefined)
      return pass(`${user.name} may write in ${tablespaceTargets.map(({ place }) => place.nearest.path).join(', ')}`);
    return fail(first, ...others);
  },
});
