import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { partsOfMessages } from '../../src/explain/answers/parts.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { explained } from './explained.ts';

const alone = { tools: new Set<never>(), paste: '' };

describe('what is said of messages', () => {
  it('has one name for one answer', () => {
    const named = [...new Set(answers.withWords.map(({ answer }) => answer))].flatMap(({ id }) => id ?? []);
    expect(named.filter((id, index) => named.indexOf(id) !== index)).toEqual([]);
  });

  it.each(Object.entries(partsOfMessages))('knows the message that these parts belong to: %s', (id, parts) => {
    expect(answers.of({ id, variantOf: undefined }, parts.join('\n'), alone)).toBeDefined();
  });

  it('recognises every wording that an answer has', async () => {
    const silent: string[] = [];
    for (const { says, answer } of answers.withWords) {
      // a value that is glued to a word
      if (answer.among !== undefined || answer.tool !== undefined || /\w%s/u.test(says)) continue;
      if (answer.kind === 'course') continue;
      const text = says
        .replaceAll(/%X\/%X/gu, '0/3000148')
        .replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxX]/gu, '7')
        .replaceAll(/%[sm]/gu, 'node_7')
        .replaceAll('%%', '%');
      const found = await explained(`pg_basebackup: error: ${text}`);
      if (found.length === 0) silent.push(says);
    }
    expect(silent).toEqual([]);
  }, 120_000);

  it('points to the catalogue where the catalogue has the words', async () => {
    const bare = (format: string) =>
      format
        .replace(/^%s: /u, '')
        .replaceAll(/%[-0-9.]*(?:ll|l|z)?[a-zA-Z]/gu, '*')
        .toLowerCase();
    const { formats } = await messageCatalogue();
    // errno's words alone are told in another way than as the reason in a message
    const known = new Set(
      formats.map(({ format }) => bare(format)).filter((words) => words !== 'no such file or directory'),
    );
    const twice = answers.withWords.filter(({ says, answer }) => answer.id !== undefined && known.has(bare(says)));
    expect(twice.map(({ says }) => says)).toEqual([]);
  });

  it('has each wording under the same conditions once', () => {
    const conditions = new Map<string, Set<unknown>>();
    for (const { says, answer } of answers.withWords.filter(({ answer: { id } }) => id !== undefined)) {
      const { tool, among, beside } = answer;
      const key = [says.toLowerCase(), tool, among, beside].join(' ');
      conditions.set(key, (conditions.get(key) ?? new Set()).add(answer));
    }
    expect([...conditions].flatMap(([key, said]) => (said.size > 1 ? [key] : []))).toEqual([]);
    const told = new Map<string, number>();
    for (const answer of answers.all)
      for (const id of answer.of ?? []) {
        const key = [id, answer.tool, answer.when, answer.beside].join(' ');
        told.set(key, (told.get(key) ?? 0) + 1);
      }
    expect([...told].flatMap(([key, count]) => (count > 1 ? [key] : []))).toEqual([]);
  });

  it('says what every message means in a sentence, and never tells to delete a file', async () => {
    const { formats } = await messageCatalogue();
    const told = [...new Map(formats.map(({ entry }) => [entry().id, entry()])).values()].filter(
      (entry) => entry.matters >= 2 && answers.of(entry, '', alone) === undefined,
    );
    expect(told.length).toBeGreaterThan(200);
    expect(
      told.filter(({ meaning }) => meaning !== '' && !/^.{30,}\.\)?$/su.test(meaning)).map(({ id }) => id),
    ).toEqual([]);
    expect(
      told
        .filter(({ fix }) => /\b(?:Remove it|Delete it|emove it by hand|rm -)/u.test(fix))
        .map(({ id, fix }) => `${id}: ${fix}`),
    ).toEqual([]);
  });

  it('has no wordings that a condition hides', () => {
    const conditional = answers.all.filter(({ when, beside }) => when !== undefined || beside !== undefined);
    expect(conditional.flatMap(({ says = [] }) => says)).toEqual([]);
  });
});
