import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { formatNames, formatOf } from '../../src/report/formats.ts';
import type { FormatName } from '../../src/report/formats.ts';
import { githubSummary } from '../../src/report/github.ts';
import { noPaint } from '../../src/report/paint.ts';
import { with500 } from './reports.ts';
import { sample } from './spoiled.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const parsed = (text: string): unknown => JSON.parse(text);
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

const folder = mkdtempSync(join(tmpdir(), 'standbylint-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the consumer of a format says against a text; nothing where it takes it. */
const objections: Readonly<Partial<Record<FormatName, (text: string) => string>>> = {
  sarif: (text) => bySchema('sarif', sarifSchema(), parsed(text)),
  gitlab: (text) => bySchema('gitlab', gitlabSchema, parsed(text)),
  json: (text) => bySchema('json', parsed(readFileSync(at('../schemas/report.json'), 'utf8')), parsed(text)),
  junit: (text) => said('xmllint', ['--noout', '--schema', at('schemas/jenkins-junit.xsd'), inFile(text)]),
  prometheus: (text) => said('promtool', ['check', 'metrics'], text),
};

/** Draft 4, whose `id` ajv calls `$id`. */
function sarifSchema(): object {
  const written = readFileSync(at('schemas/sarif-2.1.0-rtm.5.json'), 'utf8');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is an object
  const { $schema: _draft, id: _id, ...schema } = parsed(written) as Record<string, unknown>;
  return schema;
}

/** https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format: the keys that it requires. */
const gitlabSchema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    properties: {
      description: { type: 'string', minLength: 1 },
      check_name: { type: 'string', minLength: 1 },
      fingerprint: { type: 'string', minLength: 1 },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: {
        type: 'object',
        required: ['path', 'lines'],
        properties: {
          path: { type: 'string', pattern: '^[^/.]' },
          lines: { type: 'object', required: ['begin'], properties: { begin: { type: 'integer', minimum: 1 } } },
        },
      },
    },
  },
};

const compiled = new Map<FormatName, ValidateFunction>();

function bySchema(name: FormatName, schema: unknown, value: unknown): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is an object
  const given = schema as object;
  const options = { strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false };
  const validate = compiled.get(name) ?? ('$schema' in given ? new Ajv2020(options) : new Ajv(options)).compile(given);
  compiled.set(name, validate);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`).join('\n');
}

function inFile(text: string): string {
  const file = join(folder, 'text');
  writeFileSync(file, text);
  return file;
}

function said(program: string, words: readonly string[], input = ''): string {
  try {
    execFileSync(program, words, { input, stdio: 'pipe' });
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

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
  expect(parsed(await text('gitlab'))).toHaveLength(error + warning + info);
  expect(await text('nagios')).toContain(`errors=${error} warnings=${warning} not_checked=${unexamined}`);
  expect(await text('prometheus')).toMatch(new RegExp(`standbylint_findings\\{.*severity="error"\\} ${error}`, 'u'));
});
