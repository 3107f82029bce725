import { withoutSource } from './common-source.ts';
import { closedCsv } from './cut-csv.ts';
import { withListsApart } from './json-lists.ts';
import { withObjectsOnOneLine } from './json-objects.ts';

/**
 * What mail programs, web pages, chats, terminals and JSON do to a log's lines is undone, line by line: quotation marks,
 * escapes, entities, colours, the marks of a quotation. The number of lines stays as it is.
 */
export function tidied(text: string): string {
  return (
    withoutSource(text.replaceAll(/\r\n?/gu, '\n'))
      // Markdown's emphasis
      .replaceAll(/\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*/gu, '$1')
      .replaceAll(ansi, '')
      .replaceAll(/[\u200B\uFEFF\u2060]/gu, '')
      .split('\n')
      .map(closedCsv)
      .map((line) => (isJsonRecord(line) ? withUsualNames(line) : ofCutJson(tidiedLine(messageOfJson(line)))))
      .map((line, index, lines) => {
        // an error of the other server that was broken after its label
        if (index > 0 && isRest(line, lines[index - 1] ?? '')) return '';
        const next = lines[index + 1] ?? '';
        return isRest(next, line) ? `${line.trimEnd()}  ${next.trim()}` : line;
      })
      .map((line, index, lines) =>
        line.startsWith('DETAIL: ') && hasProgramBefore(lines, index) ? line.replace(/^DETAIL: +/u, '') : line,
      )
      .map((line, index, lines) =>
        ofPart.test(line) && !hasRecordBefore(lines, index) ? line.replace(':  ', ': ') : line,
      )
      .map((line, index, lines) =>
        line.startsWith('\t') && !ofRecord(lines, index) ? line.replace(/^\t+/u, ' ') : line,
      )
      .join('\n')
  );
}

/** What a driver or another program printed of an error: the rest of its message, and no record of a log. */
const ofPart = /^(?:DETAIL|HINT): {2}/u;

const isRest = (line: string, before: string): boolean =>
  /: (?:ERROR|FATAL): *$/u.test(before) && /^\s+\S/u.test(line) && !/^\s*[A-Z]{3,}:/u.test(line);

/** What a client prints of a server's error is no record of the log, whose DETAIL this would be. */
const hasProgramBefore = (lines: readonly string[], index: number): boolean =>
  /^(?:psql|pg_\w+)(?:\.exe)?: /u.test(lines[index - 1] ?? '');

const hasRecordBefore = (lines: readonly string[], index: number): boolean =>
  lines
    .slice(Math.max(0, index - 6), index)
    .some((line) => /(?:LOG|WARNING|ERROR|FATAL|PANIC|NOTICE): {1,2}|^\S*(?:pg_\w+|psql|postgres): /u.test(line));

/** A line that begins with a TAB belongs to the record before it, if that is one. */
function ofRecord(lines: readonly string[], index: number): boolean {
  let at = index;
  while (at > 0 && index - at < 40 && lines[at]?.startsWith('\t') === true) at -= 1;
  return /\b(?:[A-Z]{3,}) ?: {1,2}|^\S*(?:pg_\w+|psql|postgres|initdb)(?:\.exe)?: /u.test(
    (lines[at] ?? '').replace(/^\t.*/u, ''),
  );
}

/** A whole record of jsonlog, which the log's own reader takes apart. */
function isJsonRecord(line: string): boolean {
  if (!line.includes('"error_severity"')) return false;
  try {
    JSON.parse(line.slice(line.indexOf('{')));
    return true;
  } catch {
    return false;
  }
}

/** A log store renames what it took from the record. */
const withUsualNames = (line: string): string =>
  line.includes('"message":') ? line : line.replace(/"_?msg": ?"/u, '"message":"');

/** A logger's JSON, which is no record of PostgreSQL's: its message. */
function messageOfJson(line: string): string {
  const start = line.search(/\{ {0,2}"/u);
  if (start === -1 || start > 120 || !line.trimEnd().endsWith('}') || /"error_severity"/u.test(line)) return line;
  try {
    const said = saidIn(JSON.parse(line.slice(start)), deepest);
    // behind a command on the same line, a message could be taken for its options
    const isTold = said.some(({ text, isCommand }) => !isCommand && ofProgram.test(text));
    const lines = said.filter(({ isCommand }) => !isTold || !isCommand);
    // zap's console lines have their message before the record of its fields
    const before = /\.go:\d+:?\s+(\S.*?)\s*$/u.exec(line.slice(0, start))?.[1];
    return lines.length === 0
      ? line
      : [...(before === undefined ? [] : [before]), ...lines.map(({ text }) => text)].join(' ');
  } catch {
    return line;
  }
}

/** It names itself, so the command need not be read to know it. */
const ofProgram = /^(?:pg_\w+|psql|initdb|postgres|repmgr): /u;

/** The driver's error is often within the program's own. */
function saidIn(object: unknown, depth: number): readonly Said[] {
  if (typeof object !== 'object' || object === null || depth === 0) return [];
  return Object.entries(object).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'string') return saidIn(value, depth - 1);
    return spokenName.test(name) ? [{ text: value.replaceAll(/\s+/gu, ' ').trim(), isCommand: name === 'cmd' }] : [];
  });
}

interface Said {
  readonly text: string;
  readonly isCommand: boolean;
}

const spokenName = /^(?:cmd|msg|message|error|err|log|text|textPayload|body|line|detail|stderr)$/iu;
const deepest = 6;

// oxlint-disable-next-line no-control-regex -- colours, and what shells print to set a title
const ansi = /\u001B\[[0-9;?]*[A-Za-z]|\u001B\][^\u0007\n]*\u0007/gu;

const event =
  /^((?:(?:\d+[smhd]){1,2}(?: \(x\d+ over \w+\))?\s{2,})?(?:Normal|Warning)\s{2,}[A-Z]\w+\s{2,}(?:(?:\d+[smhd]){1,2}(?: \(x\d+ over \w+\))?\s{2,})?[\w./-]+(?:, [\w.-]+)?)\s{2,}(?=\S)/u;

function tidiedLine(line: string): string {
  let text = line
    .replace(opensQuotation, '')
    .replace(/^((?:LOG|WARNING|ERROR|FATAL|PANIC): .*[^"\s])"\s*$/u, (whole, said: string) =>
      said.split('"').length % 2 === 1 ? said : whole,
    )
    .replaceAll(/&(quot|amp|lt|gt|nbsp|apos|#39|#34|#x27|#x22);/gu, (whole, name: string) => entities[name] ?? whole)
    .replaceAll(/<\/?(?:code|pre|p|br|strong|em|b|span|div|blockquote)(?: [^<>]*)?\/?>/gu, ' ')
    .replaceAll(/[“”„‟″«»]/gu, '"')
    .replaceAll(/[‘’‚′]/gu, "'")
    .replaceAll('\u00A0', ' ')
    .replaceAll(String.raw`\"`, '"')
    .replaceAll('" : ', '": ')
    // JSON's line feeds and TABs, where the text was cut out of it
    .replaceAll(/(?:\\n)?\\t(?=[A-Za-z"])/gu, ' ')
    .replace(/^(?:\s{0,3}>)+ ?/u, '')
    .replace(/^\s*(?:[*-] )?`{1,3}(?!`)/u, '')
    // a row of Kubernetes' events is no rest of the one before it, and its message begins behind the columns
    .replace(/^\s+(?=(?:Normal|Warning)\s{2,}[A-Z]\w+\s{2,})/u, '')
    .replace(event, '$1: ')
    .replace(/`{1,3}\s*$/u, '');
  // an e-mail or a page that lost the second blank behind a label
  text = text.replaceAll(labels, (_, before: string, label: string, at: number) =>
    isQuoted(text.slice(0, at + before.length)) || (isPart.test(label) && isMessage(text.slice(0, at)))
      ? `${before}${label}: `
      : `${before}${label}:  `,
  );
  return text;
}

const isPart = /^(?:DETAIL|HINT|CONTEXT|STATEMENT)$/u;

/** What follows on the same line is that message's. */
const hasLabel = /(?:LOG|WARNING|ERROR|FATAL|PANIC): /u;

/** A message that was pasted without its severity; what a log puts before a label has a time or a process in it. */
const isMessage = (before: string): boolean =>
  hasLabel.test(before) || (!/\d:\d\d|\[\d+\]/u.test(before) && before.trim().split(/\s+/u).length >= 3);

/** Somebody put the whole paste in quotation marks. */
const opensQuotation = /^\s*["'](?=(?:LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT): {1,2}\S)/u;

/** A part of a JSON record that was cut out of it: its parts are those of a log. */
const ofCutJson = (line: string): string =>
  line
    .replace(/^\s*"(?:message|msg)": ?"(.*?)",?\s*$/u, '$1')
    // an element of a list, as Ansible prints a program's lines
    .replace(/^\s+"((?:\S+ +){2}(?:(?!", ").)*)",?\s*$/u, '$1')
    .replace(/^\s*"[\w.-]+": ?"((?:\S+ +){3}\S.*?)",?\s*$/u, (whole, text: string) =>
      /^\s*"(?:detail|hint)"/u.test(whole) ? whole : text,
    )
    .replace(
      /^\s*"(detail|hint)": ?"(.*?)",?\s*$/u,
      (_, part: string, text: string) => `${part.toUpperCase()}:  ${text}`,
    );

const entities: Readonly<Record<string, string>> = {
  quot: '"',
  '#34': '"',
  '#x22': '"',
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
  apos: "'",
  '#39': "'",
  '#x27': "'",
};

/** Within a quotation a label begins no record of a log. */
const isQuoted = (before: string): boolean => ['"', "'", '`'].some((mark) => before.split(mark).length % 2 === 0);

const labels =
  /(^|[\s\]|:>)*-])(LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT): {0,2}(?=[^\s:])(?!password file)/gu;

/** Texts that were cut out of JSON have `\n` in them. */
export const unescaped = (text: string): string =>
  withListsApart(
    text.includes(String.raw`\n`) && !text.trim().includes('\n') && messageOfJson(text.trim()) === text.trim()
      ? text.replaceAll(/\\n(?:\\t)*/gu, '\n')
      : withObjectsOnOneLine(text),
  );

/** Long stretches of blank lines say nothing, and take time where a pattern begins with blanks. */
export const withoutGaps = (text: string): string => text.replaceAll(/(?:^[ \t\r]*\n){4,}/gmu, '\n\n\n');
