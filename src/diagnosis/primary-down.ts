import { factOf } from './fact-of.ts';
import { replacedBy } from '../derived/replaced-primary.ts';
import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Finding, Recovery } from '../findings/report.ts';
import type { LogSummary } from '../postgres/log/log-summary.ts';
import type { Sighting } from '../postgres/log/sightings.ts';
import { formatLsn } from '../postgres/lsn.ts';
import type { Lsn } from '../postgres/lsn.ts';

/**
 * Nothing answers where the primary is: while it is down it writes no WAL, so that a standby which had followed it until
 * then comes back with it, unless something points to a gap. Undefined where the primary may well have gone on, or where
 * nothing shows that this standby had followed it.
 */
export function whilePrimaryIsDown(
  facts: Partial<Facts>,
  roots: readonly Finding[],
): Omit<Recovery, 'steps'> | undefined {
  const [root, ...others] = roots;
  if (root === undefined || others.length > 0 || !isDown.has(root.rule)) return undefined;
  // what comes back is not the primary any more
  const [adminServer, controlFile, timelines, primariesHere] = [
    factOf(facts, 'adminServer'),
    factOf(facts, 'controlFile'),
    factOf(facts, 'timelines'),
    factOf(facts, 'primariesHere'),
  ];
  if (replacedBy({ adminServer, controlFile, timelines, primariesHere }) !== undefined) return undefined;
  const log = facts.serverLog && ifSeen(facts.serverLog);
  const followed = followedUntil(facts, log?.summary);
  if (followed === undefined || (log !== undefined && signOfGap(log.summary) !== undefined)) return undefined;
  const reached = knownToHave(facts);
  const position = reached === undefined ? '' : ` (this standby has WAL up to at least ${formatLsn(reached)})`;
  const isStopped = (facts.standbyControl && ifSeen(facts.standbyControl))?.running === false;
  const then = isStopped ? 'start this standby, and it continues' : 'this standby reconnects by itself';
  return {
    way: 'mend',
    because: `${root.title}: a server that is down writes no WAL. ${followed}, and nothing indicates missing WAL: if no other server was promoted in its place, then once the primary is running again, ${then}. The primary's WAL position, and which WAL it keeps, are not known${position}: if the standby does not stream then, run this again.`,
    bytes: null,
  };
}

const isDown: ReadonlySet<string> = new Set(['network/connection-refused', 'network/server-starting']);

/** What shows that it was a standby of a primary that was there, until lately. */
function followedUntil({ runningStandby }: Partial<Facts>, log: LogSummary | undefined): string | undefined {
  const at = log?.streaming?.time;
  const running = runningStandby && ifSeen(runningStandby);
  if (at !== undefined) return `Its log shows that it streamed (since ${at.toISOString()})`;
  if (log?.streaming !== undefined) return 'Its log shows that it streamed';
  return running?.inRecovery === true ? 'This server runs as a standby' : undefined;
}

/** What the log says of WAL that is gone or of histories that have diverged, after it last streamed. */
export const signOfGap = ({ sightings, streaming }: LogSummary): Sighting | undefined =>
  sightings.find(
    ({ recognition: { id, entry }, healed, harmless, last }) =>
      !healed &&
      !harmless &&
      (entry.topic === 'wal-missing' || entry.topic === 'timeline') &&
      entry.severity !== 'LOG' &&
      !id.startsWith('could-not-receive-') &&
      last.position > (streaming?.position ?? 0),
  );

/** How far it has come, as far as that is known without its primary. */
export function knownToHave({ runningStandby, controlFile }: Partial<Facts>): Lsn | undefined {
  const replay = (runningStandby && ifSeen(runningStandby))?.replay;
  const read = controlFile && ifSeen(controlFile);
  return (
    replay?.receivedLsn ?? replay?.replayedLsn ?? (read?.ok === true ? read.value.minimumRecoveryPoint?.lsn : undefined)
  );
}
