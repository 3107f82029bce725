import { didYouMean } from './did-you-mean.ts';
import { UsageError } from '../usage-error.ts';

/** An option as getopt_long() knows it. */
export interface OptionSpec {
  /** Without dashes. */
  readonly long: string;
  readonly short?: string | undefined;
  /** What stands for the value in the help; undefined when the option takes none. */
  readonly value?: string | undefined;
  /** The words behind its value belong to it too, up to the next option: what a shell makes of a glob. */
  readonly takesMore?: true;
}

export interface ParsedOption<Spec extends OptionSpec> {
  readonly spec: Spec;
  readonly value: string | undefined;
  /** The words as they were written: `-C`, `-Xstream`, `--compress=gzip`, or two words. A bundle is taken apart. */
  readonly written: readonly string[];
}

export interface ParsedWords<Spec extends OptionSpec> {
  /** In the order in which they were given. */
  readonly options: readonly ParsedOption<Spec>[];
  /** What is neither an option nor its value. */
  readonly operands: readonly string[];
}

/**
 * Reads a command line with the habits of GNU getopt_long(): bundled letters (`-vPR`), values attached or apart
 * (`-Xstream`, `-X stream`, `--wal-method=stream`), unambiguous abbreviations of long names (`--wal-m`), options after
 * operands, and `--` as their end. `own` are options that a real program does not have: they never make one of its
 * abbreviations ambiguous. Throws a {@link UsageError} where getopt_long() would refuse.
 */
export function parseWords<Spec extends OptionSpec>(
  words: readonly string[],
  specs: readonly Spec[],
  own: readonly Spec[] = [],
): ParsedWords<Spec> {
  const options: ParsedOption<Spec>[] = [];
  const operands: string[] = [];
  const byLetter = new Map(
    [...specs, ...own].flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec]])),
  );
  let at = 0;

  const readLong = (word: string): void => {
    const equals = word.indexOf('=');
    const name = word.slice(2, equals === -1 ? undefined : equals);
    const spec = longOption(name, specs, own);
    const attached = equals === -1 ? undefined : word.slice(equals + 1);
    if (spec.value === undefined) {
      if (attached !== undefined) throw new UsageError(`--${spec.long} takes no value.`, `Use --${spec.long} alone.`);
      options.push({ spec, value: undefined, written: [word] });
    } else if (attached !== undefined) {
      options.push({ spec, value: attached, written: [word] });
    } else {
      const value = nextWord(spec, word);
      options.push({ spec, value, written: [word, value] });
      if (spec.takesMore === true) readMore(spec);
    }
  };

  const readMore = (spec: Spec): void => {
    for (let value = words[at + 1]; value !== undefined && !isOption(value); value = words[at + 1]) {
      at += 1;
      options.push({ spec, value, written: [value] });
    }
  };

  const readLetters = (word: string): void => {
    for (let index = 1; index < word.length; index += 1) {
      const letter = word[index] ?? '';
      const spec = byLetter.get(letter);
      if (spec === undefined) throw unknownLetter(letter, word, new Set(byLetter.keys()));
      if (spec.value === undefined) {
        options.push({ spec, value: undefined, written: [`-${letter}`] });
        continue;
      }
      const attached = word.slice(index + 1);
      if (attached === '') {
        const value = nextWord(spec, `-${letter}`);
        options.push({ spec, value, written: [`-${letter}`, value] });
      } else {
        options.push({ spec, value: attached, written: [`-${letter}${attached}`] });
      }
      return;
    }
  };

  const nextWord = (spec: Spec, written: string): string => {
    at += 1;
    const value = words[at];
    if (value === undefined)
      throw new UsageError(
        `${written} needs a value: ${spec.value ?? ''}.`,
        `Use ${written} ${spec.value ?? 'VALUE'}.`,
      );
    return value;
  };

  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (word.startsWith('--')) readLong(word);
    else if (isOption(word)) readLetters(word);
    else operands.push(word);
  }
  return { options, operands };
}

/** A `-` alone is an operand: standard input. */
const isOption = (word: string): boolean => word.startsWith('-') && word !== '-';

/** An exact name, else the one option that begins with it: the program's own names first. */
function longOption<Spec extends OptionSpec>(name: string, specs: readonly Spec[], own: readonly Spec[]): Spec {
  const exact = [...specs, ...own].find((spec) => spec.long === name);
  if (exact !== undefined) return exact;
  for (const group of [specs, own]) {
    const matches = group.filter((spec) => spec.long.startsWith(name));
    const [first] = matches;
    if (first !== undefined && matches.length === 1) return first;
    if (matches.length > 1)
      throw new UsageError(
        `--${name} is ambiguous: it matches ${matches.map((spec) => `--${spec.long}`).join(', ')}.`,
        'Use a longer part of the name.',
      );
  }
  throw new UsageError(
    `Option --${name} does not exist.`,
    didYouMean(
      `--${name}`,
      [...specs, ...own].map((spec) => `--${spec.long}`),
    ) ?? 'See --help for the options.',
  );
}

function unknownLetter(letter: string, word: string, known: ReadonlySet<string>): UsageError {
  // -WPASSWORD and -pPASSWORD are habits of MySQL: only what may be a few flags is shown
  const inside = /^-[A-VX-Za-vx-z]{2,4}$/u.test(word) ? ` (in ${word})` : '';
  const otherCase = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return new UsageError(
    `Option -${letter} does not exist${inside}.`,
    known.has(otherCase) ? `Did you mean -${otherCase}?` : 'See --help for the options.',
  );
}
