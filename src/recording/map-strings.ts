/** The same value with every text in it replaced, those that Maps and Sets hold and are keyed by among them. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the same shape, by the cases below
  return mapped(value, change) as T;
}

function mapped(value: unknown, change: (text: string) => string): unknown {
  const inner = (one: unknown): unknown => mapped(one, change);
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [inner(key), inner(one)]));
  if (value instanceof Set) return new Set([...value].map(inner));
  if (Object.getPrototypeOf(value) !== Object.prototype || 'reveal' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]));
}
