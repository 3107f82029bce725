import type { FileSystem } from '../hosts/host.ts';
import type { BackupLabel } from '../postgres/backup-label.ts';
import type { Configuration } from '../postgres/configuration.ts';
import type { ControlFile, ControlFileFault } from '../postgres/control-file.ts';
import type { Lsn, SystemIdentifier, TimelineId, WalSegmentSize } from '../postgres/lsn.ts';
import type { Misreading } from '../postgres/password-as-written.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import type { CheckpointBefore } from '../postgres/wal-back.ts';
import type { SegmentContent } from '../postgres/wal-segment.ts';
import type { Written, WrittenLines } from '../postgres/written-lines.ts';
import type { FoundPostmaster, Place } from './machine.ts';
import type { ConfigFileProblem, ServerControl, Slot, WalSender } from './primary.ts';

/** The data directory of a standby that exists, read without any server program. */
export interface DataDirectory {
  /** As it was given to -D. */
  readonly given: string;
  /** Absolute, links resolved. */
  readonly path: string;
  readonly owner: { readonly uid: number; readonly gid: number; readonly name: string };
  readonly mode: number;
  readonly fileSystem: FileSystem | undefined;
  /** PG_VERSION as it stands there, trimmed; undefined: the file is not there. */
  readonly versionText: string | undefined;
  /** The major release that it names; undefined where it makes no sense. */
  readonly major: number | undefined;
  readonly signals: SignalFiles;
  readonly backupLabel: { readonly text: string; readonly label: BackupLabel | undefined } | undefined;
  readonly backupLabelOld: { readonly text: string; readonly label: BackupLabel | undefined } | undefined;
  /** backup_manifest: `temporary` is what pg_basebackup renames last, so the copy did not finish. */
  readonly manifest: 'there' | 'temporary' | 'absent';
  readonly tablespaces: readonly TablespaceLink[];
  /** Directories without which no server starts and that are not there, by name: `base`, `global`, `pg_xact`. */
  readonly missingDirectories: readonly string[];
  /** Entries of the data directory that pg_basebackup never copies and a server makes: postmaster.opts, pg_replslot/… */
  readonly neverInABackup: readonly string[];
  /** What postmaster.opts keeps of the last start; undefined: the file is not there or makes no sense. */
  readonly lastStart: LastStart | undefined;
  /** Entries that the server needs and that belong to another user than the directory. */
  readonly ofOthers: readonly { readonly path: string; readonly owner: string; readonly uid: number }[];
  /** The data directory that postmaster.pid names, where it is another one than this. */
  readonly lockFileOf: string | undefined;
  readonly postmaster: FoundPostmaster | undefined;
  /** postmaster.pid is there and cannot be read as one. */
  readonly pidFileUnreadable: string | undefined;
}

/** The last start of a server, as postmaster.opts keeps it. */
export interface LastStart {
  readonly program: string;
  /** -D; undefined where the environment named it. */
  readonly directory: string | undefined;
  /** The other arguments. */
  readonly options: readonly string[];
  /** It was a start on this very directory; undefined where that cannot be told. A raw copy brings another one's file. */
  readonly here: boolean | undefined;
  readonly at: Date | undefined;
}

/** Whether anything of a cluster is there; false for a directory that something else lies in, or nothing. */
export const isDataDirectory = ({ versionText, missingDirectories }: DataDirectory): boolean =>
  versionText !== undefined || !missingDirectories.includes('global') || !missingDirectories.includes('base');

export interface SignalFiles {
  readonly standby: boolean;
  readonly recovery: boolean;
  /** Of the two names those that are links which lead nowhere: a server takes them for not there. */
  readonly deadLinks?: readonly string[];
  /** Names that look like one and are none: `standby.signal.txt`. */
  readonly misnamed: readonly { readonly name: string; readonly meant: 'standby.signal' | 'recovery.signal' }[];
  /** recovery.conf of a release before 12, and its settings. */
  readonly recoveryConf:
    | {
        readonly path: string;
        /** Secrets in the values are masked. */
        readonly settings: readonly { readonly name: string; readonly value: string; readonly line: number }[];
        readonly written?: WrittenLines;
      }
    | undefined;
}

export interface TablespaceLink {
  readonly oid: number;
  readonly link: string;
  /** Where it leads; undefined when it is no link. */
  readonly target: string | undefined;
  readonly state: 'directory' | 'missing' | 'not-a-directory' | 'not-a-link' | 'unreadable';
  /** Nothing lies in it; undefined where that could not be seen. */
  readonly empty: boolean | undefined;
  /** It cannot be renamed; absent where it is no directory. */
  readonly isMountPoint?: boolean;
  /** Where it lies; absent where it is no directory. */
  readonly fileSystem?: FileSystem | undefined;
  /** tablespace_map names it, and the server will make the link when it first starts on the backup. */
  readonly fromMap: boolean;
}

/** The base backup that the data directory was made by: what it copied, and how long that took. */
export interface LastCopy {
  /** Of all files that backup_manifest lists: the data, without WAL. */
  readonly bytes: bigint;
  /** From the first file that was written (the label) to the last (the manifest). */
  readonly seconds: number;
}

/** What the standby's directories hold now, on their disks. */
export interface LocalSize {
  /** Without pg_wal and without tablespaces of their own. */
  readonly dataBytes: bigint;
  readonly tablespaces: readonly { readonly oid: number; readonly bytes: bigint | undefined }[];
}

/** global/pg_control, read twice before a checksum that differs is believed. */
export type ControlFileRead =
  | { readonly ok: true; readonly value: ControlFile }
  | { readonly ok: false; readonly absent: true }
  | { readonly ok: false; readonly absent: false; readonly fault: ControlFileFault };

/** pg_wal of the standby. */
export interface LocalWal {
  readonly path: string;
  readonly state: 'directory' | 'missing' | 'dangling-link' | 'not-a-directory';
  /** The place that is not there, of a link. */
  readonly leadsTo?: string;
  readonly segmentSize: WalSegmentSize | undefined;
  readonly timelines: readonly LocalTimeline[];
  readonly histories: readonly { readonly timeline: TimelineId; readonly history: TimelineHistory | undefined }[];
  /** Segments that wait for the archiver. */
  readonly ready: number;
  /** Of the segments, by their names: none is opened. */
  readonly bytes: bigint;
  readonly fileSystem: FileSystem | undefined;
  /** There are more files than were listed. */
  readonly more: boolean;
  /** From where recovery begins: files under a segment's name that hold no such segment. `timelines` is without them. */
  readonly spoiled: readonly SpoiledSegment[];
}

/** A file under a segment's name that recovery cannot read. */
export interface SpoiledSegment {
  readonly name: string;
  readonly start: Lsn;
  readonly timeline: TimelineId;
  readonly bytes: number;
  readonly content: Exclude<SegmentContent, 'whole' | 'made-in-advance'>;
}

/** What lies in pg_wal of one timeline: names of preallocated segments come after the one that is written. */
export interface LocalTimeline {
  readonly timeline: TimelineId;
  readonly first: Lsn;
  /** Behind the last segment without a gap from `first`. */
  readonly end: Lsn;
  /** Behind the last segment of all; `end` where it is left out. */
  readonly last?: Lsn;
  readonly gaps: readonly { readonly from: Lsn; readonly to: Lsn }[];
}

/** The settings as the standby's server would resolve them, and where each stands. Secrets in them are masked. */
export interface StandbyConfiguration {
  readonly configFile: string;
  readonly files: Configuration;
  /** Of the files that were read, by path: secrets are masked. */
  readonly written?: Written;
  /** Where the configuration lies outside of the data directory (Debian: /etc/postgresql/N/NAME). */
  readonly outside: boolean;
  /**
   * The files within the data directory that are this standby's own and not the primary's: its configuration with all that
   * it includes, and its TLS files. A new copy, and pg_rewind, put the primary's in their place. Relative paths.
   */
  readonly ownFiles: readonly string[];
  /** A standby's settings in files that its server does not read. */
  readonly strays: readonly StraySetting[];
}

/** A setting that has no effect where it was written; secrets in the value are masked. */
export interface StraySetting {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** What -D leads to. */
export interface NamedPlace extends Place {
  /** The postgresql.conf whose data_directory it is, where -D names the directory of that file. */
  readonly configFile?: string;
}

/** primary_conninfo, parsed; the password in it is masked everywhere. */
export interface StandbyConninfo {
  /** Masked. Undefined: the setting is absent or empty. */
  readonly text: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly problem:
    | {
        readonly kind: string;
        readonly message: string;
        /** A parameter that newer releases of libpq do know: from this major on. */
        readonly knownSince: number | undefined;
        /** The word that is meant, where it can be shown. */
        readonly name: string | undefined;
        readonly suggestion: string | undefined;
      }
    | undefined;
  /** What libpq makes no connection with: of primary_conninfo, of the environment of the server, or of a service file. */
  readonly refused?: RefusedParameter | undefined;
  /** Values that begin with a quotation mark that libpq takes for a letter: a typographic one, or a double one. */
  readonly foreignQuotes: readonly { readonly keyword: string; readonly quote: string }[];
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string | undefined;
  /** application_name as it stands in primary_conninfo. */
  readonly applicationName: string | undefined;
  /** How the primary lists this standby: application_name (PGAPPNAME), else cluster_name, else `walreceiver`, as a server keeps a name. */
  readonly reportsAs: string;
  /** What the primary compares with synchronous_standby_names; as `reportsAs` where it is absent, which shows 63 bytes of it. */
  readonly comparedAs?: string;
  readonly hasPassword: boolean;
  /** The password is probably not the one that was meant. */
  readonly passwordMisread?: Misreading | undefined;
  readonly passfile: string | undefined;
  readonly targetSessionAttrs: string | undefined;
  /** When the file that it stands in was changed last. */
  readonly writtenAt?: Date | undefined;
  /** Other assignments of primary_conninfo that this one beats: masked. */
  readonly overridden: readonly { readonly text: string; readonly file: string; readonly line: number }[];
  /** The files that it stands in, by path: secrets are masked. */
  readonly written?: Written;
}

/** A connection parameter with a value that libpq does not accept. */
export interface RefusedParameter {
  readonly keyword: string;
  /** Masked. Undefined: it is not set. */
  readonly value: string | undefined;
  /** One sentence: what it is, and what libpq accepts. */
  readonly message: string;
  /** What was probably meant; undefined where a person has to choose. */
  readonly instead: string | undefined;
  /** The words that libpq accepts, where it accepts only some. */
  readonly accepted: readonly string[] | undefined;
  /** The parameter beside which it is not accepted. */
  readonly beside: string | undefined;
  /** The newest libpq accepts it: packages of one distribution share one, which can be newer than the server. */
  readonly newerAccepts: boolean;
  /** It comes from the environment of the server. */
  readonly variable: string | undefined;
  /** It comes from a service file. Where neither is given it is in primary_conninfo itself. */
  readonly service: { readonly file: string; readonly line: number } | undefined;
}

/** The user that the standby's server runs as (the owner of the data directory), and the home whose password file counts. */
export interface StandbyServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string | undefined;
  /** We are that user, or root: what only that user may read can be read. */
  readonly canActAs: boolean;
  /** Its container starts it as this user, whoever owns the data directory. */
  readonly given?: true;
}

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

/** The histories of both sides, from the files here and TIMELINE_HISTORY over the replication connection. */
export interface Timelines {
  readonly local: LocalHistory;
  readonly upstream: {
    readonly timeline: TimelineId;
    readonly history: TimelineHistory;
    /** Asked for after the local position was read. */
    readonly position: Lsn;
    /** The history file of its timeline was not to be had: what is known is that timeline alone. */
    readonly historyMissing: boolean;
  };
  readonly upstreamInRecovery: boolean | undefined;
  readonly sameSystem: boolean;
  readonly upstreamIdentifier: SystemIdentifier;
}

export interface LocalHistory {
  readonly timeline: TimelineId;
  readonly history: TimelineHistory;
  /** Behind the last whole record of its WAL; where the WAL cannot be read, what pg_control knows to have been reached. */
  readonly position: Lsn;
  readonly positionFrom: 'the WAL files' | 'pg_control';
  /** Past the point where the histories part: whether pg_wal goes back to the checkpoint before it, as pg_rewind needs. */
  readonly checkpointBeforeFork?: CheckpointBefore;
  /** The record of pg_control's checkpoint, and what stands there now in either WAL. */
  readonly checkpoint: {
    readonly location: Lsn;
    /** The local WAL has that very checkpoint there; undefined where its segment is not there or cannot be read. */
    readonly inLocalWal: boolean | undefined;
    /** The primary's WAL has the same record there (a superuser's --admin shows it); undefined where that was not seen. */
    readonly inUpstreamWal: boolean | undefined;
  };
}

/** Which WAL the primary still has. */
export interface PrimaryWal {
  readonly position: Lsn;
  readonly segmentSize: WalSegmentSize;
  /** The oldest segment in its pg_wal (pg_ls_waldir, pg_monitor); undefined where that is not shown. */
  readonly oldest: Lsn | undefined;
  /** wal_keep_size: so much behind its position is there in any case; undefined where it is not shown. */
  readonly keepBytes: bigint | undefined;
  /** What would show the oldest segment, where it is not shown. */
  readonly remedy: string | undefined;
  /** What it has where the standby's last checkpoint begins, in hexadecimal, by timeline; only a superuser may see it. */
  readonly atCheckpoint?: { readonly position: Lsn; readonly byTimeline: ReadonlyMap<TimelineId, string> } | undefined;
}

/** What restore_command can bring, as far as can be told without running it. */
export interface Archive {
  /** As it stands in the settings, with what looks like a password or a key masked. */
  readonly command: string;
  /** The program that it begins with, found or not. */
  readonly program: { readonly name: string; readonly found: boolean; readonly executable: boolean };
  /** When the program, or the file that sets it, was changed last. */
  readonly changedAt?: Date | undefined;
  /** The directory that a plain copy command (cp, gunzip -c, …) reads from; undefined when it cannot be told. */
  readonly directory: string | undefined;
  /** The directory could be listed; with `more`, it holds more files than were listed. */
  readonly listed: boolean;
  readonly more: boolean;
  /** What lies there, timeline by timeline. */
  readonly segments: readonly LocalTimeline[];
  /** Files of a plain copy's directory that hold no such segment. `segments` is without them. */
  readonly spoiled?: readonly SpoiledSegment[];
  readonly histories: readonly { readonly timeline: TimelineId; readonly history: TimelineHistory | undefined }[];
}

/** How the standby's own server is started, stopped and reloaded. */
export interface StandbyControl {
  readonly control: ServerControl;
  readonly running: boolean;
}
