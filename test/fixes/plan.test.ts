import { passwordSet } from '../../src/remedies/role.ts';
import { describe, expect, it } from 'vitest';

import type { Finding, Remedy, Report, Step } from '../../src/facts/report.ts';
import { firstTogether, keyOf, planOf } from '../../src/fixes/plan.ts';
import type { PlanLimits, WayThere, Ways } from '../../src/fixes/plan.ts';
import { destructive, disruptive, manual, safe, shell, sql } from '../../src/remedies/remedy.ts';

const open: WayThere = { open: true, as: 'postgres' };
const closed: WayThere = { open: false, because: 'it is out of reach' };
const everywhere: Ways = { sql: () => open, shell: () => open };
const limits: PlanLimits = { failOn: 'error', disruptive: false, password: true, root: false, settled: new Map() };

const finding = (rule: string, remedy: Remedy | null, more: Partial<Finding> = {}): Finding => ({
  id: 'f1',
  rule,
  severity: 'error',
  title: `the title of ${rule}`,
  message: `what ${rule} says`,
  where: { side: 'primary' },
  evidence: [],
  frame: null,
  causedBy: null,
  causes: [],
  remedy,
  docs: '',
  ...more,
});

const report = (...findings: readonly Finding[]): Report => ({
  schemaVersion: '1.1',
  plan: { summary: null, risk: 'safe', steps: [], alternatives: [] },
  tool: { name: 'standbylint', version: '0' },
  command: 'preflight',
  startedAt: '',
  elapsedMs: 0,
  subject: { primary: null, standby: null, dataDirectory: null, serverVersion: null },
  verdict: 'blocked',
  complete: true,
  summary: { error: 1, warning: 0, info: 0, passed: 0, unexamined: 0, notApplicable: 0 },
  findings,
  recovery: null,
  notShown: [],
  acceptedUnexamined: [],
  rules: [],
});

const statement = sql('primary', 'ALTER ROLE r LOGIN;', 'run');
const only = (remedy: Remedy | null, ways = everywhere, more: Partial<PlanLimits> = {}) => {
  const [fix] = planOf(report(finding('a/b', remedy)), ways, { ...limits, ...more });
  return fix === undefined ? undefined : `${fix.decision} ${fix.because}`.trim();
};

describe('planOf', () => {
  it('applies what disturbs nobody and can be reached, and says as whom', () => {
    expect(planOf(report(finding('a/b', safe('', statement))), everywhere, limits)).toEqual([
      {
        rule: 'a/b',
        title: 'the title of a/b',
        decision: 'apply',
        because: '',
        steps: [{ step: statement, as: 'postgres' }],
      },
    ]);
  });

  it('keeps the order of the report, and leaves consequences and what is milder than --fail-on alone', () => {
    const remedy = safe('', statement);
    const plan = planOf(
      report(
        finding('first/cause', remedy),
        finding('a/consequence', remedy, { causedBy: 'f1' }),
        finding('second/cause', remedy),
        finding('a/warning', remedy, { severity: 'warning' }),
      ),
      everywhere,
      limits,
    );
    expect(plan.map(({ rule }) => rule)).toEqual(['first/cause', 'second/cause']);
  });

  const password = (step: Step) => safe('', step);
  it.each<[string, Remedy | null, string]>([
    ['no remedy', null, 'leave there is no step that mends it for certain'],
    ['data is moved', destructive('', statement), 'leave it moves or overwrites data, which a person decides'],
    [
      'a restart',
      disruptive('', statement),
      'leave it restarts or interrupts something, which --disruptive would allow',
    ],
    [
      'a step by hand among others',
      safe('', statement, manual('primary', 'Do it.')),
      'leave a step of it is for a person',
    ],
    [
      'a corrected command line',
      safe('', shell('client', "PGSSLMODE=require standbylint preflight pg_basebackup -D '/a b'", 'check-again')),
      'leave it corrects the command line, which is yours to change',
    ],
    [
      'a password in a shell command',
      password(shell('client', "echo '<password>' >> /x", 'run')),
      'leave its command would show the password in the list of processes',
    ],
    [
      'a password that is no role’s in SQL',
      password(sql('standby', "ALTER SYSTEM SET primary_conninfo = 'password=<password>';", 'run')),
      "leave the password would stand in a statement as it is, and so in the server's log",
    ],
    ['the password of a role', safe('', passwordSet('r')), 'apply'],
  ])('%s', (_name, remedy, expected) => {
    expect(only(remedy)).toBe(expected);
  });

  it('applies what restarts something with --disruptive, and never what moves data', () => {
    expect(only(disruptive('', statement), everywhere, { disruptive: true })).toBe('apply');
    expect(only(destructive('', statement), everywhere, { disruptive: true })).toMatch(/^leave/u);
  });

  it('leaves a remedy as a whole when one step of it is out of reach', () => {
    const ways: Ways = { sql: () => open, shell: (on) => (on === 'primary' ? closed : open) };
    const both = safe('', statement, shell('primary', 'true', 'run'));
    expect(only(both, ways)).toBe('leave it is out of reach');
    expect(only(safe('', statement), ways)).toBe('apply');
  });

  it('says what to set where a password is needed and nobody can be asked', () => {
    const remedy = safe('', passwordSet('r'));
    expect(only(remedy, everywhere, { password: false })).toMatch(/STANDBYLINT_NEW_PASSWORD/u);
  });

  it('never applies the same fault twice', () => {
    const fault = finding('a/b', safe('', statement));
    const settled = new Map([[keyOf(fault), 'its steps were taken already, and it came back']]);
    const [again, other] = planOf(report(fault, { ...fault, message: 'something else' }), everywhere, {
      ...limits,
      settled,
    });
    expect(again?.because).toBe('its steps were taken already, and it came back');
    expect(other?.decision).toBe('apply');
  });

  const start = shell('standby', "'/usr/lib/postgresql/15/bin/pg_ctl' start -D /data -w -l /data/server.log", 'start');

  it('starts no server while something else is wrong with its files', () => {
    const plan = planOf(
      report(
        finding('standby/signal-missing', destructive('', statement)),
        finding('standby/permissions', safe('', shell('standby', 'chmod 0700 /data', 'change-mode'), start)),
        finding('hba/rejected', safe('', statement)),
      ),
      everywhere,
      limits,
    );
    expect(plan.map(({ decision, because }) => `${decision} ${because}`)).toEqual([
      'leave it moves or overwrites data, which a person decides',
      'leave it starts the server, and standby/signal-missing has to be mended before',
      'apply ',
    ]);
  });

  it('starts a server once, when all that it waits for is done', () => {
    const mode = shell('standby', 'chmod 0700 /data', 'change-mode');
    const signal = shell('standby', 'mv /data/a /data/b', 'move-aside');
    const plan = planOf(
      report(
        finding('standby/permissions', safe('', mode, start)),
        finding('role/no-login', safe('', statement)),
        finding('standby/signal-misnamed', safe('', signal, start)),
      ),
      everywhere,
      limits,
    );
    expect(firstTogether(plan).map(({ fix }) => fix.steps.map(({ step }) => step))).toEqual([[mode], [signal, start]]);
    expect(firstTogether(plan.slice(1)).map(({ fix }) => fix.rule)).toEqual(['role/no-login']);
    expect(firstTogether([])).toEqual([]);
  });
});
