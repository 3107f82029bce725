import { beginsCsvRecord } from './csv-lines.ts';
import { labelOfBytes } from './labels.ts';
import { decoded } from './text.ts';
import { wrappers } from './wrapper.ts';
import type { WrapperName } from './wrapper.ts';

/** How a log is written, as far as its lines tell. */
export interface LogForm {
  readonly destination: 'stderr' | 'csvlog' | 'jsonlog';
  readonly wrapper: WrapperName | undefined;
  /** Labels or severities of another language than English are in it. */
  readonly translated: boolean;
}

/** Looks at the first lines of a log, one character a byte. What most lines look like decides. */
export function logForm(sample: string): LogForm {
  const lines = sample
    .split('\n', mostLines)
    .map((line) => line.slice(0, longestLine))
    .filter((line) => line.trim() !== '');
  const wrapper = wrapperNames.find((name) => most(lines, (line) => wrappers[name](line) !== undefined));
  const inner = wrapper === undefined ? lines : lines.flatMap((line) => wrappers[wrapper](line)?.text ?? []);
  return {
    destination: destinationOf(inner),
    wrapper,
    translated: inner.some(isForeign),
  };
}

/** The one with the narrowest form first. */
const wrapperNames = ['docker-json', 'cri', 'timestamps', 'syslog', 'compose'] as const;

const mostLines = 400;
const longestLine = 20_000;

const most = (lines: readonly string[], is: (line: string) => boolean): boolean =>
  lines.length > 0 && lines.filter(is).length * 2 > lines.length;

function destinationOf(lines: readonly string[]): LogForm['destination'] {
  // a record of csvlog spans lines: those that begin one are enough
  const csv = lines.filter(beginsCsvRecord).length;
  if (csv > 0 && csv * 10 >= lines.length) return 'csvlog';
  return most(lines, (line) => line.startsWith('{') && line.trimEnd().endsWith('}')) ? 'jsonlog' : 'stderr';
}

function isForeign(line: string): boolean {
  for (const match of line.matchAll(
    /(?<![A-Z\u0080-\u00FF])([A-Z\u0080-\u00FF]{2,})(?: |\u00C2\u00A0)?:  |,([A-Z\u0080-\u00FF]{3,}),[0-9A-Z]{5},|"error_severity":"([^"]+)"/gu,
  )) {
    const label = labelOfBytes(match[1] ?? match[2] ?? match[3] ?? '');
    if (label?.kind === 'main') return !label.english;
    // ANWEISUNG, TIPP, …: the English ones are ASCII, and so are some of the others
    if (label?.kind === 'part' && !englishParts.has(decoded(match[1] ?? ''))) return true;
  }
  return false;
}

const englishParts: ReadonlySet<string> = new Set([
  'DETAIL',
  'HINT',
  'QUERY',
  'CONTEXT',
  'LOCATION',
  'BACKTRACE',
  'STATEMENT',
]);
