/**
 * What every line begins with is no part of the lines: the indentation of a paste, the frame of a terminal's program
 * (k9s), the columns of a dashboard with the entry's time, the pod and container of stern, kubetail and compose. The
 * number of lines stays as it is.
 */
export const withoutSource = (text: string): string =>
  steps.reduce<Lines>((lines, step) => step(lines), text.split('\n')).join('\n');

type Lines = readonly string[];

const steps: readonly ((lines: Lines) => Lines)[] = [
  withoutFrame,
  withoutColumns,
  withoutEnds,
  messagesOfLogfmt,
  withoutIndentation,
  (lines) => lines.map(fromItsTime),
  withoutService,
  withoutPod,
  beforeRecords,
];

const isBlank = (line: string): boolean => line.trim() === '';

/** A table that is drawn with the same strokes has some within its lines, too. */
function withoutFrame(lines: Lines): Lines {
  if (!everyLine(lines, (line) => framed.test(line))) return lines;
  return lines.map((line) => framed.exec(line)?.[1]?.trimEnd() ?? '');
}

const framed = /^\s*[│┃]([^│┃]*)[│┃]\s*$/u;

/** Where the entries stand newest first, so that what comes after what can no longer be read, they are turned round. */
function withoutColumns(lines: Lines): Lines {
  if (!everyLine(lines, (line) => columns.test(line))) return lines;
  const times = lines.flatMap((line) => columns.exec(line)?.groups?.['time'] ?? []);
  const own = lines.map((line) => line.replace(columns, ''));
  const falls = times.every((time, index) => index === 0 || time <= (times[index - 1] ?? ''));
  return falls && times.length > 1 && times.at(-1) !== times[0] ? own.toReversed() : own;
}

/** Cells with nothing but a time, or with nothing, and a bar behind each. */
const columns =
  /^(?:\s*\|)*\s*(?:(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2,8} \d{1,2},? \d{4},? |(?=(?<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d))\d{4}-\d\d-\d\d[T ])\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]m|Z| ?[+-]\d\d:?\d\d| UTC)? +(?:\|\s*)+/iu;

function withoutIndentation(lines: Lines): Lines {
  const indentation = lines.reduce(
    (least, line) => (isBlank(line) ? least : Math.min(least, /^ */u.exec(line)?.[0].length ?? 0)),
    Number.POSITIVE_INFINITY,
  );
  return indentation === 0 || indentation === Number.POSITIVE_INFINITY
    ? lines
    : lines.map((line) => line.slice(indentation));
}

/** The first line of a paste has often lost its blanks; a record that begins with its time is no rest of another. */
const fromItsTime = (line: string): string =>
  line.replace(
    /^ +(?=\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S* (?:[\w[\]@:-]+ ){0,6}(?:LOG|INFO|WARNING|ERROR|FATAL|PANIC|DEBUG|STATEMENT|DETAIL|HINT|CONTEXT): )/u,
    '',
  );

/** Compose without a number: with one, it is read as what it is. */
function withoutService(lines: Lines): Lines {
  const service = /^[A-Za-z][\w.-]*(?<![-_]\d{1,3})(?:@[\w.-]+)? *\|(?: |$)/u.exec(lines[0] ?? '')?.[0];
  return service !== undefined && lines.every((line) => isBlank(line) || `${line} `.startsWith(service))
    ? lines.map((line) => line.slice(service.length))
    : lines;
}

function withoutPod(lines: Lines): Lines {
  const source = /^[A-Za-z][\w.]*-[\w.-]*\d[\w-]*(?: [a-z][\w-]*)? (?=\S|\t)/u.exec(lines[0] ?? '')?.[0];
  return source !== undefined && lines.length > 1 && lines.every((line) => line === '' || line.startsWith(source))
    ? lines.map((line) => line.slice(source.length))
    : lines;
}

/** `cat -A` shows where each line ends. */
function withoutEnds(lines: Lines): Lines {
  return everyLine(lines, (line) => line.endsWith('$')) ? lines.map((line) => line.replace(/\$$/u, '')) : lines;
}

/** `time=… level=… msg="…"` of Go's programs, where each has a whole line of the log in it. */
function messagesOfLogfmt(lines: Lines): Lines {
  if (!everyLine(lines, (line) => logfmt.test(line))) return lines;
  return lines.map((line) => {
    try {
      return String(JSON.parse(logfmt.exec(line)?.[1] ?? '""'));
    } catch {
      return line;
    }
  });
}

const logfmt = /^(?:\w+=\S+ )*(?:time|ts|level)=.{0,200}?\b(?:msg|message)=("(?:[^"\\]|\\.)*")/u;

/** The same in each line up to the time of PostgreSQL's own, but for its numbers: whoever carried the log put it there. */
function beforeRecords(lines: Lines): Lines {
  const before = /^([^"{\n]{1,120}?)(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? [A-Z+\-\d:]{1,6} \[\d)/u.exec(
    lines[0] ?? '',
  )?.[1];
  if (before === undefined) return lines;
  const same = new RegExp(
    `^${before.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`).replaceAll(/\d+/gu, String.raw`\d+`)}`,
    'u',
  );
  return everyLine(lines, (line) => same.test(line)) ? lines.map((line) => line.replace(same, '')) : lines;
}

/** One line alone may have it by chance. */
function everyLine(lines: Lines, has: (line: string) => boolean): boolean {
  const some = lines.filter((line) => !isBlank(line));
  return some.length > 1 && some.every(has);
}
