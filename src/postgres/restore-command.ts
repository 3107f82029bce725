import { packings } from './packing.ts';
import type { Packing } from './packing.ts';

/** What can be told of a restore_command without running it. */
export interface RestoreCommand {
  /** The first program that it runs; undefined where the shell itself does all of it. */
  readonly program: string | undefined;
  /** The local directory that a plain copy reads from: `/archive` of `cp /archive/%f %p`; the server's is its data directory. */
  readonly directory: string | undefined;
  /** What stands behind the name there: `.gz` of `gunzip < /archive/%f.gz > %p`. */
  readonly suffix: string;
  /** Where it looks next, if the file is not there: `/old` of `cp /archive/%f %p || cp /old/%f %p`. */
  readonly fallbacks: readonly ArchivePlace[];
  /**
   * How it takes a file of that directory, where it is one plain command: `as-it-is` (cp), or the packing that it undoes
   * (gunzip). Undefined: nothing is known of it.
   */
  readonly takes: 'as-it-is' | Packing['name'] | undefined;
}

/** Where files of the archive are on this machine, and what stands behind their names. */
export type ArchivePlace = Pick<RestoreCommand, 'directory' | 'suffix'>;

/** Reads the words as the shell would, as far as plain commands go: no expansion, no substitution. */
export function readRestoreCommand(command: string): RestoreCommand {
  const words = shellWords(command);
  const program = programIn(words);
  // what any other program takes for a place need not be one of this machine
  const isCopy = takenBy(program) !== undefined;
  const places = placesIn(words).filter((place) => isCopy || place.directory?.startsWith('/') === true);
  const [{ directory, suffix } = { directory: undefined, suffix: '' }, ...fallbacks] = places;
  return {
    program,
    ...{ directory, suffix, fallbacks },
    takes: words.some((word) => ['|', '||', ';', '(', ')'].includes(word)) ? undefined : takenBy(program),
  };
}

/** Each once, in their order; what another machine is told to read is not here. */
function placesIn(words: readonly string[]): readonly ArchivePlace[] {
  const places = new Map<string, ArchivePlace>();
  let isElsewhere = false;
  for (const word of words) {
    if (separators.has(word)) isElsewhere = false;
    else if (elsewhere.has(word.split('/').at(-1) ?? '')) isElsewhere = true;
    const [, path, suffix = ''] = /^((?:\/|[\w.][\w.@+-]*\/)(?:[^$`*?]*\/)?)%f(\.[A-Za-z0-9]+)?$/u.exec(word) ?? [];
    if (path === undefined || isElsewhere) continue;
    const directory = path.length > 1 ? path.slice(0, -1) : path;
    places.set(`${directory} ${suffix}`, { directory, suffix });
  }
  return [...places.values()];
}

/** Programs whose further words are a command for another machine, or for a container with files of its own. */
const elsewhere: ReadonlySet<string> = new Set(['ssh', 'rsh', 'kubectl', 'docker', 'podman', 'oc', 'lxc', 'nsenter']);
const separators: ReadonlySet<string> = new Set(['&&', '||', ';', '|']);

function takenBy(program: string | undefined): RestoreCommand['takes'] {
  const name = program?.split('/').at(-1) ?? '';
  return plainCopies.has(name) ? 'as-it-is' : packings.find(({ readers }) => readers.includes(name))?.name;
}

/** Programs that bring a file as it is. */
const plainCopies: ReadonlySet<string> = new Set(['cp', 'cat', 'dd', 'install', 'ln', 'mv', 'rsync', 'scp']);

/**
 * What reads back what an archive_command of this kind wrote; undefined where that cannot be told. `packing`: how the
 * files there are compressed, where their names do not say it.
 */
export function restoreCommandFor(
  { directory, suffix }: Pick<RestoreCommand, 'directory' | 'suffix'>,
  packing: Packing | 'as-it-is' | undefined = suffix === ''
    ? 'as-it-is'
    : packings.find((one) => one.suffix === suffix),
): string | undefined {
  if (directory === undefined || !/^[A-Za-z0-9_@+=:,./-]+$/u.test(directory)) return undefined;
  if (packing === 'as-it-is') return `cp ${directory}/%f${suffix} "%p"`;
  return packing === undefined ? undefined : `${packing.unpack} < ${directory}/%f${suffix} > "%p"`;
}

/** A plain copy whose `source`, %f of a restore_command and %p of an archive_command, stands where it copies to. */
export function isTurned(command: string, source: '%p' | '%f'): boolean {
  const [, words = ''] = /^\s*(?:\/\S*\/)?(?:cp|mv|scp|rsync|install|ln)\b([^|;&<>]*)$/u.exec(command) ?? [];
  const [from, to] = words.split(/\s+/u).filter((word) => /%[pf]/u.test(word));
  return from !== undefined && to !== undefined && !from.includes(source) && to.includes(source);
}

/** What comes before `|| true` and the like at its end, which makes every failure a success; undefined: nothing of that kind is there. */
export function withoutSuccessAtEnd(command: string): string | undefined {
  const [, before] = /^(.*\S)\s*(?:\|\||;)\s*(?:\/bin\/)?(?:true|:|exit\s+0)\s*;?\s*$/su.exec(command) ?? [];
  const tail = before === undefined ? [] : shellWords(command).slice(-3);
  return tail.some((word) => word === '||' || word === ';') ? before : undefined;
}

/**
 * What is copied and where to, each in the place of the other; where only the signs are, `/archive/%p %f`, those. A file that
 * is moved or linked out of the archive would be lost to it, or written to by the server: it is copied.
 */
export function exchanged(given: string): string {
  const command = given.replace(/^(\s*)(?:\/\S*\/)?(?:mv|ln)(?=\s)(?:\s+-\S+)*/u, '$1cp');
  const [from, to, ...more] = command.match(/\S*%[pf]\S*/gu) ?? [];
  if (from === undefined || to === undefined || more.length > 0 || /\/%p/u.test(command))
    return command.replaceAll(/%[fp]/gu, (sign) => (sign === '%f' ? '%p' : '%f'));
  return command.replaceAll(/\S*%[pf]\S*/gu, (word) => (word === from ? to : from));
}

/**
 * `gunzip /archive/%f.gz > %p` made to write what it unpacks to %p: without -c it puts the unpacked file in the place of the
 * archived one and prints nothing (gzip(1), xz(1), bzip2(1), zstd(1)). What it has unpacked so far is there by its own name.
 * Undefined: the command is none of these.
 */
export function withoutUnpackingInPlace(command: string): string | undefined {
  const [, program = '', options = '', path = '', suffix = ''] =
    /^\s*((?:\/\S*\/)?[a-z0-9]+)((?:\s+-\S+)*)\s+["']?([\w@+:,./-]*%f)(\.\w+)["']?\s*>\s*["']?%p["']?\s*$/u.exec(
      command,
    ) ?? [];
  const name = program.split('/').at(-1) ?? '';
  const flags = options.trim().split(/\s+/u);
  const unpacks = /^(?:gunzip|unpigz|unxz|bunzip2|unzstd)$/u.test(name);
  const isAsked = flags.some((flag) => /^(?:-[a-z0-9]*d[a-z0-9]*|--decompress|--uncompress)$/u.test(flag));
  if (!unpacks && !(isAsked && /^(?:gzip|pigz|xz|bzip2|pbzip2|zstd)$/u.test(name))) return undefined;
  if (flags.some((flag) => /^(?:-[a-z0-9]*c[a-z0-9]*|--stdout|--to-stdout)$/u.test(flag))) return undefined;
  return `${program} -c${options} ${path}${suffix} > "%p" || cp ${path} "%p"`;
}

/** Assignments and the shell's own tests stand before the program that brings the file. */
function programIn(words: readonly string[]): string | undefined {
  let atCommand = true;
  for (const word of words) {
    if (separators.has(word)) {
      atCommand = true;
      continue;
    }
    if (!atCommand || /^[A-Za-z_][A-Za-z0-9_]*=/u.test(word)) continue;
    if (word === '') return undefined;
    if (!builtins.has(word)) return word;
    // `test -f x && cp …`: what counts comes behind it; `exec cp …` and `! cp …` go on at once
    atCommand = word === 'exec' || word === '!' || word === 'if' || word === 'then';
  }
  return undefined;
}

const builtins: ReadonlySet<string> = new Set(
  '[ test true false exit echo cd : exec export set . ! if then fi else printf umask eval { } ( )'.split(' '),
);

/** sh: quotes hold a word together, a backslash the next character; operators are words of their own. */
export function shellWords(command: string): readonly string[] {
  const words: string[] = [];
  const pattern = /\s*(?:(&&|\|\||[;|<>()]|\d?>>?)|((?:[^\s'"\\;|<>()&]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|&(?!&))+))/gsuy;
  for (let match = pattern.exec(command); match !== null; match = pattern.exec(command)) {
    const [, operator, word = ''] = match;
    words.push(
      operator ??
        word.replaceAll(
          /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gsu,
          (_, single?: string, double?: string, escaped?: string) =>
            single ?? double?.replaceAll(/\\(["\\$`])/gu, '$1') ?? escaped ?? '',
        ),
    );
  }
  return words;
}
