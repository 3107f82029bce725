import { describe, expect, it } from 'vitest';

import { exitStatus } from '../../src/cli/output/exit-status.ts';
import type { Policy } from '../../src/findings/policy.ts';
import type { Report } from '../../src/findings/report.ts';
import { formatNames, formatOf } from '../../src/report/formats.ts';
import { noPaint } from '../../src/report/paint.ts';
import { reportOf } from '../transcripts/run.ts';
import type { Situation } from '../transcripts/run.ts';
import { situations } from '../transcripts/situations.ts';

const aPolicy = (change: Partial<Policy>): Policy => ({
  file: '/etc/standbylint.config.json',
  target: null,
  severity: {},
  ignore: [],
  accepted: [],
  thresholds: {},
  ...change,
});

const accepting = (rule: string, subject: string, until = '2027-01-31'): Policy =>
  aPolicy({ accepted: [{ rule, subject, reason: 'it moves in January', until, forThisRun: true }] });

const under = async (situation: Situation, policy: Policy): Promise<Report> =>
  (await reportOf({ ...situation, policy })).report;

const situation = (name: string): Situation => {
  const found = situations[name];
  if (found === undefined) throw new Error(`there is no situation ${name}`);
  return found;
};

const outcomeOf = ({ rules }: Report, id: string): string | undefined => rules.find((rule) => rule.id === id)?.outcome;
const statusOf = (report: Report): number => exitStatus(report, 'error');
const byRule = ({ findings }: Report, rule: string) => findings.find((finding) => finding.rule === rule);

describe('an accepted error', () => {
  const broken = situation('broken-two-faults');
  const accepted = ['standby/signal-missing', 'standby/permissions'];

  it('leaves the verdict, the plan and the recovery, and changes the exit status', async () => {
    const plain = (await reportOf(broken)).report;
    expect(plain.findings.filter(({ causedBy }) => causedBy === null).map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(accepted),
    );
    const policy = aPolicy({
      accepted: accepted.map((rule) => ({
        rule,
        subject: plain.subject.dataDirectory ?? '',
        reason: 'it moves in January',
        until: '2027-01-31',
        forThisRun: true,
      })),
    });
    const report = await under(broken, policy);
    expect([report.verdict, statusOf(plain), statusOf(report)]).toEqual(['broken', 1, 0]);
    expect([report.plan, report.recovery]).toEqual([plain.plan, plain.recovery]);
    // consequences too
    expect(report.findings.filter((one) => one.severity === 'error' && one.accepted === undefined)).toEqual([]);
    expect(report.summary.error).toBe(plain.summary.error);
  });

  it('is told as accepted in every format', async () => {
    const { report } = await reportOf(broken);
    const policy = accepting('standby/signal-missing', report.subject.dataDirectory ?? '');
    const told = await under(broken, policy);
    for (const name of formatNames) {
      const text = (await formatOf(name).renderer())(told, { width: 80, paint: noPaint, full: false });
      expect(text, name).toMatch(name === 'prometheus' ? /accepted_findings\{.*\} [1-9]/u : /it moves in January/u);
    }
  });

  it('comes back when the day is over, and says so', async () => {
    const policy = accepting('standby/signal-missing', '/var/lib/postgresql/15/standby', '2026-11-20');
    const report = await under(broken, policy);
    expect(byRule(report, 'standby/signal-missing')?.accepted).toBeUndefined();
    expect(byRule(report, 'configuration/acceptance-expired')?.message).toMatch(/until 2026-11-20/u);
    expect(statusOf(report)).toBe(1);
    const today = await under(
      broken,
      accepting('standby/signal-missing', '/var/lib/postgresql/15/standby', '2026-11-21'),
    );
    expect(byRule(today, 'standby/signal-missing')?.accepted).toBeDefined();
  });

  it('of data in danger is not accepted', async () => {
    const rules: Situation['rules'] = (all) =>
      all.map((rule) => (rule.id === 'standby/signal-missing' ? { ...rule, endangersData: true } : rule));
    const policy = accepting('standby/signal-missing', '/var/lib/postgresql/15/standby');
    const report = await under({ ...broken, rules }, policy);
    expect(byRule(report, 'standby/signal-missing')?.accepted).toBeUndefined();
  });
});

describe('an acceptance that meets nothing', () => {
  const healthy = situation('healthy');

  it('is a note where it is meant for this run, and leaves the verdict', async () => {
    const report = await under(healthy, accepting('standby/permissions', 'db7'));
    expect(report.findings.map(({ rule, severity }) => [rule, severity])).toContainEqual([
      'configuration/acceptance-unmatched',
      'info',
    ]);
    expect([report.verdict, statusOf(report)]).toEqual(['healthy', 0]);
  });

  it('is none where it is meant for another one, or its rule was not of this run', async () => {
    const [one] = accepting('standby/permissions', 'db7').accepted;
    const other = one === undefined ? [] : [{ ...one, forThisRun: false }];
    const elsewhere = await under(healthy, aPolicy({ accepted: other }));
    const foreign = await under(healthy, accepting('target/not-empty', 'db7'));
    expect([elsewhere, foreign].map((report) => byRule(report, 'configuration/acceptance-unmatched'))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('finds a subject as a whole word only', async () => {
    const { report } = await reportOf(situation('broken-two-faults'));
    const title = byRule(report, 'standby/signal-missing')?.title ?? '';
    const [word = ''] = title.split(' ');
    const whole = await under(situation('broken-two-faults'), accepting('standby/signal-missing', word));
    const part = await under(situation('broken-two-faults'), accepting('standby/signal-missing', word.slice(0, -1)));
    expect([whole, part].map((one) => byRule(one, 'standby/signal-missing')?.accepted !== undefined)).toEqual([
      true,
      false,
    ]);
  });
});

describe('severity and ignore', () => {
  it('an ignored warning is no finding, and its rule says so', async () => {
    const name = 'degraded';
    const plain = (await reportOf(situation(name))).report;
    const warning = plain.findings.find(({ severity }) => severity === 'warning');
    const rule = warning?.rule ?? '';
    const report = await under(situation(name), aPolicy({ ignore: [rule] }));
    expect(byRule(report, rule)).toBeUndefined();
    expect(outcomeOf(report, rule)).toBe('not-applicable');
    expect(report.configuration?.ignored).toEqual([rule]);
  });

  it('a warning that is raised to an error gives exit status 1, and no broken standby', async () => {
    const plain = (await reportOf(situation('degraded'))).report;
    const warning = plain.findings.find(({ severity }) => severity === 'warning');
    const rule = warning?.rule ?? '';
    const report = await under(situation('degraded'), aPolicy({ severity: { [rule]: 'error' } }));
    expect([report.verdict, statusOf(plain), statusOf(report)]).toEqual(['degraded', 0, 1]);
    expect(byRule(report, rule)).toMatchObject({ severity: 'error', ownSeverity: 'warning' });
    expect(report.plan).toEqual(plain.plan);
    expect(report.recovery).toBeNull();
  });

  it('an error stays one, whatever the configuration says', async () => {
    const broken = situation('broken-two-faults');
    const policy = aPolicy({
      severity: { 'standby/signal-missing': 'info' },
      ignore: ['standby/signal-missing'],
    });
    const report = await under(broken, policy);
    expect(byRule(report, 'standby/signal-missing')).toMatchObject({ severity: 'error' });
    expect(report.verdict).toBe('broken');
  });
});
