import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import type { Fault } from '../rule.ts';

export const tablespaceNotWritable = defineRule({
  id: 'target/tablespace-not-writable',
  title: 'A tablespace cannot be written to its place',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['tablespaceTargets', 'operatingSystemUser'],
  says: ['could not create directory "%s": Permission denied'],
  docs: {
    what: "Asks the system whether this user may write where each of the primary's tablespaces will go, or make the directory there.",
    why: 'pg_basebackup makes these directories itself, at the path that the primary has or that `-T` gives, and stops where it may not.',
    notes: 'The kernel is asked (access(2)), which knows of access control lists and read-only mounts.',
    references: ['PostgreSQL manual, pg_basebackup, `-T`'],
  },
  judge({ tablespaceTargets, operatingSystemUser: user }) {
    if (tablespaceTargets.length === 0) return notApplicable('the primary has no tablespaces of its own');
    const faults = tablespaceTargets.flatMap(({ tablespace, place }): readonly Fault[] => {
      const { state, nearest } = place;
      if (state.kind === 'not-a-directory' || nearest.writable) return [];
      const why = nearest.readOnlyFileSystem
        ? 'its file system is mounted read-only'
        : `${user.name} may not write there`;
      return [
        {
          message: `Tablespace ${tablespace.name} is to be written to ${place.path}, and ${nearest.path} does not allow it: ${why}.`,
          where: at('client', undefined, place.path),
          evidence: [evidence('access(2)', why, nearest.path)],
          remedy: safe(
            `Let root make the directory for ${user.name}, or let -T put the tablespace elsewhere.`,
            nearest.readOnlyFileSystem
              ? manual(
                  'client',
                  `As root: mount -o remount,rw ${shellWord(place.fileSystem?.mountPoint ?? nearest.path)}. If it is meant to be read-only, add a -T that maps ${tablespace.location} to another file system.`,
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
