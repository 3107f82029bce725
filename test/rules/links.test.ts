import { describe, expect, test } from 'vitest';

import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { world } from './rule-tester.ts';
import { at, evidence, fail } from '../../src/findings/judgement.ts';
import type { Fault } from '../../src/findings/judgement.ts';
import type { Step } from '../../src/findings/report.ts';

const rules: readonly AnyRule[] = catalogue;
const ids: ReadonlySet<string> = new Set(rules.map(({ id }) => id));

test.each(rules.map(({ id, explains = [] }) => ({ id, explains })))(
  '$id explains rules that there are',
  ({ id, explains }) => {
    expect(explains.filter((one) => !ids.has(one) || one === id)).toEqual([]);
    expect(new Set(explains).size).toBe(explains.length);
  },
);

const rule = (id: RuleId): AnyRule => {
  const found = rules.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no rule ${id}`);
  return found;
};

/** What the report makes of these faults: each with the rule that stands above it. */
function linked(faults: Partial<Record<RuleId, Partial<Fault>>>): Readonly<Record<string, string | null>> {
  const findings = findingsOf(faults);
  const byId = new Map(findings.map((one) => [one.id, one.rule]));
  return Object.fromEntries(findings.map((one) => [one.rule, byId.get(one.causedBy ?? '') ?? null]));
}

function findingsOf(faults: Partial<Record<RuleId, Partial<Fault>>>): ReturnType<typeof link> {
  const judged = Object.entries(faults).map(([id, change]) => {
    const found = rules.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no rule ${id}`);
    const fault: Fault = { message: 'It fails.', where: at('standby'), evidence: [evidence('a', 'b', 'c')], ...change };
    return judge({ ...found, needs: [], wants: [], judge: () => fail(fault) }, world({}));
  });
  return link(judged);
}

describe('every fault of a post-mortem that is an error leads to a standby that does not stream', () => {
  /** Errors that a standby streams with, and the effects themselves. */
  const others: ReadonlySet<string> = new Set<RuleId>([
    'primary/config-file-error',
    'primary/next-start-fails',
    'primary/synchronous-commit-blocked',
    'platform/architecture-differs',
    'streaming/upstream-receives-nothing',
  ]);
  const causes = rules.filter(
    ({ id, severity, commands, effect }) =>
      severity === 'error' && commands.includes('postmortem') && !others.has(id) && effect !== 'of-named',
  );

  test.each(causes.map(({ id }) => id))('%s', (id) => {
    for (const effect of ['streaming/not-connected', 'streaming/not-seen-by-primary'] as const)
      expect(linked({ [id]: {}, [effect]: {} })[effect]).toBe(id);
  });
});

test('a standby that streams from itself follows itself, and that is one fault', () => {
  const found = linked({ 'conninfo/points-at-itself': {}, 'streaming/upstream-receives-nothing': {} });
  expect(found['streaming/upstream-receives-nothing']).toBe('conninfo/points-at-itself');
});

describe('a server that does not run', () => {
  test.each<RuleId>(['network/connection-refused', 'slot/lost', 'hba/no-replication-entry', 'role/wrong-password'])(
    'that was stopped stands below %s, and its start that failed does not',
    (id) => {
      expect(linked({ [id]: {}, 'standby/not-running': {} })['standby/not-running']).toBe(id);
      const failed = linked({ [id]: {}, 'standby/not-running': { isFailedStart: true } });
      expect(failed).toEqual({ [id]: null, 'standby/not-running': null });
      expect(Object.keys(failed)[0]).toBe('standby/not-running');
      expect(linked({ [id]: {}, 'log/message': { isFailedStart: true } })['log/message']).toBeNull();
    },
  );

  test.each<RuleId>([
    'recovery/settings-lower-than-primary',
    'standby/library-missing',
    'wal/disk-full',
    'slot/invalid-name',
    'primary/wal-level-minimal',
  ])('for the reason of %s stands below it', (id) => {
    expect(linked({ [id]: {}, 'standby/not-running': { isFailedStart: true } })['standby/not-running']).toBe(id);
  });

  test('a server that is down is a consequence of its files before that of its primary', () => {
    const both = { 'network/connection-refused': {}, 'standby/permissions': {}, 'standby/not-running': {} };
    expect(linked(both)['standby/not-running']).toBe('standby/permissions');
  });

  test('what keeps it from starting comes before what is wrong on the way', () => {
    const found = linked({
      'network/connection-refused': {},
      'recovery/settings-lower-than-primary': {},
      'standby/not-running': { isFailedStart: true },
    });
    expect(Object.keys(found)[0]).toBe('recovery/settings-lower-than-primary');
    expect(found['network/connection-refused']).toBeNull();
  });
});

test('rules of effects do not explain causes', () => {
  const effects = rules.filter(({ effect }) => effect !== undefined).map(({ id }) => id);
  expect(effects).toEqual([
    'standby/not-running',
    'streaming/not-connected',
    'streaming/not-seen-by-primary',
    'streaming/breaks-repeatedly',
    'log/message',
  ]);
  expect(linked({ 'log/message': {}, 'streaming/not-connected': {} })['streaming/not-connected']).toBe('log/message');
  expect(rule('streaming/not-connected').explains).toContain('streaming/not-seen-by-primary');
});

describe('no start of the server comes before standby.signal is there', () => {
  const missing: RuleId = 'standby/signal-missing';
  const file = '/s/standby.signal';
  const make = { on: 'standby', kind: 'shell', does: 'make-file', text: `touch ${file}`, paths: [file] } as const;
  const start = { on: 'standby', kind: 'shell', does: 'start', text: 'pg_ctl start -D /s' } as const;
  const copy = { on: 'standby', kind: 'shell', does: 'copy', text: 'pg_basebackup -D /s -R', paths: ['/s'] } as const;
  const does = (...steps: readonly Step[]): Partial<Fault> => ({ remedy: { summary: 'Do it.', risk: 'safe', steps } });
  const causes = rules.filter(({ explains = [] }) => explains.includes(missing)).map(({ id }) => id);

  const look = { on: 'standby', kind: 'manual', does: 'by-hand', text: 'Compare the WAL of both servers.' } as const;
  const mode = { on: 'standby', kind: 'shell', does: 'change-mode', text: 'chmod 0700 /s', paths: ['/s'] } as const;

  test.each([
    ['it is not known whether it may be made', [look], [mode]],
    ['it is made', [make, start], [mode, start]],
    ['there is a new copy', [copy, start], [mode, start]],
  ])('%s', (_name, steps, left) => {
    const found = findingsOf({ [missing]: does(...steps), 'standby/permissions': does(mode, start) });
    expect(found.find((one) => one.rule === 'standby/permissions')?.remedy?.steps).toEqual(left);
  });

  test.each(causes)('%s, whose steps start it', (id) => {
    const own = does(make, start);
    expect(linked({ [id]: does(start), [missing]: own })[missing]).toBeNull();
    expect(linked({ [id]: does(make, start), [missing]: own })[missing]).toBe(id);
    expect(linked({ [id]: does(copy, start), [missing]: own })[missing]).toBe(id);
  });
});
