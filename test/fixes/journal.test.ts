import { assert, integer, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { journalLine } from '../../src/fixes/journal.ts';
import { readJournal } from '../../src/fixes/read-journal.ts';
import type { JournalEntry, JournalStep } from '../../src/fixes/journal.ts';
import { undoPlan } from '../../src/fixes/undo-plan.ts';
import type { Step } from '../../src/findings/report.ts';
import {
  directoriesMade,
  fileMade,
  modeSet,
  moved,
  roleAltered,
  slotMade,
  systemAltered,
} from '../../src/remedies/reversible.ts';
import { reload as reloaded, sql } from '../../src/remedies/remedy.ts';
import { roleMade, passwordSet } from '../../src/remedies/role.ts';

const at = '2026-11-22T00:00:00.000Z';
const head: JournalEntry = {
  event: 'fix',
  version: 1,
  tool: '0.1.0',
  command: 'preflight',
  at,
  dataDirectory: null,
  primary: 'db1:5432',
};
const user = { uid: 100, gid: 100, name: 'postgres', home: '/var/lib/postgresql' };
const taken = (number: number, step: Step): JournalStep => ({
  event: 'step',
  number,
  at,
  rule: 'a/b',
  step,
  user: step.kind === 'sql' ? null : user,
});
const done = (number: number, outcome: 'done' | 'failed' = 'done'): JournalEntry => ({
  event: 'outcome',
  number,
  at,
  outcome,
  output: '',
});
const text = (...entries: readonly JournalEntry[]): string => entries.map(journalLine).join('');

function planOf(...entries: readonly JournalEntry[]) {
  const read = readJournal(text(head, ...entries));
  if (!read.ok) throw new Error(read.because);
  return undoPlan(read.journal);
}
const back = (...entries: readonly JournalEntry[]): readonly string[] =>
  planOf(...entries).map(({ way }) => ('text' in way ? way.text : way.kind === 'edit' ? way.edit.copy : way.because));

const reload = reloaded('primary');
const edit: Step = {
  on: 'primary',
  kind: 'shell',
  does: 'run',
  text: 'cp …',
  edit: { file: '/data/pg_hba.conf', copy: '/data/pg_hba.conf.before', changes: [{ act: 'append', text: 'host …' }] },
};

describe('undoPlan', () => {
  it('takes the last step back first, and reloads once, at the very end', () => {
    const setting = systemAltered('primary', 'max_wal_senders', '10', null);
    expect(
      back(taken(1, edit), done(1), taken(2, reload), done(2), taken(3, setting), done(3), taken(4, reload), done(4)),
    ).toEqual(['ALTER SYSTEM RESET max_wal_senders;', '/data/pg_hba.conf.before', 'SELECT pg_reload_conf();']);
  });

  it.each<[Step, string]>([
    [roleAltered('rep user', 'WITH LOGIN', 'WITH NOLOGIN'), 'ALTER ROLE "rep user" WITH NOLOGIN;'],
    [roleAltered('r', 'CONNECTION LIMIT 3', 'CONNECTION LIMIT 1'), 'ALTER ROLE r CONNECTION LIMIT 1;'],
    [roleMade("o'neill"), 'DROP ROLE "o\'neill";'],
    [slotMade('standby1'), "SELECT pg_drop_replication_slot('standby1');"],
    [
      systemAltered('standby', 'restore_command', 'x', "cp '/a b/%f' %p"),
      "ALTER SYSTEM SET restore_command = 'cp ''/a b/%f'' %p';",
    ],
    [modeSet('standby', "/it's here", '0700', 0o755), String.raw`chmod 0755 '/it'\''s here'`],
    [directoriesMade('standby', '/d/pg_notify', '/d/pg_snapshots'), 'rmdir /d/pg_notify /d/pg_snapshots'],
    [moved('standby', '/d/a', '/d/b'), 'test ! -e /d/a && mv /d/b /d/a'],
    [
      fileMade('standby', '/d/standby.signal'),
      'test ! -e /d/standby.signal.undone && mv /d/standby.signal /d/standby.signal.undone',
    ],
  ])('knows what takes %j back', (step, expected) => {
    expect(back(taken(1, step), done(1))).toEqual([expected]);
  });

  it('says what cannot be taken back', () => {
    expect(back(taken(1, passwordSet('rep')), done(1))).toEqual([
      'rep keeps its new password, because the old one is not known',
    ]);
  });

  it('does not put a file back of which nobody can tell what was changed since', () => {
    const step: Step = {
      on: 'primary',
      kind: 'shell',
      does: 'run',
      text: 'sed …',
      undo: { on: 'primary', kind: 'shell', does: 'run', text: 'cp -p /data/x.before /data/x' },
    };
    expect(back(taken(1, step), done(1))).toEqual([
      'later changes would be lost; check, then undo it with: cp -p /data/x.before /data/x',
    ]);
  });

  it('leaves out what was taken back, and what certainly did not happen', () => {
    const undone: JournalEntry = { event: 'undone', number: 1, at, output: '' };
    expect(back(taken(1, slotMade('s')), done(1), undone)).toEqual([]);
    expect(back(taken(1, slotMade('s')), done(1, 'failed'))).toEqual([]);
    expect(back(taken(1, edit), done(1, 'failed'))).toEqual([]);
  });

  it('takes a step back of which nobody knows whether it happened, and says so', () => {
    expect(planOf(taken(1, slotMade('s'))).map(({ unsure }) => unsure)).toEqual([true]);
    expect(planOf(taken(1, slotMade('s')), done(1)).map(({ unsure }) => unsure)).toEqual([false]);
  });

  it.each<[string, Step]>([
    [
      'another command',
      { ...moved('standby', '/a', '/b'), undo: { on: 'standby', kind: 'shell', does: 'run', text: 'rm -r /' } },
    ],
    [
      'a command behind a known one',
      { ...moved('standby', '/a', '/b'), undo: { on: 'standby', kind: 'shell', does: 'run', text: 'rmdir /a; id' } },
    ],
    [
      'a substitution',
      { ...moved('standby', '/a', '/b'), undo: { on: 'standby', kind: 'shell', does: 'run', text: 'rmdir /$(id)' } },
    ],
    [
      'an option',
      { ...moved('standby', '/a', '/b'), undo: { on: 'standby', kind: 'shell', does: 'run', text: 'rmdir -p' } },
    ],
    [
      'a second line',
      { ...moved('standby', '/a', '/b'), undo: { on: 'standby', kind: 'shell', does: 'run', text: 'rmdir /a\nid' } },
    ],
    ['another statement', { ...slotMade('s'), undo: sql('primary', "SELECT pg_read_file('/etc/passwd');", 'run') }],
    ['a statement behind a known one', { ...slotMade('s'), undo: sql('primary', "DROP ROLE a; SELECT 'x';", 'run') }],
    ['another server', { ...slotMade('s'), undo: sql('standby', 'DROP ROLE a;', 'run') }],
    [
      'a shell command for a statement',
      { ...slotMade('s'), undo: { on: 'primary', kind: 'shell', does: 'run', text: 'rmdir /a' } },
    ],
  ])('runs nothing that no step of --fix names: %s', (_name, step) => {
    expect(planOf(taken(1, step), done(1)).map(({ way }) => way.kind)).toEqual(['none']);
  });
});

describe('readJournal', () => {
  const whole = text(head, taken(1, edit), done(1), taken(2, reload));

  it('reads what was written', () => {
    expect(readJournal(whole)).toMatchObject({
      ok: true,
      journal: {
        head,
        steps: [
          { number: 1, outcome: 'done' },
          { number: 2, outcome: 'unknown' },
        ],
      },
    });
  });

  it('reads it whenever the process was killed: a line that is cut off was not written', () => {
    assert(
      property(integer({ min: journalLine(head).length, max: whole.length }), (length) => {
        const read = readJournal(whole.slice(0, length));
        expect(read.ok).toBe(true);
      }),
    );
  });

  it.each([
    ['nothing', '', /does not start like/u],
    ['another file', 'host all all all trust\n', /a journal entry of/u],
    ['JSON of something else', '{"a":1}\n', /a journal entry of/u],
    ['a step before its head', journalLine(taken(1, edit)), /does not start like/u],
    ['two heads', text(head, head), /second journal/u],
    ['a step left out', text(head, taken(2, edit)), /is out of order/u],
    ['the outcome of no step', text(head, done(1)), /which does not exist/u],
    ['a field too many', `${text(head)}${JSON.stringify({ ...taken(1, edit), more: 1 })}\n`, /a journal entry of/u],
    [
      'a relative path',
      text(head, taken(1, { ...edit, edit: { file: 'x', copy: '/y', changes: [] } })),
      /a journal entry of/u,
    ],
  ])('refuses %s', (_name, content, because) => {
    const read = readJournal(content);
    expect(read.ok ? '' : read.because).toMatch(because);
  });

  it('reads a step of an earlier release, which does not say what it does', () => {
    const { does: _, ...step } = reload;
    const line = `${JSON.stringify({ ...taken(1, reload), step })}\n`;
    expect(readJournal(text(head) + line)).toMatchObject({ ok: true, journal: { steps: [{ step: { does: 'run' } }] } });
  });

  it('reads all that a step may say', () => {
    const step: Step = { ...reload, paths: ['/a'], role: 'r', asksPassword: true, asRoot: 'a', stop: 'b', once: true };
    expect(readJournal(text(head, taken(1, step)))).toMatchObject({ ok: true, journal: { steps: [{ step }] } });
  });

  it('never throws', () => {
    assert(property(string(), (content) => typeof readJournal(content).ok === 'boolean'));
    assert(
      property(jsonValue(), jsonValue(), (step, by) => {
        const line = `${JSON.stringify({ event: 'step', number: 1, at, rule: 'a', step, user: by })}\n`;
        return typeof readJournal(text(head) + line).ok === 'boolean';
      }),
    );
  });
});

it('a run that came to its end says so, and nothing follows but what takes it back', () => {
  const step = taken(1, sql('primary', 'SELECT 1;', 'run'));
  const end: JournalEntry = { event: 'end', at, end: 'finished' };
  const read = (...entries: readonly JournalEntry[]) => readJournal(text(head, ...entries));
  expect(read(step, done(1))).toMatchObject({ ok: true, journal: { ended: false } });
  expect(read(step, done(1), end)).toMatchObject({ ok: true, journal: { ended: true } });
  expect(read(step, end, { event: 'undone', number: 1, at, output: '' })).toMatchObject({ ok: true });
  expect(read(end, step)).toMatchObject({ ok: false, line: 3 });
  expect(read(end, end)).toMatchObject({ ok: false, line: 3 });
});
