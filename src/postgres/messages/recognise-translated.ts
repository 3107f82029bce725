import type { LogRecord } from '../log/log-record.ts';
import type { Catalogue, CatalogueEntry, KnownMessage } from './catalogue.ts';
import { fitting } from './message-context.ts';
import type { MessageContext } from './message-context.ts';
import type { MessageValues } from './message-format.ts';
import type { Recognition } from './recognition.ts';

/**
 * A message in another language: SQLSTATE, function and file are the same in every one (log_error_verbosity = verbose,
 * csvlog with it, jsonlog), and so are LSNs, WAL file names and numbers. Undefined where they leave a choice.
 */
export function byPlace(catalogue: Catalogue, record: LogRecord, context: MessageContext): Recognition | undefined {
  const { location, sqlstate } = record;
  const inFunction =
    location?.function === undefined
      ? []
      : catalogue.inFunction(location.function).filter(({ entry }) => isPlausible(entry, record, context));
  const sameShape = inFunction.filter(({ entry }) => shapeOfFormat(entry.format) === shapeOfText(record.message));
  const [only, ...others] = oneOfEach(sameShape);
  const translation = record.severity === 'LOG' ? ofState(catalogue, record.message) : undefined;
  if (translation !== undefined) return recognition(translation.entry, record, translation.values);
  // the place says nothing new of a text in English that the catalogue does not have
  if (record.english) return undefined;
  const found =
    only !== undefined && others.length === 0
      ? only.entry
      : catalogue.entry(sqlstate === undefined ? '' : (bySqlstate(sqlstate, record) ?? ''));
  return found === undefined ? undefined : recognition(found, record, values(record));
}

const recognition = (entry: CatalogueEntry, { message }: LogRecord, found: MessageValues): Recognition => ({
  id: entry.id,
  entry,
  values: found,
  text: message,
  by: 'place',
  cause: undefined,
  details: [],
  within: undefined,
  connection: undefined,
  also: [],
});

interface OfState {
  readonly entry: CatalogueEntry;
  readonly values: MessageValues;
}

function ofState({ foreignLike }: Catalogue, message: string): OfState | undefined {
  for (const { entry, pattern } of foreignLike(message)) {
    const found = pattern.match(message);
    if (found !== undefined) return { entry, values: 'value' in found ? { ...found, version: found['value'] } : found };
  }
  return undefined;
}

function isPlausible(entry: CatalogueEntry, { location, sqlstate }: LogRecord, context: MessageContext): boolean {
  if (location?.file !== entry.file.split('/').at(-1)) return false;
  const { sqlstates, since, until } = entry;
  if (sqlstate !== undefined && sqlstates.length > 0 && !sqlstates.includes(sqlstate)) return false;
  if (context.major !== undefined && ((since ?? 0) > context.major || (until ?? Infinity) < context.major))
    return false;
  return fitting({ ...entry, generic: false }, {}, context) !== undefined;
}

/** Wordings of one message are one. */
function oneOfEach(messages: readonly KnownMessage[]): readonly KnownMessage[] {
  const seen = new Map<string, KnownMessage>();
  for (const message of messages) {
    const id = message.entry.variantOf ?? message.entry.id;
    // the two differ in a word only, and say the same: it streams
    const root = id === 'restarted-streaming' ? 'started-streaming' : id;
    if (!seen.has(root)) seen.set(root, message);
  }
  return [...seen.values()];
}

/** How many LSNs, other numbers and quoted names are in it. Word order and quotes change with the language. */
function shapeOfFormat(format: string): string {
  const lsns = (format.match(/%X\/%(?:08)?X/gu) ?? []).length;
  const numbers = (format.replaceAll(/%X\/%(?:08)?X/gu, '').match(/%[-0-9.]*(?:ll|l|z)?[udX]/gu) ?? []).length;
  const names = (format.match(/"%s"/gu) ?? []).length;
  return `${lsns} ${numbers} ${names}`;
}

function shapeOfText(text: string): string {
  const [first = ''] = text.split('\n');
  const names = first.match(/"[^"]*"|»[^«]*«|«[^»]*»|„[^“]*“|「[^」]*」|“[^”]*”|>>[^<]*<<|<<[^>]*>>/gu) ?? [];
  const rest = names.reduce((left, name) => left.replace(name, ''), first);
  const lsns = rest.match(/[0-9A-F]+\/[0-9A-F]+/gu) ?? [];
  const numbers = rest.replaceAll(/[0-9A-F]+\/[0-9A-F]+/gu, '').match(/(?<![\w.])\d+(?![\w.])/gu) ?? [];
  return `${lsns.length} ${numbers.length} ${names.length}`;
}

/** States that stand for one message in what concerns replication. */
function bySqlstate(sqlstate: string, { message, detail, severity }: LogRecord): string | undefined {
  const text = `${message}\n${detail ?? ''}`;
  if (sqlstate === '58P01' && /\b[0-9A-F]{24}\b/u.test(text)) return 'requested-wal-removed';
  if (sqlstate === '55000' && (text.match(/\b\d{19,20}\b/gu) ?? []).length === 2) return 'system-identifier-differs';
  if (sqlstate === '28P01' && severity === 'FATAL') return 'auth-password-failed';
  return undefined;
}

function values({ message, detail, user }: LogRecord): MessageValues {
  const text = `${message}\n${detail ?? ''}`;
  const found = {
    lsn: /\b[0-9A-F]+\/[0-9A-F]+\b/u.exec(text)?.[0],
    segment: /\b[0-9A-F]{24}\b/u.exec(text)?.[0],
    role: user,
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
