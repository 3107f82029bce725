import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { Archive } from '../facts/standby-wal.ts';
import type { Evidence } from '../findings/report.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import type { RestoreWords } from '../postgres/log/restore-words.ts';
import { startFailureIn } from './start-failure.ts';
import { oneLine, timeText } from './sighting-evidence.ts';
import { evidence } from '../findings/judgement.ts';
import type { Moment } from '../postgres/log/moment.ts';

/** What the log says of a restore_command whose program exists: only running it tells what it does. */
export interface RestoreFailure {
  /**
   * stops-the-server: it ended with a status above 125, or by a signal; no-file: with 0, and made no file; complains: its
   * program says what is wrong, and the server takes it for a file that is not in the archive.
   */
  readonly kind: 'stops-the-server' | 'no-file' | 'complains';
  /** The server's own word for it: `command not found`. */
  readonly reason: string;
  /** The file that was asked for, where the message names it. */
  readonly file: string | undefined;
  readonly evidence: Evidence;
  readonly words?: RestoreWords;
}

/** The last word of the log about restore_command, where neither the program nor the setting was changed since. */
export function restoreFailureIn(
  serverLog: Observed<ServerLog>,
  { changedAt }: Pick<Archive, 'changedAt'>,
): RestoreFailure | undefined {
  const log = ifSeen(serverLog);
  if (log === undefined) return undefined;
  const source = log.files.at(-1)?.path ?? 'its log';
  const isOver = ({ time }: Moment): boolean =>
    time !== undefined && changedAt !== undefined && changedAt.getTime() > time.getTime();
  const said = (record: LogRecord, moment: Moment): Evidence =>
    evidence(
      `its log says${moment.time === undefined ? '' : `, at ${timeText(moment.time)}`}`,
      oneLine(record),
      source,
    );
  const failure = startFailureIn(log.summary);
  const [, file, reason] =
    /^could not restore file "([^"]*)" from archive: (.*)$/su.exec(failure?.record.message ?? '') ?? [];
  if (failure !== undefined && reason !== undefined && !isOver(failure))
    return { kind: 'stops-the-server', reason, file, evidence: said(failure.record, failure) };
  const words = log.summary.restoreWords;
  if (words !== undefined && !isOver(words.said)) {
    const times = words.times > 1 ? `, ${words.times} times` : '';
    const because = words.because === undefined ? '' : ` (${words.because})`;
    return {
      kind: 'complains',
      reason: words.error,
      file: undefined,
      evidence: evidence(`its log has, from ${words.program}${times}`, `ERROR: ${words.error}${because}`, source),
      words,
    };
  }
  const empty = log.summary.sightings.find(
    ({ record, sinceStart }) => sinceStart > 0 && noFile.test(record.detail ?? ''),
  );
  if (empty === undefined || isOver(empty.last)) return undefined;
  return { kind: 'no-file', reason: 'no file', file: undefined, evidence: said(empty.record, empty.last) };
}

/** xlogarchive.c, RestoreArchivedFile; 13 says nothing of it. */
const noFile = /restore_command"? returned a zero exit status, but stat\(\) failed/u;
