import type { Severity } from '../findings/report.ts';
import type { Catalogue } from '../postgres/messages/catalogue.ts';
import { wordsOf } from './recognise.ts';
import type { AnyRule } from './rule.ts';

/** Where a rule's page lies in the package. */
export const pagePath = (id: string): string => `docs/rules/${id}.md`;

/**
 * A rule's page in Markdown: the same text in docs/rules and in `standbylint explain`. `example`: what a report says where
 * this rule alone has found something.
 */
export function rulePage(
  rule: AnyRule,
  {
    rules,
    messages,
    example,
  }: { readonly rules: readonly AnyRule[]; readonly messages: Catalogue; readonly example: string | undefined },
): string {
  const { what, why, notes, references } = rule.docs;
  return [
    `# ${rule.id}`,
    '',
    `**${rule.title}.**`,
    '',
    `Severity: ${severities[rule.severity]}. Commands: ${rule.commands.map((name) => `\`${name}\``).join(', ')}.`,
    ...(rule.endangersData === true
      ? ['', 'Data is in danger: its findings cannot be accepted in the configuration.']
      : []),
    ...section('What it checks', [what]),
    ...section('Why it matters', [why]),
    ...section('What a report says', example === undefined ? [] : ['```', example.trimEnd(), '```']),
    ...section('Pitfalls', notes === undefined ? [] : [notes]),
    ...section(
      'Consequences',
      linked(rule.explains ?? [], rules).map((line) => `- ${line}`),
    ),
    ...section(
      "PostgreSQL's messages",
      wordsOf(rule, messages).map((message) => `- \`${message}\``),
    ),
    ...section(
      'References',
      references.map((reference) => `- ${reference}`),
    ),
    '',
  ].join('\n');
}

const severities: Readonly<Record<Severity, string>> = {
  error: 'error (it will not work, or data is in danger)',
  warning: 'warning (it works today and will hurt)',
  info: 'info',
};

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `## ${heading}`, '', ...lines];

/** A rule that is not in the catalogue yet is named without its title. */
const linked = (ids: readonly string[], catalogue: readonly AnyRule[]): readonly string[] =>
  ids.map((id) => {
    const rule = catalogue.find((candidate) => candidate.id === id);
    return rule === undefined ? `\`${id}\`` : `\`${id}\`: ${rule.title}`;
  });
