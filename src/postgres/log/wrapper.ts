import { parsed } from './json-lines.ts';
import { labelOfBytes } from './labels.ts';
import type { Surroundings } from './line-reader.ts';
import { timeStampIn } from './time-stamp.ts';

/** Who put something before each line of the log. */
export type WrapperName = 'docker-json' | 'cri' | 'timestamps' | 'compose' | 'syslog';

export interface Unwrapped extends Surroundings {
  readonly text: string;
  /** The next line of the wrapper goes on with this one. */
  readonly partial: boolean;
  /** It goes on with the line before, without a line feed between: syslog cuts at 900 bytes. */
  readonly continues: boolean;
}

/** Takes the wrapping off one line; undefined: this line is not wrapped so. */
export type Wrapper = (line: string) => Unwrapped | undefined;

export const wrappers: Readonly<Record<WrapperName, Wrapper>> = {
  'docker-json': dockerJson,
  cri,
  compose,
  syslog,
  timestamps,
};

/** The driver json-file: `{"log":"…\n","stream":"stderr","time":"…"}`; without the line feed when a line was cut at 16 KiB. */
function dockerJson(line: string): Unwrapped | undefined {
  if (!line.startsWith('{"log":')) return undefined;
  const found = parsed(Buffer.from(line, 'latin1').toString('utf8'));
  const log = found?.['log'];
  const time = found?.['time'];
  if (typeof log !== 'string') return undefined;
  const text = Buffer.from(log, 'utf8').toString('latin1');
  return {
    text: text.endsWith('\n') ? text.slice(0, -1) : text,
    time: typeof time === 'string' ? timeStampIn(time) : undefined,
    pid: undefined,
    partial: !text.endsWith('\n'),
    continues: false,
  };
}

/** containerd and CRI-O: `2026-11-21T20:26:18.934567890Z stderr F …`; P: cut, the next line goes on. */
function cri(line: string): Unwrapped | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\S+) (?:stdout|stderr) ([FP]) ?/u.exec(line);
  return match === null
    ? undefined
    : unwrapped(line.slice(match[0].length), timeStampIn(match[1] ?? ''), match[2] === 'P');
}

/** `docker logs -t`, `kubectl logs --timestamps`. */
function timestamps(line: string): Unwrapped | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}(?:Z|[+-]\d\d:\d\d)) /u.exec(line);
  return match === null ? undefined : unwrapped(line.slice(match[0].length), timeStampIn(match[1] ?? ''));
}

/** `docker compose logs`: `standby-1  | …`. */
function compose(line: string): Unwrapped | undefined {
  const match = /^[\w.-]+ +\| ?/u.exec(line);
  return match === null ? undefined : unwrapped(line.slice(match[0].length), undefined);
}

/**
 * syslog's files and journalctl: `Nov 21 20:26:18 host postgres[123]: …` or an ISO time. syslog.c splits a message into
 * pieces `[5-1]`, `[5-2]` (or `[1]`, `[2]`): from the second on they go on with it. rsyslog writes a TAB as `#011`.
 */
function syslog(line: string): Unwrapped | undefined {
  const match =
    /^((?:<\d+>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*)) (?:\S+ )?([\w@./-]+)\[(\d+)\]: /u.exec(
      line,
    );
  if (match === null) return undefined;
  const [header, stamp = '', , pid] = match;
  const rest = line.slice(header.length);
  const piece = /^\[(\d+-)?(\d+)\] /u.exec(rest);
  const text = (piece === null ? rest : rest.slice(piece[0].length)).replace(/^(?:#011)+/u, (tabs) =>
    '\t'.repeat(tabs.length / 4),
  );
  const continues = piece !== null && goesOn(text, piece[1] === undefined ? undefined : Number(piece[2]));
  return { ...unwrapped(text, timeStampIn(stamp)), pid: Number(pid), continues };
}

/**
 * elog.c, write_syslog: a new line of a record begins with a TAB or has a label; what was only cut does not. `[5]` alone is
 * a whole record's number, or a piece's where syslog_sequence_numbers is off.
 */
function goesOn(text: string, piece: number | undefined): boolean {
  if (piece === 1 || text.startsWith('\t')) return false;
  const word = /(?:^|[\s:\]])([A-Z\u0080-\u00FF()]{2,}) ?: {2}/u.exec(text)?.[1];
  const label = word === undefined ? undefined : labelOfBytes(word);
  // the severity stands in the first piece: in a later one it is somebody's statement
  return label === undefined || (label.kind === 'main' && piece !== undefined);
}

const unwrapped = (text: string, time: Date | undefined, partial = false): Unwrapped => ({
  text,
  time,
  pid: undefined,
  partial,
  continues: false,
});
