import { once } from '../../postgres/once.ts';
import { isOfFewWords } from '../../postgres/messages/message-format.ts';
import type { MessageValues } from '../../postgres/messages/message-format.ts';
import { placesOf } from '../../postgres/text-table.ts';
import { errorTexts, phrasePattern, valuesOfBeginning } from './phrase-pattern.ts';
import { phrasePlaces } from './phrase-places.ts';
import { tokensOf, wholeWords, wordForm, wordsOfPhrases } from './phrase-words.ts';
import type { PhraseWords } from './phrase-words.ts';
import { remembering } from './remembered.ts';
import { hasNames, isAround, plain, typedWords, wordsLeft } from './typed-again.ts';

/** A text that is known, in the form of PostgreSQL's formats. */
export interface Phrase<T> {
  readonly format: string;
  readonly of: T;
}

export interface Found<T> {
  readonly of: T;
  readonly values: MessageValues;
  readonly from: number;
  readonly to: number;
  /** How many of its own words stand there. */
  readonly words: number;
  /** The text has a part of it only. */
  readonly partial: boolean;
}

export interface Phrases<T> {
  /** Every known text that stands somewhere in this one, whatever is around it; in the order of their places. */
  readonly within: (text: string) => readonly Found<T>[];
  /** Of those of which only a part stands there (the beginning of a cut line, a few words of a shortened message), the likeliest. */
  readonly partsWithin: (text: string) => readonly Found<T>[];
  /** Of those that somebody typed again with words left out anywhere, the likeliest; the whole text is one message. */
  readonly shortenedIn: (text: string) => readonly Found<T>[];
  /** Of those that a sentence tells from memory, in its own words, the likeliest. */
  readonly rememberedIn: (sentence: string) => readonly Found<T>[];
}

/** Words find the few phrases that a text may hold; only those are held against it. `words`: made before, when the program was built. */
export function phrases<T>(known: readonly Phrase<T>[], words?: PhraseWords): Phrases<T> {
  const { anchors, frequent } =
    words?.anchors.length === known.length ? words : wordsOfPhrases(known.map(({ format }) => format));
  const isFrequent: ReadonlySet<string> = new Set(frequent);
  const patterns = known.map(({ format }) => once(() => ({ ...phrasePattern(format), must: wholeWords(format) })));
  const byAnchor = placesOf(anchors);
  const lines = once(() => known.map(({ format }) => ` ${tokensOf(format).join(' ')} `));
  const places = phrasePlaces(lines);
  const remembered = once(() => remembering(known.map(({ format }) => format)));

  return {
    within(text) {
      const found: Found<T>[] = [];
      const words = new Set(text.toLowerCase().match(wordForm));
      for (const place of placesWith(words)) {
        const one = known[place];
        const pattern = patterns[place]?.();
        if (one === undefined || pattern?.must.every((word) => words.has(word)) !== true) continue;
        for (const match of pattern.all(text))
          if (!isOfFewWords(one.format, match.values))
            found.push({ of: one.of, ...match, words: pattern.words, partial: false });
      }
      return found.toSorted((a, b) => a.from - b.from || b.words - a.words);
    },
    partsWithin(text) {
      const tokens = textTokens(text.replaceAll(errno, (words) => words.replaceAll(/[a-z]/giu, '~')));
      return [...places.withAnyOf(triplesOf(tokens.map(({ word }) => (isQuotedValue.test(word) ? '*' : word))))]
        .flatMap((place) => {
          const part = partOf(place, tokens, text);
          if (part === undefined) return [];
          // of two that begin alike, the one of which the text has more words further on
          const own = new Set(tokensOf(known[place]?.format ?? ''));
          const further = new Set(
            tokens.filter(({ at, word }) => at >= part.to && own.has(word)).map(({ word }) => word),
          );
          return [{ ...part, place, also: further.size }];
        })
        .toSorted((a, b) => b.words - a.words || b.also - a.also)
        .slice(0, 12)
        .map(({ place, ...part }) => ({ ...part, values: valuesOfBeginning(known[place]?.format ?? '', text, part) }));
    },
    shortenedIn: shortened,
    rememberedIn: (sentence) =>
      remembered()(sentence).flatMap(({ place, words, part }) => {
        const one = known[place];
        return one === undefined
          ? []
          : [{ of: one.of, values: {}, from: 0, to: sentence.length, words: words * part, partial: true }];
      }),
  };

  function shortened(text: string): readonly Found<T>[] {
    const typed = typedWords(text.replaceAll(errno, ' '));
    const telling = typed.filter((word) => word.length > 3 && !everyday.has(word) && !isAround.has(word));
    if (typed.length < 4 || typed.length > 16 || telling.length < 2) return [];
    return places
      .withAll(telling)
      .flatMap((place) => {
        const one = known[place];
        if (one === undefined || !hasNames(one.format, text)) return [];
        const words = (lines()[place] ?? '')
          .split(' ')
          .filter((word) => word !== '' && word !== '*')
          .map(plain);
        const said = wordsLeft(words, typed);
        return said >= 4 && said * 2 > words.length
          ? [{ of: one.of, values: {}, from: 0, to: text.length, words: said, partial: true, length: words.length }]
          : [];
      })
      .toSorted((a, b) => a.length - b.length)
      .slice(0, 12);
  }

  function placesWith(textWords: ReadonlySet<string>): ReadonlySet<number> {
    const places = new Set<number>();
    for (const word of textWords) for (const place of byAnchor.get(word) ?? []) places.add(place);
    return places;
  }

  function partOf(place: number, tokens: readonly TextToken[], text: string): Found<T> | undefined {
    const one = known[place];
    if (one === undefined) return undefined;
    const format = tokensOf(one.format);
    const run = longestRun(format, tokens);
    if (run === undefined) return undefined;
    const { from, to, words, valueBefore, begins, cut } = run;
    const rare = words.some((word) => !isFrequent.has(word) && word.length > 3 && !everyday.has(word));
    const before = text.slice(0, tokens[from]?.at ?? 0);
    // the end of a line that was cut in the last word
    const all = words.length + Number(cut);
    // all that a label has behind it, up to the end, is the beginning of this one
    const isCutLine = begins && cut && run.wilds > 0 && labelled.test(before);
    const said = isCutLine ? all : words.length;
    // a part from the middle is more often of another message than a beginning is
    if (said + run.wilds < 4 || said < (begins ? 3 : 5)) return undefined;
    const isWhole = all >= 5 && all === format.filter((word) => word !== '*').length;
    if (!rare && !isWhole && !isCutLine) return undefined;
    // a clause of its own: other words before or behind it make another message of it
    const after = text.slice(tokens[to]?.end ?? 0);
    const opens = /(?:^|[:;,.!?"'`(>\]])\s*["'`(]?$/u.test(before) || valueBefore;
    // a quotation mark after a blank begins a value, which the format does not have there
    const closes = cut || /^(?:\s*(?:$|[:;,.!?)<[])|["'`])/u.test(after);
    if (!(opens && closes) && !(rare && words.length >= 6 && (opens || closes))) return undefined;
    return {
      of: one.of,
      values: {},
      from: tokens[from]?.at ?? 0,
      to: tokens[to]?.end ?? 0,
      words: words.length,
      partial: true,
    };
  }
}

const labelled = /^\s*$|(?:ERROR|FATAL|PANIC|DETAIL|error|fatal): {0,2}$/u;

/** They stand in messages of every kind; "permission denied for table …" is none of them. */
const errno = new RegExp(`(?:${errorTexts.join('|')})(?! (?:for|to)\\b)`, 'giu');

interface TextToken {
  readonly word: string;
  readonly at: number;
  readonly end: number;
}

function textTokens(text: string): readonly TextToken[] {
  return (
    // four words in quotation marks are no value, but somebody's message
    [...text.toLowerCase().matchAll(/"[^\s"]{0,200}(?: [^\s"]{1,80}){0,2}"|[a-z][a-z_.']*[a-z](?![\w/])|[^\s"]+/gu)]
      // formats have no signs of their own either
      .filter(([word]) => word !== '=')
      .map((match) => ({ word: match[0], at: match.index, end: match.index + match[0].length }))
  );
}

/** The format has its own sign there. */
const isQuotedValue = /^["'].*["']$/u;

function triplesOf(words: readonly string[]): readonly string[] {
  const triples: string[] = [];
  for (let at = 0; at + 2 < words.length; at += 1) {
    const triple = words.slice(at, at + 3);
    if (triple.filter((word) => word === '*').length < 2) triples.push(triple.join(' '));
  }
  return triples;
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
  readonly wilds: number;
  /** It is the beginning of the format. */
  readonly begins: boolean;
  /** The format has a value before it, and so has the text. */
  readonly valueBefore: boolean;
  /** The text ends in the middle of the format's next word. */
  readonly cut: boolean;
}

/** The longest stretch of the format's words that stands in the text; a value may be there, or not. */
function longestRun(format: readonly string[], text: readonly TextToken[]): Run | undefined {
  let best: Run | undefined;
  for (let start = 0; start < text.length; start += 1) {
    for (let begin = 0; begin < format.length; begin += 1) {
      if (format[begin] === '*' || format[begin] !== text[start]?.word) continue;
      let at = start;
      let place = begin;
      const words: string[] = [];
      let wilds = 0;
      while (at < text.length && place < format.length) {
        if (format[place] === '*') {
          const next = format[place + 1];
          if (text[at]?.word !== next) {
            wilds += 1;
            at += 1;
          }
          place += 1;
        } else if (format[place] === text[at]?.word) {
          words.push(format[place] ?? '');
          at += 1;
          place += 1;
        } else break;
      }
      if (best === undefined || words.length > best.words.length) {
        const cut = at === text.length - 1 && format[place]?.startsWith(text[at]?.word ?? ' ') === true;
        best = {
          from: start,
          to: cut ? at : at - 1,
          words,
          wilds,
          begins: begin === 0,
          valueBefore: format[begin - 1] === '*' && /^["']/u.test(text[start - 1]?.word ?? ''),
          cut,
        };
      }
    }
  }
  return best;
}

const everyday: ReadonlySet<string> = new Set(
  'could file open server must with from does exist that this have been already data directory user name list value valid invalid option cannot used only needs failed found more than'.split(
    ' ',
  ),
);
