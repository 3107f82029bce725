import type { Facts } from '../facts/facts.ts';
import type { Place } from '../facts/machine.ts';
import type { Step, StepAction } from '../findings/report.ts';
import { isForeign } from './foreign-content.ts';
import { ifSeen } from '../facts/observed.ts';
import { isSystemDirectory } from './system-directories.ts';
import type { Refusal } from './refusal.ts';

/** What gives a directory to PostgreSQL, or takes it away from whoever else uses it. */
const taking: ReadonlySet<StepAction> = new Set<StepAction>([
  'move-aside',
  'make-directory',
  'change-mode',
  'change-owner',
  'copy',
  'rewind',
  'start',
]);

/** A directory of the system, and one that holds something else, stay as they are. */
export function takesOver(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  for (const step of steps) {
    const refusal = takenOver(step, facts);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function takenOver({ on, does, paths = [] }: Step, facts: Partial<Facts>): Refusal | undefined {
  if (!taking.has(does)) return undefined;
  const system = paths.find(isSystemDirectory);
  const foreign = paths.find((path) => placesOf(facts).some((place) => isAt(place, path) && isForeign(place.state)));
  const path = system ?? foreign;
  if (path === undefined) return undefined;
  const what = system === undefined ? 'contains files that do not belong to PostgreSQL' : 'is a system directory';
  return {
    on,
    summary: 'Choose another directory.',
    text: `${path} ${what}, so it is not changed. ${on === 'client' ? 'Give the command another directory that is empty or does not exist.' : 'Give the data directory of the standby with -D.'}`,
  };
}

const placesOf = (facts: Partial<Facts>): readonly Place[] =>
  [
    ifSeen(facts.targetDirectory),
    ifSeen(facts.dataDirectoryPlace),
    ifSeen(facts.walDirectory),
    ...(ifSeen(facts.tablespaceTargets) ?? []).map(({ place }) => place),
  ].filter((place) => place !== undefined);

const isAt = ({ path, state }: Place, other: string): boolean =>
  path === other || (state.kind === 'directory' && state.realPath === other);
