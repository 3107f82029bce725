import { mask, secret } from '../postgres/secret.ts';
import type { Secret } from '../postgres/secret.ts';

/**
 * JSON that also holds what JSON has no form for, as `{"$": "date", "value": …}`. An object with a key `$` of its own is
 * written as the list of its entries. What a secret says is never written: read again, it says `***`.
 */
export const toTaggedJson = (value: unknown): string => JSON.stringify(tagged(value));

/** Throws where the text is not what {@link toTaggedJson} writes. */
export const fromTaggedJson = (text: string): unknown => untagged(JSON.parse(text), 0);

function tagged(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tag('number', Object.is(value, -0) ? '-0' : String(value));
    case 'bigint':
      return tag('bigint', String(value));
    case 'undefined':
      return tag('undefined');
    case 'object':
      return value === null ? null : taggedObject(value);
    case 'function':
    case 'symbol':
      throw new TypeError(`a ${typeof value} cannot be recorded`);
  }
}

function taggedObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(tagged);
  if (value instanceof Date) return tag('date', Number.isNaN(value.getTime()) ? null : value.toISOString());
  if (value instanceof Map) return tag('map', [...value].map(tagged));
  if (value instanceof Set) return tag('set', [...value].map(tagged));
  if (value instanceof Uint8Array) return tag('bytes', Buffer.from(value).toString('base64'));
  if (isSecret(value)) return tag('secret');
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`an object of the class ${value.constructor.name} cannot be recorded`);
  const entries = Object.entries(value).map(([key, inner]) => [key, tagged(inner)] as const);
  return '$' in value ? tag('object', entries) : Object.fromEntries(entries);
}

const isSecret = (value: object): value is Secret => 'reveal' in value && typeof value.reveal === 'function';

const tag = (kind: string, value?: unknown): object => ({ $: kind, ...(value === undefined ? {} : { value }) });

/** Facts are nested less than twenty times. */
const deepest = 200;

function untagged(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) throw new TypeError('it is nested too deeply');
  if ('$' in value) {
    return ofKind(value.$, 'value' in value ? value.value : undefined, (one) => untagged(one, depth + 1));
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JSON.parse makes: an array, or an object of its own
  const parsed = value as Record<string, unknown>;
  // in its place, which no other code holds, and without a list of its entries: to build either takes longer than all of the judging
  for (const key in parsed) {
    const one = parsed[key];
    if (typeof one !== 'object' || one === null || !Object.hasOwn(parsed, key)) continue;
    const read = untagged(one, depth + 1);
    if (read === one) continue;
    // to it an assignment would be none
    if (key === '__proto__') Object.defineProperty(parsed, key, { value: read, enumerable: true, writable: true });
    else parsed[key] = read;
  }
  return value;
}

function ofKind(kind: unknown, value: unknown, inner: (value: unknown) => unknown): unknown {
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(text(value));
    case 'bigint':
      return BigInt(text(value));
    case 'date':
      return new Date(value === null ? Number.NaN : text(value));
    case 'map':
      return new Map(pairs(value).map(([key, one]) => [inner(key), inner(one)]));
    case 'set':
      return new Set(list(value).map(inner));
    case 'bytes':
      return new Uint8Array(Buffer.from(text(value), 'base64'));
    case 'secret':
      return secret(mask);
    case 'object':
      return Object.fromEntries(pairs(value).map(([key, one]) => [text(key), inner(one)]));
    default:
      throw new TypeError(`it holds a value of a kind that is not known: ${String(kind)}`);
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError('a text is missing');
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError('a list is missing');
}

const pairs = (value: unknown): readonly (readonly unknown[])[] => list(value).map(list);
