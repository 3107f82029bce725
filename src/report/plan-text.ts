import type { Plan, PlanStep, Report, Risk, Step } from '../findings/report.ts';
import type { Scene } from '../findings/scene.ts';
import { followedBy, inSentence, stepText } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { columns, indent, spaced, wrap } from './layout.ts';
import { machineName, theMachine } from './machines.ts';

/** One plan for the whole report: what to type, in this order, on which machine; then the other ways, if there are any. */
export function planText({ plan, findings }: Report, problems: number, context: TextContext): readonly string[] {
  const { width } = context;
  if (plan.steps.length === 0) return [];
  const title = `${planTitle(plan, problems, context.scene)}:`;
  const others = plan.alternatives.flatMap((other) => {
    const number = findings.filter(({ causedBy }) => causedBy === null).findIndex(({ id }) => id === other.for) + 1;
    const which = problems > 1 ? `Or, for ${number}` : 'Or';
    return [
      ...spaced(indent(wrap(other.because, width - 2), 2)),
      ...spaced(indent(wrap(`${which}: ${withRisk(other.summary, riskOf(other.risk, other.steps))}:`, width - 2), 2)),
      ...stepsText(other.steps, context),
    ];
  });
  return [
    '',
    ...indent(wrap(title, width - 2), 2),
    ...stepsText(
      plan.steps.map(({ step }) => step),
      context,
    ),
    ...others,
  ];
}

/** `Fix both (no interruption)`. */
export function planTitle({ summary, risk, steps }: Plan, problems: number, scene: Scene): string {
  const all = steps.map(({ step }: PlanStep) => step);
  const words = riskOf(risk, all, scene);
  return summary === null
    ? `Fix ${problems === 2 ? 'both' : `all ${problems}`} (${words})`
    : `Fix: ${withRisk(summary, words)}`;
}

/** A summary, and what it interrupts where it does not say that itself. */
const withRisk = (summary: string, words: string): string =>
  /\baside\b/u.test(summary) || (words === discards && summary.includes('discards'))
    ? inSentence(summary)
    : followedBy(summary, words);

const movesAside = 'moves the old data aside';
const discards = 'discards what was written only on the standby';

/** What it interrupts, in words. */
function riskOf(risk: Risk, steps: readonly Step[], scene?: Scene): string {
  const has = (on: Step['on'], ...what: readonly Step['does'][]): boolean =>
    steps.some(
      (step) => (step.server ?? (step.on === 'client' ? 'standby' : step.on)) === on && what.includes(step.does),
    );
  const name = (on: Step['on']): string => (scene === undefined ? `the ${on}` : serverName(on, scene));
  switch (risk) {
    case 'safe':
      return 'no interruption';
    case 'disruptive':
      if (has('primary', 'restart', 'stop')) return `restarts ${name('primary')}`;
      if (has('standby', 'restart', 'stop')) return `restarts ${name('standby')}`;
      if (has('standby', 'start')) return `starts ${name('standby')}`;
      if (steps.some(({ does }) => does === 'continue-process')) return 'no interruption';
      return steps.every(({ kind }) => kind === 'manual') ? 'may need a restart' : 'drops connections';
    case 'destructive':
      if (has('standby', 'move-aside')) return movesAside;
      return has('standby', 'rewind') ? discards : 'changes data';
  }
}

const serverName = (on: Step['on'], scene: Scene): string => {
  const name = theMachine(on, scene);
  return name.startsWith('the ') ? name : `the server on ${name}`;
};

function stepsText(steps: readonly Step[], context: TextContext): readonly string[] {
  const lines = steps.flatMap((step) => stepText(step, context, body));
  return ['', ...(lines.at(-1) === '' ? lines.slice(0, -1) : lines)];
}

const body = 5;

/** What remains after the plan: what follows by itself, and what to run again. */
export function afterText(report: Report, { width }: TextContext, full: boolean): readonly string[] {
  const text = afterSentence(report);
  if (text === undefined) return [];
  const conditions = full ? (report.recovery?.conditions ?? []) : [];
  return [
    ...spaced(indent(wrap(text, width - 2), 2)),
    ...conditions.flatMap((one) => {
      const [first = '', ...rest] = wrap(one, width - 6);
      return [`    - ${first}`, ...indent(rest, 6)];
    }),
  ];
}

export function afterSentence({ verdict, command, recovery, plan }: Report): string | undefined {
  if (verdict !== 'blocked' && verdict !== 'broken') return undefined;
  const again =
    command === 'postmortem'
      ? 'Then run this again.'
      : `Then run this again${plan.steps.length === 0 ? '' : '; READY means that the base backup can start'}.`;
  return recovery === null ? again : `Recovery: ${ways[recovery.way]}${recovery.because} ${again}`;
}

const ways = {
  mend: '',
  'catch-up': 'it catches up by itself. ',
  'from-archive': 'it catches up from the archive. ',
  rewind: 'pg_rewind brings it back. ',
  'new-copy': 'it needs a new base backup. ',
  unknown: 'not known yet. ',
} as const;

/** Which shell a prompt means, said once and only where a command needs it. */
export function promptsText(plan: Plan, { width, paint, scene }: TextContext): readonly string[] {
  const steps = [...plan.steps.map(({ step }) => step), ...plan.alternatives.flatMap((way) => way.steps)];
  const has = (on: Step['on'], kind: Step['kind']): boolean =>
    steps.some((step) => step.kind === kind && step.on === on);
  const parts = (['primary', 'standby', 'client'] as const).flatMap((on) => {
    const name = machineName(on, scene);
    const owner = on === 'primary' ? "the primary's" : "the standby's";
    return [
      ...(has(on, 'shell') && on !== 'client' ? [`"${name}$" is a shell of the owner of ${owner} data directory`] : []),
      ...(has(on, 'sql') ? [`"${name}=#" is psql as a superuser`] : []),
    ];
  });
  const text = `${[...new Set(parts)].join(', ')}.`;
  return parts.length === 0 || columns(text) < 2
    ? []
    : spaced(indent(wrap(text, width - 2), 2).map((line) => paint.quiet(line)));
}
