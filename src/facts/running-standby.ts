import type { Lsn, TimelineId } from '../postgres/lsn.ts';
import type { ConfigFileProblem, Slot, WalSender } from './primary.ts';

/** The standby's server while it runs, asked over a session. */
export interface RunningStandby {
  readonly version: string;
  readonly inRecovery: boolean;
  readonly port: number;
  readonly startedAt: Date | undefined;
  /** When it read its configuration last: its start, or a reload. */
  readonly loadedAt?: Date | undefined;
  /** By the standby's own clock, when it answered. */
  readonly clock: Date;
  readonly login: { readonly user: string; readonly superuser: boolean };
  /** Complete statements that would show this login what it does not see; undefined where it sees all. */
  readonly grant: string | undefined;
  readonly receiver: WalReceiver | undefined;
  /** How the primary lists the receiver that runs; absent where this login does not see it. */
  readonly reportsAs?: string;
  /** The login may not see the receiver's columns. */
  readonly receiverHidden: boolean;
  readonly replay: Replay;
  /** Settings in force by name, as pg_settings shows them; what can hold a password is masked. */
  readonly settings: ReadonlyMap<string, RunningSetting>;
  /** Errors that pg_file_settings shows; undefined where this login may not see them. */
  readonly fileProblems: readonly ConfigFileProblem[] | undefined;
  /** pg_stat_database_conflicts, all databases together: queries that recovery has cancelled. */
  readonly conflicts:
    | {
        readonly tablespace: number;
        readonly lock: number;
        readonly snapshot: number;
        readonly bufferpin: number;
        readonly deadlock: number;
        /** 16 and later; 0 before. */
        readonly logicalSlot: number;
      }
    | undefined;
  /** Tablespaces that its catalog has, and pg_tblspc has nothing of: their oids. */
  readonly lostTablespaces?: readonly string[];
  readonly slots: readonly Slot[];
  readonly senders: readonly WalSender[];
  /**
   * The startup process: what it waits for (pg_stat_activity), as `Lock/relation`; empty when it waits for nothing,
   * undefined where that is not shown.
   */
  readonly startupWaits: string | undefined;
  /** The sessions with the oldest transactions, at most five: what recovery may have to wait for. */
  readonly sessions: readonly StandbySession[];
}

/** Processes of a server that lets no session in, as the system shows them. */
export interface StandbyProcesses {
  readonly receiver:
    | {
        readonly pid: number;
        /** Behind the WAL that it has flushed since it began; undefined before the first, and where titles are not updated. */
        readonly streamed: Lsn | undefined;
        readonly ageSeconds: number | undefined;
      }
    | undefined;
  readonly startup: {
    readonly pid: number;
    /** With the WAL file below. */
    readonly doing: 'recovering' | 'waiting for' | undefined;
    readonly file: string | undefined;
    readonly ageSeconds: number | undefined;
  };
}

export interface RunningSetting {
  readonly value: string;
  readonly pendingRestart: boolean;
  /** `configuration file`, `command line`, `default`, … */
  readonly source: string | undefined;
}

/** A session that reads on a standby, inside of a transaction. */
export interface StandbySession {
  readonly pid: number;
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly applicationName: string | undefined;
  /** `active`, `idle in transaction`, … */
  readonly state: string | undefined;
  /** How long its transaction has been open. */
  readonly seconds: number;
  /** The startup process waits for a lock that it holds. */
  readonly blocksReplay: boolean;
}

/** pg_stat_wal_receiver; `streaming` is proven, by a message of the primary and by a second look where it is young. */
export interface WalReceiver {
  readonly pid: number;
  readonly status: string;
  readonly writtenLsn: Lsn | undefined;
  readonly flushedLsn: Lsn | undefined;
  readonly timeline: TimelineId | undefined;
  /** The end of the primary's WAL as its last message said (walreceiver.c, ProcessWalSndrMessage). */
  readonly latestEndLsn: Lsn | undefined;
  /** Seconds since the primary's last message, by the standby's clock. */
  readonly secondsSinceMessage: number | undefined;
  readonly senderHost: string | undefined;
  readonly senderPort: number | undefined;
  readonly slotName: string | undefined;
}

export interface Replay {
  readonly receivedLsn: Lsn | undefined;
  readonly replayedLsn: Lsn | undefined;
  /** `not paused`, `pause requested`, `paused` (14+); before, the boolean in these words. */
  readonly pauseState: 'not paused' | 'pause requested' | 'paused' | undefined;
  readonly lastReplayedCommitAt: Date | undefined;
  /** Moved between two looks of this examination; undefined where only one was made. */
  readonly moves: boolean | undefined;
  /** The second look, made where the first one alone does not tell. */
  readonly again?: {
    readonly afterMs: number;
    readonly receivedLsn: Lsn | undefined;
    readonly replayedLsn: Lsn | undefined;
    readonly receiverStatus: string | undefined;
    /**
     * A receiver that said `streaming` and was ended between two looks (it comes and is refused each
     * wal_retrieve_retry_interval), or that waits for the primary's answer still. Its row is not `receiver`.
     */
    readonly fleeting?: 'ended' | 'unanswered';
  };
}

/** By its own clock. A moment that is not known is long ago. */
export const secondsAgo = (moment: Date | undefined, { clock }: RunningStandby): number =>
  moment === undefined ? Infinity : (clock.getTime() - moment.getTime()) / 1000;
