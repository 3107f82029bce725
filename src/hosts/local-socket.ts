import { connect } from 'node:net';
import type { Socket } from 'node:net';

import type { Destination } from './host.ts';

/** A connection from this machine; an error after everybody has gone does not end the process. */
export async function connectHere(destination: Destination, signal: AbortSignal): Promise<Socket> {
  if (destination.kind === 'socket' && destination.as !== undefined) {
    const { openSocketAs } = await import('./socket-of-user.ts');
    const { opened, giveUp } = await openSocketAs(destination.as, destination.path);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const socket = await opened;
      socket.on('error', () => undefined);
      return socket;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }
  const socket =
    destination.kind === 'tcp'
      ? connect({ host: destination.address, port: destination.port, noDelay: true, keepAlive: false })
      : connect({ path: destination.path.replace(/^@/u, '\0') });
  socket.on('error', () => undefined);
  const giveUp = (): void => void socket.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  return new Promise<Socket>((resolve, reject) => {
    const settled = (): void => signal.removeEventListener('abort', giveUp);
    socket.once('connect', () => {
      settled();
      resolve(socket);
    });
    socket.once('error', (error) => {
      settled();
      reject(error);
    });
  });
}
