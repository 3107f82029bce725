import { parse } from 'pg-connection-string';

import { conninfoOptions, isSecretKeyword } from '../postgres/conninfo-options.ts';
import type { Conninfo, ConninfoValues } from '../postgres/conninfo.ts';
import { secret } from '../postgres/secret.ts';

/**
 * What pg-connection-string, the reader of URIs that `pg` has, makes of a URI; undefined where it does not read as libpq
 * does. `read` is the same URI by libpq's grammar, which alone knows of faults and of the releases of libpq.
 *
 * The parameters of TLS are not shown to the package: it reads the files that they name, and libpq's `sslmode` means
 * something else to it. Their values are those of `read`.
 */
export function valuesByPackage(uri: string, read: Conninfo): ConninfoValues | undefined {
  // of a keyword that is given twice, in the address and as a parameter, the package keeps now one and now the other
  if (read.form !== 'uri' || read.oddities.length > 0) return undefined;
  const parameters = read.settings.filter(({ written }) => written !== '');
  const address = uri.slice(0, parameters[0] === undefined ? uri.length : parameters[0].at - 1);
  const shown = parameters.filter(({ keyword }) => !isOfTls(keyword)).map(({ at, end }) => uri.slice(at, end));
  const withoutTls = [address, ...(shown.length === 0 ? [] : [shown.join('&')])].join('?');
  if (!readAlike.test(withoutTls)) return undefined;
  const answer = answerOf(withoutTls);
  return answer && { ...valuesOf(answer), ...ofTls(read.values) };
}

const isOfTls = (keyword: string): boolean => keyword.startsWith('ssl');

/**
 * Where URL, which the package is made of, and libpq agree: one host that is no address in brackets, a database without
 * a slash, and nothing that URL makes canonical. test/servers/uri-by-package.test.ts lists what differs.
 */
const readAlike = ((): RegExp => {
  const plain = String.raw`[\w.~!$'()*,;\p{L}-]`;
  const encoded = '%[0-9A-Fa-f]{2}';
  const word = `(?:${plain}|${encoded})+`;
  const host = `(?:[\\w.-]|${encoded})+`;
  const credentials = `(?:${word}(?::${word})?@)?`;
  const highByte = '%[89A-Fa-f][0-9A-Fa-f]';
  // `%2E.` is a parent directory to URL, and `%2F` stays as it is
  const database = `(?:/(?:(?:(?!\\.)${plain}|${highByte})(?:${plain}|${highByte})*)?)?`;
  const parameter = `\\w+=(?:[/:]|${plain}|${encoded})+`;
  return new RegExp(
    `^postgres(?:ql)?://(?:${credentials}${host}(?::[1-9]\\d{0,4})?)?${database}(?:\\?(?:${parameter}(?:&${parameter})*)?)?$`,
    'u',
  );
})();

function answerOf(uri: string): ReadonlyMap<string, unknown> | undefined {
  try {
    return new Map(Object.entries(parse(uri, { useLibpqCompat: true })));
  } catch {
    // bytes that are no UTF-8, or a port beyond 65535
    return undefined;
  }
}

function valuesOf(answer: ReadonlyMap<string, unknown>): ConninfoValues {
  const values: { -readonly [K in keyof ConninfoValues]: ConninfoValues[K] } = {};
  for (const { keyword } of conninfoOptions) {
    const value = answer.get(keyword) ?? (keyword === 'dbname' ? answer.get('database') : undefined);
    if (typeof value !== 'string' || value === '') continue;
    if (isSecretKeyword(keyword)) values[keyword] = secret(value);
    else values[keyword] = value;
  }
  return values;
}

const ofTls = (values: ConninfoValues): ConninfoValues =>
  Object.fromEntries(Object.entries(values).filter(([keyword]) => isOfTls(keyword)));
