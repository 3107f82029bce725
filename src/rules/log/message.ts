import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Remedy, Severity } from '../../findings/report.ts';
import type { StandbyControl } from '../../facts/standby-configuration.ts';
import type { Recognition } from '../../postgres/messages/recognition.ts';
import type { Complaint } from '../../postgres/log/complaints.ts';
import type { Failure, LogSummary } from '../../postgres/log/log-summary.ts';
import type { Sighting } from '../../postgres/log/sightings.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import type { UnrecognisedRecords } from '../../postgres/log/unrecognised-records.ts';
import { start } from '../../remedies/server-control.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { fixOfMessage } from '../../remedies/fix-of-message.ts';
import type { DataDirectory } from '../../facts/data-directory.ts';
import { inForce } from '../../derived/in-force.ts';
import { outsideFacts, streamsNow } from '../../derived/stream-from-outside.ts';
import { tooEarly } from '../../derived/too-early.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { createdAgain } from '../../remedies/container-again.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import { inFull, messageIn, oneLine, sightingEvidence, timeText } from '../../derived/sighting-evidence.ts';
import type { Fault } from '../../findings/judgement.ts';

/**
 * What the standby's log says of now, in the words of the catalogue of messages: a finding `log/<id of the message>`
 * each. Whatever a rule knows better is taken out by the engine.
 */
export const message = defineRule({
  id: 'log/message',
  title: "The standby's log shows a problem",
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants: ['standbyControl', ...outsideFacts, ...newCopyFacts],
  explains: [...notStreaming, ...replayStands, 'standby/not-running'],
  effect: 'of-any',
  docs: {
    what: "Reads the newest part of the standby's logs and recognizes about 1,100 messages of PostgreSQL 13 to 18. It fails on messages about a current problem: why the server did not start, why the WAL receiver does not stream, warnings since streaming last began, and every message since the last start that the server cannot read its own data. The finding is named after the message (`log/could-not-open-file`), and `standbylint explain` accepts that name.",
    why: 'Some problems are visible only in the log: a disk that does not respond, a library that does not load, memory that the system does not provide.',
    notes:
      "If another rule checks the same problem, the log message is added to that rule's finding, with its number and times. Past problems are not reported: a failure before the server streamed again, or a failed start before a successful one. An `invalid record length` at the end of the WAL and missing files in the archive are normal. In other languages than English (lc_messages), about thirty messages are recognized by their text, others by their position in the source code if the log contains it (log_error_verbosity = verbose, also with csvlog or jsonlog). The number of warnings and failures that could not be recognized is shown.",
    references: [
      'Error Reporting and Logging: https://www.postgresql.org/docs/current/runtime-config-logging.html',
      'src/backend/utils/error/elog.c: send_message_to_server_log()',
    ],
  },
  judge(facts) {
    const { serverLog, dataDirectory, runningStandby, standbyControl } = facts;
    // what is wrong is mostly seen elsewhere too: without a log nothing is known to be wrong
    if (serverLog.status !== 'seen')
      return unexamined(
        serverLog.status === 'unseen' ? serverLog.why : { kind: 'not-asked', because: serverLog.why },
        'info',
      );
    const { summary, files } = serverLog.value;
    const standby = ifSeen(runningStandby);
    const runs = standby !== undefined || ifSeen(dataDirectory)?.postmaster?.process === 'running';
    const streams = streamsNow(facts);
    const source = serverLog.source;
    const log: InLog = { summary, source, directory: ifSeen(dataDirectory) };
    const [first, ...others] = [
      ...(runs
        ? []
        : faultsOf(startFailureIn(summary), 'The server did not start or stopped', 'error', log).map((fault) =>
            isOfCopy(startFailureIn(summary)?.recognition)
              ? { ...fault, isFailedStart: true as const, lasting: true as const, remedy: newCopy(facts) }
              : startedAfterwards(fault, standbyControl),
          )),
      ...(!runs || streams || (standby !== undefined && tooEarly(standby, serverLog) !== undefined)
        ? []
        : faultsOf(summary.receiverFailure, 'The WAL receiver does not stream', 'error', log)),
      ...warnings(log, () => newCopy(facts)),
    ].filter(isFirstOfItsKind);
    const { unrecognised } = summary;
    const unread =
      unrecognised === undefined ? undefined : inAnotherLanguage(unrecognised, inForce('lc_messages', facts)?.value);
    if (first !== undefined) return fail(unread === undefined ? first : withRemark(first, unread, source), ...others);
    if (unrecognised !== undefined && unrecognised.now > 0 && unread !== undefined)
      // what it is about now is seen elsewhere where it streams
      return unexamined(
        { kind: 'unreadable', because: `${source}: ${unread}`, remedy: inEnglish(runs) },
        streams ? 'info' : undefined,
      );
    const last = summary.lastTime === undefined ? '' : `, the last message at ${timeText(summary.lastTime)}`;
    return pass(
      `${files.length === 1 ? source : `${files.length} files up to ${source}`}: no message about a current problem${last}${unread === undefined ? '' : `; ${unread}`}`,
    );
  },
});

/** What was read of the log, and whose it is. */
interface InLog {
  readonly summary: LogSummary;
  readonly source: string;
  readonly directory: DataDirectory | undefined;
}

function inAnotherLanguage({ count, last }: UnrecognisedRecords, language: string | undefined): string {
  const cause = language === undefined || language === '' ? '' : ` (lc_messages = '${language}')`;
  const of = count === 1 ? 'a warning or failure' : `${count} warnings and failures`;
  return `${of} in another language than English${cause} could not be recognized; the last one is "${oneLine(last)}"`;
}

const withRemark = (fault: Fault, unread: string, source: string): Fault => ({
  ...fault,
  evidence: [...fault.evidence, evidence('not recognized', unread, source)],
});

const inEnglish = (runs: boolean): string =>
  `${
    runs
      ? "on the standby, as a superuser: ALTER SYSTEM SET lc_messages = 'C'; SELECT pg_reload_conf();"
      : "set lc_messages = 'C' in the standby's configuration and start it again;"
  } what it writes from then on can be read`;

const isFirstOfItsKind = ({ as }: Fault, index: number, all: readonly Fault[]): boolean =>
  all.findIndex((other) => other.as === as) === index;

function startedAfterwards(fault: Fault, standbyControl: Observed<StandbyControl>): Fault {
  const control = ifSeen(standbyControl)?.control;
  if (control === undefined || fault.remedy === undefined) return { ...fault, isFailedStart: true };
  return {
    ...fault,
    isFailedStart: true,
    remedy: isOfOpenFiles.test(fault.as ?? '')
      ? safe(
          'Let the container open more files.',
          ...(createdAgain(control, ulimit) ?? [...fault.remedy.steps, start('standby', control)]),
        )
      : { ...fault.remedy, steps: [...fault.remedy.steps, start('standby', control)] },
  };
}

const isOfOpenFiles = /^log\/(?:file-descriptors|out-of-fds|os-emfile)$/u;
/** A container has its limits from its engine, and no unit or shell gives it others. */
const ulimit = 'a higher limit of open files (--ulimit nofile=65536; in a compose file: "ulimits: {nofile: 65536}")';

function faultsOf(failure: Failure | undefined, what: string, severity: Severity, log: InLog): readonly Fault[] {
  if (failure === undefined) return [];
  const { summary, source } = log;
  const { recognition, record } = failure;
  if (recognition === undefined) return [unlisted(failure, what, severity, source)];
  if ((recognition.entry.matters < 3 && !isOfCopy(recognition)) || isNoFault.has(recognition.id)) return [];
  const [reason] = failure.reasons ?? [];
  const sighting = summary.sightings.find(({ last }) => last.position === failure.position);
  const once: Sighting = {
    recognition,
    record,
    first: failure,
    last: failure,
    count: 1,
    sinceStart: 1,
    inPlace: 1,
    inPlaceBefore: 0,
    healed: false,
    harmless: false,
  };
  const fault = faultOf(sighting ?? once, what, severity, log);
  return [reason === undefined ? fault : withReason(fault, reason, what, source)];
}

/** A message that only sums up gives way to what was said before it. */
function withReason(fault: Fault, { record, recognition }: Complaint, what: string, source: string): Fault {
  const words = oneLine({ ...record, severity: undefined });
  return {
    ...fault,
    title: `${what}: ${words}`,
    message: `The server stopped because of what it logged right before: "${words}".`,
    evidence: [evidence('its log says', inFull(record), source), ...fault.evidence],
    remedy: recognition === undefined ? readOn(source) : asWritten(recognition.entry.fix, recognition, source),
  };
}

/** The FATAL of an extension, or of a release that nobody knows yet. */
const unlisted = ({ record, time }: Failure, what: string, severity: Severity, source: string): Fault => ({
  as: 'log/unlisted',
  title: `${what}: ${oneLine(record)}`,
  severity,
  message: `The last message in its log that ended a process is unknown to standbylint: "${oneLine(record)}".`,
  where: { side: 'standby', file: source },
  evidence: [evidence(`its log says${time === undefined ? '' : `, at ${timeText(time)}`}`, inFull(record), source)],
  remedy: readOn(source),
});

/** Part of every stop, and of every promotion. */
const isNoFault: ReadonlySet<string> = new Set([
  'walreceiver-terminated-by-admin',
  'terminating-connection-admin',
  'cannot-continue-recovery-ended',
  'db-shutting-down',
]);

/** Since the server started, and since it last streamed; errors of its clients' statements are theirs. */
function warnings(log: InLog, anew: () => Remedy): readonly Fault[] {
  const { summary } = log;
  const since = Math.max(summary.start?.position ?? 0, summary.streaming?.position ?? 0);
  const up = summary.ready?.position ?? since;
  return (
    summary.sightings
      .filter(({ healed, harmless, recognition }) => isOfStorage(recognition) || (!healed && !harmless))
      .filter(({ record, recognition, last }) =>
        // data that was lost while it runs comes back by no connection
        isOfStorage(recognition)
          ? last.position > up
          : last.position > since &&
            (record.severity === 'WARNING' || (record.severity === 'PANIC' && recognition.entry.side === 'standby')),
      )
      // the ERROR that follows it names the page
      .filter(({ recognition: { id } }, _at, all) => !(id === 'page-verification-failed' && all.some(isOfPage)))
      .filter(({ recognition: { entry, id } }) => entry.matters >= 3 && !isNoFault.has(id) && isOfServer(entry.topic))
      .slice(0, mostWarnings)
      .map((sighting) => {
        const fault = faultOf(sighting, 'Its log warns', 'warning', log);
        // what is wrong with a page of this server alone, only other data repairs
        return isOfStorage(sighting.recognition) ? { ...fault, remedy: anew() } : fault;
      })
  );
}

/**
 * The server cannot read its own data: whichever session came upon it, the next one does too (md.c, bufmgr.c, slru.c; fd.c
 * says it of any file, a statement's among them). Before it is consistent a file that is read as zeros was truncated since
 * (slru.c); a LOG line, as replay goes on. What another message carries is the word of the primary about its own.
 */
function isOfStorage({ entry: { severity, file, matters, topic }, text, within }: Recognition): boolean {
  if (within !== undefined) return false;
  if (ownFile.test(text)) return true;
  if (matters < 4) return false;
  if (severity === 'LOG') return file.endsWith('/slru.c');
  return topic === 'corruption' && severity !== undefined && /\/(?:md|bufmgr|bufpage|slru)\.c$/u.test(file);
}

/**
 * What ended the start is wrong with the data of this copy, or with what steers its recovery: it is not fixed in place,
 * and nothing catches up. Where a subscription stood is the one exception, a file that a standby does without.
 */
function isOfCopy(recognition: Recognition | undefined): boolean {
  if (recognition === undefined || recognition.within !== undefined) return false;
  const { id, variantOf, side, topic, severity } = recognition.entry;
  if (side !== 'standby' || severity === 'LOG' || severity === 'WARNING') return false;
  const of = variantOf ?? id;
  return of === 'invalid-data-in-file' || (topic === 'corruption' && !of.startsWith('origin-checkpoint'));
}

const isOfPage = ({ recognition: { id } }: Sighting): boolean => id.startsWith('invalid-page-in-block');

const ownFile =
  /^could not open file "(?:base|global|pg_tblspc|pg_xact|pg_multixact)\/[^"]*"[^:]*: No such file or directory$/u;

const mostWarnings = 5;
/** Not what a client may say or see. */
const isOfServer = (topic: string): boolean =>
  !/^(?:auth-hba|role|conflict|sync-rep|backup-verify|client)$/u.test(topic);

/** Many places of the server say so, each in its own way. */
const fileGone = {
  meaning:
    'A session could not open a file of the data directory, because it does not exist: data of this standby is lost.',
  fix: 'Check the file system (dmesg), then take a new base backup of the primary. Do not promote this standby.',
};

function faultOf(sighting: Sighting, what: string, severity: Severity, { source, directory }: InLog): Fault {
  const { entry, text } = sighting.recognition;
  const { id } = entry;
  const { meaning, fix: written } = ownFile.test(text) ? fileGone : entry;
  const fix = fixOfMessage({ text: text.split('\n')[0] ?? text, fix: written }, directory?.path, directory?.owner.name);
  return {
    as: `log/${id}`,
    says: messageIn(sighting.recognition),
    title: `${what}: ${text.split('\n')[0] ?? text}`,
    severity,
    message: meaning === '' ? `This message is in its log; no check found more about it.` : meaning,
    where: { side: 'standby', file: source },
    ...(isOfStorage(sighting.recognition) ? { lasting: true } : {}),
    evidence: [sightingEvidence(sighting, source)],
    remedy: asWritten(fix, sighting.recognition, source),
  };
}

/** What the primary has refused is put right there. */
const asWritten = (fix: string, { entry, within }: Pick<Recognition, 'entry' | 'within'>, source: string): Remedy =>
  fix === ''
    ? readOn(source)
    : disruptive(
        'Fix the problem that the message reports.',
        manual(within !== undefined && entry.side === 'primary' ? 'primary' : 'standby', fix),
      );

const readOn = (source: string): Remedy =>
  safe('Read the lines before this message.', manual('standby', `Read the last lines of ${source}.`));
