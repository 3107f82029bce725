import type { Recognition } from '../messages/recognition.ts';
import type { LogRecord } from './log-record.ts';
import type { Moment } from './moment.ts';

/** The last complaint of the program that restore_command runs, while nothing shows that it is over. */
export interface RestoreWords {
  readonly program: string;
  /** `[103]: unable to find a valid repository`. */
  readonly error: string;
  /** What its warning before says went wrong: `unable to open missing file '…' for read`. */
  readonly because: string | undefined;
  /** Of the log's last line with a time before it: such a program writes none. */
  readonly said: Moment;
  readonly times: number;
}

interface RestoreWordsWatch {
  readonly see: (
    record: LogRecord,
    recognition: Recognition | undefined,
    position: number,
    lastTime: Date | undefined,
  ) => void;
  readonly result: (lastTime: Date | undefined) => RestoreWords | undefined;
}

/**
 * Watches for what pgBackRest or Barman says. A server that does not stream asks the archive every few seconds
 * (wal_retrieve_retry_interval), so a complaint that was not repeated is over; so is one before a file that was restored, and
 * before a stream. What the archiver's command says comes right before the server's own word about it.
 */
export function restoreWordsWatch(): RestoreWordsWatch {
  let last: RestoreWords | undefined;
  let before: RestoreWords | undefined;
  /** What a stream seemed to end. */
  let beforeStream: RestoreWords | undefined;
  let warning: string | undefined;

  return {
    see(record, recognition, position, lastTime) {
      if (record.program === 'pgbackrest' || record.program === 'barman') {
        if (record.severity === 'WARNING') {
          warning = innermost(record.message);
          return;
        }
        const [error = ''] = record.message.split('\n');
        before = last;
        const times = last?.error === error ? last.times + 1 : 1;
        const said = { time: lastTime, line: record.line, position };
        last = { program: record.program, error, because: warning, said, times };
        warning = undefined;
        return;
      }
      if (/^could not (?:receive data from WAL stream|start WAL streaming)/u.test(record.message)) {
        // it asked for what the primary no longer has: the archive is asked again
        last ??= beforeStream;
        return;
      }
      switch (recognition?.entry.variantOf ?? recognition?.id ?? '') {
        case 'archive-command-failed':
          if (last?.said.position === position - 1) last = before;
          break;
        case 'starting-server':
        case 'restored-log-file':
          last = undefined;
          beforeStream = undefined;
          break;
        case 'started-streaming':
        case 'restarted-streaming':
          beforeStream = last ?? beforeStream;
          last = undefined;
          break;
        default:
      }
    },
    result: (lastTime) => (isOver(last, lastTime) ? undefined : last),
  };
}

const isOver = (words: RestoreWords | undefined, lastTime: Date | undefined): boolean =>
  words?.said.time !== undefined && lastTime !== undefined && lastTime.getTime() - words.said.time.getTime() > patience;

const patience = 60_000;

/** pgBackRest puts each error of a chain on a line of its own: `FileOpenError: unable to open …`. */
function innermost(message: string): string | undefined {
  const [first] = message.split('\n').flatMap((line) => /^\s+\w+Error: (.*)$/u.exec(line)?.[1] ?? []);
  return first ?? /^repo\d+: \[\w+\] (.*)$/u.exec(message.split('\n')[0] ?? '')?.[1];
}
