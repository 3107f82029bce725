import type { Completed, HelpPage } from '../help/help-page.ts';
import type { OwnOption } from '../options/own-options.ts';
import type { ProgramHelp } from '../help/help-page.ts';
import { optionsBehind, readUntil } from './so-far.ts';
import { valueOf } from './values.ts';
import type { Candidate, Answer } from './values.ts';

/**
 * Answers a shell: the words behind the program's name, the last one as far as it is typed. The first line is the kind of
 * paths that fit and what stands before them in the word; each other line is a word and what it means, with a tab between.
 */
export async function completed(words: readonly string[], program: ProgramHelp): Promise<string> {
  const typed = words.at(-1) ?? '';
  const { paths = '', prefix = '', words: candidates = [] } = await answerTo(words.slice(0, -1), typed, program);
  const fitting = candidates.filter(([word]) => word.startsWith(typed));
  return [`${paths}\t${prefix}`, ...fitting.map(([word, does]) => `${word}\t${does}`), ''].join('\n');
}

async function answerTo(
  [command, ...before]: readonly string[],
  typed: string,
  { commands }: ProgramHelp,
): Promise<Answer> {
  const names: readonly Candidate[] = commands.map(({ page, does }) => [page.command, does]);
  if (command === undefined) return { words: typed.startsWith('-') ? ofProgram : names };
  if (command === 'help') return before.length === 0 ? { words: names } : {};
  const page = commands.find((one) => one.page.command === command)?.page;
  if (page === undefined) return {};
  const options = optionsBehind(page, before);
  const { waiting, operands, isPastOptions } = readUntil(before, options);
  if (waiting !== undefined && !(waiting.isMore && typed.startsWith('-')))
    return valueOf(waiting.options, typed, '', { command, before });
  if (isPastOptions) return operand(page, operands, typed, { command, before });
  const attached = attachedValue(typed, options);
  if (attached !== undefined) return valueOf(attached.options, typed, attached.prefix, { command, before });
  if (typed.startsWith('-')) return { words: namesOf(options, typed) };
  const answer = await operand(page, operands, typed, { command, before });
  const isNothing = answer.paths === undefined && (answer.words ?? []).length === 0;
  return isNothing && typed === '' ? { words: namesOf(options, '--') } : answer;
}

const ofProgram: readonly Candidate[] = [
  ['--help', 'show the help, then exit'],
  ['--version', 'show the version of standbylint, then exit'],
];

const operand = async (
  { operands: kinds = [] }: HelpPage,
  count: number,
  typed: string,
  call: Parameters<typeof valueOf>[3],
): Promise<Answer> => {
  const kind: readonly Completed[] =
    kinds[0] === 'rules' ? kinds : kinds.slice(Math.min(count, kinds.length - 1)).slice(0, 1);
  return valueOf(kind, typed, '', call);
};

/** `--name=VALUE` and `-nVALUE`, as far as they are typed. */
function attachedValue(
  typed: string,
  options: readonly OwnOption[],
): { readonly prefix: string; readonly options: readonly OwnOption[] } | undefined {
  const [prefix, long] = /^--([\w-]+)=/u.exec(typed) ?? [];
  if (prefix !== undefined) return { prefix, options: options.filter((option) => option.long === long) };
  const [letters, short] = /^-(\w)(?=.)/u.exec(typed) ?? [];
  const found = options.filter((option) => option.short === short && option.value !== undefined);
  return letters === undefined || found.length === 0 ? undefined : { prefix: letters, options: found };
}

/** Letters too, where one dash is typed. */
function namesOf(options: readonly OwnOption[], typed: string): readonly Candidate[] {
  const names = options.flatMap(({ long, short, help }): readonly Candidate[] => [
    ...(short === undefined || typed.startsWith('--') ? [] : [[`-${short}`, help] as const]),
    [`--${long}`, help],
  ]);
  return [...new Map(names)];
}
