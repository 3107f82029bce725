import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import { onTestFinished } from 'vitest';

/** A server that does what it is told with each connection, on a port of its own; it ends with the test. */
export async function aServer(serve: (socket: Socket) => void, server: Server = createServer()): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** One letter after the other, and no end. */
export const drip =
  (text: string) =>
  (socket: Socket): void => {
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++] ?? 'x'), 30);
    socket.on('close', () => clearInterval(timer));
  };

/** A message of the protocol: its type, its length, its body. */
export function message(type: string, body: Buffer | string): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

/** An ErrorResponse: `S` severity, `C` SQLSTATE, `M` message, `D` detail, `H` hint, `R` routine. */
export const errorResponse = (fields: Readonly<Record<string, string>>): Buffer =>
  message(
    'E',
    `${Object.entries({ S: 'FATAL', V: 'FATAL', ...fields })
      .map(([name, value]) => `${name}${value}\0`)
      .join('')}\0`,
  );

export interface Talk {
  /** What is said in place of a welcome. */
  readonly refusal?: Buffer;
  readonly parameters?: Readonly<Record<string, string>>;
  /** The answer to a query without its ReadyForQuery; undefined: silence. */
  readonly answer?: (query: string) => Buffer | undefined;
}

/** What speaks PostgreSQL's protocol and lets everybody in, without TLS. */
export function talking({ refusal, parameters = {}, answer }: Talk): (socket: Socket) => void {
  return (socket) => {
    let pending = Buffer.alloc(0);
    let started = false;
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        const head = started ? 5 : 4;
        if (pending.length < head) return;
        const end = pending.readInt32BE(head - 4) + head - 4;
        if (pending.length < end) return;
        const received = pending.subarray(0, end);
        pending = pending.subarray(end);
        if (started) query(received);
        else start(received);
      }
    });
    const start = (packet: Buffer): void => {
      if (packet.readInt16BE(4) !== 3) return void socket.write('N');
      started = true;
      if (refusal !== undefined) return void socket.end(refusal);
      const told = { server_version: '18.1', server_encoding: 'UTF8', client_encoding: 'UTF8', ...parameters };
      socket.write(
        Buffer.concat([
          message('R', '\0\0\0\0'),
          ...Object.entries(told).map(([name, value]) => message('S', `${name}\0${value}\0`)),
          message('K', Buffer.alloc(8, 1)),
          message('Z', 'I'),
        ]),
      );
    };
    const query = (packet: Buffer): void => {
      if (packet[0] === 0x58) return void socket.end();
      if (packet[0] !== 0x51) return;
      const answered = answer?.(packet.toString('utf8', 5, packet.length - 1));
      if (answered !== undefined) socket.write(Buffer.concat([answered, message('Z', 'I')]));
    };
  };
}

/** A result of text columns. */
export function rows(columns: readonly string[], values: readonly (readonly (string | null)[])[]): Buffer {
  const description = columns.map((name) =>
    Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]),
  );
  const data = values.map((row) =>
    message(
      'D',
      Buffer.concat([
        int16(row.length),
        ...row.map((value) =>
          value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]),
        ),
      ]),
    ),
  );
  return Buffer.concat([
    message('T', Buffer.concat([int16(columns.length), ...description])),
    ...data,
    message('C', `SELECT ${values.length}\0`),
  ]);
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
