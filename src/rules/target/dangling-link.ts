import { posix } from 'node:path';

import { shellWord } from '../../remedies/quoting.ts';
import { destructive, safe, shell } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const danglingLink = defineRule({
  id: 'target/dangling-link',
  title: 'The target is a broken symbolic link',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  explains: ['target/not-writable'],
  docs: {
    what: 'Fails if `-D` is a symbolic link to a path that does not exist, or part of a loop of links.',
    why: 'pg_basebackup creates a missing directory, but not through a symbolic link: it stops with "could not create directory … File exists".',
    notes:
      'Often the link points to a volume that is not mounted. In this case mount the volume instead of creating a new directory.',
    references: ['src/port/pgcheckdir.c: pg_check_dir()', 'src/port/pgmkdirp.c: pg_mkdir_p()'],
  },
  judge({ targetDirectory: place }) {
    const { state } = place;
    if (state.kind !== 'dangling-link') return pass(`${place.path} is not a broken symbolic link`);
    const target = posix.resolve(posix.dirname(place.path), state.leadsTo);
    const circle = target === place.path;
    return fail({
      message: circle
        ? `The symbolic links at ${place.path} form a loop, so no directory can be created there.`
        : `${place.path} is a symbolic link to ${state.leadsTo}, which does not exist. pg_basebackup does not create a directory through a link. If the path is on a volume that is not mounted, mount it.`,
      where: at('client', undefined, place.path),
      evidence: [evidence('points to', state.leadsTo, `readlink ${place.path}`)],
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
            'Create the directory that the link points to.',
            shell('client', `mkdir -p -m 0700 ${shellWord(target)}`, 'make-directory', target),
          ),
    });
  },
});
