import type { LogRecord } from '../postgres/log/log-record.ts';
import { logSummary } from '../postgres/log/log-summary.ts';
import { maskLines } from '../postgres/secrets-in-text.ts';
import type { Catalogue, CatalogueEntry } from '../postgres/messages/catalogue.ts';
import type { Recognition } from '../postgres/messages/recognition.ts';
import { raisedByFunction, recognise } from '../postgres/messages/recognise.ts';
import type { Answers } from './answers.ts';
import type { Known } from './phrases/known.ts';
import { kindOf } from './explanation.ts';
import { isOfApplication } from './weighing/of-sessions.ts';
import { oldestFirst } from './paste/oldest-first.ts';
import { pathAround } from './paste/path-around.ts';
import { joined, unclaimedBlocks } from './paste/paste-blocks.ts';
import type { Block } from './paste/paste-blocks.ts';
import type { Found, Phrases } from './phrases/phrases.ts';
import { fromMemory } from './phrases/from-memory.ts';
import { answeredAlike, withoutRests } from './weighing/same-fault.ts';
import type { Seen } from './seen.ts';
import { toldTogether } from './weighing/said-together.ts';
import { contextOf, ofSighting, seenOnce } from './sighting.ts';
import { withoutDenied } from './weighing/denied.ts';
import { tidied, unescaped } from './paste/without-formatting.ts';
import { toolsIn, toolsOf } from './tools.ts';
import { typedPieces } from './phrases/typed-again.ts';
import { unknownFailures, unknownStops } from './unknown/unknown-stop.ts';
import { unknownOfTools } from './unknown/unknown-tools.ts';
import { apartInSentences } from './paste/within-sentences.ts';
import {
  fits,
  innermost,
  isAmong,
  isOfOthers,
  isOfTool,
  isOpen,
  isReasonOfSystem,
  isSaidToAll,
  isSuccess,
  longestForParts,
  ofAnyFile,
  ofSocket,
  strongest,
} from './phrases/within-block.ts';
import type { Surroundings } from './phrases/within-block.ts';

/**
 * What is known of a text that somebody pasted: its log records first; then, of every line that no record has claimed,
 * what stands anywhere in it.
 */
export function recognisePaste(
  text: string,
  messages: Catalogue,
  known: Phrases<Known>,
  answers: Answers,
): readonly Seen[] {
  const clean = oldestFirst(maskLines(apartInSentences(tidied(unescaped(text)))));
  const isShort = clean.length < longestPaste;
  // a logger's JSON names the program where its message does not
  const paste = !isShort ? '' : /\{\s*"/u.test(text) ? `${clean}\n${text}` : clean;
  const tools = toolsIn(isShort ? paste : clean);
  // the images of Bitnami and operators are of many databases
  const ofOthers = [...tools].every((tool) => tool === 'bitnami' || tool === 'operator') && isOfOthers(paste);
  const summary = logSummary();
  const rest = unclaimedBlocks(clean, {
    recognise(record) {
      const found = recognise(messages, record);
      if (found !== undefined && ofOthers && isReasonOfSystem(found.entry)) return undefined;
      return found?.id === ofAnyFile && !ofSocket.test(clean) ? undefined : found;
    },
    isUncertain,
    beginsMessage: (line) => text.length < longestForParts && known.within(line).some(beginsWith),
    claimed: summary.add,
  });
  const around: Surroundings = {
    size: text.length,
    tools,
    paste,
    ofOthers,
  };
  const others = rest.flatMap((one) => ofBlock(one, known, answers, around));
  for (const one of rest)
    if (one.claimed !== undefined && isUncertain(one.claimed) && !others.some(({ record }) => record === one.record))
      summary.add(one.record, one.claimed);
  const { sightings, ...course } = summary.result();
  const seen = [
    ...sightings.map((sighting) => withOwnWords(ofSighting(sighting, course, answers, around), known, around)),
    ...merged(others),
    ...unknownStops(rest, new Set(others.flatMap(({ record }) => record ?? [])), clean),
  ];
  const silent = seen.every((one) => kindOf(one) === 'course' || isOfApplication(one));
  const remembered =
    silent && isShort && !ofOthers
      ? fromMemory(rest, known, around, seen, (found, sentence, record) =>
          seenOf(found, sentence, record, answers, around),
        )
      : [];
  if (remembered.length > 0) return withoutDenied([...seen, ...remembered], clean);
  // "see the lines above" leads to one that is not known
  const thin = !silent && seen.every((one) => kindOf(one) === 'course' || one.answer?.saysNotWhy === true);
  const unknown = silent ? unknownIn(rest, clean, text, seen) : thin ? unknownFailures(rest, clean) : [];
  const all = toldTogether(withoutRests(answeredAlike([...seen, ...unknown])), course);
  return isShort ? withoutDenied(all, clean) : all;
}

function unknownIn(rest: readonly Block[], clean: string, text: string, seen: readonly Seen[]): readonly Seen[] {
  const ofPostgres = unknownFailures(rest, clean);
  return ofPostgres.length === 0 && text.length < longestForParts ? unknownOfTools(maskLines(text), seen) : ofPostgres;
}

/** What somebody asks in a few sentences. */
const longestQuestion = 600;

/** Some twenty lines. */
const longestPaste = 2048;

/** More than a few words, which might be the rest of another line. */
const beginsWith = ({ of, from, words }: Found<Known>): boolean =>
  from === 0 && words >= 4 && of.entry?.part === undefined;

/** It carries another's message, which was not known. */
const isUncertain = ({ id, entry, within, cause, values }: Recognition): boolean =>
  remarks.test(id) ||
  (entry.carriesAnother && within === undefined && cause === undefined && (values['reason'] ?? '') !== '');

/** What stands beside the message itself. */
const remarks = /^libpq-(?:conn-failed|is-running|password-from-file)/u;

/** The reason in a message (errno's, OpenSSL's, a program's words) may be what there is something to say about. */
function withOwnWords(seen: Seen, known: Phrases<Known>, around: Surroundings): Seen {
  const reason = seen.values['reason'] ?? seen.values['error'];
  const answer =
    reason === undefined
      ? undefined
      : known
          .within(reason)
          .find(
            ({ of }) =>
              of.entry === undefined &&
              isOfTool(of, around) &&
              (seen.record === undefined || isAmong(of, reason, seen.record, around)),
          )?.of.answer;
  // a signal's name is not what a program said
  if (answer === undefined || isOfSystem(undefined, answer) || seen.recognition?.id.endsWith('-signal') === true)
    return seen;
  return { ...seen, answer };
}

function ofBlock(
  { record, lines, claimed }: Block,
  known: Phrases<Known>,
  answers: Answers,
  around: Surroundings,
): readonly Seen[] {
  if (raisedByFunction(record)) return [];
  const whole = spoken(joined(lines));
  let text = whole;
  let found = strongest(messagesIn(text, known), text, record, around);
  // a server goes on after what it reports so (huge pages that it tried in vain)
  if (record.severity === 'DEBUG')
    return found
      .filter(({ of: { entry, answer }, words }) => entry === undefined && words >= 4 && !isOfSystem(entry, answer))
      .map((one) => seenOf(one, text, record, answers, around));
  if (found.length === 0 && lines.length > 1 && around.size < longestForParts) {
    // a terminal breaks lines within words
    text = spoken(lines.map((line) => line.text).join(''));
    found = strongest(messagesIn(text, known), text, record, around);
  }
  if (found.every(({ of }) => isOpen(of)) && around.size < longestForParts) {
    const carried =
      found.length === 0
        ? whole
        : text.slice(Math.max(...found.map(({ from, values }) => from + ownLength(values, text.slice(from)))));
    const isMeant = ({ of, to }: Found<Known>): boolean =>
      fits(of, {}, record) &&
      // without the reason that it gives, it is all there is
      (!isOpen(of) || (found.length === 0 && /^\W*$/u.test(carried.slice(to)))) &&
      !(around.ofOthers && isSaidToAll(of)) &&
      isOfTool(of, around) &&
      isAmong(of, carried, record, around) &&
      !isSuccess(of, carried);
    const parts = oneOfEach(known.partsWithin(carried).filter(isMeant));
    const [first, ...more] =
      parts.length === 0 && found.length === 0 && claimed === undefined && carried.length < longestQuestion
        ? oneOfEach(
            typedPieces(carried)
              .flatMap((piece) => known.shortenedIn(piece))
              .filter(isMeant),
          )
        : parts;
    if (first !== undefined)
      return [
        {
          ...seenOf(first, carried, record, answers, around),
          others: more
            .filter(({ words }) => words >= first.words - 1)
            .slice(0, 3)
            .map((one) => seenOf(one, carried, record, answers, around)),
        },
      ];
    if (claimed !== undefined) return [];
  }
  return innermost(found)
    .filter(({ of }) => claimed === undefined || nameOf(of) !== (claimed.entry.variantOf ?? claimed.id))
    .map((one) => {
      const seen = seenOf(
        around.size < longestForParts ? withValues(one, text, known) : one,
        text,
        record,
        answers,
        around,
      );
      return seen.answer === undefined ? { ...seen, answer: ofReason(seen, contextOf(text, record)) } : seen;
    });

  /** Of a message with nothing to say of its own: errno's words in it. */
  function ofReason({ values }: Seen, context: string): Seen['answer'] {
    const reason = known.within(values['error'] ?? '').find(({ of }) => of.entry?.part === 'cause')?.of.entry;
    return reason === undefined || reason.id.startsWith('libpq-') ? undefined : answers.of(reason, context, around);
  }
}

/** A message's short form has none of its values; the text may go on with them. */
function withValues(one: Found<Known>, text: string, known: Phrases<Known>): Found<Known> {
  if (one.of.entry !== undefined || one.of.answer?.of === undefined || Object.keys(one.values).length > 0) return one;
  const longer = known
    .partsWithin(text.slice(one.from))
    .find(({ of, from, values }) => from === 0 && nameOf(of) === nameOf(one.of) && Object.keys(values).length > 0);
  return longer === undefined ? one : { ...one, values: longer.values };
}

/** Two words of PostgreSQL's are a message of their own only where no other words go before them. */
const messagesIn = (text: string, known: Phrases<Known>): readonly Found<Known>[] =>
  known
    .within(text)
    .filter(
      ({ of, words, from }) => of.entry === undefined || words > 2 || !/[\p{L}\p{N}"] $/u.test(text.slice(0, from)),
    );

/** Where what it carries begins. */
const ownLength = (values: Recognition['values'], text: string): number => {
  const carried = values['reason'] ?? values['error'] ?? '';
  const at = carried === '' ? -1 : text.indexOf(carried);
  return at === -1 ? 0 : at;
};

/** What a client said is no message of the server's. */
const spoken = (text: string): string =>
  text
    .replaceAll(/\b(?:STATEMENT|QUERY|LOCATION): .*$/gmu, ' ')
    .replaceAll(/\b(?:statement|execute (?:fetch from )?[^\s:'"]{1,80}): .*$/gmu, ' ');

function seenOf(
  { of, values, from, to, partial }: Found<Known>,
  text: string,
  record: LogRecord,
  answers: Answers,
  around: Surroundings,
): Seen {
  const said = text.slice(from, to);
  const recognition = of.entry === undefined ? undefined : recognitionOf(of.entry, values, said);
  return {
    recognition,
    answer: answerTo(of, contextOf(text, record), answers, { ...around, tools: toolsOf(record, around.tools) }),
    values: { ...serverIn(text), ...(isOfSystem(of.entry, of.answer) ? pathAround(text, from, to) : {}), ...values },
    text: partial ? text.slice(0, 400) : said,
    partial,
    others: [],
    record,
    program:
      record.program ??
      /\b(pg_(?:basebackup|receivewal|recvlogical|rewind|ctl|verifybackup|dump|restore)|psql|initdb|postgres)(?=: )/u.exec(
        text.slice(0, from),
      )?.[1],
    form: of.form,
    ...seenOnce(record),
  };
}

/** errno's words alone, which do not name the file. */
const isOfSystem = (entry: CatalogueEntry | undefined, answer: Seen['answer']): boolean =>
  entry?.file.startsWith('(strerror') === true || answer?.id === 'no-such-file';

/** An answer's own words may be a message's, of which there are several answers. */
function answerTo({ entry, answer }: Known, context: string, answers: Answers, around: Surroundings): Seen['answer'] {
  if (entry !== undefined) return answers.of(entry, context, around);
  const id = answer?.of?.[0];
  return id === undefined ? answer : (answers.of({ id, variantOf: undefined }, context, around) ?? answer);
}

function serverIn(text: string): Recognition['values'] {
  const [, server, port] =
    /connection to server at "([^"]+)"(?: \([^)]*\))?, port (\d+)/iu.exec(text) ??
    // before 14
    /Is the server running on host "([^"]+)"(?: \([^)]*\))? and accepting\s+TCP\/IP connections on port (\d+)/iu.exec(
      text,
    ) ??
    // Go's programs
    /\bdial tcp \[?([\da-f.:]+?)\]?:(\d+): /iu.exec(text) ??
    // Pgpool-II
    /(?:PostgreSQL server on |connection to host:)"([^":\s]+):(\d+)"/u.exec(text) ??
    // Python's and curl's
    /\bHTTPS?ConnectionPool\(host=\\?['"]([\w.:-]+)\\?['"], port=(\d+)\)/u.exec(text) ??
    /\b(?:connect to|server) ([\w.-]+)(?: port |:)(\d+)(?::| was)/u.exec(text) ??
    /\bhttps?:\/\/([\w.-]+):(\d+)\b/u.exec(text) ??
    [];
  return server === undefined || port === undefined ? {} : { server, port };
}

const recognitionOf = (entry: CatalogueEntry, values: Recognition['values'], text: string): Recognition => ({
  id: entry.id,
  entry,
  values,
  text,
  by: 'text',
  cause: undefined,
  details: [],
  within: undefined,
  connection: undefined,
  also: [],
});

const oneOfEach = (found: readonly Found<Known>[]): readonly Found<Known>[] =>
  [...new Map(found.toReversed().map((one) => [nameOf(one.of), one])).values()].toReversed();

const nameOf = ({ entry, answer }: Known): string =>
  entry?.variantOf ?? entry?.id ?? answer?.of?.[0] ?? answer?.id ?? '';

/** Each once, in its most telling wording, however often it stands there. */
function merged(seen: readonly Seen[]): readonly Seen[] {
  const byKey = new Map<string, Seen>();
  for (const one of seen) {
    // errno's words come in a row, for file after file: the first is told
    const ofSystem = isOfSystem(one.recognition?.entry, one.answer);
    const objects = ['role', 'slot', 'segment', 'file', 'directory', 'database'].map((name) => one.values[name] ?? '');
    const key = [one.recognition?.id ?? one.answer?.id ?? one.answer?.of?.[0] ?? '', ...(ofSystem ? [] : objects)].join(
      '\u0000',
    );
    const before = byKey.get(key);
    if (ofSystem && before !== undefined) byKey.set(key, { ...before, count: before.count + 1 });
    else if (before === undefined || one.form < before.form) byKey.set(key, one);
    else if (one.form === before.form)
      byKey.set(key, {
        ...one,
        first: before.first,
        count: before.count + 1,
        inPlace: one.values['lsn'] === before.values['lsn'] ? before.inPlace + 1 : 1,
      });
  }
  return [...byKey.values()];
}
