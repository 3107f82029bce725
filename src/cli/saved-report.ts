import schema from '../../schemas/report.json' with { type: 'json' };
import { misfit } from './fits-schema.ts';
import type { Schema } from './fits-schema.ts';

/** What keeps a value from being a report, in words; undefined where it is one. */
export const reportProblem = (value: unknown): string | undefined => misfit(value, tolerantSchema());

/** Another release may have keys and rules that this one does not know. Reports before 1.1 have no plan. */
function tolerantSchema(): Schema {
  const written = JSON.stringify(schema, (key, value: unknown) => {
    if (key === 'schemaVersion') return { type: 'string', pattern: '^1\\.[1-9]' };
    return isRule(value) ? { type: 'string', minLength: 1 } : value;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was one
  return JSON.parse(written) as Schema;
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
