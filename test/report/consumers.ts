import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll } from 'vitest';

import type { FormatName } from '../../src/report/formats.ts';

export const at = (path: string): string => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const parsed = (text: string): unknown => JSON.parse(text);

const folder = mkdtempSync(join(tmpdir(), 'standbylint-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the consumer of a format says against a text; nothing where it takes it. */
export const objections: Readonly<Partial<Record<FormatName, (text: string) => string>>> = {
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

const compiled = new Map<string, ValidateFunction>();

export function bySchema(name: string, schema: unknown, value: unknown): string {
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
