import type { Finding, Plan, PlanStep, Recovery, Report, Risk, Step } from '../findings/report.ts';
import { isProblem } from '../findings/report.ts';
import { withCopy } from '../remedies/edit-file.ts';

/**
 * The fix of the whole report, in the order in which it works: the steps of all root causes of the gravest severity, each
 * once. A reload comes after the edits that it puts into force and is left out where the server is restarted anyway; a
 * server is started after everything else that is done to it. A pure function.
 *
 * A new base backup or a rewind replaces what is in the data directory: steps of other root causes that change what is lost
 * with it, or start the server on it, are left out. What is put back from it is corrected before.
 */
export function planOf(
  verdict: Report['verdict'],
  findings: readonly Finding[],
  recovery: Pick<Recovery, 'way' | 'steps'> | null,
): Plan {
  const roots = findings.filter((one) => one.causedBy === null && isProblem(one, verdict) && one.remedy !== null);
  const steps = mergedSteps(roots, recovery?.steps ?? []);
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

/** The steps of these findings, each once and in their order; of a recovery the start that none of them has. */
export function mergedSteps(findings: readonly Finding[], recovery: readonly Step[]): readonly PlanStep[] {
  const replacing = findings.find(replacesDirectory);
  const placed = findings.flatMap((finding) => placedSteps(finding, finding === replacing ? undefined : replacing));
  const single = placed.some(({ step }) => isPrimaryAgain(step)) ? placed.filter(({ step }) => !isPlain(step)) : placed;
  const started = single.some(({ step }) => createsAgain(step)) ? single.filter(({ step }) => !isStart(step)) : single;
  return withOwnCopies(inOrderOfFiles(ordered([...started, ...lackingStart(recovery, started)])));
}

/** A container that is created again starts its server, on what was copied before; the old one would start as it always has. */
const createsAgain = ({ on, again }: Step): boolean => on === 'client' && again === true;

const isPrimaryAgain = ({ on, again }: Step): boolean => on === 'primary' && again === true;

/** A restart of the primary as it is, which one that is created again needs no more. */
const isPlain = ({ on, does, again }: Step): boolean => on === 'primary' && does === 'restart' && again !== true;

const isStart = (step: Step): boolean =>
  step.on !== 'primary' && bringsUp(step) && step.once !== true && !createsAgain(step);

/** Its remedy puts other data into the data directory: a new base backup, or a rewind. */
export const replacesDirectory = ({ remedy }: Finding): boolean => remedy?.steps.some(replacesData) === true;

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
function placedSteps({ id, remedy }: Finding, replacing: Finding | undefined): readonly Placed[] {
  const steps = remedy?.steps ?? [];
  const kept = replacing === undefined ? steps : steps.filter((step) => isNeededBeside(step, replacing));
  // stopped, moved aside, copied, configured, started: one piece of work
  if (kept.some(replacesData)) return kept.map((step) => ({ step, for: id, phase: phases.data }));
  let phase = 0;
  return kept.map((step) => {
    phase = Math.max(phase, phaseOf(step));
    return { step, for: id, phase };
  });
}

/** Where this remedy puts other data into the directory: a step of another one that is not made needless by it. */
function isNeededBeside(step: Step, { remedy }: Finding): boolean {
  const others = remedy?.steps ?? [];
  // the base backup makes it itself
  if (step.on === 'primary') return !(step.does === 'make-slot' && others.some(({ does }) => does === 'copy'));
  if (createsAgain(step)) return true;
  if (comesIntoForce(step) || step.does === 'stop') return false;
  const putBack = others.flatMap(({ does, paths = [] }) => (does === 'put-back' ? paths : []));
  if (step.kind === 'sql')
    return step.does === 'set-configuration' && putBack.some((path) => path.endsWith('/postgresql.auto.conf'));
  const replaced = others.filter(({ does }) => does === 'copy' || does === 'rewind').flatMap(({ paths = [] }) => paths);
  // what is printed beside it is for a shell of the directory's owner, who may not be one that runs a server
  if (step.does === 'change-owner' && (step.paths ?? []).some((path) => replaced.includes(path))) return true;
  const changes = step.edit === undefined ? (step.paths ?? []) : [step.edit.file];
  return (
    changes.length === 0 ||
    changes.some((path) => putBack.includes(path) || !replaced.some((place) => isWithin(path, place)))
  );
}

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

const phases = { change: 0, primary: 1, data: 2, standby: 3, again: 4 } as const;

function phaseOf(step: Step): number {
  if (step.does === 'check-again') return phases.again;
  if (!comesIntoForce(step)) return phases.change;
  return step.on === 'primary' ? phases.primary : phases.standby;
}

const replacesData = ({ on, does }: Step): boolean => on !== 'primary' && (does === 'copy' || does === 'rewind');

const keyOf = ({ on, kind, text }: Step): string => [on, kind, text].join('\n');

/** The start of a server that is down, which belongs to a consequence; what stops it first is another piece of work. */
function lackingStart(steps: readonly Step[], placed: readonly Placed[]): readonly Placed[] {
  const there = new Set(placed.map(({ step }) => keyOf(step)));
  const starts = placed.some(({ step }) => step.on !== 'primary' && (step.does === 'start' || step.does === 'restart'));
  if (starts || steps.some(({ on, does }) => on === 'standby' && does === 'stop')) return [];
  return steps
    .filter((step) => step.on === 'standby' && step.does === 'start' && !there.has(keyOf(step)))
    .map((step) => ({ step, for: '', phase: phases.standby }));
}

/** Each step once, at its latest turn (what a person does, such as to install something, at its first); a server that comes up needs no reload of what was changed before. */
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
  const keys = needed.map(({ step }) => keyOf(step));
  return needed
    .filter(({ step }, at) =>
      step.kind === 'manual' ? keys.indexOf(keyOf(step)) === at : keys.lastIndexOf(keyOf(step)) === at,
    )
    .map(({ step }) => ({
      step,
      for: [
        ...new Set(needed.filter((one) => keyOf(one.step) === keyOf(step) && one.for !== '').map((one) => one.for)),
      ],
    }));
}

/**
 * Edits of one file, which count its lines as they were before all of them: what puts a line between others comes last, and
 * the lowest first.
 */
function inOrderOfFiles(steps: readonly PlanStep[]): readonly PlanStep[] {
  const files = new Set(steps.flatMap(({ step }) => (step.edit === undefined ? [] : [step.edit.file])));
  const result = [...steps];
  for (const file of files) {
    const places = result.flatMap(({ step }, at) => (step.edit?.file === file ? [at] : []));
    const sorted = places
      .flatMap((at) => result[at] ?? [])
      .toSorted((one, other) => insertedAt(other.step) - insertedAt(one.step));
    for (const [index, at] of places.entries()) {
      const step = sorted[index];
      if (step !== undefined) result[at] = step;
    }
  }
  return result;
}

const insertedAt = ({ edit }: Step): number =>
  Math.min(...(edit?.changes ?? []).map((change) => (change.act === 'insert-before' ? change.line : Infinity)));

/** Each edit keeps the file as it found it: no copy takes the place of an earlier one. */
function withOwnCopies(steps: readonly PlanStep[]): readonly PlanStep[] {
  const taken = new Map<string, number>();
  return steps.map((planned) => {
    const { copy } = planned.step.edit ?? {};
    if (copy === undefined || planned.step.edit?.absent === true) return planned;
    const number = (taken.get(copy) ?? 0) + 1;
    taken.set(copy, number);
    return number === 1 ? planned : { ...planned, step: withCopy(planned.step, `${copy}-${number}`) };
  });
}

const bringsUp = ({ does }: Step): boolean => does === 'start' || does === 'restart';
const comesIntoForce = (step: Step): boolean => step.does === 'reload' || bringsUp(step);
