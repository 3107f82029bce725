import { indent, wrap } from '../../report/layout.ts';
import type { OwnOption } from '../options/own-options.ts';

/** Words that are known, or of which kind they are. */
export type Completed = readonly string[] | 'files' | 'directories' | 'rules' | 'targets';

/** The help of a command as data: what --help prints, a shell completes and the man page holds. */
export interface HelpPage {
  /** Empty for the program itself. */
  readonly command: string;
  /** Sentences. */
  readonly does: readonly string[];
  /** What is typed behind the command. */
  readonly usage: string;
  /** What each word may be that is no option, for the completion of a shell; the last one may be repeated. */
  readonly operands?: readonly Completed[];
  readonly options: readonly { readonly title: string; readonly options: readonly OwnOption[] }[];
  readonly commands?: readonly { readonly name: string; readonly does: string }[];
  readonly notes?: readonly string[];
  readonly status: readonly (readonly [status: number, when: string])[];
  /** What is typed behind the command, and what that is for. */
  readonly examples: readonly (readonly [words: string, does: string])[];
}

/** The help of the whole program as data. */
export interface ProgramHelp {
  readonly does: string;
  readonly commands: readonly { readonly does: string; readonly page: HelpPage }[];
}

export function helpPage(page: HelpPage): string {
  const { command, does, usage, options, commands = [], notes = [], status, examples } = page;
  const width = helpWidth();
  const called = `standbylint ${command}`.trimEnd();
  const hanging = (text: string, margin: string, behind: number): readonly string[] => {
    const [first = '', ...rest] = wrap(text, width - behind);
    return [margin.padEnd(behind) + first, ...indent(rest, behind)];
  };
  return [
    ...wrap(does.join(' '), width),
    '',
    'Usage:',
    ...hanging(usage, `  ${called}`, called.length + 3),
    ...options.flatMap(({ title, options: some }) => ['', `${title}:`, ...some.map(optionLine)]),
    ...(commands.length === 0 ? [] : ['', 'Commands:']),
    ...commands.flatMap(({ name, does: what }) => hanging(what, `  ${name}`, commandsWidth)),
    ...notes.flatMap((note) => ['', ...wrap(note, width)]),
    '',
    'Exit status:',
    ...statusesOf({ status }).flatMap(([code, when]) => hanging(when, `  ${code}`, 7)),
    '',
    'Examples:',
    ...examples.flatMap(([words, what]) => [...hanging(`# ${what}`, '  ', 2), `  ${called} ${words}`.trimEnd()]),
    '',
  ].join('\n');
}

/** All exit statuses of a command. */
export const statusesOf = ({ status }: Pick<HelpPage, 'status'>): HelpPage['status'] =>
  [...status, ...always].toSorted(([one], [other]) => one - other);

const always = [
  [2, 'usage error, or an internal error of standbylint'],
  [130, 'interrupted'],
] as const;

export const statusOfReport = [
  [0, 'no problem found at or above --fail-on'],
  [1, 'a problem was found'],
  [3, 'no problem found, but a check that could reveal an error could not run'],
] as const;

const commandsWidth = 14;
const namesWidth = 29;

/** An option in a help: its names, and what it does beside them, or below them where they are long. */
export function optionLine({ long, short, value, help }: OwnOption): string {
  const names = `  ${short === undefined ? '    ' : `-${short}, `}--${long}${value === undefined ? '' : `=${value}`}`;
  const lines = indent(wrap(help, helpWidth() - namesWidth), namesWidth);
  return names.length < namesWidth
    ? `${names.padEnd(namesWidth)}${lines.join('\n').trimStart()}`
    : [names, ...lines].join('\n');
}

/** Columns that the help fills, on a wider terminal too: the paragraphs below the options are written for it. */
const widestHelp = 80;

/** Columns for the help on standard output. */
export function helpWidth(): number {
  // undefined where it is no terminal, whatever its type says, and 0 on one that was not told its size
  const columns: number | undefined = process.stdout.columns;
  return Math.min(columns || widestHelp, widestHelp);
}
