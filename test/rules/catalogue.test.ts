import { expect, it } from 'vitest';

import { catalogue, rulesOfCopies, rulesOfStandbys } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';

it.each([
  ['preflight', rulesOfCopies],
  ['clone', rulesOfCopies],
  ['postmortem', rulesOfStandbys],
] as const)('%s loads all its rules, in the order of the catalogue', (command, loaded: readonly AnyRule[]) => {
  const its = (rules: readonly AnyRule[]): readonly string[] =>
    rules.filter(({ commands }) => commands.includes(command)).map(({ id }) => id);
  expect(its(loaded)).toEqual(its(catalogue));
});
