import { maskSetting } from '../masked-line.ts';
import { maskText } from '../secrets-in-text.ts';
import type { PartName, Severity } from './labels.ts';

/** One entry of a log, whatever its form was: PostgreSQL's own, or a line of a client program. */
export interface LogRecord {
  /** Undefined for text without a label: a program's progress, "postgres: could not find the database system". */
  readonly severity: Severity | undefined;
  /** The program that speaks with its own name before the text (`pg_basebackup: error: …`); undefined: the server. */
  readonly program: string | undefined;
  readonly sqlstate: string | undefined;
  /** Lines are separated by a line feed; the TAB that the log puts before each further line is gone. */
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly context: string | undefined;
  /** The statement of the client, or of a function in it: somebody else's text, never to be taken for a message. */
  readonly statement: string | undefined;
  readonly query: string | undefined;
  readonly location: LogLocation | undefined;
  /** Undefined where the line has none, or where its zone is unknown. */
  readonly time: Date | undefined;
  /** The server process that wrote it. */
  readonly pid: number | undefined;
  readonly user: string | undefined;
  /** Undefined also for `[unknown]`: a physical replication connection has no database. */
  readonly database: string | undefined;
  /** `startup`, `walreceiver`, `walsender`, …: of csvlog and jsonlog (13: no), or `%b`. */
  readonly backendType: string | undefined;
  /** False when a label or a severity was of another language: then the message probably is, too. */
  readonly english: boolean;
  /** Counted from 1, from where the reading began. */
  readonly line: number;
}

/** elog.c, LOCATION: only with log_error_verbosity = verbose. */
export interface LogLocation {
  readonly function: string | undefined;
  /** The file's name without its folder. */
  readonly file: string;
}

/** What a record is made of before its parts are put together. */
export interface RecordParts {
  readonly severity?: Severity | undefined;
  readonly program?: string | undefined;
  readonly sqlstate?: string | undefined;
  readonly message: string;
  readonly parts?: Partial<Record<PartName, string | undefined>>;
  readonly time?: Date | undefined;
  readonly pid?: number | undefined;
  readonly user?: string | undefined;
  readonly database?: string | undefined;
  readonly backendType?: string | undefined;
  readonly english?: boolean;
  readonly line: number;
}

export function logRecord(found: RecordParts): LogRecord {
  const { parts = {} } = found;
  return {
    severity: found.severity,
    program: found.program,
    sqlstate: found.sqlstate,
    message: withoutSecrets(found.message),
    detail: hidden(parts.detail),
    hint: hidden(parts.hint),
    context: hidden(parts.context),
    statement: hidden(parts.statement),
    query: hidden(parts.query),
    location: parts.location === undefined ? undefined : locationOf(parts.location),
    time: found.time,
    pid: found.pid,
    user: known(found.user),
    database: known(found.database),
    backendType: found.backendType,
    english: found.english ?? true,
    line: found.line,
  };
}

const hidden = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : withoutSecrets(text);

/**
 * A log holds passwords: a changed primary_conninfo is printed whole, so is the statement of an ALTER ROLE that was
 * refused, and libpq quotes the piece that it could not read. Nothing that leaves this folder has them.
 */
function withoutSecrets(text: string): string {
  const [start, name, value] = /^(parameter "([^"]+)" changed to ")(.*)"$/su.exec(text)?.slice(1) ?? [];
  return start === undefined || name === undefined || value === undefined
    ? maskText(text)
    : `${start}${maskSetting(name, value)}"`;
}

/** `LogChildExit, postmaster.c:3748`; the function may be absent (a compiler without __func__). */
function locationOf(text: string): LogLocation | undefined {
  const match = /^(?:(\w+), )?([\w.-]+\.[a-z]+):\d+/u.exec(text.trim());
  return match === null ? undefined : { function: match[1], file: match[2] ?? '' };
}

const known = (name: string | undefined): string | undefined =>
  name === undefined || name === '' || name === '[unknown]' ? undefined : name;
