import type { Account, FileKind, FileSystem } from '../hosts/host.ts';
import type { SystemIdentifier, TimelineId } from '../postgres/lsn.ts';
import type { Written } from '../postgres/written-lines.ts';

export type { Account, FileKind, FileSystem } from '../hosts/host.ts';
export type { Place as ExaminedPlace } from '../hosts/host.ts';
export type { OtherContainer } from '../hosts/engine-containers.ts';

/** A place on this machine that the copy will write to: -D, --waldir, a tablespace's location. */
export interface Place {
  /** As it was given. */
  readonly given: string;
  /** Absolute, `.` and `..` taken out, links left as they are. */
  readonly path: string;
  readonly state: PlaceState;
  /** The nearest directory above (or the place itself) that exists, and whether this user may write in it. */
  readonly nearest: { readonly path: string; readonly writable: boolean; readonly readOnlyFileSystem: boolean };
  /** Where the bytes will land. */
  readonly fileSystem: FileSystem | undefined;
  /** A name beside it that nothing has yet: what is in the way can be moved there. */
  readonly aside: string;
  /** Another one beside it that nothing has yet, for the copy. */
  readonly beside: string;
  /** A name in it that nothing has yet: where the copy can go when what is there cannot be moved. */
  readonly subdirectory: string;
  /** A mount is configured (/etc/fstab) for this place or above it, and is not mounted. */
  readonly missingMount: string | undefined;
  /** It is the directory of a configuration (postgresql.conf, without data): the data_directory that is set there. */
  readonly dataDirectory?: string;
  /** The entrypoint of its container gives it mode 0700 before the server starts. */
  readonly modeIsSet?: true;
}

export type PlaceState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'dangling-link'; readonly leadsTo: string }
  /** `at`: the place itself, or a part of the way there. */
  | { readonly kind: 'not-a-directory'; readonly is: FileKind; readonly at: string }
  | {
      readonly kind: 'unreadable';
      readonly message: string;
      /** Of a directory that may not be listed. */
      readonly owner?: { readonly uid: number; readonly name: string };
    }
  | {
      readonly kind: 'directory';
      /** Every link resolved. */
      readonly realPath: string;
      readonly device: number;
      readonly inode: number;
      readonly mode: number;
      readonly owner: { readonly uid: number; readonly name: string };
      readonly writable: boolean;
      readonly isMountPoint: boolean;
      /** It can be renamed: its parent can be written to, and it is no mount point. */
      readonly movable: boolean;
      /** Up to 1,000 names; `more` when there are more. Empty: nothing is in it, hidden files included. */
      readonly entries: readonly string[];
      readonly more: boolean;
      /** It is, or was to become, a data directory. */
      readonly cluster: FoundCluster | undefined;
    };

/** A data directory that lies where the copy is to go. */
export interface FoundCluster {
  /** PG_VERSION; undefined when it is not there or makes no sense. */
  readonly version: string | undefined;
  readonly systemIdentifier: SystemIdentifier | undefined;
  readonly timeline: TimelineId | undefined;
  /** As pg_controldata words it, for example `shut down`, `in archive recovery`. */
  readonly state: string | undefined;
  readonly lastCheckpointAt: Date | undefined;
  /** A copy that pg_basebackup did not finish: backup_manifest.tmp, or no global/pg_control. */
  readonly unfinishedBackup: boolean;
  readonly hasBackupLabel: boolean;
  readonly hasStandbySignal: boolean;
  readonly postmaster: FoundPostmaster | undefined;
}

/** What postmaster.pid says, held against the processes that really run. */
export interface FoundPostmaster {
  readonly pid: number;
  readonly port: number | undefined;
  /**
   * `running`: a server on this very directory. `gone`, or `another-program` that was given the number since. `ended`: it is
   * over, and its number is taken until its parent asks for its end (a zombie).
   */
  readonly process: 'running' | 'gone' | 'ended' | 'another-program' | 'unknown';
  readonly program: string | undefined;
  /** Whose process has the number; absent where the system does not tell, or there is none. */
  readonly uid?: number | undefined;
  /** Its postmaster.pid is gone, or names no process: it was found by its working directory. */
  readonly withoutLockFile?: true;
  /** Of one that is gone: its children that still run, and so hold its shared memory. */
  readonly leftBehind?: readonly number[];
  /** The Unix socket that it listens on according to postmaster.pid, and whose file does not exist. */
  readonly missingSocket?: string | undefined;
}

/** A server of PostgreSQL that runs on this machine, as the system shows its processes. */
export interface ServerProcesses {
  readonly dataDirectory: string;
  readonly postmaster: number;
  /** The postmaster and its children. */
  readonly count: number;
  /** Those that did not go on at two looks. */
  readonly held: readonly HeldProcess[];
  /** What the startup process, the checkpointer and the archiver have started and wait for. */
  readonly commands: readonly RunningCommand[];
}

/** A shell command that a process of the server runs: restore_command and its like. It waits for its end without a limit. */
export interface RunningCommand {
  readonly pid: number;
  readonly of: 'startup' | 'checkpointer' | 'archiver';
  readonly parent: number;
  /** What the shell was given to run, with what looks like a password or a key masked. */
  readonly text: string;
  /** Undefined where the system does not tell. */
  readonly ageSeconds: number | undefined;
}

export interface HeldProcess {
  readonly pid: number;
  readonly held: 'stopped' | 'traced' | 'waiting';
  /** `postmaster`, `walreceiver`, `startup`, `walsender`, `checkpointer`, …; `another`: a session, or what else there is. */
  readonly kind: string;
  /** What it says of itself to ps(1). */
  readonly title: string;
}

/** The programs of PostgreSQL on this machine, before it is known which release the primary has. */
export interface InstalledTools {
  /** What the shell would run first, then the newest. */
  readonly basebackups: readonly Tool[];
  readonly onPath: Tool | undefined;
  readonly servers: readonly Tool[];
}

/** The programs of PostgreSQL on this machine. */
export interface ClientTools {
  readonly basebackups: readonly Tool[];
  /** The one that the shell would run. */
  readonly onPath: Tool | undefined;
  /** The one that standbylint runs: on PATH when it serves, else the best of the others. */
  readonly chosen: Tool | undefined;
  /** Servers (`postgres`), of any release. */
  readonly servers: readonly Tool[];
}

export interface Tool {
  readonly path: string;
  readonly version: string;
  readonly major: number;
  /** The folder of the programs of the same release (Debian's wrapper followed). */
  readonly binDirectory: string;
}

/** Settings for the standby that this machine has outside of the copy (Debian: /etc/postgresql/N/NAME). */
export interface PreparedConfiguration {
  readonly file: string;
  readonly settings: ReadonlyMap<string, { readonly value: string; readonly file: string; readonly line: number }>;
  readonly port: { readonly number: number; readonly inUse: boolean } | undefined;
  /** The files that were read, by path: secrets are masked. */
  readonly written?: Written;
}

/** The TCP port that the standby will ask for when it is started on the copy. */
export interface StandbyPort {
  readonly number: number;
  readonly inUse: boolean;
  /** Where it is taken: the next one that is not; undefined where none was found. */
  readonly free: number | undefined;
  /** Where the number comes from: the file that this machine has for the standby, or the one that is copied. */
  readonly source: { readonly kind: 'prepared' | 'copied'; readonly file: string; readonly line: number | undefined };
}

/** What the server binaries here can load: the libraries in $libdir of the release that will run the standby. */
export interface InstalledLibraries {
  readonly directory: string;
  readonly names: readonly string[];
}

/** Locales, libc and build of this machine. */
export interface LocalPlatform {
  readonly architecture: string;
  /** Normalised as glibc does (`en_US.utf8`); undefined where `locale -a` is not there, or no database of another machine needs one. */
  readonly locales: readonly string[] | undefined;
  /** glibc's version that the server binaries here use; undefined also where no database's order depends on the system. */
  readonly libcVersion: string | undefined;
  /** Methods that the `postgres` binary here was built with (`lz4`, `zstd`); undefined where it does not tell. */
  readonly compression: readonly string[] | undefined;
}

export interface OperatingSystemUser extends Account {
  /** The user that will run the server, where that is known: the owner of the place, or `postgres`. */
  readonly serverUser: string | undefined;
}

/** A process that makes a copy in a directory, or changes the one that is there: pg_basebackup, pg_rewind. */
export interface DirectoryWriter {
  readonly pid: number;
  readonly program: string;
}
