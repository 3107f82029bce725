import { describe, expect, it } from 'vitest';
import type { FactName, Facts, FactTypes } from '../../src/facts/facts.ts';
import { notApplicable as inapplicable, seen, unseen, type Observed } from '../../src/facts/observed.ts';
import type { Risk, Severity } from '../../src/findings/report.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { redact } from '../../src/recording/redact.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { conditioned } from '../../src/remedies/conditions.ts';
import { expectSaysWhatItDoes, stepsOf } from '../remedies/says-what-it-does.ts';
import { exampleOf, examplePath } from './example.ts';
import { directory, healthyStandby } from './standby-world.ts';
import { healthy, now } from './world.ts';
import type { Fault } from '../../src/findings/judgement.ts';

/** One change to the healthy world: a value stands for a fact that was seen; an Observed for anything else. */
export type Changes = { readonly [Name in FactName]?: FactTypes[Name] | NotSeen };
/** A value for each fact; undefined for what does not apply. */
export type World = { readonly [Name in FactName]: FactTypes[Name] | undefined };
type NotSeen = ReturnType<typeof unseen> | ReturnType<typeof inapplicable>;

export interface RuleCases {
  /** Another table has this rule's example: the first failing case of it is what the rule's page shows. */
  readonly further?: true;
  /** The healthy world itself is a case of every rule; `healthyIs` says which outcome it has where it is not a pass. */
  readonly healthyIs?: 'passed' | 'not-applicable';
  readonly passes?: readonly { readonly name: string; readonly facts: Changes; readonly because?: RegExp }[];
  readonly fails: readonly FailingCase[];
  readonly notApplicable?: readonly { readonly name: string; readonly facts: Changes; readonly because?: RegExp }[];
  readonly unexamined?: readonly {
    readonly name: string;
    readonly facts: Changes;
    readonly because?: RegExp;
    /** The gravest that the fault could be, where that is less than the rule's own. */
    readonly severity?: Severity;
  }[];
}

interface FailingCase {
  readonly name: string;
  readonly facts: Changes;
  readonly severity?: Severity;
  readonly message?: RegExp;
  readonly risk?: Risk;
  /** The steps exactly as they are printed. */
  readonly steps?: readonly string[];
  /** Those of the other ways, likewise. */
  readonly alternatives?: readonly (readonly string[])[];
}

/**
 * Tables of facts for one rule, as strict as ESLint's RuleTester: no duplicate cases, facts deep-frozen, no unfilled text,
 * a pass must show its evidence, and each needed fact made unseen must leave the rule unexamined. `base` is the healthy
 * world that the cases change: that of a copy to be made, or of a standby (test/rules/standby-world.ts).
 */
export function testRule(rule: AnyRule, cases: RuleCases, base: World = healthy): void {
  describe(rule.id, () => {
    it('has a failing case and no case twice', () => {
      expect(cases.fails.length).toBeGreaterThan(0);
      const all = [cases.passes, cases.fails, cases.notApplicable, cases.unexamined].flatMap((list) => list ?? []);
      const names = all.map((one) => one.name);
      expect(new Set(names).size).toBe(names.length);
      const worlds = all.map((one) => serialised(one.facts));
      expect(new Set(worlds).size).toBe(worlds.length);
    });

    it(`is ${cases.healthyIs ?? 'passed'} in the healthy world`, () => {
      const { result } = judge(rule, world({}, base));
      expect(result).toMatchObject({ outcome: cases.healthyIs ?? 'passed' });
      if (result.outcome !== 'failed') expectFilled(result.because);
    });

    const isFurther = base === healthyStandby && rule.commands.includes('preflight');
    if (!isFurther && cases.further !== true)
      it('its page shows the first failing case', async () => {
        const example = exampleOf(rule, world(cases.fails[0]?.facts ?? {}, base));
        await expect(example).toMatchFileSnapshot(examplePath(rule.id));
      });

    for (const [outcome, list] of [
      ['passed', cases.passes],
      ['not-applicable', cases.notApplicable],
      ['unexamined', cases.unexamined],
    ] as const)
      it.each(list ?? [])(`${outcome}: $name`, ({ facts, because }) => {
        const { result } = judge(rule, world(facts, base));
        expect(result).toMatchObject({ outcome });
        if (result.outcome === 'failed') return;
        expectFilled(result.because);
        if (because !== undefined) expect(result.because).toMatch(because);
      });

    it.each(cases.unexamined ?? [])('how grave it could be: $name', ({ facts, severity }) => {
      const { result } = judge(rule, world(facts, base));
      expect(result.outcome === 'unexamined' ? result.severity : 'another outcome').toBe(severity);
    });

    it('fails as well where names are replaced by tokens', () => {
      const others = cases.fails.map(({ name, facts }) => {
        const { recording } = redact({ ...aRecording, facts: world(facts, base) }, Buffer.from(rule.id));
        return { name, ...judge(rule, recording.facts).result };
      });
      expect(others.filter(({ outcome }) => outcome !== 'failed')).toEqual([]);
    });

    it.each([...cases.fails])('failed: $name', (expected) => {
      const { result } = judge(rule, world(expected.facts, base));
      expect(result).toMatchObject({ outcome: 'failed' });
      if (result.outcome !== 'failed') return;
      const [first] = result.faults;
      for (const fault of result.faults) {
        expectFilled(serialised(fault));
        expect(fault.message).toMatch(/[.:]$/);
        expect(fault.evidence.length).toBeGreaterThan(0);
        if ((fault.severity ?? rule.severity) === 'error') expect(fault.remedy?.steps.length).toBeGreaterThan(0);
        expect(serialised(fault.remedy ?? null)).not.toMatch(/rm -rf|\brm /);
        expectHeedsConditions(fault, world(expected.facts, base));
      }
      expect(first?.severity ?? rule.severity).toBe(expected.severity ?? rule.severity);
      if (expected.message !== undefined) expect(first?.message).toMatch(expected.message);
      if (expected.risk !== undefined) expect(first?.remedy?.risk).toBe(expected.risk);
      if (expected.steps !== undefined) expect(first?.remedy?.steps.map((step) => step.text)).toEqual(expected.steps);
      if (expected.alternatives !== undefined)
        expect(first?.remedy?.alternatives?.map(({ steps }) => steps.map((step) => step.text))).toEqual(
          expected.alternatives,
        );
    });

    // the configuration of standbylint is where standbylint runs
    const isOwn = rule.id.startsWith('configuration/');
    if (!isOwn && rule.commands.includes('preflight') && rule.commands.includes('postmortem'))
      it.each([...cases.fails])('speaks of a standby that exists, in a post-mortem: $name', ({ facts }) => {
        const { result } = judge(rule, world({ ...facts, baseBackup: noCopy }, healthyStandby));
        if (result.outcome === 'failed') for (const fault of result.faults) expectOfAStandby(fault);
      });

    it.each(rule.needs.filter((name) => name !== 'now').map((name) => ({ name })))('needs $name', ({ name }) => {
      // in a world where all else is seen, so that another fact that does not apply cannot hide it
      const facts = world({ ...cases.fails[0]?.facts, [name]: unseen('timed-out', 'no answer within 5 s') }, base);
      expect(judge(rule, facts).result).toMatchObject({ outcome: 'unexamined', because: 'no answer within 5 s' });
    });
  });
}

const aRecording: Omit<Recording, 'facts'> = {
  tool: '0.1.0',
  subject: { command: 'preflight' },
  startedAt: now,
  elapsedMs: 0,
  machine: 'db9',
  place: undefined,
  redacted: false,
};

/** The healthy world with some facts changed, ready to be judged. */
export function world(changes: Changes, base: World = healthy): { readonly [Name in FactName]: Observed<never> } {
  const facts: Record<string, unknown> = {};
  for (const [name, value] of Object.entries({ ...base, ...changes }))
    facts[name] =
      value === undefined
        ? inapplicable(name === 'serverLog' ? 'no log was found' : 'not in this setup')
        : isObserved(value)
          ? value
          : seen(value, sources[name] ?? 'the test');
  return deepFrozen(facts) as { readonly [Name in FactName]: Observed<never> };
}

/** Where a report says that these come from. */
const sources: Readonly<Record<string, string>> = {
  slots: 'pg_replication_slots',
  hbaRules: 'pg_hba_file_rules',
  replicationRole: 'pg_roles',
  primarySettings: 'pg_settings',
  walSenders: 'pg_stat_replication',
  copySize: 'pg_ls_dir()',
  primaryFiles: 'the data directory of the primary',
  serverLog: '/var/log/postgresql/postgresql-15-standby.log',
};

const isObserved = (value: unknown): boolean => typeof value === 'object' && value !== null && 'status' in value;

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Uint8Array)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFrozen(inner);
  }
  return value;
}

const serialised = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `${inner}n` : inner instanceof Map ? [...inner.entries()] : inner,
  );

/** Where its storage is another server's too, nothing that it proposes starts a server there, or moves or overwrites it. */
function expectHeedsConditions({ remedy }: Fault, facts: Partial<Facts>): void {
  if (remedy === undefined) return;
  for (const step of stepsOf(remedy)) expectSaysWhatItDoes(step);
  const part = { part: 'data-directory' as const, path: directory, realPath: directory };
  const cluster = { dataDirectory: '/srv/other', pid: 17, port: 5432 };
  const shared = [{ ours: part, theirs: part, relation: 'same' as const, sameFiles: true, cluster }];
  const allowed = stepsOf(conditioned(remedy, { ...facts, sharedStorage: seen({ shared, others: [cluster] }, '') }));
  const touching = allowed.filter(
    ({ on, does, paths = [] }) =>
      on !== 'primary' &&
      (/^(?:start|restart|rewind)$/u.test(does) ||
        (/^(?:move-aside|make-directory|change-mode|change-owner|put-back|copy)$/u.test(does) &&
          (paths.length === 0 || paths.some((path) => `${path}/`.startsWith(`${directory}/`))))),
  );
  expect(touching.map(({ text }) => text)).toEqual([]);
}

const noCopy = inapplicable('no copy is to be made: a standby that exists is examined');

/** Nobody runs pg_basebackup there: what is wrong, and what is typed, is on the standby or on its primary. */
function expectOfAStandby({ title = '', message, where, remedy }: Fault): void {
  const steps = remedy?.steps ?? [];
  expect([where.side, ...steps.map(({ on }) => on)]).not.toContain('client');
  const sentences = steps.filter(({ kind }) => kind === 'manual').map(({ text }) => text);
  for (const text of [title, message, remedy?.summary ?? '', ...sentences])
    expect(text).not.toMatch(/pg_basebackup|standbylint preflight|\bthe copy\b|command line|(?<=[\s(])-[CdhpRSUX]\b/u);
}

function expectFilled(text: string): void {
  expect(text.trim()).not.toBe('');
  expect(text).not.toMatch(/undefined|NaN|\[object |\$\{|Invalid Date/);
}
