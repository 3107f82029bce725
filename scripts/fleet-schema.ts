import { targetCommands } from '../src/cli/configuration/keys.ts';
import type {
  ExaminedTarget,
  FleetChanges,
  FleetReport,
  KnownFinding,
  SharedCause,
} from '../src/findings/fleet-report.ts';
import type { Severity } from '../src/findings/report.ts';
import { object, oneOf, text } from './object-schema.ts';

const texts = { type: 'array', items: text };
const known = object<KnownFinding>({
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
    ...object<FleetReport>(
      {
        schemaVersion: { const: '1.0' },
        tool: object<FleetReport['tool']>({ name: { const: 'standbylint' }, version: text }),
        command: { const: 'fleet' },
        startedAt: { type: 'string', format: 'date-time' },
        elapsedMs: { type: 'integer', minimum: 0 },
        complete: { type: 'boolean', description: 'every target was examined' },
        causes: {
          type: 'array',
          description: 'root causes over all targets, each once; the gravest and the most frequent come first',
          items: object<SharedCause>({
            rule: text,
            severity: oneOf<Severity>({ error: true, warning: true, info: true }),
            title: text,
            primary: { type: ['string', 'null'], description: 'the server that it is on, where targets share one' },
            targets: texts,
          }),
        },
        targets: {
          type: 'array',
          items: object<ExaminedTarget>({
            target: text,
            command: { enum: targetCommands },
            outcome: oneOf<ExaminedTarget['outcome']>({
              examined: true,
              failed: true,
              'timed-out': true,
              interrupted: true,
            }),
            because: { type: ['string', 'null'], description: 'why there is no report' },
            status: { enum: [0, 1, 2, 3], description: 'the exit status that the command alone would have' },
            elapsedMs: { type: 'integer', minimum: 0 },
            report: { anyOf: [{ type: 'null' }, { $ref: 'report.json' }] },
          }),
        },
      },
      {
        shard: {
          ...object<NonNullable<FleetReport['shard']>>({
            index: { type: 'integer', minimum: 1 },
            count: { type: 'integer', minimum: 1 },
            of: texts,
          }),
          description: 'with --shard: which one it is, and all targets of the whole run in their order',
        },
        since: {
          ...object<FleetChanges>({
            new: { type: 'array', items: known },
            gone: { type: 'array', items: known },
            same: { type: 'array', items: known },
          }),
          description: 'with --since: what has changed',
        },
      },
    ),
  };
}
