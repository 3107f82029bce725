import type { Severity } from '../facts/report.ts';
import { catalogue } from '../rules/catalogue.ts';
import { pagePath } from '../rules/rule-page.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { CommandSurroundings } from './command.ts';
import { parseWords } from './getopt.ts';
import { formats, oneOf } from './own-options.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

const options = [
  { long: 'format', value: 'stylish|json' },
  { long: 'help', short: '?' },
] as const;

/** Lists every rule. */
export async function rules(words: readonly string[], { print }: CommandSurroundings): Promise<number> {
  const parsed = parseWords(words, options);
  if (parsed.options.some(({ spec }) => spec.long === 'help')) {
    await print('Usage:\n  standbylint rules [--format=stylish|json]\n');
    return 0;
  }
  const [operand] = parsed.operands;
  if (operand !== undefined)
    throw new UsageError(
      `"rules" lists all rules and takes no name.`,
      `For one of them: standbylint explain ${operand}`,
    );
  const format = oneOf('format', parsed.options.at(-1)?.value ?? 'stylish', formats);
  await print(format === 'json' ? asJson() : asText());
  return 0;
}

function asJson(): string {
  const list = { schemaVersion: '1.0', tool: { name: 'standbylint', version }, rules: catalogue.map(entry) };
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

/** What is public of a rule. */
const entry = (rule: AnyRule): object => ({
  id: rule.id,
  title: rule.title,
  severity: rule.severity,
  commands: rule.commands,
  explains: rule.explains ?? [],
  says: rule.says ?? [],
  docs: { page: pagePath(rule.id), ...rule.docs },
});

function asText(): string {
  const widest = Math.max(...catalogue.map(({ id }) => id.length));
  const lines = catalogue.map(({ id, severity, title }) => `${id.padEnd(widest)}  ${severity.padEnd(7)}  ${title}`);
  const summary = `${catalogue.length} rules: ${count('error')} error, ${count('warning')} warning, ${count('info')} info.`;
  return `${lines.join('\n')}\n\n${summary} "standbylint explain RULE" prints a rule's page.\n`;
}

const count = (severity: Severity): number => catalogue.filter((rule) => rule.severity === severity).length;
