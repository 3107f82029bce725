import { difference, inPieces } from './difference.ts';

/**
 * The command of sed (POSIX) that makes `becomes` of a line: `s/md5/scram-sha-256/`. `***` in both stands for a secret
 * that is there and may be anything: undefined where the place cannot be told from what stands on one side of it.
 */
export function exchangeInLine(was: string, becomes: string): string | undefined {
  const { head, from, to, tail } = difference(was, becomes);
  if (unknown.test(from) || unknown.test(to)) return undefined;
  if (head === '' && from === '') return substitute('^', to);
  // whole words read better
  const left = /[\w.-]*$/u.exec(head)?.[0] ?? '';
  const right = /^[\w.-]*/u.exec(tail)?.[0] ?? '';
  const isClear = !unknown.test(head);
  if (!isClear && unknown.test(tail)) return undefined;
  for (const before of widened(head, left)) {
    const pattern = `${before}${from}${right}`;
    if (pattern === '') continue;
    // sed takes the first place that fits, and behind `.*` the last
    const [place, found] = [head.length - before.length, isClear ? was.indexOf(pattern) : was.lastIndexOf(pattern)];
    if (place !== found) continue;
    return isClear
      ? substitute(escaped(pattern), `${before}${to}${right}`)
      : substitute(String.raw`\(.*\)${escaped(pattern)}`, `${before}${to}${right}`, String.raw`\1`);
  }
  return undefined;
}

const unknown = /\*\*\*|\uFFFD/u;

/** The end of the text in front of the place: as much as asked for, and then more of it, as far as it is known. */
function* widened(head: string, least: string): Generator<string> {
  let before = least;
  const more = inPieces(head.slice(0, head.length - least.length)).toReversed();
  yield before;
  for (const piece of more) {
    if (unknown.test(piece)) return;
    before = `${piece}${before}`;
    yield before;
  }
}

/** The characters that are special in a basic regular expression. */
const escaped = (text: string): string => text.replaceAll(/[\\.*[\]^$]/g, String.raw`\$&`);

function substitute(pattern: string, to: string, first = ''): string | undefined {
  const delimiter = ['/', '|', ',', '~', '!'].find((one) => !pattern.includes(one) && !to.includes(one));
  if (delimiter === undefined) return undefined;
  const text = first + to.replaceAll(/[\\&]/g, String.raw`\$&`);
  return `s${delimiter}${pattern}${delimiter}${text}${delimiter}`;
}
