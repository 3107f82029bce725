import { describe, expect, it } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { formatNames, formatOf } from '../../src/report/formats.ts';
import type { FormatName } from '../../src/report/formats.ts';
import { githubSummary } from '../../src/report/github.ts';
import { noPaint } from '../../src/report/paint.ts';
import { at, objections } from './consumers.ts';
import { with500 } from './reports.ts';
import { sample } from './spoiled.ts';

const rendered = async (name: FormatName, report: Report): Promise<string> =>
  (await formatOf(name).renderer())(report, { width: 80, paint: noPaint, full: false, rules });

const rules = new Map(
  sample.rules.map(({ id }) => [
    id,
    {
      title: `The title of ${id}`,
      severity: 'error' as const,
      docs: { what: 'What it checks.', why: 'Why it matters.' },
    },
  ]),
);

const extensions: Readonly<Record<FormatName, string>> = {
  ...{ stylish: 'stylish.txt', compact: 'compact.txt', json: 'json', sarif: 'sarif', junit: 'junit.xml' },
  ...{ github: 'github.txt', gitlab: 'gitlab.json', markdown: 'md', nagios: 'nagios.txt', prometheus: 'prom' },
  html: 'html',
};

describe.each(formatNames)('%s', (name) => {
  it('shows the sample as it is known to', async () => {
    await expect(await rendered(name, sample)).toMatchFileSnapshot(at(`formats/report.${extensions[name]}`));
  });

  it('is what its consumer takes, also of a report with nothing in it', async () => {
    const summary = { error: 0, warning: 0, info: 0, passed: 1, unexamined: 0, notApplicable: 0 };
    const { scene: _scene, measures: _measures, ...rest } = sample;
    const plan = { ...sample.plan, steps: [], alternatives: [] };
    const rules = sample.rules.slice(0, 1);
    const clean: Report = { ...rest, verdict: 'healthy', summary, findings: [], recovery: null, plan, rules };
    for (const report of [sample, clean]) expect(objections[name]?.(await rendered(name, report)) ?? '').toBe('');
  });

  it('takes less than a second for 500 findings', async () => {
    const report = with500(sample);
    await rendered(name, sample);
    const before = performance.now();
    const text = await rendered(name, report);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(objections[name]?.(text) ?? '').toBe('');
    if (name === 'nagios') expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    if (name === 'nagios') expect(text).toMatch(/\.\.\. \| errors=500 .* free_space=\d+B;;;0;\d+\n$/u);
  });
});

it('gives a job summary that GitHub takes', () => {
  expect(Buffer.byteLength(githubSummary(with500(sample)))).toBeLessThan(1024 * 1024);
});

it('agrees on the counts in all formats', async () => {
  const { error, warning, info, unexamined, passed } = sample.summary;
  const text = async (name: FormatName): Promise<string> => rendered(name, sample);
  const count = (whole: string, pattern: RegExp): number => whole.match(pattern)?.length ?? 0;
  expect(await text('compact')).toContain(
    `${error} errors, ${warning} warning, ${info} notes, ${passed} passed, ${unexamined} not checked`,
  );
  const sarif = await text('sarif');
  expect(count(sarif, /^ {10}"ruleId"/gmu)).toBe(error + warning + info);
  expect(count(sarif, /was not checked/gu)).toBe(unexamined);
  const junit = await text('junit');
  expect(count(junit, /<failure /gu)).toBe(error + warning + info);
  expect(count(junit, /<error /gu)).toBe(unexamined);
  const github = await text('github');
  expect(count(github, /^::error /gmu)).toBe(error);
  expect(count(github, /^::warning /gmu)).toBe(warning);
  expect(JSON.parse(await text('gitlab'))).toHaveLength(error + warning + info);
  expect(await text('nagios')).toContain(`errors=${error} warnings=${warning} not_checked=${unexamined}`);
  expect(await text('prometheus')).toMatch(new RegExp(`standbylint_findings\\{.*severity="error"\\} ${error}`, 'u'));
});
