import { posix } from 'node:path';

import { shellWord } from '../../remedies/quoting.ts';
import { at, destructive, safe, shell } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const danglingLink = defineRule({
  id: 'target/dangling-link',
  title: 'The target is a symbolic link that leads nowhere',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  explains: ['target/not-writable'],
  docs: {
    what: 'Fails when `-D` names a symbolic link whose target does not exist, or links that lead in a circle.',
    why: 'pg_basebackup makes a directory that does not exist, but not through a link: it stops with "could not create directory … File exists".',
    notes:
      'Often the link leads to a volume that is not mounted: then mounting it is the remedy, and not a new directory.',
    references: ['port/pgcheckdir.c', 'port/pgmkdirp.c'],
  },
  judge({ targetDirectory: place }) {
    const { state } = place;
    if (state.kind !== 'dangling-link') return pass(`no link that leads nowhere stands at ${place.path}`);
    const target = posix.resolve(posix.dirname(place.path), state.leadsTo);
    const circle = target === place.path;
    return fail({
      message: circle
        ? `The links at ${place.path} lead in a circle, and no directory can be made there.`
        : `${place.path} is a link to ${state.leadsTo}, which does not exist. If that is on a volume that is not mounted, mount it; pg_basebackup does not make a directory through a link.`,
      where: at('client', undefined, place.path),
      evidence: [evidence('leads to', state.leadsTo, `readlink ${place.path}`)],
      remedy: circle
        ? destructive(
            'Move the link aside.',
            shell(
              'client',
              `mv ${shellWord(place.path)} ${shellWord(place.aside)}`,
              'move-aside',
              place.path,
              place.aside,
            ),
          )
        : safe(
            'Make the directory that it leads to.',
            shell('client', `mkdir -p -m 0700 ${shellWord(target)}`, 'make-directory', target),
          ),
    });
  },
});
