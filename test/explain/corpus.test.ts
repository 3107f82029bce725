import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { explained } from './explained.ts';

/**
 * Texts as people paste them. A case begins with `#### name | the messages of which one must come first | never: what
 * must not be said; …`; `nothing`: nothing but the ordinary course of things is in it.
 */
interface Case {
  readonly name: string;
  readonly first: readonly string[];
  readonly never: readonly string[];
  readonly text: string;
}

const folder = fileURLToPath(new URL('../../fixtures/messages/', import.meta.url));

const cases: readonly Case[] = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split(/^#### /mu)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        const [name = '', first = '', never = ''] = part.slice(0, end).split(' | ');
        return {
          name: `${file}: ${name}`,
          first: first.split(','),
          never: never
            .replace('never: ', '')
            .split('; ')
            .filter((phrase) => phrase !== ''),
          text: part.slice(end + 1),
        };
      }),
  );

type Outcome = 'right' | 'wrong' | 'silent';

async function outcomeOf({ first, never, text }: Case): Promise<Outcome> {
  const top = (await explained(text)).find(isAnswer);
  if (top === undefined) return first.includes('nothing') ? 'right' : 'silent';
  const said = JSON.stringify(top).toLowerCase();
  if (never.some((phrase) => said.includes(phrase.toLowerCase()))) return 'wrong';
  return first.some((id) => top.names.includes(id)) ? 'right' : 'wrong';
}

describe('texts as people paste them', () => {
  it('has enough of them, each once', () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it('names the cause first in 95 of 100, and a wrong one in none', async () => {
    const outcomes = await Promise.all(cases.map(async (one) => ({ name: one.name, outcome: await outcomeOf(one) })));
    const of = (outcome: Outcome) => outcomes.filter((one) => one.outcome === outcome).map(({ name }) => name);
    // oxlint-disable-next-line no-console -- the score is what the test is for
    console.log(
      `${of('right').length} of ${cases.length} right, ${of('silent').length} silent, ${of('wrong').length} wrong`,
    );
    expect(of('wrong')).toEqual([]);
    expect(of('right').length / cases.length, `silent: ${of('silent').join(', ')}`).toBeGreaterThanOrEqual(0.95);
  });
});
