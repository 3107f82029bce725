import { readdirSync } from 'node:fs';

import { expect, it } from 'vitest';

import type { Answer } from '../../src/explain/answer.ts';

const folder = new URL('../../src/explain/answers/', import.meta.url);

it('of two answers to one message without a condition, nobody would ever read the second', async () => {
  const said = new Map<string, string>();
  const twice: string[] = [];
  for (const file of readdirSync(folder)) {
    const exported: Readonly<Record<string, unknown>> = await import(new URL(file, folder).href);
    for (const list of Object.values(exported))
      for (const answer of (Array.isArray(list) ? list : []) as readonly (Answer | string)[]) {
        if (typeof answer === 'string' || (answer.when ?? answer.beside ?? answer.tool) !== undefined) continue;
        for (const id of answer.of ?? []) {
          if (said.has(id)) twice.push(`${id}: ${said.get(id)}, ${file}`);
          said.set(id, file);
        }
      }
  }
  expect(said.size).toBeGreaterThan(400);
  expect(twice).toEqual([]);
});
