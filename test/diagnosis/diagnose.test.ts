import { describe, expect, it } from 'vitest';
import type { AnyCheck, Surroundings } from '../../src/checks/check.ts';
import { seen } from '../../src/facts/observed.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { defineRule, type AnyRule } from '../../src/rules/rule.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { world } from '../rules/rule-tester.ts';
import { now } from '../rules/world.ts';
import { evidence, fail, notApplicable, pass, unexamined, at } from '../../src/findings/judgement.ts';

const docs = { what: 'what', why: 'why', references: ['manual'] };
const fault = (message: string) => ({ message, where: at('primary'), evidence: [evidence('seen', 'so', 'the test')] });
const aRule = (id: string, change: Partial<AnyRule> = {}): AnyRule => ({
  ...defineRule({
    id,
    title: `title of ${id}`,
    severity: 'error',
    commands: ['preflight'],
    needs: ['now'],
    docs,
    judge: () => pass('it holds'),
  }),
  ...change,
});
const failing = (id: string, change: Partial<AnyRule> = {}): AnyRule =>
  aRule(id, { judge: () => fail(fault(`${id} fails.`)), ...change });

const aCheck: AnyCheck = {
  brings: ['now'],
  after: [],
  look: async () => ({ now: seen(now, 'the test') }),
};
/** All else that a verdict rests on is as it should be. */
const { now: _now, ...others }: Facts = world({});
const otherFacts: AnyCheck = {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object that is typed by them
  brings: Object.keys(others) as readonly (keyof typeof others)[],
  after: [],
  look: async () => others,
};
const surroundings: Surroundings = {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no check here looks at the subject or the host
  ...({ subject: { command: 'preflight' }, host: {} } as unknown as Pick<Surroundings, 'subject' | 'host'>),
  timeoutMs: 20,
  signal: new AbortController().signal,
  now: () => now,
};
const reportOf = async (
  rules: readonly AnyRule[],
  checks: readonly AnyCheck[] = [aCheck],
  acceptUnexamined: string[] = [],
) => (await diagnose(rules, [...checks, otherFacts], surroundings, { version: '0', acceptUnexamined })).report;

describe('diagnose', () => {
  it('lists every chosen rule exactly once, in catalogue order', async () => {
    const report = await reportOf([failing('a/b'), aRule('c/d'), aRule('e/f', { commands: ['clone'] })]);
    expect(report.rules.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['a/b', 'failed'],
      ['c/d', 'passed'],
    ]);
  });

  it('refuses to report on nothing', async () => {
    await expect(reportOf([])).rejects.toThrow('no rule is chosen');
  });

  it('puts the root cause first and its consequences behind it', async () => {
    const report = await reportOf([
      failing('x/consequence'),
      failing('x/other', { severity: 'warning' }),
      failing('x/root', { explains: ['x/consequence'] }),
    ]);
    expect(report.findings.map(({ id, rule, causedBy, causes }) => ({ id, rule, causedBy, causes }))).toEqual([
      { id: 'f1', rule: 'x/root', causedBy: null, causes: ['f3'] },
      { id: 'f2', rule: 'x/other', causedBy: null, causes: [] },
      { id: 'f3', rule: 'x/consequence', causedBy: 'f1', causes: [] },
    ]);
  });

  it('does not let a warning explain an error', async () => {
    const report = await reportOf([
      failing('x/error'),
      failing('x/warning', { severity: 'warning', explains: ['x/error'] }),
    ]);
    expect(report.findings.map(({ causedBy }) => causedBy)).toEqual([null, null]);
  });

  it('survives two rules that name each other as their consequence', async () => {
    const report = await reportOf([failing('a/a', { explains: ['b/b'] }), failing('b/b', { explains: ['a/a'] })]);
    expect(report.findings).toHaveLength(2);
  });

  it('contains a rule that throws', async () => {
    const crashing = aRule('a/b', {
      judge: () => {
        throw new Error('a slip');
      },
    });
    const report = await reportOf([crashing, aRule('c/d')]);
    expect(report.rules[0]).toEqual({ id: 'a/b', outcome: 'crashed', because: 'a slip' });
    expect(report).toMatchObject({ verdict: 'unknown', complete: false });
  });

  it('leaves a rule unexamined whose check throws, or does not come back', async () => {
    const throwing: AnyCheck = { ...aCheck, look: async () => Promise.reject(new Error('a slip')) };
    const hanging: AnyCheck = { ...aCheck, look: () => new Promise(() => {}) };
    for (const check of [throwing, hanging]) {
      const report = await reportOf([aRule('a/b')], [check]);
      expect(report).toMatchObject({ verdict: 'unknown', rules: [{ outcome: 'unexamined' }] });
    }
  });

  it('counts an unexamined rule as no pass, unless the caller accepts it', async () => {
    const throwing: AnyCheck = { ...aCheck, look: async () => Promise.reject(new Error('a slip')) };
    const report = await reportOf([aRule('a/b')], [throwing], ['a/b']);
    expect(report).toMatchObject({ verdict: 'ready', complete: false, acceptedUnexamined: ['a/b'] });
    const warning = await reportOf([aRule('a/b', { severity: 'warning' })], [throwing]);
    expect(warning).toMatchObject({ verdict: 'ready', complete: false });
  });

  it('goes by what an unexamined rule could be at most, by the evidence', async () => {
    const why = { kind: 'permission', because: 'permission denied for view' } as const;
    const atMost = (severity: 'error' | 'warning' | undefined) =>
      aRule('a/b', { judge: () => unexamined(why, severity) });
    expect(await reportOf([atMost('warning')])).toMatchObject({
      verdict: 'ready',
      complete: false,
      summary: { unexamined: 1 },
      rules: [{ id: 'a/b', outcome: 'unexamined', because: 'permission denied for view', severity: 'warning' }],
    });
    for (const severity of ['error', undefined] as const) {
      const report = await reportOf([atMost(severity)]);
      expect(report.verdict).toBe('unknown');
      // the rule's own severity is not repeated
      expect(report.rules).toEqual([{ id: 'a/b', outcome: 'unexamined', because: 'permission denied for view' }]);
    }
    // what it is accepted for is listed only where it would have counted
    expect(await reportOf([atMost('warning')], [aCheck], ['a/b'])).toMatchObject({ acceptedUnexamined: [] });
  });

  it('runs each check once, however many rules need it', async () => {
    let looks = 0;
    const counting: AnyCheck = {
      ...aCheck,
      look: async () => {
        looks += 1;
        return { now: seen(now, 'the test') };
      },
    };
    await reportOf([aRule('a/b'), aRule('c/d')], [counting]);
    expect(looks).toBe(1);
  });

  it('gives the same bytes for the same facts', async () => {
    const rules = [failing('a/b'), aRule('c/d', { judge: () => notApplicable('no slot is named') })];
    expect(JSON.stringify(await reportOf(rules))).toBe(JSON.stringify(await reportOf(rules)));
  });
});

describe('what clone has proved since', () => {
  const blind: AnyCheck = { ...aCheck, look: async () => Promise.reject(new Error('a slip')) };
  const rules = [
    aRule('a/copied', { provenBy: 'copy' }),
    aRule('b/streams', { provenBy: 'streaming' }),
    aRule('c/neither'),
  ];
  const diagnosis = async (chosen: readonly AnyRule[]) =>
    diagnose(chosen, [blind, otherFacts], surroundings, { version: '0', acceptUnexamined: [] });

  it('passes the rules that nobody could look at and that the copy, or its stream, speaks for', async () => {
    const after = (await diagnosis(rules)).reportAfter({ copy: 'it was copied', streaming: undefined });
    expect(after.rules.map(({ outcome }) => outcome)).toEqual(['passed', 'unexamined', 'unexamined']);
    expect(after.rules[0]?.because).toBe('it was copied');
    expect(after).toMatchObject({ verdict: 'unknown', complete: false });
  });

  it('is ready when nothing is left that nobody could look at', async () => {
    const after = (await diagnosis(rules.slice(0, 2))).reportAfter({ copy: 'it was copied', streaming: 'it streams' });
    expect(after).toMatchObject({ verdict: 'ready', complete: true, summary: { passed: 2, unexamined: 0 } });
  });

  it('is ready where what nobody could look at would only matter at a later start', async () => {
    const later = [...rules.slice(0, 2), aRule('d/later', { milderOnce: 'streaming' })];
    const looked = await diagnosis(later);
    const after = (streaming: string | undefined) => looked.reportAfter({ copy: 'it was copied', streaming });
    expect(after(undefined)).toMatchObject({ verdict: 'unknown' });
    expect(after('it streams')).toMatchObject({ verdict: 'ready', complete: false });
  });

  it('leaves a finding as it is', async () => {
    const found = await diagnose([failing('a/b', { provenBy: 'copy' })], [aCheck, otherFacts], surroundings, {
      version: '0',
      acceptUnexamined: [],
    });
    expect(found.reportAfter({ copy: 'it was copied', streaming: undefined }).verdict).toBe('blocked');
  });
});
