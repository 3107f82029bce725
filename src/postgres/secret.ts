/**
 * A string that must not be seen: a password, a key, a connection string that can hold one. Printing, JSON, string
 * templates and util.inspect all show `***`; only {@link Secret.reveal} gives the text.
 */
export interface Secret {
  /** The text itself: for a login, never for a message. */
  reveal(): string;
  /** Always `***`. */
  toString(): string;
  /** Always `***`. */
  toJSON(): string;
}

/** What stands for a secret wherever something is printed. */
export const mask = '***';

const masked = (): string => mask;

/** Wraps a text. It lives in a closure, so that no walk over the object's properties can find it. */
export function secret(text: string): Secret {
  return Object.freeze({
    reveal: () => text,
    toString: masked,
    toJSON: masked,
    // util.inspect and console.log look this symbol up; importing node:util for it would be all that is imported.
    [Symbol.for('nodejs.util.inspect.custom')]: masked,
  });
}

/** Whether two secrets hold the same text. */
export const sameSecret = (one: Secret, other: Secret): boolean => one.reveal() === other.reveal();

/** Settings whose value can hold a password or a key: what pg_settings has of them never leaves the server. */
export const secretSettings = [
  'primary_conninfo',
  'archive_command',
  'archive_cleanup_command',
  'recovery_end_command',
  'restore_command',
  'ssl_passphrase_command',
] as const;
