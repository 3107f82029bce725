import { labelOf } from '../log/labels.ts';
import type { Severity } from '../log/labels.ts';
import { withoutIndentation } from './message-format.ts';

/** A message and the messages of others that it carries in its text. */
export interface LayeredMessage {
  readonly text: string;
  /** The severity word of a server whose message this is; undefined: libpq's or the program's own words. */
  readonly severity: Severity | undefined;
  /** The DETAIL and HINT that stand inside the same text. */
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /** To whom the connection went whose failure this is. */
  readonly connection: ConnectionTarget | undefined;
  /** More than one where libpq tried several ways: sslmode=prefer with and without TLS, several hosts. */
  readonly inner: readonly LayeredMessage[];
}

export type ConnectionTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly address: string | undefined; readonly port: string }
  | { readonly kind: 'socket'; readonly path: string };

/**
 * Takes a message apart into its layers: the own sentence ("could not connect to the primary server: …"), libpq's prefix
 * ("connection to server at … failed: …", 14 and later), and the other server's own message or errno's text.
 */
export function unwrapMessage(text: string, { severity, english = true }: UnwrapOptions = {}): LayeredMessage {
  const origin = { severity, connection: undefined, ownRecord: severity !== undefined, english };
  return layer(withoutIndentation(text).trim().slice(0, longestText), origin, 0);
}

export interface UnwrapOptions {
  /** Of the server's record whose message this is; undefined for a program's text. */
  readonly severity?: Severity | undefined;
  /** False: the server's own sentence is in another language, and what it carries is known by its label only. */
  readonly english?: boolean;
}

/** The messages that carry no other, in their order: the first is the one to go by. */
export function innermost(message: LayeredMessage): readonly LayeredMessage[] {
  return message.inner.length === 0 ? [message] : message.inner.flatMap(innermost);
}

const longestText = 16_384;
const deepest = 8;

interface Origin {
  readonly severity: Severity | undefined;
  readonly connection: ConnectionTarget | undefined;
}

interface LayerOrigin extends Origin {
  /** A record of this server: it may quote anybody (a foreign table's server, say), and only its own known sentences carry a cause. */
  readonly ownRecord: boolean;
  readonly english: boolean;
}

function layer(text: string, { severity, connection, ownRecord, english }: LayerOrigin, depth: number): LayeredMessage {
  const { message, detail, hint } =
    severity === undefined ? { message: text, detail: undefined, hint: undefined } : splitParts(text);
  const own = { text: message, severity, detail, hint, connection };
  if (depth >= deepest) return { ...own, inner: [] };
  const inner = carried(message, own, { strict: ownRecord && english, anywhere: depth === 0 && !ownRecord }).map(
    ({ text: next, ...origin }) => layer(next, { ...origin, ownRecord: false, english: true }, depth + 1),
  );
  return { ...own, inner };
}

interface Carried extends Origin {
  readonly text: string;
}

interface Places {
  /** Only behind a sentence that is known to carry another message. */
  readonly strict: boolean;
  /** Behind whatever a program wrote before it. */
  readonly anywhere: boolean;
}

function carried(text: string, { connection }: Origin, { strict, anywhere }: Places): readonly Carried[] {
  const attempts = [...text.matchAll(connectionPrefix)];
  const [first] = attempts;
  const allowed = (at: number): boolean => (at === 0 && !strict) || anywhere || sentenceBefore(text.slice(0, at));
  if (first !== undefined && allowed(first.index)) {
    return attempts.map((attempt, index) => ({
      text: text.slice(attempt.index + attempt[0].length, attempts[index + 1]?.index).trim(),
      severity: undefined,
      connection: target(attempt),
    }));
  }
  const old = oldConnectionFailure.exec(text);
  if (old !== null && allowed(old.index)) return oldAttempts(text, old.index);
  const quoted = strict ? [] : quotedMessages(text, connection);
  if (quoted.length > 0) return quoted;
  const sentence = ownSentence.exec(text);
  return sentence === null
    ? []
    : [{ text: text.slice(sentence[0].length).trim(), severity: undefined, connection: undefined }];
}

/** fe-connect.c, emitHostIdentityInfo (14 and later); in other languages only the server's label is known. */
const connectionPrefix =
  /(?<=^|\n|: )connection to server (?:at "([^"\n]*)"(?: \(([^)\n]*)\))?, port ([^\s,]+)|on socket "([^"\n]*)") failed: ?/gu;

function target(match: RegExpExecArray): ConnectionTarget {
  const [, host = '', address, port = '', path] = match;
  return path === undefined ? { kind: 'tcp', host, address, port } : { kind: 'socket', path };
}

/** fe-connect.c, connectFailureMessage (13), for what errno tells; the server's own messages have no prefix there. */
const oldConnectionFailure = /(?<=^|: )could not connect to server: /u;

function oldAttempts(text: string, from: number): readonly Carried[] {
  return text
    .slice(from)
    .split(/(?:^|\n)could not connect to server: /u)
    .filter((part) => part !== '')
    .map((part) => {
      const tcp =
        /Is the server running on host "([^"]*)"(?: \(([^)]*)\))? and accepting\s+TCP\/IP connections on port (\S+)\?/u.exec(
          part,
        );
      const socket = /connections on Unix domain socket "([^"]*)"/u.exec(part);
      const connection: ConnectionTarget | undefined =
        tcp !== null
          ? { kind: 'tcp', host: tcp[1] ?? '', address: tcp[2], port: tcp[3] ?? '' }
          : socket !== null
            ? { kind: 'socket', path: socket[1] ?? '' }
            : undefined;
      return { text: part.trim(), severity: undefined, connection };
    });
}

/** The own sentences that end with the words of another: their formats are the catalogue's entries that carry another. */
const ownSentence = new RegExp(
  `^(?:${[
    'streaming replication receiver "[^\\n]*?" could not connect to the primary server',
    'synchronization worker "[^\\n]*?" could not connect to the primary server',
    'could not (?:connect to the primary server|receive data from WAL stream|send data to WAL stream|start WAL streaming)',
    'could not send end-of-streaming message to primary',
    'error while shutting down streaming COPY',
    'error reading result of streaming command',
    'unexpected result after CommandComplete',
    'could not receive database system identifier and timeline ID from the primary server',
    'could not receive timeline history file from the primary server',
    'invalid connection string syntax',
    'could not parse connection string',
    'could not create replication slot "[^\\n]*?"',
    'could not fetch (?:failover logical slots|primary slot name "[^\\n]*?"|primary_slot_name "[^\\n]*?") info from the primary server',
    'could not initiate base backup',
    'could not send replication command "[^\\n]*?"',
    'could not get (?:backup header|COPY data stream|write-ahead log end position from server)',
    'could not read COPY data',
    'backup failed',
    'final receive failed',
    'unexpected termination of replication stream',
    'could not send (?:feedback|copy-end) packet',
    'could not clear "?search_path"?',
    'could not upload manifest',
    'could not fetch (?:file list|remote file "[^\\n]*?")',
    'error running query \\([^\\n]*?\\) (?:on|in) source server',
    'unexpected result while fetching remote files',
  ].join('|')}): `,
  'u',
);

const sentenceBefore = (before: string): boolean =>
  ownSentence.exec(before)?.[0] === before || severityOnly.test(before);

const severityOnly = /^[^\s:"']+ ?: {1,2}$/u;

/**
 * The other server's messages in a text: at its beginning, behind an own sentence (of any language), or at the beginning
 * of later lines (13's libpq, which tried with and without TLS). What stands in quotes is no message.
 */
function quotedMessages(text: string, connection: ConnectionTarget | undefined): readonly Carried[] {
  const found: { readonly from: number; readonly textFrom: number; readonly severity: Severity }[] = [];
  for (const match of text.matchAll(/(?:^|\n|[:：] )([^\s:"'()]+|ÖLÜMCÜL \(FATAL\)) ?: {1,2}(?=\S)/gu)) {
    const word = match[1] ?? '';
    const label = labelOf(word.endsWith('(FATAL)') ? '(FATAL)' : word);
    if (label?.kind !== 'main' || !serious.has(label.severity)) continue;
    const before = text.slice(0, match.index);
    const atLine = match.index === 0 || match[0].startsWith('\n');
    if (!atLine && (found.length > 0 || (before.match(/"/gu) ?? []).length % 2 === 1)) continue;
    found.push({ from: match.index, textFrom: match.index + match[0].length, severity: label.severity });
  }
  return found.map(({ textFrom, severity }, index) => ({
    text: text.slice(textFrom, found[index + 1]?.from).trim(),
    severity,
    connection,
  }));
}

const serious: ReadonlySet<Severity> = new Set<Severity>(['ERROR', 'FATAL', 'PANIC']);

interface Parts {
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
}

/** The other server's DETAIL and HINT, which PQerrorMessage puts on lines of their own. */
function splitParts(text: string): Parts {
  const [first = '', ...rest] = text.split(/\n(?=[^\s:"'()]+ ?: {1,2}\S)/u);
  let message = first;
  let detail: string | undefined;
  let hint: string | undefined;
  for (const line of rest) {
    const match = /^([^\s:"'()]+) ?: {1,2}(.*)$/su.exec(line);
    const label = labelOf(match?.[1] ?? '');
    const part = label?.kind === 'part' ? label.part : undefined;
    if (part === 'detail') detail = match?.[2];
    else if (part === 'hint') hint = match?.[2];
    else if (part === undefined) message += `\n${line}`;
  }
  return { message, detail, hint };
}
