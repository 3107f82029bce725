import type { Duplex } from 'node:stream';

import { errorCode } from '../hosts/local-answers.ts';
import type { AttemptOutcome, Phase } from '../facts/connection.ts';
import type { Connection, Destination, Host } from '../hosts/host.ts';
import { shownBytes, shownText } from './foreign-text.ts';
import { ForeignAnswer } from './guarded-stream.ts';
import { Interrupted, TimedOut } from './time-limit.ts';
import type { Limit } from './time-limit.ts';

/** Opens the connection; rejects with the system's error or with the limit's. */
export async function openSocket(host: Host, destination: Destination, limit: Limit): Promise<Connection> {
  const late = new AbortController();
  try {
    return await limit.race(host.connect(destination, late.signal));
  } catch (error) {
    late.abort();
    throw error;
  }
}

/** What a server says to SSLRequest (manual: Message Flow, SSL Session Encryption). */
export type TlsAnswer =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  /** An ErrorResponse in the clear, by a server that could not even fork; nothing in it can be trusted. */
  | { readonly kind: 'error'; readonly text: string };

/** Asks for TLS. Rejects with {@link ForeignAnswer} when something else than PostgreSQL answers. */
export async function askForTls(socket: Duplex, limit: Limit): Promise<TlsAnswer> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(sslRequestCode, 4);
  socket.write(request);
  const bytes = await limit.race(firstBytes(socket));
  const [first] = bytes;
  const alone = bytes.length === 1;
  // SSH's greeting begins with an S as well: a server that agrees says one byte and waits
  if (first === 0x53 && alone) return { kind: 'yes' };
  if (first === 0x4e && alone) return { kind: 'no' };
  if (first === 0x45) return { kind: 'error', text: shownBytes(bytes.subarray(1), 200) };
  throw new ForeignAnswer(shownBytes(bytes));
}

const sslRequestCode = 80_877_103;

/** What comes first; the socket stays paused, for whoever reads on. */
async function firstBytes(socket: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.off('readable', look).off('error', fail).off('end', closed).off('close', closed);
    };
    const look = (): void => {
      const chunk: unknown = socket.read();
      if (!(chunk instanceof Buffer)) return;
      stop();
      resolve(chunk);
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    const closed = (): void => {
      stop();
      reject(new ConnectionClosed('it closed the connection without an answer'));
    };
    socket.on('readable', look).on('error', fail).on('end', closed).on('close', closed);
  });
}

export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
}

/** An error of a socket, put in the words of an attempt. */
export function socketOutcome(error: unknown, phase: Phase, toSocketFile: boolean): AttemptOutcome {
  if (error instanceof ForeignAnswer) return { kind: 'not-postgresql', answered: error.answered };
  if (error instanceof TimedOut) return { kind: 'timed-out', phase, message: error.message };
  if (error instanceof Interrupted || error instanceof ConnectionClosed) {
    return { kind: 'closed', phase, message: error.message };
  }
  const code = errorCode(error) ?? '';
  const message = errnoWords.get(code) ?? shownText(error instanceof Error ? error.message : String(error));
  if (toSocketFile && (code === 'ENOENT' || code === 'ENOTDIR')) return { kind: 'no-socket', message };
  switch (code) {
    case 'ECONNREFUSED':
      return { kind: 'refused', phase, message };
    case 'ETIMEDOUT':
      return { kind: 'timed-out', phase, message };
    case 'ECONNRESET':
    case 'EPIPE':
      // a reset instead of a connection is ECONNREFUSED (tcp(7)): this one came about, and ended before we took note
      return { kind: 'closed', phase: phase === 'connect' ? 'tls' : phase, message };
    default:
      return { kind: phase === 'connect' ? 'unreachable' : 'closed', phase, message };
  }
}

const errnoWords: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset by the other side'],
  ['EPIPE', 'connection closed by the other side'],
  ['ETIMEDOUT', 'connection timed out'],
  ['EHOSTUNREACH', 'no route to host'],
  ['ENETUNREACH', 'network is unreachable'],
  ['EADDRNOTAVAIL', 'cannot assign requested address'],
  ['EAFNOSUPPORT', 'address family not supported'],
  ['EINVAL', 'invalid argument'],
  ['EACCES', 'permission denied'],
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'not a directory'],
]);
