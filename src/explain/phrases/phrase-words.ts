/** The words of formats: by them the few that a text may hold are found. */
export interface PhraseWords {
  /** Of each format, by its place: the word that the fewest others have; `-` for none. */
  readonly anchors: readonly string[];
  /** Words that many have. */
  readonly frequent: readonly string[];
}

/** To go over all formats takes longer than a short text does: scripts/build.mjs puts the result here. */
export function wordsOfPhrases(formats: readonly string[]): PhraseWords {
  const wordsOf = formats.map(literalWords);
  const frequency = new Map<string, number>();
  for (const words of wordsOf) for (const word of new Set(words)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const times = (word: string): number => frequency.get(word) ?? 0;
  return {
    anchors: wordsOf.map(
      (words) => words.toSorted((a, b) => times(a) - times(b) || b.length - a.length)[0] ?? noAnchor,
    ),
    frequent: [...frequency.keys()].filter((word) => times(word) > many),
  };
}

/** As scripts/build.mjs keeps it. */
export const wordsAsText = ({ anchors, frequent }: PhraseWords): string =>
  `${anchors.join(' ')}\n${frequent.join(' ')}`;

export function wordsFromText(text: string): PhraseWords {
  const [anchors = '', frequent = ''] = text.split('\n');
  return { anchors: anchors.split(' '), frequent: frequent.split(' ') };
}

export const noAnchor = '-';
const many = 40;

/** Words, codes of pgBackRest, and SQLSTATEs. */
export const wordForm = /[a-z][a-z_]{2,}|\[\d{3}\]|\b\d\d[\da-z]\d\d\b/gu;

const placeholder = /%X\/%(?:08)?X|%[-0-9.]*(?:ll|l|z)?[a-zA-Z]/gu;

export const literalWords = (format: string): readonly string[] =>
  [...format.replaceAll(placeholder, ' 0 ').toLowerCase().matchAll(wordForm)].map(([word]) => word);

/** Those that stand by themselves, whatever the values beside them are. */
export const wholeWords = (format: string): readonly string[] =>
  format
    .replaceAll(placeholder, '\uE000')
    .toLowerCase()
    .match(/(?<![\uE000\w])[a-z][a-z_]{2,}(?![\uE000\w])/gu) ?? [];

/** Words of a format, `*` for a value. */
export const tokensOf = (format: string): readonly string[] =>
  [
    ...format
      .replaceAll(placeholder, ' * ')
      .toLowerCase()
      .matchAll(/[a-z][a-z_.']*[a-z]|[a-z]|\*/gu),
  ].map(([word]) => word);
