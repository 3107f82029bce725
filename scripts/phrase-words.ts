// Prints what scripts/build.mjs puts into the program: the words of all messages that explain knows.
import { answers } from '../src/explain/answers.ts';
import { phraseWords } from '../src/explain/known.ts';
import { wordsAsText, wordsOfPhrases } from '../src/explain/phrase-words.ts';
import { toolLines } from '../src/explain/tool-lines/table.ts';
import { messageCatalogue } from '../src/postgres/messages/catalogue.ts';

process.stdout.write(
  [
    phraseWords(await messageCatalogue(), answers),
    wordsAsText(wordsOfPhrases(toolLines.map(({ format }) => format))),
  ].join('\n'),
);
