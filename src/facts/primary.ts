import type { ContainerEnded, ContainerMade } from '../hosts/engine-containers.ts';
import type { HbaLine } from '../postgres/hba-line.ts';
import type { UserMapLine } from '../postgres/user-map.ts';
import type { Lsn, SystemIdentifier, TimelineId } from '../postgres/lsn.ts';
import type { Written, WrittenLines } from '../postgres/written-lines.ts';

/** Who the primary is, from the login of --admin or from the replication login. */
export interface Primary {
  /** Only --admin has reached it: it may be another server of the cluster than the one that the standby streams from. */
  readonly overAdmin?: true;
  /** How it is named on the screen and in prompts: the host, or `primary` where it is this machine. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly version: string;
  readonly major: number;
  readonly inRecovery: boolean | undefined;
  readonly systemIdentifier: SystemIdentifier;
  readonly timeline: TimelineId;
  readonly walPosition: Lsn | undefined;
  /** It was reached over a socket, or at an address of this machine: a tunnel may lead from there to another one. */
  readonly ownAddress: boolean;
  /** Its postmaster, where it is proven to run on this machine. */
  readonly postmaster: number | undefined;
  /** It is proven to run on this machine, with its files and its network: not in a container or another namespace. */
  readonly sameMachine: boolean;
  /** When it read its configuration last, by its own clock; absent where only the login was seen. */
  readonly loadedAt?: Date | undefined;
  /** The file of its TLS certificate was changed after that; absent where it was not seen. */
  readonly certificateChanged?: boolean | undefined;
  /** full_page_writes as the last checkpoint (on a standby: restartpoint) has it; absent where only the login was seen. */
  readonly checkpointFullPageWrites?: boolean | undefined;
  /** What it was built for, as version() has it (`x86_64-pc-linux-gnu`); not seen on a replication connection. */
  readonly platform?: string | undefined;
  /** Bits of its build (version() again): a server of 32 bits that was built on x86-64 calls its platform x86_64. */
  readonly wordSize?: number | undefined;
}

/** A row of pg_settings; the values are as the server prints them, the units apart. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly unit: string | undefined;
  readonly source: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly pendingRestart: boolean;
}

/**
 * The primary's settings by name. A superuser sees all; from `SHOW all` on a replication connection those come that an
 * ordinary role may see, without file and line. Ask through `src/facts/settings.ts`, which knows the units.
 */
export type Settings = ReadonlyMap<string, Setting>;

/** `pg_createcluster -d` takes in a data directory, and needs all of its configuration files there. */
export interface DebianClusterToBe {
  readonly version: string;
  readonly cluster: string;
  /** There is no pg_ident.conf, which a server does without. */
  readonly lacksIdent: boolean;
}

/** How this server is reloaded and restarted, from what was really seen. */
export type ServerControl =
  | {
      readonly kind: 'pg_ctl';
      readonly dataDirectory: string;
      readonly binDirectory: string | undefined;
      /** What -D of a start names where the configuration is outside of the data directory, and `data_directory` there leads to it. */
      readonly configDirectory?: string;
      /** What it was started with last beside -D: `-p 5433`, `-c name=value`. pg_ctl restart keeps them by itself. */
      readonly options?: readonly string[];
      /** They are to be other ones than at its last start. */
      readonly changed?: true;
      /** The file that its output goes to, of a server that runs. */
      readonly log?: string;
      /** Where Debian's tools would keep it, but do not know it yet. */
      readonly toBeCreated?: DebianClusterToBe;
    }
  | { readonly kind: 'pg_ctlcluster'; readonly version: string; readonly cluster: string }
  | { readonly kind: 'systemd'; readonly unit: string }
  | {
      readonly kind: 'container';
      readonly dataDirectory: string;
      /** Where its volume is read from outside of it: Docker's name for the container, and for the volume. */
      readonly name?: string;
      readonly volume?: string;
      /** What its entrypoint starts the server on. */
      readonly pgdata?: string;
      /** How it was created, and how its last run ended, where it is looked at through its engine. */
      readonly made?: ContainerMade;
      readonly ended?: ContainerEnded;
      readonly engine?: 'docker' | 'podman';
      /** Other containers that run a server on the same directory. */
      readonly sharedWith?: readonly string[];
      /** Other data directories in its volumes. */
      readonly others?: readonly { readonly path: string; readonly hasStandbySignal: boolean }[];
    }
  | { readonly kind: 'unknown' };

/** Who the --admin login is, and what it may see. */
export interface AdminLogin {
  readonly user: string;
  readonly superuser: boolean;
  readonly monitor: boolean;
  /** Where the session leads to, for a step that connects in the same way; `password`: it was given one. */
  readonly endpoint?: {
    /** A name, an address, or the directory of a Unix socket. */
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly password: boolean;
  };
}

export interface PrimaryPaths {
  readonly dataDirectory: string;
  readonly configFile: string;
  readonly hbaFile: string;
  readonly binDirectory: string | undefined;
}

/** The role that replicates (pg_roles; the kind of password from pg_authid, which only a superuser sees). */
export type ReplicationRole =
  | { readonly exists: false; readonly name: string; readonly similar: readonly string[] }
  | {
      readonly exists: true;
      readonly name: string;
      readonly superuser: boolean;
      readonly replication: boolean;
      readonly canLogin: boolean;
      /** -1: no limit. Undefined where only the login itself was seen. */
      readonly connectionLimit: number | undefined;
      readonly validUntil: Date | undefined;
      /** It has passed by the primary's own clock. */
      readonly expired: boolean;
      readonly password: 'scram-sha-256' | 'md5' | 'none' | 'other' | 'unknown';
      /** Direct and indirect memberships; undefined where they were not seen. */
      readonly memberOf: readonly string[] | undefined;
      /** Roles that it is a member of and that have REPLICATION (which is not inherited). */
      readonly replicationThrough: readonly string[];
    };

export interface HbaRules {
  readonly file: string;
  /** In the order in which the server tries them. */
  readonly lines: readonly HbaLine[];
  /** The file was changed after the server last read it, so that it may go by other rules. */
  readonly changedSinceLoad: boolean | undefined;
  /** pg_hba.conf and what it includes, by path, where they could be read: secrets are masked. */
  readonly written?: Written;
  /** pg_ident.conf, where it could be read. */
  readonly userMaps?: UserMaps | undefined;
}

export interface UserMaps {
  readonly file: string;
  readonly lines: readonly UserMapLine[];
  /** Nothing that it includes is missing here. */
  readonly complete: boolean;
}

export interface ConfigFileProblem {
  readonly file: string;
  readonly line: number | undefined;
  readonly name: string | undefined;
  readonly error: string;
  /** The file, where it could be read here: secrets are masked. */
  readonly written?: WrittenLines;
}

/** A setting that stands in a file and is not yet in force (pg_file_settings and pg_settings). */
export interface FileSetting {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
  readonly applied: boolean;
}

export interface Slot {
  readonly name: string;
  readonly type: 'physical' | 'logical';
  readonly active: boolean;
  readonly activePid: number | undefined;
  readonly temporary: boolean;
  readonly restartLsn: Lsn | undefined;
  readonly walStatus: string | undefined;
  readonly safeWalBytes: bigint | undefined;
  /** How much WAL the slot holds back now. */
  readonly retainedBytes: bigint | undefined;
  readonly invalidationReason: string | undefined;
  /** On a standby of 17 and later: a copy of a slot of the primary, which nobody uses there. */
  readonly synced?: boolean;
  /** 17 and later, of a logical slot: standbys are to have it too, and its reader waits for synchronized_standby_slots. */
  readonly failover?: boolean;
  /** How many transactions ago the oldest one was that its reader may still have to see. */
  readonly xminAge?: number | undefined;
}

/** A row of pg_stat_replication; an ordinary role sees the rows, and nothing in them. */
export interface WalSender {
  readonly pid: number;
  readonly user: string | undefined;
  readonly applicationName: string | undefined;
  readonly address: string | undefined;
  readonly state: string | undefined;
  readonly syncState: string | undefined;
  readonly sentLsn: Lsn | undefined;
  readonly replayLsn: Lsn | undefined;
  readonly writeLsn?: Lsn | undefined;
  readonly flushLsn?: Lsn | undefined;
  /** Where the server's own WAL ended (on a standby: what it has received) when it showed this row. */
  readonly currentLsn?: Lsn | undefined;
  /** replay_lag: how long what was replayed last had been on its way; undefined also where there is no traffic. */
  readonly replayLagSeconds?: number | undefined;
  /** Since the standby's last answer, by the server's own clock. */
  readonly secondsSinceReply?: number | undefined;
}

export interface Tablespace {
  readonly oid: number;
  readonly name: string;
  /** Empty for pg_default and pg_global, which live in the data directory. */
  readonly location: string;
  /** Undefined where the role may not know. */
  readonly bytes: bigint | undefined;
}

export interface Database {
  readonly name: string;
  readonly bytes: bigint | undefined;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly localeProvider: 'libc' | 'icu' | 'builtin';
  readonly collationVersion: string | undefined;
}

export interface Archiver {
  readonly archivedCount: bigint;
  readonly failedCount: bigint;
  readonly lastArchivedWal: string | undefined;
  readonly lastArchivedAt: Date | undefined;
  readonly lastFailedWal: string | undefined;
  readonly lastFailedAt: Date | undefined;
}

/** Sizes of what a base backup copies. */
export interface CopySize {
  /** Data directory without tablespaces of their own and without pg_wal. */
  readonly dataBytes: bigint;
  readonly walBytes: bigint | undefined;
  readonly tablespaces: readonly Tablespace[];
  /** WAL that the primary writes each second, measured between two looks; undefined where it was not measured. */
  readonly walBytesPerSecond: number | undefined;
}

/** Libraries that a standby must have to start: shared_preload_libraries, and those that functions refer to. */
export interface ServerLibraries {
  readonly preload: readonly string[];
  readonly extensions: readonly { readonly name: string; readonly library: string }[];
  /** Extensions are seen only in the database of the --admin login. */
  readonly database: string;
}

export interface ServerClock {
  /** The server's clock minus ours, in ms, at the middle of the round trip. */
  readonly offsetMs: number;
  /** How far off that can be: half the round trip. */
  readonly uncertaintyMs: number;
}

/** What is open on a primary that a standby may have to wait for. */
export interface PrimaryActivity {
  /** The oldest transactions that have written, the oldest first. */
  readonly writers: readonly WriteTransaction[];
  /** How many there are. */
  readonly writersInAll: number;
  /** Before 15: when an exclusive backup (pg_start_backup) began that goes on. */
  readonly exclusiveBackup: Date | undefined;
}

export interface WriteTransaction {
  /** Undefined: it is a prepared transaction. */
  readonly pid: number | undefined;
  /** PREPARE TRANSACTION's name for it. */
  readonly prepared: string | undefined;
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly applicationName: string | undefined;
  readonly state: string | undefined;
  readonly seconds: number | undefined;
  /** It has more subtransactions than the server lists (64); undefined before 16, and where this login may not know. */
  readonly overflowed: boolean | undefined;
}
