import { readLogText } from '../../postgres/log/read-log.ts';
import type { LogRecord } from '../../postgres/log/log-record.ts';
import type { Recognition } from '../../postgres/messages/recognition.ts';

/** A log record, or a line without a label, with the lines that continue it. */
export interface Block {
  readonly record: LogRecord;
  /** What the record's own words say. */
  readonly claimed: Recognition | undefined;
  readonly lines: Line[];
  end: number;
}

export interface Line {
  readonly text: string;
  /** So long that a terminal, a mail program or a page may have wrapped it. */
  readonly full: boolean;
}

export interface Reading {
  readonly recognise: (record: LogRecord) => Recognition | undefined;
  /** Whether the words themselves are not the message. */
  readonly isUncertain: (found: Recognition) => boolean;
  /** A line that begins with a known message is not the rest of another. */
  readonly beginsMessage: (line: string) => boolean;
  readonly claimed: (record: LogRecord, found: Recognition) => void;
}

/** The blocks of a text that no record has claimed. */
export function unclaimedBlocks(
  text: string,
  { recognise, isUncertain, beginsMessage, claimed }: Reading,
): readonly Block[] {
  const physical = text.split('\n');
  const rest: Block[] = [];
  let block: Block | undefined;
  for (const record of [...readLogText(text)].flatMap(apart)) {
    const found = recognise(record);
    const lines = linesOf(record, physical);
    if (found !== undefined && !isUncertain(found)) {
      claimed(record, found);
      block = { record, claimed: found, lines, end: record.line };
      continue;
    }
    const labelled = record.severity !== undefined || record.program !== undefined;
    const apartByBlank = text.length < longestPost && (physical[record.line - 2] ?? '').trim() === '';
    if (!labelled && block !== undefined && !apartByBlank && goesOn(block, record) && !beginsMessage(record.message)) {
      if (block.claimed !== undefined && rest.at(-1) !== block) rest.push(block);
      block.lines.push(...lines);
      block.end = record.line;
      continue;
    }
    block = { record, claimed: found, lines, end: record.line };
    rest.push(block);
  }
  return rest;
}

/** What another program wrote behind a client program's message, which has no mark for its further lines, is its own. */
function apart(record: LogRecord): readonly LogRecord[] {
  if (record.program === undefined) return [record];
  const lines = record.message.split('\n');
  const end = lines.findIndex((line, index) => index > 0 && isOwnLine(line.trim()));
  if (end === -1) return [record];
  return [
    { ...record, message: lines.slice(0, end).join('\n') },
    ...lines
      .slice(end)
      .map((message, index) => ({ ...record, program: undefined, message, line: record.line + end + index })),
  ];
}

/** A line without a label may be the rest of a wrapped one, unless it looks like the beginning of a line of its own. */
const goesOn = (block: Block, { line, message }: LogRecord): boolean =>
  line - block.end <= 1 + block.lines.length &&
  block.lines.length < mostLines &&
  !isOfTable.test(block.lines.at(-1)?.text ?? '') &&
  !isOwnLine(message);

const mostLines = 12;

/** In a post, a blank line ends what was said; paragraph for paragraph, a document would take twice the time. */
const longestPost = 8192;

/** A time, a label, a list, a prompt, a container's or a logger's name. */
export const isOwnLine = (line: string): boolean =>
  /^(?:[[<{(]|\d{4}[-/]\d\d|\d\d:\d\d|\d+\.\d+\.\d+|[A-Z][a-z]{2} [ \d]\d |[\w./-]+\[\d+\]|[\w.-]+ +\||(?:level|ts|time)=|type=[A-Z_]+ msg=audit)/u.test(
    line,
  ) ||
  /^[\w.-]+ +(?:\d\d:\d\d:\d\d|exited with code \d)/u.test(line) ||
  /^(?:DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|PANIC|LOG|EXCEPTION)\b ?[:=]?/u.test(line) ||
  /^(?:mkdir|rm|cp|mv|cat|chmod|chown|ls|ln|touch|tar|rsync|scp|ssh|flock|env|sudo|(?:\/bin\/)?(?:ba)?sh|\/\S+\.sh): /u.test(
    line,
  ) ||
  isEvent.test(line) ||
  isOfTable.test(line) ||
  /^(?:[$#>] |\S+@\S+[:~ ][^$#]*[$#](?: |$)|-bash|Traceback )/u.test(line);

/** The rule of a table, a row, or how many they are. */
const isOfTable = /^(?:-{3,}[-+]*$|\(\d+ rows?\)|[^|]*(?: \|[^|]*){3})/u;

/** A row of Kubernetes' events, in `kubectl describe` and in `kubectl get events`. */
const isEvent = /^(?:(?:\d+[smhd]){1,2}(?: \(x\d+ over \w+\))? {2,})?(?:Normal|Warning) {2,}[A-Z]\w+ {2,}/u;

/** What another program or prompt wrote on the next lines is not part of a message. */
export function ownText(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line, index) => index > 0 && isOwnLine(line.trim()));
  return end === -1 ? text : lines.slice(0, end).join('\n');
}

const linesOf = ({ message, detail, hint, line }: LogRecord, physical: readonly string[]): Line[] =>
  [message, detail, hint]
    .flatMap((part) => (part === undefined ? [] : part.split('\n')))
    .map((text, index) => ({
      text: withoutRows(text),
      full: (physical[line - 1 + index] ?? text).length >= shortestWrapped,
    }));

/** What a message shows of a row, of a parameter or of a statement is somebody's data, whatever words are in it. */
const withoutRows = (text: string): string =>
  text
    .replace(/^(Failing row contains |Key \([^)]*\)=|[Pp]arameters: ).*$/u, '$1')
    .replace(
      /^(invalid input (?:syntax|value) for \S+(?: \S+){0,3}: |malformed \w+ literal: |date\/time field value out of range: |(?:value|integer|time zone) (?=".*" (?:is|out|not)\b)).*$/u,
      '$1',
    );

const shortestWrapped = 50;

/** Lines that may have been wrapped are one again. */
export const joined = (lines: readonly Line[]): string =>
  lines.reduce((text, line, index) => {
    if (index === 0) return line.text;
    const wrapped = lines[index - 1]?.full === true && !opensSentence(text, line.text);
    return `${text}${wrapped ? ' ' : '\n'}${line.text}`;
  }, '');

const opensSentence = (before: string, line: string): boolean =>
  /^[A-Z][a-z]/u.test(line) && !/[:,(]\s*$/u.test(before);
