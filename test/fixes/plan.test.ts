import { passwordSet } from '../../src/remedies/role.ts';
import { describe, expect, it } from 'vitest';

import { planOf as printedPlan } from '../../src/diagnosis/plan.ts';
import type { Finding, PlannedFix, Remedy, Report, Step } from '../../src/findings/report.ts';
import { keyOf, planOf as fixPlanOf } from '../../src/fixes/plan.ts';
import type { PlanLimits, WayThere, Ways } from '../../src/fixes/plan.ts';
import { editFile } from '../../src/remedies/edit-file.ts';
import { destructive, disruptive, manual, safe, shell, sql } from '../../src/remedies/remedy.ts';

const open: WayThere = { open: true, as: 'postgres' };
const closed: WayThere = { open: false, because: 'it is out of reach' };
const everywhere: Ways = { sql: () => open, shell: () => open, here: open };
const limits: PlanLimits = {
  failOn: 'error',
  disruptive: false,
  password: true,
  root: false,
  placing: { text: (text) => text, steps: (steps) => steps, outside: false },
  untouchable: new Map(),
  settled: new Map(),
};

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
  schemaVersion: '1.2',
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

const planOf = (...given: Parameters<typeof fixPlanOf>): readonly PlannedFix[] => fixPlanOf(...given).fixes;

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
        steps: [{ step: statement, as: 'postgres', number: 1 }],
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
    ['no remedy', null, 'leave no step is certain to fix it'],
    ['data is moved', destructive('', statement), 'leave it moves or overwrites data, which you must decide'],
    [
      'a restart',
      disruptive('', statement),
      'leave it restarts a server or drops connections, which --disruptive would allow',
    ],
    [
      'a step by hand among others',
      safe('', statement, manual('primary', 'Do it.')),
      'leave one of its steps must be done manually',
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
      "leave the password would be in plain text in a statement, and so in the server's log",
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
    const ways: Ways = { sql: () => open, shell: (on) => (on === 'primary' ? closed : open), here: open };
    const both = safe('', statement, shell('primary', 'true', 'run'));
    expect(only(both, ways)).toBe('leave it is out of reach');
    expect(only(safe('', statement), ways)).toBe('apply');
  });

  it('says what to set where a password is needed and nobody can be asked', () => {
    const remedy = safe('', passwordSet('r'));
    expect(only(remedy, everywhere, { password: false })).toMatch(/STANDBYLINT_NEW_PASSWORD/u);
  });

  it('leaves a file that it may not touch', () => {
    const step = editFile('primary', { file: '/p/pg_hba.conf', now: new Date(0) }, { act: 'append', lines: ['x'] });
    const untouchable = new Map([['/p/pg_hba.conf', 'it belongs to somebody else']]);
    expect(only(safe('', step), everywhere, { untouchable })).toBe('leave it belongs to somebody else');
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
      'leave it moves or overwrites data, which you must decide',
      'leave it starts the server, and standby/signal-missing has to be fixed before',
      'apply ',
    ]);
  });

  it('starts a server once, when all that it waits for is done', () => {
    const mode = shell('standby', 'chmod 0700 /data', 'change-mode');
    const signal = shell('standby', 'mv /data/a /data/b', 'move-aside');
    const { next, fixes } = fixPlanOf(
      report(
        finding('standby/permissions', safe('', mode, start)),
        finding('role/no-login', safe('', statement)),
        finding('standby/signal-misnamed', safe('', signal, start)),
      ),
      everywhere,
      limits,
    );
    expect(next.map(({ step, of, number }) => [number, step, of])).toEqual([
      [1, mode, [0]],
      [2, statement, [1]],
      [3, signal, [2]],
      [4, start, [0, 2]],
    ]);
    expect(fixes.map(({ steps }) => steps.map(({ number }) => number))).toEqual([[1, 4], [2], [3, 4]]);
    expect(fixPlanOf(report(), everywhere, limits)).toEqual({ fixes: [], findings: [], all: [], next: [] });
  });

  it('is the plan of the report, where all of it can be applied', () => {
    const reload = { ...sql('primary', 'SELECT pg_reload_conf();', 'reload') };
    const entry = editFile(
      'primary',
      { file: '/p/pg_hba.conf', now: new Date(0), written: { lines: ['a', 'b'], crlf: false } },
      { act: 'insert-before', line: 2, text: 'host' },
    );
    const comment = editFile(
      'primary',
      { file: '/p/pg_hba.conf', now: new Date(0), written: { lines: ['a', 'b'], crlf: false } },
      { act: 'comment-out', lines: [2] },
    );
    const down = finding('standby/not-running', safe('', start), { id: 'f3', causedBy: 'f1' });
    const findings = [
      finding('hba/rejected', safe('', entry, reload), { id: 'f1' }),
      finding('hba/invalid-line', safe('', comment, reload), { id: 'f2' }),
      down,
    ];
    const given = report(...findings);
    const printed = printedPlan('broken', findings, { way: 'mend', steps: [start] });
    const { next } = fixPlanOf({ ...given, verdict: 'broken', plan: printed }, everywhere, limits);
    expect(next.map(({ step }) => step)).toEqual(printed.steps.map(({ step }) => step));
    // the line that moves those below it comes last, and no copy takes another one's name
    expect(next.map(({ step }) => step.edit?.changes[0]?.act ?? step.text)).toEqual([
      'replace',
      'insert-before',
      'SELECT pg_reload_conf();',
      start.text,
    ]);
    expect(new Set(next.flatMap(({ step }) => step.edit?.copy ?? [])).size).toBe(2);
  });

  it('leaves what is milder while an error is left, and what a new base backup would replace', () => {
    const copy = shell('standby', 'pg_basebackup -D /data', 'copy', '/data');
    const plan = planOf(
      report(
        finding('wal/gap', destructive('', copy)),
        finding('conninfo/unknown-keyword', safe('', shell('standby', 'true', 'edit-file'))),
        finding('hba/rejected', safe('', statement)),
        finding('conninfo/any-host-may-answer', safe('', statement), { severity: 'warning' }),
      ),
      everywhere,
      { ...limits, failOn: 'warning' },
    );
    expect(plan.map(({ decision, because }) => `${decision} ${because}`)).toEqual([
      'leave it moves or overwrites data, which you must decide',
      'leave the remedy of wal/gap replaces the data directory that it would change',
      'apply ',
      'leave wal/gap is an error, and comes first',
    ]);
  });
});
