import { tokensOf } from './phrase-words.ts';

/** Where a message may stand that somebody typed from memory: a line, or what is in quotation marks. */
export const typedPieces = (text: string): readonly string[] => [
  ...[...text.matchAll(/"([^"\n]{12,200})"|`([^`\n]{12,200})`|(?<!\w)'([^'\n]{12,200})'(?!\w)/gu)].map(
    ([, double, code, single]) => double ?? code ?? single ?? '',
  ),
  ...text.split('\n').filter((line) => line.length < longestLine),
];

const longestLine = 160;

/** Its words, without the labels before them and without values. */
export const typedWords = (text: string): readonly string[] =>
  tokensOf(
    text
      .replace(
        /^\s*(?:\[[^\]\n]{1,30}\]\s*)?(?:(?:[\w-]+: )?(?:FATAL|ERROR|PANIC|LOG|WARNING|error|fatal)\b:?\s*)+/u,
        '',
      )
      .replaceAll(/"[^"\n]*"|\S*[\d/]\S*/gu, ' '),
  )
    .filter((word) => word.length > 1)
    .map(plain);

/** "server's history" is "server history" to people. */
export const plain = (word: string): string => word.replace(/'s$/u, '');

/**
 * How many words of a format were typed: all of them are its own, in its order. None where the format has a word, left out, that
 * turns it into its opposite, or where another message was typed.
 */
export function wordsLeft(format: readonly string[], typed: readonly string[]): number {
  let at = 0;
  let said = 0;
  for (const word of format) {
    while (
      at < typed.length &&
      typed[at] !== word &&
      isAround.has(typed[at] ?? '') &&
      !format.includes(typed[at] ?? '')
    )
      at += 1;
    if (word === typed[at]) {
      at += 1;
      said += 1;
    } else if (negates.has(word)) return 0;
  }
  return typed.slice(at).every((word) => isAround.has(word)) ? said : 0;
}

/** Where the text has a name in quotation marks, it is the one that the format has there. */
export function hasNames(format: string, text: string): boolean {
  if (!/"[^"\n]+"/u.test(text)) return true;
  const said = text.toLowerCase();
  return [...format.matchAll(/"([a-z_]+)"/giu)].every(([, name = '']) => said.includes(name.toLowerCase()));
}

const negates: ReadonlySet<string> = new Set(['not', 'no', 'cannot', 'never', 'without', "can't", "doesn't"]);

/** What people write around a message. */
export const isAround: ReadonlySet<string> = new Set(
  'postgres postgresql error issue problem getting get got gives with my why when after help docker on in for the an is it this how fix to and we our have says saying throws replica standby slave failover restart upgrade crash still'.split(
    ' ',
  ),
);
