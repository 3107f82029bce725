import type {
  AppliedStep,
  CloneStep,
  CommandName,
  Evidence,
  Finding,
  Frame,
  Location,
  Outcome,
  Plan,
  PlannedFix,
  PlannedStep,
  PlanStep,
  Recovery,
  Report,
  RuleResult,
  Severity,
} from '../src/findings/report.ts';
import type { Measure, PictureRow, Scene } from '../src/findings/scene.ts';
import type { TopologyServer, WalFlow } from '../src/findings/topology.ts';
import { object, oneOf, orNull, text } from './object-schema.ts';
import { cost, remedy, side, step, way } from './remedy-schema.ts';

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
  const textOrNull = { type: ['string', 'null'] };
  const shown = { type: 'string' };
  const count = { type: 'integer', minimum: 0 };
  const position = { type: 'integer', minimum: 1 };
  const milliseconds = { type: 'number', minimum: 0 };
  const severity = oneOf<Severity>({ error: true, warning: true, info: true });
  const findingId = { type: 'string', pattern: '^f[1-9][0-9]*$' };
  const evidence = object<Evidence>({ label: text, value: shown, source: shown });
  const frameLine = object<Frame['lines'][number]>({ number: position, text: shown }, { remark: shown });
  const day = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d$` };
  const finding = object<Finding>(
    {
      id: findingId,
      rule,
      severity,
      title: text,
      message: text,
      where: object<Location>({ side }, { host: text, file: text, line: position }),
      evidence: { type: 'array', items: evidence },
      frame: orNull(object<Frame>({ side, file: text, lines: { type: 'array', items: frameLine } })),
      causedBy: { ...orNull(findingId), description: 'the finding that is its root cause; null for a root cause' },
      causes: { type: 'array', items: findingId },
      remedy: orNull(remedy),
      docs: text,
    },
    {
      ownSeverity: {
        ...severity,
        description: 'the severity without the configuration, where that changes it; the verdict goes by it',
      },
      accepted: {
        ...object<NonNullable<Finding['accepted']>>({ reason: text, until: day }),
        description: 'the configuration accepts it: it does not count for the exit status',
      },
    },
  );
  const ruleResult = object<RuleResult>(
    {
      id: rule,
      outcome: oneOf<Outcome>({
        passed: true,
        failed: true,
        unexamined: true,
        'not-applicable': true,
        crashed: true,
      }),
      because: { ...textOrNull, description: 'the evidence of a pass, the reason of the rest; null for a failed rule' },
    },
    {
      remedy: { ...text, description: 'what is needed to check a rule that was not checked' },
      severity: {
        ...severity,
        description:
          'how severe the problem of a rule that was not checked can be at most, if that differs from the severity of the rule',
      },
      source: { ...text, description: 'of a rule of --rules: the file that it comes from' },
    },
  );
  const recovery = object<Recovery>(
    {
      way: oneOf<Recovery['way']>({
        mend: true,
        'catch-up': true,
        'from-archive': true,
        rewind: true,
        'new-copy': true,
        unknown: true,
      }),
      because: text,
      bytes: {
        ...orNull(count),
        description: 'WAL to fetch; for rewind WAL that is discarded; for new-copy what is to be copied',
      },
      steps: { type: 'array', items: step },
    },
    {
      conditions: {
        type: 'array',
        items: text,
        description: 'for rewind: what pg_rewind requires of both sides, and what was seen of each',
      },
    },
  );
  const plan = object<Plan>({
    summary: textOrNull,
    risk: way.risk,
    steps: {
      type: 'array',
      items: object<PlanStep>({
        step,
        for: { type: 'array', items: findingId, description: 'the findings that it fixes' },
      }),
    },
    alternatives: {
      type: 'array',
      items: object<Plan['alternatives'][number]>({ ...way, because: text, cost, for: findingId }),
      description: 'other ways to the same end, each in place of the steps that are for that finding',
    },
  });
  const cloneStep = object<CloneStep>({
    name: text,
    outcome: oneOf<CloneStep['outcome']>({ done: true, failed: true, skipped: true }),
    elapsedMs: milliseconds,
    details: { type: 'array', items: evidence },
  });
  const appliedStep = object<AppliedStep>({
    rule,
    step,
    outcome: oneOf<AppliedStep['outcome']>({ done: true, failed: true, left: true }),
    output: shown,
    elapsedMs: milliseconds,
  });
  const plannedFix = object<PlannedFix>({
    rule,
    title: text,
    decision: oneOf<PlannedFix['decision']>({ apply: true, leave: true }),
    because: shown,
    steps: {
      type: 'array',
      items: object<PlannedStep>(
        { step, as: shown },
        {
          number: { ...position, description: 'its place among all steps that are taken' },
          diff: { type: 'array', items: shown },
        },
      ),
    },
  });
  const scene = object<Scene>(
    { endpoint: shown, primaryName: shown, source: oneOf<Scene['source']>({ primary: true, standby: true }) },
    {
      address: shown,
      makesNoStandby: { type: 'boolean' },
      copyBytes: count,
      upstream: shown,
      standby: shown,
      standbyName: shown,
      clientName: shown,
      place: shown,
      stream: shown,
      streams: { type: 'boolean' },
      picture: {
        type: 'array',
        items: object<PictureRow>({ what: shown, primary: shown, standby: shown, mark: shown }),
        description: 'what was measured on both sides',
      },
    },
  );
  const measure = object<Measure>(
    {
      name: oneOf<Measure['name']>({
        'replay-lag': true,
        'replay-delay': true,
        'free-wal-senders': true,
        'free-space': true,
      }),
      unit: oneOf<Measure['unit']>({ bytes: true, seconds: true, count: true }),
      value: { type: 'number' },
    },
    { of: { type: 'number', description: 'the most that it can be' } },
  );
  const server = object<TopologyServer>(
    {
      role: {
        ...oneOf<TopologyServer['role']>({ primary: true, standby: true, copy: true }),
        description: 'copy: it is to be made',
      },
    },
    {
      side: {
        ...oneOf<NonNullable<TopologyServer['side']>>({ primary: true, standby: true }),
        description: 'it is one of the two that were examined',
      },
      name: { ...shown, description: 'application_name, as its upstream lists it' },
      address: shown,
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      systemIdentifier: { type: 'string', pattern: '^[0-9]+$' },
      timeline: position,
      receives: object<WalFlow>(
        {
          from: { ...count, description: 'the index of the server that sends it' },
          state: oneOf<WalFlow['state']>({
            streaming: true,
            catchup: true,
            waiting: true,
            none: true,
            unknown: true,
            planned: true,
          }),
        },
        { slot: shown, lagBytes: { ...count, description: 'what the standby has not replayed yet' } },
      ),
    },
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'standbylint report',
    description: 'What "standbylint preflight --format json" and "standbylint clone --format json" print.',
    ...object<Report>(
      {
        schemaVersion: { const: '1.2' },
        tool: object<Report['tool']>({ name: { const: 'standbylint' }, version: text }),
        command: oneOf<CommandName>({ preflight: true, clone: true, postmortem: true, explain: true }),
        startedAt: { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` },
        elapsedMs: milliseconds,
        subject: object<Report['subject']>(
          { primary: textOrNull, standby: textOrNull, dataDirectory: textOrNull, serverVersion: textOrNull },
          {
            primaryAddress: { ...text, description: 'the address that the name of the primary led to' },
            configFile: {
              ...text,
              description: 'the postgresql.conf that names dataDirectory, where -D is its directory',
            },
            manager: { ...text, description: 'what starts and configures the server of the standby: Patroni' },
          },
        ),
        verdict: oneOf<Report['verdict']>({
          ready: true,
          blocked: true,
          unknown: true,
          healthy: true,
          degraded: true,
          broken: true,
        }),
        notShown: {
          type: 'array',
          items: text,
          description: 'what healthy or ready claims and was not shown to hold',
        },
        complete: { type: 'boolean', description: 'false when a rule was not examined or crashed' },
        summary: object<Report['summary']>({
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
        acceptedUnexamined: { type: 'array', items: rule, uniqueItems: true },
        rules: { type: 'array', items: ruleResult, minItems: 1, description: 'every rule of the command, once' },
      },
      {
        configuration: {
          ...object<NonNullable<Report['configuration']>>({
            file: textOrNull,
            target: textOrNull,
            ignored: { type: 'array', items: rule },
          }),
          description: 'the configuration that the report was made with',
        },
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
    ),
  };
}
