import { explanationOf, explanationOfSighting, explanationOfText } from '../rules/explanation.ts';
import type { Explanation } from '../rules/explanation.ts';
import { logSummary } from '../postgres/log/log-summary.ts';
import { readLog, readLogText } from '../postgres/log/read-log.ts';
import { messageCatalogue } from '../postgres/messages/catalogue.ts';
import type { Catalogue } from '../postgres/messages/catalogue.ts';
import { recognise } from '../postgres/messages/recognise.ts';
import { explanationText } from '../report/explanation-text.ts';
import { escapedJson } from '../report/json.ts';
import { catalogue } from '../rules/catalogue.ts';
import { messagePage } from '../rules/message-page.ts';
import { rulePage } from '../rules/rule-page.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { CommandSurroundings } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Format } from './own-options.ts';
import { standardOutput } from './report-output.ts';
import { textWidth } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Prints the page of a rule or of a message, or says what a message, a log or a program's output means. */
export async function explain(
  given: string,
  { format }: { readonly format: Format },
  { print }: CommandSurroundings,
): Promise<number> {
  const text = given.trim();
  if (text === '')
    throw new UsageError(
      'What shall be explained?',
      'Add the id of a rule, a message in quotes, or - for standard input.',
    );
  const messages = await messageCatalogue();
  if (idLike.test(text)) {
    await print(page(text, messages));
    return 0;
  }
  const explained = text === '-' ? await ofLog(process.stdin, messages) : ofText(text, messages);
  await print(format === 'json' ? asJson(explained) : asText(explained));
  return explained.length === 0 ? 1 : 0;
}

const idLike = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)?$/u;
const rules: readonly AnyRule[] = catalogue;

/** A rule by its id, or by the part after the slash where that is unmistakable; a message by its name. */
function page(name: string, messages: Catalogue): string {
  const exact = rules.find(({ id }) => id === name);
  if (exact !== undefined) return rulePage(exact, rules);
  const entry = messages.entry(name.replace(/^log\//u, ''));
  if (entry !== undefined && (name.startsWith('log/') || !name.includes('/'))) return messagePage(entry);
  const [only, ...others] = rules.filter(({ id }) => id.endsWith(`/${name}`));
  if (only !== undefined && others.length === 0) return rulePage(only, rules);
  const names = rules.flatMap(({ id }) => (name.includes('/') ? [id] : [id, id.slice(id.indexOf('/') + 1)]));
  throw new UsageError(`There is no rule "${name}".`, didYouMean(name, names) ?? '"standbylint rules" lists them.');
}

/** What somebody pasted: one message, or some lines of a program's output. */
function ofText(text: string, messages: Catalogue): readonly Explanation[] {
  const records = readLogText(text).filter(({ severity, program }) => severity !== undefined || program !== undefined);
  const summary = logSummary();
  for (const record of records) summary.add(record, recognise(messages, record));
  const seen = ofSightings(summary.result(), 1);
  if (seen.length > 0) return seen;
  const found = recognise(messages, text);
  if (found !== undefined) return [explanationOf(found, rules)];
  const known = explanationOfText(text.slice(0, longestText), rules);
  return known === undefined ? [] : [known];
}

const longestText = 4096;

async function ofLog(chunks: AsyncIterable<Uint8Array>, messages: Catalogue): Promise<readonly Explanation[]> {
  const summary = logSummary();
  for await (const record of readLog(chunks)) summary.add(record, recognise(messages, record));
  return ofSightings(summary.result(), leastOfALog);
}

/** In a log, what matters less than this (of 1 to 5) is its ordinary life. */
const leastOfALog = 3;
const most = 20;

/** What stands now first, the latest before the others, then what is over; each message once. */
function ofSightings(
  { sightings }: ReturnType<ReturnType<typeof logSummary>['result']>,
  least: number,
): readonly Explanation[] {
  const told = sightings.filter(
    ({ recognition: { entry }, harmless, record }) =>
      entry.matters >= least && (least === 1 || (!harmless && record.severity !== 'LOG' && record.severity !== 'INFO')),
  );
  return told
    .toSorted((a, b) => Number(a.healed) - Number(b.healed) || b.last.position - a.last.position)
    .slice(0, most)
    .map((sighting) => explanationOfSighting(sighting, rules));
}

function asText(explained: readonly Explanation[]): string {
  if (explained.length === 0)
    return 'Nothing is known of this text. "standbylint preflight" and "standbylint postmortem" look at the servers themselves.\n';
  const width = textWidth(standardOutput());
  return `${explained.map((one) => explanationText(one, width).join('\n')).join('\n\n')}\n`;
}

const asJson = (explanations: readonly Explanation[]): string =>
  escapedJson({ schemaVersion: '1.0', tool: { name: 'standbylint', version }, command: 'explain', explanations });
