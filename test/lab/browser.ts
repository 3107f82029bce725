import { spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { execa } from 'execa';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

import { asLastResort } from '../../src/throwaway/last-resort.ts';
import { asUser, serverUser } from '../../src/throwaway/os-user.ts';

/** It is ended after this time, whatever it does. */
const mostMs = 300_000;
/** All of its processes together; a limit of its own address space is none: it reserves far more than it uses. */
const mostKilobytes = 2_500_000;

export interface OpenBrowser {
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

/** Debian's Chromium, as a user that is not root, so that its own sandbox holds. Nothing of it stays behind. */
export async function openBrowser(): Promise<OpenBrowser> {
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-browser-'));
  if (user !== null) await chown(folder, user.uid, user.gid);
  const process = spawn('chromium', options(folder), {
    ...asUser(user),
    env: { PATH: '/usr/bin:/bin', HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' },
    // a session of its own, which ends as a whole
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    process.once('close', () => resolve());
  });
  const kill = (): void => {
    try {
      if (process.pid !== undefined) globalThis.process.kill(-process.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  };
  const forget = asLastResort(kill);
  const until = Date.now() + mostMs;
  const watch = setInterval(() => {
    void kilobytesOf(process.pid).then((used) => {
      if (used > mostKilobytes || Date.now() > until) kill();
    });
  }, 1_000);
  const close = async (): Promise<void> => {
    clearInterval(watch);
    kill();
    await ended;
    forget();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const browser = await chromium.connectOverCDP(await addressOf(process.stderr), { timeout: 30_000 });
    return { browser, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is in memory of its session. */
async function kilobytesOf(session = 0): Promise<number> {
  const { stdout } = await execa('ps', ['-o', 'rss=', '-s', String(session)], { reject: false });
  return stdout.split('\n').reduce((sum, line) => sum + Number(line), 0);
}

const options = (folder: string): readonly string[] => [
  ...[
    '--headless',
    '--remote-debugging-port=0',
    `--user-data-dir=${folder}`,
    '--no-first-run',
    '--hide-scrollbars',
    '--disable-gpu',
  ],
  ...[
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-dev-shm-usage',
    '--disable-crash-reporter',
  ],
  '--js-flags=--max-old-space-size=512',
  // no name leads anywhere
  ...['--host-resolver-rules=MAP * ~NOTFOUND', 'about:blank'],
];

/** It says where it listens when it is ready. */
async function addressOf(errors: NodeJS.ReadableStream): Promise<string> {
  const said: string[] = [];
  const lines = createInterface({ input: errors });
  for await (const line of lines) {
    const [, address] = /^DevTools listening on (ws:\S+)/u.exec(line) ?? [];
    if (address !== undefined) {
      errors.resume();
      return address;
    }
    said.push(line);
  }
  throw new Error(`Chromium ended:\n${said.join('\n')}`);
}
