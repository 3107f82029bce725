import { maskedLine } from './masked-line.ts';
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

/** The lines of pg_hba.conf, of a configuration file, or of another one that is masked otherwise. */
export function writtenLines(text: string, masked = maskedLine): WrittenLines {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let goesOn = false;
  return {
    lines: lines.map((whole) => {
      const line = whole.replace(/\r$/u, '');
      const shown = goesOn ? mask : masked(line);
      // pg_hba.conf: a secret can go on in the next line
      goesOn = shown.endsWith(mask) && line.endsWith('\\');
      return shown;
    }),
    crlf: lines[0]?.endsWith('\r') === true,
  };
}
