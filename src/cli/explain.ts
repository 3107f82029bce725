import { answers } from '../explain/answers.ts';
import { besideTable } from '../explain/beside-table.ts';
import { explanationOf, isAnswer, kindOf } from '../explain/explanation.ts';
import type { Explanation } from '../explain/explanation.ts';
import { knownPhrases } from '../explain/phrases/known.ts';
import { nextCommandsOf } from '../explain/next-commands.ts';
import { ofThisServer, ofServer, serverIn } from '../explain/of-server.ts';
import { ranked } from '../explain/weighing/rank.ts';
import { recogniseLog } from '../explain/recognise-log.ts';
import { inEnglish } from '../explain/in-english.ts';
import { recognisePaste } from '../explain/recognise-paste.ts';
import type { Seen } from '../explain/seen.ts';
import { withToolLines } from '../explain/with-tool-lines.ts';
import { unescaped, withoutGaps } from '../explain/paste/without-formatting.ts';
import { messageCatalogue } from '../postgres/messages/catalogue.ts';
import type { Catalogue } from '../postgres/messages/catalogue.ts';
import { maskLines } from '../postgres/secrets-in-text.ts';
import { explanationsText } from '../report/explanation-text.ts';
import { escapedJson } from '../report/json.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { CommandSurroundings } from './command.ts';
import { didYouMean } from './options/did-you-mean.ts';
import { isReadable, NothingToExplain, textOf, textOfInput } from './explained-text.ts';
import type { Format } from './options/own-options.ts';
import { standardOutput } from './output/report-output.ts';
import { textWidth } from './terminal/terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Prints the page of a rule or of a message, or says what a message, a log or a program's output means. */
export async function explain(
  given: readonly string[],
  { format }: { readonly format: Format },
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const [only = ''] = given;
  const isInput = given.length === 0 && isReadable();
  if (!isInput && given.every((word) => word.trim() === '')) throw new NothingToExplain();
  const messages = await messageCatalogue();
  const found = given.length === 1 ? await pageNamed(only, messages) : undefined;
  if (found !== undefined) {
    await print(found);
    return 0;
  }
  const explained = await explanations(await (isInput ? textOfInput() : textOf(given)), messages, signal);
  await print(format === 'json' ? explanationsJson(explained) : explanationsAsText(explained));
  return explained.some(isAnswer) ? 0 : 1;
}

const idLike = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)?$/u;

/** The page of a rule or of a message; undefined for what is no name. Throws a {@link UsageError} for one that there is not. */
export const pageNamed = async (name: string, messages: Catalogue): Promise<string | undefined> =>
  idLike.test(name.trim()) ? page(name.trim(), messages) : undefined;

/** A rule by its id, or by the part after the slash where that is unmistakable; a message by its name. */
async function page(name: string, messages: Catalogue): Promise<string | undefined> {
  const [{ catalogue }, { rulePage }, { default: examples }] = await Promise.all([
    import('../rules/catalogue.ts'),
    import('../rules/rule-page.ts'),
    import('../rules/examples.json', { with: { type: 'json' } }),
  ]);
  const rules: readonly AnyRule[] = catalogue;
  const pageOf = (rule: AnyRule): string =>
    rulePage(rule, { rules, messages, example: new Map(Object.entries(examples)).get(rule.id) });
  const exact = rules.find(({ id }) => id === name);
  if (exact !== undefined) return pageOf(exact);
  const entry = messages.entry(name.replace(/^log\//u, ''));
  if (entry !== undefined && (name.startsWith('log/') || !name.includes('/'))) {
    const { messagePage } = await import('../rules/message-page.ts');
    return messagePage(entry);
  }
  const [only, ...others] = rules.filter(({ id }) => id.endsWith(`/${name}`));
  if (only !== undefined && others.length === 0) return pageOf(only);
  const group = rules.flatMap(({ id }) => (id.startsWith(`${name}/`) ? [id] : []));
  if (group.length > 0)
    throw new UsageError(`"${name}" is a group of rules.`, `Name one of them: ${group.join(', ')}.`);
  const names = rules.flatMap(({ id }) => (name.includes('/') ? [id] : [id, id.slice(id.indexOf('/') + 1)]));
  throw new UsageError(`Rule "${name}" does not exist.`, didYouMean(name, names) ?? '"standbylint rules" lists them.');
}

type Given = Awaited<ReturnType<typeof textOf>>;

/** What somebody is about to do to data comes before what messages mean. */
export async function explanations(
  given: Given,
  messages: Catalogue,
  signal: AbortSignal,
): Promise<readonly Explanation[]> {
  const told = await withoutWarning(given, messages, signal);
  if (given.kind === 'log' || !mayHarm.test(given.text)) return told;
  const { harmIn } = await import('../explain/symptoms.ts');
  const harm = harmIn(maskLines(withoutGaps(unescaped(given.text))));
  return harm === undefined ? told : [harm, ...told.filter(({ means }) => means !== harm.means)];
}

/** A word of what `harmIn` finds. */
const mayHarm = /\bpg_(?:reset)?(?:wal|xlog)\b|\bbackup_label\b|\bpostmaster\.pid\b|\bkill\b/iu;

async function withoutWarning(given: Given, messages: Catalogue, signal: AbortSignal): Promise<readonly Explanation[]> {
  const seen =
    given.kind === 'text'
      ? await seenIn(await inEnglish(given.text), messages)
      : await recogniseLog(given.chunks, messages, answers, signal);
  const told = await withSettingStories(ranked(seen).slice(0, most));
  const raw = given.kind === 'text' ? withoutGaps(unescaped(given.text)) : '';
  const whole = maskLines(raw);
  const ruleOf = await rulesOf(told, messages);
  const server = serverIn(whole);
  const next = nextCommandsOf(whole, server);
  const said = told.map((one) => ofServer(explanationOf(ofThisServer(one, server), ruleOf, next), server));
  if (given.kind === 'log') return said;
  // what is over is not what is asked
  const answered = said.some((one) => isAnswer(one) && !one.over);
  // what may show a cause stands on other lines
  if (answered && (whole.length > longestProof || !whole.trim().includes('\n'))) return said;
  const { proofsIn, shapesIn, tableIn } = await import('../explain/shapes.ts');
  if (!answered) return [...shapesIn(whole.slice(0, longestShape), raw.slice(0, longestShape)), ...said];
  if (told.every(isRemark)) {
    const { symptomIn } = await import('../explain/symptoms.ts');
    return [...[symptomIn(whole) ?? []].flat(), ...said];
  }
  const { confirmedBy } = await import('../explain/weighing/confirmed.ts');
  const confirmed = besideTable(tableIn(whole), confirmedBy(proofsIn(whole, raw), said));
  if (told.some((one) => kindOf(one) === 'cause')) return confirmed;
  // what follows from a fault leaves the fault itself to what else is told of it
  const beside = shapesIn(whole, raw).filter(({ candidates }) => candidates.some(({ rule }) => rule !== null));
  return told.every(({ answer }) => answer?.saysNotWhy === true)
    ? [...beside, ...confirmed]
    : [...confirmed, ...beside];
}

const seenIn = (text: string, messages: Catalogue): Promise<readonly Seen[]> =>
  withToolLines(text, recognisePaste(text, messages, knownPhrases(messages, answers), answers));

/** A program's remarks say less than what somebody says of it. */
const isRemark = ({ answer }: Seen): boolean => answer?.matters === 1;

const longestProof = 16_384;

/** The table of settings is read only where a server does not know one. */
async function withSettingStories(told: readonly Seen[]): Promise<readonly Seen[]> {
  if (!told.some(({ recognition }) => isUnknownSetting(recognition?.id))) return told;
  const { settingStory } = await import('../explain/paste/setting-story.ts');
  return told.map((one) => {
    const story = isUnknownSetting(one.recognition?.id) ? settingStory(one.values['parameter'] ?? '') : undefined;
    return story === undefined ? one : { ...one, values: { ...one.values, settingStory: story } };
  });
}

const isUnknownSetting = (id: string | undefined): boolean => id?.startsWith('config-unrecognized-param') === true;

const longestShape = 65_536;
const most = 20;

/** The rules are read only where a message has no answer of its own. */
async function rulesOf(told: readonly Seen[], messages: Catalogue): Promise<(seen: Seen) => string | undefined> {
  if (told.every(({ answer }) => answer !== undefined || false) || told.every((one) => kindOf(one) === 'course'))
    return () => undefined;
  const [{ catalogue }, { recognise, ruleOfMessage }] = await Promise.all([
    import('../rules/catalogue.ts'),
    import('../rules/recognise.ts'),
  ]);
  return ({ recognition, text }) =>
    recognition === undefined
      ? recognise(text, catalogue, messages)[0]?.rule.id
      : ruleOfMessage({ ...recognition.entry, text }, catalogue)?.id;
}

export function explanationsAsText(explained: readonly Explanation[]): string {
  if (explained.length === 0)
    return 'No known message was found in this text. "standbylint preflight" and "standbylint postmortem" check the servers themselves.\n';
  return `${explanationsText(explained, textWidth(standardOutput())).join('\n')}\n`;
}

export const explanationsJson = (explained: readonly Explanation[]): string =>
  escapedJson({
    schemaVersion: '1.0',
    tool: { name: 'standbylint', version },
    command: 'explain',
    explanations: explained,
  });
