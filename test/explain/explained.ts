import { answers } from '../../src/explain/answers.ts';
import { explanationOf } from '../../src/explain/explanation.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { inEnglish } from '../../src/explain/in-english.ts';
import { knownPhrases } from '../../src/explain/phrases/known.ts';
import { nextCommandsOf } from '../../src/explain/next-commands.ts';
import { ofServer, ofThisServer, serverIn } from '../../src/explain/of-server.ts';
import { ranked } from '../../src/explain/weighing/rank.ts';
import { recognisePaste } from '../../src/explain/recognise-paste.ts';
import { withToolLines } from '../../src/explain/with-tool-lines.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { once } from '../../src/postgres/once.ts';

const phrases = once(async () => knownPhrases(await messageCatalogue(), answers));

/** What explain says of a text, with every name that its message goes by. */
export async function explained(
  text: string,
): Promise<readonly (Explanation & { readonly names: readonly string[] })[]> {
  const messages = await messageCatalogue();
  const server = serverIn(text);
  const next = nextCommandsOf(text, server);
  const english = await inEnglish(text);
  const found = await withToolLines(english, recognisePaste(english, messages, await phrases(), answers));
  return ranked(found).map((seen) => {
    const one = ofServer(
      explanationOf(ofThisServer(seen, server), () => undefined, next),
      server,
    );
    const entry = one.message === null ? undefined : messages.entry(one.message);
    return {
      ...one,
      names: [one.message, entry?.variantOf, seen.answer?.id].flatMap((name) => name ?? []),
    };
  });
}
