import type { ServerControl } from '../facts/primary.ts';
import type { Step } from '../findings/report.ts';
import { argumentsIn } from '../postgres/postmaster-files.ts';
import { shellWord } from './quoting.ts';
import { changedArguments } from './started-with.ts';
import { manual } from './remedy.ts';

/** Of a file that is mounted where Docker has found none on its host, and made a directory. */
export const mountedAgain = (control: ServerControl | undefined, file: string): readonly Step[] | undefined =>
  createdAgain(
    control,
    `a file mounted at ${file}, where an empty directory is mounted now: remove that directory from the host with rmdir, and put the file in its place`,
  );

/** How it is created, where more of that is known than a sentence says. */
interface Creation {
  readonly on?: 'client' | 'primary';
  /** Settings of its command with other values, or without one where there is no value. */
  readonly settings?: ReadonlyMap<string, string | undefined>;
  /** Further options. */
  readonly options?: readonly string[];
}

/**
 * What is given to a container when it is created (its command, user, mounts) is the same at each start: it is created
 * again with `change`, which goes on from "with". Undefined where the server is in no container that has a name.
 */
export function createdAgain(
  control: ServerControl | undefined,
  change: string,
  creation: Creation = {},
): readonly Step[] | undefined {
  if (control?.kind !== 'container' || control.name === undefined) return undefined;
  const compose = control.made?.compose;
  const step = manual(
    creation.on ?? 'client',
    compose === undefined
      ? againByHand(control, control.name, change, creation)
      : `Change the service ${compose.service} in ${compose.files.length === 0 ? 'the compose file' : compose.files.join(' or ')}: with ${change}. Then run ${upAgain(compose)}, which creates its container again. A restart alone changes nothing.`,
  );
  // it starts the server, so that no other step does
  return [{ ...step, does: 'restart', again: true, paths: [control.dataDirectory] }];
}

type Container = Extract<ServerControl, { kind: 'container' }>;

/**
 * The old one stays, under another name; with `--restart always` the engine would start it beside the new one, on the same
 * volumes, when the machine starts again. With `--rm` it is deleted when it stops: the new one has its volumes before.
 */
function againByHand(control: Container, name: string, change: string, creation: Creation): string {
  const { engine = 'docker', made } = control;
  const [own, old, next] = [shellWord(name), shellWord(`${name}-old`), shellWord(`${name}-new`)];
  const start = `Create the container ${name} again with ${change}, and otherwise as it is`;
  const line =
    creation.settings === undefined && creation.options === undefined ? undefined : makingLine(control, creation);
  const keep = `${engine} stop ${own} && ${engine} rename ${own} ${old} && ${engine} update --restart no ${old}`;
  if (line === undefined)
    return made?.isTemporary === true
      ? `${start}. It was created with --rm, and is deleted when it stops, with the volumes that have no name: before that, ${engine} create --name ${next} --volumes-from ${own} with the same image, network and options makes the one that takes its place. A restart alone changes nothing.`
      : `${start}: ${keep}, then ${engine} run with the same ${change.startsWith('an image') ? '' : 'image, '}volumes (--volumes-from ${old}), network and options. A restart alone changes nothing.`;
  return made?.isTemporary === true
    ? `${start}. It was created with --rm, and is deleted when it stops, with the volumes that have no name; the new one, ${next}, keeps them:\n${line(own, `create --name ${next}`)}\n${engine} stop ${own} && ${engine} start ${next}`
    : `${start}. A restart alone changes nothing:\n${keep}\n${line(old, `run -d --name ${own}`)}`;
}

/**
 * Of a container of `--rm`, which is deleted when it stops: one like it that has its volumes and stays, and the command that
 * makes it. Undefined where the container stays by itself.
 */
export function keptBeside(
  container: Pick<Container, 'engine' | 'made'> & { readonly name: string },
): Kept | undefined {
  const { name, engine = 'docker', made } = container;
  if (made?.isTemporary !== true) return undefined;
  const kept = `${name}-kept`;
  const how = `create --name ${shellWord(kept)}`;
  const line = makingLine({ kind: 'container', dataDirectory: '', ...container }, {});
  return {
    name: kept,
    line: line?.(shellWord(name), how),
    text: `The container ${name} was created with --rm: when it stops, it is deleted with the volumes that have no name. Before that, create one like it that has its volumes${line === undefined ? `: ${engine} ${how} --volumes-from ${shellWord(name)}, with the same environment, network, options, image and command. Then: ${engine} stop ${shellWord(name)}` : `:\n${line(shellWord(name), how)}\n${engine} stop ${shellWord(name)}`}`,
  };
}

interface Kept {
  readonly name: string;
  readonly line: string | undefined;
  readonly text: string;
}

/** One that is made like another one; undefined where it is not known how, or a word may be a password. */
function makingLine(
  { engine = 'docker', made }: Container,
  { settings, options: further = [] }: Creation,
): ((from: string, how: string) => string) | undefined {
  if (engine !== 'docker' || made?.image === undefined || made.options === undefined) return undefined;
  const [entrypoint = '', ...words] = made.command;
  const given = argumentsIn(made.command);
  if (given === undefined && settings !== undefined) return undefined;
  const head = given === undefined ? words : words.slice(0, words.length - given.length);
  const wanted = [...head, ...changedArguments(given ?? [], settings ?? new Map())];
  if (wanted.some((word) => /pass|secret|token/iu.test(word))) return undefined;
  const named = new Set(further.filter((word) => word.startsWith('--')));
  const kept = made.options.filter((word, at, all) => !named.has(word) && !named.has(all[at - 1] ?? ''));
  const network = kept[kept.indexOf('--network') + 1] ?? '';
  // a name of its own: who connects by the old one finds it still, where names resolve
  const known = kept.includes('--network') && network !== 'host' && network !== 'none' && made.isTemporary === true;
  const image = made.image.replace(/^sha256:/u, '').slice(0, 12);
  const alias = (from: string): string => (known ? ` --network-alias ${from}` : '');
  const rest = [...kept, ...further, '--entrypoint', entrypoint, image, ...wanted].map(shellWord).join(' ');
  return (from, how) =>
    `${engine} inspect -f '{{range .Config.Env}}{{println .}}{{end}}' ${from} | ${engine} ${how} --env-file /dev/stdin --volumes-from ${from}${alias(from)} ${rest}`;
}

/** Without a setting on the command line, which each start reads again; a container has the same one at each start. */
export const commandWithout = (
  control: ServerControl | undefined,
  names: readonly string[],
  otherwise: readonly Step[],
): readonly Step[] =>
  createdAgain(control, `its command without ${names.join(' and ')}`, {
    settings: new Map(names.map((name) => [name, undefined])),
  }) ?? otherwise;

type Compose = NonNullable<NonNullable<Container['made']>['compose']>;

/** From any directory, where the labels tell which files are meant. */
function upAgain({ program, service, project, directory, files }: Compose): string {
  const named = files.length === 0 ? [] : ['-p', project, '--project-directory', directory];
  const words = [...named, ...files.flatMap((file) => ['-f', file]), 'up', '-d', service];
  return `${program} ${words.map(shellWord).join(' ')}`;
}
