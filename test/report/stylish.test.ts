import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Remedy, Report } from '../../src/facts/report.ts';
import { noPaint, paintOf } from '../../src/report/paint.ts';
import { stylish } from '../../src/report/stylish.ts';
import { aFinding, aReport } from './reports.ts';

const scene = { endpoint: 'db1:5432', primaryName: 'db1', source: 'primary', copyBytes: 44_023_414_784n } as const;
const text = (report: Report, width = 80): string => stylish(report, { width, paint: noPaint, scene });

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
      remedy: 'add --admin CONNINFO, a login of a superuser or of a member of pg_monitor',
    })),
  ],
});

describe('stylish', () => {
  it('tells a root cause with its evidence, its consequences and its remedy', () => {
    expect(text(blocked)).toMatchInlineSnapshot(`
      "
        db1:5432  PostgreSQL 15.18 primary, 41 GB
        →  /var/lib/postgresql/15/main on this host

      ✖ error  pg_hba.conf has no entry that lets replicator in for replication
                                                              hba/no-replication-entry
               The server matches lines from the top for (database replication, user
               replicator, address 10.0.0.7, no encryption) and finds none.
               └─ The WAL receiver does not run                streaming/not-connected

                 /etc/postgresql/15/main/pg_hba.conf:97 on db1

                 94 │ host  all  all  10.0.0.0/8
                    │ ╰ "all" is not replication
                 97 │ host replication replicator 10.0.1.0/24 scram-sha-256
                    │ ╰ 10.0.0.7 is outside

                 address  10.0.0.7  (the replication login)

               Mend it: let this role in from this address, and reload (nobody is
               disturbed)

                 db1$ cp -p /etc/postgresql/15/main/pg_hba.conf /etc/postgresql/15/main/pg_hba.conf.before-2026-11-21T200000 &&
                      printf '\\n%s\\n' '# a\\tline' >> /etc/postgresql/15/main/pg_hba.conf
                 db1=# SELECT pg_reload_conf();
                 here: Run this again, and where it says that nothing stands in the
                       way, run pg_basebackup.

      ? not examined  1 rule could not be examined because of this:
               pg_authid: permission denied
               Rules: role/no-password.
               To see it, grant this:

                 db1=# GRANT pg_monitor TO monitor;
                 db1=# GRANT SELECT ON pg_authid TO monitor;

      ? not examined  4 rules could not be examined because of this:
               no --admin connection was given
               Rules: role 3, slot 1.
               To see it: add --admin CONNINFO, a login of a superuser or of a member
               of pg_monitor
               Accepted without a look: slot/lost.

        1 error, 1 warning · 60 rules passed, 4 not examined, 5 not applicable · 0.18 s
        Not ready: the copy would fail, or its standby would not stream. Run the three
        steps above (of what is marked error), then this again.
        "db1$" is a shell of the user that owns the data directory there, "db1=#" is
        psql as a superuser there.
      "
    `);
  });

  it('shows two ways with what each costs, and the steps of both', () => {
    const copy = 'pg_basebackup -D /var/lib/postgresql/15/main -R -X stream';
    const remedy: Remedy = {
      summary: 'Let the standby read the archive.',
      risk: 'disruptive',
      steps: [{ on: 'standby', kind: 'sql', does: 'run', text: 'SELECT pg_reload_conf();' }],
      alternatives: [
        {
          summary: 'Make a new copy of the primary; the old directory is moved aside.',
          risk: 'destructive',
          steps: [{ on: 'standby', kind: 'shell', does: 'run', text: copy }],
          because:
            'Two ways serve. The first: 101 MB of WAL to fetch and to replay, at a rate that was not measured here. The other: 41 GB are to be copied, about 7 min at the 100 MB/s that this directory was last copied with.',
          cost: { copyBytes: 41_000_000_000, replayBytes: null, downtimeSeconds: 410 },
        },
      ],
      cost: { copyBytes: 101_000_000, replayBytes: 101_000_000, downtimeSeconds: null },
    };
    const finding = aFinding({ frame: null, evidence: [], message: 'It is gone.', remedy });
    const report = aReport({ verdict: 'broken', summary: { ...aReport().summary, error: 1 }, findings: [finding] });
    const lines = text(report).split('\n');
    const from = lines.findIndex((line) => line.includes('Mend it'));
    expect(lines.slice(from).join('\n')).toMatchInlineSnapshot(`
      "         Mend it: let the standby read the archive (this restarts or interrupts
               something)

                 here=# SELECT pg_reload_conf();

               Two ways serve. The first: 101 MB of WAL to fetch and to replay, at a
               rate that was not measured here. The other: 41 GB are to be copied,
               about 7 min at the 100 MB/s that this directory was last copied with.

               Or: make a new copy of the primary; the old directory is moved aside
               (this moves or overwrites data)

                 here$ pg_basebackup -D /var/lib/postgresql/15/main -R -X stream

        1 error · 61 rules passed, 9 not applicable · 0.18 s
        Broken: this standby does not follow its primary, or will not. Run the steps
        above, of the one way or of the other, then this again.
        "here$" is a shell of the user that owns the standby's data directory,
        "here=#" is psql as a superuser on the standby.
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
        db1:5432  PostgreSQL 15.18 primary, 41 GB
        →  /var/lib/postgresql/15/main on this host

        Nothing found · 61 rules passed, 9 not applicable · 0.18 s
        Ready: nothing stands in the way of pg_basebackup. "standbylint clone" with
        the same options runs it and verifies the copy; --start also starts the
        standby.
      "
    `);
  });

  it('says that nobody can say', () => {
    expect(text(aReport({ verdict: 'unknown', complete: false }))).toMatch(/Nobody can say yes/);
  });

  it('shows a rule that crashed', () => {
    const report = aReport({
      verdict: 'unknown',
      rules: [{ id: 'role/a', outcome: 'crashed', because: 'x is not a function' }],
    });
    expect(text(report)).toMatch(
      /! role\/a could not be judged, by a fault of standbylint itself: x is not a\s+function/,
    );
  });

  it('names this machine apart from a primary on the same machine', () => {
    const here = stylish(blocked, { width: 80, paint: noPaint, scene: { ...scene, primaryName: 'primary' } });
    expect(here).toContain('primary$ cp -p');
    expect(here).toContain('here: Run this again');
  });

  it('colours only when it is told to', async () => {
    const escape = String.fromCharCode(27);
    expect(text(blocked)).not.toContain(escape);
    expect(await paintOf(0)).toBe(noPaint);
    expect(stylish(blocked, { width: 80, paint: await paintOf(1), scene })).toContain(`${escape}[`);
  });

  it('measures texts before it colours them', async () => {
    const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'gu');
    expect(stylish(blocked, { width: 80, paint: await paintOf(3), scene }).replaceAll(colours, '')).toBe(text(blocked));
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
        frame: { file: value.path, lines: [{ number: 1, text: value.text, remark: value.remark }] },
        remedy: {
          summary: value.title,
          risk: 'safe',
          steps: [
            { on: 'primary', kind: 'sql', does: 'run', text: value.text },
            { on: 'client', kind: 'manual', does: 'by-hand', text: value.message },
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
        const printed = stylish(reportWith(value), {
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
        steps: [{ on: 'primary', kind: 'shell', does: 'run', text: command }],
      },
    });
    expect(text(aReport({ findings: [finding] })).split('\n')).toContain(`           db1$ ${command}`);
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
