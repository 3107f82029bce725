import type { Catalogue, CatalogueEntry } from '../../postgres/messages/catalogue.ts';
import type { Answers } from '../answers.ts';
import type { Answer } from '../answer.ts';
import { phrases } from './phrases.ts';
import type { Phrases } from './phrases.ts';
import { wordsAsText, wordsFromText, wordsOfPhrases } from './phrase-words.ts';

/** What a phrase is of: a message of PostgreSQL's, or an answer that has its own words. */
export interface Known {
  readonly entry: CatalogueEntry | undefined;
  readonly answer: Answer | undefined;
  /** Its few words are nobody else's. */
  readonly surely: boolean;
  /** Which of the answer's wordings, the most telling being 0. */
  readonly form: number;
}

export function knownPhrases({ formats }: Catalogue, answers: Answers): Phrases<Known> {
  return phrases<Known>(
    [
      ...formats.map(({ format, entry }) => ({
        format: ownFormat(format),
        of: {
          get entry() {
            return entry();
          },
          answer: undefined,
          surely: false,
          form: 0,
        },
      })),
      ...answers.withWords.map(({ says, answer, form }) => ({
        format: says,
        of: {
          entry: undefined,
          answer,
          get surely() {
            return few.test(says);
          },
          form,
        },
      })),
    ],
    typeof builtPhraseWords === 'string' ? wordsFromText(builtPhraseWords) : undefined,
  );
}

/** What scripts/build.mjs puts here. */
declare const builtPhraseWords: string | undefined;

export const phraseWords = ({ formats }: Catalogue, { withWords }: Answers): string =>
  wordsAsText(
    wordsOfPhrases([...formats.map(({ format }) => ownFormat(format)), ...withWords.map(({ says }) => says)]),
  );

const ownFormat = (format: string): string => (format.startsWith('%s: ') ? format.slice(4) : format);

/** Few words, and nobody else's. */
const few =
  /\[\d{3}\]|(?:SQL ?[Ss]tate|SQLSTATE|Error|code)['"\]:[ ]{1,4}\d\d[\dA-Z]\d\d|: FAILED|OOMKilled|CrashLoopBackOff|^Segmentation fault|^(?:invalid|illegal) option -- |^unrecognized option |^(?:SHOW|CHANGE|START|STOP|RESET) (?:SLAVE|MASTER|REPLICA|REPLICATION|BINARY)\b|_timeout|@%s's password|^Standby \(|%s - (?:rejecting connections|no response|no attempt)/u;
