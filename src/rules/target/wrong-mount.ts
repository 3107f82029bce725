import { targetPlaces } from '../../derived/target-places.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import type { Fault } from '../../findings/judgement.ts';

export const wrongMount = defineRule({
  id: 'target/wrong-mount',
  title: 'The file system of the target is not mounted',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  wants: ['walDirectory', 'tablespaceTargets'],
  explains: ['target/volatile-filesystem'],
  docs: {
    what: 'Compares /etc/fstab with what is mounted: warns if a file system is configured for the target or one of its parent directories, but is not mounted.',
    why: 'The base backup would fill another file system, often the root file system, and would be hidden as soon as the right one is mounted.',
    references: ['fstab(5)'],
  },
  judge(facts) {
    const faults = targetPlaces(facts).flatMap((place): readonly Fault[] => {
      if (place.missingMount === undefined) return [];
      const landing = place.fileSystem?.mountPoint ?? '/';
      return [
        {
          message: `/etc/fstab has a file system for ${place.missingMount}, but it is not mounted: the base backup to ${place.path} would go to the file system at ${landing}.`,
          where: at('client', undefined, place.missingMount),
          evidence: [evidence('configured, not mounted', place.missingMount, '/etc/fstab and /proc/self/mountinfo')],
          remedy: safe(
            'Mount the file system first.',
            asRoot('client', `mount ${shellWord(place.missingMount)}`, 'by-hand'),
          ),
        },
      ];
    });
    const [first, ...others] = faults;
    return first === undefined
      ? pass('no file system of /etc/fstab is missing above the target')
      : fail(first, ...others);
  },
});
