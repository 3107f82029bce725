import {
  backupTargets,
  reportKeys,
  sizePattern,
  targetCommands,
  targetKeys,
  thresholdKeys,
} from '../src/cli/configuration/keys.ts';
import { mayBe } from '../src/cli/configuration/rule-problem.ts';
import type { OptionSpec } from '../src/cli/options/getopt.ts';
import type { AnyRule } from '../src/rules/rule.ts';

const text = { type: 'string', minLength: 1 };

/** The JSON Schema of standbylint.config.json: its options are those of the commands, its rules those of the catalogue. */
export function configSchema(rules: readonly AnyRule[]): object {
  const severities = { enum: ['error', 'warning', 'info'] };
  const idsOf = (use: keyof typeof mayBe): readonly string[] => rules.filter(mayBe[use]).map(({ id }) => id);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'standbylint.config.json',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      options: { ...optionsOf(reportKeys), description: 'options of every preflight, clone and postmortem' },
      targets: {
        type: 'object',
        description: 'what --target NAME examines',
        propertyNames: { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', not: { enum: backupTargets } },
        additionalProperties: {
          type: 'object',
          discriminator: { propertyName: 'command' },
          required: ['command'],
          oneOf: targetCommands.map((command) => optionsOf(targetKeys[command], { command: { const: command } })),
        },
      },
      severity: {
        type: 'object',
        description: 'the severity of a rule: only of rules that are no error and where no data is in danger',
        additionalProperties: false,
        properties: Object.fromEntries(idsOf('severity').map((id) => [id, severities])),
      },
      thresholds: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          Object.entries(thresholdKeys).map(([name, key]) => [
            name,
            key.kind === 'number'
              ? { type: 'number', minimum: 0, maximum: key.most, description: key.help }
              : { type: ['integer', 'string'], minimum: 0, pattern: sizePattern, description: key.help },
          ]),
        ),
      },
      ignore: {
        type: 'array',
        description: 'rules that are left out: no rule that is an error, and none where data is in danger',
        items: { enum: idsOf('ignore') },
        uniqueItems: true,
      },
      accepted: {
        type: 'array',
        description: 'findings that do not count for the exit status until a day; every report shows them',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['rule', 'subject', 'reason', 'until'],
          properties: {
            rule: { anyOf: [{ enum: idsOf('accepted') }, { type: 'string', pattern: '^log/[a-z0-9-]+$' }] },
            subject: {
              ...text,
              description:
                'what the finding is about: the target, the primary as host:port, the data directory, a host, a file, a name in its title, or its fingerprint',
            },
            reason: text,
            until: { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d$`, description: 'the last day, in UTC' },
            target: { ...text, description: 'only for this target' },
          },
        },
      },
    },
  };
}

const optionsOf = (options: readonly OptionSpec[], more: Readonly<Record<string, object>> = {}): object => ({
  type: 'object',
  additionalProperties: false,
  properties: { ...more, ...Object.fromEntries(options.map((option) => [option.long, valueOf(option)])) },
  ...(Object.keys(more).length === 0 ? {} : { required: Object.keys(more) }),
});

/** A flag is true or false; an option that may be repeated takes a list, too. */
function valueOf({ value, ...option }: OptionSpec): object {
  const help = 'help' in option && typeof option.help === 'string' ? { description: option.help } : {};
  if (value === undefined) return { type: 'boolean', ...help };
  return { type: ['string', 'number', 'array'], items: text, ...help };
}
