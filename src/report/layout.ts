import { printable } from './printable.ts';

/** Columns that a text takes on a terminal: code points, since what is printed holds no control characters. */
export const columns = (text: string): number => Array.from(text).length;

/**
 * Breaks prose at spaces into lines of at most `width` columns. A word that is longer (a path, a value) stays whole on a
 * line of its own: it must still be possible to copy it.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && columns(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
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

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
