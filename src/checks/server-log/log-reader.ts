import type { ReadLogFile } from '../../facts/server-log.ts';
import type { Host } from '../../hosts/host.ts';
import { logSummary } from '../../postgres/log/log-summary.ts';
import type { LogSummaryBuilder } from '../../postgres/log/log-summary.ts';
import { readLog } from '../../postgres/log/read-log.ts';
import { messageCatalogue } from '../../postgres/messages/catalogue.ts';
import { messageFilter } from '../../postgres/messages/message-filter.ts';
import { recognise } from '../../postgres/messages/recognise.ts';
import { givingWay } from '../give-way.ts';
import type { LogPlace } from './find.ts';

/** Reads one file after the other, the oldest first, into one summary. */
export class LogReader {
  readonly files: ReadLogFile[] = [];
  readonly problems: string[] = [];
  readonly summary: LogSummaryBuilder = logSummary();
  readonly #host: Host;
  readonly #major: number | undefined;
  readonly #timeoutMs: number;

  constructor(host: Host, major: number | undefined, timeoutMs: number) {
    this.#host = host;
    this.#major = major;
    this.#timeoutMs = timeoutMs;
  }

  /** Records of before `since` are left out; those without a time are not. */
  async read({ path, sizeBytes, packed }: LogPlace, bytes: number, since?: Date): Promise<void> {
    const giveWay = givingWay();
    const catalogue = await messageCatalogue();
    await giveWay();
    const from = packed || sizeBytes === undefined ? 0 : Math.max(0, sizeBytes - bytes);
    const opened = await this.#host.pieces(path, { from, unpacked: packed });
    const name = path === '-' ? 'standard input' : path;
    if (!opened.ok) {
      this.problems.push(`${name}: ${opened.problem.message}`);
      return;
    }
    const counted = new Counted(opened.value.pieces, this.#timeoutMs);
    // of what cannot be begun in its middle the end is kept while it is gone through
    const tail = packed || sizeBytes === undefined ? await endOf(counted, bytes) : { pieces: counted, torn: from > 0 };
    const filter = messageFilter(catalogue);
    await giveWay();
    for await (const record of readLog(tail.pieces, { torn: tail.torn, filter })) {
      await giveWay();
      if (since !== undefined && record.time !== undefined && record.time < since) continue;
      this.summary.add(record, recognise(catalogue, record, { major: this.#major }));
    }
    const problem = counted.late
      ? `nothing more came of it within ${this.#timeoutMs / 1000} s`
      : opened.value.problem()?.message;
    if (problem !== undefined) this.problems.push(`${name}: ${problem}`);
    this.files.push({ path: name, readBytes: counted.bytes, whole: !tail.torn && !counted.late });
  }
}

/** However long a log is, its next piece comes at once: where none comes, the pieces end. */
class Counted implements AsyncIterable<Uint8Array> {
  bytes = 0;
  late = false;
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #timeoutMs: number;

  constructor(pieces: AsyncIterable<Uint8Array>, timeoutMs: number) {
    this.#pieces = pieces;
    this.#timeoutMs = timeoutMs;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const pieces = this.#pieces[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#inTime(pieces.next());
        if (next === undefined || next.done === true) return;
        this.bytes += next.value.length;
        yield next.value;
      }
    } finally {
      // what is late would keep its end waiting, too
      if (!this.late) await pieces.return?.();
    }
  }

  async #inTime<T>(next: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.late = true;
        resolve(undefined);
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([next, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Tail {
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** What came before was left out. */
  readonly torn: boolean;
}

async function endOf(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<Tail> {
  if (limit === Infinity) return { pieces, torn: false };
  const kept: Uint8Array[] = [];
  let length = 0;
  let torn = false;
  for await (const piece of pieces) {
    kept.push(new Uint8Array(piece));
    length += piece.length;
    while (length - (kept[0]?.length ?? 0) >= limit) {
      length -= kept.shift()?.length ?? 0;
      torn = true;
    }
  }
  return { pieces: kept, torn };
}
