import { once } from '../../postgres/once.ts';

/** Where in a list of known formats some words stand. */
export interface PhrasePlaces {
  /** Those that have each of these words, also with `'s`. */
  readonly withAll: (words: readonly string[]) => readonly number[];
  /** Those that have three words after each other; the last of them may be cut. */
  readonly withAnyOf: (triples: readonly string[]) => ReadonlySet<number>;
}

/**
 * `lines`: the words of each format, with a blank around each. A few questions are answered by a look through all lines,
 * which takes less than a map of their words; a long text asks thousands.
 */
export function phrasePlaces(lines: () => readonly string[]): PhrasePlaces {
  let asked = 0;
  const whole = once(() => lines().join('\n'));
  const mapped = once(() => mapOf(lines()));
  return {
    withAll(words) {
      asked += scanOfAll;
      return asked > fewQuestions ? mapped().withAll(words) : scannedForAll(lines(), words);
    },
    withAnyOf(triples) {
      asked += triples.length;
      if (asked > fewQuestions) return mapped().withAnyOf(triples);
      const sought = triples
        .map((triple, index) => (index === triples.length - 1 ? ` ${triple}` : ` ${triple} `))
        // most stand nowhere, which one look tells
        .filter((one) => whole().includes(one));
      if (sought.length === 0) return new Set();
      return new Set(lines().flatMap((line, place) => (sought.some((one) => line.includes(one)) ? [place] : [])));
    },
  };
}

const fewQuestions = 200;
/** As many looks for three words. */
const scanOfAll = 10;

const scannedForAll = (lines: readonly string[], words: readonly string[]): readonly number[] =>
  lines.flatMap((line, place) =>
    words.every((word) => line.includes(` ${word} `) || line.includes(` ${word}'s `)) ? [place] : [],
  );

function mapOf(lines: readonly string[]): PhrasePlaces {
  const byWord = new Map<string, number[]>();
  const byPair = new Map<string, { readonly third: string; readonly place: number }[]>();
  lines.forEach((line, place) => {
    const words = line.trim().split(' ');
    for (const word of new Set(words.flatMap((one) => (one.endsWith("'s") ? [one, one.slice(0, -2)] : [one]))))
      push(byWord, word, place);
    words.forEach((third, at) => {
      const [first, second] = words.slice(Math.max(at - 2, 0), at);
      if (second !== undefined) push(byPair, `${first} ${second}`, { third, place });
    });
  });
  return {
    withAll(words) {
      const [rarest = [], ...others] = words
        .map((word): readonly number[] => byWord.get(word) ?? [])
        .toSorted((a, b) => a.length - b.length);
      return rarest.filter((place) => others.every((one) => isAmong(one, place)));
    },
    withAnyOf(triples) {
      const places = new Set<number>();
      triples.forEach((triple, index) => {
        const end = triple.lastIndexOf(' ');
        const last = triple.slice(end + 1);
        const mayBeCut = index === triples.length - 1;
        for (const { third, place } of byPair.get(triple.slice(0, end)) ?? [])
          if (third === last || (mayBeCut && third.startsWith(last))) places.add(place);
      });
      return new Set([...places].toSorted((a, b) => a - b));
    },
  };
}

function push<T>(index: Map<string, T[]>, key: string, value: T): void {
  const before = index.get(key);
  if (before === undefined) index.set(key, [value]);
  else before.push(value);
}

/** Of ascending numbers. */
function isAmong(places: readonly number[], place: number): boolean {
  let from = 0;
  let to = places.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((places[middle] ?? 0) < place) from = middle + 1;
    else to = middle;
  }
  return places[from] === place;
}
