import type { LogSummary } from '../postgres/log/log-summary.ts';
import {
  archiveBringsNothing,
  checkpointAfterCrash,
  checkpointNotRestored,
  checkpointOfStandby,
  damagedWal,
  neededWalUnreadable,
  streamsNotConsistent,
  toldToStop,
  waitsForWal,
} from './answers/together.ts';
import { timelineOfArchive } from './answers/timelines.ts';
import { standingOf } from './explanation.ts';
import type { Answer } from './answer.ts';
import type { Seen } from './seen.ts';

/** What several messages of a text say together, and none of them alone. */
export function toldTogether(
  seen: readonly Seen[],
  { streaming, ready }: Pick<LogSummary, 'streaming' | 'ready'>,
): readonly Seen[] {
  const fetchedAgain = seen.some((one) => nameOf(one) === 'restored-log-file' && one.count >= often);
  const noFile = seen.find((one) => nameOf(one) === 'restore-stat-after-success' && !one.over);
  const removed = seen.find((one) => nameOf(one) === 'requested-wal-removed' && !one.over);
  const told =
    noFile === undefined || removed === undefined
      ? seen
      : seen.flatMap((one) => {
          if (one === noFile) return [];
          return one === removed ? { ...one, answer: archiveBringsNothing } : one;
        });
  const copying = seen.some((one) =>
    /^pgbb-(?:checkpoint-completed|wal-start-point\S*|starting-receiver)$/u.test(nameOf(one)),
  );
  const restores = seen.some((one) => isRestore.test(nameOf(one)));
  const fails = seen.some((one) => isFatal(one) && !one.over && !isRestore.test(nameOf(one)) && isFailure(one));
  const waits = ready === undefined && seen.some((one) => nameOf(one) === 'waiting-for-wal' && !one.over);
  const streamsOnly = streaming !== undefined && ready === undefined && !seen.some(isFailure);
  return stoppedFromOutside(printedByCommand(told)).map((one) => {
    if (one.over) return one;
    if (copying && nameOf(one) === 'pgbb-waiting-checkpoint') return { ...one, over: true };
    if (one.inPlace >= often && (failsChecksum(one) || (fetchedAgain && isEndOfWal(one))))
      return { ...one, answer: damagedWal };
    if (restores && timelineOfArchive.of?.includes(nameOf(one)) === true && !isOfBackupLabel(one))
      return { ...one, answer: timelineOfArchive };
    const checkpoint = one.answer?.standing === 'consequence' ? undefined : answerOfCheckpoint(nameOf(one), seen);
    if (checkpoint !== undefined) return { ...one, answer: checkpoint };
    // what the server was told to do, and how its process ended, where something else says why it failed
    if (fails && (isRestore.test(nameOf(one)) || (aborted.test(one.text) && nameOf(one) === 'server-process-signal')))
      return { ...one, answer: { of: [nameOf(one)], means: '', standing: 'consequence' as const } };
    if (waits && nameOf(one) === 'db-starting-up') return { ...one, answer: waitsForWal };
    if (isEndOfWal(one) && isFatal(one)) return { ...one, answer: neededWalUnreadable };
    return streamsOnly && nameOf(one) === 'db-starting-up' ? { ...one, answer: streamsNotConsistent } : one;
  });
}

/** PANIC ends with SIGABRT. */
const aborted = /signal 6\b/u;

/** What state the server was in says which of the causes is likely. */
function answerOfCheckpoint(name: string, seen: readonly Seen[]): Answer | undefined {
  const has = (pattern: RegExp): boolean => seen.some((one) => pattern.test(nameOf(one)));
  const asStandby = has(/^(?:entering-standby-mode|db-shutdown-in-recovery|db-interrupted-in-recovery\S*)$/u);
  if (name === 'could-not-locate-required-checkpoint')
    return has(isRestore) && !asStandby ? checkpointNotRestored : undefined;
  if (name !== 'could-not-locate-valid-checkpoint') return undefined;
  if (asStandby) return checkpointOfStandby;
  return has(/^db-was-interrupted$/u) && !has(isRestore) ? checkpointAfterCrash : undefined;
}

const isFatal = ({ record }: Seen): boolean => record?.severity === 'FATAL' || record?.severity === 'PANIC';

/** Not in standby mode. */
const isRestore = /^(?:archive-recovery-start|pitr-\w+)$/u;

/** Then more is known. */
const isOfBackupLabel = ({ parts, text }: Seen): boolean =>
  [text, ...parts].some((part) => /in file "(?:[^"]*\/)?backup_label"|on timeline 0\b/u.test(part));

/** Something that keeps it from streaming on. */
const isFailure = (one: Seen): boolean => !one.over && standingOf(one) === 'cause';

/** What a command printed is why the server could not archive or fetch WAL with it. */
function printedByCommand(seen: readonly Seen[]): readonly Seen[] {
  const printed = seen.some(({ answer, over }) => !over && whatCommandsPrint.has(answer?.id ?? ''));
  if (!printed) return seen;
  return seen.map((one) =>
    one.answer !== undefined && ofCommand.test(nameOf(one))
      ? { ...one, answer: { ...one.answer, standing: 'consequence' as const } }
      : one,
  );
}

const whatCommandsPrint: ReadonlySet<string> = new Set([
  'program-not-found',
  'host-key',
  'rsync-source',
  'rsync-may-not-read',
  'object-store-refused',
  'copy-missing',
  'copy-denied',
  'copy-full',
  'probackup-archive-get',
]);

const ofCommand = /^(?:archive-command-failed|archive-too-many-failures|could-not-locate-required-checkpoint)$/u;

/** A server that met nothing worse than the end of its WAL, and was told to stop. */
function stoppedFromOutside(seen: readonly Seen[]): readonly Seen[] {
  const others = seen.filter((one) => !isStop(one) && !one.over && standingOf(one) !== 'course' && !isTrifle(one));
  if (others.length > 0) return seen;
  return seen.map((one) => (isStop(one) && !one.over ? { ...one, answer: toldToStop } : one));
}

const isStop = (one: Seen): boolean => /^received-(?:fast|smart|immediate)-shutdown$/u.test(nameOf(one));

const isTrifle = (one: Seen): boolean =>
  (isEndOfWal(one) && one.count < often) ||
  one.answer?.id === 'image-initialized' ||
  nameOf(one) === 'pgctl-could-not-start';

/** Once is the end of the WAL at hand; twice, it looked elsewhere, too. */
const often = 3;

const nameOf = ({ recognition, answer }: Seen): string =>
  recognition?.entry.variantOf ?? recognition?.id ?? answer?.of?.[0] ?? '';

const failsChecksum = (seen: Seen): boolean => nameOf(seen) === 'rmgr-checksum';

/** Zeros after the last record are damage only where the same file was fetched again and again. */
const isEndOfWal = (seen: Seen): boolean =>
  /^(?:invalid-record-length|record-incorrect-prev-link|invalid-magic-number|contrecord-requested|no-contrecord-flag|invalid-contrecord-length|invalid-resource-manager|invalid-rmgr-id|invalid-record-offset)$/u.test(
    nameOf(seen),
  );
