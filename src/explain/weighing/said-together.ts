import {
  backupRunsAlone,
  checkpointAfterCrash,
  checkpointNotRestored,
  checkpointOfStandby,
  checkpointOverwritten,
  endedByStop,
  neededWalUnreadable,
  streamsNotConsistent,
  toldToStop,
  waitsForWal,
} from '../answers/together.ts';
import { archiveBringsNothing, damagedWal, streamedWalDamaged } from '../answers/together-wal.ts';
import { timelineOfArchive } from '../answers/timelines.ts';
import { kindOf } from '../explanation.ts';
import { isOfApplication } from './of-sessions.ts';
import { answerOfFullDisk, answerOfTimeouts, behindInvalidation, spokenIn } from './said-in-pairs.ts';
import type { AnswerTo } from './said-in-pairs.ts';
import { overSince } from './over-since.ts';
import type { Course } from './over-since.ts';
import { nameOf } from '../seen.ts';
import type { Seen } from '../seen.ts';

/** What several messages of a text say together, and none of them alone. */
export function toldTogether(all: readonly Seen[], course: Course): readonly Seen[] {
  const seen = afterImmediateStop(overSince(withoutVainRestore(withoutEndedWait(all)), course));
  const together = [
    answerOfWal(seen, course),
    answerOfCheckpoint(seen),
    answerOfFullDisk(seen),
    answerOfTimeouts(seen),
    behindInvalidation(seen),
    behindFailure(seen),
    answerOfStart(seen, course),
  ];
  const told = afterGoodbye(afterFirstAttempt(afterReason(printedByCommand(afterDenial(seen)))));
  return stoppedFromOutside(told).map((one) => {
    if (one.over) return one;
    for (const answerTo of together) {
      const answer = answerTo(one);
      if (answer !== undefined) return { ...one, answer };
    }
    return one;
  });
}

/** A copy that has begun waits for no checkpoint. */
function withoutEndedWait(seen: readonly Seen[]): readonly Seen[] {
  const copies = seen.some((one) => /^pgbb-(?:checkpoint-completed|wal-start)$/u.test(nameOf(one)));
  return copies ? seen.filter((one) => nameOf(one) !== 'pgbb-waiting-checkpoint') : seen;
}

/** Up to 13, sessions are told of an immediate shutdown as of a crash. */
const afterImmediateStop = (seen: readonly Seen[]): readonly Seen[] =>
  seen.some((one) => nameOf(one) === 'received-immediate-shutdown')
    ? seen.map((one) => (nameOf(one) === 'terminating-crash' ? { ...one, answer: endedByStop } : one))
    : seen;

function withoutVainRestore(seen: readonly Seen[]): readonly Seen[] {
  const noFile = seen.find((one) => nameOf(one) === 'restore-stat-after-success' && !one.over);
  const removed = seen.find((one) => nameOf(one) === 'requested-wal-removed' && !one.over);
  if (noFile === undefined || removed === undefined) return seen;
  return seen.flatMap((one) => {
    if (one === noFile) return [];
    return one === removed ? { ...one, answer: archiveBringsNothing } : one;
  });
}

function answerOfWal(seen: readonly Seen[], { streaming }: Course): AnswerTo {
  const isStreamed = ({ values, position }: Seen): boolean =>
    streaming !== undefined &&
    streaming.line < position &&
    segmentOf(streaming.lsn) === segmentOf(values['lsn'] ?? '') &&
    !seen.some((one) => nameOf(one) === 'restored-log-file');
  const fetchedAgain = seen.some((one) => nameOf(one) === 'restored-log-file' && one.count >= often);
  const restores = seen.some((one) => isRestore.test(nameOf(one)));
  return (one) => {
    if (one.inPlace >= often && (failsChecksum(one) || (fetchedAgain && isEndOfWal(one))))
      return isStreamed(one) ? streamedWalDamaged : damagedWal;
    if (restores && timelineOfArchive.of?.includes(nameOf(one)) === true && !isOfBackupLabel(one))
      return timelineOfArchive;
    return isEndOfWal(one) && isFatal(one) && one.program === undefined ? neededWalUnreadable : undefined;
  };
}

/** Of the usual 16 MB. */
const segmentOf = (lsn: string): string => lsn.toUpperCase().replace(/(\w{0,2})\w{6}$/u, '$1');

/** What state the server was in says which of the causes is likely. */
function answerOfCheckpoint(seen: readonly Seen[]): AnswerTo {
  const has = (pattern: RegExp): boolean => seen.some((one) => pattern.test(nameOf(one)));
  const asStandby = has(/^(?:entering-standby-mode|db-shutdown-in-recovery|db-interrupted-in-recovery\S*)$/u);
  const restores = has(isRestore) || seen.some((one) => foundNothing.has(idOf(one)));
  const crashed = has(/^db-was-interrupted$/u);
  // what was fetched is not the WAL of this data directory
  const ofOtherSystem = has(/^wal-from-different-system$/u);
  const overwritten = seen.some((one) => failsChecksum(one) || isOverwritten.test(nameOf(one)));
  return (one) => {
    if (one.answer?.kind === 'consequence') return undefined;
    if (ofOtherSystem && lacksCheckpoint.test(nameOf(one)))
      return { ...one.answer, means: one.answer?.means ?? '', kind: 'consequence' };
    if (nameOf(one) === 'could-not-locate-required-checkpoint')
      return restores && !asStandby ? checkpointNotRestored : undefined;
    if (nameOf(one) !== 'could-not-locate-valid-checkpoint') return undefined;
    if (asStandby) return checkpointOfStandby;
    if (overwritten && !restores) return checkpointOverwritten;
    return crashed && !restores ? checkpointAfterCrash : undefined;
  };
}

const lacksCheckpoint = /^could-not-locate-(?:required|valid)-checkpoint$/u;

/** What follows from a failure, or only says what the server was about to do. */
function behindFailure(seen: readonly Seen[]): AnswerTo {
  const fails = seen.some(
    (one) => (isFatal(one) && !isRestore.test(nameOf(one)) && isFailure(one)) || isCrash.test(nameOf(one)),
  );
  const serverSays = seen.some((one) => endsSessions(one) && isFailure(one));
  // a library may call abort() as well, without a PANIC before it
  const panics = seen.some((one) => isFatal(one) && isFailure(one));
  return (one) => {
    const name = nameOf(one);
    if (name === 'server-process-exception' && !panics) return undefined;
    if (fails && (isRestore.test(name) || (aborted.test(one.text) && isEndOfProcess.test(name))))
      return { of: [name], means: '', kind: 'consequence' };
    return serverSays && isLostConnection(one) && kindOf(one) === 'cause'
      ? { ...one.answer, means: one.answer?.means ?? '', kind: 'consequence' }
      : undefined;
  };
}

function answerOfStart(seen: readonly Seen[], { streaming, ready }: Course): AnswerTo {
  const waits = ready === undefined && seen.some((one) => nameOf(one) === 'waiting-for-wal' && !one.over);
  const streamsOnly = streaming !== undefined && ready === undefined && !seen.some(isFailure);
  const alone =
    ready?.readOnly === false &&
    seen.some((one) => nameOf(one) === 'completed-backup-recovery') &&
    !seen.some((one) => ofRecovery.test(nameOf(one)));
  return (one) => {
    if (alone && nameOf(one) === 'ready-accept-connections') return backupRunsAlone;
    if (nameOf(one) !== 'db-starting-up') return undefined;
    if (waits) return waitsForWal;
    return streamsOnly ? streamsNotConsistent : undefined;
  };
}

/** Asked for by standby.signal or recovery.signal. */
const ofRecovery =
  /^(?:entering-standby-mode|archive-recovery-start|pitr-\w+|selected-new-timeline|received-promote-request)$/u;

/** What a program on this side sees of a connection that the server ended. */
const isLostConnection = (one: Seen): boolean =>
  /^(?:libpq-(?:server-closed|errno-reset|ssl-eof|ssl-closed|could-not-receive)|pgbb-copy-ended-early)$/u.test(
    nameOf(one),
  );

/** FATAL and PANIC end a session, and so does what a replication command meets. */
const endsSessions = ({ recognition }: Seen): boolean =>
  recognition?.entry.speaker === 'server' &&
  recognition.entry.part === undefined &&
  (['FATAL', 'PANIC', 'ERROR'].includes(recognition.entry.severity ?? '') || recognition.id === 'walsender-timeout') &&
  recognition.entry.topic !== 'network';

const isCrash = /^(?:all-processes-terminated|terminating-other-processes)$/u;

/** PANIC ends with SIGABRT, on Windows with the exception of abort(). */
const aborted = /signal 6\b|exception 0xC0000409\b/iu;
const isEndOfProcess = /^server-process-(?:signal|exception)$/u;

const isFatal = ({ record }: Seen): boolean =>
  record?.severity === 'FATAL' ||
  record?.severity === 'PANIC' ||
  // quoted in a sentence
  (record?.severity === undefined && /\b(?:FATAL|PANIC): /u.test(record?.message ?? ''));

/** What programs of restore_command print of a segment that the archive does not have. */
const foundNothing: ReadonlySet<string> = new Set(['pgbackrest-not-found', 'wal-g']);

/** Not in standby mode. */
const isRestore = /^(?:archive-recovery-start|pitr-\w+)$/u;

/** Then more is known. */
const isOfBackupLabel = ({ parts, text }: Seen): boolean =>
  [text, ...parts].some((part) => /in file "(?:[^"]*\/)?backup_label"|on timeline 0\b/u.test(part));

/** Something that keeps it from streaming on. */
const isFailure = (one: Seen): boolean => !one.over && kindOf(one) === 'cause' && !isOfApplication(one);

/** What a command printed is why the server could not archive or fetch WAL with it. */
function printedByCommand(seen: readonly Seen[]): readonly Seen[] {
  const printed = seen.some(({ answer, over }) => !over && whatCommandsPrint.has(answer?.id ?? ''));
  if (!printed) return seen;
  return seen.map((one) => (one.answer !== undefined && ofCommand.test(nameOf(one)) ? asConsequence(one) : one));
}

const whatCommandsPrint: ReadonlySet<string> = new Set([
  'program-not-found',
  'host-key',
  'rsync-source',
  'rsync-may-not-read',
  'object-store-refused',
  'copy-missing',
  'archive-source-missing',
  'ssh-connect',
  'copy-denied',
  'copy-full',
  'probackup-archive-get',
  'wal-e-scheme',
  'barman-unknown-server',
]);

/** What the primary has removed, the archive could have brought. */
const ofCommand =
  /^(?:archive-command-failed|archive-too-many-failures|could-not-locate-required-checkpoint|requested-wal-removed)$/u;

/** What SELinux or AppArmor forbade is "Permission denied" to the program. */
function afterDenial(seen: readonly Seen[]): readonly Seen[] {
  const isDenial = ({ answer }: Seen): boolean =>
    answer?.of?.includes('security-module') === true && answer.kind !== 'course';
  if (!seen.some((one) => isDenial(one) && !one.over)) return seen;
  return seen.map((one) => (!isDenial(one) && spokenIn(one).includes('Permission denied') ? asConsequence(one) : one));
}

/** That no server could be asked, no repository be read or no copy be made follows from what failed before it. */
function afterReason(seen: readonly Seen[]): readonly Seen[] {
  const consequences = reasons.filter(({ reason }) => seen.some((one) => isFailure(one) && reason(one)));
  if (consequences.length === 0) return seen;
  return seen.map((one) => (consequences.some(({ of }) => of === one.answer?.id) ? asConsequence(one) : one));
}

const asConsequence = (one: Seen): Seen => ({
  ...one,
  answer: { ...one.answer, means: one.answer?.means ?? '', kind: 'consequence' },
});

/** Nothing listens, or the container with its name is gone. */
const isGone = /^(?:libpq-errno-refused|libpq-translate-host|gai-(?:noname|again|musl))$/u;

/** A connection that was cut, and then refused: the server has ended, and that nothing listens is what stands. */
function afterGoodbye(seen: readonly Seen[]): readonly Seen[] {
  const refused = seen.find((one) => isFailure(one) && isGone.test(nameOf(one)));
  if (refused === undefined) return seen;
  return seen.map((one) =>
    isFailure(one) && isLostConnection(one) && one.position < refused.position ? asConsequence(one) : one,
  );
}

const idOf = ({ answer }: Seen): string => answer?.id ?? '';

const refusesConnection = ({ recognition }: Seen): boolean =>
  /^(?:auth-|client|conninfo|network|role|tls)/u.test(recognition?.entry.topic ?? '');

const reasons: readonly { readonly of: string; readonly reason: (one: Seen) => boolean }[] = [
  { of: 'pgbackrest-repository', reason: (one) => /^pgbackrest-store-(?:certificate|unreachable)$/u.test(idOf(one)) },
  {
    of: 'pgbackrest-no-primary',
    reason: (one) =>
      refusesConnection(one) ||
      /^(?:pgbackrest-(?:version-unknown|segment-size|compiled-size|other-host)|ssh-connect|host-key)$/u.test(
        idOf(one),
      ),
  },
  // a manager sums up what pg_rewind itself has said
  {
    of: 'patroni-rewind',
    reason: ({ recognition }) => recognition?.entry.file.startsWith('src/bin/pg_rewind/') === true,
  },
  { of: 'repmgr-not-streaming', reason: (one) => idOf(one) === 'repmgr-attached-in-state' },
  { of: 'repmgr-rewind-impossible', reason: (one) => idOf(one) === 'repmgr-rewind-full-page-writes' },
  {
    of: 'patroni-remote-none',
    reason: (one) => refusesConnection(one) || /^(?:pgbackrest|wal-[eg])-/u.test(idOf(one)),
  },
];

/** With sslmode=prefer, libpq tries again in the clear what was refused when encrypted: the first refusal is the cause. */
function afterFirstAttempt(seen: readonly Seen[]): readonly Seen[] {
  const refused = seen.filter((one) => !one.over && whenEncrypted.test(nameOf(one)));
  if (refused.length === 0) return seen;
  return seen.map((one) =>
    inTheClear.test(one.text) &&
    /^(?:no-hba|hba-reject)/u.test(nameOf(one)) &&
    refused.some(({ values }) => isOfRole(one, values['role']))
      ? asConsequence(one)
      : one,
  );
}

const whenEncrypted = /^auth-(?:password-failed|cert-required)$/u;

const inTheClear = /\b(?:no encryption|SSL off)\b/u;

const isOfRole = ({ text }: Seen, role: string | undefined): boolean =>
  role === undefined || text.includes(`user "${role}"`);

/** A server that met nothing worse than the end of its WAL, and was told to stop. */
function stoppedFromOutside(seen: readonly Seen[]): readonly Seen[] {
  const atOnce = seen.some((one) => nameOf(one) === 'received-immediate-shutdown');
  const others = seen.filter(
    (one) =>
      !isStop(one) &&
      !one.over &&
      !isOfApplication(one) &&
      kindOf(one) !== 'course' &&
      !isTrifle(one) &&
      !(atOnce && isEndOfSession(one)),
  );
  if (others.length > 0) return seen;
  return seen.map((one) => (isStop(one) && !one.over ? { ...one, answer: toldToStop } : one));
}

/** An immediate stop tells its sessions that a process crashed. */
const isEndOfSession = (one: Seen): boolean =>
  /^(?:terminating-crash|all-processes-terminated|terminating-other-processes)$/u.test(nameOf(one));

const isStop = (one: Seen): boolean => /^received-(?:fast|smart|immediate)-shutdown$/u.test(nameOf(one));

const isTrifle = (one: Seen): boolean =>
  (isEndOfWal(one) && one.count < often) ||
  one.answer?.id === 'image-initialized' ||
  nameOf(one) === 'pgctl-could-not-start' ||
  (nameOf(one) === 'server-process-exit-code' && /\bbackground worker\b/u.test(one.text));

/** Once is the end of the WAL at hand; twice, it looked elsewhere, too. */
const often = 3;

/** What stands there instead of a record. */
const isOverwritten = /^(?:record-incorrect-prev-link|invalid-resource-manager|invalid-rmgr-id|invalid-magic-number)$/u;

const failsChecksum = (seen: Seen): boolean => nameOf(seen) === 'rmgr-checksum';

/** Zeros after the last record are damage only where the same file was fetched again and again. */
const isEndOfWal = (seen: Seen): boolean =>
  /^(?:invalid-record-length|record-incorrect-prev-link|invalid-magic-number|contrecord-requested|no-contrecord-flag|invalid-contrecord-length|invalid-resource-manager|invalid-rmgr-id|invalid-record-offset)$/u.test(
    nameOf(seen),
  );
