import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { explained } from './explained.ts';

const folder = fileURLToPath(new URL('../../fixtures/messages/', import.meta.url));

/** Records of PostgreSQL's stderr log, as the corpus has them. */
const logs: readonly string[] = readdirSync(folder)
  .flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split(/^#### .*$/mu)
      .slice(1),
  )
  .map((text) => text.trim())
  .filter(
    (text) =>
      text.split('\n').length > 1 &&
      !text.includes('│') &&
      text.split('\n').every((line) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* \S+ \[\d+\] /u.test(line)),
  )
  .filter((_, index) => index % 4 === 0);

const eachLine = (text: string, around: (line: string, index: number) => string): string =>
  text.split('\n').map(around).join('\n');

const minute = (index: number): string => String(index % 60).padStart(2, '0');

const sources: Readonly<Record<string, (text: string) => string>> = {
  'the frame of k9s': (text) => eachLine(text, (line) => `│ ${line.padEnd(240)} │`),
  'a column with the time': (text) =>
    eachLine(text, (line, index) => `Thu, Dec 29 2022 2:${minute(index)}:10 pm | ${line}`),
  'empty columns': (text) => eachLine(text, (line, index) => `  |   | 2022-12-29 14:${minute(index)}:10 | ${line}`),
  'columns, the newest first': (text) =>
    text
      .split('\n')
      .map((line, index) => ` | 2022-12-29 14:${minute(index)}:10 | ${line}`)
      .toReversed()
      .join('\n'),
  indentation: (text) => eachLine(text, (line) => `    ${line}`),
  'indentation but of the first line': (text) => eachLine(text, (line, index) => (index === 0 ? line : `    ${line}`)),
};

const firstOf = async (text: string): Promise<string | undefined> => {
  const top = (await explained(text)).find(isAnswer);
  return top === undefined ? undefined : JSON.stringify([top.message, top.means, top.candidates]);
};

/** Of every kind, as the corpus has them: a service's name before each line, as Compose prints it without a number. */
const texts: readonly string[] = readdirSync(folder)
  .flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split(/^#### .*$/mu)
      .slice(1),
  )
  .map((text) => text.trim())
  .filter((text, index) => index % 5 === 0 && !/^\S+ *\|/mu.test(text));

describe('what every line of a log begins with', () => {
  it('has logs to try', () => {
    expect(logs.length).toBeGreaterThan(20);
  });

  it.each(Object.entries(sources))('changes nothing: %s', async (_, around) => {
    const answers = await Promise.all(
      logs.map(async (text) => ({ text, without: await firstOf(text), within: await firstOf(around(text)) })),
    );
    expect(answers.filter(({ without, within }) => without !== within).map(({ text }) => text)).toEqual([]);
  });

  it('changes nothing: the name of a service', async () => {
    const answers = await Promise.all(
      texts.map(async (text) => ({
        text,
        without: await firstOf(text),
        within: await firstOf(eachLine(text, (line) => `database  | ${line}`)),
      })),
    );
    const changed = answers.filter(({ without, within }) => without !== within).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(200);
    expect(changed).toEqual([]);
  });

  it('leaves no "or" alone', async () => {
    const first = (
      await Promise.all(
        texts.map(async (text) => (await explained(text)).map(({ candidates }) => candidates[0]?.cause)),
      )
    ).flat();
    expect(first.filter((cause) => cause?.startsWith('Or:') === true)).toEqual([]);
  });
});
