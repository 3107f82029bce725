/** A schema of ours (JSON Schema 2020-12), as far as they use its keywords. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly pattern?: string;
}

/** What does not fit, with its place (`findings/0/title must be text`); undefined where all fits. Unknown keys are let pass. */
export function misfit(value: unknown, schema: Schema, at = ''): string | undefined {
  const here = at === '' ? 'it' : at;
  const { anyOf, items, properties = {}, required = [] } = schema;
  if (anyOf !== undefined && anyOf.every((one) => misfit(value, one, at) !== undefined))
    return anyOf.length > 1 && value !== null
      ? misfit(value, anyOf[0] ?? {}, at)
      : `${here} has a value that is not allowed`;
  if ('const' in schema && value !== schema.const) return `${here} is not ${JSON.stringify(schema.const)}`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return `${here} has a value that is not allowed`;
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  if (types !== undefined && !types.some((type) => isOf(type, value)))
    return `${here} is not of type ${types.join(' or ')}`;
  if (typeof value === 'string') {
    if (value.length < (schema.minLength ?? 0)) return `${here} is empty`;
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
      return `${here} does not match ${schema.pattern}`;
  }
  if (typeof value === 'number' && value < (schema.minimum ?? -Infinity))
    return `${here} is less than ${schema.minimum ?? 0}`;
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) return `${here} is empty`;
    return firstOf(value.map((one: unknown, index) => () => items && misfit(one, items, below(at, String(index)))));
  }
  if (!isObject(value)) return undefined;
  const missing = required.find((key) => !(key in value));
  if (missing !== undefined) return `${here} has no ${missing}`;
  return firstOf(
    Object.entries(properties).map(
      ([key, one]) =>
        () =>
          key in value ? misfit(value[key], one, below(at, key)) : undefined,
    ),
  );
}

const below = (at: string, key: string): string => (at === '' ? key : `${at}/${key}`);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function firstOf(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const found = look();
    if (found !== undefined) return found;
  }
  return undefined;
}
