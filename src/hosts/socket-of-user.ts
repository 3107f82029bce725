import { Socket } from 'node:net';

import type { Account } from './host.ts';

/** A connection that is on its way: a child process makes it, until it is given up. */
export interface Opening {
  readonly opened: Promise<Socket>;
  readonly giveUp: () => void;
}

/**
 * A Unix socket connected as another user of this machine, which only root can: peer authentication goes by who has
 * called connect(2) (SO_PEERCRED). A child process becomes that user, connects, hands the open socket over and ends. It is
 * this very program's Node.js, begun as root, because the other user need not be able to read it.
 */
export async function openSocketAs({ name, uid, gid }: Account, path: string): Promise<Opening> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['-e', script, name, String(uid), String(gid), path], {
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const opened = new Promise<Socket>((resolve, reject) => {
    child.once('error', reject);
    // not at its exit: what it sent may still have to be read
    child.once('disconnect', () => reject(new Error('the process that was to connect ended')));
    child.once('message', (message, handle) => {
      if (handle instanceof Socket) resolve(handle);
      else reject(Object.assign(new Error('could not connect'), { code: codeIn(message) }));
    });
  });
  return {
    opened,
    giveUp: () => {
      // it may have come too late
      opened.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
      child.kill('SIGKILL');
    },
  };
}

/** `-e`: the arguments begin at 1. An abstract socket's name begins with NUL. */
const script = `
const [, name, uid, gid, path] = process.argv;
process.on('disconnect', () => process.exit());
const tell = (...what) => process.send(...what, () => process.exit());
try {
  try { process.initgroups(name, Number(gid)); } catch { process.setgroups([]); }
  process.setgid(Number(gid));
  process.setuid(Number(uid));
  const socket = require('net').connect({ path: path.replace(/^@/, '\\0') });
  socket.pause();
  socket.on('error', ({ code }) => tell({ code }));
  socket.on('connect', () => tell({}, socket));
} catch ({ code }) {
  tell({ code });
}
`;

const codeIn = (message: unknown): string =>
  typeof message === 'object' && message !== null && 'code' in message && typeof message.code === 'string'
    ? message.code
    : '';
