import type { ServerControl } from '../facts/primary.ts';
import type { Step } from '../findings/report.ts';
import { shellWord } from './quoting.ts';
import { manual } from './remedy.ts';

/** Of a file that is mounted where Docker has found none on its host, and made a directory. */
export const mountedAgain = (control: ServerControl | undefined, file: string): readonly Step[] | undefined =>
  createdAgain(
    control,
    `a file mounted at ${file}, where an empty directory is mounted now: remove that directory from the host with rmdir, and put the file in its place`,
  );

/**
 * What is given to a container when it is created (its command, user, mounts) is the same at each start: it is created
 * again with `change`, which goes on from "with". Undefined where the server is in no container that has a name.
 */
export function createdAgain(control: ServerControl | undefined, change: string): readonly Step[] | undefined {
  if (control?.kind !== 'container' || control.name === undefined) return undefined;
  const { name, engine = 'docker', made } = control;
  const compose = made?.compose;
  const step = manual(
    'client',
    compose === undefined
      ? `Create the container ${name} again with ${change}, and otherwise as it is: ${engine} stop ${shellWord(name)}, then ${engine} rename ${shellWord(name)} ${shellWord(`${name}-old`)}, then ${engine} run with the same ${change.startsWith('an image') ? '' : 'image, '}volumes, network and options. A restart alone changes nothing.`
      : `Change the service ${compose.service} in ${compose.files.length === 0 ? 'the compose file' : compose.files.join(' or ')}: with ${change}. Then run ${upAgain(compose)}, which creates its container again. A restart alone changes nothing.`,
  );
  // it starts the server, so that no other step does
  return [{ ...step, does: 'restart', paths: [control.dataDirectory] }];
}

/** Without a setting on the command line, which each start reads again; a container has the same one at each start. */
export const commandWithout = (
  control: ServerControl | undefined,
  names: readonly string[],
  otherwise: readonly Step[],
): readonly Step[] => createdAgain(control, `its command without ${names.join(' and ')}`) ?? otherwise;

type Compose = NonNullable<NonNullable<Extract<ServerControl, { kind: 'container' }>['made']>['compose']>;

/** From any directory, where the labels tell which files are meant. */
function upAgain({ program, service, project, directory, files }: Compose): string {
  const named = files.length === 0 ? [] : ['-p', project, '--project-directory', directory];
  const words = [...named, ...files.flatMap((file) => ['-f', file]), 'up', '-d', service];
  return `${program} ${words.map(shellWord).join(' ')}`;
}
