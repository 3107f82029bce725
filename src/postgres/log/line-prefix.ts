/** What can be told from a log_line_prefix of any form; every part of it may be absent. */
export interface LinePrefix {
  readonly pid: number | undefined;
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly backendType: string | undefined;
}

/** The process id alone, which ties the lines of a record together: asked for often. */
export function pidInPrefix(prefix: string): number | undefined {
  const match = bracketedPid.exec(prefix) ?? namedPid.exec(prefix) ?? barePid.exec(prefix);
  return match === null ? undefined : Number(match[1]);
}

export function readLinePrefix(prefix: string): LinePrefix {
  const named = /\buser=([^\s,]*)/u.exec(prefix)?.[1];
  const database = /\b(?:db|database)=([^\s,]*)/u.exec(prefix)?.[1];
  const pair = /(?:^|[\s:\]([,])([^\s@:,\]([]+|\[unknown\])@(\[unknown\]|[^\s:,\]()[]+)/u.exec(prefix);
  return {
    pid: pidInPrefix(prefix),
    user: named ?? pair?.[1],
    database: database ?? pair?.[2],
    backendType: backendTypes.exec(prefix)?.[1],
  };
}

const bracketedPid = /\[(\d{1,9})(?:-\d+)?\]/u;
const namedPid = /\b(?:pid|p|proc|process)[=:] ?(\d{1,9})\b/iu;
/** `%m %p ` and the like: the number behind the time and its zone. */
const barePid = /\d\d:\d\d:\d\d(?:\.\d+)? [A-Za-z+-]\S* +(?:\S+ +)??(\d{1,9})(?=[\s:]|$)/u;

/** miscinit.c, GetBackendTypeDesc: those that have to do with replication. */
const backendTypes =
  /(?:^|[\s[(=|,:])(startup|walreceiver|walsender|checkpointer|archiver|postmaster|slotsync worker|client backend)(?=[\s\])|,:]|$)/u;
