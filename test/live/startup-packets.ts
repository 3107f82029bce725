import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { afterwards } from '../lab/lifetime.ts';

/** What a client sends before a server has to know anything: whom it wants to be, and with which password. */
export interface Greeting {
  readonly parameters: Readonly<Record<string, string>>;
  /** Undefined when the client has none and goes away. */
  readonly password: string | undefined;
}

/** A listener that speaks PostgreSQL's protocol up to the password, and then refuses. */
export interface GreetingListener {
  readonly port: number;
  /** The greetings since the last call, once every client that has come is gone. */
  take(): Promise<readonly Greeting[]>;
}

/** Listens on a TCP port of 127.0.0.1, or on the socket in a directory, until the file's tests end. */
export async function listenForGreetings(
  place: { readonly socketDirectory: string } | 'tcp',
): Promise<GreetingListener> {
  const greetings: Greeting[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    receive(socket, (greeting) => greetings.push(greeting));
  });
  const socketPort = 55_119;
  await new Promise<void>((resolve) => {
    if (place === 'tcp') server.listen(0, '127.0.0.1', resolve);
    else server.listen(`${place.socketDirectory}/.s.PGSQL.${socketPort}`, resolve);
  });
  const take = async (): Promise<readonly Greeting[]> => {
    // A client that is gone may not even have been accepted yet.
    do await pause(2);
    while (open.size > 0);
    return greetings.splice(0);
  };
  afterwards(() => new Promise((resolve) => server.close(() => resolve())), 'file');
  return { port: portOf(server) ?? socketPort, take };
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

const requestsForEncryption: ReadonlySet<number> = new Set([80_877_103, 80_877_104]);

function receive(socket: Socket, report: (greeting: Greeting) => void): void {
  let buffer = Buffer.alloc(0);
  let parameters: Readonly<Record<string, string>> | undefined;
  let reported = false;
  const finish = (password: string | undefined): void => {
    if (parameters === undefined || reported) return;
    reported = true;
    report({ parameters, password });
  };
  socket.on('error', () => undefined);
  socket.on('close', () => finish(undefined));
  socket.on('data', (data) => {
    buffer = Buffer.concat([buffer, data]);
    for (;;) {
      const header = parameters === undefined ? 0 : 1;
      if (buffer.length < header + 4) return;
      const end = header + buffer.readInt32BE(header);
      if (buffer.length < end) return;
      const message = buffer.subarray(header + 4, end);
      buffer = buffer.subarray(end);
      if (parameters !== undefined) {
        finish(message.toString().replace(/\0$/u, ''));
        socket.end(errorResponse);
        return;
      }
      if (requestsForEncryption.has(message.readInt32BE(0))) {
        socket.write('N');
      } else {
        const words = message.subarray(4).toString().split('\0');
        parameters = Object.fromEntries(
          words.flatMap((word, index) => (index % 2 === 0 && word !== '' ? [[word, words[index + 1] ?? '']] : [])),
        );
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])); // AuthenticationCleartextPassword
      }
    }
  });
}

const errorResponse = ((): Buffer => {
  const fields = Buffer.from('SFATAL\0VFATAL\0C28000\0Mthat was all\0\0');
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  return Buffer.concat([Buffer.from('E'), length, fields]);
})();
