import { describe, expect, it } from 'vitest';

import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import type { CatalogueEntry } from '../../src/postgres/messages/catalogue.ts';
import { explained } from './explained.ts';

/** The format with values as they occur. */
const rendered = ({ format }: CatalogueEntry): string =>
  format
    .replace(/^%s: /u, '')
    .replace('could not load %s', 'could not load /srv/%s/pg_hba.conf')
    .replaceAll(/%X\/%(?:08)?X/gu, '0/3000148')
    .replaceAll(/"%s"/gu, '"node_7"')
    .replaceAll(/%m/gu, 'Permission denied')
    .replaceAll(/%s/gu, 'node_7')
    .replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxXc]/gu, '7')
    .replaceAll('%%', '%');

const hardWrapped = (text: string): string => (text.match(/.{1,80}/gsu) ?? []).join('\n');
const softWrapped = (text: string): string => text.replaceAll(/(.{50,79}) /gu, '$1\n');

/** `line`: with its severity, as the log has it. */
const wrappings: Readonly<Record<string, (message: string, line: string) => string>> = {
  bare: (message) => message,
  'bare, and its DETAIL behind it': (message) => `${message} DETAIL:  What it says there.`,
  'bare, and its HINT behind it': (message) => `${message} HINT: What it says there.`,
  severity: (_, line) => line,
  'one blank': (_, line) => line.replace(':  ', ': '),
  'default prefix': (_, line) => `2024-03-01 10:00:00.123 UTC [4711] ${line}`,
  'user and database': (_, line) => `2024-03-01 10:00:00 CET:10.0.0.7(41234):rep@[unknown]:[4711]:${line}`,
  compose: (_, line) => `standby-1  | 2024-03-01 10:00:00.123 UTC [4711] ${line}`,
  journald: (_, line) => `Mar 01 10:00:00 db2 postgres[4711]: 2024-03-01 10:00:00.123 UTC [4711] ${line}`,
  kubernetes: (_, line) => `2024-03-01T10:00:00.123456789Z stderr F 2024-03-01 10:00:00.123 UTC [4711] ${line}`,
  patroni: (message) => `2024-03-01 10:00:00,123 ERROR: ${message}`,
  quotation: (_, line) => `> ${line}`,
  JSON: (_, line) => `{"level":"error","msg":${JSON.stringify(line)}}`,
  'list item': (_, line) => `- \`${line}\``,
  colours: (_, line) => `\u001B[31m${line}\u001B[0m`,
  'upper case': (message) => message.toUpperCase(),
  'lower case': (_, line) => line.toLowerCase(),
  escaped: (_, line) => line.replaceAll('"', String.raw`\"`),
  'smart quotes': (_, line) => line.replaceAll(/"([^"]*)"/gu, '“$1”'),
  'soft wrapped': (_, line) => softWrapped(`2024-03-01 10:00:00.123 UTC [4711] ${line}`),
  'quoted in a sentence': (_, line) => `When the standby starts, it says "${line}" and ends.`,
  'code in a sentence': (_, line) => `The replica fails with \`${line}\`. What can I do?`,
  "behind n't": (_, line) => `The standby doesn't connect: ${line}`,
  'Go driver': (_, line) => `failed to connect to \`host=db1 user=rep\`: server error (${line} (SQLSTATE 58P01))`,
  'hard wrapped': (_, line) => hardWrapped(`2024-03-01 10:00:00.123 UTC [4711] ${line}`),
};

describe('every message that matters is known, whatever is around it', () => {
  it('in 99 of 100', async () => {
    const { messages } = await messageCatalogue();
    const entries = messages
      .map(({ entry }) => entry)
      .filter(({ matters, part, generic }) => matters >= 3 && part === undefined && !generic);
    const missed: string[] = [];
    let tried = 0;
    for (const entry of entries) {
      const message = rendered(entry);
      const line = `${entry.severity ?? 'ERROR'}:  ${message}`;
      for (const [name, wrap] of Object.entries(wrappings)) {
        tried += 1;
        if ((await explained(wrap(message, line))).length === 0) missed.push(`${name}: ${entry.id}`);
      }
    }
    expect(entries.length).toBeGreaterThan(400);
    const share = 1 - missed.length / tried;
    // oxlint-disable-next-line no-console -- the score is what the test is for
    console.log(`${String(tried - missed.length)} of ${String(tried)} known`);
    expect(share, missed.slice(0, 600).join('\n')).toBeGreaterThanOrEqual(0.99);
  }, 300_000);
});

describe('a message that is typed again with words left out', () => {
  const little = /^(?:is|the|has|been|a|of|to|from|was|be|in|on|at|for|an|with|that|by|it|its|have|only)$/u;

  /** Its values, the little words, and one word more. */
  const shortened = (format: string, turn: number): string => {
    const [first = '', ...words] = format
      .replace(/^%s: /u, '')
      .replaceAll(/["']?%(?:X\/%0?8?X|[-0-9.]*(?:ll|l|z)?[a-zA-Z])["']?/gu, ' ')
      .split(/\s+/u)
      .filter((word) => /[a-z]/iu.test(word));
    const rest = words.filter((word) => !little.test(word));
    const dropped = rest.findIndex(
      (word, at) => at >= turn % Math.max(1, rest.length) && !/^(?:not|no|cannot)$/u.test(word),
    );
    return [first, ...rest.filter((_, at) => at !== dropped || rest.length < 5)].join(' ');
  };

  it('is known in three of four', async () => {
    const { messages } = await messageCatalogue();
    const entries = messages
      .map(({ entry }) => entry)
      .filter(({ matters, part, generic }) => matters >= 3 && part === undefined && !generic)
      .filter(({ format }) => shortened(format, 0).split(' ').length >= 4);
    let known = 0;
    for (const [turn, entry] of entries.entries()) {
      const said = await explained(shortened(entry.format, turn));
      const names = new Set([entry.id, entry.variantOf]);
      if (said.some((one) => one.names.some((name) => names.has(name)))) known += 1;
    }
    expect(entries.length).toBeGreaterThan(300);
    expect(known / entries.length).toBeGreaterThan(0.75);
  });

  it.each([
    ['without the word that makes it the opposite', 'a backup in progress'],
    ['of a few everyday words', 'could not open file'],
    ['in prose', 'the standby server was promoted by the administrator after lunch'],
  ])('is not guessed %s', async (_, text) => {
    const said = await explained(text);
    expect(said.filter(({ names }) => names.length > 0)).toEqual([]);
  });
});

describe('a message without the reason that it carries', () => {
  it('is known in nine of ten', async () => {
    const { messages } = await messageCatalogue();
    const missed: string[] = [];
    const entries = messages
      .map(({ entry }) => entry)
      .filter(({ matters, part, generic }) => matters >= 2 && part === undefined && !generic)
      .filter(({ format }) => /: %[sm]$/u.test(format) && format.replaceAll(/%\S+/gu, '').split(/\s+/u).length >= 6);
    for (const entry of entries)
      if ((await explained(rendered(entry).replace(/: [^:]*$/u, ''))).length === 0) missed.push(entry.id);
    expect(entries.length).toBeGreaterThan(10);
    expect(1 - missed.length / entries.length, `${entries.length}: ${missed.join(', ')}`).toBeGreaterThanOrEqual(0.9);
  });
});
