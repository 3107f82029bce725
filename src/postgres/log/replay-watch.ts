import { bytesBetween, parseLsn } from '../lsn.ts';
import type { Lsn } from '../lsn.ts';
import type { MessageValues } from '../messages/message-format.ts';

/** WAL that was replayed without a pause: so many bytes, or so many whole segments out of the archive. */
export interface ReplayedStretch {
  readonly amount: { readonly bytes: bigint } | { readonly segments: number };
  readonly seconds: number;
}

interface ReplayWatch {
  /** A record of the log, by the id of its message. */
  readonly see: (id: string, values: MessageValues, time: Date | undefined) => void;
  /** The WAL receiver could not begin: what is restored from here on may have been waited for. */
  readonly waits: () => void;
  /** The last stretch that was long enough to tell a rate. */
  readonly measured: () => ReplayedStretch | undefined;
}

/**
 * Watches a log for replay that waited for nobody (xlogrecovery.c): from "redo starts at" to "consistent recovery state
 * reached at", whose WAL was there; and the segments that were restored one after the other out of the archive, before
 * the WAL receiver took over. What a standby replays while it streams shows only how much its primary writes.
 */
export function replayWatch(): ReplayWatch {
  let redo: Point | undefined;
  let restored: { readonly first: Date; readonly last: Date; readonly segments: number } | undefined;
  let last: ReplayedStretch | undefined;

  const took = (amount: ReplayedStretch['amount'], from: Date, to: Date): void => {
    const seconds = (to.getTime() - from.getTime()) / 1_000;
    if (seconds >= shortest) last = { amount, seconds };
  };

  return {
    see(id, values, time) {
      switch (id) {
        case 'starting-server':
          redo = undefined;
          restored = undefined;
          break;
        case 'redo-starts':
          redo = pointOf(values, time);
          break;
        case 'consistent-recovery-state': {
          const reached = pointOf(values, time);
          if (redo !== undefined && reached !== undefined && reached.lsn > redo.lsn)
            took({ bytes: bytesBetween(redo.lsn, reached.lsn) }, redo.time, reached.time);
          redo = undefined;
          break;
        }
        case 'restored-log-file':
          if (time !== undefined && /^[0-9A-F]{24}$/u.test(values['file'] ?? ''))
            restored = { first: restored?.first ?? time, last: time, segments: (restored?.segments ?? 0) + 1 };
          break;
        case 'waiting-for-wal':
          restored = undefined;
          break;
        case 'started-streaming':
        case 'restarted-streaming':
          // the last one had only been fetched by then
          if (restored !== undefined && restored.segments > 1)
            took({ segments: restored.segments - 1 }, restored.first, restored.last);
          restored = undefined;
          break;
        default:
      }
    },
    waits() {
      restored = undefined;
    },
    measured: () => last,
  };
}

interface Point {
  readonly lsn: Lsn;
  readonly time: Date;
}

function pointOf(values: MessageValues, time: Date | undefined): Point | undefined {
  const lsn = parseLsn(values['lsn'] ?? '');
  return lsn === undefined || time === undefined ? undefined : { lsn, time };
}

/** Seconds: in less time a rate says little, and times in a log may be whole ones (log_line_prefix %t). */
const shortest = 3;
