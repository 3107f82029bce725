import type { SaidMessage } from '../findings/judgement.ts';
import type { Catalogue } from '../postgres/messages/catalogue.ts';
import type { AnyRule } from './rule.ts';

/** A message that a rule knows, and how much of it: the longer the known part, the surer. */
export interface Recognised {
  readonly rule: AnyRule;
  /** The part of the text that the rule knows, `%s` standing for any text. */
  readonly says: string;
}

/** The words of every message that speaks of a fault: the catalogue's, and its own. */
export const wordsOf = (
  { messages = [], says = [] }: Pick<AnyRule, 'messages' | 'says'>,
  catalogue: Catalogue,
): readonly string[] => [...messages.flatMap(catalogue.wordings).map(firstLine), ...says];

/** What libpq explains in further lines, and the label that it prints itself, may be missing. */
const firstLine = (format: string): string =>
  (format.trim().split('\n')[0] ?? '').replace(/^(?:%s|WARNING): /u, '').replaceAll(/\s+/gu, ' ');

/**
 * The rule that knows a message: the one that names it, unless another one says more of it than its format does, which is the
 * reason at its end (`…: No such file or directory`); else one that says its words, by the format, which is the same in
 * every language, or by the text.
 */
export function ruleOfMessage(message: SaidMessage, rules: readonly AnyRule[]): AnyRule | undefined {
  const { id, variantOf, format, text } = message;
  const named = [id, variantOf]
    .map((name) => rules.find(({ messages = [] }) => name !== undefined && messages.includes(name)))
    .find((found) => found !== undefined);
  const own = ({ says = [] }: AnyRule): readonly string[] => says;
  const [said] = [...rulesWith(text, rules, own), ...rulesWith(format, rules, own)].sort(bySureness);
  return named === undefined || (said !== undefined && literalLength(said.says) > literalLength(format))
    ? said?.rule
    : named;
}

/**
 * The rules whose messages occur in a line of a log, of a program's output or of a letter, the surest first. Whatever
 * stands before and after a message (a log prefix, a time, a severity) does not matter.
 */
export const recognise = (line: string, rules: readonly AnyRule[], catalogue: Catalogue): readonly Recognised[] =>
  rulesWith(line, rules, (rule) => wordsOf(rule, catalogue));

/** Whether one of these messages occurs in the text. */
export const knows = (words: readonly string[], text: string): boolean =>
  words.some((part) => occurs(part, normalised(text)));

function rulesWith(
  line: string,
  rules: readonly AnyRule[],
  words: (rule: AnyRule) => readonly string[],
): readonly Recognised[] {
  const text = normalised(line);
  const found: Recognised[] = [];
  for (const rule of rules) {
    const says = surestOf(words(rule), text);
    if (says !== undefined) found.push({ rule, says });
  }
  return found.sort(bySureness);
}

/** Of the words that occur in the text, the first of those that say most. */
function surestOf(words: readonly string[], text: string): string | undefined {
  let surest: string | undefined;
  for (const part of words)
    if (occurs(part, text) && (surest === undefined || literalLength(part) > literalLength(surest))) surest = part;
  return surest;
}

const bySureness = (a: Recognised, b: Recognised): number => literalLength(b.says) - literalLength(a.says);

/** Line breaks of a letter and typographic quotes, which a copied message often has, are undone. */
const normalised = (text: string): string =>
  text
    .replaceAll(/[“”„«»]/gu, '"')
    .replaceAll(/[‘’]/gu, "'")
    .replaceAll(/\s+/gu, ' ');

/** The fixed parts of a message occur one after the other: found in one pass, however the line is made. */
function occurs(says: string, text: string): boolean {
  let at = 0;
  for (const part of fixedParts(says)) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}

/** What stands between the places of values. Kept: every text that is looked at meets the same few hundred messages. */
function fixedParts(says: string): readonly string[] {
  const parts = partsOf.get(says) ?? says.split(placeholder);
  partsOf.set(says, parts);
  return parts;
}

const partsOf = new Map<string, readonly string[]>();

/** As in PostgreSQL's source: `%s`, `%d`, `%zu`, `%X/%08X`, and `%m` for the words of the system. */
const placeholder = /%X\/%(?:08)?X|%[-0-9.]*(?:ll|l|z)?[a-zA-Z]/u;

const literalLength = (says: string): number => says.split(placeholder).join('').length;
