import type { OptionValues } from '../../configuration/content.ts';

/**
 * Somebody else's list of servers. A new kind is one file that exports one of these, and one line in `kinds.ts`. What it
 * reads is data: it never becomes a command, a file that is written, or code that is run.
 */
export interface Inventory {
  /** Before the colon of `--inventory`. */
  readonly kind: string;
  /** Behind it, as the help shows it. */
  readonly value: string;
  /** What it reads, for the help. */
  readonly does: string;
  /** The options of a target where neither the inventory nor `--each` says something else. */
  readonly each: OptionValues;
  /** The same with `--each command=postmortem`, where `each` is for a preflight. */
  readonly eachPostmortem?: OptionValues;
  /** Throws a {@link UsageError} where it cannot be read. */
  readonly read: (value: string, ask: Asking) => Promise<readonly Entry[]>;
}

/** A server of an inventory. */
export interface Entry {
  readonly name: string;
  /** What stands for `{host}`, `{port}` and the like. */
  readonly values: Readonly<Record<string, string>>;
  /** Options of the target that the inventory itself gives: anything, until it is checked. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** How an inventory asks; each ends within its time. */
export interface Asking {
  /** At most 4 MB of a file. */
  readonly file: (path: string) => Promise<string>;
  /** What a program prints, which is run with these words and without a shell. */
  readonly program: (name: string, words: readonly string[]) => Promise<string>;
  /** What an HTTP server answers. */
  readonly page: (url: string) => Promise<string>;
  /** The rows of one query in a session that cannot write; the connection is made as psql makes it. */
  readonly rows: (conninfo: string, query: string) => Promise<readonly Row[]>;
}

/** By the names of the columns; NULL is not there. */
export type Row = Readonly<Record<string, string>>;

/** An object of JSON or YAML, and an empty one for what is none. */
export const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text or a number as a text; undefined for all else. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;

/** Those that have a value. */
export const valuesOf = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = textOf(value);
      return text === undefined || text === '' ? [] : [[name, text] as const];
    }),
  );
