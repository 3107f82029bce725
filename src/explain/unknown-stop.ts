import type { LogRecord } from '../postgres/log/log-record.ts';
import type { Answer } from './answer.ts';
import type { Block } from './paste-blocks.ts';
import type { Seen } from './seen.ts';
import { seenOnce } from './sighting.ts';

/**
 * A message that ended the server's start or its replay, and is not known: better said than that a line before it, which
 * is known, were the reason.
 */
export function unknownStops(blocks: readonly Block[], known: ReadonlySet<LogRecord>, text: string): readonly Seen[] {
  if (!recovers.test(text)) return [];
  const serves = accepts.test(text);
  const ended = startEnds.exec(text);
  return (
    blocks
      .filter(({ record, claimed }) => claimed === undefined && !known.has(record))
      .filter(({ record }) => record.severity === 'PANIC' || ended !== null || !serves)
      // a session's FATAL does not end the start
      .filter(({ record: { pid } }) => pid === undefined || ended?.[1] === undefined || pid === Number(ended[1]))
      .filter(({ record }) => endsServer(record))
      .slice(-1)
      .map(({ record }) => ({
        recognition: undefined,
        answer: replays.test(record.context ?? '') ? ofReplay : ofStart,
        values: {},
        text: record.message,
        partial: true,
        others: [],
        record,
        program: undefined,
        form: 0,
        ...seenOnce(record),
      }))
  );
}

const endsServer = ({ severity, program, user }: LogRecord): boolean =>
  (severity === 'FATAL' || severity === 'PANIC') && program === undefined && user === undefined;

/** What only a server writes that starts, recovers, or ends because of it. */
const recovers =
  /\b(?:startup process \(PID \d+\)|aborting startup due to startup process failure|redo starts at|entering standby mode|restored log file "|(?:WAL|xlog) redo at |starting (?:archive|point-in-time) recovery|automatic recovery in progress|consistent recovery state reached)/u;

/** Then a FATAL may be a session's or the WAL receiver's, with which the server does not end. */
const accepts = /\b(?:consistent recovery state reached|ready to accept|started streaming WAL)/u;

const startEnds =
  /\bstartup process \(PID (\d+)\) (?:exited|was terminated)|aborting startup due to startup process failure/u;

/** The CONTEXT of a WAL record; before 10 it says xlog. */
const replays = /\b(?:WAL|xlog) redo\b/iu;

const todo =
  'A standby: keep the log, install the latest minor release, and make a new base backup. A primary: do not use pg_resetwal; fail over to a standby, or recover from a backup.';

const ofReplay: Answer = {
  id: 'unknown-end-of-replay',
  matters: 5,
  means:
    'The server ended with this message while it replayed the WAL record in CONTEXT. standbylint does not know the message. A record that cannot be replayed means that the data and the WAL do not fit each other.',
  causes: [
    {
      cause: 'The data directory is not a consistent copy, or a file in it is damaged.',
      on: 'standby',
      check: 'dmesg -T | grep -iE "i/o error|ext4|xfs" | tail; ls <data directory>/backup_label*',
    },
    { cause: 'A fault in this minor release that a later one has fixed.' },
  ],
  todo,
};

const ofStart: Answer = {
  id: 'unknown-end-of-start',
  matters: 5,
  means:
    'The server ended with this message. standbylint does not know it; the lines before it did not end the server.',
  causes: [
    {
      cause:
        'If it names a table, an index or a file of the data directory: that is damaged, or the data directory is not a consistent copy.',
      on: 'standby',
      check: 'dmesg -T | grep -iE "i/o error|ext4|xfs" | tail; ls <data directory>/backup_label*',
    },
    { cause: 'If it names a setting, an extension or a file of the configuration: it is wrong on this machine.' },
  ],
};
