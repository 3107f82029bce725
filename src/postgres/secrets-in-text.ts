import { commandLineSecrets } from './command-line-secrets.ts';
import { conninfoOption } from './conninfo-options.ts';
import { hbaSecrets } from './hba-line.ts';
import { libpqWords } from './libpq-words.ts';
import { withoutSpans } from './spans.ts';
import type { Span } from './spans.ts';

/**
 * A text whose grammar is not known, as it can be shown: a shell command, a comment, a message of a log, a statement, JSON,
 * a line that cannot be read. A secret is known by the name before it; where its end cannot be told for certain, all
 * that follows is hidden.
 */
export const maskText = (text: string): string =>
  mayHoldSecrets.test(text) ? withoutSpans(text, secretsInText(text)) : text;

/** The same for a text of several lines: what is hidden to the end is hidden to the end of its line. */
export const maskLines = (text: string): string =>
  mayHoldSecrets.test(text) ? text.split('\n').map(maskText).join('\n') : text;

/** All that is looked for has one of these in it: of a thousand lines of a configuration or of a log hardly one has. */
export const mayHoldSecrets =
  /pass|pwd|secret|token|key|credential|signature|conninfo|_command|authorization|:\\?\/\\?\/|SCRAM-SHA-256\$|\bmd5[0-9a-f]{32}|curl|pg_[a-z]+\s|psql\s|standbylint\s|too many command-line|connection (?:option|info|string)|URI|percent-encoded|invalid (?:port|integer)|unexpected spaces|network address|(?:user|role|host|name|database|address|at) \\*"[^"]*[:@]/iu;

export function secretsInText(text: string): readonly Span[] {
  if (isShortWord.test(text)) return [];
  if (text.length > longest) return [{ from: Math.max(0, text.search(mayHoldSecrets)), to: text.length }];
  return [...found(text), ...behindEscapes(text)];
}

/** Most values of settings: no name, no separator and no verifier has room in it. */
const isShortWord = /^[\w.+-]{0,30}$/u;

/** Beyond this a search could take long: all that follows the first sign of a secret is hidden. */
const longest = 8_192;

const found = (text: string): readonly Span[] => [
  ...named(text),
  ...inProse(text),
  ...behindColon(text),
  ...verifiers(text),
  ...hbaSecrets(text),
  ...libpqWords(text),
  ...commandLineSecrets(text),
];

/** A shell word can have a backslash before each of its characters: the same is looked for without them. */
function behindEscapes(text: string): readonly Span[] {
  if (!text.includes('\\')) return [];
  const offsets: number[] = [];
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\' && at + 1 < text.length) at += 1;
    offsets.push(at);
    plain += text[at] ?? '';
  }
  return found(plain).map(({ from, to }) => ({ from: offsets[from] ?? text.length, to: offsets[to] ?? text.length }));
}

/** Names that a secret follows. */
const secretName =
  /passw|passphrase|pwd|secret|token|credential|signature|cipher-?_?pass|(?:^|[_-])pass$|(?:access|account|api|private|encryption|client|server|azure|s3|gcs|storage|shared|libsodium|pgp)[_-]?key$|authorization/iu;

/** Names that look like it, and that a number, a file or a word follows; those of errors of object stores, and their words. */
const plainName =
  /^(?:NoCredentialProviders|SignatureDoesNotMatch|ExpiredToken(?:Exception)?|InvalidToken|AuthorizationHeaderMalformed|password_encryption|md5_password_warnings|ssl_passphrase_command_supports_reload|no-password|restart[_-]token)$|(?:file|path|dir|directory|[_-]id|command|method|type|length|expires|lifetime|timeout)$/iu;

const assignment =
  /(--?)?([A-Za-z_][\w.-]*|authorization)((?:\\*["'`])*\s*\\*(?:=>|:=|=|:(?!\/\/))\s*|\s+(?=(?:[EU]&?)?(?:\\*['"]|\$\w*\$))|\s+)/giu;

/** `password=…`, `"password": "…"`, `PASSWORD '…'`, `--password …`. */
function named(text: string): readonly Span[] {
  const spans: Span[] = [];
  assignment.lastIndex = 0;
  for (let found = assignment.exec(text); found !== null; found = assignment.exec(text)) {
    const [whole, dashes, name = '', separator = ''] = found;
    const from = found.index + whole.length;
    const rest = text.slice(from);
    const quoteFollows = opener.test(rest);
    const isOption = dashes === '--' && separator.trim() === '' && !rest.startsWith('-');
    if (!isSecretName(name) || (separator.trim() === '' && !quoteFollows && !isOption)) {
      // the name of the next pair can begin within what was taken for a separator's blanks
      assignment.lastIndex = found.index + (dashes ?? '').length + name.length + (separator.trim() === '' ? 0 : 1);
      continue;
    }
    // a piece of a text, in messages of the server and of libpq: libpqWords() knows them
    if (/^token$/iu.test(name) && /(?:near|encoded) $/u.test(text.slice(Math.max(0, found.index - 20), found.index)))
      continue;
    const to = from + valueLength(rest, { isConninfo: separator.includes('=') && isConninfoName(name), name });
    // quotes within a secret: where it ends can be misread, and nothing behind it has to be seen
    const isClear = !/['"`\\]/u.test(text.slice(from, to).replace(/^\\*['"]|\\*['"]$/gu, ''));
    spans.push({ from, to: isClear ? to : text.length });
    assignment.lastIndex = Math.max(to, from);
    if (to >= text.length) break;
  }
  return spans;
}

/** `password`, `api_token`: what stands behind such a name is hidden. */
export const isSecretName = (name: string): boolean => secretName.test(name) && !plainName.test(name);

const isConninfoName = (name: string): boolean => conninfoOption(name)?.secret === true;

const opener = /^(?:E|U&)?((?:\\*['"])+|\$\w*\$)/iu;

interface Named {
  readonly isConninfo: boolean;
  readonly name: string;
}

function valueLength(rest: string, { isConninfo, name }: Named): number {
  if (/^authorization$/iu.test(name)) return rest.length;
  const [start = '', quotes] = opener.exec(rest) ?? [];
  if (quotes !== undefined) return quotedLength(rest, start.length, quotes, isConninfo);
  // a word of the shell: what is quoted in it and what stands behind a backslash belongs to it
  const word = /^(?:\\.|[^\s\\])+/su.exec(rest)?.[0] ?? '';
  const quoted = /^[^\s'"\\]*(?:(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.)[^\s'"\\]*)+/su.exec(rest)?.[0] ?? '';
  const length = Math.max(word.length, isConninfo ? 0 : quoted.length);
  const after = rest.slice(length);
  const isEnded = !isConninfo || /['"`)\]},;]$/u.test(rest.slice(0, length)) || goesOn(after);
  return isEnded ? length : rest.length;
}

/** `the password is '…'`: in a comment, all that follows. */
function inProse(text: string): readonly Span[] {
  const isComment = /^\s*(?:#|--)/u.test(text);
  const said = /\b(?:pass(?:word|phrase|wd)|pwd|secret|token)(?:\s+\w+){0,3}?\s+(?:is|was|to|=)\s+/giu;
  return [...text.matchAll(said)].flatMap(({ index, 0: start }) => {
    const from = index + start.length;
    return isComment || /^["'`]/u.test(text.slice(from)) ? [{ from, to: text.length }] : [];
  });
}

/** The ends of what it stands in: nothing of a secret can be there. */
const isNoMore = (after: string): boolean => /^[\\"'`)\]};,.\s]*$/u.test(after);

/** What may stand behind a value of a connection string: its end, or the next keyword. */
function goesOn(after: string): boolean {
  if (/^\s*$/u.test(after)) return true;
  const [, keyword] = /^\s+([A-Za-z_]+)\s*=/u.exec(after) ?? [];
  return keyword !== undefined && conninfoOption(keyword) !== undefined;
}

/** The same quotes end it, not escaped by a backslash and not doubled; where none surely do, nothing ends it. */
function quotedLength(rest: string, from: number, quotes: string, isConninfo: boolean): number {
  // within other quotes, or a character of the value: which of them cannot be told
  const isEscaped = quotes.startsWith('\\');
  for (let at = rest.indexOf(quotes, from); at !== -1;) {
    const end = at + quotes.length;
    if (rest.startsWith(quotes, end)) {
      at = rest.indexOf(quotes, end + quotes.length);
      continue;
    }
    const after = rest.slice(end);
    const isEnd =
      rest[at - 1] !== '\\' &&
      !/^\\*['"`]\S/u.test(after) &&
      (isNoMore(after) || (!isEscaped && (isConninfo ? goesOn(after) : /^(?:$|[\s,;)\]}'"`\\])/u.test(after))));
    if (isEnd) return end;
    at = rest.indexOf(quotes, at + 1);
  }
  return rest.length;
}

/** `scheme://user:…@`, `curl -u user:…`, `-passin pass:…`. */
function behindColon(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { index, 0: start } of text.matchAll(/\/\\?\/[^\s/:@'"?]*:/gu)) {
    const from = index + start.length;
    const rest = text.slice(from);
    const word = /^\S*/u.exec(rest)?.[0] ?? '';
    const isPort = /^\d*(?:[/?,'"`)\]};.\\]|$)/u.test(word) && !word.includes('@');
    const at = word.includes('@') ? word.lastIndexOf('@') : isPort ? -1 : rest.lastIndexOf('@');
    // bracketed addresses have colons of their own
    if (isPort || text[index + 2] === '[') continue;
    spans.push({ from, to: from + (at === -1 ? rest.length : at) });
  }
  // the name of a parameter of a URI can be encoded, too
  for (const { 0: start, 1: name = '', index } of text.matchAll(/[?&]((?:[\w-]|%[0-9a-f]{2})*%[0-9a-f]{2}\w*)=/giu)) {
    const from = index + start.length;
    const plain = name.replaceAll(/%([0-7][0-9a-f])/giu, (_, digits) =>
      String.fromCodePoint(Number.parseInt(String(digits), 16)),
    );
    if (isSecretName(plain)) spans.push({ from, to: from + (/^[^\s&]*/u.exec(text.slice(from))?.[0].length ?? 0) });
  }
  for (const { 0: whole, 1: start = '', index } of text.matchAll(
    /((?:\bcurl\b[^|;&]*?\s(?:-u\s*|--(?:proxy-)?user(?:\s+|=))['"]?[^\s:'"]+|\bpass):)(?:\\.|[^\s\\])+/giu,
  ))
    spans.push({ from: index + start.length, to: index + whole.length });
  for (const { 0: whole, 1: start = '', index } of text.matchAll(/(\bsshpass\b\s+-p\s*|\bmysql\w*\b[^|;&]*?\s-p)\S+/gu))
    spans.push({ from: index + start.length, to: index + whole.length });
  return spans;
}

/** What a server stores of a password: nobody needs to see it, and offline it can be guessed. */
const verifiers = (text: string): readonly Span[] =>
  [...text.matchAll(/SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+|\bmd5[0-9a-f]{32}\b/gu)].map(
    ({ index, 0: found }) => ({ from: index, to: index + found.length }),
  );
