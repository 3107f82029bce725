// Prints what scripts/build.mjs puts into the program, as JSON: the words of all messages that explain knows, and by what the
// answers of each file of src/explain/answers are found.
import { readdirSync } from 'node:fs';

import { answers } from '../src/explain/answers.ts';
import type { Answer } from '../src/explain/answer.ts';
import { phraseWords } from '../src/explain/phrases/known.ts';
import { wordsAsText, wordsOfPhrases } from '../src/explain/phrases/phrase-words.ts';
import { toolLines } from '../src/explain/tool-lines/table.ts';
import { outlineOf } from '../src/explain/when-asked.ts';
import type { Outline } from '../src/explain/when-asked.ts';
import { messageCatalogue } from '../src/postgres/messages/catalogue.ts';

const folder = new URL('../src/explain/answers/', import.meta.url);
const known: ReadonlySet<unknown> = new Set(answers.all);
const outlines: Record<string, Record<string, readonly Outline[]>> = {};
for (const file of readdirSync(folder)) {
  const exported: Record<string, unknown> = await import(new URL(file, folder).href);
  const lists = Object.entries(exported).filter((one): one is [string, readonly Answer[]] => {
    const [, list] = one;
    return Array.isArray(list) && list.every((answer) => known.has(answer));
  });
  // what exports something else, too, is read as it is
  if (lists.length === Object.keys(exported).length)
    outlines[file] = Object.fromEntries(lists.map(([name, list]) => [name, list.map(outlineOf)]));
}
process.stdout.write(
  JSON.stringify({
    words: phraseWords(await messageCatalogue(), answers),
    wordsOfTools: wordsAsText(wordsOfPhrases(toolLines.map(({ format }) => format))),
    outlines,
  }),
);
