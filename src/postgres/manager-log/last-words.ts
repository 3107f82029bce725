import { maskText } from '../secrets-in-text.ts';
import { managerWords } from './words.ts';
import type { ManagerWords, Work } from './words.ts';

/** Something that a manager has said and that still holds. */
export interface ManagerWord {
  /** Its name in the table. */
  readonly id: string;
  /** As it was said last, with what was added to it; no secret is in it. */
  readonly text: string;
  /** When it was said first, as it is written there: by a clock whose zone is not. */
  readonly since: string | undefined;
  readonly repeatedly: boolean;
}

/**
 * Reads the end of a manager's log, line by line, and keeps what was wrong last: since the program started, and not over
 * since. Where nothing is wrong, that it says so. Other lines, a server's among them, are passed over.
 */
export class LastWords {
  readonly #known: readonly Known[];
  readonly #troubles = new Map<string, Held>();
  #well: Held | undefined;
  /** Which of them the next lines may add to. */
  #last: Held | undefined;
  /** What a program that the manager ran has printed before. */
  #ofProgram: string | undefined;

  constructor(by: ManagerWords['by']) {
    this.#known = known.filter(({ words }) => words.by === by);
  }

  add(line: string): void {
    const said = stamped(line);
    if (said === undefined) {
      this.#loose(line);
      return;
    }
    if (said.adds) {
      if (this.#last !== undefined) addTo(this.#last, said.message);
      return;
    }
    const one = this.#known.find(({ pattern }) => pattern.test(said.message));
    const before = this.#ofProgram;
    this.#ofProgram = undefined;
    this.#last = undefined;
    if (one === undefined) return;
    const { words } = one;
    if (words.is === 'start') this.#troubles.clear();
    if (words.heals !== undefined) this.#heal(words.heals);
    if (words.is === 'trouble') {
      const held = this.#troubles.get(one.source);
      this.#troubles.delete(one.source);
      this.#last = again(held, one, said);
      if (before !== undefined && words.with === 'copy') addTo(this.#last, before);
      this.#troubles.set(one.source, this.#last);
    }
    this.#well =
      words.is === 'well' ? again(this.#well?.text === said.message ? this.#well : undefined, one, said) : undefined;
  }

  /** The latest of what is wrong, the last said at the end, each trouble once; else that nothing is. */
  result(): readonly ManagerWord[] {
    const all = [...this.#troubles.values()];
    const troubles = all.filter((held) => all.every((other) => !saysMore(other, held))).slice(-mostWords);
    return (troubles.length > 0 ? troubles : this.#well === undefined ? [] : [this.#well]).map(wordOf);
  }

  #heal(works: readonly Work[]): void {
    for (const [source, { id }] of this.#troubles) {
      const words: ManagerWords | undefined = byId.get(id);
      if (words?.with !== undefined && works.includes(words.with)) this.#troubles.delete(source);
    }
  }

  #loose(line: string): void {
    if (!ofProgram.test(line)) return;
    if (this.#last === undefined) this.#ofProgram = line;
    else addTo(this.#last, line);
  }
}

interface Held {
  readonly id: string;
  /** Its place among the wordings of its trouble. */
  readonly place: number;
  readonly text: string;
  readonly since: string | undefined;
  readonly count: number;
  added: string | undefined;
}

/** Of the same trouble: with the error of a program, or the more telling words. */
const saysMore = (one: Held, other: Held): boolean =>
  one.id === other.id &&
  ((one.added !== undefined && other.added === undefined) ||
    ((one.added === undefined) === (other.added === undefined) && one.place < other.place));

const again = (held: Held | undefined, { id, place }: Known, { message, time }: Stamped): Held => ({
  id,
  place,
  text: message,
  since: held === undefined ? time : held.since,
  count: (held?.count ?? 0) + 1,
  added: undefined,
});

/** Of what a program printed, its first error says most. */
function addTo(held: Held, line: string): void {
  const error = ofProgram.exec(line)?.[0];
  if (error !== undefined) held.added ??= error;
}

const wordOf = ({ id, text, since, count, added }: Held): ManagerWord => ({
  id,
  text: short(added === undefined ? text : `${text}: ${added}`),
  since,
  repeatedly: count > 1,
});

const short = (text: string): string => {
  const line = maskText(text.slice(0, longestRead)).replaceAll(/\s+/gu, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
};

const longest = 400;
const longestRead = 4_096;
const mostWords = 3;

/** No line of a server that logs into the same place. */
const ofProgram = /(?<=^|[\s=])pg_\w+: (?:error|fatal): .*|(?<=^|\]: )connection to server .*/u;

interface Stamped {
  readonly time: string;
  readonly message: string;
  /** It goes with the message before it. */
  readonly adds: boolean;
}

/**
 * Patroni's lines in its default format (log.py, DEFAULT_FORMAT), in another one that begins with the time and names the level,
 * or as JSON; and repmgr's (log.c). A journal may put something before them.
 */
function stamped(line: string): Stamped | undefined {
  const [, time, message] = ofPatroni.exec(line) ?? ofPatroniOtherwise.exec(line) ?? [];
  if (time !== undefined && message !== undefined) return byPatroni(time, message);
  const [, repmgrTime, level, repmgrMessage] = ofRepmgr.exec(line) ?? [];
  if (repmgrTime !== undefined && repmgrMessage !== undefined)
    return { time: repmgrTime, message: repmgrMessage, adds: level === 'DETAIL' || level === 'HINT' };
  return jsonIn(line);
}

const byPatroni = (time: string, message: string): Stamped => ({
  time,
  message: message.replace(/^PAUSE: /u, ''),
  adds: message.startsWith(' '),
});

const ofPatroni =
  /^(?:.{0,200}?[\s:])?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} (?:DEBUG|INFO|WARNING|ERROR|CRITICAL): (.*)$/u;
const ofPatroniOtherwise =
  /^(?:.{0,200}?[\s:])?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3}\b.{0,80}?\b(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b(?:[^\w\n]*(?:[\w.]+)?[\]:)|-]+ )?(.*)$/u;
const ofRepmgr = /^(?:.{0,200}?[\s:])?\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\] \[([A-Z]+)\] (.*)$/u;

/** Patroni's `log.type: json`, whose names are chosen there (`log.format`). */
function jsonIn(line: string): Stamped | undefined {
  const at = line.indexOf('{"');
  const fields = at === -1 || at > 200 ? {} : (asJson(line.slice(at)) ?? {});
  const texts = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const isLevel = texts.some(([, text]) => /^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)$/u.test(text));
  const time = texts.find(([, text]) => /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/u.test(text))?.[1];
  const message = (texts.find(([name]) => /^(?:message|msg)$/u.test(name)) ??
    texts.find(([name]) => /message|msg/u.test(name)))?.[1];
  // the server's own jsonlog may lie in the same place
  if (!isLevel || time === undefined || message === undefined || 'error_severity' in fields) return undefined;
  return byPatroni(time.slice(0, 19).replace('T', ' '), message);
}

function asJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Known {
  readonly id: string;
  readonly words: ManagerWords;
  readonly pattern: RegExp;
  readonly source: string;
  readonly place: number;
}

const byId: ReadonlyMap<string, ManagerWords> = new Map<string, ManagerWords>(Object.entries(managerWords));

/** What ends trouble goes before what may look like it: `pg_rewind exit code=0`. */
const known: readonly Known[] = [...byId]
  .flatMap(([id, words]) =>
    words.says.map((source, place) => ({ id, words, source, place, pattern: patternOf(source) })),
  )
  .toSorted((a, b) => Number(a.words.is === 'trouble') - Number(b.words.is === 'trouble'));

function patternOf(says: string): RegExp {
  const parts = says.split(/%[a-z]/u).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('.{0,300}?')}`, 'u');
}
