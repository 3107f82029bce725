import { posix } from 'node:path';

import type { Facts } from '../facts/facts.ts';
import type { Place } from '../facts/machine.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Remedy, Step, StepAction } from '../facts/report.ts';
import { isForeign } from './foreign-content.ts';
import { manual, safe } from './remedy.ts';
import { isSystemDirectory } from './system-directories.ts';

/**
 * A remedy is printed only where each of its steps may be taken: a condition belongs to what a step does, so that no rule
 * can forget it. One that does not hold makes a sentence of the remedy, which says why and what to do instead; another way
 * of the same remedy that does not hold is left out.
 */
export function conditioned(remedy: Remedy, facts: Partial<Facts>): Remedy {
  const why = whyNot(remedy.steps, facts);
  if (why !== undefined) return safe(why.summary, manual(why.on, why.text));
  const { alternatives, ...itself } = remedy;
  const others = alternatives?.filter(({ steps }) => whyNot(steps, facts) === undefined);
  return others === undefined || others.length === 0 ? itself : { ...itself, alternatives: others };
}

interface Refusal {
  readonly on: Step['on'];
  readonly summary: string;
  readonly text: string;
}

function whyNot(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  for (const step of steps) {
    const refusal = takenOver(step, facts);
    if (refusal !== undefined) return refusal;
  }
  return noRoom(steps, facts);
}

/** What gives a directory to PostgreSQL, or takes it away from whoever else uses it. */
const takesOver: ReadonlySet<StepAction> = new Set<StepAction>([
  'move-aside',
  'make-directory',
  'change-mode',
  'change-owner',
  'copy',
  'rewind',
  'start',
]);

function takenOver({ on, does, paths = [] }: Step, facts: Partial<Facts>): Refusal | undefined {
  if (!takesOver.has(does)) return undefined;
  const system = paths.find(isSystemDirectory);
  const foreign = paths.find((path) => placesOf(facts).some((place) => isAt(place, path) && isForeign(place.state)));
  const path = system ?? foreign;
  if (path === undefined) return undefined;
  const what = system === undefined ? "holds files that are not PostgreSQL's" : 'is a directory of the system';
  return {
    on,
    summary: 'Choose another directory.',
    text: `${path} ${what}: it stays as it is. ${on === 'client' ? 'Give the command another directory, which is empty or does not exist.' : 'Name the data directory of the standby with -D.'}`,
  };
}

const placesOf = (facts: Partial<Facts>): readonly Place[] =>
  [
    seenOf(facts.targetDirectory),
    seenOf(facts.dataDirectoryPlace),
    seenOf(facts.walDirectory),
    ...(seenOf(facts.tablespaceTargets) ?? []).map(({ place }) => place),
  ].filter((place) => place !== undefined);

const isAt = ({ path, state }: Place, other: string): boolean =>
  path === other || (state.kind === 'directory' && state.realPath === other);

/**
 * A new copy beside the old directory, which stays: both have to fit. Nothing is moved where they are known not to.
 */
function noRoom(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  const aside = steps.find(({ on, does }) => on === 'standby' && does === 'move-aside');
  const copy = steps.find(({ on, does, kind }) => on === 'standby' && does === 'copy' && kind === 'shell');
  const directory = seenOf(facts.dataDirectory);
  const size = sizeOf(facts);
  const system = directory?.fileSystem;
  if (aside === undefined || copy === undefined || directory === undefined || system === undefined) return undefined;
  if (size === undefined || system.freeBytes >= size) return undefined;
  const another = posix.join(posix.dirname(directory.path), `${posix.basename(directory.path)}-new`);
  return {
    on: 'standby',
    summary: 'Make room for a new base backup first; the old directory stays until the new standby streams.',
    text: `A new base backup needs ${inWords(size)}, and the file system ${system.mountPoint} has ${inWords(system.freeBytes)} free beside the old directory. Enlarge it by at least ${inWords(size - system.freeBytes)} and run this again, or mount a file system with at least ${inWords(size)} free on ${another}, make the copy there with standbylint clone, and start the server on it.`,
  };
}

/** Bytes that the copy puts into the data directory: what the primary says, else what the last copy had. */
function sizeOf(facts: Partial<Facts>): number | undefined {
  const size = seenOf(facts.copySize);
  if (size !== undefined) return Number(size.dataBytes);
  const last = seenOf(facts.lastCopy);
  const tablespaces = seenOf(facts.dataDirectory)?.tablespaces ?? [];
  return last === undefined || tablespaces.length > 0 ? undefined : Number(last.bytes);
}

/** Rounded up to a unit that a person reads: kB, MB, GB of 1024. */
function inWords(bytes: number): string {
  const [unit, name]: readonly [number, string] =
    bytes >= 10 * 1024 ** 3 ? [1024 ** 3, 'GB'] : bytes >= 10 * 1024 ** 2 ? [1024 ** 2, 'MB'] : [1024, 'kB'];
  return `${Math.ceil(bytes / unit)} ${name}`;
}

const seenOf = <T>(fact: Observed<T> | undefined): T | undefined => (fact === undefined ? undefined : ifSeen(fact));
