import { baseBackupOptions } from '../../postgres/basebackup-options.ts';
import type { HelpPage } from '../help/help-page.ts';
import { outputOption } from '../options/outputs.ts';
import type { OwnOption } from '../options/own-options.ts';
import { recordedPostmortemOptions } from '../options/postmortem-options.ts';

/** What is typed before the word of the cursor. */
interface SoFar {
  /** The option whose value comes next; an option of pg_basebackup and one of ours may have the same name. */
  readonly waiting: { readonly options: readonly OwnOption[]; readonly isMore: boolean } | undefined;
  readonly operands: number;
  /** A `--` was typed: what follows is no option. */
  readonly isPastOptions: boolean;
}

/** The options that may be typed there: collect and bundle have those of the command that they look for, too. */
export function optionsBehind(page: HelpPage, before: readonly string[]): readonly OwnOption[] {
  const own = page.options.flatMap(({ options }) => options);
  const { command } = page;
  if (command !== 'collect' && command !== 'bundle') return own;
  if (before[0] === 'postmortem') return recordedPostmortemOptions(command);
  return before[0] === 'preflight'
    ? [...own, ...baseBackupOptions.filter(({ long }) => long !== outputOption.long)]
    : own;
}

/** Reads words as far as getopt_long() would; a word that is none of the options is stepped over. */
export function readUntil(before: readonly string[], options: readonly OwnOption[]): SoFar {
  let waiting: SoFar['waiting'];
  let operands = 0;
  for (const [at, word] of before.entries()) {
    if (waiting !== undefined && !(waiting.isMore && word.startsWith('-'))) {
      const more = waiting.options.some(({ takesMore }) => takesMore === true);
      waiting = more ? { options: waiting.options, isMore: true } : undefined;
      continue;
    }
    waiting = undefined;
    if (word === '--') return { waiting, operands: operands + before.length - at - 1, isPastOptions: true };
    if (word.startsWith('-') && word !== '-') waiting = needingValue(word, options);
    else operands += 1;
  }
  return { waiting, operands, isPastOptions: false };
}

function needingValue(word: string, options: readonly OwnOption[]): SoFar['waiting'] {
  const named = word.startsWith('--') ? byName(word.slice(2), options) : byLastLetter(word.slice(1), options);
  const found = named.filter(({ value }) => value !== undefined);
  return found.length === 0 ? undefined : { options: found, isMore: false };
}

/** An abbreviation counts where it is unambiguous; with an equals sign the value is there already. */
function byName(name: string, options: readonly OwnOption[]): readonly OwnOption[] {
  const exact = options.filter(({ long }) => long === name);
  if (exact.length > 0) return exact;
  const like = options.filter(({ long }) => long.startsWith(name));
  return new Set(like.map(({ long }) => long)).size === 1 ? like : [];
}

/** `-vD`: the first letter that takes a value is the last one, or the rest is its value. */
function byLastLetter(letters: string, options: readonly OwnOption[]): readonly OwnOption[] {
  const taking = letters
    .split('')
    .findIndex((letter) => options.some(({ short, value }) => short === letter && value !== undefined));
  return taking === letters.length - 1 ? options.filter(({ short }) => short === letters[taking]) : [];
}
