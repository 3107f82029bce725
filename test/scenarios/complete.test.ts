import { describe, expect, test } from 'vitest';

import { catalogue } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { commands, rows } from './matrix.ts';
import { consequence, withoutRow } from './without-row.ts';

const rules: readonly AnyRule[] = catalogue;

describe.each(commands)('the matrix of %s', (command) => {
  const its = rows.filter((row) => row.command === command);
  const played: ReadonlySet<string> = new Set(its.map(({ rule }) => rule));
  const reasons: ReadonlyMap<string, string> = new Map(Object.entries(withoutRow[command]));
  const judged = rules.filter(({ severity, commands: those }) => severity === 'error' && those.includes(command));

  test.each(judged.map(({ id }) => id))('%s is played, or it is said why not', (id) => {
    expect([played.has(id), reasons.has(id)]).toContain(true);
  });

  test('a reason stands only for a rule that is not played', () => {
    const ids = new Set(judged.map(({ id }) => id));
    expect([...reasons.keys()].filter((id) => played.has(id) || !ids.has(id))).toEqual([]);
  });

  test('what is said to be a consequence is looked for in some row', () => {
    const looked: ReadonlySet<string> = new Set(its.flatMap(({ consequences }) => consequences));
    const said = [...reasons].filter(([, why]) => why === consequence);
    expect(said.map(([id]) => id).filter((id) => !looked.has(id))).toEqual([]);
  });

  test('no two rows have one title, and each is for a release', () => {
    const titles = its.map(({ title }) => title);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
    expect(its.filter(({ releases }) => releases.length === 0).map(({ title }) => title)).toEqual([]);
  });
});
