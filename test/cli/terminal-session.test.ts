import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { hasTool } from '../lab/tool.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));
const environment = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', TERM: 'dumb', LC_ALL: 'C.UTF-8' };

interface Session {
  readonly shown: string;
  readonly exitCode: number | null;
}

/** Runs the program on a terminal of its own (script(1), util-linux) and types `keys` when it asks. */
async function onTerminal(words: readonly string[], keys: string, question = 'Password: '): Promise<Session> {
  const command = [process.execPath, program, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let typed = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (!typed && shown.includes(question)) {
      typed = true;
      child.stdin.write(keys);
    }
  });
  await once(child, 'close');
  return { shown, exitCode: child.exitCode };
}

describe.runIf(hasTool('script'))('-W on a terminal', () => {
  const words = ['preflight', '-W', '-h', '/nonexistent', '-D', '/nonexistent/standby', '-R'];

  it('asks for the password and does not show it', async () => {
    const { shown, exitCode } = await onTerminal(words, 'geheiM\u007fm\r');
    expect(shown).toMatch(/^Password: \r\n/u);
    expect(shown).not.toMatch(/gehei/u);
    expect(shown).toContain('NOT READY');
    expect(exitCode).toBe(1);
  });

  it('ends with 130 when the user interrupts there', async () => {
    const { shown, exitCode } = await onTerminal(words, '\u0003');
    expect(shown.trim()).toBe('Password:');
    expect(exitCode).toBe(130);
  });
});

describe.runIf(hasTool('script'))('a question on a terminal', () => {
  const asked = async (keys: string): Promise<Session & { readonly isWritten: boolean }> => {
    const folder = await mkdtemp(join(tmpdir(), 'standbylint-'));
    try {
      const file = join(folder, 'b.tar.gz');
      const words = ['bundle', 'preflight', '-h', '/nonexistent', '-D', '/nonexistent/standby', '-R', '-o', file];
      const session = await onTerminal(words, keys, '[y/N] ');
      return { ...session, isWritten: existsSync(file) };
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it.each(['y\r', ' Yes \r'])('%j says yes', async (keys) => {
    expect(await asked(keys)).toMatchObject({ exitCode: 0, isWritten: true });
  });

  it.each(['\r', 'n\r', 'yeah\r', '\u0004'])('%j does not', async (keys) => {
    const { shown, ...end } = await asked(keys);
    expect(end).toEqual({ exitCode: 1, isWritten: false });
    expect(shown).toContain('Nothing was written.');
  });

  it('an interrupt is neither', async () => {
    expect(await asked('\u0003')).toMatchObject({ exitCode: 130, isWritten: false });
  });
});

describe('an interrupt', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends a look at a server that never answers, at once', async (signal) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what address() of a TCP server is
    const { port } = server.address() as AddressInfo;
    const child = spawn(
      process.execPath,
      [program, 'preflight', '-w', '-h', '127.0.0.1', '-p', String(port), '-D', '/nonexistent/x'],
      { env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let printed = '';
    child.stdout.on('data', (text) => (printed += String(text)));
    child.stderr.on('data', (text) => (printed += String(text)));
    const [socket] = await once(server, 'connection');
    const interruptedAt = performance.now();
    child.kill(signal);
    await once(child, 'close');
    expect(child.exitCode).toBe(130);
    expect(performance.now() - interruptedAt).toBeLessThan(2000);
    expect(printed).toBe('');
    socket.destroy();
    server.close();
  });
});
