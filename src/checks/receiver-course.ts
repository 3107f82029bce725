import type { ReceiverCourse, ReceiverRow } from '../servers/standby-answers.ts';

/**
 * What the looks at the WAL receiver show together, the first of them with its age. `undecided`: another look is needed.
 *
 * pg_stat_wal_receiver says `streaming` from the login on (walreceiver.c, WalReceiverMain), so also of a receiver whose
 * START_REPLICATION is about to be refused, and which comes again each wal_retrieve_retry_interval. It streams when the
 * primary has said something to it, and it is old enough, or there still at the next look.
 */
export type ReceiverCourseOutcome = 'streams' | 'none' | 'ended' | 'unanswered' | 'undecided';

export function receiverCourse(
  first: ReceiverRow | undefined,
  later: readonly (ReceiverCourse | undefined)[],
): ReceiverCourseOutcome {
  const looks: readonly (ReceiverCourse | undefined)[] = [first, ...later];
  const last = looks.at(-1);
  if (looks.length === 1)
    return first !== undefined && isStreaming(first) && first.heard && (first.ageSeconds ?? 0) >= matureSeconds
      ? 'streams'
      : 'undecided';
  const before = looks.at(-2);
  if (last === undefined || !isStreaming(last))
    return looks.some((one) => one !== undefined && isStreaming(one) && one.pid !== last?.pid) ? 'ended' : 'none';
  const stays = before?.pid === last.pid;
  if (stays && last.heard) return 'streams';
  if (looks.length < mostLooks) return 'undecided';
  if (!stays) return 'ended';
  // nothing was written since a segment began: there is nothing to say
  return last.inStream ? 'streams' : 'unanswered';
}

const isStreaming = ({ status }: ReceiverCourse): boolean => status === 'streaming';

/** A refusal comes within a few round trips. */
const matureSeconds = 5;

/** The first look, and those a moment apart. */
const mostLooks = 4;
