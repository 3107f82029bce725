import type { Span } from './spans.ts';

/**
 * Where a command line of one of PostgreSQL's client programs has a password in a place that is for something else: `-pPW`
 * and `-WPW` (the habit of MySQL, of whose options these are), `-W PW`, `-U role:PW`, `-h role:PW@host`.
 */
export function commandLineSecrets(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { index, 0: line, 1: program = '' } of text.matchAll(command)) {
    for (const { index: at, 0: whole, 1: option = '' } of line.matchAll(withValue)) {
      const from = at + whole.length;
      const rest = line.slice(from);
      if (!isFree(option, rest, program)) spans.push({ from: index + from, to: index + from + lengthOf(rest) });
    }
    // a quoted word may have blanks in it
    for (const { index: at, 0: whole, 1: before = '' } of line.matchAll(
      /(\s(?:-[hd]|--\w+=)?\s*(['"]?)[^\s:/@'"-][^\s:/@]*:(?<!postgres(?:ql)?:(?=\/\/)))(?:(?<=['"][^\s:/@]*:).*|\S*)@/gu,
    ))
      spans.push({ from: index + at + before.length, to: index + at + whole.length - 1 });
    for (const { index: at, 1: before = '', 2: quote = '' } of line.matchAll(
      /(\s(?:-U\s*|--username[=\s])(['"]?)[^\s:]*:)/gu,
    )) {
      const from = at + before.length;
      const rest = line.slice(from);
      const end = quote === '' ? rest.search(/\s|$/u) : quotedLength(rest, quote);
      spans.push({ from: index + from, to: index + from + end });
    }
  }
  return spans;
}

const command =
  /\b(pg_(?:basebackup|receivewal|recvlogical|rewind|dump|dumpall|restore|isready)|psql|standbylint)(?:\.exe)?(?=\s)[^\n]*/gu;

/** Flags can stand before the letter: `-PvW`. */
const withValue = /\s(?:-[PRnNvwz]*([pW])|--(port|password)(?==|\s))[=\s]*/gu;

/** What such an option may have behind it. */
function isFree(option: string, rest: string, program: string): boolean {
  if (option === 'p' || option === 'port')
    return /^(?:$|(?:(['"]?)(?:\d{1,6}|<[\w -]+>|\*\*\*)\1|("?)\$(?:\w+|\{[^}'"]*\})\2)(?=$|[\s;&|)`'"]))/u.test(rest);
  // -W takes no value: more flags, another option, and of the other programs the name of a database
  return (
    /^(?:$|[-;&|)>]|[PRnNvwz]{1,3}(?=$|\s)|\*\*\*)/u.test(rest) || !/^(?:pg_basebackup|standbylint)$/u.test(program)
  );
}

/** Up to the quote that ends the word. */
function quotedLength(rest: string, quote: string): number {
  const end = rest.indexOf(quote);
  return end === -1 || /[\\`]/u.test(rest.slice(0, end)) || /^\S/u.test(rest.slice(end + 1)) ? rest.length : end;
}

/** Up to the next option; where a quote or a backslash is in it nobody can tell where it ends. */
function lengthOf(rest: string): number {
  const [word = ''] = /^.*?(?=\s+-{1,2}[A-Za-z]|$)/su.exec(rest) ?? [];
  return /['"`\\]/u.test(word) ? rest.length : word.trimEnd().length;
}
