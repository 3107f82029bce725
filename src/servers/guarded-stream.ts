import { Duplex } from 'node:stream';
import { Socket } from 'node:net';

import { isWellFormed } from './message-shape.ts';
import { shownBytes } from './foreign-text.ts';

/** What the guard tells of the login while it passes the messages on. */
export interface LoginWatch {
  /** Authentication message of this code; the body follows the code. A returned error ends the connection. */
  onAuthentication(code: number, body: Buffer): Error | undefined;
  onParameter(name: string, value: string): void;
}

/** The other side does not speak PostgreSQL's protocol. `answered` is what it sent, escaped and cut. */
export class ForeignAnswer extends Error {
  override readonly name = 'ForeignAnswer';
  readonly answered: string;
  constructor(answered: string) {
    super(`the answer is not PostgreSQL's protocol: ${answered}`);
    this.answered = answered;
  }
}

/** What may arrive before the login is done: real servers send some hundred bytes. */
const maxBytesBeforeLogin = 1024 * 1024;
/** What one message, and one answer, may hold afterwards. */
const maxMessageBytes = 16 * 1024 * 1024;
const maxAnswerBytes = 64 * 1024 * 1024;
/** PQconnectPoll (fe-connect.c): an authentication request is never longer, an error hardly. */
const maxAuthenticationBytes = 2000;
const maxErrorBytes = 30_000;

/**
 * A connected socket as `pg` wants it, with a guard before it: only whole, well-formed messages pass, in bounded number
 * and size, so that whatever answers there can neither fill the memory nor lead the reader astray. It is always
 * connected: `connect()` only says so.
 */
export class GuardedStream extends Duplex {
  readonly #socket: Duplex;
  readonly #certificate: Buffer | undefined;
  readonly #watch: LoginWatch;
  #pending: Buffer = Buffer.alloc(0);
  #arrived = 0;
  #firstSeen = false;
  #loggedIn = false;

  /** `certificate` is the server's, DER, when the socket is a TLS one. */
  constructor(socket: Duplex, certificate: Buffer | undefined, watch: LoginWatch) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#certificate = certificate;
    this.#watch = watch;
    // an error may come after everybody has gone: it must never be the process's last
    this.on('error', () => undefined);
    socket.on('error', (error) => this.destroy(error));
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#end());
    socket.on('close', () => {
      this.#end();
      this.destroy();
    });
  }

  /** What `pg` calls to connect. */
  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }

  setNoDelay(on?: boolean): this {
    if (this.#socket instanceof Socket) this.#socket.setNoDelay(on);
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    if (this.#socket instanceof Socket) this.#socket.ref();
    return this;
  }

  unref(): this {
    if (this.#socket instanceof Socket) this.#socket.unref();
    return this;
  }

  /** For channel binding: tls-server-end-point is a hash of the server's certificate. */
  getPeerCertificate(): { readonly raw: Buffer | undefined } {
    return { raw: this.#certificate };
  }

  /** The login is done: what follows are answers to our own commands. */
  loginDone(): void {
    this.#loggedIn = true;
    this.#arrived = 0;
  }

  /** A new command begins: its answer is counted again. */
  commandBegins(): void {
    this.#arrived = 0;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, (error) => done(error));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #end(): void {
    if (this.#pending.length > 0 && !this.#firstSeen) this.destroy(foreign(this.#pending));
    else if (!this.destroyed && !this.readableEnded) this.push(null);
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#arrived += chunk.length;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const fault = this.#passOn();
    if (fault !== undefined) this.destroy(fault);
    else if (this.#arrived > (this.#loggedIn ? maxAnswerBytes : maxBytesBeforeLogin))
      this.destroy(foreign(this.#pending));
  }

  /** Passes on all whole messages, those of one arrival in one piece; an error when what stands there is none. */
  #passOn(): Error | undefined {
    const bytes = this.#pending;
    let from = 0;
    let at = 0;
    const pass = (): void => {
      if (at > from && !this.push(bytes.subarray(from, at))) this.#socket.pause();
    };
    const leave = (fault?: Error): Error | undefined => {
      pass();
      this.#pending = bytes.subarray(at);
      return fault;
    };
    while (at < bytes.length) {
      const type = bytes.toString('latin1', at, at + 1);
      // PQconnectPoll: anything else here "probably means it's not Postgres on the other end at all"
      if (!this.#firstSeen && type !== 'R' && type !== 'E' && type !== 'v') return leave(foreign(bytes.subarray(at)));
      if (bytes.length < at + 5) break;
      const length = bytes.readInt32BE(at + 1);
      if (length < 4 || length > this.#longest(type)) return leave(foreign(bytes.subarray(at)));
      const end = at + 1 + length;
      if (bytes.length < end) break;
      const body = bytes.subarray(at + 5, end);
      // NegotiateProtocolVersion: we ask for 3.0 and for nothing beside it
      if (type !== 'v' && !isWellFormed(type, body)) return leave(foreign(bytes.subarray(at)));
      this.#firstSeen = true;
      const stop = this.#tell(type, body);
      if (type === 'v' || stop !== undefined) {
        pass();
        from = end;
      }
      at = end;
      if (stop !== undefined) return leave(stop);
    }
    return leave();
  }

  #tell(type: string, body: Buffer): Error | undefined {
    if (type === 'R') return this.#watch.onAuthentication(body.readInt32BE(0), body.subarray(4));
    if (type === 'S') {
      const [name = '', value = ''] = body.toString('utf8').split('\0');
      this.#watch.onParameter(name, value);
    }
    return undefined;
  }

  #longest(type: string): number {
    if (type === 'R' || type === 'v') return maxAuthenticationBytes;
    if (!this.#firstSeen) return maxErrorBytes;
    return this.#loggedIn ? maxMessageBytes : maxBytesBeforeLogin;
  }
}

const foreign = (answered: Buffer): ForeignAnswer => new ForeignAnswer(shownBytes(answered));
