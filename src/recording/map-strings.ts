/**
 * The same value with every text in it replaced, those that Maps and Sets hold and are keyed by among them. `key` is that
 * of the property which holds the text; of what a list holds, that of the list.
 */
export function mapStrings<T>(value: T, change: (text: string, key: string) => string): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the same shape, by the cases below
  return mapped(value, change, '') as T;
}

function mapped(value: unknown, change: (text: string, key: string) => string, key: string): unknown {
  const inner = (one: unknown): unknown => mapped(one, change, key);
  if (typeof value === 'string') return change(value, key);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Map) return new Map([...value].map(([name, one]) => [inner(name), inner(one)]));
  if (value instanceof Set) return new Set([...value].map(inner));
  if (Object.getPrototypeOf(value) !== Object.prototype || 'reveal' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapped(one, change, name)]));
}
