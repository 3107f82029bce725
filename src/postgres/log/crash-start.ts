import { parseLsn } from '../lsn.ts';
import type { Lsn } from '../lsn.ts';
import type { MessageValues } from '../messages/message-format.ts';
import type { Moment } from './moment.ts';

/** A start in standby mode that took its data for that of a primary which had crashed. */
export interface CrashStart extends Moment {
  /** "redo starts at": the checkpoint that its control file named. */
  readonly redo: Lsn;
}

interface CrashStartWatch {
  /** A record of the log, by the id of its message. */
  readonly see: (id: string, values: MessageValues, moment: Moment) => void;
  /** The last of them; undefined where the data of a later start came from somewhere else. */
  readonly result: () => CrashStart | undefined;
}

/**
 * Watches a log for the first start on the files of a server that was running (xlogrecovery.c, InitWalRecovery): without
 * backup_label the state of pg_control says that it crashed. A standby that crashed says "interrupted while in recovery".
 */
export function crashStartWatch(): CrashStartWatch {
  let said = new Set<string>();
  let last: CrashStart | undefined;
  return {
    see(id, values, moment) {
      if (id === 'starting-server') said = new Set();
      else if (id === 'db-was-interrupted' || id === 'db-was-shut-down') last = undefined;
      if (ofIt.has(id)) said.add(id);
      if (id !== 'redo-starts' || said.size < ofIt.size) return;
      const redo = parseLsn(values['lsn'] ?? '');
      if (redo !== undefined) last = { time: moment.time, line: moment.line, position: moment.position, redo };
    },
    result: () => last,
  };
}

const ofIt: ReadonlySet<string> = new Set(['db-was-interrupted', 'entering-standby-mode', 'db-not-properly-shut-down']);
