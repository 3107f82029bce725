import { mask, secret } from './secret.ts';
import type { Secret } from './secret.ts';
import { misreadInPassfile } from './password-as-written.ts';
import type { Misreading } from './password-as-written.ts';
import { modeText } from './file-mode.ts';

/** What libpq looks a password up by: the four first fields of a line, as texts. */
export interface PassfileKey {
  /** See {@link passfileHost}. */
  readonly host: string;
  /** As the port was written: `05432` is not found under `5432`. */
  readonly port: string;
  /** `replication` for pg_basebackup and for the WAL receiver, unless `-d` names another one to pg_basebackup 17 or later. */
  readonly database: string;
  readonly user: string;
}

export type PassfileField = keyof PassfileKey;

export type PassfileLookup =
  | {
      readonly kind: 'found';
      readonly password: Secret;
      /** From 1. */
      readonly line: number;
      /** The line matches and holds no password: libpq looks no further, and has none. */
      readonly empty: boolean;
      /** An unescaped `:` stands in the password, and libpq takes what is before it. */
      readonly cutAtColon: boolean;
      /** Probably it is not the password that was meant. */
      readonly misread: Misreading | undefined;
    }
  | { readonly kind: 'no-match'; readonly nearMisses: readonly PassfileNearMiss[] };

/** A line that is for this host, or for everything else but the host, and why it does not match. */
export interface PassfileNearMiss {
  /** From 1. */
  readonly line: number;
  readonly differs: readonly PassfileField[];
  /** In words, without a password and without the line's user: `the database is "postgres", and "replication" is looked up`. */
  readonly because: string;
}

/**
 * Looks a password up in the text of a password file (fe-connect.c, passwordFromFile): the first line that matches
 * wins, a field `*` matches everything, `\:` and `\\` stand for `:` and `\`, and a line that begins with `#` is a comment.
 */
export function findPassword(text: string, key: PassfileKey): PassfileLookup {
  const nearMisses: PassfileNearMiss[] = [];
  // libpq asks for nothing when it has no database or no user.
  if (key.database === '' || key.user === '') return { kind: 'no-match', nearMisses };
  for (const [index, whole] of text.split('\n').entries()) {
    const content = whole.replace(/\r+$/u, '');
    if (content === '' || content.startsWith('#')) continue;
    const line = index + 1;
    const rest = fieldsInOrder.reduce<string | undefined>((left, field) => afterMatch(left, key[field]), content);
    if (rest !== undefined) {
      const password = readPassword(rest);
      return {
        kind: 'found',
        password: secret(password.text),
        line,
        empty: password.text === '',
        cutAtColon: password.cutAtColon,
        misread: misreadInPassfile(rest),
      };
    }
    const nearMiss = explain(content, key, line);
    if (nearMiss !== undefined) nearMisses.push(nearMiss);
  }
  return { kind: 'no-match', nearMisses };
}

/**
 * The host as the password file has it: `localhost` for libpq's default socket directory, and for every other socket its
 * directory, as written (fe-connect.c, passwordFromFile; so since PostgreSQL 10). For a host that is only given by
 * `hostaddr`, that address.
 */
export const passfileHost = (host: string, socketDirectory: string): string =>
  host === '' || host === socketDirectory ? 'localhost' : host;

export type PassfileModeProblem =
  | { readonly kind: 'not-a-plain-file' }
  /** `mode` as `ls` and `chmod` have it, for example `0644`. */
  | { readonly kind: 'group-or-world-access'; readonly mode: string };

/**
 * Why libpq leaves a password file aside: it is no plain file (links are followed), or somebody but its owner has any
 * right to it. `mode` holds the permission bits.
 */
export function passfileModeProblem(status: {
  readonly isFile: boolean;
  readonly mode: number;
}): PassfileModeProblem | undefined {
  if (!status.isFile) return { kind: 'not-a-plain-file' };
  if ((status.mode & 0o077) === 0) return undefined;
  return { kind: 'group-or-world-access', mode: modeText(status.mode) };
}

/** A line of the file as it can be shown, without its password; of a comment nothing is. */
export const maskedPassfileLine = (line: string): string =>
  line === '' ? line : `${/^(?!#)(?:(?:[^\\:]|\\.)*:){4}/u.exec(line)?.[0] ?? ''}${mask}`;

const fieldsInOrder = ['host', 'port', 'database', 'user'] as const;

/** What follows the first field when that matches (pwdfMatchesString); undefined when it does not. */
function afterMatch(line: string | undefined, token: string): string | undefined {
  if (line === undefined) return undefined;
  if (line.startsWith('*:')) return line.slice(2);
  let at = 0;
  for (let matched = 0; ; matched += 1) {
    const escaped = line[at] === '\\';
    if (escaped) at += 1;
    else if (line[at] === ':' && matched === token.length) return line.slice(at + 1);
    if (at >= line.length || matched >= token.length || line[at] !== token[matched]) return undefined;
    at += 1;
  }
}

function readPassword(rest: string): { readonly text: string; readonly cutAtColon: boolean } {
  let text = '';
  for (let at = 0; at < rest.length; at += 1) {
    if (rest[at] === ':') return { text, cutAtColon: true };
    if (rest[at] === '\\' && at + 1 < rest.length) at += 1;
    text += rest[at] ?? '';
  }
  return { text, cutAtColon: false };
}

/**
 * Says why a line does not match. What it quotes of the line comes from the fields before the password, and only when
 * the line has five fields and a port where the port belongs: in another line the password may stand anywhere. The
 * user is never quoted, because in a line that lacks a field the password's beginning stands there.
 */
function explain(content: string, key: PassfileKey, line: number): PassfileNearMiss | undefined {
  const [host, port, database, user, password] = splitFields(content);
  if (host === undefined) return undefined;
  const added = addedTo(content, key);
  if (added !== undefined)
    return {
      line,
      differs: fieldsInOrder.filter((field, at) => !matches([host, port, database, user][at], key[field])),
      because: added,
    };
  const differs = [
    ...(matches(host, key.host) ? [] : (['host'] as const)),
    ...(matches(port, key.port) ? [] : (['port'] as const)),
    ...(matches(database, key.database) ? [] : (['database'] as const)),
    ...(matches(user, key.user) ? [] : (['user'] as const)),
  ];
  if (password === undefined || port === undefined || !/^(?:\*|\d+)$/u.test(port)) {
    const shape = 'the line does not have the form host:port:database:user:password';
    return matches(host, key.host) ? { line, differs, because: shape } : undefined;
  }
  if (differs.includes('host') && differs.length > 1) return undefined;
  const reasons = differs.map((field) => {
    switch (field) {
      case 'host':
        return `the host is "${host}", and "${key.host}" is looked up`;
      case 'port':
        return `the port is ${port}, and ${key.port} is looked up`;
      case 'database':
        return `the database is "${database ?? ''}", and "${key.database}" is looked up`;
      case 'user':
        return `the user is another one than "${key.user}"`;
    }
  });
  return { line, differs, because: reasons.join('; ') };
}

const matches = (field: string | undefined, token: string): boolean => field === '*' || field === token;

/** What stands around the fields and is a part of them for libpq; undefined: without it the line would not match either. */
function addedTo(content: string, key: PassfileKey): string | undefined {
  const fields = splitFields(content.replace(/^\uFEFF/u, ''));
  const bare = fields.slice(0, 4).map((field) => field.replaceAll(/^[\s"']+|[\s"']+$/gu, ''));
  if (fields.length < 5 || !fieldsInOrder.every((field, at) => matches(bare[at], key[field]))) return undefined;
  if (content.startsWith('\uFEFF'))
    return 'the file begins with a byte order mark, which libpq reads as a part of the host';
  const around = fields.slice(0, 4).join('');
  return /["']/u.test(around)
    ? 'the quotes around its fields are a part of them for libpq'
    : 'the blanks around its fields are a part of them for libpq';
}

/** The fields of a line with their escapes undone, the password (the fifth) not read but only present or not. */
function splitFields(content: string): readonly string[] {
  const fields: string[] = [''];
  for (let at = 0; at < content.length && fields.length <= 4; at += 1) {
    if (content[at] === ':') fields.push('');
    else {
      if (content[at] === '\\' && at + 1 < content.length) at += 1;
      fields[fields.length - 1] += content[at] ?? '';
    }
  }
  return fields;
}
