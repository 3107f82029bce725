import { indent, wrap } from '../report/layout.ts';
import { helpWidth } from './help-width.ts';
import { optionLine } from './option-line.ts';
import type { OwnOption } from './own-options.ts';

/** Words that are known, or of which kind they are. */
export type Completed = readonly string[] | 'files' | 'directories' | 'rules' | 'targets';

/** The help of a command as data: what --help prints, a shell completes and the man page holds. */
export interface HelpPage {
  readonly command: string;
  /** Sentences. */
  readonly does: readonly string[];
  /** What is typed behind the command. */
  readonly usage: string;
  /** What each word may be that is no option, for the completion of a shell; the last one may be repeated. */
  readonly operands?: readonly Completed[];
  readonly options: readonly { readonly title: string; readonly options: readonly OwnOption[] }[];
  readonly notes?: readonly string[];
  readonly status: readonly (readonly [status: number, when: string])[];
  /** What is typed behind the command, and what that is for. */
  readonly examples: readonly (readonly [words: string, does: string])[];
}

export function helpPage({ command, does, usage, options, notes = [], status, examples }: HelpPage): string {
  const width = helpWidth();
  const called = `standbylint ${command}`;
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
