/**
 * Reads what a server answered: text that should be JSON of a certain shape. A decoder gives the value or throws a
 * {@link Mismatch}, which {@link decode} turns into a value at the edge; nothing is asserted.
 */
export type Decoder<T> = (value: unknown) => T;

/** Something else stood there than was expected. Where that is grows on the way out: most answers are as they should be. */
class Mismatch {
  readonly #expected: string;
  readonly #found: unknown;
  #path = '';

  constructor(expected: string, found: unknown) {
    this.#expected = expected;
    this.#found = found;
  }

  within(step: string): this {
    this.#path = `${step}${this.#path}`;
    return this;
  }

  get message(): string {
    const kind = this.#found === null ? 'null' : Array.isArray(this.#found) ? 'a list' : typeof this.#found;
    const where = this.#path === '' ? 'the answer' : this.#path.replace(/^\./u, '');
    return `${where}: ${this.#expected} was expected, and ${kind} came`;
  }
}

/** What a decoder makes of the value at a place (`.key`, `[0]`). */
function within<T>(step: string | number, decoder: Decoder<T>, value: unknown): T {
  try {
    return decoder(value);
  } catch (error) {
    throw error instanceof Mismatch ? error.within(typeof step === 'number' ? `[${step}]` : `.${step}`) : error;
  }
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export function decode<T>(decoder: Decoder<T>, json: string): Decoded<T> {
  try {
    const value: unknown = JSON.parse(json);
    return { ok: true, value: decoder(value) };
  } catch (error) {
    if (error instanceof Mismatch || error instanceof SyntaxError) return { ok: false, message: error.message };
    throw error;
  }
}

export const text: Decoder<string> = (value) => (typeof value === 'string' ? value : mismatch('text', value));

export const flag: Decoder<boolean> = (value) =>
  typeof value === 'boolean' ? value : mismatch('true or false', value);

/** A whole number that JSON.parse keeps exact. */
export const integer: Decoder<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : mismatch('a whole number', value);

/** 64 bits come as text. */
export const bigInteger: Decoder<bigint> = (value) =>
  typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : mismatch('digits as text', value);

/** Milliseconds since 1970, as text, with a fraction. */
export const moment: Decoder<Date> = (value) => {
  const milliseconds = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(milliseconds) ? new Date(milliseconds) : mismatch('milliseconds as text', value);
};

/** A span of time that came in milliseconds as text, with a fraction, in seconds. */
export const seconds: Decoder<number> = (value) => {
  const milliseconds = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(milliseconds) ? milliseconds / 1000 : mismatch('milliseconds as text', value);
};

/** What another parser makes of a text. */
export const parsed =
  <T>(parse: (text: string) => T | undefined, what: string): Decoder<T> =>
  (value) =>
    parse(text(value)) ?? mismatch(what, value);

/** JSON's null, and a key that is not there, stand for undefined. */
export const optional =
  <T>(decoder: Decoder<T>): Decoder<T | undefined> =>
  (value) =>
    value === null || value === undefined ? undefined : decoder(value);

export const maybeText = optional(text);

/** json_agg() of no rows is null. */
export const list =
  <T>(decoder: Decoder<T>): Decoder<readonly T[]> =>
  (value) => {
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) return mismatch('a list', value);
    return value.map((entry: unknown, index) => within(index, decoder, entry));
  };

/** Reads the keys of an object. */
export const object =
  <T>(read: (field: <F>(name: string, decoder: Decoder<F>) => F) => T): Decoder<T> =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return mismatch('an object', value);
    const fields = new Map<string, unknown>(Object.entries(value));
    return read((name, decoder) => within(name, decoder, fields.get(name)));
  };

/** Reads the places of a list of fixed length. */
export const tuple =
  <T>(read: (place: <F>(index: number, decoder: Decoder<F>) => F) => T): Decoder<T> =>
  (value) => {
    if (!Array.isArray(value)) return mismatch('a list', value);
    const places: readonly unknown[] = value;
    return read((index, decoder) => within(index, decoder, places[index]));
  };

function mismatch(expected: string, found: unknown): never {
  throw new Mismatch(expected, found);
}
