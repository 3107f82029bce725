import { targetCommands } from '../src/cli/configuration/keys.ts';

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text };
const known = object({
  target: text,
  rule: text,
  title: text,
  fingerprint: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  firstSeen: { type: 'string', format: 'date-time' },
});

/** The JSON Schema (2020-12) of `fleet --format json` and `merge --format json`; of a target's report it names the one beside it. */
export function fleetSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'standbylint fleet --format json',
    ...object(
      {
        schemaVersion: { const: '1.0' },
        tool: object({ name: { const: 'standbylint' }, version: text }),
        command: { const: 'fleet' },
        startedAt: { type: 'string', format: 'date-time' },
        elapsedMs: { type: 'integer', minimum: 0 },
        shard: {
          ...object({
            index: { type: 'integer', minimum: 1 },
            count: { type: 'integer', minimum: 1 },
            of: texts,
          }),
          description: 'with --shard: which one it is, and all targets of the whole run in their order',
        },
        complete: { type: 'boolean', description: 'every target was examined' },
        causes: {
          type: 'array',
          description: 'root causes over all targets, each once; the gravest and the most frequent come first',
          items: object({
            rule: text,
            severity: { enum: ['error', 'warning', 'info'] },
            title: text,
            primary: { type: ['string', 'null'], description: 'the server that it is on, where targets share one' },
            targets: texts,
          }),
        },
        since: {
          ...object({
            new: { type: 'array', items: known },
            gone: { type: 'array', items: known },
            same: { type: 'array', items: known },
          }),
          description: 'with --since: what has changed',
        },
        targets: {
          type: 'array',
          items: object({
            target: text,
            command: { enum: targetCommands },
            outcome: { enum: ['examined', 'failed', 'timed-out', 'interrupted'] },
            because: { type: ['string', 'null'], description: 'why there is no report' },
            status: { enum: [0, 1, 2, 3], description: 'the exit status that the command alone would have' },
            elapsedMs: { type: 'integer', minimum: 0 },
            report: { anyOf: [{ type: 'null' }, { $ref: 'report.json' }] },
          }),
        },
      },
      ['shard', 'since'],
    ),
  };
}

function object(properties: Readonly<Record<string, object>>, optional: readonly string[] = []): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties,
  };
}
