import { parseConninfo } from './conninfo.ts';
import { readKeywordValues } from './conninfo-keyword-values.ts';
import { conninfoOption } from './conninfo-options.ts';
import { isConninfoUri } from './conninfo-uri.ts';
import { mask } from './secret.ts';

/**
 * A connection string as it can be shown: `***` stands for every secret in it. Of one that libpq refuses, where a secret
 * may stand anywhere, only what surely is none is shown: the parameters before the first secret and before the fault.
 */
export function maskConninfo(text: string, libpqVersion?: number): string {
  const parsed = parseConninfo(text, libpqVersion === undefined ? {} : { libpqVersion });
  if (!parsed.ok) return isConninfoUri(text) ? `${text.slice(0, text.indexOf('://') + 3)}…` : maskPairs(text);
  let shown = text;
  for (const { keyword, written, at, end } of parsed.value.settings.toSorted((a, b) => b.at - a.at)) {
    const isSecret = conninfoOption(keyword)?.secret === true;
    const masked = isSecret
      ? written === ''
        ? mask
        : `${written}=${mask}`
      : withoutSecond(keyword, text.slice(at, end));
    shown = shown.slice(0, at) + masked + shown.slice(end);
  }
  return shown;
}

/**
 * A blank that is none (a control character, a typographic one) makes `password=…` a part of the value before it: what
 * follows a second equals sign is not shown. Only `options` rightly has one.
 */
function withoutSecond(keyword: string, pair: string): string {
  const value = pair.indexOf('=') + 1;
  return keyword === 'options' ? pair : pair.slice(0, value) + shownValue(pair.slice(value));
}

/** A host, a user, a name as it can be shown: none has an equals sign, unless a password was taken for a part of it. */
export function shownValue(value: string): string {
  const equals = value.indexOf('=');
  return equals === -1 ? value : `${value.slice(0, equals)}=${mask}`;
}

function maskPairs(text: string): string {
  const { assignments, problem } = readKeywordValues(text);
  const shown: string[] = [];
  for (const { keyword, at, end } of assignments) {
    const option = conninfoOption(keyword);
    if (option?.secret === true) return [...shown, `${keyword}=${mask}`].join(' ');
    // a word that is no keyword can be a part of a value that was not quoted: only its look decides whether it is shown
    if (option === undefined && /pass|pwd|secret|key/iu.test(keyword)) return [...shown, mask].join(' ');
    // and what is misspelt can be a password's keyword
    shown.push(option === undefined ? `${keyword}=${mask}` : withoutSecond(keyword, text.slice(at, end)));
  }
  return problem === undefined ? shown.join(' ') : [...shown, '…'].join(' ');
}

/** Settings whose value can hold a secret, as it can be shown: connection strings and commands. */
export function maskSetting(name: string, value: string): string {
  if (name === 'primary_conninfo') return maskConninfo(value);
  if (name === 'ssl_passphrase_command') return value === '' ? value : mask;
  return name.endsWith('_command') ? maskCommand(value) : value;
}

/** A shell command: `PGPASSWORD=…`, `--password=…`, `AWS_SECRET_ACCESS_KEY=…`, `https://user:…@host`, `password=…`. */
const maskCommand = (command: string): string =>
  command
    .replaceAll(
      /([A-Za-z_-]*(?:password|passwd|secret|token|access_key)[A-Za-z_-]*=)('[^']*'|"[^"]*"|[^\s'"]+)/giu,
      `$1${mask}`,
    )
    .replaceAll(/(\/\/[^\s/:@]*:)[^\s/@]+@/gu, `$1${mask}@`);
