import type { AdminLogin, Primary } from '../facts/primary.ts';
import type { Observed } from '../facts/observed.ts';
import type { Remedy } from '../findings/report.ts';
import type { ControlFileRead, DataDirectory } from '../facts/data-directory.ts';
import type { StandbyConfiguration, StandbyControl } from '../facts/standby-configuration.ts';
import type { Timelines } from '../facts/standby-wal.ts';
import { newCopy, newCopyFacts } from './new-copy.ts';
import type { NewCopySeen } from './new-copy.ts';
import { sql } from './remedy.ts';
import { rewind } from './rewind.ts';
import { copyEffort, effortFacts, rewindEffort } from '../derived/effort.ts';
import type { EffortSeen } from '../derived/effort.ts';
import { twoWays } from './two-ways.ts';
import { endedAsStandby } from '../derived/rewind-conditions.ts';
import type { Diverged } from '../derived/timeline-comparison.ts';

/** What {@link rewindOrCopy} goes by, for a rule's `wants`. */
export const rewindOrCopyFacts = [...newCopyFacts, ...effortFacts, 'adminLogin'] as const;

interface RewindOrCopySeen extends NewCopySeen, EffortSeen {
  readonly dataDirectory: DataDirectory;
  readonly primary: Primary;
  readonly controlFile: ControlFileRead;
  readonly standbyConfiguration: Observed<StandbyConfiguration>;
  readonly standbyControl: Observed<StandbyControl>;
  readonly adminLogin: Observed<AdminLogin>;
}

/** Where pg_rewind can serve: that, or a new copy. */
export function rewindOrCopy(
  diverged: Diverged,
  timelines: Timelines,
  seen: RewindOrCopySeen,
  summary: string,
): Remedy {
  const { path } = seen.dataDirectory;
  const recoverFirst = endedAsStandby({
    ...seen,
    dataDirectory: { status: 'seen', value: seen.dataDirectory, source: path },
  });
  return twoWays(
    {
      remedy: afterCheckpoint(diverged, seen.primary, rewind({ ...seen, recoverFirst }, summary)),
      ...rewindEffort(diverged, timelines, seen),
    },
    { remedy: newCopy(seen), ...copyEffort(seen) },
  );
}

/** Up to 15 pg_rewind takes the primary's timeline from its last checkpoint: right after a promotion that is the old one. */
const afterCheckpoint = ({ why }: Diverged, { major, inRecovery }: Primary, remedy: Remedy): Remedy =>
  why === 'past-the-switch' && major <= 15 && inRecovery !== true
    ? { ...remedy, steps: [sql('primary', 'CHECKPOINT;', 'checkpoint'), ...remedy.steps] }
    : remedy;
