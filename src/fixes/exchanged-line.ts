import { mask } from '../postgres/secret.ts';
import { difference } from '../remedies/difference.ts';

/**
 * A line with what differs between `was` and `becomes` exchanged, and every other byte of it as it is; undefined where
 * the line is not what `was` shows, or where it cannot be told which part of it is meant. `***` in `was` stands for any
 * bytes, and U+FFFD for those that are no UTF-8.
 *
 * @param line in bytes: a character for each (latin1)
 */
export function exchanged(line: string, was: string, becomes: string): string | undefined {
  const { head, from, to, tail } = difference(was, becomes);
  if (to.includes(mask)) return undefined;
  const places = ['*?', '*'].map((amount) => {
    const pattern = `^(${patternOf(head, amount)})${patternOf(from, amount)}(${patternOf(tail, amount)})$`;
    const [, before, after] = new RegExp(pattern, 's').exec(line) ?? [];
    return before === undefined || after === undefined ? undefined : { before, after };
  });
  const [first, other] = places;
  if (first === undefined || first.before !== other?.before || first.after !== other.after) return undefined;
  return `${first.before}${Buffer.from(to).toString('latin1')}${first.after}`;
}

/** A decoder makes one U+FFFD of up to three bytes (Encoding Standard, maximal subpart). */
const patternOf = (text: string, amount: string): string =>
  text
    .split(/(\*\*\*|\uFFFD+)/u)
    .map((part) => {
      if (part === mask) return `.${amount}`;
      if (part.startsWith('\uFFFD')) return `[\\x80-\\xff]{${part.length},${part.length * 3}}`;
      return Buffer.from(part)
        .toString('latin1')
        .replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    })
    .join('');
