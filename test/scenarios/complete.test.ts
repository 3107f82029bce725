import { describe, expect, test } from 'vitest';

import { catalogue } from '../../src/rules/catalogue.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { scenarios, titleOf } from './all.ts';
import { noPooler } from './pooler.ts';

const isRoot = process.getuid?.() === 0;

/** Rules whose fault cannot be made on one machine with the releases that are here, and why. */
const without: Readonly<Partial<Record<RuleId, string>>> = {
  'platform/architecture-differs': 'it needs a primary on a machine of another architecture',
  'platform/locale-missing': 'it needs a primary on another machine: on one machine both have the same locales',
  'platform/compression-not-built-in':
    'it needs a server that was built without lz4 and zstd; every packaged one has both',
};

/** Rules whose fault only some machines can make: there, a row is there; here, it is said loudly. */
const notHere: Readonly<Partial<Record<RuleId, string>>> = {
  ...(noPooler === undefined ? {} : { 'network/pooler': noPooler }),
  ...(isRoot
    ? {}
    : {
        'target/run-as-root': 'only root can play it',
        'target/wrong-owner': 'only root can give a directory to another user',
        'target/disk-space': 'only root can mount a small file system',
        'target/configuration-lower-than-primary': 'only root can write to /etc/postgresql',
        'client/library-missing': 'the directory of libraries cannot be written to',
      }),
};

const rules: readonly AnyRule[] = catalogue;
const judged = rules.filter(({ severity, commands }) => severity === 'error' && commands.includes('preflight'));
const played: ReadonlySet<string> = new Set(scenarios.map(({ rule }) => rule));
const reasonOf = (table: Readonly<Partial<Record<string, string>>>, id: string): string | undefined => table[id];

describe('the matrix of scenarios', () => {
  for (const { id } of judged) {
    const absent = played.has(id) ? undefined : reasonOf(notHere, id);
    if (absent !== undefined) test.skip(`${id} is not played: ${absent}`, () => undefined);
    else
      test(`${id} is played, or it is said why not`, () => {
        expect([played.has(id), reasonOf(without, id) !== undefined]).toContain(true);
      });
  }

  test('a reason stands only for a rule that is not played', () => {
    const ids = new Set(judged.map(({ id }) => id));
    expect(Object.keys(without).filter((id) => played.has(id) || !ids.has(id))).toEqual([]);
  });

  test('no two rows have one title', () => {
    const titles = scenarios.map(titleOf);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
});
