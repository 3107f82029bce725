import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { judge } from '../../src/diagnosis/judge.ts';
import { derived } from '../../src/derived/derived.ts';
import type * as module from '../../src/derived/derived.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { world } from '../rules/rule-tester.ts';
import { aControlFile, aStoppedDirectory, healthyStandby } from '../rules/standby-world.ts';
import { promotedHere } from '../rules/timelines-world.ts';

/** What was computed since the last test, by the facts that it goes by. */
const computed = vi.hoisted((): string[] => []);

vi.mock('../../src/derived/derived.ts', async (original) => {
  const real = await original<typeof module>();
  const counted: typeof real.derived = (by, derive) =>
    real.derived(by, (facts) => {
      computed.push([...by.needs, ...by.wants].join(' '));
      return derive(facts);
    });
  return { ...real, derived: counted };
});

afterEach(() => void computed.splice(0));

const goesBy = { needs: ['controlFile'], wants: ['dataDirectory'] } as const;
type Seen = module.SeenBy<typeof goesBy>;

const facts: Seen = { controlFile: aControlFile(), dataDirectory: seen(aStoppedDirectory(), '/data') };

describe('a derivation', () => {
  const pathOf = derived(goesBy, ({ controlFile, dataDirectory }) => ({ controlFile, dataDirectory }));

  it('is computed once for the same facts, whatever object has them', () => {
    const first = pathOf(facts);
    expect(pathOf(facts)).toBe(first);
    expect(pathOf({ ...facts })).toBe(first);
    expect(pathOf(Object.assign({ localWal: 'more' }, facts))).toBe(first);
    expect(computed).toHaveLength(1);
  });

  it.each<readonly [string, Partial<Seen>]>([
    ['a value', { controlFile: aControlFile() }],
    ['an observed one', { dataDirectory: seen(aStoppedDirectory(), '/data') }],
    ['one that is not seen', { dataDirectory: unseen('timed-out', 'no answer') }],
  ])('is computed again where a fact is another object: %s', (_, change) => {
    const other = { ...facts, ...change };
    pathOf({ ...facts });
    computed.splice(0);
    expect(pathOf(other)).toEqual(other);
    expect(pathOf(other)).toBe(pathOf({ ...other }));
    expect(computed).toHaveLength(1);
  });

  it('that is undefined, or false, is computed once, too', () => {
    const nothing = derived(goesBy, () => undefined);
    expect([nothing(facts), nothing(facts)]).toEqual([undefined, undefined]);
    expect(computed).toHaveLength(1);
  });

  it('that throws keeps nothing', () => {
    const failing = derived(goesBy, () => {
      throw new Error('a bug');
    });
    expect(() => failing(facts)).toThrow('a bug');
    expect(() => failing(facts)).toThrow('a bug');
    expect(computed).toHaveLength(2);
  });

  it('is kept no longer than the facts', async () => {
    const yielded = new WeakRef(pathOf({ ...facts, controlFile: aControlFile() }));
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let round = 0; round < 20 && yielded.deref() !== undefined; round++) {
      await setImmediate();
      collect();
    }
    expect(yielded.deref()).toBeUndefined();
  });
});

describe('a judgement of all rules', () => {
  const rules: readonly AnyRule[] = catalogue;
  const judgeAll = (all: ReturnType<typeof world>): void =>
    void rules.filter(({ commands }) => commands.includes('postmortem')).map((rule) => judge(rule, all));
  const timesOf = (names: string): number => computed.filter((one) => one === names).length;
  const diverged = () => world({ timelines: promotedHere }, healthyStandby);
  const comparison = 'timelines controlFile dataDirectory runningStandby';

  it('compares the timelines once for all rules that ask', () => {
    judgeAll(diverged());
    expect(timesOf(comparison)).toBe(1);
  });

  it('compares them again for the facts of another one', () => {
    judgeAll(diverged());
    judgeAll(world({ timelines: { ...promotedHere } }, healthyStandby));
    expect(timesOf(comparison)).toBe(2);
  });
});
