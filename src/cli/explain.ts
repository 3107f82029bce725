import { createInterface } from 'node:readline';

import { printable } from '../report/printable.ts';
import { catalogue } from '../rules/catalogue.ts';
import { recognise } from '../rules/recognise.ts';
import { rulePage } from '../rules/rule-page.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { CommandSurroundings } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import { UsageError } from './usage-error.ts';

/** Prints the page of a rule, or names the rules that a message or a log speaks of. */
export async function explain(given: string, { print }: CommandSurroundings): Promise<number> {
  const text = given.trim();
  if (text === '')
    throw new UsageError(
      'What shall be explained?',
      'Add the id of a rule, a message in quotes, or - for standard input.',
    );
  if (text === '-') return explainLines(createInterface({ input: process.stdin, crlfDelay: Infinity }), print);
  if (idLike.test(text)) {
    await print(rulePage(ruleOrThrow(text), catalogue));
    return 0;
  }
  return explainLines(text.split('\n'), print);
}

const idLike = /^[a-z]+(-[a-z]+)*(\/[a-z]+(-[a-z]+)*)?$/u;

/** By its id, or by the part after the slash where that is unmistakable. */
function ruleOrThrow(name: string): AnyRule {
  const exact = catalogue.find(({ id }) => id === name);
  if (exact !== undefined) return exact;
  const [only, ...others] = catalogue.filter(({ id }) => id.endsWith(`/${name}`));
  if (only !== undefined && others.length === 0) return only;
  const names = catalogue.flatMap(({ id }) => (name.includes('/') ? [id] : [id, id.slice(id.indexOf('/') + 1)]));
  throw new UsageError(`There is no rule "${name}".`, didYouMean(name, names) ?? '"standbylint rules" lists them.');
}

interface Sighting {
  readonly rule: AnyRule;
  readonly firstLine: string;
  count: number;
}

async function explainLines(
  lines: AsyncIterable<string> | Iterable<string>,
  print: CommandSurroundings['print'],
): Promise<number> {
  const sightings = new Map<string, Sighting>();
  for await (const line of lines) {
    const [surest] = recognise(line.slice(0, longestLine), catalogue);
    if (surest === undefined) continue;
    const sighting = sightings.get(surest.rule.id);
    if (sighting === undefined) sightings.set(surest.rule.id, { rule: surest.rule, firstLine: line, count: 1 });
    else sighting.count += 1;
  }
  if (sightings.size === 0) {
    await print('No rule knows this text. "standbylint preflight" looks at the servers themselves.\n');
    return 1;
  }
  const [only, ...others] = [...sightings.values()];
  await print(
    only !== undefined && others.length === 0 && only.count === 1
      ? `${rulePage(only.rule, catalogue)}\n${mending}`
      : [...sightings.values()].map(sightingText).join('\n'),
  );
  return 0;
}

const mending =
  '"standbylint preflight" with your own options looks at your servers and prints the exact commands that mend this.\n';

/** A line of a log that is longer holds a query or garbage, and its message stands at the beginning. */
const longestLine = 4096;

const sightingText = ({ rule, firstLine, count }: Sighting): string =>
  [
    `${rule.id}${count === 1 ? '' : ` (${count} lines)`}`,
    `  ${printable(firstLine.trim()).slice(0, 200)}`,
    `  ${rule.title}. standbylint explain ${rule.id}`,
    '',
  ].join('\n');
