import { quotedParts } from './configuration-file.ts';
import { parseConninfo } from './conninfo.ts';
import { isConninfoUri } from './conninfo-uri.ts';

/** What makes another password of the one that was meant where it is read. */
export type Misreading =
  /** An unescaped colon ends the password of a password file. */
  | 'colon'
  /** A backslash that is not escaped is dropped, or makes another character of the next one. */
  | 'backslash'
  /** A blank at the end of a line of a password file is a part of the password. */
  | 'blank'
  /** Quotes around the password in a password file are a part of it. */
  | 'quotes';

/** The same of what is behind the fourth colon of a line of a password file (fe-connect.c, passwordFromFile). */
export function misreadInPassfile(written: string): Misreading | undefined {
  // one at the very end stands for itself
  const escaped = written.replaceAll(/\\[\\:]/gu, '').replace(/\\$/u, '');
  if (escaped.includes(':')) return 'colon';
  if (escaped.includes('\\')) return 'backslash';
  if (/[ \t]$/u.test(written)) return 'blank';
  return /^(["']).*\1$/su.test(written) && written.length > 2 ? 'quotes' : undefined;
}

/**
 * The same of the password in a line that sets primary_conninfo: the quotes of the configuration file take a backslash
 * away (guc-file.l, DeescapeQuotedString), and the connection string takes another (fe-connect.c, conninfo_parse).
 */
export function misreadInConninfo(line: string): Misreading | undefined {
  const [start = ''] = /^\s*primary_conninfo(?:\s*=\s*|\s+)/iu.exec(line) ?? [];
  const value = line.slice(start.length);
  const parts = start === '' ? undefined : quotedParts(value);
  const parsed = parts && parseConninfo(parts.text);
  if (parts === undefined || parsed?.ok !== true) return undefined;
  const password = parsed.value.settings.findLast(({ keyword }) => keyword === 'password');
  if (password === undefined) return undefined;
  const [from, to] = [parts.offsets[password.at], parts.offsets[password.end] ?? parts.end - 1];
  const inFile = value.slice(from, to).replaceAll(/\\[\\']/gu, '');
  const inText = isConninfoUri(parts.text)
    ? ''
    : parts.text.slice(password.at, password.end).replaceAll(/\\[\\'\s]/gu, '');
  return inFile.includes('\\') || inText.includes('\\') ? 'backslash' : undefined;
}
