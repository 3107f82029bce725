import { conninfoSecrets } from './conninfo-mask.ts';
import { quotedParts } from './configuration-file.ts';
import { hbaSecrets } from './hba-line.ts';
import { mask } from './secret.ts';
import { isSecretName, mayHoldSecrets, secretsInText } from './secrets-in-text.ts';
import { joined, shifted, withoutSpans } from './spans.ts';
import type { Span } from './spans.ts';

/**
 * A line of pg_hba.conf or of a configuration file as it can be shown: `***` stands for each secret in it, or for all that
 * follows where its end cannot be told. What stands around it is as it is in the file: see {@link fitsMasked}.
 */
export function maskedLine(line: string): string {
  if (!mayHoldSecrets.test(line)) return line;
  // nobody writes such a line, and the search must not take long
  return line.length > 4_096 ? mask : withoutSpans(line, secretsInLine(line));
}

/** Whether a line is what a masked one shows, with anything in the place of each `***`. */
export function fitsMasked(masked: string, line: string): boolean {
  const [first = '', ...rest] = masked.split(mask);
  const last = rest.pop();
  if (last === undefined) return first === line;
  if (!line.startsWith(first) || !line.endsWith(last) || line.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = line.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= line.length - last.length;
}

function secretsInLine(line: string): readonly Span[] {
  const inHba = hbaSecrets(line);
  if (inHba.length > 0) return inHba;
  const [start, setting = ''] = /^[\s#]*([A-Za-z_][\w.]*)(?:\s*=\s*|\s+)/u.exec(line) ?? [];
  if (start === undefined) return secretsInText(line);
  const name = setting.toLowerCase();
  const value = line.slice(start.length);
  const parts = quotedParts(value);
  if (parts === undefined) return unreadable(name, line, start.length);
  const { offsets, text } = parts;
  const inValue = secretsInSetting(name, text).map(({ from, to }) => {
    const begin = offsets[from] ?? parts.end - 1;
    // a backslash that was not doubled is lost on the way: where the password that was meant ends is not known
    const isEscaped = value.slice(begin, parts.end).replaceAll('\\\\', '').includes('\\');
    return {
      from: start.length + begin,
      to: start.length + (isEscaped ? parts.end - 1 : (offsets[to] ?? parts.end - 1)),
    };
  });
  const rest = value.slice(parts.end);
  const restFrom = start.length + parts.end;
  if (/^\s*(?:#.*)?$/su.test(rest) && !(/=\s*$/u.test(text) && rest.trim() !== ''))
    return [...inValue, ...shifted(secretsInText(rest), restFrom)];
  // an apostrophe that was not doubled ended the value too early: what follows can be the rest of a password
  const [first] = joined([...inValue, ...shifted(secretsInText(value), start.length)]);
  return first === undefined ? secretsInText(line) : [{ from: first.from, to: line.length }];
}

/** Settings whose value can hold a secret: connection strings and commands, and those of extensions. */
export function secretsInSetting(name: string, value: string): readonly Span[] {
  if (name === 'primary_conninfo') return conninfoSecrets(value);
  if (name === 'ssl_passphrase_command' || isSecretName(name)) return [{ from: 0, to: value.length }];
  return secretsInText(value);
}

/** A value that is not quoted, or not ended: where a secret in it would end is not known. */
function unreadable(name: string, line: string, from: number): readonly Span[] {
  const value = line.slice(from);
  if (name === 'ssl_passphrase_command') return [{ from, to: line.length }];
  const [first] = joined(secretsInText(value));
  const isConninfo = name === 'primary_conninfo' || name.endsWith('_command');
  if (first === undefined) return secretsInText(line);
  return isConninfo ? [{ from: from + first.from, to: line.length }] : secretsInText(line);
}

/** The value of a setting without its quotes, as it can be shown. */
export const maskSetting = (name: string, value: string): string => withoutSpans(value, secretsInSetting(name, value));
