import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { onTestFinished } from 'vitest';

import { asUser, serverUser } from '../../src/throwaway/os-user.ts';
import { until } from './until.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

export interface RunningProgram {
  /** Everything on standard output and standard error until now. */
  output(): string;
  /** The complete lines of standard output. */
  lines(): readonly string[];
  /** Waits for text on standard output or standard error. */
  shows(text: string | RegExp, timeoutMs?: number): Promise<void>;
  /** Gives its terminal another size, as a window that is drawn larger or smaller does. */
  resize(rows: number, columns: number): Promise<void>;
  /** Ends it and gives the exit status. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

/** Starts the built program as the user of the servers (null: as whoever runs the tests), and ends it with the test. With a terminal: by script(1). */
export async function startProgram(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  {
    terminal = false,
    user = serverUser(),
  }: { readonly terminal?: boolean; readonly user?: ReturnType<typeof serverUser> | null } = {},
): Promise<RunningProgram> {
  const whole = [process.execPath, program, ...words];
  const quoted = `stty rows 30 cols 90; exec ${whole.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')}`;
  const [runs = '', ...rest] = terminal ? ['script', '-qec', quoted, '/dev/null'] : whole;
  const child = spawn(runs, rest, {
    ...(user === null ? {} : asUser(await user)),
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', LC_ALL: 'C.UTF-8', TERM: 'xterm', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  return {
    output: () => stdout + stderr,
    lines: () => stdout.split('\n').slice(0, -1),
    shows: async (text, timeoutMs) => {
      await until(
        `${String(text)} in:\n${stdout}${stderr}`,
        async () =>
          (typeof text === 'string' ? (stdout + stderr).includes(text) : text.test(stdout + stderr)) ? true : null,
        timeoutMs,
      );
    },
    resize: async (rows, columns) => {
      // script(1) has one child: the program, on the terminal
      const pid = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      await execa('stty', ['-F', `/proc/${pid.trim()}/fd/1`, 'rows', String(rows), 'cols', String(columns)]);
    },
    end: async (signal) => {
      if (terminal) child.stdin.write('\u0003');
      else child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}
