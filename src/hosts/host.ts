import type { Duplex } from 'node:stream';

import type { FileInTree, TreeOptions } from './file-tree.ts';
import type { Bind, ContainerEnded, ContainerMade, ContainersNear, OtherContainer } from './engine-containers.ts';

/**
 * How a machine is reached: its files, its programs, its names and its sockets. Checks see an examined machine only
 * through this interface, so that another way to reach one (ssh, docker, kubectl) is one more implementation.
 *
 * Every call ends within its time-out and answers with a value: a file that is not there, or a program that is
 * missing, is an answer and not an exception.
 */
export interface Host {
  /** How a report names this machine, for example `this host`. */
  readonly label: string;
  /** Where it is; undefined: the tool runs on it. */
  readonly place?: Place;
  /** Who runs the tool there. */
  readonly account: Account;
  /** Whoever looks there is root, and can be any user: `account` may be another one (see host-of-user.ts). */
  readonly privileged: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly architecture: string;
  readonly platform: string;
  /** The directory that relative paths start from. */
  readonly workingDirectory: string;
  /** What its clock shows. */
  now(): Date;

  /** What follows looks again at what may have changed: nothing that was read ahead of the questions answers it. */
  anew?(): void;
  /** When the look began, by the clock of this process (performance.now); absent: what others see is none of its answers. */
  readonly lookBegan?: (() => number) | undefined;
  /** How long before that others may have seen what is the machine's (of-machine.ts). */
  readonly sharedMs?: (() => number) | undefined;
  status(path: string, options?: { readonly followLinks?: boolean }): Promise<Answer<FileStatus>>;
  /** At most `maxBytes` (default 16 MiB) of a plain file; a FIFO, a device or a socket is refused and never opened. */
  read(path: string, options?: { readonly maxBytes?: number; readonly from?: number }): Promise<Answer<FileContent>>;
  /** At most `limit` (default 1,000) entries of a directory, in the order in which the system gives them. */
  list(path: string, options?: { readonly limit?: number }): Promise<Answer<Listing>>;
  /**
   * All plain files of these directories and below them, links followed, or a problem: where that can be done without a
   * program. Elsewhere find(1) is asked.
   */
  filesBelow?(directories: readonly string[], options: TreeOptions): Promise<Answer<readonly FileInTree[]>>;
  /** The plain files whose paths fit one of the globs, sorted; one that is relative starts from the working directory. */
  glob(patterns: readonly string[]): Promise<Answer<readonly string[]>>;
  /**
   * A plain file of any size (or the tool's own standard input, for `-`, or what `console` names), from a position on and piece by piece; unpacked: what gzip
   * made of it is undone. A piece holds until the next one is asked for: that one may lie in the same memory. A file whose
   * pieces are not taken to their end must be left by `return()` of their iterator, as `break` in a loop does it.
   */
  pieces(path: string, options?: { readonly from?: number; readonly unpacked?: boolean }): Promise<Answer<Pieces>>;
  /** What `pieces` calls the output of the machine's main program, where that is kept: `docker logs NAME`. */
  readonly console?: string;
  readLink(path: string): Promise<Answer<string>>;
  /** The path with every link, `.` and `..` resolved. */
  realPath(path: string): Promise<Answer<string>>;
  /** Asks the kernel (access(2)), which knows of ACLs and read-only file systems, and does not compute from mode bits. */
  may(path: string, what: 'read' | 'write' | 'execute'): Promise<Answer<boolean>>;
  fileSystem(path: string): Promise<Answer<FileSystem>>;
  /** All addresses of a name, in the order in which the system prefers them (getaddrinfo). */
  addressesOf(name: string): Promise<Answer<readonly string[]>>;
  /** The addresses of the machine's own interfaces, with their netmasks. */
  interfaces(): readonly NetworkInterface[];
  /**
   * A connection from this machine to an address, or to one of its Unix sockets. Rejects with an error that has errno's
   * name as its `code`; one that comes too late is closed by `signal`.
   */
  connect(destination: Destination, signal: AbortSignal): Promise<Connection>;
  /**
   * Goes to the machine for one more connection, where that takes time of its own: it does not count as that of the
   * connection, which is begun there at once. Rejects with {@link NoWay}, as `connect` may do.
   */
  way?(destination: Destination): Promise<void>;
  /** Of a container: the others of its engine. */
  containers?(): Promise<Answer<ContainersNear>>;
  /** Whether something listens on a TCP port of this machine, found by trying to bind it. */
  portInUse(port: number): Promise<Answer<boolean>>;
  /** Whether a server could listen there (an IP address), found by trying. */
  mayListen(address: string, port: number): Promise<Answer<'free' | 'taken' | 'not-of-this-machine'>>;
  /** A problem of code `zombie`: it has ended, and its number is taken until its parent asks for its end. */
  processStatus(pid: number): Promise<Answer<ProcessStatus>>;
  userName(uid: number): Promise<Answer<string>>;

  /**
   * Puts other content into a plain file, as a whole or not at all: whenever this is broken off, the file is the old one or
   * the new one. A symbolic link is followed. Owner, group and mode stay. It is refused, and nothing is changed, where the
   * file does not hold what is expected (EBUSY), where the copy's name is taken (EEXIST), and where the owner cannot be
   * kept (EPERM).
   */
  replaceFile(path: string, replacement: Replacement): Promise<Answer<Replaced>>;

  /**
   * A new directory in the system's own place for such (0700), for as long as `use` takes: with it, it is gone, and also
   * where the tool is ended. What is put there is for the account alone, and must hold no secret.
   */
  withScratch<T>(content: ScratchContent, use: (directory: string) => Promise<T>): Promise<Answer<T>>;

  /** Runs a program without a shell, bounded in time and in output, and brings back what it printed. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Answer<Ran>>;
  /**
   * Starts a program that lives longer than a look: the caller follows its output and waits for its end. It has a
   * process group of its own and no terminal: Ctrl-C reaches the tool alone, which passes it on, once, by `interrupt`.
   */
  start(program: string, args: readonly string[], options?: StartOptions): Running;
  /**
   * The absolute paths of a program, looked for on PATH and then in `places` (folders; a `*` may stand in their names,
   * and what it finds comes with the highest number first). The first of them is what the shell would run, where PATH
   * has one.
   */
  findPrograms(name: string, places?: readonly string[]): Promise<readonly string[]>;
}

/** Where a connection goes: an address and a port, or the path of a Unix socket (`@…`: an abstract one). */
export type Destination =
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number }
  | {
      readonly kind: 'socket';
      readonly path: string;
      /** The user of that machine who connects, where that is not who we are. */
      readonly as?: Account;
    };

/** An open connection, and the address of the machine that it comes from, where that is told. */
export type Connection = Duplex & { readonly localAddress?: string | undefined };

/** No connection could be tried from that machine: that says nothing of where it would have led. */
export class NoWay extends Error {
  override readonly name = 'NoWay';
}

/** A machine that the tool does not run on, and how its commands are typed where the tool runs. */
export type Place =
  | {
      readonly kind: 'ssh';
      readonly destination: string;
      /** What is asked there is asked as root, by `sudo -n`. */
      readonly sudo?: true;
    }
  | {
      /** A container of a pod of Kubernetes, which runs. */
      readonly kind: 'pod';
      /** Of kubectl's configuration; undefined: its current one. */
      readonly context: string | undefined;
      readonly namespace: string;
      readonly name: string;
      readonly container: string;
      /** What makes the pod again when it is gone, as kubectl names it: `statefulset/pg`; undefined: nothing does. */
      readonly controller: string | undefined;
      /** What is run there is root's, whoever asks for it: Kubernetes lets nobody choose. */
      readonly asRoot: boolean;
      /** POSTGRES_USER: the superuser that the official image makes. */
      readonly superuser: string;
    }
  | {
      readonly kind: 'container';
      /** The program that it is reached by; both take the same words. */
      readonly engine: 'docker' | 'podman';
      readonly name: string;
      /** restarting: its server ends, and the engine starts it again and again. */
      readonly state: 'running' | 'stopped' | 'restarting' | 'paused';
      readonly image: string;
      /** What a container beside it would be given to be in the same network; undefined: the default one. */
      readonly network: string | undefined;
      /** Podman's pod that it is in: a container beside it is in that as well. */
      readonly pod?: string;
      /** POSTGRES_USER: the superuser that the official image makes. */
      readonly superuser: string;
      /** PGDATA of the container: what its server is started on. */
      readonly pgdata?: string | undefined;
      /** How it was created, which no restart changes. */
      readonly made?: ContainerMade;
      readonly binds?: readonly Bind[];
      /** How its last run ended, where it does not run. */
      readonly ended?: ContainerEnded | undefined;
      /** Other containers of PostgreSQL that run and may write to the same data directory. */
      readonly sharedWith?: readonly string[];
      /** Those of them whose server runs on it: the lock file of one does not keep that of another away. */
      readonly servesToo?: readonly string[];
      /** The running containers of the same engine, by their addresses. */
      readonly others?: ReadonlyMap<string, OtherContainer>;
    };

/** What a machine answered: the value, or why there is none. `code` is errno's name where there is one. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export interface Problem {
  readonly code: string;
  /** In words that can stand in a report, without secrets. */
  readonly message: string;
  /** What a person can do about it, where that is known: a whole sentence. */
  readonly hint?: string;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

export type FileKind = 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'character device' | 'block device';

export interface FileStatus {
  readonly kind: FileKind;
  /** Permission bits only, for example 0o700. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly device: number;
  readonly inode: number;
  readonly modifiedAt: Date;
}

export interface FileContent {
  readonly bytes: Uint8Array;
  /** More stands in the file than was read. */
  readonly truncated: boolean;
}

export interface Pieces {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Why they ended before the end of the file; undefined where they did not. */
  readonly problem: () => Problem | undefined;
}

export interface Replacement {
  /** What the file holds now; null: there is none, and it is made, for its owner alone (0600). */
  readonly expected: Uint8Array | null;
  readonly content: Uint8Array;
  /** Where the file as it was is kept: a path at which nothing is. Not used where there was none. */
  readonly copy: string;
}

export interface Replaced {
  /** The path with every link resolved. */
  readonly file: string;
  /** What could not be carried over to the new file, in words: an access control list, for example. */
  readonly notKept: string | undefined;
}

export interface Listing {
  readonly entries: readonly { readonly name: string; readonly kind: FileKind | 'unknown' }[];
  /** There are more entries than were listed. */
  readonly truncated: boolean;
}

export interface FileSystem {
  readonly mountPoint: string;
  /** For example `ext4`, `tmpfs`, `overlay`, `nfs4`; empty where the platform does not tell. */
  readonly type: string;
  readonly device: number;
  readonly source: string;
  readonly readOnly: boolean;
  readonly totalBytes: number;
  /** What this user may still use. */
  readonly freeBytes: number;
  readonly totalInodes: number;
  readonly freeInodes: number;
}

export interface NetworkInterface {
  readonly address: string;
  readonly netmask: string;
}

export interface ProcessStatus {
  /** The program's name as the kernel has it, for example `postgres`. */
  readonly program: string;
  readonly uid: number | undefined;
  /** The process that started it. */
  readonly parent: number | undefined;
  /**
   * What keeps it from going on: `stopped` by a signal (state T; it goes on at SIGCONT), `traced` by a debugger (t), or
   * `waiting` in the kernel for a disk, where no signal reaches it (D). Undefined: it runs, or sleeps until it is needed.
   */
  readonly held: 'stopped' | 'traced' | 'waiting' | undefined;
  readonly workingDirectory: string | undefined;
  readonly startedAt: Date | undefined;
  /** The words that it was started with; undefined where the system does not show them. */
  readonly commandLine: readonly string[] | undefined;
  /** Lines of /proc/PID/cgroup: a systemd unit or a container shows there. */
  readonly controlGroup: string | undefined;
}

export interface ScratchContent {
  /** Whose it is: root can make it for another one. */
  readonly owner: Pick<Account, 'uid' | 'gid'>;
  /** By their paths in it, of one directory at most: `global/pg_control`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Where a link leads. */
  readonly links: ReadonlyMap<string, string>;
}

export interface RunOptions {
  /** Run it as this account, without its other groups: for root alone. The working directory is `/` then. */
  readonly account?: Pick<Account, 'uid' | 'gid'>;
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** `environment` is all that there is: nothing of ours is inherited, and no LC_ALL is added. */
  readonly alone?: boolean;
  readonly input?: string;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** With it end the processes that it has started, and all of them with this program, however that ends; a server is not to. */
  readonly endsWithUs?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each chunk as it comes. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

export interface Running {
  readonly pid: number | undefined;
  readonly ended: Promise<Answer<{ readonly exitCode: number | undefined; readonly signal: string | undefined }>>;
  interrupt(signal: 'SIGINT' | 'SIGTERM'): void;
}

export const answer = <T>(value: T): Answer<T> => ({ ok: true, value });
export const noAnswer = (
  code: string,
  message: string,
  hint?: string,
): { readonly ok: false; readonly problem: Problem } => ({
  ok: false,
  problem: { code, message, ...(hint === undefined ? {} : { hint }) },
});
