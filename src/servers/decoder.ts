/**
 * Reads what a server answered: text that should be JSON of a certain shape. A decoder gives the value or throws a
 * {@link Mismatch}, which {@link decode} turns into a value at the edge; nothing is asserted.
 */
export type Decoder<T> = (value: unknown, path: string) => T;

/** What stood somewhere else than where it was expected, in words. */
class Mismatch extends Error {}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export function decode<T>(decoder: Decoder<T>, json: string): Decoded<T> {
  try {
    const value: unknown = JSON.parse(json);
    return { ok: true, value: decoder(value, '') };
  } catch (error) {
    if (error instanceof Mismatch || error instanceof SyntaxError) return { ok: false, message: error.message };
    throw error;
  }
}

export const text: Decoder<string> = (value, path) =>
  typeof value === 'string' ? value : mismatch(path, 'text', value);

export const flag: Decoder<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : mismatch(path, 'true or false', value);

/** A whole number that JSON.parse keeps exact. */
export const integer: Decoder<number> = (value, path) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : mismatch(path, 'a whole number', value);

/** 64 bits come as text. */
export const bigInteger: Decoder<bigint> = (value, path) =>
  typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : mismatch(path, 'digits as text', value);

/** Milliseconds since 1970, as text, with a fraction. */
export const moment: Decoder<Date> = (value, path) => {
  const milliseconds = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(milliseconds) ? new Date(milliseconds) : mismatch(path, 'milliseconds as text', value);
};

/** A span of time that came in milliseconds as text, with a fraction, in seconds. */
export const seconds: Decoder<number> = (value, path) => {
  const milliseconds = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(milliseconds) ? milliseconds / 1000 : mismatch(path, 'milliseconds as text', value);
};

/** What another parser makes of a text. */
export const parsed =
  <T>(parse: (text: string) => T | undefined, what: string): Decoder<T> =>
  (value, path) =>
    parse(text(value, path)) ?? mismatch(path, what, value);

/** JSON's null, and a key that is not there, stand for undefined. */
export const optional =
  <T>(decoder: Decoder<T>): Decoder<T | undefined> =>
  (value, path) =>
    value === null || value === undefined ? undefined : decoder(value, path);

/** json_agg() of no rows is null. */
export const list =
  <T>(decoder: Decoder<T>): Decoder<readonly T[]> =>
  (value, path) => {
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) return mismatch(path, 'a list', value);
    return value.map((entry: unknown, index) => decoder(entry, `${path}[${index}]`));
  };

/** Reads the keys of an object. */
export const object =
  <T>(read: (field: <F>(name: string, decoder: Decoder<F>) => F) => T): Decoder<T> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return mismatch(path, 'an object', value);
    const fields = new Map<string, unknown>(Object.entries(value));
    return read((name, decoder) => decoder(fields.get(name), path === '' ? name : `${path}.${name}`));
  };

/** Reads the places of a list of fixed length. */
export const tuple =
  <T>(read: (place: <F>(index: number, decoder: Decoder<F>) => F) => T): Decoder<T> =>
  (value, path) => {
    if (!Array.isArray(value)) return mismatch(path, 'a list', value);
    const places: readonly unknown[] = value;
    return read((index, decoder) => decoder(places[index], `${path}[${index}]`));
  };

function mismatch(path: string, expected: string, found: unknown): never {
  const kind = found === null ? 'null' : Array.isArray(found) ? 'a list' : typeof found;
  throw new Mismatch(`${path === '' ? 'the answer' : path}: ${expected} was expected, and ${kind} came`);
}
