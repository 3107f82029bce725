import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { changesSince, sharedCauses } from '../../../src/cli/fleet/causes.ts';
import type { Finding, Report } from '../../../src/findings/report.ts';
import { aFinding, aReport } from '../../report/reports.ts';

const finding = fc
  .record({
    rule: fc.constantFrom('hba/no-replication-entry', 'slot/missing', 'standby/permissions'),
    severity: fc.constantFrom('error' as const, 'warning' as const, 'info' as const),
    side: fc.constantFrom('primary' as const, 'standby' as const),
    file: fc.constantFrom('/etc/a', '/etc/b'),
    title: fc.constantFrom('It is 3 MB behind', 'It is 7 MB behind', 'slot s1', 'slot s2'),
    isConsequence: fc.boolean(),
    isAccepted: fc.boolean(),
  })
  .map(({ rule, severity, side, file, title, isConsequence, isAccepted }): Finding => {
    const { accepted: _, ...plain } = aFinding({ rule, severity, title, where: { side, file } });
    return {
      ...plain,
      causedBy: isConsequence ? 'f1' : null,
      ...(isAccepted ? { accepted: { reason: 'r', until: '2027-01-31' } } : {}),
    };
  });

const target = fc
  .record({ primary: fc.constantFrom('db1:5432', 'db2:5432'), findings: fc.array(finding, { maxLength: 4 }) })
  .map(({ primary, findings }) =>
    aReport({
      findings: findings.map((one, at) => ({ ...one, id: `f${at + 1}` })),
      subject: { ...aReport().subject, primary },
    }),
  );

const fleet = fc
  .array(fc.option(target, { freq: 5 }), { maxLength: 8 })
  .map((reports) => reports.map((report, at) => ({ target: `t${at}`, report })));

const counting = (report: Report | null): readonly Finding[] =>
  (report?.findings ?? []).filter(
    ({ causedBy, severity, accepted }) => causedBy === null && severity !== 'info' && accepted === undefined,
  );

describe('the same root cause over many targets', () => {
  it('is told once, and every root cause is told', () => {
    fc.assert(
      fc.property(fleet, (targets) => {
        const causes = sharedCauses(targets);
        // each root of each target is in exactly one of them
        for (const { target: name, report } of targets)
          for (const { rule, severity, title, where } of counting(report)) {
            const its = causes.filter(
              (cause) =>
                cause.rule === rule &&
                cause.severity === severity &&
                cause.title.replaceAll(/\d+ MB/gu, '#') === title.replaceAll(/\d+ MB/gu, '#') &&
                cause.primary === (where.side === 'primary' ? report?.subject.primary : null) &&
                cause.targets.includes(name),
            );
            expect(its.length).toBeGreaterThan(0);
          }
        // and none is there that no target has
        for (const { rule, severity, targets: whose } of causes) {
          expect(new Set(whose).size).toBe(whose.length);
          for (const name of whose)
            expect(
              counting(targets.find((one) => one.target === name)?.report ?? null).some(
                (one) => one.rule === rule && one.severity === severity,
              ),
            ).toBe(true);
        }
      }),
    );
  });

  it.each<{
    why: string;
    subjects: readonly (readonly string[])[];
    told: readonly (string | null)[];
  }>([
    {
      why: 'a name and the address that it leads to are one server',
      subjects: [['10.0.0.1:5432'], ['db1:5432', '10.0.0.1'], ['db1.lan:5432', '10.0.0.1']],
      told: ['db1:5432'],
    },
    {
      why: 'a name that leads to two servers',
      subjects: [
        ['db:5432', '10.0.0.1'],
        ['db:5432', '10.0.0.2'],
      ],
      told: ['db:5432', 'db:5432'],
    },
    {
      why: 'the loopback addresses of two machines are two servers, and those of one cluster are one',
      subjects: [
        ['127.0.0.1:5432', '127.0.0.1', '71'],
        ['127.0.0.1:5432', '127.0.0.1', '72'],
        ['localhost:5432', '127.0.0.1', '72'],
      ],
      told: ['localhost:5432', '127.0.0.1:5432'],
    },
    {
      why: 'the same private address in two networks',
      subjects: [
        ['10.0.0.5:5432', '10.0.0.5', '71'],
        ['10.0.0.5:5432', '10.0.0.5', '72'],
        ['db:5432', '10.0.0.5', '72'],
      ],
      told: ['db:5432', '10.0.0.5:5432'],
    },
    {
      why: 'a private address of which not every target knows the cluster is one server while one cluster is known',
      subjects: [['fd00::5:5432', 'fd00::5', '71'], ['fd00::5:5432', 'fd00::5'], ['fd00::5:5432']],
      told: ['fd00::5:5432'],
    },
    {
      why: 'a public address is one server, whatever cluster a standby itself is of',
      subjects: [
        ['192.0.2.1:5432', '192.0.2.1', '71'],
        ['192.0.2.1:5432', '192.0.2.1', '72'],
      ],
      told: ['192.0.2.1:5432'],
    },
  ])('tells servers apart by their addresses: $why', ({ subjects, told }) => {
    const targets = subjects.map(([primary = '', primaryAddress, systemIdentifier], at) => ({
      target: `t${at}`,
      report: aReport({
        findings: [aFinding({ rule: 'slot/missing', severity: 'error', where: { side: 'primary' }, causedBy: null })],
        subject: { ...aReport().subject, primary, ...(primaryAddress === undefined ? {} : { primaryAddress }) },
        topology: [
          { side: 'standby', role: 'standby', ...(systemIdentifier === undefined ? {} : { systemIdentifier }) },
        ],
      }),
    }));
    expect(sharedCauses(targets).map(({ primary }) => primary)).toEqual(told);
  });

  it('does not depend on the order of the targets', () => {
    const plain = (targets: Parameters<typeof sharedCauses>[0]) =>
      sharedCauses(targets)
        .map(({ rule, severity, primary, targets: whose }) =>
          JSON.stringify([rule, severity, primary, whose.toSorted()]),
        )
        .toSorted();
    fc.assert(
      fc.property(fleet, (targets) => {
        expect(plain(targets.toReversed())).toEqual(plain(targets));
      }),
    );
  });

  it('of one primary is another one on another primary, and the gravest come first', () => {
    const hba = (primary: string) => aReport({ findings: [aFinding()], subject: { ...aReport().subject, primary } });
    const warning = aReport({ findings: [aFinding({ severity: 'warning', where: { side: 'standby' } })] });
    const causes = sharedCauses([
      { target: 'w', report: warning },
      { target: 'a', report: hba('db1:5432') },
      { target: 'b', report: hba('db2:5432') },
      { target: 'c', report: hba('db2:5432') },
    ]);
    expect(causes.map(({ severity, primary, targets }) => [severity, primary, targets])).toEqual([
      ['error', 'db2:5432', ['b', 'c']],
      ['error', 'db1:5432', ['a']],
      ['warning', null, ['w']],
    ]);
  });
});

const run = (day: string, targets: Parameters<typeof sharedCauses>[0]) => ({
  ...{ startedAt: `2026-11-${day}T10:00:00.000Z`, targets },
});

describe('since an earlier run', () => {
  it('a root cause keeps the time when it was seen first, over as many runs as were compared', () => {
    fc.assert(
      fc.property(fleet, (targets) => {
        let before: Parameters<typeof changesSince>[0] = run('01', targets);
        for (const day of ['02', '03', '04']) {
          const since = changesSince(before, run(day, targets));
          expect([since.new, since.gone]).toEqual([[], []]);
          for (const { firstSeen } of since.same) expect(firstSeen).toBe(run('01', []).startedAt);
          before = { ...run(day, targets), since };
        }
        const gone = run(
          '05',
          targets.map((one) => ({ ...one, report: one.report && { ...one.report, findings: [] } })),
        );
        for (const { firstSeen } of changesSince(before, gone).gone) expect(firstSeen).toBe(run('01', []).startedAt);
        for (const { firstSeen } of changesSince(gone, run('06', targets)).new)
          expect(firstSeen).toBe(run('06', []).startedAt);
      }),
    );
  });

  it('every root cause is new, gone or the same, and nothing is said of what was not examined twice', () => {
    fc.assert(
      fc.property(fleet, fleet, (before, now) => {
        const { new: found, gone, same } = changesSince(run('01', before), run('02', now));
        const both = now.filter(
          ({ target: name, report }) =>
            report !== null && before.some((one) => one.target === name && one.report !== null),
        );
        const count = (targets: typeof now): number =>
          targets
            .filter(({ target: name }) => both.some((one) => one.target === name))
            .reduce((sum, { report }) => sum + counting(report).length, 0);
        expect(found.length + same.length).toBe(count(now));
        expect(gone.length + same.length).toBe(count(before));
      }),
    );
  });
});
