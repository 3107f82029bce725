import { innermostMessage, lastFatalMessage, readClientMessages } from '../postgres/client-messages.ts';
import { messageCatalogue } from '../postgres/messages/catalogue.ts';
import type { Catalogue } from '../postgres/messages/catalogue.ts';
import { maskText } from '../postgres/secrets-in-text.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import { knows, recognise, wordsOf } from '../rules/recognise.ts';
import type { AnyRule } from '../rules/rule.ts';

/** What ended a program, in its own words and in ours. */
export interface Cause {
  /** The message in one line, as the program printed it. */
  readonly said: string;
  /** What the other side said, where the message quotes it. */
  readonly quoted: string | undefined;
  /** The rule that knows the message. */
  readonly rule: AnyRule | undefined;
  /** What it means and what to do, where no rule says it. */
  readonly meaning: { readonly means: string; readonly next: string } | undefined;
  /** It speaks of the connection's end. */
  readonly endsConnection: boolean;
}

/** What a message is held against. */
export interface KnownMessages {
  readonly rules: readonly AnyRule[];
  readonly catalogue: Catalogue;
}

/** With the catalogue of PostgreSQL's messages. */
export const knownMessages = async (rules: readonly AnyRule[]): Promise<KnownMessages> => ({
  rules,
  catalogue: await messageCatalogue(),
});

/** The client saw only how its stream ended: why it did is in the server's log. */
export const isOnlyTheEnd = (cause: Cause | undefined): boolean =>
  cause === undefined ||
  (cause.rule === undefined && cause.quoted === undefined && cause.meaning === undefined) ||
  cause.endsConnection;

/** What ended a client program: its first error is the cause, and those after it are consequences. */
export function causeOfClient(lines: readonly string[], known: KnownMessages): Cause | undefined {
  const messages = readClientMessages(lines);
  const first = messages.findIndex(({ level }) => level === 'error');
  // pieces of two processes may hide the label: then whatever is no news of its progress
  const message = messages[first] ?? messages.find(({ text }) => !news.test(text)) ?? messages.at(-1);
  if (message === undefined) return undefined;
  // detail and hint stand as messages of their own behind it (15 and later)
  const more = messages.slice(first + 1).findIndex(({ level }) => level !== 'detail' && level !== 'hint');
  const details = first === -1 ? [] : messages.slice(first + 1, more === -1 ? undefined : first + 1 + more);
  return causeOf([message.text, ...details.map(({ text }) => text)].join('\n'), known);
}

/** What failed there, before how the connection ended. */
export const failureAmong = (records: readonly LogRecord[]): LogRecord | undefined =>
  records.findLast(({ severity = '' }) => ['ERROR', 'FATAL', 'PANIC'].includes(severity)) ??
  records.findLast(({ severity }) => severity !== 'WARNING') ??
  records.at(-1);

/** What the other side's log says that the client did not hear: its last failure, with what was added to it. */
export function causeOfServer(record: LogRecord, known: KnownMessages): Cause {
  const lines = [record.message, record.detail, record.hint, record.context].flatMap((text) => text ?? []);
  return causeOf(lines.join('\n'), known);
}

/** What ended a server, or what it repeats: the last FATAL of its log. */
export function causeInLog(log: string, known: KnownMessages): Cause | undefined {
  const fatal = lastFatalMessage(log);
  return fatal === undefined ? undefined : causeOf(maskText(fatal), known);
}

/** pg_basebackup.c: what it says with -v, and as it cleans up. */
const news =
  /^(?:initiating base backup|checkpoint completed|write-ahead log|starting background WAL|waiting for background|syncing data|renaming backup_manifest|base backup completed|created temporary replication slot|removing )/u;

function causeOf(text: string, { rules, catalogue }: KnownMessages): Cause {
  const lines = text.split('\n');
  const said = lines.join(' ');
  const innermost = innermostMessage(lines[0] ?? '');
  // one message may hold a failure with TLS and one without, and one for each host: the first that is known counts
  const rule = [innermost, ...lines.map(innermostMessage), said]
    .map((part) => recognise(part, rules, catalogue)[0]?.rule)
    .find((known) => known !== undefined);
  const of = (meaning: Meaning): boolean => knows(wordsOf(meaning, catalogue), said);
  const meaning = meanings.find(of);
  const quoted = innermost === lines[0] ? undefined : innermost;
  const isOurs = meaning !== undefined && (meaning.wins || rule === undefined);
  return {
    ...{ said, quoted, endsConnection: of(connectionLost) },
    ...(isOurs ? { rule: undefined, meaning } : { rule, meaning: undefined }),
  };
}

/** As of a rule: the catalogue's messages by their names, and words that are none of them. */
interface Meaning {
  readonly messages: readonly string[];
  readonly says?: readonly string[];
  /** Over a rule that knows the same words: in the middle of a copy they mean something else than at its beginning. */
  readonly wins: boolean;
  readonly means: string;
  readonly next: string;
}

const connectionLost: Meaning = {
  messages: [
    ...['libpq-server-closed', 'libpq-errno-reset', 'libpq-could-not-receive', 'libpq-ssl-syscall'],
    ...['pgbb-stream-ended-early', 'pgbb-copy-ended'],
    ...['unexpected-eof-standby', 'unexpected-eof-length', 'walsender-eof-open-transaction'],
  ],
  wins: true,
  means: 'The connection was lost: the primary went down, or the network closed it.',
  next: 'Check whether the primary is up and what its log says, then run this again.',
};

/** What happens only while the copy runs, so that no rule of preflight can speak of it. */
export const meanings: readonly Meaning[] = [
  {
    messages: ['os-enospc', 'os-edquot'],
    wins: false,
    means: 'The file system of the target directory is full.',
    next: 'Free space on it, or use a directory on a larger file system for -D (--waldir, -T).',
  },
  {
    messages: [
      ...['terminating-connection-admin', 'db-shutting-down'],
      ...['received-smart-shutdown', 'received-fast-shutdown', 'received-immediate-shutdown'],
    ],
    wins: true,
    means: 'The primary was stopped, or an administrator terminated this connection.',
    next: 'Run this again when the primary is up.',
  },
  connectionLost,
  {
    messages: ['bb-checksum-failed-block', 'bb-checksum-verification-failure', 'pgbb-checksum-error'],
    wins: true,
    means:
      "Pages in the primary's own files do not match their checksums: its storage is damaged, and the base backup would be too.",
    next: "Find the files in the primary's log, and restore them before you take a base backup.",
  },
  {
    messages: ['standby-promoted-during-backup'],
    wins: true,
    means: 'The standby that is the source of the base backup was promoted.',
    next: 'Run this again.',
  },
  {
    messages: ['fpw-off-since-restartpoint', 'fpw-off-during-backup'],
    wins: true,
    means: 'The primary ran without full_page_writes, so a base backup taken from its standby is not consistent.',
    next: 'Set full_page_writes = on on the primary, run CHECKPOINT there, then run this again.',
  },
  {
    messages: ['requested-wal-removed'],
    wins: false,
    means: 'The primary removed WAL that the base backup still needed.',
    next: 'Use -X stream with a slot (-C -S NAME), or raise wal_keep_size on the primary, then run this again.',
  },
];
