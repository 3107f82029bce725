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
  return lines.map((whole) => {
    const line = whole.replace(/\r$/u, '');
    const shown = goesOn ? mask : masked(line);
    // pg_hba.conf: a secret can go on in the next line
    goesOn = shown.endsWith(mask) && line.endsWith('\\');
    return shown;
  });
}
