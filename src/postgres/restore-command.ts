/** What can be told of a restore_command without running it. */
export interface RestoreCommand {
  /** The first program that it runs; undefined where the shell itself does all of it. */
  readonly program: string | undefined;
  /** The local directory that a plain copy reads from: `/archive` of `cp /archive/%f %p`. */
  readonly directory: string | undefined;
  /** What stands behind the name there: `.gz` of `gunzip < /archive/%f.gz > %p`. */
  readonly suffix: string;
}

/** Reads the words as the shell would, as far as plain commands go: no expansion, no substitution. */
export function readRestoreCommand(command: string): RestoreCommand {
  const words = wordsOf(command);
  const [, directory, suffix = ''] =
    words.map((word) => /^(\/(?:[^$`*?]*\/)?)%f(\.[A-Za-z0-9]+)?$/u.exec(word)).find((match) => match !== null) ?? [];
  return {
    program: programIn(words),
    directory: directory === undefined ? undefined : directory.length > 1 ? directory.slice(0, -1) : directory,
    suffix,
  };
}

/** What reads back what an archive_command of this kind wrote; undefined where that cannot be told. */
export function restoreCommandFor({ directory, suffix }: RestoreCommand): string | undefined {
  if (directory === undefined || !/^[A-Za-z0-9_@+=:,./-]+$/u.test(directory)) return undefined;
  if (suffix === '') return `cp ${directory}/%f "%p"`;
  return suffix === '.gz' ? `gunzip < ${directory}/%f.gz > "%p"` : undefined;
}

/** Assignments and the shell's own tests stand before the program that brings the file. */
function programIn(words: readonly string[]): string | undefined {
  let atCommand = true;
  for (const word of words) {
    if (['&&', '||', ';', '|'].includes(word)) {
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
function wordsOf(command: string): readonly string[] {
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
