import { shellWord } from '../../remedies/quoting.ts';
import { destructive, manual, safe, shell } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const notADirectory = defineRule({
  id: 'target/not-a-directory',
  title: 'The target is not a directory',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  explains: ['target/not-writable'],
  says: ['could not access directory "%s": Not a directory', 'could not create directory "%s": File exists'],
  docs: {
    what: 'Fails if `-D` is a file, a FIFO, a device or a socket, or a path below one. Nothing is opened.',
    why: 'pg_basebackup cannot write into it and cannot create a directory with that name.',
    references: ['src/port/pgcheckdir.c: pg_check_dir()', 'src/port/pgmkdirp.c: pg_mkdir_p()'],
  },
  judge({ targetDirectory: place }) {
    const { state } = place;
    if (state.kind !== 'not-a-directory') return pass(`${place.path} is a directory or does not exist`);
    const isItself = state.at === place.path;
    const plain = state.is === 'file' || state.is === 'fifo' || state.is === 'socket';
    return fail({
      message: isItself
        ? `${place.path} is a ${state.is}, but the base backup needs a directory.`
        : `${state.at} is a ${state.is}, so ${place.path} cannot be created below it.`,
      where: at('client', undefined, state.at),
      evidence: [evidence('kind', state.is, `stat ${state.at}`)],
      remedy:
        plain && isItself
          ? destructive(
              'Move it aside under a new name.',
              shell(
                'client',
                `mv ${shellWord(place.path)} ${shellWord(place.aside)}`,
                'move-aside',
                place.path,
                place.aside,
              ),
            )
          : safe('Choose another directory.', manual('client', `Give -D another path than ${place.path}.`)),
    });
  },
});
