import { describe, expect, test } from 'vitest';

import { catalogue } from '../../src/rules/catalogue.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { postmortemScenarios, postmortemTitle } from './postmortem-all.ts';

const isRoot = process.getuid?.() === 0;

const consequence = 'it stands under the root cause of other rows';

/** Rules that no scenario of a post-mortem plays as the root cause, and why. */
const without: Readonly<Partial<Record<RuleId, string>>> = {
  'network/pooler': 'the preflight plays it where a pooler is installed: the rule judges the same login',
  'network/server-starting': 'the preflight plays it: a server that starts is past it before anybody looks twice',
  'platform/architecture-differs': 'it needs a primary on a machine of another architecture',
  'primary/wal-level-minimal':
    'the preflight plays it: the steps mend the primary, and no standby follows over WAL of that level',
  'streaming/not-connected': consequence,
  'streaming/not-seen-by-primary': consequence,
  'timeline/two-primaries': consequence,
};

/** Rules whose fault only root can make: there, a row is there; here, it is said loudly. */
const notHere: Readonly<Partial<Record<RuleId, string>>> = isRoot
  ? {}
  : {
      'standby/wrong-owner': 'only root can give a file to another user',
      'wal/disk-full': 'only root can mount a small file system',
    };

const rules: readonly AnyRule[] = catalogue;
const judged = rules.filter(({ severity, commands }) => severity === 'error' && commands.includes('postmortem'));
const played: ReadonlySet<string> = new Set(postmortemScenarios.map(({ rule }) => rule));
const reasonOf = (table: Readonly<Partial<Record<string, string>>>, id: string): string | undefined => table[id];

describe('the matrix of post-mortems', () => {
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

  test('what is said to be a consequence is looked for in some row', () => {
    const looked: ReadonlySet<string> = new Set(postmortemScenarios.flatMap(({ consequences }) => consequences ?? []));
    const said = Object.entries(without).filter(([, why]) => why === consequence);
    expect(said.map(([id]) => id).filter((id) => !looked.has(id))).toEqual([]);
  });

  test('no two rows have one title', () => {
    const titles = postmortemScenarios.map(postmortemTitle);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
});
