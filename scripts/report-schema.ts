import { stepActions } from '../src/findings/report.ts';

/** The JSON Schema (2020-12) of the public report, with the ids of the rules that there are. */
export function reportSchema(ruleIds: readonly string[]): object {
  // a finding of the log is called after its message
  const rule = {
    anyOf: [
      { enum: ruleIds },
      { type: 'string', pattern: '^log/[a-z0-9-]+$' },
      {
        type: 'string',
        pattern: `^(?!(?:${[...new Set(ruleIds.map((id) => id.split('/')[0]))].join('|')})/)[a-z][a-z0-9-]*/[a-z0-9-]+$`,
        description: 'a rule of --rules',
      },
    ],
  };
  const text = { type: 'string', minLength: 1 };
  const textOrNull = { type: ['string', 'null'] };
  const count = { type: 'integer', minimum: 0 };
  const side = { enum: ['primary', 'standby', 'client'] };
  const findingId = { type: 'string', pattern: '^f[1-9][0-9]*$' };
  const evidence = object({ label: text, value: { type: 'string' }, source: { type: 'string' } });
  const line = { type: 'integer', minimum: 1 };
  const edit = object(
    {
      file: text,
      copy: text,
      changes: {
        type: 'array',
        items: {
          anyOf: [
            object({ act: { const: 'append' }, text: { type: 'string' } }),
            object({
              act: { enum: ['insert-before', 'replace'] },
              line,
              was: { type: 'string' },
              text: { type: 'string' },
            }),
          ],
        },
      },
      crlf: { const: true },
      absent: { const: true },
      secret: { const: true },
    },
    { optional: ['crlf', 'absent', 'secret'] },
  );
  const untaken = {
    on: side,
    kind: { enum: ['sql', 'shell', 'manual'] },
    does: { enum: stepActions, description: 'what it does, whatever its text is' },
    text,
    paths: { type: 'array', items: text, description: 'what it makes, moves or changes, and where it starts a server' },
    role: { ...text, description: 'the role whose password it sets' },
    asksPassword: {
      const: true,
      description: 'it asks for a password and reads it from the terminal, or from standard input where there is none',
    },
  };
  const step = object(
    {
      ...untaken,
      edit,
      undo: {
        ...object(untaken, { optional: ['paths', 'role', 'asksPassword'] }),
        description: 'what takes the step back',
      },
    },
    { optional: ['paths', 'role', 'asksPassword', 'edit', 'undo'] },
  );
  const way = {
    summary: text,
    risk: {
      enum: ['safe', 'disruptive', 'destructive'],
      description:
        'safe interrupts nothing; disruptive restarts a server or drops connections; destructive moves or overwrites data',
    },
    steps: { type: 'array', items: step, minItems: 1 },
  };
  const countOrNull = orNull({ type: 'integer', minimum: 0 });
  const cost = {
    ...object({
      copyBytes: { ...countOrNull, description: 'bytes that go over the network or out of the archive' },
      replayBytes: { ...countOrNull, description: 'bytes of WAL that are to be replayed' },
      downtimeSeconds: {
        ...orNull({ type: 'number', minimum: 0 }),
        description: 'how long the standby is away, from measured rates',
      },
    }),
    description: 'null where nothing that was seen tells',
  };
  const alternative = object({ ...way, because: text, cost });
  const remedy = object(
    {
      ...way,
      alternatives: {
        type: 'array',
        items: alternative,
        minItems: 1,
        description: 'other ways to the same end, where more than one serves; the first choice is the remedy itself',
      },
      cost: { ...cost, description: 'what the remedy itself costs, where it has alternatives' },
    },
    { optional: ['alternatives', 'cost'] },
  );
  const frameLine = object(
    { number: { type: 'integer', minimum: 1 }, text: { type: 'string' }, remark: { type: 'string' } },
    { optional: ['remark'] },
  );
  const day = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d$` };
  const finding = object(
    {
      id: findingId,
      rule,
      severity: { enum: ['error', 'warning', 'info'] },
      ownSeverity: {
        enum: ['error', 'warning', 'info'],
        description: 'the severity without the configuration, where that changes it; the verdict goes by it',
      },
      accepted: {
        ...object({ reason: text, until: day }),
        description: 'the configuration accepts it: it does not count for the exit status',
      },
      title: text,
      message: text,
      where: object(
        { side, host: text, file: text, line: { type: 'integer', minimum: 1 } },
        { optional: ['host', 'file', 'line'] },
      ),
      evidence: { type: 'array', items: evidence },
      frame: orNull(object({ side, file: text, lines: { type: 'array', items: frameLine } })),
      causedBy: { ...orNull(findingId), description: 'the finding that is its root cause; null for a root cause' },
      causes: { type: 'array', items: findingId },
      remedy: orNull(remedy),
      docs: text,
    },
    { optional: ['ownSeverity', 'accepted'] },
  );
  const ruleResult = object(
    {
      id: rule,
      outcome: { enum: ['passed', 'failed', 'unexamined', 'not-applicable', 'crashed'] },
      because: { ...textOrNull, description: 'the evidence of a pass, the reason of the rest; null for a failed rule' },
      remedy: { ...text, description: 'what is needed to check a rule that was not checked' },
      severity: {
        enum: ['error', 'warning', 'info'],
        description:
          'how severe the problem of a rule that was not checked can be at most, if that differs from the severity of the rule',
      },
      source: { ...text, description: 'of a rule of --rules: the file that it comes from' },
    },
    { optional: ['remedy', 'severity', 'source'] },
  );
  const recovery = object(
    {
      way: { enum: ['mend', 'catch-up', 'from-archive', 'rewind', 'new-copy', 'unknown'] },
      because: text,
      conditions: {
        type: 'array',
        items: text,
        description: 'for rewind: what pg_rewind requires of both sides, and what was seen of each',
      },
      bytes: {
        ...orNull({ type: 'integer', minimum: 0 }),
        description: 'WAL to fetch; for rewind WAL that is discarded; for new-copy what is to be copied',
      },
      steps: { type: 'array', items: step },
    },
    { optional: ['conditions'] },
  );
  const plan = object({
    summary: textOrNull,
    risk: way.risk,
    steps: {
      type: 'array',
      items: object({
        step,
        for: { type: 'array', items: findingId, description: 'the findings that it fixes' },
      }),
    },
    alternatives: {
      type: 'array',
      items: object({ ...way, because: text, cost, for: findingId }),
      description: 'other ways to the same end, each in place of the steps that are for that finding',
    },
  });
  const cloneStep = object({
    name: text,
    outcome: { enum: ['done', 'failed', 'skipped'] },
    elapsedMs: { type: 'number', minimum: 0 },
    details: { type: 'array', items: evidence },
  });
  const appliedStep = object({
    rule,
    step,
    outcome: { enum: ['done', 'failed', 'left'] },
    output: { type: 'string' },
    elapsedMs: { type: 'number', minimum: 0 },
  });
  const plannedFix = object({
    rule,
    title: text,
    decision: { enum: ['apply', 'leave'] },
    because: { type: 'string' },
    steps: {
      type: 'array',
      items: object(
        {
          step,
          number: { type: 'integer', minimum: 1, description: 'its place among all steps that are taken' },
          as: { type: 'string' },
          diff: { type: 'array', items: { type: 'string' } },
        },
        { optional: ['number', 'diff'] },
      ),
    },
  });
  const shown = { type: 'string' };
  const scene = object(
    {
      endpoint: shown,
      address: shown,
      primaryName: shown,
      source: { enum: ['primary', 'standby'] },
      copyBytes: count,
      upstream: shown,
      standby: shown,
      standbyName: shown,
      clientName: shown,
      place: shown,
      stream: shown,
      picture: {
        type: 'array',
        items: object({ what: shown, primary: shown, standby: shown, mark: { type: 'string' } }),
        description: 'what was measured on both sides',
      },
    },
    {
      optional: [
        ...['address', 'copyBytes', 'upstream', 'standby', 'standbyName', 'clientName', 'place', 'stream', 'picture'],
      ],
    },
  );
  const measure = object(
    {
      name: { enum: ['replay-lag', 'replay-delay', 'free-wal-senders', 'free-space'] },
      unit: { enum: ['bytes', 'seconds', 'count'] },
      value: { type: 'number' },
      of: { type: 'number', description: 'the most that it can be' },
    },
    { optional: ['of'] },
  );
  const server = object(
    {
      side: { enum: ['primary', 'standby'], description: 'it is one of the two that were examined' },
      role: { enum: ['primary', 'standby', 'copy'], description: 'copy: it is to be made' },
      name: { ...shown, description: 'application_name, as its upstream lists it' },
      address: shown,
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      systemIdentifier: { type: 'string', pattern: '^[0-9]+$' },
      timeline: { type: 'integer', minimum: 1 },
      receives: object(
        {
          from: { ...count, description: 'the index of the server that sends it' },
          state: { enum: ['streaming', 'catchup', 'waiting', 'none', 'unknown', 'planned'] },
          slot: shown,
          lagBytes: { ...count, description: 'what the standby has not replayed yet' },
        },
        { optional: ['slot', 'lagBytes'] },
      ),
    },
    { optional: ['side', 'name', 'address', 'port', 'systemIdentifier', 'timeline', 'receives'] },
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'standbylint report',
    description: 'What "standbylint preflight --format json" and "standbylint clone --format json" print.',
    ...object(
      {
        schemaVersion: { const: '1.2' },
        tool: object({ name: { const: 'standbylint' }, version: text }),
        command: { enum: ['preflight', 'clone', 'postmortem', 'explain'] },
        startedAt: { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` },
        elapsedMs: { type: 'number', minimum: 0 },
        subject: object(
          {
            primary: textOrNull,
            primaryAddress: { ...text, description: 'the address that the name of the primary led to' },
            standby: textOrNull,
            dataDirectory: textOrNull,
            configFile: {
              ...text,
              description: 'the postgresql.conf that names dataDirectory, where -D is its directory',
            },
            serverVersion: textOrNull,
            manager: { ...text, description: 'what starts and configures the server of the standby: Patroni' },
          },
          { optional: ['primaryAddress', 'configFile', 'manager'] },
        ),
        verdict: { enum: ['ready', 'blocked', 'unknown', 'healthy', 'degraded', 'broken'] },
        notShown: {
          type: 'array',
          items: text,
          description: 'what healthy or ready claims and was not shown to hold',
        },
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
        plan: {
          ...plan,
          description:
            'the fix of the whole report: the steps of all root causes, each once, in the order in which they work',
        },
        configuration: {
          ...object({ file: textOrNull, target: textOrNull, ignored: { type: 'array', items: rule } }),
          description: 'the configuration that the report was made with',
        },
        acceptedUnexamined: { type: 'array', items: rule, uniqueItems: true },
        rules: { type: 'array', items: ruleResult, minItems: 1, description: 'every rule of the command, once' },
        scene: { ...scene, description: 'the machines as the report for people names them' },
        measures: { type: 'array', items: measure, description: 'figures that were measured' },
        topology: {
          type: 'array',
          items: server,
          description: 'the servers, each behind the one that it receives WAL from',
        },
        steps: {
          type: 'array',
          items: cloneStep,
          description: 'the stages of clone; the rehearsal of preflight --rehearse',
        },
        applied: { type: 'array', items: appliedStep, description: 'the steps that --fix took, in their order' },
        fixes: { type: 'array', items: plannedFix, description: 'what --fix would do, and what it leaves' },
        journal: { ...textOrNull, description: 'the file that says what --fix did' },
      },
      { optional: ['configuration', 'scene', 'measures', 'topology', 'steps', 'applied', 'fixes', 'journal'] },
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
