import { rmSync } from 'node:fs';
import { appendFile, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { execa, execaSync } from 'execa';

import { freePort, loopbackAddresses } from './free-port.ts';
import { asLastResort } from './last-resort.ts';
import { readLockFile, socketOf } from './lock-file.ts';
import type { Socket } from './lock-file.ts';
import { asUser, serverUser } from './os-user.ts';
import type { OsUser } from './os-user.ts';
import type { Release } from './releases.ts';
import { psqlOptions, queryAt } from './sql-over-socket.ts';
import type { TextRow } from './sql-over-socket.ts';

/** Settings for postgresql.conf, by name, unquoted. */
export type Settings = Readonly<Record<string, string>>;

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ReserveOptions {
  readonly release: Release;
  /** As whom the server's programs run; {@link serverUser} when absent. */
  readonly runAs?: OsUser | null;
  /**
   * Where the server gets its port from. `file`: postgresql.conf, which a base backup copies, so that a copy on the same machine
   * asks for the same port. `environment`: PGPORT, which the file would override (guc.c, InitializeGUCOptionsFromEnvironment), so
   * that a copy can be started beside the original without a change to its files.
   */
  readonly portFrom?: 'file' | 'environment';
}

export interface CreateOptions extends ReserveOptions {
  readonly settings?: Settings;
  /** The lines of pg_hba.conf that follow those for {@link ThrowawayServer.superuser} over the Unix socket. */
  readonly hba?: readonly string[];
  readonly initdbOptions?: readonly string[];
}

type StopMode = 'smart' | 'fast' | 'immediate';

/**
 * A PostgreSQL server that lives in a temporary folder of its own: its data directory, its socket and its log are there, its port
 * was chosen by the system, and it listens on loopback addresses only. {@link dispose} stops it and removes the folder; if this
 * process ends earlier, that happens as it ends.
 */
export class ThrowawayServer {
  static readonly superuser = 'postgres';

  readonly release: Release;
  readonly runAs: OsUser | null;
  /** Holds everything of this server; only its user (and root) can enter. Also the folder of its Unix socket. */
  readonly folder: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  #port: number;
  #startedBefore = false;
  readonly #portFrom: 'file' | 'environment';
  readonly #forget: () => void;

  private constructor(options: ReserveOptions, runAs: OsUser | null, folder: string, port: number) {
    this.release = options.release;
    this.runAs = runAs;
    this.folder = folder;
    this.dataDirectory = join(folder, 'data');
    this.logFile = join(folder, 'server.log');
    this.#port = port;
    this.#portFrom = options.portFrom ?? 'file';
    this.#forget = asLastResort(() => this.#disposeNow());
  }

  /** A folder and a port, without a data directory yet: somebody else (initdb, pg_basebackup, clone) will make {@link dataDirectory}. */
  static async reserve(options: ReserveOptions): Promise<ThrowawayServer> {
    const runAs = options.runAs === undefined ? await serverUser() : options.runAs;
    // short: a Unix socket's path holds at most 107 bytes (103 on macOS)
    const folder = await mkdtemp(join(tmpdir(), 'standbylint-'));
    if (runAs !== null) await chown(folder, runAs.uid, runAs.gid);
    return new ThrowawayServer(options, runAs, folder, await freePort());
  }

  /** A new cluster with these settings, not yet started. */
  static async create(options: CreateOptions): Promise<ThrowawayServer> {
    const server = await ThrowawayServer.reserve(options);
    try {
      await server.initdb(options.initdbOptions);
      await server.listenLocally();
      if (options.settings !== undefined) await server.configure(options.settings);
      await server.writeHba(options.hba ?? []);
      return server;
    } catch (error) {
      await server.dispose();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  /** What the server's programs and its user's shell have in their environment: none of the PG* variables of whoever runs us. */
  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: [this.release.bin, '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(delimiter),
      HOME: this.folder,
      LC_ALL: 'C',
      ...(this.#portFrom === 'environment' ? { PGPORT: String(this.port) } : {}),
    };
  }

  async initdb(options: readonly string[] = []): Promise<void> {
    const { superuser } = ThrowawayServer;
    await this.program('initdb', [
      '-D',
      this.dataDirectory,
      '-U',
      superuser,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
      ...options,
    ]);
  }

  /** Makes the data directory a standby of that server, by pg_basebackup with `-R`, over its Unix socket as its superuser unless `conninfo` names another way. */
  async copyFrom(
    primary: ThrowawayServer,
    options: { readonly conninfo?: string; readonly more?: readonly string[] } = {},
  ): Promise<void> {
    const conninfo =
      options.conninfo ?? `host=${primary.folder} port=${primary.port} user=${ThrowawayServer.superuser}`;
    await this.program('pg_basebackup', [
      '-d',
      conninfo,
      '-D',
      this.dataDirectory,
      '-R',
      '-X',
      'stream',
      '-c',
      'fast',
      '--no-sync',
      ...(options.more ?? []),
    ]);
    await this.listenLocally();
  }

  /** Gives the data directory this server's own port and socket: a copy brings the original's. */
  async listenLocally(): Promise<void> {
    const port = this.#portFrom === 'file' ? { port: String(this.port) } : {};
    await this.configure({
      ...port,
      listen_addresses: (await loopbackAddresses()).join(','),
      unix_socket_directories: this.folder,
    });
  }

  /** Appends settings to postgresql.conf, where the last one counts. They wait for {@link reload} or {@link restart}. */
  async configure(settings: Settings): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quoted(value)}\n`);
    await appendFile(join(this.dataDirectory, 'postgresql.conf'), lines.join(''));
  }

  /** Replaces pg_hba.conf: these lines, behind two that let the superuser in over the Unix socket. */
  async writeHba(lines: readonly string[]): Promise<void> {
    const { superuser } = ThrowawayServer;
    const own = [`local all ${superuser} trust`, `local replication ${superuser} trust`];
    await writeFile(join(this.dataDirectory, 'pg_hba.conf'), [...own, ...lines, ''].join('\n'));
  }

  /** Starts it and waits until it accepts connections. Throws with the end of its log when it does not. */
  async start(): Promise<void> {
    if (!this.#startedBefore) await this.#startOnFreePort();
    if (await this.isRunning()) return;
    const result = await this.tryStart();
    if (result.exitCode !== 0)
      throw new Error(`The server in ${this.dataDirectory} did not start:\n${result.stderr}\n${await this.logTail()}`);
  }

  async tryStart(): Promise<ProgramResult> {
    return this.run(this.programPath('pg_ctl'), [
      'start',
      '-w',
      '-t',
      '60',
      '-s',
      '-D',
      this.dataDirectory,
      '-l',
      this.logFile,
    ]);
  }

  async stop(mode: StopMode = 'fast'): Promise<void> {
    await this.program('pg_ctl', ['stop', '-w', '-t', '60', '-s', '-m', mode, '-D', this.dataDirectory]);
  }

  async restart(): Promise<void> {
    if (await this.isRunning()) await this.stop();
    await this.start();
  }

  async reload(): Promise<void> {
    await this.program('pg_ctl', ['reload', '-s', '-D', this.dataDirectory]);
  }

  async isRunning(): Promise<boolean> {
    const { exitCode } = await this.run(this.programPath('pg_ctl'), ['status', '-D', this.dataDirectory]);
    return exitCode === 0;
  }

  /** Runs one statement as the superuser on a connection of its own, over the Unix socket where the running server really has it. */
  async query(sql: string, parameters: readonly string[] = [], database = 'postgres'): Promise<readonly TextRow[]> {
    return queryAt(await this.#socket(), { user: ThrowawayServer.superuser, database }, sql, parameters);
  }

  /** Runs SQL (several statements, or psql's own commands) through psql as the superuser, stopping at the first error; gives the output unaligned, without headers. */
  async psql(sql: string, database = 'postgres'): Promise<string> {
    const result = await this.tryPsql(sql, database);
    if (result.exitCode !== 0) throw new Error(`psql: ${result.stderr}`);
    return result.stdout;
  }

  async tryPsql(sql: string, database = 'postgres'): Promise<ProgramResult> {
    const options = psqlOptions(await this.#socket(), { user: ThrowawayServer.superuser, database });
    return this.run(this.programPath('psql'), options, { input: sql });
  }

  /** Runs any program as the server's user, in the server's folder. It never throws for an exit status other than 0. */
  async run(
    program: string,
    args: readonly string[],
    options: {
      readonly input?: string;
      readonly environment?: Readonly<Record<string, string>>;
      readonly timeoutMs?: number;
    } = {},
  ): Promise<ProgramResult> {
    const result = await execa(program, args, {
      ...asUser(this.runAs),
      cwd: this.folder,
      env: { ...this.environment, ...options.environment },
      extendEnv: false,
      input: options.input ?? '',
      timeout: options.timeoutMs ?? 120_000,
      reject: false,
    });
    return {
      exitCode: result.exitCode ?? -1,
      stdout: result.stdout,
      stderr: result.exitCode === undefined ? `${result.message}` : result.stderr,
    };
  }

  /** Runs one of the release's programs as the server's user; throws with its words when it ends with a status other than 0. */
  async program(name: string, args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(this.programPath(name), args);
    if (exitCode !== 0) throw new Error(`${name} ended with status ${exitCode}:\n${stderr}${stdout}`);
    return stdout;
  }

  programPath(name: string): string {
    return join(this.release.bin, name);
  }

  async log(): Promise<string> {
    return readFile(this.logFile, 'utf8').catch(() => '');
  }

  async logTail(lines = 20): Promise<string> {
    return (await this.log()).trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** The process id of the postmaster, while there is one (miscadmin.h: the first line of postmaster.pid). */
  async processId(): Promise<number | null> {
    const lines = await readLockFile(this.dataDirectory);
    return lines === null ? null : Number(lines[0]);
  }

  /** Stops the server, whoever started it in this data directory, and removes the folder. Safe to call twice. */
  async dispose(): Promise<void> {
    if ((await readLockFile(this.dataDirectory)) !== null)
      await this.run(this.programPath('pg_ctl'), this.#stopAtOnce());
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    this.#forget();
  }

  /** Between the choice of the port and the first start somebody else may have taken it: then another is chosen, a few times. */
  async #startOnFreePort(): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await this.tryStart();
      this.#startedBefore = true;
      if (!/could not bind IPv\d address/.test(await this.log())) return;
      if (await this.isRunning()) await this.stop('immediate');
      await rm(this.logFile, { force: true });
      this.#port = await freePort();
      await this.listenLocally();
    }
  }

  #disposeNow(): void {
    execaSync(this.programPath('pg_ctl'), this.#stopAtOnce(), { ...asUser(this.runAs), cwd: '/', reject: false });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #socket(): Promise<Socket> {
    return (await socketOf(this.dataDirectory)) ?? { host: this.folder, port: this.port };
  }

  #stopAtOnce(): readonly string[] {
    return ['stop', '-w', '-t', '20', '-s', '-m', 'immediate', '-D', this.dataDirectory];
  }
}

/** guc-file.l: within quotes a quote is doubled and a backslash escapes. */
function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
