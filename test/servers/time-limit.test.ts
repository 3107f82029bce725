import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { Limit, TimedOut } from '../../src/servers/time-limit.ts';

const never = new AbortController().signal;

function holdUp(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('what does not come ends in time', async () => {
  const began = performance.now();
  await expect(new Limit(600, never).race(new Promise(() => undefined))).rejects.toThrow(TimedOut);
  expect(performance.now() - began).toBeGreaterThan(590);
});

test('an answer that came while this process was held up is read', async () => {
  const server = createServer((socket) => socket.on('data', (bytes) => socket.write(bytes)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const limit = new Limit(400, never);
  await limit.race(once(socket, 'connect'));
  // one round trip after the other, and in between others have their turn
  for (let trip = 0; trip < 4; trip += 1) {
    const answer = limit.race(once(socket, 'data'));
    socket.write('x');
    holdUp(300);
    await answer;
  }
  socket.destroy();
  server.close();
  await pause(1);
});
