import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { planOf } from '../../src/diagnosis/plan.ts';
import type { Finding, Plan, Remedy, Step } from '../../src/findings/report.ts';
import { editFile } from '../../src/remedies/edit-file.ts';
import { aFinding } from '../report/reports.ts';

const step = (on: Step['on'], does: Step['does'], text: string): Step => ({
  on,
  does,
  kind: does === 'reload' || does === 'set-configuration' ? 'sql' : does === 'by-hand' ? 'manual' : 'shell',
  text,
});
const at = (one: Step, ...paths: readonly string[]): Step => ({ ...one, paths });
const edit = (on: Step['on'], file: string): Step => at(step(on, 'edit-file', `edit ${file}`), file);
const reload = step('primary', 'reload', 'SELECT pg_reload_conf();');
const restart = step('primary', 'restart', 'pg_ctl restart -D /p');
const start = step('standby', 'start', 'pg_ctl start -D /s');

const root = (id: string, ...steps: readonly Step[]): Finding =>
  aFinding({ id, remedy: { summary: `Do ${id}.`, risk: 'safe', steps } });
const textsOf = ({ steps }: Plan): readonly string[] => steps.map((one) => one.step.text);

describe('the plan of a report', () => {
  it('starts the server once, after everything that is done for it', () => {
    const plan = planOf(
      'broken',
      [root('f1', edit('standby', 'a'), start), root('f2', edit('standby', 'b'), start)],
      null,
    );
    expect(textsOf(plan)).toEqual(['edit a', 'edit b', 'pg_ctl start -D /s']);
    expect(plan.steps.at(-1)?.for).toEqual(['f1', 'f2']);
  });

  it('gives the directory to its user before that user copies into it', () => {
    const owner = at(step('standby', 'change-owner', 'chown -R postgres: /s'), '/s');
    const within = at(step('standby', 'change-owner', 'chown postgres: /s/base'), '/s/base');
    const copy = at(step('standby', 'copy', 'pg_basebackup -D /s'), '/s');
    const plan = planOf('broken', [root('f1', owner, within, start), root('f2', copy, start)], null);
    expect(textsOf(plan)).toEqual([owner.text, copy.text, start.text]);
  });

  it('leaves out a reload where the server is restarted', () => {
    const plan = planOf(
      'blocked',
      [
        root('f1', edit('primary', 'pg_hba.conf'), reload),
        root('f2', step('primary', 'set-configuration', 'ALTER SYSTEM …;'), restart),
      ],
      null,
    );
    expect(textsOf(plan)).toEqual(['edit pg_hba.conf', 'ALTER SYSTEM …;', 'pg_ctl restart -D /p']);
  });

  it('keeps a step behind the restart that it needs', () => {
    const slot = step('primary', 'set-configuration', "SELECT pg_create_physical_replication_slot('s');");
    const plan = planOf('blocked', [root('f1', restart, slot), root('f2', edit('primary', 'a'), reload)], null);
    expect(textsOf(plan)).toEqual(['edit a', restart.text, slot.text]);
  });

  it('restarts no primary whose container is created again', () => {
    const again: Step = { ...step('primary', 'restart', 'Create it again.'), kind: 'manual', again: true };
    const roots = [root('f1', edit('primary', 'a'), restart), root('f2', again)];
    expect(textsOf(planOf('blocked', roots, null))).toEqual(['edit a', again.text]);
  });

  const stop = step('standby', 'stop', 'pg_ctl stop -D /s');
  const aside = at(step('standby', 'move-aside', 'mv /s /s.old'), '/s', '/s.old');
  const copy = at(step('standby', 'copy', 'pg_basebackup -D /s'), '/s');

  it('creates a container again after the copy that is made for it, and starts no old one', () => {
    const again: Step = {
      ...{ on: 'client', kind: 'manual', does: 'restart', text: 'Create it again.' },
      again: true,
      paths: ['/s'],
    };
    const found = [root('f1', again), root('f2', stop, aside, copy, start)];
    for (const roots of [found, found.toReversed()])
      expect(textsOf(planOf('broken', roots, { way: 'new-copy', steps: [start] }))).toEqual([
        stop.text,
        aside.text,
        copy.text,
        again.text,
      ]);
  });

  it('does not edit a data directory that is replaced by a new copy', () => {
    const plan = planOf(
      'broken',
      [
        root('f1', stop, aside, copy, start),
        root('f2', edit('standby', '/s/postgresql.conf'), start),
        root('f3', edit('primary', 'pg_hba.conf'), reload),
        // the base backup makes it (-C)
        root('f4', step('primary', 'make-slot', "SELECT pg_create_physical_replication_slot('s');")),
      ],
      null,
    );
    expect(textsOf(plan)).toEqual([
      'edit pg_hba.conf',
      reload.text,
      'pg_ctl stop -D /s',
      'mv /s /s.old',
      'pg_basebackup -D /s',
      'pg_ctl start -D /s',
    ]);
  });

  describe('beside a new copy, of the fix of another root cause', () => {
    const putBack = at(step('standby', 'put-back', 'tar …'), '/s/postgresql.conf', '/s/postgresql.auto.conf');
    const altered = step('standby', 'set-configuration', 'ALTER SYSTEM …;');
    const rows: readonly (readonly [string, Step, boolean])[] = [
      ['edits what is put back', edit('standby', '/s/postgresql.conf'), true],
      ['edits what lies elsewhere', edit('standby', '/etc/postgresql/17/main/postgresql.conf'), true],
      ['edits nothing that is lost', edit('standby', '/s/base/1/2'), false],
      ['makes nothing that is lost', at(step('standby', 'make-file', 'touch'), '/s/standby.signal'), false],
      ['makes what lies beside it', at(step('standby', 'make-directory', 'mkdir'), '/srv'), true],
      ['does not take a neighbour for a part of it', at(step('standby', 'make-file', 'touch'), '/s2/a'), true],
      ['sets what is put back', altered, true],
      ['does what only a person can do', step('standby', 'by-hand', 'Install the library.'), true],
      ['does not start it before', start, false],
      ['does not resume what is replaced', { ...step('standby', 'control-replay', 'SELECT …;'), kind: 'sql' }, false],
    ];
    it.each(rows)('%s', (_, other, isKept) => {
      const plan = planOf('broken', [root('f1', stop, aside, copy, putBack, start), root('f2', other)], null);
      const fixed = plan.steps.findIndex(({ step: one, for: whom }) => one.text === other.text && whom.includes('f2'));
      if (isKept) expect(fixed).toBe(0);
      else expect(textsOf(plan)).toEqual([stop, aside, copy, putBack, start].map(({ text }) => text));
    });

    it('sets nothing in a file that is not put back', () => {
      const plan = planOf('broken', [root('f1', stop, aside, copy, start), root('f2', altered)], null);
      expect(textsOf(plan)).not.toContain(altered.text);
    });
  });

  it('edits a file from below, and no copy of it takes the place of an earlier one', () => {
    const file = { file: '/p/pg_hba.conf', now: new Date(0), written: { lines: ['a', 'b'], crlf: false } };
    const entry = editFile('primary', file, { act: 'insert-before', line: 2, text: 'host' });
    const comment = editFile('primary', file, { act: 'comment-out', lines: [2] });
    const plan = planOf('blocked', [root('f1', entry, reload), root('f2', comment, reload)], null);
    expect(plan.steps.map((one) => one.step.edit?.changes[0]?.act ?? one.step.text)).toEqual([
      'replace',
      'insert-before',
      reload.text,
    ]);
    const [first, second] = plan.steps.map((one) => one.step);
    expect(second?.edit?.copy).toBe(`${first?.edit?.copy ?? ''}-2`);
    expect(second?.text).toContain(`cp -p /p/pg_hba.conf ${second?.edit?.copy ?? ''} `);
  });

  it('starts a server that is down, where only a consequence says so', () => {
    const plan = planOf('broken', [root('f1', edit('primary', 'a'), reload)], { way: 'mend', steps: [start] });
    expect(textsOf(plan)).toEqual(['edit a', reload.text, start.text]);
    expect(plan.steps.at(-1)?.for).toEqual([]);
  });

  it('has nothing to fix where it is ready, healthy or unknown, and the warnings of what is degraded', () => {
    const warning = aFinding({ severity: 'warning' });
    expect(planOf('ready', [warning], null).steps).toEqual([]);
    expect(planOf('healthy', [], null).steps).toEqual([]);
    expect(planOf('degraded', [warning], null).steps).not.toEqual([]);
  });

  const sides = fc.constantFrom('primary' as const, 'standby' as const);
  const anyStep = fc.oneof(
    fc.tuple(sides, fc.constantFrom('a', 'b', 'c')).map(([on, name]) => edit(on, `${on}/${name}`)),
    sides.map((on) => step(on, 'reload', `reload ${on}`)),
    sides.map((on) => step(on, 'restart', `restart ${on}`)),
    fc.constantFrom('x', 'y').map((name) => step('primary', 'set-configuration', `SELECT ${name};`)),
    fc.constant(start),
  );
  const remedies = fc.array(fc.uniqueArray(anyStep, { selector: ({ text }) => text, minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 4,
  });

  it('has each step once, a reload or a restart behind the edits, and no reload before a restart', () => {
    fc.assert(
      fc.property(remedies, (given) => {
        // a remedy ends in what puts its changes into force
        const findings = given.map((steps, at) =>
          root(`f${at + 1}`, ...steps.filter(isChange), ...steps.filter((one) => !isChange(one))),
        );
        const plan = planOf('broken', findings, null);
        const steps = plan.steps.map((one) => one.step);
        const texts = steps.map(({ text }) => text);
        expect(new Set(texts).size).toBe(texts.length);
        for (const { remedy } of findings) expectInForce(remedy, steps);
        for (const [at, one] of steps.entries()) {
          if (one.does !== 'reload') continue;
          expect(steps.slice(at).some((later) => later.on === one.on && later.does === 'restart')).toBe(false);
        }
        const lastChange = steps.findLastIndex((one) => one.on === 'standby' && isChange(one));
        const firstStart = steps.findIndex((one) => one.on === 'standby' && one.does === 'start');
        if (firstStart >= 0) expect(firstStart).toBeGreaterThan(lastChange);
      }),
    );
  });
});

const isChange = ({ does }: Step): boolean => does === 'edit-file' || does === 'set-configuration';

/** What the remedy changes is there, and what puts it into force comes later. */
function expectInForce(remedy: Remedy | null, steps: readonly Step[]): void {
  for (const wanted of remedy?.steps ?? []) {
    if (isChange(wanted)) expect(steps.map(({ text }) => text)).toContain(wanted.text);
    else if (wanted.does === 'reload')
      for (const change of (remedy?.steps ?? []).filter((one) => isChange(one) && one.on === wanted.on))
        expect(
          steps
            .slice(steps.findIndex(({ text }) => text === change.text))
            .some(({ on, does }) => on === wanted.on && (does === 'reload' || does === 'restart' || does === 'start')),
        ).toBe(true);
  }
}
