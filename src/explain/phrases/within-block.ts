import type { LogRecord } from '../../postgres/log/log-record.ts';
import type { CatalogueEntry } from '../../postgres/messages/catalogue.ts';
import { fitting, hasMark, recordContext } from '../../postgres/messages/message-context.ts';
import type { MessageValues } from '../../postgres/messages/message-format.ts';
import { namesPostgres } from '../answer.ts';
import type { Known } from './known.ts';
import type { Found } from './phrases.ts';
import type { Tool } from '../tools.ts';

/** What is around a block. */
export interface Surroundings {
  /** The length of the whole text: in a long one, less is believed. */
  readonly size: number;
  readonly tools: ReadonlySet<Tool>;
  /** The whole text, where it is short enough to be about one thing. */
  readonly paste: string;
  /** It speaks of other programs, and not of PostgreSQL. */
  readonly ofOthers: boolean;
}

/** A text so long is a log or a document: parts of messages, and trifles, are not looked for in it. */
export const longestForParts = 65_536;

/** Few words say little: they need a label before them, or a text of little else. */
export function strongest(
  found: readonly Found<Known>[],
  text: string,
  record: LogRecord,
  { size, tools, paste, ofOthers }: Surroundings,
): readonly Found<Known>[] {
  const short = text.split(/\s+/u).length <= 16;
  const spokenByPostgres =
    record.severity !== undefined || record.program !== undefined || tools.size > 0 || ofPostgres.test(text);
  return found.filter(({ of, values, from, to, words }) => {
    if (ofOthers && isSaidToAll(of)) return false;
    if (!fits(of, values, record) || isSuccess(of, text.slice(from, to)) || !isOfTool(of, { tools })) return false;
    if (of.entry?.id === ofAnyFile && !ofSocket.test(text)) return false;
    if (traced.test(text.slice(0, from))) return false;
    if (/(?:^|-)oom$|^out-of-memory/u.test(of.entry?.id ?? '') && killedOther.test(text.slice(to))) return false;
    if (of.answer?.says?.includes('OOMKilled') === true && isOfSidecar(paste)) return false;
    if (ofOtherPrograms.test(text.slice(0, from)) && isReasonOfConnection(of)) return false;
    if (of.entry?.part === 'detail' && severityBefore.test(text.slice(0, from))) return false;
    if (
      of.entry?.file.startsWith('src/bin/') === true &&
      endsServer.test(text.slice(0, from)) &&
      found.some((other) => other.from === from && other.of.entry?.file.startsWith('src/backend/') === true)
    )
      return false;
    if (ofDirectories.test(of.entry?.id ?? '') && (to - from) * 2 < text.length && !asServerSays.test(paste))
      return false;
    if (of.entry?.file.startsWith('(strerror') === true && ofPrivilege.test(text.slice(to))) return false;
    if (of.entry === undefined) {
      if (!isAmong(of, text, record, { paste })) return false;
      if (words < 3 && !of.surely) return (to - from) * 5 >= text.trim().length * 4;
      return words >= 4 || labelBefore(text, from) || short || of.surely;
    }
    if (of.entry.part === 'cause' || of.entry.generic)
      return spokenByPostgres && (short || labelBefore(text, from) || words > 2);
    if (size > longestForParts && of.entry.matters < 3) return false;
    if (words >= 5) return true;
    if (words >= 3) return spokenByPostgres || short || labelBefore(text, from);
    if (words === 1) return labelBefore(text, from) && /^[.;,]?\s*(?:\n|$)/u.test(text.slice(to));
    // "Shutting down the machine …" begins a sentence
    if (from === 0 && !short && /^ \p{L}/u.test(text.slice(to))) return false;
    return labelBefore(text, from) || (short && spokenByPostgres);
  });
}

/** `strace`: every program looks for files that are not there. */
const traced = /\) += -1 E(?:NOENT|AGAIN|INTR|NOTTY) \($/u;

/** The kernel killed another program than PostgreSQL's. */
const killedOther = /^: Kill(?:ed)? process \d+ \((?!postgres|pg_|postmaster)/iu;

/** `kubectl describe pod`: the container that ended is not the one of the server, which has another. */
function isOfSidecar(paste: string): boolean {
  const parts = paste.split(/^ {2}(?=[\w.-]+:\s*$)/mu).slice(1);
  const killed = parts.filter((part) => /^ +Reason: +OOMKilled$/mu.test(part));
  return (
    killed.length > 0 &&
    parts.some((part) => namesPostgres.test(nameOfPart(part))) &&
    killed.every((part) => /^(?:.*exporter|metrics|.*-agent|.*-proxy|fluent\S*|.*sidecar)$/u.test(nameOfPart(part)))
  );
}

const nameOfPart = (part: string): string => part.slice(0, part.indexOf(':'));

/** What met it speaks another protocol than PostgreSQL's. */
const ofOtherPrograms =
  /(?:^|\n|\s)(?:curl: \(\d+\)|wget: |ssh: connect to host |redis-cli|etcdctl|kubectl|mysql)[^\n]*$/u;

const isReasonOfConnection = ({ entry }: Known): boolean => /^libpq-errno-|^os-enetunreach$/u.test(entry?.id ?? '');

/** Then it is the message itself, whatever its last sign. */
const endsServer = /\b(?:FATAL|PANIC):? *["']?$/u;

const severityBefore = /\b(?:FATAL|ERROR|PANIC): *$/u;

/** What the system says to every program is told of PostgreSQL alone. */
export const isOfOthers = (text: string): boolean =>
  /mysql|mariadb|mongo(?:d\b|db)|redis|kafka|elasticsearch|nginx|OCI runtime|failed to (?:solve|register layer)|\b[\d.]+:(?:3306|6379|8080|9200|27017)\b|Killed process \d+ \((?!postgres|pg_|walg?\b)/iu.test(
    text,
  ) && !speaksOfPostgres.test(text);

const speaksOfPostgres = new RegExp(
  `${namesPostgres.source}|(?<!\\w)(?:FATAL|LOG|PANIC): {2}|\\bwal\\b|barman|pgbouncer|leader lock|demoted self`,
  'iu',
);

/** The system's reasons, and what stands in a catalogue of this project's own. */
export const isSaidToAll = ({ entry }: Known): boolean => entry === undefined || isReasonOfSystem(entry);

export const isReasonOfSystem = ({ id, part, file }: CatalogueEntry): boolean =>
  part === 'cause' || file.startsWith('(strerror') || /^libpq-errno-|(?:^|-)oom$|^out-of-memory/u.test(id);

/** Their words are those of everybody who misses a directory. */
const ofDirectories = /^(?:tblspc-dir-missing-replay|pgctl-dir-missing)$/u;
const asServerSays = /directory ["'«]|tablespace|tblspc|pg_ctl|\b(?:FATAL|ERROR):/iu;

/** What else the text must have; where the message has a statement of its own, that statement. */
export const isAmong = (
  { answer }: Known,
  text: string,
  { program, detail, hint, context, statement }: LogRecord,
  { paste }: Pick<Surroundings, 'paste'>,
): boolean =>
  answer?.among?.test(
    `${program ?? ''} ${text} ${statement === undefined ? paste : [detail, hint, context, statement].join(' ')}`,
  ) !== false;

export const isOfTool = ({ answer }: Known, { tools }: Pick<Surroundings, 'tools'>): boolean =>
  answer?.tool === undefined || tools.has(answer.tool);

/** The end of a program that did not fail. */
export const isSuccess = ({ answer }: Known, said: string): boolean =>
  answer !== undefined && answer.kind !== 'course' && succeeded.test(said);

const succeeded = /\b(?:exit|exited)\b.{0,12}\b(?:code|status)[ =]0\s*$/iu;

/** Of any other file, errno's words tell nothing of a server. */
export const ofAnyFile = 'libpq-errno-nosuchfile-socket';
export const ofSocket = /socket|\.s\.PGSQL|connect|libpq(?!\.so|walreceiver)/iu;

/** "permission denied for function …" is about a privilege in the database, not about a file. */
const ofPrivilege =
  /^ (?:for (?:\w+ )?(?:aggregate|column|database|extension|foreign|function|language|large|operator|parameter|procedure|publication|relation|routine|schema|sequence|server|subscription|table|tablespace|type|view)\b|to (?:\w+ )?(?:alter|comment|copy|create|drop|execute|grant|perform|reset|revoke|set|start|terminate|use)\b)/iu;

const ofPostgres =
  /\b(?:connection to server|could not connect|5432|hot_standby|postgres(?:ql)?|psql|pg_[a-z]+|pgsql|pgdata|wal|standby|replica(?:tion)?|initdb|patroni|repmgr|barman|libpq|primary_conninfo|basebackup)\b/iu;

const labelBefore = (text: string, at: number): boolean =>
  at === 0 || /(?:[:\])]|^)\s*["'`(]?$/u.test(text.slice(0, at));

export function fits({ entry }: Known, values: MessageValues, record: LogRecord): boolean {
  if (entry === undefined) return true;
  // a statement may name a role or a database as well
  if (record.severity === 'ERROR' && record.program === undefined && neverOfStatements.test(entry.id)) return false;
  const context = recordContext(record, undefined);
  if (context?.speaker !== 'server') return hasMark(entry, values);
  // a server's record quotes libpq, the other server, and the system
  if (entry.speaker !== 'server' || entry.part !== undefined) return hasMark(entry, values);
  return (
    !ofStatements.test(entry.variantOf ?? entry.id) ||
    values['file']?.startsWith('$libdir/') === true ||
    fitting({ ...entry, generic: false }, values, context) !== undefined
  );
}

/** DETAIL of a refused login, and what pg_ctl says. */
const neverOfStatements = /^(?:auth-detail-|pgctl-dir-missing$)/u;

/** At another level, this is what a statement met. */
const ofStatements =
  /^(?:(?:role|database|data-dir)-does-not-exist|tblspc-dir-missing-replay|permission-open-file|extension-library-missing)$/u;

/** A message that carries another gives way to it, and so does a mere number; of two at the same place the one with more words counts. */
export function innermost(found: readonly Found<Known>[]): readonly Found<Known>[] {
  const best = found.filter(
    (one) =>
      !(one.words === 0 && found.some((other) => other.words >= 3 && other.from >= one.from && other.to <= one.to)) &&
      // its reason is what there is something to say about
      !found.some(
        (other) =>
          one.of.entry !== undefined &&
          other.of.entry === undefined &&
          other.of.answer?.id !== 'no-such-file' &&
          !isOwnWording(one.of, other.of) &&
          other.from > one.from &&
          other.to <= one.to,
      ) &&
      !found.some((other) => other !== one && includes(other, one, found)),
  );
  const inner = best.filter(
    (one) =>
      !(
        isOpen(one.of) &&
        best.some((other) => other !== one && !isOpen(other.of) && isMessage(other.of) && other.from > one.from)
      ),
  );
  const closed = inner.filter(({ of }) => !isOpen(of));
  const kept = closed.every(isTrifle) ? inner : closed;
  const messages = kept.filter(({ of }) => isMessage(of));
  if (messages.length === 0) return kept.slice(0, 1);
  // errno's words and DETAIL belong to the message before them, unless that only says that something failed
  const alone = messages.every(isConsequence);
  const reasons = kept.filter((one) => isErrno(one) && (alone || messages.some((other) => carries(other, one))));
  return [...messages, ...reasons].slice(0, 6);
}

const isConsequence = ({ of: { entry, answer } }: Found<Known>): boolean =>
  entry === undefined && answer?.kind === 'consequence';

/** In its place for another's words, not in its own. */
const carries = (other: Found<Known>, one: Found<Known>): boolean =>
  isConsequence(other) &&
  other.from <= one.from &&
  other.to >= one.to &&
  !(other.of.answer?.says?.[other.of.form] ?? '').toLowerCase().includes(one.of.entry?.format.toLowerCase() ?? ' ');

/** The message has these words itself, and they are no reason that it gives. */
const isOwnWording = ({ entry }: Known, { answer, form }: Known): boolean =>
  entry?.format.toLowerCase().includes((answer?.says?.[form] ?? ' ').toLowerCase()) === true;

const isErrno = ({ of: { entry } }: Found<Known>): boolean => entry?.part === 'cause';

const isTrifle = ({ of: { entry, answer } }: Found<Known>): boolean =>
  entry === undefined ? answer?.kind === 'course' : entry.matters < 3;

const includes = (other: Found<Known>, one: Found<Known>, found: readonly Found<Known>[]): boolean =>
  (one.of.entry !== undefined ||
    one.of.answer?.id === 'no-such-file' ||
    other.from === one.from ||
    other.of.answer === one.of.answer) &&
  other.from <= one.from &&
  other.to >= one.to &&
  !isOpen(other.of) &&
  !(one.of.entry !== undefined && other.from < one.from && carries(other, one)) &&
  (other.words > one.words || (other.words === one.words && isBetter(other, one, found)));

/** What a tool's answer says is nearer to the text than what is said of everybody's. */
function isBetter(other: Found<Known>, one: Found<Known>, found: readonly Found<Known>[]): boolean {
  const ofTool = Number(other.of.answer?.tool !== undefined) - Number(one.of.answer?.tool !== undefined);
  return ofTool === 0 ? found.indexOf(other) < found.indexOf(one) : ofTool > 0;
}

const isMessage = ({ entry }: Known): boolean => entry === undefined || entry.part === undefined;

/** It carries another's message. */
export const isOpen = ({ entry }: Known): boolean =>
  entry !== undefined &&
  (entry.carriesAnother ||
    /^(?:libpq-(?:conn-failed|is-running|ssl-error$)|tls-ssl-error$|pgbb-could-not-connect$)/u.test(entry.id));
