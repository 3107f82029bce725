import { tokensOf } from './phrase-words.ts';

/** A message that a sentence tells from memory. */
export interface Remembered {
  /** Of its format. */
  readonly place: number;
  /** How many of the format's words the sentence has. */
  readonly words: number;
  /** From 0 to 1: how much of the format's words they are, by their weight. */
  readonly part: number;
}

/**
 * Finds the messages that a sentence tells from memory: most of their words are there, close together, in any order, in other
 * forms ("was removed", "being different") or misspelled. A word weighs the more, the fewer formats have it.
 */
export function remembering(formats: readonly string[]): (sentence: string) => readonly Remembered[] {
  // what a message goes on to advise, people leave out
  const stems = formats.map((format) => stemsOf(format.split('\n')[0] ?? ''));
  const frequency = new Map<string, number>();
  for (const all of stems) for (const stem of all) frequency.set(stem, (frequency.get(stem) ?? 0) + 1);
  const weightOf = (stem: string): number => Math.log(formats.length / (frequency.get(stem) ?? 1));
  const places = new Map<string, number[]>();
  stems.forEach((all, place) => {
    for (const stem of all) places.set(stem, [...(places.get(stem) ?? []), place]);
  });
  const corrected = new Map<string, string>();
  const sum = (all: Iterable<string>): number => [...all].reduce((weight, stem) => weight + weightOf(stem), 0);

  return (sentence) => {
    const said = wordsOf(sentence).map(known);
    const possible = new Map<number, number>();
    for (const stem of new Set(said))
      for (const place of places.get(stem) ?? []) possible.set(place, (possible.get(place) ?? 0) + 1);
    return [...possible]
      .flatMap(([place, words]) => {
        const format = formats[place] ?? '';
        const own = stems[place] ?? new Set<string>();
        if (words < 3 || own.size < 3) return [];
        const there = said.filter((stem) => own.has(stem));
        const fault = faults.filter((stem) => own.has(stem));
        if (fault.length > 0 && !fault.some((stem) => there.includes(stem))) return [];
        const part = sum(new Set(there)) / sum(own);
        return part >= (words < 4 && words < own.size ? nearlyAll : words < 5 ? enough : enoughOfMany) &&
          isClose(said, own, words) &&
          deniesAlike(format, sentence.replaceAll(/\([^)]*\)/gu, ' '))
          ? [{ place, words, part }]
          : [];
      })
      .toSorted((a, b) => b.words * b.part - a.words * a.part);
  };

  /** As the formats write it. */
  function known(word: string): string {
    const stem = stemOf(word);
    if (frequency.has(stem) || word.length < 5) return stem;
    const before = corrected.get(stem);
    if (before !== undefined) return before;
    const found =
      [...frequency.keys()].find(
        (other) => other[0] === stem[0] && Math.abs(other.length - stem.length) < 3 && isMisspelled(stem, other),
      ) ?? stem;
    corrected.set(stem, found);
    return found;
  }
}

const nearlyAll = 0.72;
const enough = 0.75;
const enoughOfMany = 0.6;

/** The words of a message stand together; those of a story do not. */
function isClose(said: readonly string[], own: ReadonlySet<string>, words: number): boolean {
  const longest = own.size + 4;
  for (let from = 0; from < said.length; from += 1)
    if (new Set(said.slice(from, from + longest).filter((stem) => own.has(stem))).size === words) return true;
  return false;
}

/** "could not connect" is not remembered as "connected". */
const deniesAlike = (format: string, sentence: string): boolean =>
  denies.test(format)
    ? denies.test(sentence)
    : !/\b(?:not|never|no(?! (?:longer|more|idea)\b))\b|n['’]t\b/iu.test(sentence);

const denies = /\b(?:no|not|cannot|never|unable|without|fail\w*|refus\w*|missing|different|invalid)\b|n['’]t\b/iu;

const stemsOf = (format: string): ReadonlySet<string> =>
  new Set(
    tokensOf(format)
      .filter((word) => word !== '*')
      .flatMap((word) => wordsOf(word))
      .map(stemOf),
  );

const wordsOf = (text: string): readonly string[] =>
  (text.toLowerCase().match(/[a-z]{2,}/gu) ?? []).filter((word) => !saysLittle.has(word));

/** "removed" and "removing", "differs" and "different" are one. */
function stemOf(word: string): string {
  const same = alike.get(word) ?? word;
  return same.length < 5 ? same.replace(/s$/u, '') : same.replace(/(?:ations?|ing|ent|ers?|ed|es|s|e)$/u, '');
}

const alike: ReadonlyMap<string, string> = new Map(
  Object.entries({
    xlog: 'wal',
    master: 'primary',
    slave: 'standby',
    replica: 'standby',
    secondary: 'standby',
    folder: 'directory',
    config: 'conf',
    gone: 'removed',
    deleted: 'removed',
    find: 'locate',
    found: 'locate',
    access: 'open',
    more: 'exceeds',
    above: 'exceeds',
    differs: 'different',
  }),
);

const saysLittle: ReadonlySet<string> = new Set(
  'the an of in for is was were be been being to from and or not no with by on at it its this that there has have had will would can could must do does did as but if so we my our you your he they them are am im me us pg due because after before when then than'.split(
    ' ',
  ),
);

/** Without the word for what is wrong, the rest of a message is said of healthy servers, too. */
const faults: readonly string[] =
  'differs mismatch removed exceeds invalid wrong missing denied refused failed terminated lost lower ahead conflict corrupted broken unexpected incompatible insufficient inconsistent canceled timeout full already'
    .split(' ')
    .map(stemOf);

/** One letter in five words' length, two in a long word. */
function isMisspelled(word: string, right: string): boolean {
  const most = right.length > 8 ? 2 : 1;
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= word.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (word[i - 1] === right[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return (row.at(-1) ?? most + 1) <= most;
}
