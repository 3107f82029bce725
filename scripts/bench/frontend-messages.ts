/** What a client says on one connection (protocol 3, "Message Formats"): bytes in, and the questions that wait for an answer. */
export class FrontendMessages {
  /** The text of each simple query; `(extended query)` for each Sync. */
  readonly queries: string[] = [];
  #pending = Buffer.alloc(0);
  #started = false;

  take(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (;;) {
      // a startup packet, and the requests for encryption before it, have no type
      const head = this.#started ? 5 : 4;
      if (this.#pending.length < head) return;
      const end = this.#pending.readInt32BE(head - 4) + head - 4;
      if (this.#pending.length < end) return;
      const message = this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end);
      if (this.#started) this.#count(message);
      else this.#started = message.readInt16BE(4) === 3;
    }
  }

  #count(message: Buffer): void {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'Q') this.queries.push(message.toString('utf8', 5, message.length - 1));
    if (type === 'S') this.queries.push('(extended query)');
  }
}
