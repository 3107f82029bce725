import { mask, secret } from '../postgres/secret.ts';
import type { Secret } from '../postgres/secret.ts';

/**
 * JSON that also holds what JSON has no form for, as `{"$": "date", "value": …}`. An object with a key `$` of its own is
 * written as the list of its entries. What a secret says is never written: read again, it says `***`. What is long and there
 * more than once (a fact is part of another one, too) is written once: `{"$": "parts", "parts": […], "value": …}`, in which
 * `{"$": "part", "value": 0}` is the first of them.
 */
export function toTaggedJson(value: unknown): string {
  const whole = tagged(value);
  const parts = new RepeatedParts(whole);
  const rest = parts.leftOut(whole);
  return JSON.stringify(parts.found.length === 0 ? whole : { $: 'parts', parts: parts.found, value: rest });
}

/** Throws where the text is not what {@link toTaggedJson} writes. */
export function fromTaggedJson(text: string): unknown {
  const whole: unknown = JSON.parse(text);
  if (typeof whole !== 'object' || whole === null || !('$' in whole) || whole.$ !== 'parts')
    return new Untagged([]).of(whole, 0);
  const { parts, value }: Partial<Record<string, unknown>> = { ...whole };
  // none of them has another one in it
  const found = list(parts).map((part) => new Untagged([]).of(part, 0));
  return new Untagged(found).of(value, 0);
}

/** What is long and there more than once, of what JSON can hold. */
class RepeatedParts {
  readonly found: unknown[] = [];
  readonly #texts = new Map<object, string>();
  readonly #times = new Map<string, number>();
  readonly #at = new Map<string, number>();

  constructor(whole: unknown) {
    this.#seek(whole);
  }

  /** The same without them. */
  leftOut(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const text = this.#texts.get(value);
    if (text === undefined) return value;
    if ((this.#times.get(text) ?? 0) > 1) {
      const at = this.#at.get(text) ?? this.found.push(value) - 1;
      this.#at.set(text, at);
      return tag('part', at);
    }
    if (Array.isArray(value)) return value.map((one) => this.leftOut(one));
    if ('$' in value) return tag(String(value.$), this.#listWithout('value' in value ? value.value : undefined));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.leftOut(one)]));
  }

  /** What a tag has stays the list that it is, and the list of its pairs. */
  #listWithout(listed: unknown): unknown {
    return Array.isArray(listed)
      ? listed.map((one: unknown) => (Array.isArray(one) ? one.map((part) => this.leftOut(part)) : this.leftOut(one)))
      : listed;
  }

  #seek(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const text = JSON.stringify(value);
    if (text.length < leastOfPart) return;
    this.#texts.set(value, text);
    const times = this.#times.get(text) ?? 0;
    this.#times.set(text, times + 1);
    if (times > 0) return;
    const inner: readonly unknown[] = '$' in value && 'value' in value ? [value.value].flat(2) : Object.values(value);
    for (const one of inner) this.#seek(one);
  }
}

const leastOfPart = 100;

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

class Untagged {
  readonly #parts: readonly unknown[];

  constructor(parts: readonly unknown[]) {
    this.#parts = parts;
  }

  of(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > deepest) throw new TypeError('it is nested too deeply');
    if ('$' in value) return this.#ofKind(value.$, 'value' in value ? value.value : undefined, depth + 1);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JSON.parse makes: an array, or an object of its own
    const parsed = value as Record<string, unknown>;
    // in its place, which no other code holds, and without a list of its entries: to build either takes longer than all of the judging
    for (const key in parsed) {
      const one = parsed[key];
      if (typeof one !== 'object' || one === null || !Object.hasOwn(parsed, key)) continue;
      const read = this.of(one, depth + 1);
      if (read === one) continue;
      // to it an assignment would be none
      if (key === '__proto__') Object.defineProperty(parsed, key, { value: read, enumerable: true, writable: true });
      else parsed[key] = read;
    }
    return value;
  }

  #ofKind(kind: unknown, value: unknown, depth: number): unknown {
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
        return new Map(pairs(value).map(([key, one]) => [this.of(key, depth), this.of(one, depth)]));
      case 'set':
        return new Set(list(value).map((one) => this.of(one, depth)));
      case 'bytes':
        return new Uint8Array(Buffer.from(text(value), 'base64'));
      case 'secret':
        return secret(mask);
      case 'object':
        return Object.fromEntries(pairs(value).map(([key, one]) => [text(key), this.of(one, depth)]));
      case 'part':
        return this.#part(value);
      default:
        throw new TypeError(`it holds a value of a kind that is not known: ${String(kind)}`);
    }
  }

  #part(at: unknown): unknown {
    if (typeof at === 'number' && at in this.#parts) return this.#parts[at];
    throw new TypeError('a part is missing');
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
