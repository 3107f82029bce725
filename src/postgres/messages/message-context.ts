import type { Severity } from '../log/labels.ts';
import type { LogRecord } from '../log/log-record.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { MessageValues } from './message-format.ts';

/** What is known of a text beside its words. */
export interface MessageContext {
  /** `unknown`: somebody pasted it without its severity. */
  readonly speaker: 'server' | 'program' | 'libpq' | 'system' | 'detail' | 'unknown';
  readonly severity?: Severity | undefined;
  readonly program?: string | undefined;
  readonly sqlstate?: string | undefined;
  readonly function?: string | undefined;
  readonly major: number | undefined;
  /** The failure of a connection. */
  readonly withinConnection?: boolean;
}

/** Undefined: a line without any label, which nobody can be said to have spoken. */
export function recordContext(record: LogRecord, major: number | undefined): MessageContext | undefined {
  const { severity, program, sqlstate, location } = record;
  if (program === 'libpq') return { speaker: 'libpq', major };
  if (program !== undefined) return { speaker: 'program', program, severity, major };
  if (severity === undefined) return undefined;
  return { speaker: 'server', severity, sqlstate, function: location?.function, major };
}

/** How well an entry whose text matches fits what else is known; undefined: it cannot be that one. */
export function fitting(entry: CatalogueEntry, values: MessageValues, context: MessageContext): number | undefined {
  if (!speaks(entry, context) || !hasPlace(entry, context)) return undefined;
  if (context.speaker === 'server' && !(severityFits(entry, context) && sqlstateFits(entry, context))) return undefined;
  const mark = marks[entry.id];
  if (!hasMark(entry, values)) return undefined;
  const sameFunction = context.function !== undefined && context.function === entry.function;
  if (entry.generic && !sameFunction && mark === undefined && !isSurely(entry, context)) return undefined;
  return (
    (mark === undefined ? 0 : 80) +
    (ofMajor(entry, context.major) ? 40 : 0) +
    (sameFunction ? 20 : 0) +
    (context.program !== undefined && entry.program === family(context.program) ? 20 : 0) +
    (context.severity !== undefined && context.severity === entry.severity ? 10 : 0) +
    entry.matters
  );
}

function speaks(entry: CatalogueEntry, { speaker, program }: MessageContext): boolean {
  switch (speaker) {
    case 'unknown':
    case 'detail':
      return true;
    case 'server':
      return (entry.speaker === 'server' && !entry.noLogPrefix) || entry.speaker === 'any';
    case 'program':
      if (entry.speaker === 'program') return entry.program === undefined || entry.program === family(program ?? '');
      if (entry.noLogPrefix) return program === 'postgres';
      return entry.speaker !== 'server';
    case 'libpq':
      return entry.speaker === 'libpq' || entry.speaker === 'system' || entry.speaker === 'any';
    case 'system':
      return entry.speaker === 'system' || entry.part === 'cause';
  }
}

/** A DETAIL is none of the messages, and none of the messages is a DETAIL. */
function hasPlace({ part, speaker }: CatalogueEntry, context: MessageContext): boolean {
  if (context.speaker === 'unknown') return true;
  if (context.speaker === 'detail') return part === 'detail';
  if (part === 'detail' || part === 'hint') return false;
  return part !== 'cause' || context.speaker !== 'server' || speaker === 'any';
}

/** pg_receivewal and pg_recvlogical are made from pg_basebackup's folder. */
const family = (program: string): string => (/^pg_rec(?:eivewal|vlogical)$/u.test(program) ? 'pg_basebackup' : program);

/** Enough beside its few words. */
const isSurely = (entry: CatalogueEntry, context: MessageContext): boolean =>
  (entry.speaker === 'program' && context.program === entry.program) ||
  (context.speaker === 'libpq' && context.withinConnection === true) ||
  (context.sqlstate !== undefined && entry.sqlstates.includes(context.sqlstate));

const ofMajor = ({ since, until }: CatalogueEntry, major: number | undefined): boolean =>
  major !== undefined && (since ?? 0) <= major && (until ?? Infinity) >= major;

/**
 * The same text at another level comes from another place: `role "x" does not exist` is FATAL at a login, ERROR in a
 * statement. A level higher is what a process without a handler makes of an error; settings and TLS files are at LOG on a
 * reload.
 */
function severityFits(entry: CatalogueEntry, { severity }: MessageContext): boolean {
  if (entry.severity === undefined || severity === undefined) return true;
  return (accepted[entry.severity] ?? []).includes(severity) || (severity === 'ERROR' && entry.raisedAsError)
    ? true
    : severity === 'LOG' && entry.severity === 'FATAL' && /^(?:tls|settings|auth-hba|network)$/u.test(entry.topic);
}

const accepted: Readonly<Record<NonNullable<CatalogueEntry['severity']>, readonly Severity[]>> = {
  // xlogreader's messages have the level of whoever reads
  LOG: ['LOG', 'WARNING', 'NOTICE', 'INFO', 'DEBUG', 'FATAL', 'PANIC'],
  WARNING: ['WARNING', 'LOG', 'NOTICE'],
  ERROR: ['ERROR', 'FATAL', 'PANIC'],
  FATAL: ['FATAL', 'PANIC'],
  PANIC: ['PANIC', 'FATAL', 'ERROR', 'LOG'],
};

/** Releases differ in whether they give a message a SQLSTATE of its own: without one it is that of its severity. */
function sqlstateFits({ sqlstates }: CatalogueEntry, { sqlstate }: MessageContext): boolean {
  return sqlstate === undefined || sqlstates.length === 0 || sqlstates.includes(sqlstate) || unspecific.has(sqlstate);
}

/** elog.c, errstart: what a message gets that names none. */
const unspecific: ReadonlySet<string> = new Set(['XX000', '01000', '00000']);

/** False: a value shows that it is another message of the same format. */
export const hasMark = ({ id }: CatalogueEntry, values: MessageValues): boolean => marks[id]?.(values) ?? true;

/** Values that tell entries of the same format apart. */
const marks: Readonly<Record<string, ((values: MessageValues) => boolean) | undefined>> = {
  'hba-could-not-open': ({ file = '' }) => authenticationFile.test(file),
  'hba-could-not-open-hba-13': ({ file = '' }) => authenticationFile.test(file),
  'windows-sharing-violation': ({ error = '', reason = error }) => /^(?:sharing|lock) violation/u.test(reason),
  'recovery-command-failed': ({ value = '', parameter = value }) =>
    /^(?:archive_cleanup_command|recovery_end_command)$/u.test(parameter),
  'tls-accept-errno': ({ error = '' }) =>
    /^(?:Connection |Broken pipe|Success|Operation |Resource |No |Bad )/u.test(error),
  'hba-not-reloaded': ({ value = '', file = value }) => /^\S*\.conf$/u.test(file),
};

const authenticationFile = /(?:hba|ident)[^/\\]*$/u;
