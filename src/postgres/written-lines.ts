import { hbaSecrets } from './hba-line.ts';
import { maskedLine } from './masked-line.ts';
import { once } from './once.ts';
import { mask } from './secret.ts';

/** The lines of a text file as they stand there, so that one of them can be changed where it stands. */
export interface WrittenLines {
  /** Without what ends them; secrets are masked (see {@link maskedLine}). The line N is the element N - 1. */
  readonly lines: readonly string[];
  /** They end in CR LF. */
  readonly crlf: boolean;
}

/** Text files by path, line by line. */
export type Written = ReadonlyMap<string, WrittenLines>;

export const writtenFiles = (texts: ReadonlyMap<string, string>): Written =>
  new Map([...texts].map(([path, text]) => [path, writtenLines(text)]));

/**
 * The lines of pg_hba.conf, of a configuration file, or of another one that is masked otherwise. They are made when
 * somebody asks for them: only where a line is to be changed, which is in hardly any file.
 */
export function writtenLines(text: string, masked = maskedLine): WrittenLines {
  const lines = once(() => maskedLines(text, masked));
  return {
    get lines() {
      return lines();
    },
    crlf: /^[^\n]*\r(?:\n|$)/u.test(text),
  };
}

function maskedLines(text: string, masked: (line: string) => string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let goesOn = false;
  return lines.map((whole, at) => {
    const line = whole.replace(/\r$/u, '');
    const shown = goesOn ? mask : masked === maskedLine && line.endsWith('\\') ? continued(lines, at) : masked(line);
    // pg_hba.conf: a secret can go on in the next line
    goesOn = shown.endsWith(mask) && line.endsWith('\\');
    return shown;
  });
}

/** pg_hba.conf: the option's very name can begin in a line and end in the next. */
function continued(lines: readonly string[], at: number): string {
  const line = (lines[at] ?? '').replace(/\r$/u, '');
  const shown = maskedLine(line);
  if (shown.endsWith(mask)) return shown;
  const name = /[a-z"]+\\$/u.exec(line);
  const next = (lines[at + 1] ?? '').replace(/\r$/u, '');
  if (name === null || hbaSecrets(`${line.slice(0, -1)}${next}`).length === hbaSecrets(next).length) return shown;
  return `${line.slice(0, name.index)}${mask}`;
}
