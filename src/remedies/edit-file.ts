import type { FileEdit, LineChange, Side, Step } from '../findings/report.ts';
import type { WrittenLines } from '../postgres/written-lines.ts';
import { shellWord } from './quoting.ts';
import { shell } from './remedy.ts';
import { exchangeInLine } from './sed.ts';

export interface FileToEdit {
  readonly file: string;
  /** The name of the copy is made of it. */
  readonly now: Date;
  /** What stands behind that name, where a remedy edits the file twice. */
  readonly copySuffix?: string;
  /** Its lines as they were seen; without them the step can be typed, and is not made by the tool itself. */
  readonly written?: WrittenLines | undefined;
  /** The file is not there, and is made by the edit. */
  readonly absent?: boolean;
  /** It is a password file. */
  readonly secret?: boolean;
}

/** Lines are counted from 1, as they are before any of the changes. */
export type Change =
  /** Puts lines at the end. */
  | { readonly act: 'append'; readonly lines: readonly string[] }
  | { readonly act: 'insert-before'; readonly line: number; readonly text: string }
  /** Makes comments of lines. A first line that is wrong by its byte order mark loses that instead, and keeps what it says. */
  | { readonly act: 'comment-out'; readonly lines: readonly number[] }
  /**
   * Makes other text of a line, one thing after another, by commands of sed. Where the line was not seen there are the
   * commands alone; where there are none {@link exchangeInLine} makes each of them.
   */
  | {
      readonly act: 'replace';
      readonly line: number;
      readonly becomes: readonly string[] | undefined;
      readonly by?: readonly string[];
    };

/**
 * The step that changes a text file: a copy of it, and the change of the file in its place, with all that is not meant
 * left byte by byte as it is. Whoever types it and the tool itself make the same bytes.
 */
export function editFile(on: Side, target: FileToEdit, change: Change): Step {
  const { file, now, written } = target;
  const copy = `${backupName(file, now)}${target.copySuffix ?? ''}`;
  const [from, to, aside] = [shellWord(copy), shellWord(file), shellWord(`${file}.undone`)];
  const command = commandFor(change, target, from);
  const changes = changesFor(change, target);
  const edit: FileEdit | undefined = changes && {
    file,
    copy,
    changes,
    ...(written?.crlf === true ? { crlf: true } : {}),
    ...(target.absent === true ? { absent: true } : {}),
    ...(target.secret === true ? { secret: true } : {}),
  };
  const step =
    target.absent === true
      ? {
          ...shell(on, `(umask 077 && ${command} >> ${to})`, 'edit-file', file),
          undo: shell(on, `test ! -e ${aside} && mv ${to} ${aside}`, 'put-back', file),
        }
      : {
          ...shell(
            on,
            `cp -p ${to} ${from} &&\n${command} ${change.act === 'append' ? '>>' : '>'} ${to}`,
            'edit-file',
            file,
          ),
          undo: shell(on, `cp -p ${from} ${to}`, 'put-back', file),
        };
  return edit === undefined ? step : { ...step, edit };
}

/** Editors on Windows put a byte order mark there, which the server takes for a part of the first word. */
export const beginsWithMark = (written: WrittenLines | undefined): boolean =>
  written?.lines[0]?.startsWith('\uFEFF') === true;

/** A copy beside a file that is about to be edited; its name is new each second, so that no earlier copy is lost. */
export const backupName = (file: string, now: Date): string =>
  `${file}.before-${now.toISOString().slice(0, 19).replaceAll(':', '')}`;

/** The step with another name for its copy. */
export function withCopy(step: Step, copy: string): Step {
  const { edit, undo } = step;
  if (edit === undefined) return step;
  const renamed = <T extends { readonly text: string }>(one: T): T => ({
    ...one,
    text: one.text.replaceAll(edit.copy, () => copy),
  });
  return { ...renamed(step), edit: { ...edit, copy }, ...(undo === undefined ? {} : { undo: renamed(undo) }) };
}

/** What writes to its output: the lines that are appended, or the whole file made of its copy. */
function commandFor(change: Change, { written, absent }: FileToEdit, copy: string): string {
  const end = written?.crlf === true ? String.raw`\r\n` : String.raw`\n`;
  switch (change.act) {
    case 'append': {
      // the line feed first: the file may end without one
      const empty = change.lines.length === 2 && change.lines[0] === '' ? end : '';
      const lines = change.lines.slice(empty === '' ? 0 : 1).map(shellWord);
      const format = absent === true ? `%s${end}` : lines.length === 1 ? `${empty}${end}%s${end}` : `${end}%s`;
      return `printf '${format}' ${lines.join(' ')}${absent === true || lines.length === 1 ? '' : " ''"}`;
    }
    case 'insert-before': {
      const above = change.line > 1 ? `head -n ${change.line - 1} ${copy}; ` : '';
      return `{ ${above}printf '%s${end}' ${shellWord(change.text)}; tail -n +${change.line} ${copy}; }`;
    }
    case 'comment-out': {
      const marked = change.lines.includes(1) && beginsWithMark(written);
      // in the locale C the mark is three bytes that are not ASCII
      const commands = [
        ...(marked ? ['1s/^[^ -~]*//'] : []),
        ...ranges(change.lines.filter((line) => line !== 1 || !marked)).map((range) => `${range}s/^/# /`),
      ];
      return `${marked ? 'LC_ALL=C sed' : 'sed'} ${commands.map((command) => `-e '${command}'`).join(' ')} ${copy}`;
    }
    case 'replace': {
      const commands = change.by ?? pairs(change, written)?.map(({ was, text }) => exchangeInLine(was, text)) ?? [];
      // elsewhere `.` does not fit a byte that is no character
      const program = commands.some((command) => command?.includes('.*') === true) ? 'LC_ALL=C sed' : 'sed';
      return `${program} ${commands.map((command) => `-e ${shellWord(`${change.line}${command ?? ''}`)}`).join(' ')} ${copy}`;
    }
  }
}

/** The same for the tool itself; undefined where a line was not seen. */
function changesFor(change: Change, { written }: FileToEdit): readonly LineChange[] | undefined {
  if (change.act === 'append') return change.lines.map((text) => ({ act: 'append', text }));
  if (change.act === 'replace')
    return pairs(change, written)?.map((pair) => ({ act: 'replace', line: change.line, ...pair }));
  const numbers = change.act === 'comment-out' ? [...new Set(change.lines)] : [change.line];
  const changes = numbers.flatMap((line): readonly LineChange[] => {
    const was = written?.lines[line - 1];
    if (was === undefined) return [];
    if (change.act === 'insert-before') return [{ act: 'insert-before', line, was, text: change.text }];
    const text = line === 1 && beginsWithMark(written) ? was.replace(/^[^ -~]*/u, '') : `# ${was}`;
    return [{ act: 'replace', line, was, text }];
  });
  return changes.length === numbers.length ? changes : undefined;
}

/** What is made of a line, and of what is made of it. */
function pairs(
  { line, becomes }: Extract<Change, { readonly act: 'replace' }>,
  written: WrittenLines | undefined,
): readonly { readonly was: string; readonly text: string }[] | undefined {
  const seen = written?.lines[line - 1];
  if (seen === undefined || becomes === undefined || becomes.length === 0) return undefined;
  return becomes.map((text, at) => ({ was: becomes[at - 1] ?? seen, text }));
}

/** `3`, `5,7`: lines that follow one another as sed takes them. */
function ranges(lines: readonly number[]): readonly string[] {
  const sorted = [...new Set(lines)].toSorted((a, b) => a - b);
  const first = sorted.filter((line) => !sorted.includes(line - 1));
  const last = sorted.filter((line) => !sorted.includes(line + 1));
  return first.map((line, at) => (line === last[at] ? String(line) : `${line},${last[at] ?? line}`));
}
