import { unquoteSetting } from './configuration-file.ts';
import { maskSetting } from './conninfo-mask.ts';
import { hideSecrets } from './hba-line.ts';
import { mask } from './secret.ts';

/**
 * A line of pg_hba.conf or of a configuration file as it can be shown: `***` stands for each secret in it, or for all that
 * follows where its end cannot be told. What stands around it is as it is in the file: see {@link fitsMasked}.
 */
export function maskedLine(line: string): string {
  if (!mayHoldSecrets.test(line)) return line;
  // nobody writes such a line, and the search must not take long
  if (line.length > 4_096) return mask;
  return candidates(line).find((shown) => fitsMasked(shown, line)) ?? mask;
}

/** All that is looked for below has one of these in it; of a thousand lines of postgresql.conf a dozen have. */
const mayHoldSecrets = /passw|passphrase|pwd|secret|token|key|conninfo|_command|\/\//iu;

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

/** From the one that shows most; not all need fit. */
function candidates(line: string): readonly string[] {
  const hidden = hideSecrets(line);
  if (hidden !== line) return [hidden];
  const [, before, name, equals, value] = /^([\s#]*)([A-Za-z_][\w.]*)(\s*=\s*|\s+)(.*)$/su.exec(line) ?? [];
  if (before === undefined || name === undefined || equals === undefined || value === undefined) return [freely(line)];
  const setting = name.toLowerCase();
  if (!holdsSecrets.test(setting)) return [freely(line)];
  const start = `${before}${name}${equals}`;
  const whole = `${start}${mask}`;
  const [quoted] = /^'(?:[^'\\]|'')*'/u.exec(value) ?? [];
  if (quoted === undefined) {
    // a value with escapes, or one that is not ended: where a secret in it would end is not known
    const plain = unquoteSetting(value.trimEnd());
    return maskSetting(setting, plain) === plain ? [freely(line), whole] : [whole];
  }
  const shown = maskSetting(setting, quoted.slice(1, -1).replaceAll("''", "'")).replaceAll("'", "''");
  return [`${start}'${shown}'${freely(value.slice(quoted.length))}`, whole];
}

/** The settings that maskSetting() knows. */
const holdsSecrets = /^(?:primary_conninfo|\w+_command)$/u;

/** In a comment, or in a line that cannot be read: the end of a secret cannot be told. */
const freely = (text: string): string =>
  text
    .replace(
      /((?<![\w-])(?!(?:password_encryption|md5_password_warnings|ssl_passphrase_command_supports_reload)\b)[\w-]*(?:passw|passphrase|pwd|secret|token|access_?key|api_?key)[\w-]*\s*[=:]\s*)\S.*$/isu,
      `$1${mask}`,
    )
    .replace(/(\/\/[^\s/:@]*:)[^\s@]+@.*$/su, `$1${mask}`);
