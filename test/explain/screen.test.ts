import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { explanationsText } from '../../src/report/explanation-text.ts';
import { explained } from './explained.ts';

const [rows, columns] = [24, 80];

/** The format with values as they occur. */
const rendered = (format: string): string =>
  format
    .replace(/^%s: /u, '')
    .replaceAll(/%X\/%(?:08)?X/gu, '0/3000148')
    .replaceAll(/%m/gu, 'Permission denied')
    .replaceAll(/%s/gu, 'node_7')
    .replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxXc]/gu, '7')
    .replaceAll('%%', '%');

/** A command longer than the screen is wide takes several rows. */
const rowsOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);

describe('one message takes one screen', () => {
  it('of 24 rows and 80 columns', async () => {
    const { messages } = await messageCatalogue();
    const texts = [
      ...messages
        .filter(({ entry }) => entry.part === undefined && !entry.generic)
        .map(({ entry }) => `${entry.severity ?? 'ERROR'}:  ${rendered(entry.format)}`),
      ...answers.withWords.map(({ says }) => rendered(says)),
    ];
    const long = new Map<string, string>();
    for (const text of texts) {
      const [first] = await explained(text);
      if (first === undefined) continue;
      const lines = explanationsText([first], columns);
      if (rowsOf(lines) > rows) long.set(first.means, `${String(rowsOf(lines))}: ${lines.join('\n')}`);
    }
    expect(texts.length).toBeGreaterThan(1000);
    expect([...long.values()]).toEqual([]);
  }, 120_000);
});
