import type { FileSystem } from '../hosts/host.ts';
import type { Lsn, SystemIdentifier, TimelineId, WalSegmentSize } from '../postgres/lsn.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import type { CheckpointBefore } from '../postgres/wal-back.ts';
import type { WrittenLines } from '../postgres/written-lines.ts';
import type { SegmentContent } from '../postgres/wal-segment.ts';

/** pg_wal of the standby. */
export interface LocalWal {
  readonly path: string;
  readonly state: 'directory' | 'missing' | 'dangling-link' | 'not-a-directory';
  /** The place that is not there, of a link. */
  readonly leadsTo?: string;
  /** Its owner may not make a directory at that place. */
  readonly byRoot?: true;
  readonly segmentSize: WalSegmentSize | undefined;
  readonly timelines: readonly LocalTimeline[];
  readonly histories: readonly {
    readonly timeline: TimelineId;
    readonly history: TimelineHistory | undefined;
    /** The file was read, and names no ancestor as a server reads it. */
    readonly damaged?: true;
  }[];
  /** Segments that wait for the archiver. */
  readonly ready: number;
  /** Of the segments, by their names: none is opened. */
  readonly bytes: bigint;
  readonly fileSystem: FileSystem | undefined;
  /** There are more files than were listed. */
  readonly more: boolean;
  /** From where recovery begins: files under a segment's name that hold no such segment. `timelines` is without them. */
  readonly spoiled: readonly SpoiledSegment[];
  /** What belongs there and lies beside it, in the data directory itself: segments, or a pg_wal.tar of pg_basebackup. */
  readonly beside?: { readonly segments: readonly string[]; readonly isPacked: boolean };
}

/** A file under a segment's name that recovery cannot read. */
export interface SpoiledSegment {
  readonly name: string;
  readonly start: Lsn;
  readonly timeline: TimelineId;
  readonly bytes: number;
  readonly content: Exclude<SegmentContent, 'whole' | 'made-in-advance'>;
}

/** Whose segments they are: the header of the first page of a segment has the system identifier. */
export interface ClusterOfSegments {
  readonly systemIdentifier: SystemIdentifier;
  /** The one that was written last. */
  readonly sample: string;
  readonly changedAt: Date;
  /** Every segment that was looked at is of another cluster. */
  readonly all: boolean;
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

/** The histories of both sides, from the files here and TIMELINE_HISTORY over the replication connection. */
export interface Timelines {
  readonly local: LocalHistory;
  readonly upstream: {
    readonly timeline: TimelineId;
    readonly history: TimelineHistory;
    /** Asked for after the local position was read, or not behind it. */
    readonly position: Lsn;
    /** It was asked for before that, and could not be asked for again: it may have come further since. */
    readonly isOld?: boolean;
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

/** Segments of an archive that restore_command cannot bring: it asks for another name, or does not unpack what it brings. */
export interface PackedSegments {
  /** `gzip`, `zstd`, …; undefined: they are not compressed. */
  readonly packing: string | undefined;
  /** The name of one of them in the directory. */
  readonly sample: string;
  readonly count: number;
  /** The restore_command that brings them; undefined where the directory's name would have to be quoted. */
  readonly unpacking: string | undefined;
  /** The program that this needs and this host does not have: `zstd`. */
  readonly lacks: string | undefined;
}

/** What pgBackRest's archive-get reads from. */
export interface PgBackRestArchive {
  /** The file that it reads its options from. */
  readonly configuration: string;
  readonly stanza: string | undefined;
  /** The stanzas that the file has a section for. */
  readonly stanzas: readonly string[];
  /** pg1-path, and where it stands in the file. */
  readonly dataDirectory?: string;
  readonly dataDirectoryLine?: number;
  /** Where the server's user may change the file; the other lines are masked. */
  readonly written?: WrittenLines;
  /** Undefined: it is on another host, in an object store, or one of several. */
  readonly repository?: string;
  /** `closed`: the server's user may not read `closed`. */
  readonly state: 'elsewhere' | 'missing' | 'closed' | 'without-stanza' | 'there';
  readonly closed?: string;
  /** By its configuration. */
  readonly encrypted: boolean;
  /** By the first bytes of archive.info, where that can be read. */
  readonly isCipherText?: boolean;
}

/** What restore_command can bring, as far as can be told without running it. */
export interface Archive {
  /** As it stands in the settings, with what looks like a password or a key masked. */
  readonly command: string;
  /** The program that it begins with, found or not. */
  readonly program: { readonly name: string; readonly found: boolean; readonly executable: boolean };
  /** The shell does not run it at all, and why. */
  readonly malformed?: 'unclosed' | 'syntax' | undefined;
  /** It uses %p and not %f: it cannot know which file is asked for. */
  readonly namesNoFile?: true;
  /** A plain copy that uses %f and not %p: it has no place to copy to. */
  readonly namesNoTarget?: true;
  /** When the program, or the file that sets it, was changed last. */
  readonly changedAt?: Date | undefined;
  /** The directory that a plain copy command (cp, gunzip -c, …) reads from; undefined when it cannot be told. */
  readonly directory: string | undefined;
  /** The directory could be listed; with `more`, it holds more files than were listed. */
  readonly listed: boolean;
  /** Why the server's user cannot read it: `path`, the directory or one above it, does not exist, or the directory or its newest segment is closed. */
  readonly unreachable?: { readonly why: 'missing' | 'closed'; readonly path: string } | undefined;
  readonly more: boolean;
  /** What lies there, timeline by timeline. */
  readonly segments: readonly LocalTimeline[];
  /** Segments of another cluster lie there; where they are all that lies there, `segments` and `histories` are empty. */
  readonly otherCluster?: ClusterOfSegments | undefined;
  /** Files of a plain copy's directory that hold no such segment. `segments` is without them. */
  readonly spoiled?: readonly SpoiledSegment[];
  readonly pgBackRest?: PgBackRestArchive | undefined;
  /** `segments` is with them. */
  readonly packed?: PackedSegments | undefined;
  readonly histories: readonly { readonly timeline: TimelineId; readonly history: TimelineHistory | undefined }[];
}
