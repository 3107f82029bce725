import { readFile } from 'node:fs/promises';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { json } from '../../src/report/json.ts';
import { aFinding, aReport } from './reports.ts';

const schema: unknown = JSON.parse(await readFile(new URL('../../schemas/report.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema as object);

const problems = (report: unknown): readonly string[] => {
  validate(report);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
};

describe('schemas/report.json', () => {
  it.each<[string, Report]>([
    ['a clean report', aReport()],
    ['a report with a finding', aReport({ verdict: 'blocked', findings: [aFinding()] })],
    [
      'a report with everything that is optional',
      aReport({
        command: 'clone',
        findings: [aFinding({ where: { side: 'client' }, frame: null, remedy: null })],
        acceptedUnexamined: ['command/no-sync'],
        rules: [
          { id: 'command/no-sync', outcome: 'unexamined', because: 'no', remedy: 'add --admin', severity: 'info' },
        ],
        steps: [
          {
            name: 'pg_basebackup',
            outcome: 'done',
            elapsedMs: 12,
            details: [{ label: 'bytes', value: '1', source: '' }],
          },
        ],
      }),
    ],
  ])('describes %s', (_name, report) => {
    expect(problems(JSON.parse(json(report)))).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      'a rule that there is not',
      { rules: [{ id: 'slot/no-such-rule', outcome: 'passed', because: 'x' }] },
      /rules\/0\/id/,
    ],
    ['no rules at all', { rules: [] }, /rules must NOT have fewer/],
    ['a key that it does not know', { surprise: 1 }, /must NOT have additional properties/],
    ['another version', { schemaVersion: '2.0' }, /schemaVersion must be equal to constant/],
    [
      'a step on no machine',
      { findings: [aFinding({ remedy: { summary: 'x', risk: 'safe', steps: [] } })] },
      /steps must NOT have fewer/,
    ],
  ])('refuses %s', (_name, change, problem) => {
    expect(problems({ ...aReport(), ...change }).join('\n')).toMatch(problem);
  });
});
