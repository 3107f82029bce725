import { parseConninfo } from './conninfo.ts';
import { readKeywordValues } from './conninfo-keyword-values.ts';
import { conninfoOption } from './conninfo-options.ts';
import { isConninfoUri } from './conninfo-uri.ts';
import { mask } from './secret.ts';
import { withoutSpans } from './spans.ts';
import type { Span } from './spans.ts';

/**
 * A connection string as it can be shown: `***` stands for every secret in it. Of one that libpq refuses, where a secret
 * may stand anywhere, only what surely is none is shown: the parameters before the first secret and before the fault.
 */
export const maskConninfo = (text: string, libpqVersion?: number): string =>
  withoutSpans(text, conninfoSecrets(text, libpqVersion));

/** Where the secrets of a connection string are, quotes included. */
export function conninfoSecrets(text: string, libpqVersion?: number): readonly Span[] {
  const parsed = parseConninfo(text, libpqVersion === undefined ? {} : { libpqVersion });
  if (!parsed.ok) return isConninfoUri(text) ? [{ from: text.indexOf('://') + 3, to: text.length }] : inRefused(text);
  return parsed.value.settings.flatMap(({ keyword, written, at, end }) => {
    if (conninfoOption(keyword)?.secret !== true) return secondEquals(keyword, text, at, end);
    return [{ from: written === '' ? at : valueFrom(text, at), to: end }];
  });
}

/** Behind the `=` of a pair and the blanks that may follow it. */
function valueFrom(text: string, at: number): number {
  const equals = text.indexOf('=', at) + 1;
  return equals + (/^[ \t\n\v\f\r]*/u.exec(text.slice(equals))?.[0].length ?? 0);
}

/**
 * A blank that is none (a control character, a typographic one) makes `password=…` a part of the value before it: what
 * follows a second equals sign is not shown. Only `options` rightly has one.
 */
function secondEquals(keyword: string, text: string, at: number, end: number): readonly Span[] {
  if (keyword === 'options') return [];
  const first = text.slice(at, end).indexOf('=');
  const second = first === -1 ? -1 : text.slice(at, end).indexOf('=', first + 1);
  return second === -1 ? [] : [{ from: at + second + 1, to: end }];
}

/** A host, a user, a name as it can be shown: none has an equals sign, unless a password was taken for a part of it. */
export function shownValue(value: string): string {
  const equals = value.indexOf('=');
  return equals === -1 ? value : `${value.slice(0, equals)}=${mask}`;
}

function inRefused(text: string): readonly Span[] {
  const { assignments, problem } = readKeywordValues(text);
  const spans: Span[] = [];
  for (const { keyword, at, end, valueAt } of assignments) {
    const option = conninfoOption(keyword);
    if (option?.secret === true) return [...spans, { from: valueAt, to: text.length }];
    // a word that is no keyword can be a part of a value that was not quoted: only its look decides whether it is shown
    if (option === undefined && /pass|pwd|secret|key/iu.test(keyword)) return [...spans, { from: at, to: text.length }];
    // and what is misspelt can be a password's keyword
    spans.push(...(option === undefined ? [{ from: valueAt, to: end }] : secondEquals(keyword, text, at, end)));
  }
  if (problem === undefined) return spans;
  // the keyword of a value that is not ended is shown, unless it is a part of something else
  const last = assignments.at(-1)?.end ?? 0;
  const [, keyword = '', value = ''] = /^(\s*([A-Za-z_]+)\s*=\s*)/u.exec(text.slice(last)) ?? [];
  return [
    ...spans,
    { from: last + (conninfoOption(value) === undefined ? blanksAt(text, last) : keyword.length), to: text.length },
  ];
}

const blanksAt = (text: string, at: number): number => /^\s*/u.exec(text.slice(at))?.[0].length ?? 0;
