import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { expectSaysWhatItDoes, stepsOf } from '../remedies/says-what-it-does.ts';

const schema: unknown = JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allErrors: true, strict: true, formats: { 'date-time': true } }).compile(
  schema as object,
);

/** The report fits the schema that the package ships, and keeps the promises that a schema cannot express. */
export function expectValidReport(report: Report): void {
  validate(report);
  expect((validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)).toEqual([]);
  const ids = report.rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const failed = new Set(report.findings.map(({ rule }) => rule));
  expect(
    report.rules
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...failed].sort());
  for (const finding of report.findings)
    if (finding.causedBy !== null)
      expect(report.findings.find(({ id }) => id === finding.causedBy)?.causes).toContain(finding.id);
  const remedies = report.findings.flatMap(({ remedy }) => (remedy === null ? [] : stepsOf(remedy)));
  for (const step of [...remedies, ...report.plan.steps.map((one) => one.step), ...(report.recovery?.steps ?? [])])
    expectSaysWhatItDoes(step);
}
