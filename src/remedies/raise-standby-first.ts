import type { Step } from '../findings/report.ts';
import { changeOnStandby } from './standby-setting.ts';
import type { StandbySeen } from './standby-setting.ts';
import { inFiles, inServer } from '../derived/in-force.ts';

/** What {@link raiseStandbyFirst} looks at, for a rule's `wants`. */
export const standbyFirstFacts = ['standbyConfiguration', 'runningStandby', 'dataDirectory', 'standbyControl'] as const;

/**
 * A standby must have at least its primary's max_wal_senders (xlogrecovery.c, RecoveryRequiresIntParameter): where the
 * primary is to be given more, the standby of a post-mortem is raised before it. Without a standby there is no step.
 */
export function raiseStandbyFirst(seen: StandbySeen, walSenders: number): readonly Step[] {
  const own = [inServer('max_wal_senders', seen), inFiles('max_wal_senders', seen)];
  return own.some((set) => set !== undefined && Number(set.value) < walSenders)
    ? changeOnStandby(seen, { max_wal_senders: String(walSenders) }, 'restart')
    : [];
}
