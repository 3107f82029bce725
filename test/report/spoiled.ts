import { readFileSync } from 'node:fs';

import * as fc from 'fast-check';

import type { Report } from '../../src/findings/report.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- test/report/formats.test.ts holds it to the schema
export const sample = JSON.parse(
  readFileSync(new URL('../../fixtures/formats/report.json', import.meta.url), 'utf8'),
) as Report;

/** What would do something in one format or another. */
const pieces = fc.constantFrom(
  ...['\n', '\r\n', '\u0085', '\u2028', '\u001b[31m', '\u001b]0;title\u0007', '\u202e', '\ud800', '\ufffe', '\u0000'],
  ...['::set-output name=x::y', ' ::add-mask::z', '##[add-path]/evil', '##vso[task.setvariable]x', '%0A::error::x'],
  ...[']]>', '<script>alert(1)</script>', '<!--', '-->', '&', '"', "'", '\\', '\\"', '`', '``````', '~~~'],
  ...['|', "| 'x'=1", '\n# TYPE evil gauge\nevil 1', '"} 1\nevil{a="', '{{', '{0}', ',', '='],
  ...['[x](javascript:alert(1))', '![x](http://evil/)', '@everyone', '# ', '- ', '***', '__', 'a word', '/a/path'],
);
export const hostile = fc.array(pieces, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));

/** What is not free text: the words that the program itself chooses among. */
const fixed = new Set([
  ...['schemaVersion', 'name', 'version', 'command', 'startedAt', 'verdict', 'severity', 'side', 'risk', 'on', 'kind'],
  ...['does', 'outcome', 'way', 'source', 'unit', 'id', 'rule', 'causedBy', 'causes', 'for', 'docs', 'mark'],
  ...['role', 'state', 'decision', 'target'],
]);

/** The report with this text in every field that may have any. */
export const spoiled = (text: string, report = sample): Report => {
  const spoil = (key: string, value: unknown, free: boolean): unknown => {
    if (typeof value === 'string') return free ? text : value;
    if (Array.isArray(value)) return value.map((one: unknown) => spoil(key, one, free));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        spoil(name, one, !fixed.has(name) || (name === 'source' && key === 'evidence')),
      ]),
    );
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its shape is that of the report
  return spoil('', report, true) as Report;
};
