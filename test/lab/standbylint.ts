import { access, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { asUser, serverUser } from '../../src/throwaway/os-user.ts';
import type { OsUser } from '../../src/throwaway/os-user.ts';
import type { Report } from '../../src/findings/report.ts';
import { newestRelease } from './releases.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

export interface RunOptions {
  /** Whose environment it has to begin with, a server's for instance; when absent: the newest release on PATH and an empty home. */
  readonly on?: { readonly environment: Readonly<Record<string, string>> };
  /** What stands beside that in its environment: PGPASSWORD and the like. Nothing of ours is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** As whom; when absent: the user that runs the servers. `null`: as ourselves, which may be root. */
  readonly user?: OsUser | null;
  readonly cwd?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** A program with its words that runs it: in another namespace, say. */
  readonly within?: readonly string[];
}

export interface StandbylintResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
  /** The report that `--format json` printed; reading it when standard output holds something else is an error that shows it. */
  readonly json: Report;
}

/** The rules of the root causes that a report names. */
export const roots = ({ findings }: Pick<Report, 'findings'>): readonly string[] =>
  findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null).map(({ rule }) => rule);

/** Runs the built program, as a user would. */
export async function runStandbylint(args: readonly string[], options: RunOptions = {}): Promise<StandbylintResult> {
  await access(program).catch(() => {
    throw new Error(`${program} is not there: run "npm run build" first.`);
  });
  const user = options.user === undefined ? await serverUser() : options.user;
  const home = await mkdtemp(join(tmpdir(), 'standbylint-home-'));
  try {
    if (user !== null) await chown(home, user.uid, user.gid);
    const path = [newestRelease.bin, '/usr/local/bin', '/usr/bin', '/bin'].join(':');
    const [runs, ...words] = [...(options.within ?? []), process.execPath, program, ...args];
    const result = await execa(runs ?? process.execPath, words, {
      ...asUser(user),
      cwd: options.cwd ?? home,
      env: { PATH: path, HOME: home, LC_ALL: 'C.UTF-8', ...options.on?.environment, ...options.env },
      extendEnv: false,
      input: options.input ?? '',
      stripFinalNewline: false,
      timeout: options.timeoutMs ?? 60_000,
      reject: false,
    });
    if (result.exitCode === undefined) throw new Error(`standbylint did not end by itself: ${result.message}`);
    return new Ended(result.exitCode, result.stdout, result.stderr, result.durationMs);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

class Ended implements StandbylintResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;

  constructor(exitCode: number, stdout: string, stderr: string, elapsedMs: number) {
    this.exitCode = exitCode;
    this.stdout = stdout;
    this.stderr = stderr;
    this.elapsedMs = elapsedMs;
  }

  get json(): Report {
    try {
      return JSON.parse(this.stdout) as Report;
    } catch (error) {
      throw new Error(`Exit status ${this.exitCode}, and no JSON on standard output:\n${this.stdout}\n${this.stderr}`, {
        cause: error,
      });
    }
  }
}
