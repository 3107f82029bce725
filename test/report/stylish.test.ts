import { followedBy } from '../../src/report/finding-text.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Remedy, Report } from '../../src/findings/report.ts';
import { noPaint, paintOf } from '../../src/report/paint.ts';
import { planOf } from '../../src/diagnosis/plan.ts';
import { stylish } from '../../src/report/stylish.ts';
import { aFinding, aReport } from './reports.ts';

const scene = { endpoint: 'db1:5432', primaryName: 'db1', source: 'primary', copyBytes: 44_023_414_784 } as const;
const planned = (report: Report): Report => ({
  ...report,
  plan: planOf(report.verdict, report.findings, report.recovery),
});
const text = (report: Report, width = 80, full = false): string =>
  stylish(planned(report), { width, paint: noPaint, scene, full });

const blocked = aReport({
  verdict: 'blocked',
  complete: false,
  summary: { error: 1, warning: 1, info: 0, passed: 60, unexamined: 4, notApplicable: 5 },
  findings: [
    aFinding({ causes: ['f2'] }),
    aFinding({
      id: 'f2',
      rule: 'streaming/not-connected',
      severity: 'warning',
      title: 'The WAL receiver does not run',
      causedBy: 'f1',
      remedy: null,
    }),
  ],
  acceptedUnexamined: ['slot/lost'],
  rules: [
    { id: 'hba/no-replication-entry', outcome: 'failed', because: null },
    {
      id: 'role/no-password',
      outcome: 'unexamined',
      because: 'pg_authid: permission denied',
      remedy: 'GRANT pg_monitor TO monitor; GRANT SELECT ON pg_authid TO monitor;',
    },
    ...['role/a', 'role/b', 'role/c', 'slot/lost'].map((id) => ({
      id,
      outcome: 'unexamined' as const,
      because: 'no --admin connection was given',
      remedy: 'add --admin CONNINFO, a connection as a superuser or as a member of pg_monitor',
    })),
  ],
});

describe('stylish', () => {
  it('tells a root cause with its evidence, its consequences and its remedy', () => {
    expect(text(blocked)).toMatchInlineSnapshot(`
      "
        db1:5432, PostgreSQL 15.18 primary, 41 GB
        →  /var/lib/postgresql/15/main on this machine

        NOT READY  1 problem prevents a working standby

      ✖ 1  pg_hba.conf has no entry that lets replicator in for replication
                                                              hba/no-replication-entry
           The server matches lines from the top for (database replication, user
           replicator, address 10.0.0.7, no encryption) and finds none.
           └─ The WAL receiver does not run                    streaming/not-connected

             /etc/postgresql/15/main/pg_hba.conf:97 on db1

             94 │ host  all  all  10.0.0.0/8
                │ ╰ "all" is not replication
             97 │ host replication replicator 10.0.1.0/24 scram-sha-256
                │ ╰ 10.0.0.7 is outside

        Fix: let this role in from this address, and reload (no interruption):

           db1$ cp -p /etc/postgresql/15/main/pg_hba.conf /etc/postgresql/15/main/pg_hba.conf.before-2026-11-21T200000 &&
                printf '\\n%s\\n' '# a\\tline' >> /etc/postgresql/15/main/pg_hba.conf
           db1=# SELECT pg_reload_conf();
           standby: Run this again, and where it says that nothing stands in the way,
                    run pg_basebackup.

        Then run this again; READY means that the base backup can start.

        Not checked: 1 rule, pg_authid: permission denied (a GRANT: see --full)
        Not checked: 4 rules, no --admin connection was given (add --admin CONNINFO)

        1 error · 60 passed · 4 not checked · 0.18 s             --full for everything

        "db1$" is a shell of the owner of the primary's data directory, "db1=#" is
        psql as a superuser.
      "
    `);
  });

  it('shows two ways with what each costs, and the steps of both', () => {
    const copy = 'pg_basebackup -D /var/lib/postgresql/15/main -R -X stream';
    const remedy: Remedy = {
      summary: 'Let the standby read the archive.',
      risk: 'disruptive',
      steps: [{ on: 'standby', does: 'reload', kind: 'sql', text: 'SELECT pg_reload_conf();' }],
      alternatives: [
        {
          summary: 'Make a new copy of the primary; the old directory is moved aside.',
          risk: 'destructive',
          steps: [{ on: 'standby', does: 'edit-file', kind: 'shell', text: copy }],
          because:
            'There are two ways. The first: 101 MB of WAL to fetch and replay, speed not known. The second: 41 GB to copy, about 7 min at 100 MB/s, the speed of the last base backup.',
          cost: { copyBytes: 41_000_000_000, replayBytes: null, downtimeSeconds: 410 },
        },
      ],
      cost: { copyBytes: 101_000_000, replayBytes: 101_000_000, downtimeSeconds: null },
    };
    const finding = aFinding({ frame: null, evidence: [], message: 'It is gone.', remedy });
    const report = aReport({ verdict: 'broken', summary: { ...aReport().summary, error: 1 }, findings: [finding] });
    const lines = text(report).split('\n');
    const from = lines.findIndex((line) => line.includes('Fix:'));
    expect(lines.slice(from).join('\n')).toMatchInlineSnapshot(`
      "  Fix: let the standby read the archive (drops connections):

           standby=# SELECT pg_reload_conf();

        There are two ways. The first: 101 MB of WAL to fetch and replay, speed not
        known. The second: 41 GB to copy, about 7 min at 100 MB/s, the speed of the
        last base backup.

        Or: make a new copy of the primary; the old directory is moved aside:

           standby$ pg_basebackup -D /var/lib/postgresql/15/main -R -X stream

        Then run this again; READY means that the base backup can start.

        1 error · 61 passed · 0.18 s                             --full for everything

        "standby$" is a shell of the owner of the standby's data directory,
        "standby=#" is psql as a superuser.
      "
    `);
    const wide = lines.filter((line) => line.length > 80 && !line.includes(copy));
    expect(wide).toEqual([]);
  });

  it('keeps what is beside a frame beside it where there is room', () => {
    expect(text(blocked, 100)).toContain(
      '97 │ host replication replicator 10.0.1.0/24 scram-sha-256   10.0.0.7 is outside',
    );
  });

  it('says what to do next when nothing was found', () => {
    expect(text(aReport())).toMatchInlineSnapshot(`
      "
        db1:5432, PostgreSQL 15.18 primary, 41 GB
        →  /var/lib/postgresql/15/main on this machine

        READY  pg_basebackup will succeed and the standby will stream

        61 passed · 0.18 s                                       --full for everything
      "
    `);
  });

  it('says that nobody can say', () => {
    expect(text(aReport({ verdict: 'unknown', complete: false }))).toMatch(
      /UNKNOWN {2}no problem found, but 0 checks could not run/,
    );
  });

  it('shows a rule that crashed', () => {
    const report = aReport({
      verdict: 'unknown',
      rules: [{ id: 'role/a', outcome: 'crashed', because: 'x is not a function' }],
    });
    expect(text(report)).toMatch(/! role\/a could not run because of a bug in standbylint: x is not a\s+function/);
  });

  it('names this machine apart from a primary on the same machine', () => {
    const here = stylish(planned(blocked), { width: 80, paint: noPaint, scene: { ...scene, primaryName: 'primary' } });
    expect(here).toContain('primary$ cp -p');
    expect(here).toContain('1 problem prevents');
  });

  it('colours only when it is told to', async () => {
    const escape = String.fromCharCode(27);
    expect(text(blocked)).not.toContain(escape);
    expect(await paintOf(0)).toBe(noPaint);
    expect(stylish(planned(blocked), { width: 80, paint: await paintOf(1), scene })).toContain(`${escape}[`);
  });

  it('measures texts before it colours them', async () => {
    const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'gu');
    expect(stylish(planned(blocked), { width: 80, paint: await paintOf(3), scene }).replaceAll(colours, '')).toBe(
      text(blocked),
    );
  });
});

const reportWith = (value: {
  title: string;
  message: string;
  text: string;
  value: string;
  remark: string;
  because: string;
  path: string;
}): Report =>
  aReport({
    verdict: 'blocked',
    subject: { primary: value.path, standby: null, dataDirectory: value.path, serverVersion: value.value },
    findings: [
      aFinding({
        title: value.title,
        message: value.message,
        evidence: [{ label: value.text, value: value.value, source: value.remark }],
        frame: { side: 'primary', file: value.path, lines: [{ number: 1, text: value.text, remark: value.remark }] },
        remedy: {
          summary: value.title,
          risk: 'safe',
          steps: [
            { on: 'primary', does: 'run', kind: 'sql', text: value.text },
            { on: 'client', does: 'by-hand', kind: 'manual', text: value.message },
          ],
        },
      }),
    ],
    rules: [
      { id: 'role/a', outcome: 'unexamined', because: value.because, remedy: value.text },
      { id: 'role/b', outcome: 'crashed', because: value.because },
    ],
  });

// oxlint-disable-next-line no-control-regex -- that is what must not be there
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe('whatever comes from outside', () => {
  const outside = fc.string({ unit: 'binary', maxLength: 60 });
  const hostile = fc.record({
    title: outside,
    message: outside,
    text: outside,
    value: outside,
    remark: outside,
    because: outside,
    path: outside,
  });

  it('cannot write a control character to the terminal, nor begin a line', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const printed = stylish(planned(reportWith(value)), {
          width: 80,
          paint: noPaint,
          scene: { ...scene, primaryName: value.path, endpoint: value.path },
        });
        expect(printed.replaceAll('\n', '')).not.toMatch(control);
      }),
    );
  });

  it('a command stands on one line, as it is', () => {
    const command = `psql -c 'SELECT ${'x'.repeat(200)}' --a 'b  c'`;
    const finding = aFinding({
      remedy: {
        summary: 'Do it.',
        risk: 'disruptive',
        steps: [{ on: 'primary', does: 'edit-file', kind: 'shell', text: command }],
      },
    });
    expect(text(aReport({ verdict: 'blocked', findings: [finding] })).split('\n')).toContain(`     db1$ ${command}`);
  });

  it('prose keeps to the width', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), { maxLength: 60 }),
        fc.integer({ min: 60, max: 100 }),
        (words, width) => {
          const printed = text(
            aReport({ findings: [aFinding({ message: words.join(' '), frame: null, evidence: [], remedy: null })] }),
            width,
          );
          for (const line of printed.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

it('what a step interrupts is told before a sentence in parentheses, and not in a second pair behind it', () => {
  expect(followedBy('Add an entry.', 'no interruption')).toBe('add an entry (no interruption)');
  expect(followedBy('Set mode=any (the default).', 'no interruption')).toBe(
    'set mode=any (the default) (no interruption)',
  );
  expect(followedBy('Point it there. (If the other is meant, start that one.)', 'no interruption')).toBe(
    'point it there (no interruption). If the other is meant, start that one',
  );
});
