import { describe, expect, it } from 'vitest';

import type { AppliedStep, PlannedFix, PlannedStep } from '../../src/findings/report.ts';
import type { Scene } from '../../src/findings/scene.ts';
import { fixText } from '../../src/report/fix-text.ts';
import { noPaint } from '../../src/report/paint.ts';
import { manual, shell, sql } from '../../src/remedies/remedy.ts';
import { aFinding, aReport } from './reports.ts';

const scene: Scene = { endpoint: 'db1:5432', primaryName: 'db1', source: 'primary' };
const touch = shell('standby', 'touch /data/standby.signal', 'make-file', '/data/standby.signal');
const reload = sql('primary', 'SELECT pg_reload_conf();', 'reload');
const done = (change: Partial<AppliedStep> = {}): AppliedStep => ({
  rule: 'standby/signal-missing',
  step: touch,
  outcome: 'done',
  output: '',
  elapsedMs: 3,
  ...change,
});
const fix = (change: Partial<PlannedFix> = {}): PlannedFix => ({
  rule: 'standby/signal-missing',
  title: 'standby.signal is missing',
  decision: 'apply',
  because: '',
  steps: [{ step: touch, number: 1, as: 'postgres' }],
  ...change,
});
const text = (
  applied: readonly AppliedStep[],
  fixes: readonly PlannedFix[],
  change: Parameters<typeof aReport>[0] = {},
) => fixText(aReport({ applied, fixes, ...change }), { width: 80, paint: noPaint, scene });

describe('what --fix did', () => {
  it('is not told without --fix', () => {
    expect(fixText(aReport(), { width: 80, paint: noPaint, scene })).toEqual([]);
  });

  it('was nothing, as there was nothing to fix', () => {
    expect(text([], [])).toEqual(['', '  --fix: nothing to fix.']);
  });

  it('stands below the rule that it is of, with what it printed and where it is recorded', () => {
    const lines = text(
      [
        done(),
        done({ outcome: 'failed', step: reload, output: 'ERROR:  permission denied\nfor function' }),
        done({ rule: 'hba/no-replication-entry', outcome: 'left', step: manual('primary', 'Ask the owner.') }),
      ],
      [],
      { journal: '/var/log/fix.journal' },
    );
    expect(lines.filter((line) => /^ {4}[✔✖–]/u.test(line)).map((line) => line.trim().slice(0, 1))).toEqual([
      '✔',
      '✖',
      '–',
    ]);
    expect(lines.filter((line) => line.trim() === 'standby/signal-missing')).toHaveLength(1);
    const all = lines.join('\n');
    expect(all).toMatch(/ERROR: {1,2}permission denied\n +for function/u);
    expect(all).toContain('standbylint undo /var/log/fix.journal');
    expect(all).not.toContain('nothing to fix');
  });
});

describe('the plan of --fix', () => {
  it('has each step once, in its order, with what it changes in a file', () => {
    const second: PlannedStep = {
      step: reload,
      number: 2,
      as: 'postgres, by psql',
      diff: ['--- a', '+++ b', '-old', '+new', ' same'],
    };
    const lines = text(
      [],
      [
        fix({ steps: [second, { step: touch, number: 1, as: 'postgres' }] }),
        fix({ rule: 'hba/no-replication-entry', title: 'pg_hba.conf has no entry', steps: [second] }),
      ],
    );
    const all = lines.join('\n');
    expect(all).toContain('The plan of --fix: 2 steps');
    expect(all.indexOf('1. as postgres')).toBeLessThan(all.indexOf('2. as postgres, by psql'));
    expect(lines.filter((line) => line.includes('2. as'))).toHaveLength(1);
    for (const line of second.diff ?? []) expect(lines.map((one) => one.trim())).toContain(line.trim());
  });

  it('counts one step, also one without a number', () => {
    expect(text([], [fix({ steps: [{ step: touch, as: 'postgres' }] })]).join('\n')).toContain(
      'The plan of --fix: 1 step',
    );
  });

  it.each([
    ['standby.signal is missing', 1],
    ['The standby asks its primary for a timeline that the primary does not have yet, twice', 2],
  ])('says why "%s" is left, and never lets its title meet the rule', (title, least) => {
    const lines = text([], [fix({ decision: 'leave', title, because: 'it restarts the server (--allow disruptive)' })]);
    expect(lines).toContain('  To do manually');
    expect(lines.join('\n')).toContain('Not done by --fix: it restarts the server');
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    const [head = -1, why = -1] = ['  To do manually', 'Not done by --fix'].map((words) =>
      lines.findIndex((line) => line.includes(words)),
    );
    expect(why - head - 1).toBeGreaterThanOrEqual(least);
  });
});

describe('warnings that --fix leaves alone', () => {
  const warning = aFinding({ severity: 'warning' });

  it.each([
    [[warning], /^ *--fix left a warning alone \(hba\/no-replication-entry\)/u],
    [[warning, { ...warning, id: 'f2', rule: 'wal/gap' }], /--fix left 2 warnings alone/u],
  ])('are named', (findings, words) => {
    const all = text([], [], { findings });
    expect(all.join(' ')).toMatch(words);
    expect(all.join(' ')).not.toContain('nothing to fix');
  });

  it.each([
    ['a note', { severity: 'info' as const }],
    ['a consequence', { causedBy: 'f9' }],
    ['one without a remedy', { remedy: null }],
  ])('are not: %s', (_, change) => {
    expect(text([], [], { findings: [{ ...warning, ...change }] })).toEqual(['', '  --fix: nothing to fix.']);
  });

  it('are not named where they are fixed', () => {
    expect(text([], [fix({ rule: warning.rule })], { findings: [warning] }).join('')).not.toContain('alone');
  });
});
