/** One message of a client program, its continuation lines (libpq's hints, the server's DETAIL) included. */
export interface ClientMessage {
  readonly level: 'error' | 'warning' | 'detail' | 'hint' | 'info';
  /** Without the program's name and the level; lines are separated by a line feed. */
  readonly text: string;
}

/**
 * Reads what a client program printed (common/logging.c, pg_log_generic): `pg_basebackup: error: …`, in 13 and 14 also
 * `fatal:`; a line without the program's name continues the message before it. pg_basebackup is two processes that
 * write each message in pieces to one standard error, so that the pieces mix: `pg_basebackup:pg_basebackup: error: …`.
 */
export function readClientMessages(lines: readonly string[]): readonly ClientMessage[] {
  const messages: ClientMessage[] = [];
  for (const line of lines) {
    const match =
      /^(?:(?:[^\s:]*\/)?(?:pg_[a-z_]+|initdb|psql): ?)+(?:(error|fatal|warning|detail|hint): ?(?:(?:error|fatal): ?)?)?(.*)$/isu.exec(
        line,
      );
    const before = messages.at(-1);
    if (match !== null) messages.push({ level: levels[match[1]?.toLowerCase() ?? ''] ?? 'info', text: match[2] ?? '' });
    else if (before === undefined) messages.push({ level: 'info', text: line });
    else messages[messages.length - 1] = { level: before.level, text: `${before.text}\n${line.trim()}` };
  }
  return messages;
}

const levels: Readonly<Record<string, ClientMessage['level']>> = {
  error: 'error',
  fatal: 'error',
  warning: 'warning',
  detail: 'detail',
  hint: 'hint',
};

/**
 * The message of the other side that is quoted in one of our side (`could not initiate base backup: ERROR:  …`, libpq's
 * `connection to server at … failed: FATAL:  …`): the innermost, which is the cause. The text itself where none is.
 */
export function innermostMessage(text: string): string {
  const quoted = /^.*?\b(?:ERROR|FATAL|PANIC): {1,2}(.+)$/su.exec(text)?.[1];
  if (quoted !== undefined) return innermostMessage(quoted);
  // libpq 14 and later; 13 has no prefix before a server's error and this one before errno's text
  const failed = /^.*?(?:connection to server (?:at|on) .*? failed|could not connect to server): (.+)$/su.exec(
    text,
  )?.[1];
  return failed ?? text;
}

/**
 * The record of a server's log that ended it, or that it repeats: the last FATAL or PANIC that is no client's own
 * trouble. Continuation lines begin with a TAB (elog.c, append_with_tabs).
 */
export function lastFatalMessage(log: string): string | undefined {
  const lines = log.split('\n');
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const text = /\b(?:FATAL|PANIC): {1,2}(?:[0-9A-Z]{5}: )?(.+)$/u.exec(lines[at] ?? '')?.[1];
    if (text === undefined || ofAClient.test(text)) continue;
    const more = lines.slice(at + 1).findIndex((line) => !line.startsWith('\t'));
    const rest = lines.slice(at + 1, more === -1 ? undefined : at + 1 + more);
    return [text, ...rest.map((line) => line.trim())].join('\n');
  }
  return undefined;
}

/** What the server tells those who ask while it starts or stops, or when they may not enter (postmaster.c, auth.c). */
const ofAClient =
  /^(?:the database system is |no pg_hba\.conf entry|pg_hba\.conf rejects|.*authentication failed for user|role ".*" does not exist|database ".*" does not exist|terminating (?:walreceiver|connection) )/u;
