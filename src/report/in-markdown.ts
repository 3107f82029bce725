import { forLogs } from './for-logs.ts';
import { printable } from './printable.ts';

/** A text as prose: no markup, no HTML, no mention comes out of it; letters, digits and most signs stay as they are. */
export const prose = (text: string): string =>
  printable(text)
    .replaceAll(/[\\`*[\]|~]|(?<!\w)_|_(?!\w)/gu, String.raw`\$&`)
    .replaceAll(/[&<>]/gu, (one) => entities[one] ?? one)
    .replaceAll(/(?<!\w)@(?=\w)/gu, '@<!-- -->')
    .replace(/^(?=[#+\-=:])/u, '\\')
    .replace(/^(\d+)(?=[.)])/u, '$1\\');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text as code in a line: the marks around it are longer than any row of them within. */
export function code(text: string): string {
  const shown = printable(text).replaceAll('|', String.raw`\|`);
  const marks = '`'.repeat(longestRow(shown) + 1);
  const pad = /^`|`$|^ .* $/u.test(shown) ? ' ' : '';
  return shown === '' ? '' : `${marks}${pad}${shown}${pad}${marks}`;
}

/** Lines to be copied. */
export function block(language: string, lines: readonly string[], margin = ''): readonly string[] {
  const shown = lines.map(printable);
  const marks = '`'.repeat(Math.max(3, longestRow(shown.join('\n')) + 1));
  return [`${marks}${language}`, ...shown.map(forLogs), marks].map((line) => (line === '' ? '' : `${margin}${line}`));
}

const longestRow = (text: string): number => Math.max(0, ...(text.match(/`+/gu) ?? []).map(({ length }) => length));
