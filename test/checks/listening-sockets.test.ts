import { createServer } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { listensAt } from '../../src/checks/listening-sockets.ts';
import { localHost } from '../../src/hosts/local.ts';

async function listening(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const at = server.address();
  if (typeof at !== 'object' || at === null) throw new Error('no port');
  return at.port;
}

const here = async (address: string, port: number): Promise<boolean> =>
  listensAt(localHost(), process.pid, address, port);

it.runIf(process.platform === 'linux')('a process listens where its sockets are', async () => {
  const port = await listening('127.0.0.1');
  expect(await here('127.0.0.1', port)).toBe(true);
  expect(await here('127.0.0.2', port)).toBe(false);
  expect(await here('127.0.0.1', port === 1 ? 2 : port - 1)).toBe(false);
  expect(await listensAt(localHost(), process.ppid, '127.0.0.1', port)).toBe(false);
});

it.runIf(process.platform === 'linux')('at all addresses', async () => {
  const port = await listening('0.0.0.0');
  expect(await here('127.0.0.1', port)).toBe(true);
  expect(await here('192.0.2.7', port)).toBe(true);
});

it.runIf(process.platform === 'linux')('an IPv6 address', async () => {
  const port = await listening('::1');
  expect(await here('::1', port)).toBe(true);
  expect(await here('127.0.0.1', port)).toBe(false);
});
