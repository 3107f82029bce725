import type { Recognition } from '../messages/recognition.ts';
import { isOfReceiver, isOfStart, isOrdinaryEnd } from './log-course.ts';
import type { LogRecord } from './log-record.ts';
import { shortened } from './shortened-record.ts';
import { watchUnrecognised } from './unrecognised-records.ts';
import type { UnrecognisedRecords } from './unrecognised-records.ts';
import { brokenStreamsWatch } from './broken-streams.ts';
import type { BrokenStream } from './broken-streams.ts';
import { complaintsWatch } from './complaints.ts';
import type { Complaint } from './complaints.ts';
import { crashStartWatch } from './crash-start.ts';
import type { CrashStart } from './crash-start.ts';
import { replayWatch } from './replay-watch.ts';
import type { ReplayedStretch } from './replay-watch.ts';
import { restoreWordsWatch } from './restore-words.ts';
import type { RestoreWords } from './restore-words.ts';
import type { Moment } from './moment.ts';
import { sightingsWatch } from './sightings.ts';
import type { IsHealed, Sighting } from './sightings.ts';

export interface LogSummary {
  /** The records that were added. */
  readonly records: number;
  readonly firstTime: Date | undefined;
  readonly lastTime: Date | undefined;
  /** By their last occurrence, the latest first. */
  readonly sightings: readonly Sighting[];
  /** The last "starting PostgreSQL N…". */
  readonly start: (Moment & { readonly version: string; readonly major: number }) | undefined;
  /** "entering standby mode", when it came after the last start: without it standby.signal was not there. */
  readonly standbyMode: Moment | undefined;
  /** The last "started streaming WAL from primary" (or "restarted"). */
  readonly streaming:
    | (Moment & {
        readonly lsn: string;
        readonly timeline: string;
        /** Nothing of the WAL receiver failed after it. */
        readonly goesOn: boolean;
      })
    | undefined;
  /** The last "database system is ready to accept … connections" after the last start. */
  readonly ready: (Moment & { readonly readOnly: boolean }) | undefined;
  /** The last sign of a promotion. */
  readonly promoted: Moment | undefined;
  /** The last "database system is shut down", when no start came after it. */
  readonly shutDown: Moment | undefined;
  /** The FATAL or PANIC that kept the server from starting, or ended its recovery, with no "ready" after it. */
  readonly startFailure: Failure | undefined;
  /** The last failure of the WAL receiver, when it did not stream afterwards. */
  readonly receiverFailure: Failure | undefined;
  /** The latest streams that began and then failed. */
  readonly brokenStreams: readonly BrokenStream[];
  /** Its data was that of a running primary when a standby was first started on it, and nothing said where a backup began. */
  readonly crashStart: CrashStart | undefined;
  /** The last measured stretch of replay, of those that waited for nobody: from what was at hand when a server started. */
  readonly replayed: ReplayedStretch | undefined;
  /** What the program of restore_command complains about. */
  readonly restoreWords?: RestoreWords | undefined;
  /** Some of it is in another language than English: that a message is absent may mean that it is not known in this one. */
  readonly translated: boolean;
  /** What could not be told of it, where it is in another language. */
  readonly unrecognised: UnrecognisedRecords | undefined;
}

export interface Failure extends Moment {
  readonly record: LogRecord;
  /** Undefined: a message that the catalogue does not have. */
  readonly recognition: Recognition | undefined;
  /** What the same process complained of right before, of a message that only sums it up. */
  readonly reasons?: readonly Complaint[];
}

export interface LogSummaryBuilder {
  /** Records in the log's order. Unrecognised ones may be left out, but FATAL and PANIC among them are of use. */
  readonly add: (record: LogRecord, recognition: Recognition | undefined) => void;
  /** @param now Of the machine that wrote the log; a stream that has lasted until then is none that fails at once. */
  readonly result: (now?: Date) => LogSummary;
}

/**
 * Folds a log: what was seen, how often, from when until when, and what came after it, as one line is no verdict: the last
 * state counts. Memory is bounded however long and varied the log is.
 */
export function logSummary(): LogSummaryBuilder {
  const sightings = sightingsWatch();
  let position = 0;
  let firstTime: Date | undefined;
  let lastTime: Date | undefined;
  let start: LogSummary['start'];
  let standbyMode: Moment | undefined;
  let streaming: (Moment & { readonly lsn: string; readonly timeline: string }) | undefined;
  let ready: LogSummary['ready'];
  let promoted: Moment | undefined;
  let shutDown: Moment | undefined;
  let startFailure: Failure | undefined;
  /** The last FATAL of each of the latest processes: which of them was the startup process, its end tells. */
  const lastOfProcess = new Map<number, Failure>();
  /** It accepts connections: what ends now is a session, unless its end says otherwise. */
  let up = false;
  let receiverFailure: Failure | undefined;
  /** The process that streamed last: whatever ends it ends the stream, also what any process may say. */
  let receiver: number | undefined;
  /** The stream before the last one ended soon after it began: the receiver tries again and again. */
  let shortLived = false;
  const broken = brokenStreamsWatch();
  const replay = replayWatch();
  const crash = crashStartWatch();
  const restoreWords = restoreWordsWatch();
  let translated = false;
  const unrecognised = watchUnrecognised();
  const complaints = complaintsWatch();

  function add(record: LogRecord, recognition: Recognition | undefined): void {
    position += 1;
    if (!record.english || recognition?.by === 'place') translated = true;
    firstTime ??= record.time;
    lastTime = record.time ?? lastTime;
    const moment: Moment = { time: record.time, line: record.line, position };
    restoreWords.see(record, recognition, position, lastTime);
    const fatal = record.severity === 'FATAL' || record.severity === 'PANIC';
    if (recognition !== undefined) {
      follow(recognition, moment, record);
      sightings.see(recognition, record, moment, ofReceiver(record, recognition));
    }
    unrecognised.see(record, recognition);
    if (!fatal) complaints.see(record, recognition);
    if (!fatal || record.program !== undefined) return;
    const failure = { ...moment, record, recognition, reasons: complaints.before(recognition) };
    if (ofReceiver(record, recognition)) {
      replay.waits();
      if (isOrdinaryEnd(record, recognition)) {
        broken.ends();
        return;
      }
      if (streaming !== undefined && (receiverFailure?.position ?? 0) < streaming.position)
        shortLived = isSoon(streaming, moment);
      broken.fails(moment, shortened(record), recognition);
      receiverFailure = failure;
    } else if (isOfStart(record, recognition)) {
      if (!up || record.severity === 'PANIC') startFailure = failure;
      if (record.pid !== undefined) remember(record.pid, failure);
    }
  }

  const ofReceiver = (record: LogRecord, recognition: Recognition | undefined): boolean =>
    isOfReceiver(record, recognition) ||
    (recognition !== undefined && record.pid !== undefined && record.pid === receiver);

  function remember(pid: number, failure: Failure): void {
    lastOfProcess.delete(pid);
    lastOfProcess.set(pid, failure);
    const [oldest] = lastOfProcess.keys();
    if (lastOfProcess.size > mostProcesses && oldest !== undefined) lastOfProcess.delete(oldest);
  }

  function follow(recognition: Recognition, moment: Moment, record: LogRecord): void {
    const { id, values, entry } = recognition;
    replay.see(entry.variantOf ?? id, values, moment.time);
    crash.see(entry.variantOf ?? id, values, moment);
    switch (entry.variantOf ?? id) {
      case 'starting-server': {
        const version = values['version'] ?? '';
        sightings.begins();
        start = { ...moment, version: /^\S*/u.exec(version)?.[0] ?? '', major: Number.parseInt(version, 10) };
        standbyMode = undefined;
        ready = undefined;
        shutDown = undefined;
        up = false;
        receiver = undefined;
        broken.ends();
        unrecognised.begins();
        break;
      }
      case 'entering-standby-mode':
        standbyMode = moment;
        break;
      case 'started-streaming':
      case 'restarted-streaming':
        streaming = { ...moment, lsn: values['lsn'] ?? '', timeline: values['timeline'] ?? '' };
        receiver = record.pid;
        broken.begins(moment);
        unrecognised.begins();
        break;
      case 'ready-accept-connections':
        ready = { ...moment, readOnly: false };
        up = true;
        startFailure = undefined;
        break;
      case 'ready-read-only':
        ready = { ...moment, readOnly: true };
        up = true;
        startFailure = undefined;
        break;
      case 'received-promote-request':
      case 'promote-trigger-file':
      case 'selected-new-timeline':
        promoted = moment;
        break;
      case 'db-is-shut-down':
        shutDown = moment;
        up = false;
        break;
      case 'server-process-exit-code':
      case 'server-process-signal':
      case 'server-process-exception':
        if (values['process'] === 'startup process') {
          // a process that was killed, or that crashed, said nothing before: this is its last word
          const killed = { ...moment, record, recognition };
          const before = id === 'server-process-exit-code' ? startFailure : undefined;
          startFailure = lastOfProcess.get(Number(values['pid'])) ?? before ?? killed;
          up = false;
        }
        break;
      default:
    }
  }

  function result(now?: Date): LogSummary {
    const failsAfter = receiverFailure !== undefined && receiverFailure.position > (streaming?.position ?? 0);
    const until = now ?? lastTime;
    // between two attempts the last line may well be that it streams
    const stable =
      streaming !== undefined && !failsAfter && (!shortLived || !isSoon(streaming, { ...streaming, time: until }));
    const isHealed: IsHealed = (record, recognition, last, isOfTheReceiver) => {
      if (isOfTheReceiver)
        return (
          stable && streaming !== undefined && last.position < streaming.position && followsTo(recognition, streaming)
        );
      return isOfStart(record, recognition) && ready !== undefined && last.position < ready.position;
    };
    return {
      records: position,
      firstTime,
      lastTime,
      sightings: sightings.result(isHealed),
      start,
      standbyMode,
      streaming: streaming === undefined ? undefined : { ...streaming, goesOn: stable },
      ready,
      promoted,
      shutDown,
      startFailure,
      receiverFailure: stable ? undefined : receiverFailure,
      brokenStreams: broken.result(),
      crashStart: crash.result(),
      replayed: replay.measured(),
      restoreWords: restoreWords.result(lastTime),
      translated,
      unrecognised: unrecognised.result(translated),
    };
  }

  return { add, result };
}

const mostProcesses = 64;

/** wal_retrieve_retry_interval is 5 s by default. */
const soon = 10_000;

const isSoon = (from: Moment, to: Moment): boolean =>
  from.time === undefined || to.time === undefined
    ? to.position - from.position < 8
    : to.time.getTime() - from.time.getTime() < soon;

/** To stream on an older timeline than the one that it cannot follow is no way out. */
const followsTo = (recognition: Recognition | undefined, { timeline }: { readonly timeline: string }): boolean =>
  Number(/^new timeline (\d+) /u.exec(recognition?.text ?? '')?.[1] ?? 0) <= Number(timeline);
