/** The JSON Schema (2020-12) of the public report, with the ids of the rules that there are. */
export function reportSchema(ruleIds: readonly string[]): object {
  // a finding of the log is called after its message
  const rule = { anyOf: [{ enum: ruleIds }, { type: 'string', pattern: '^log/[a-z0-9-]+$' }] };
  const text = { type: 'string', minLength: 1 };
  const textOrNull = { type: ['string', 'null'] };
  const count = { type: 'integer', minimum: 0 };
  const side = { enum: ['primary', 'standby', 'client'] };
  const findingId = { type: 'string', pattern: '^f[1-9][0-9]*$' };
  const evidence = object({ label: text, value: { type: 'string' }, source: { type: 'string' } });
  const step = object({ on: side, kind: { enum: ['sql', 'shell', 'manual'] }, text });
  const remedy = object({
    summary: text,
    risk: {
      enum: ['safe', 'disruptive', 'destructive'],
      description:
        'safe disturbs nobody; disruptive restarts or interrupts something; destructive moves or overwrites data',
    },
    steps: { type: 'array', items: step, minItems: 1 },
  });
  const frameLine = object(
    { number: { type: 'integer', minimum: 1 }, text: { type: 'string' }, remark: { type: 'string' } },
    { optional: ['remark'] },
  );
  const finding = object({
    id: findingId,
    rule,
    severity: { enum: ['error', 'warning', 'info'] },
    title: text,
    message: text,
    where: object(
      { side, host: text, file: text, line: { type: 'integer', minimum: 1 } },
      { optional: ['host', 'file', 'line'] },
    ),
    evidence: { type: 'array', items: evidence },
    frame: orNull(object({ file: text, lines: { type: 'array', items: frameLine } })),
    causedBy: { ...orNull(findingId), description: 'the finding that is its root cause; null for a root cause' },
    causes: { type: 'array', items: findingId },
    remedy: orNull(remedy),
    docs: text,
  });
  const ruleResult = object(
    {
      id: rule,
      outcome: { enum: ['passed', 'failed', 'unexamined', 'not-applicable', 'crashed'] },
      because: { ...textOrNull, description: 'the evidence of a pass, the reason of the rest; null for a failed rule' },
      remedy: { ...text, description: 'what would make an unexamined rule examinable' },
    },
    { optional: ['remedy'] },
  );
  const recovery = object({
    way: { enum: ['mend', 'catch-up', 'from-archive', 'rewind', 'new-copy', 'unknown'] },
    because: text,
    bytes: {
      ...orNull({ type: 'integer', minimum: 0 }),
      description: 'WAL to fetch; for rewind WAL that is thrown away; for new-copy what is to be copied',
    },
    steps: { type: 'array', items: step },
  });
  const cloneStep = object({
    name: text,
    outcome: { enum: ['done', 'failed', 'skipped'] },
    elapsedMs: { type: 'number', minimum: 0 },
    details: { type: 'array', items: evidence },
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'standbylint report',
    description: 'What "standbylint preflight --format json" and "standbylint clone --format json" print.',
    ...object(
      {
        schemaVersion: { const: '1.0' },
        tool: object({ name: { const: 'standbylint' }, version: text }),
        command: { enum: ['preflight', 'clone', 'postmortem', 'explain'] },
        startedAt: { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` },
        elapsedMs: { type: 'number', minimum: 0 },
        subject: object({
          primary: textOrNull,
          standby: textOrNull,
          dataDirectory: textOrNull,
          serverVersion: textOrNull,
        }),
        verdict: { enum: ['ready', 'blocked', 'unknown', 'healthy', 'degraded', 'broken'] },
        complete: { type: 'boolean', description: 'false when a rule was not examined or crashed' },
        summary: object({
          error: count,
          warning: count,
          info: count,
          passed: count,
          unexamined: count,
          notApplicable: count,
        }),
        findings: { type: 'array', items: finding, description: 'root causes first, then by severity' },
        recovery: {
          ...orNull(recovery),
          description: 'how a broken standby comes back (postmortem); null otherwise',
        },
        acceptedUnexamined: { type: 'array', items: rule, uniqueItems: true },
        rules: { type: 'array', items: ruleResult, minItems: 1, description: 'every rule of the command, once' },
        steps: { type: 'array', items: cloneStep, description: 'the stages of clone' },
      },
      { optional: ['steps'] },
    ),
  };
}

function object(
  properties: Readonly<Record<string, object>>,
  options: { readonly optional?: readonly string[] } = {},
): object {
  const required = Object.keys(properties).filter((name) => options.optional?.includes(name) !== true);
  return { type: 'object', properties, required, additionalProperties: false };
}

const orNull = (schema: object): object => ({ anyOf: [schema, { type: 'null' }] });
