import type { Severity } from '../findings/report.ts';
import { messageCatalogue } from '../postgres/messages/catalogue.ts';
import type { Catalogue } from '../postgres/messages/catalogue.ts';
import { catalogue } from '../rules/catalogue.ts';
import { wordsOf } from '../rules/recognise.ts';
import { pagePath } from '../rules/rule-page.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { CommandSurroundings } from './command.ts';
import type { Format } from './options/own-options.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Lists every rule. */
export async function rules(
  rule: string | undefined,
  { format }: { readonly format: Format },
  { print }: CommandSurroundings,
): Promise<number> {
  if (rule !== undefined)
    throw new UsageError(`"rules" lists all rules and takes no name.`, `For one rule: standbylint explain ${rule}`);
  await print(format === 'json' ? `${JSON.stringify(await rulesAsObject(), undefined, 2)}\n` : rulesAsText());
  return 0;
}

/** All rules, as `--format json` has them. */
export async function rulesAsObject(): Promise<object> {
  const messages = await messageCatalogue();
  return {
    schemaVersion: '1.0',
    tool: { name: 'standbylint', version },
    rules: catalogue.map((rule) => entry(rule, messages)),
  };
}

/** What is public of a rule. */
const entry = (rule: AnyRule, messages: Catalogue): object => ({
  id: rule.id,
  title: rule.title,
  severity: rule.severity,
  commands: rule.commands,
  explains: rule.explains ?? [],
  says: wordsOf(rule, messages),
  docs: { page: pagePath(rule.id), ...rule.docs },
});

export function rulesAsText(): string {
  const widest = Math.max(...catalogue.map(({ id }) => id.length));
  const lines = catalogue.map(({ id, severity, title }) => `${id.padEnd(widest)}  ${severity.padEnd(7)}  ${title}`);
  const summary = `${catalogue.length} rules: ${count('error')} error, ${count('warning')} warning, ${count('info')} info.`;
  return `${lines.join('\n')}\n\n${summary} "standbylint explain RULE" prints a rule's page.\n`;
}

const count = (severity: Severity): number => catalogue.filter((rule) => rule.severity === severity).length;
