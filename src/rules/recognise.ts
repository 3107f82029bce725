import type { Message } from '../findings/judgement.ts';
import type { AnyRule } from './rule.ts';

/** A message that a rule knows, and how much of it: the longer the known part, the surer. */
export interface Recognised {
  readonly rule: AnyRule;
  /** The part of a message that the rule declares in `says`. */
  readonly says: string;
}

/**
 * The rules whose messages occur in a line of a log, of a program's output or of a letter, the surest first. Whatever
 * stands before and after a message (a log prefix, a time, a severity) does not matter.
 */
export function recognise(line: string, rules: readonly AnyRule[]): readonly Recognised[] {
  const text = normalised(line);
  return rules
    .flatMap((rule) => {
      const says = (rule.says ?? [])
        .filter((part) => occurs(part, text))
        .sort((a, b) => literalLength(b) - literalLength(a))[0];
      return says === undefined ? [] : [{ rule, says }];
    })
    .sort(bySureness);
}

const bySureness = (a: Recognised, b: Recognised): number => literalLength(b.says) - literalLength(a.says);

/**
 * The rule that knows a message, by its format or by its text, whichever it knows more of: only the format is the same in
 * every language, and only the text has the reason, where the format ends in a place for it. A rule that knows some of the
 * reasons says them (`…: No such file or directory`).
 */
export const ruleOfMessage = ({ format, text }: Message, rules: readonly AnyRule[]): AnyRule | undefined =>
  [...recognise(text, rules), ...recognise(format, rules)].sort(bySureness)[0]?.rule;

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

/** As in PostgreSQL's source: `%s`, `%d`, `%u`, `%X/%X`. */
const placeholder = /%[sduX]/u;

const literalLength = (says: string): number => says.split(placeholder).join('').length;
