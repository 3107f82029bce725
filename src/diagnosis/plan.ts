import type { Finding, Plan, PlanStep, Recovery, Report, Risk, Severity, Step } from '../facts/report.ts';

/**
 * The fix of the whole report, in the order in which it works: the steps of all root causes of the gravest severity, each
 * once. A reload comes after the edits that it puts into force and is left out where the server is restarted anyway; a
 * server is started after everything else that is done to it. A pure function.
 *
 * A new base backup or a rewind replaces what is in the data directory: steps of other root causes that edit it or start
 * the server on it are left out.
 */
export function planOf(
  verdict: Report['verdict'],
  findings: readonly Finding[],
  recovery: Pick<Recovery, 'way' | 'steps'> | null,
): Plan {
  const severity = gravest(verdict);
  const roots = findings.filter((one) => one.causedBy === null && one.severity === severity && one.remedy !== null);
  const replacing = roots.find(({ remedy }) => remedy?.steps.some(replacesData));
  const placed = roots.flatMap((finding) => placedSteps(finding, replacing !== undefined && finding !== replacing));
  const extra = recovery === null ? [] : lackingStart(recovery.steps, placed);
  const steps = ordered([...placed, ...extra]);
  const alternatives = roots.flatMap(({ id, remedy }) =>
    (remedy?.alternatives ?? []).map((alternative) => ({ ...alternative, for: id })),
  );
  const [only, ...others] = roots;
  return {
    summary: only !== undefined && others.length === 0 ? (only.remedy?.summary ?? null) : null,
    risk: worst(roots.flatMap(({ remedy }) => (remedy === null ? [] : [remedy.risk]))),
    steps,
    alternatives,
  };
}

/** Nothing has to be fixed where it is ready or healthy: what is found there is for later. */
function gravest(verdict: Report['verdict']): Severity | undefined {
  switch (verdict) {
    case 'blocked':
    case 'broken':
      return 'error';
    case 'degraded':
      return 'warning';
    case 'ready':
    case 'healthy':
    case 'unknown':
      return undefined;
  }
}

const risks: readonly Risk[] = ['safe', 'disruptive', 'destructive'];
const worst = (given: readonly Risk[]): Risk => risks.findLast((risk) => given.includes(risk)) ?? 'safe';

/** A step, the findings that it is for, and when it is its turn. */
interface Placed {
  readonly step: Step;
  readonly for: string;
  readonly phase: number;
}

/**
 * Machines are made ready first, then what was changed comes into force on the primary, then data is copied or rewound,
 * then the standby is started. Within a remedy the order stays: a step that follows a restart waits for it.
 */
function placedSteps({ id, remedy }: Finding, onlyElsewhere: boolean): readonly Placed[] {
  const steps = remedy?.steps ?? [];
  const kept = onlyElsewhere ? steps.filter(({ on }) => on === 'primary') : steps;
  // stopped, moved aside, copied, configured, started: one piece of work
  if (kept.some(replacesData)) return kept.map((step) => ({ step, for: id, phase: phases.data }));
  let phase = 0;
  return kept.map((step) => {
    phase = Math.max(phase, phaseOf(step));
    return { step, for: id, phase };
  });
}

const phases = { change: 0, primary: 1, data: 2, standby: 3, again: 4 } as const;

function phaseOf(step: Step): number {
  if (step.does === 'check-again') return phases.again;
  if (!comesIntoForce(step)) return phases.change;
  return step.on === 'primary' ? phases.primary : phases.standby;
}

const replacesData = ({ on, does }: Step): boolean => on !== 'primary' && (does === 'copy' || does === 'rewind');

const keyOf = ({ on, kind, text }: Step): string => [on, kind, text].join('\n');

/** The start of a server that is down, which belongs to a consequence. */
function lackingStart(steps: readonly Step[], placed: readonly Placed[]): readonly Placed[] {
  const there = new Set(placed.map(({ step }) => keyOf(step)));
  const starts = placed.some(({ step }) => step.on === 'standby' && (step.does === 'start' || step.does === 'restart'));
  if (starts) return [];
  return steps
    .filter((step) => step.on === 'standby' && step.does === 'start' && !there.has(keyOf(step)))
    .map((step) => ({ step, for: '', phase: phases.standby }));
}

/** Each step once, at its latest turn; a server that comes up needs no reload of what was changed before. */
function ordered(placed: readonly Placed[]): readonly PlanStep[] {
  const sorted = placed.toSorted((a, b) => a.phase - b.phase);
  const isOvertaken = (reload: Placed): boolean => {
    const changed = sorted.findLastIndex(
      (one) => one.for === reload.for && one.step.on === reload.step.on && !comesIntoForce(one.step),
    );
    return sorted.some(
      ({ step, phase }, at) => at > changed && step.on === reload.step.on && phase !== phases.data && bringsUp(step),
    );
  };
  const needed = sorted.filter((one) => one.step.does !== 'reload' || !isOvertaken(one));
  const last = new Map(needed.map(({ step }, at) => [keyOf(step), at]));
  return needed
    .filter(({ step }, at) => last.get(keyOf(step)) === at)
    .map(({ step }) => ({
      step,
      for: [
        ...new Set(needed.filter((one) => keyOf(one.step) === keyOf(step) && one.for !== '').map((one) => one.for)),
      ],
    }));
}

const bringsUp = ({ does }: Step): boolean => does === 'start' || does === 'restart';
const comesIntoForce = (step: Step): boolean => step.does === 'reload' || bringsUp(step);
