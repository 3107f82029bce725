import stringWidth from 'string-width';

import { printable } from './printable.ts';

/**
 * Latin letters, arrows, frames and marks: one column each, whatever stands beside them. string-width would say the same
 * 25 ms later: so long it takes until the tables that tell wide characters are there.
 */
const narrow = /^[ -~\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2027\u2190-\u22FF\u2500-\u25FC\u26A0\u2713-\u2718]*$/u;

/** Columns that a text takes on a terminal: two for a Chinese character or an emoji, none for what only adds an accent or a colour. */
export const columns = (text: string): number => (narrow.test(text) ? text.length : stringWidth(text));

/**
 * Breaks prose at spaces, and behind the punctuation of languages without spaces, into lines of at most `width` columns.
 * A word that is longer (a path, a value) stays whole on a line of its own: it must still be possible to copy it.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  // each with the space behind it
  for (const word of printable(text).split(/(?<=[ 、。！，：；？])/u)) {
    if (line !== '' && columns(`${line}${word}`.trimEnd()) > width) {
      lines.push(line.replace(/ $/u, ''));
      line = word;
    } else {
      line += word;
    }
  }
  return [...lines, line];
}

/** The same indentation before each line; an empty line stays empty. */
export const indent = (lines: readonly string[], by: number): readonly string[] =>
  lines.map((line) => (line === '' ? '' : `${' '.repeat(by)}${line}`));

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));

/** A text at the left and one that ends at the right margin; undefined when they do not fit into one line. */
export function justify(left: string, right: string, width: number): { readonly gap: string } | undefined {
  const free = width - columns(left) - columns(right);
  return free < 2 ? undefined : { gap: ' '.repeat(free) };
}

/** An empty line before a part of the report; nothing for a part that is empty. */
export const spaced = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);

/** `1 rule`, `2 rules`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
