import type { MessageValues } from '../../postgres/messages/message-format.ts';
import { valueNames } from '../../postgres/messages/message-format.ts';

/** Finds a format anywhere in a text: capitals, kinds of quotation marks and of white space do not matter. */
export interface PhrasePattern {
  readonly words: number;
  readonly all: (
    text: string,
  ) => readonly { readonly values: MessageValues; readonly from: number; readonly to: number }[];
}

export function phrasePattern(format: string): PhrasePattern {
  const { source, names } = patternOf(format);
  const pattern = new RegExp(source, flags);
  return {
    words: (format.replaceAll(placeholder, ' ').match(/[A-Za-z_]{2,}/gu) ?? []).length,
    all: (text) =>
      [...text.matchAll(pattern)].map((match) => {
        const values: Record<string, string> = {};
        names.forEach((name, index) => {
          const value = match[index * 2 + 1] ?? match[index * 2 + 2];
          if (value !== undefined && value !== '' && !goesOn.test(value)) values[name] = value.trim();
        });
        return { values, from: match.index, to: match.index + match[0].length };
      }),
  };
}

/** What a text has of a format that it begins and does not end: the values up to the last that is whole. */
export function valuesOfBeginning(
  format: string,
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): MessageValues {
  const plain = format.replaceAll(/\s+/gu, ' ').trim();
  const ends = [...plain.matchAll(placeholder)].flatMap(({ 0: found, index }) => {
    // a value is whole where its quotation mark or the word behind it is there, too
    const behind = /^(?:["']|[^\w%]*[A-Za-z]+)/u.exec(plain.slice(index + found.length))?.[0];
    return behind === undefined ? [] : [index + found.length + behind.length];
  });
  for (const end of ends.toReversed()) {
    const match = phrasePattern(plain.slice(0, end))
      .all(text)
      .find((one) => one.from <= from && one.to <= to + longestClosing);
    if (match !== undefined) return match.values;
  }
  return {};
}

const longestClosing = 2;

/** With `u`, to compile one takes four times as long, and formats are of ASCII. */
const flags = 'gi';

/** A value that was left out: the sentence goes on with these. */
const goesOn =
  /^(?:when|and|but|although|after|while|if|in|on|the|for|every|each|again|because|so|or|even|as|at|from|with)$/u;

const placeholder = /%X\/%(?:08)?X|%[-0-9.]*(?:ll|l|z)?[a-zA-Z]|%%/gu;

function patternOf(format: string): { readonly source: string; readonly names: readonly string[] } {
  const plain = format.replaceAll(/\s+/gu, ' ').trim();
  const names = valueNames(plain);
  // of few words, the marks are what tells a message from ordinary prose
  const few = (plain.replaceAll(placeholder, ' ').match(/[A-Za-z_]{2,}/gu) ?? []).length < 3;
  let source = '(?<![A-Za-z0-9_])';
  let at = 0;
  let literal = '';
  let afterAny = false;
  for (const match of plain.matchAll(placeholder)) {
    const before = literal + plain.slice(at, match.index);
    literal = '';
    at = match.index + match[0].length;
    // as valueNames() has it: flags that may be empty
    if (source !== '' && before === '' && match.index > 0 && isAny(match[0]) && afterAny) continue;
    afterAny = isAny(match[0]);
    if (match[0] === '%%') {
      literal = `${before}%`;
      continue;
    }
    const quoted = ['"', "'"].some((one) => before.endsWith(one) && plain.startsWith(one, at));
    source += literalSource(quoted ? before.slice(0, -1) : before);
    if (quoted) at += 1;
    source +=
      /^%s [-=] /u.test(plain) && match.index === 0
        ? String.raw`(?:(\S{1,200})|())`
        : at >= plain.length && names.at(-1) === 'encryption'
          ? String.raw`(?:(${encryptionTexts.join('|')})|([^\n]{0,600}))`
          : valueSource(match[0], quoted, at >= plain.length, few);
  }
  const rest = literal + plain.slice(at);
  source += literalSource(rest);
  if (/[A-Za-z0-9]$/u.test(rest)) source += '(?![A-Za-z0-9_])';
  return { source, names };
}

const isAny = (conversion: string): boolean => conversion === '%s' || conversion === '%m';

const literalSource = (text: string): string =>
  text
    .replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`)
    .replaceAll(/["']/gu, mark)
    .replaceAll(/\s+/gu, String.raw`\s+`);

/** Whatever kind, doubled (CSV), or lost. */
const mark = '["\'`]{0,2}';

/** Always two groups. What people black out (`x`, `*`) is a value, too. */
function valueSource(conversion: string, quoted: boolean, last: boolean, few: boolean): string {
  if (conversion.includes('/')) return String.raw`(?:([0-9A-FX*]+\/[0-9A-FX*]+)|(<[^<>\n]*>))`;
  if (quoted && few) return '(?:["\'`]{1,2}([^"\\n]{0,300}?)["\'`]{1,2}|((?=[^\\s"\'`]*[/_.\\d])[^\\s"\'`]{1,300}))';
  if (quoted) return '(?:["\'`]{1,2}([^"\\n]{0,300}?)["\'`]{1,2}|([^\\s"\'`]{1,300}))';
  if (/[dux]$/iu.test(conversion)) return String.raw`(?:(-?[0-9A-FX*]+)|(<[^<>\n]*>))`;
  if (last && conversion === '%m') return String.raw`(?:(${errorTexts.join('|')})|([^\n]{0,600}))`;
  if (last) return String.raw`(?:([^\n]{0,600})|())`;
  return String.raw`(?:([^\n]{0,300}?)|())`;
}

/** ClientAuthentication() in auth.c, and before 14. */
export const encryptionTexts = ['no encryption', 'SSL encryption', 'GSS encryption', 'SSL on', 'SSL off'];

/** strerror's frequent texts: what follows them on the line is another message. */
export const errorTexts = [
  'No such file or directory',
  'Permission denied',
  'No space left on device',
  'Operation not permitted',
  'Directory not empty',
  'File exists',
  'Is a directory',
  'Not a directory',
  'Read-only file system',
  'Input/output error',
  'Device or resource busy',
  'Disk quota exceeded',
  'Too many open files',
  'Cannot allocate memory',
  'Invalid argument',
  'Connection refused',
  'Connection timed out',
  'Connection reset by peer',
  'Broken pipe',
  'No route to host',
  'Network is unreachable',
  'Address already in use',
  'Cannot assign requested address',
];
