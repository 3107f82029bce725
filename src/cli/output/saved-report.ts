import { Ajv2020 } from 'ajv/dist/2020.js';

import schema from '../../../schemas/report.json' with { type: 'json' };

/** What keeps a value from being a report (`findings/0/title must be string`); undefined where it is one. */
export function reportProblem(value: unknown): string | undefined {
  const fits = new Ajv2020({ formats: { 'date-time': true } }).compile(tolerantSchema());
  if (fits(value)) return undefined;
  const { instancePath = '', message = '' } = fits.errors?.[0] ?? {};
  return `${instancePath === '' ? 'it' : instancePath.slice(1)} ${message}`;
}

/** Another release may have keys and rules that this one does not know. Reports before 1.1 have no plan. */
export function tolerantSchema(): typeof schema {
  const written = JSON.stringify(schema, (key, value: unknown) => {
    if (key === 'schemaVersion') return { type: 'string', pattern: '^1\\.[1-9]' };
    if (key === 'additionalProperties') return undefined;
    return isRule(value) ? { type: 'string', minLength: 1 } : value;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was one
  return JSON.parse(written) as typeof schema;
}

/** A rule is one of all, or a message of the log. */
function isRule(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('anyOf' in value) || !Array.isArray(value.anyOf)) return false;
  const [first]: readonly unknown[] = value.anyOf;
  return (
    typeof first === 'object' &&
    first !== null &&
    'enum' in first &&
    Array.isArray(first.enum) &&
    first.enum.length > 50
  );
}
