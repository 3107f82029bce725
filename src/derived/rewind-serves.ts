import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Primary, Settings } from '../facts/primary.ts';
import type { ControlFileRead, DataDirectory } from '../facts/data-directory.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { StandbyConfiguration, StandbyControl } from '../facts/standby-configuration.ts';
import type { Timelines } from '../facts/standby-wal.ts';
import { canServe, rewindConditions } from './rewind-conditions.ts';
import type { RewindCondition } from './rewind-conditions.ts';
import { compareTimelines } from './timeline-comparison.ts';
import type { Diverged } from './timeline-comparison.ts';

export interface RewindServesSeen {
  readonly timelines: Observed<Timelines>;
  readonly controlFile: ControlFileRead;
  readonly dataDirectory: Observed<DataDirectory>;
  readonly runningStandby: Observed<RunningStandby>;
  readonly standbyControl: Observed<StandbyControl>;
  readonly standbyConfiguration: Observed<StandbyConfiguration>;
  readonly primary: Observed<Primary>;
  readonly primarySettings: Observed<Settings>;
}

/** What {@link rewindServes} goes by, for a rule's `wants`. */
export const rewindFacts = [
  'timelines',
  'dataDirectory',
  'runningStandby',
  'standbyControl',
  'standbyConfiguration',
  'primary',
  'primarySettings',
] as const;

/** Whether pg_rewind can take a standby back that has diverged from its primary, and else why not. */
export function rewindServes(
  seen: RewindServesSeen,
):
  | { readonly serves: true; readonly comparison: Diverged; readonly timelines: Timelines }
  | { readonly serves: false; readonly because: string } {
  const timelines = ifSeen(seen.timelines);
  if (timelines === undefined) return { serves: false, because: 'It is not known whether pg_rewind can be used.' };
  const comparison = compareTimelines({ ...seen, timelines });
  if (comparison.kind !== 'diverged') return { serves: false, because: 'pg_rewind is not needed.' };
  const conditions = rewindConditions(comparison, { ...seen, timelines });
  return canServe(conditions)
    ? { serves: true, comparison, timelines }
    : { serves: false, because: whyNoRewind(conditions) };
}

/** The first condition that does not hold. */
export function whyNoRewind(conditions: readonly RewindCondition[]): string {
  const failing = conditions.find(({ holds }) => holds === false);
  return failing === undefined
    ? 'It is not known whether pg_rewind can be used.'
    : `pg_rewind cannot be used. It requires that ${failing.what}: ${failing.says}.`;
}
