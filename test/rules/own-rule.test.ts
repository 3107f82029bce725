import { describe, expect, it } from 'vitest';

import { link } from '../../src/diagnosis/link.ts';
import { diagnosisOf } from '../../src/diagnosis/diagnose.ts';
import { publicFacts } from '../../src/facts/public-facts.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { Report } from '../../src/findings/report.ts';
import { reportProblem } from '../../src/cli/output/saved-report.ts';
import { checks } from '../../src/checks/registry.ts';
import { stylish } from '../../src/report/stylish.ts';
import { noPaint } from '../../src/report/paint.ts';
import { catalogue, rulesOfCopies } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { ownRules } from '../../src/rules/checked-own-rules.ts';
import { toolbox } from '../../src/rules/own-rule.ts';
import { world } from './rule-tester.ts';
import { now } from './world.ts';

const { pass, fail, at, evidence } = toolbox;
const taken = catalogue.map(({ id }) => id);
const valid = {
  id: 'company/a-fault',
  title: 'A fault',
  severity: 'error',
  commands: ['preflight'],
  needs: ['now'],
  judge: (): unknown => pass('it holds'),
};
const found = { message: 'It is so.', where: at('primary'), evidence: [evidence('seen', 'so', 'a test')] };

function reportWith(changes: object | readonly object[], facts: Parameters<typeof world>[0] = {}): Report {
  const looked = { subject: { command: 'preflight' }, facts: world(facts), startedAt: now, elapsedMs: 1 } as const;
  const given = [changes].flat().map((one: object) => ({ ...valid, ...one }));
  const rules = [...rulesOfCopies, ...ownRules(given, 'company.mjs', taken)];
  return diagnosisOf(rules, { ...looked, place: undefined }, { version: '0', acceptUnexamined: [] }).report;
}
const resultIn = ({ rules }: Report) => rules.find(({ id }) => id === valid.id);

describe('what is no rule is refused in one sentence', () => {
  it.each([
    [5, /rule 1 is not an object/u],
    [undefined, /rule 1 is not an object/u],
    [[], /there is no rule/u],
    [{ ...valid, id: 'fault' }, /"id" must be group\/name/u],
    [{ ...valid, id: 'Company/x' }, /"id" must be group\/name/u],
    [{ ...valid, id: 'slot/missing' }, /the group "slot" is one of standbylint's/u],
    [{ ...valid, id: 'hba/of-the-company' }, /the group "hba" is one of standbylint's/u],
    [[valid, valid], /company\/a-fault is there twice/u],
    [{ ...valid, explains: ['slot/missing'] }, /no member "explains"/u],
    [{ ...valid, title: ' ' }, /"title" must be a text/u],
    [{ ...valid, severity: 'fatal' }, /"severity" must be/u],
    [{ ...valid, commands: ['clone'] }, /"commands" must be/u],
    [{ ...valid, commands: [] }, /"commands" must be/u],
    [{ ...valid, needs: 'now' }, /"needs" must be a list/u],
    [{ ...valid, needs: ['serverLog'] }, /"needs" names "serverLog", which is not a fact for rules/u],
    [{ ...valid, wants: ['toString'] }, /"wants" names "toString"/u],
    [{ ...valid, judge: 'pass' }, /"judge" must be a function/u],
  ])('%#', (given, sentence) => {
    expect(() => ownRules(given, 'company.mjs', taken)).toThrow(sentence);
  });
});

describe('a rule ends as ours do', () => {
  it('passed, with where it comes from', () => {
    expect(resultIn(reportWith({}))).toEqual({
      ...{ id: valid.id, outcome: 'passed', because: 'it holds', source: 'company.mjs' },
    });
  });

  it('failed, in a report that fits the schema, with steps for a person', () => {
    const remedy = { summary: 'Do it.', risk: 'safe', steps: [{ on: 'primary', kind: 'sql', text: 'SELECT 1;' }] };
    const report = reportWith({
      docs: 'https://wiki.example.com',
      judge: () => fail({ ...found, remedy } as typeof found),
    });
    expect(report).toMatchObject({
      verdict: 'blocked',
      findings: [{ rule: valid.id, docs: 'https://wiki.example.com', remedy: { steps: [{ does: 'by-hand' }] } }],
      plan: {
        steps: expect.arrayContaining([
          expect.objectContaining({ step: expect.objectContaining({ text: 'SELECT 1;' }) }),
        ]),
      },
    });
    expect(reportProblem(report)).toBeUndefined();
  });

  it('unexamined without a call, where a fact is unseen', () => {
    const report = reportWith(
      { needs: ['slots'], judge: () => expect.unreachable() },
      { slots: unseen('permission', 'the role may not look') },
    );
    expect(resultIn(report)).toMatchObject({ outcome: 'unexamined', because: 'the role may not look' });
    expect(report.verdict).toBe('unknown');
  });

  it.each<readonly [string, () => unknown, RegExp]>([
    ['throws', () => expect.fail('oh'), /oh/u],
    ['returns nothing', () => undefined, /judge\(\) must return/u],
    ['is async', async () => pass('later'), /no promise/u],
    ['has an outcome of its own', () => ({ outcome: 'fine' }), /must return an "outcome"/u],
    ['passes without a reason', () => ({ outcome: 'passed' }), /"because" is not a text/u],
    ['fails without a finding', () => ({ outcome: 'failed', findings: [] }), /"findings" is empty/u],
    ['finds without a message', () => fail({ ...found, message: '' }), /finding 1: "message" must be/u],
    ['finds nowhere', () => ({ outcome: 'failed', findings: [{ ...found, where: {} }] }), /"where" must be/u],
    ['finds without evidence', () => ({ outcome: 'failed', findings: [{ ...found, evidence: 'so' }] }), /"evidence"/u],
    ['has half a remedy', () => ({ outcome: 'failed', findings: [{ ...found, remedy: {} }] }), /"remedy" must have/u],
  ])('crashed where it %s, and says whose bug it is', (_name, judge, because) => {
    const report = reportWith({ judge });
    expect(resultIn(report)).toMatchObject({ outcome: 'crashed', because: expect.stringMatching(because) });
    expect(report.rules.filter(({ outcome }) => outcome === 'crashed')).toHaveLength(1);
    expect(stylish(report, { width: 200, paint: noPaint })).toContain('because of a bug in company.mjs');
    expect(reportProblem(report)).toBeUndefined();
  });

  it('changes no fact of another rule', () => {
    interface Given {
      readonly slots: { status: string };
      readonly primarySettings: { readonly value: Map<string, unknown> };
    }
    const wants = ['slots', 'primarySettings'];
    const witness = {
      ...{ id: 'company/witness', wants },
      judge: ({ slots, primarySettings }: Given) => pass(`${slots.status}, ${primarySettings.value.size} settings`),
    };
    const spoiler = {
      wants,
      judge: ({ slots, primarySettings }: Given) => {
        slots.status = 'spoiled';
        primarySettings.value.clear();
        return pass('spoiled');
      },
    };
    const saysIn = ({ rules }: Report) => rules.find(({ id }) => id === witness.id)?.because;
    expect(saysIn(reportWith(witness))).toMatch(/^seen, [1-9]\d* settings$/u);
    expect(saysIn(reportWith([spoiler, witness]))).toBe(saysIn(reportWith(witness)));
  });
});

it('is no cause of what standbylint finds', () => {
  const rules: readonly AnyRule[] = catalogue;
  const effects = rules.filter(({ effect }) => effect === 'of-any');
  expect(effects.length).toBeGreaterThan(0);
  const faults = [{ message: 'm', where: at('standby'), evidence: [] }];
  const result = { outcome: 'failed', faults } as const;
  const own = ownRules(valid, 'company.mjs', taken);
  for (const effect of effects)
    for (const finding of link([...own, effect].map((rule) => ({ rule, result })))) expect(finding.causedBy).toBeNull();
});

it('every public fact is brought by a check', () => {
  const brought = checks.flatMap(({ brings }) => brings);
  expect(Object.keys(publicFacts).filter((name) => !brought.some((one) => one === name))).toEqual([]);
});
