import type { Answer, Candidate } from '../answer.ts';
import type { Seen } from '../seen.ts';
import { unknownErrors } from './errors-of-tools.ts';
import { subjectsOf } from './subjects-of-tools.ts';
import { toolsIn } from '../tools.ts';

/**
 * A program around PostgreSQL reports an error of which nothing is known: who says it, where the rest of it stands, and the
 * one command that shows the state of what it manages.
 */
export function unknownOfTools(text: string, known: readonly Seen[]): readonly Seen[] {
  const spokenOf = toolsIn(text);
  for (const { tool, error, among, answer } of unknownErrors) {
    if (!spokenOf.has(tool) || among?.test(text) === false) continue;
    const isNew = (line: string): boolean => !known.some((one) => line.includes(one.text));
    const last =
      [...text.matchAll(error)].findLast(([line]) => isNew(line)) ??
      [...text.matchAll(jsonError)].findLast(([line]) => isNew(line));
    if (last === undefined) continue;
    // the title is what it says, without the time, process and level before it
    const [line, own = line] = last;
    const said = ofJson(own);
    const [title = said] = said.split(/\s+(?=(?:DETAIL|HINT): )/u);
    const position = last.index + line.lastIndexOf(own);
    const seen = withRemarks(seenOfTool(answer, own, position), text);
    const hasHint = seen.parts.some((part) => part.startsWith('HINT'));
    return [
      {
        ...seen,
        text: title.trim(),
        parts: [...seen.parts, ...reasonOfTraceback(text.slice(last.index + line.length))],
        answer: {
          ...answer,
          ...seen.answer,
          ...(ofServer.test(title) ? { means: meansOfServer(answer.means) } : {}),
          // what the program itself advises is worth more than what its words sound like
          causes: [...wentTo(line), ...(hasHint ? [] : subjectsOf(title)), ...(answer.causes ?? [])],
        },
      },
    ];
  }
  return [];
}

/** What a driver or a program puts before the server's own words. */
const ofServer = /\b(?:pq|ERROR|FATAL|PSQLException|psycopg2?(?:\.\w+)+): |\bSQLSTATE\b/u;

const meansOfServer = (means: string): string =>
  means.replace('It is not a message of PostgreSQL.', 'Its last part is what the server answered.');

/** A command that was run for the tool, and left its words in a file. */
function wentTo(line: string): readonly Candidate[] {
  const [, file] = /"cmd": ?"(?:[^"\\]|\\.)*?&?>{1,2} ?([\w./-]*\/(?!null\b)[\w.-]+)/u.exec(line) ?? [];
  return file === undefined
    ? []
    : [
        {
          cause: 'The output of the command was sent to a file there: the reason is in it.',
          on: 'that host',
          check: `tail -n 50 ${file}`,
        },
      ];
}

/** A logger's record, whatever tool wrote it. */
const jsonError = /^.*"(?:level|levelname|severity|lvl)": ?"(?:error|fatal|critical|panic)".*$/gimu;

/** What a record says: its message, and the error that it carries. */
function ofJson(line: string): string {
  const start = line.indexOf('{');
  if (start === -1) return line;
  try {
    const said = spokenIn(JSON.parse(line.slice(start)));
    return said.length === 0 ? line : said.join(': ');
  } catch {
    return line;
  }
}

const spokenIn = (record: unknown): readonly string[] =>
  typeof record !== 'object' || record === null
    ? []
    : ['msg', 'message', 'error', 'err', 'stderr'].flatMap((name) => {
        const value: unknown = Object.entries(record).find(([own]) => own === name)?.[1];
        return typeof value === 'string' && value.trim() !== '' ? [value.replaceAll(/\s+/gu, ' ').trim()] : [];
      });

/** The last line of Python's traceback is the reason. */
function reasonOfTraceback(after: string): readonly string[] {
  const [, below] = /^\n(?:.*\b)?Traceback \(most recent call last\):\n([^]*)/u.exec(after) ?? [];
  const reason = below?.split('\n').find((line) => ofException.test(line));
  return reason === undefined ? [] : [ofException.exec(reason)?.[0] ?? reason];
}

const ofException =
  /(?<=^|: )(?!File )[A-Za-z_][\w.]*(?:Error|Exception|Timeout|Exhausted|Internal|Unavailable|Failed|NotFound)\b(?:: .*)?$/u;

/** A line of a tool's, which is known or not. */
export const seenOfTool = (answer: Answer, text: string, position: number): Seen => ({
  recognition: undefined,
  answer,
  values: {},
  text,
  partial: true,
  others: [],
  record: undefined,
  program: undefined,
  parts: [],
  form: 0,
  count: 1,
  inPlace: 1,
  first: undefined,
  last: undefined,
  over: false,
  position,
});

/** repmgr, pgBackRest and PostgreSQL's own programs say behind it and on the next lines why, and what to do. */
export function withRemarks(seen: Seen, text: string): Seen {
  const below = remarksBelow(text.slice(seen.position + seen.text.length).split('\n'));
  const all = [...(seen.text.match(behind) ?? []), ...below].slice(0, 3);
  const hint = all.find((remark) => remark.startsWith('HINT'))?.replace(/^HINT: +/u, '');
  if (hint === undefined || seen.answer === undefined) return { ...seen, parts: all };
  return {
    ...seen,
    parts: all,
    answer: { ...seen.answer, todo: `Its own advice: ${hint.replaceAll(/[{}]/gu, '').replace(/\.?\s*$/u, '.')}` },
  };
}

const behind = /\b(?:DETAIL|HINT): +\S(?:(?!\s(?:DETAIL|HINT): )[^\n])*/gu;

/** Up to the next message: what follows that is its own. */
function remarksBelow(lines: readonly string[]): readonly string[] {
  const remarks: string[] = [];
  for (const [place, line] of lines.entries()) {
    const own = line.match(behind);
    if (own !== null) remarks.push(...own);
    else if (place > 0 && labelled.test(line)) break;
    if (remarks.length >= 3) break;
  }
  return remarks;
}

const labelled = /\b(?:ERROR|FATAL|CRITICAL|WARN(?:ING)?|INFO|NOTICE|LOG|DEBUG)\b\]?:? /u;
