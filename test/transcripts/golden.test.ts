import { stripVTControlCharacters } from 'node:util';

import { describe, expect, it } from 'vitest';

import { reportOf, shown } from './run.ts';
import { situations } from './situations.ts';

const widths = [80, 120] as const;
const firstScreen = 20;

/** A transcript to be read, or shown by `cat` in a terminal: the command, and what it prints. */
const file = (name: string, columns: number, color: boolean): string =>
  `../../fixtures/transcripts/${name}.${columns}${color ? '.color' : ''}.txt`;

describe.each(Object.entries(situations))('%s', (name, situation) => {
  it('comes to what its name says', async () => {
    const { report } = await reportOf(situation);
    const { verdict, recovery, findings } = report;
    const errors = findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null);
    expect(verdict).toBe(situation.verdict);
    if (situation.recovery !== undefined) expect(recovery?.way).toBe(situation.recovery);
    if (situation.errors !== undefined) expect(errors.map(({ rule }) => rule)).toEqual(situation.errors);
  });

  it.each(widths)('at %i columns', async (columns) => {
    const plain = await shown(situation, columns, false);
    const colored = await shown(situation, columns, true);
    await expect(`$ ${situation.words}\n${plain}`).toMatchFileSnapshot(file(name, columns, false));
    await expect(`$ ${situation.words}\n${colored}`).toMatchFileSnapshot(file(name, columns, true));
    expect(stripVTControlCharacters(colored)).toBe(plain);
    const verdict = plain
      .split('\n')
      .findIndex((line) => /^ {2}(?:(?:NOT )?READY|HEALTHY|DEGRADED|BROKEN|UNKNOWN) {2}/u.test(line));
    expect(verdict).toBeGreaterThan(0);
    expect(verdict).toBeLessThan(firstScreen);
  });
});
